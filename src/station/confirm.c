/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one thing that starts an erasure: a person (or an intake list) names the device. By what the
 * device says of itself where that tells it from everything else attached; docks repeat serials
 * and many sticks have none, so otherwise by the plan, whose digest covers the identity.
 */
#include <base/text.h>
#include <ctype.h>
#include <lethe/station.h>
#include <string.h>
#include <strings.h>

#define DIGEST_MIN 8

static size_t named_by(const struct lethe_device_list *all, const char *text)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++)
        n += lethe_identity_named(&all->devices[i].identity, text);
    return n;
}

static const struct lethe_identifier *named_identifier(const struct lethe_identity *identity,
                                                       const char *text)
{
    for (size_t i = 0; i < identity->n_identifiers; i++) {
        struct lethe_identity one = *identity;
        one.n_identifiers = 1;
        one.identifiers[0] = identity->identifiers[i];
        if (lethe_identity_named(&one, text))
            return &identity->identifiers[i];
    }
    return NULL;
}

static bool shows(const struct lethe_identity *identity, enum lethe_id_kind kind)
{
    for (size_t i = 0; i < identity->n_identifiers; i++)
        if (identity->identifiers[i].kind == kind &&
            named_identifier(identity, identity->identifiers[i].value))
            return true;
    return false;
}

/* Phones that go by one name, in whatever spelling, and by no other that differs. One that was not
 * asked shows no more of itself than that name. Of two with one UDID usbmuxd could take either. */
static bool share_name(const struct lethe_identity *a, const struct lethe_identity *b)
{
    bool share = false, differ = false;
    if (!lethe_class_is_phone(a->class_) || !lethe_class_is_phone(b->class_))
        return false;
    for (size_t i = 0; i < a->n_identifiers; i++) {
        const struct lethe_identifier *one = &a->identifiers[i];
        if (!named_identifier(a, one->value))
            continue;
        bool same = lethe_identity_named(b, one->value);
        if (same && one->kind == LETHE_ID_UDID)
            return true;
        share = share || same;
        differ = differ || (!same && shows(b, one->kind));
    }
    return share && !differ;
}

/* Devices that nothing tells from this one, itself among them: not even their plans' digests. */
static size_t twins_of(const struct lethe_device_list *all, const struct lethe_identity *identity)
{
    size_t n = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct lethe_identity *other = &all->devices[i].identity;
        n += share_name(identity, other) || lethe_identity_same(identity, other, NULL) == 0;
    }
    return n;
}

/* How near at hand it is, and how soon typed: a serial number is on the label and in the settings,
 * an IMEI on the box, the forty digits of a UDID nowhere. */
static unsigned effort(enum lethe_id_kind kind)
{
    return kind == LETHE_ID_SERIAL ? 0 : kind == LETHE_ID_IMEI ? 1 : kind == LETHE_ID_UDID ? 3 : 2;
}

static const struct lethe_identifier *unique_identifier(const struct lethe_identity *identity,
                                                        const struct lethe_device_list *all)
{
    const struct lethe_identifier *best = NULL;
    for (size_t i = 0; i < identity->n_identifiers; i++) {
        const struct lethe_identifier *one = &identity->identifiers[i];
        if (named_identifier(identity, one->value) && named_by(all, one->value) <= 1 &&
            (!best || effort(one->kind) < effort(best->kind)))
            best = one;
    }
    return best;
}

static bool is_digest_prefix(const char *text)
{
    size_t len = strlen(text);
    if (len < DIGEST_MIN || len > 64)
        return false;
    for (; *text; text++)
        if (!isxdigit((unsigned char)*text))
            return false;
    return true;
}

int lethe_confirm_possible(const struct lethe_plan *plan, const struct lethe_device_list *all,
                           struct lethe_error *err)
{
    if (twins_of(all, &plan->identity) <= 1)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "nothing tells this device from another one attached");
    lethe_error_effect(err, "nothing was sent to either of them");
    lethe_error_remedy(err, "unplug one of them and start again");
    return -LETHE_E_REFUSED;
}

const char *lethe_confirm_ask(const struct lethe_plan *plan, const struct lethe_device_list *all)
{
    const struct lethe_identifier *id = unique_identifier(&plan->identity, all);
    if (!id)
        return "first 8 digits of the plan's digest";
    switch (id->kind) {
    case LETHE_ID_SERIAL:
        return "serial number";
    case LETHE_ID_WWN:
        return "WWN";
    case LETHE_ID_IMEI:
        return "IMEI";
    case LETHE_ID_UDID:
        return "UDID";
    default:
        return lethe_id_kind_name(id->kind);
    }
}

int lethe_confirm(const struct lethe_plan *plan, const struct lethe_device_list *all,
                  const char *text, const char *source, struct lethe_confirmation *out,
                  struct lethe_error *err)
{
    *out = (struct lethe_confirmation){0};
    lethe_text_format(out->source, sizeof(out->source), "%s", source);
    lethe_text_format(out->value, sizeof(out->value), "%s", text);

    int rc = lethe_confirm_possible(plan, all, err);
    if (rc < 0)
        return rc;
    const struct lethe_identifier *id = named_identifier(&plan->identity, text);
    if (id && named_by(all, text) <= 1) {
        lethe_text_format(out->by, sizeof(out->by), "%s", lethe_id_kind_name(id->kind));
        return 0;
    }
    if (id) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "%zu attached devices answer to \"%s\"",
                        named_by(all, text), out->value);
        lethe_error_remedy(err, "confirm with the plan's digest: %.8s", plan->digest);
    } else if (!is_digest_prefix(text) || strncasecmp(plan->digest, text, strlen(text)) != 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "\"%s\" does not name this device or its plan",
                        out->value);
        if (unique_identifier(&plan->identity, all))
            lethe_error_remedy(err, "give its %s", lethe_confirm_ask(plan, all));
        else
            lethe_error_remedy(err, "give the first 8 digits of its plan's digest");
    } else {
        lethe_text_format(out->by, sizeof(out->by), "digest");
        return 0;
    }
    lethe_error_effect(err, "nothing was sent to the device");
    return rc;
}
