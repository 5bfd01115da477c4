/* SPDX-License-Identifier: Apache-2.0 */
#include "recheck.h"

#include <base/text.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *lethe_finding_name(enum lethe_finding finding)
{
    static const char *const names[] = {
        [LETHE_HOLDS] = "holds",
        [LETHE_CONTRADICTED] = "contradicted",
        [LETHE_UNKNOWN] = "unknown",
        [LETHE_BAD_CERTIFICATE] = "invalid",
    };
    return names[finding];
}

void lethe_recheck_add(struct lethe_recheck *out, const char *check, enum lethe_finding finding,
                       const char *format, ...)
{
    /* The last place is kept for what is worse than unknown. */
    if (out->n == LETHE_FINDINGS_MAX ||
        (out->n == LETHE_FINDINGS_MAX - 1 && (finding == LETHE_HOLDS || finding == LETHE_UNKNOWN)))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(out->lines[out->n].text, sizeof out->lines->text, format, args);
    va_end(args);
    out->lines[out->n].finding = finding;
    lethe_text_format(out->lines[out->n].check, sizeof out->lines->check, "%s", check);
    out->n++;
}

enum lethe_finding lethe_recheck_overall(const struct lethe_recheck *recheck)
{
    /* From good to bad. */
    static const int ranks[] = {[LETHE_HOLDS] = 0,
                                [LETHE_UNKNOWN] = 1,
                                [LETHE_CONTRADICTED] = 2,
                                [LETHE_BAD_CERTIFICATE] = 3};
    enum lethe_finding worst = recheck->n ? LETHE_HOLDS : LETHE_UNKNOWN;
    for (size_t i = 0; i < recheck->n; i++)
        if (ranks[recheck->lines[i].finding] > ranks[worst])
            worst = recheck->lines[i].finding;
    return worst;
}

/* Another cable, another bridge: its serial says nothing of the drive. */
static bool belongs_to_the_drive(int kind)
{
    return kind >= 0 && kind != LETHE_ID_BRIDGE_SERIAL && kind != LETHE_ID_ASSET_TAG;
}

static void check_identifiers(const json_t *claims, const struct lethe_identity *now,
                              struct lethe_recheck *out)
{
    size_t i, compared = 0;
    json_t *claim;
    json_array_foreach(json_object_get(claims, "identifiers"), i, claim)
    {
        const char *name = lethe_cli_text(claim, "kind"), *value = lethe_cli_text(claim, "value");
        int kind = lethe_id_kind_parse(name);
        if (!belongs_to_the_drive(kind) || strcmp(lethe_cli_text(claim, "source"), "device") != 0)
            continue;
        compared++;
        const struct lethe_identifier *seen = lethe_identity_find(now, (enum lethe_id_kind)kind);
        bool same = false;
        for (size_t k = 0; k < now->n_identifiers && !same; k++)
            same =
                (int)now->identifiers[k].kind == kind && !strcmp(now->identifiers[k].value, value);
        if (same)
            lethe_recheck_add(out, name, LETHE_HOLDS, "the device says %s, as certified", value);
        else if (seen)
            lethe_recheck_add(out, name, LETHE_CONTRADICTED,
                              "the device says %s, certified is %s: another device", seen->value,
                              value);
        else
            lethe_recheck_add(out, name, LETHE_UNKNOWN,
                              "certified is %s, but the device does not tell it here (a USB bridge "
                              "may hide it)",
                              value);
    }
    if (compared == 0)
        lethe_recheck_add(
            out, "identity", LETHE_UNKNOWN,
            "the certificate discloses no identifier of the device: whether it is this "
            "one can't be told");
}

void lethe_recheck_identity(const json_t *claims, const struct lethe_device *device,
                            struct lethe_recheck *out)
{
    const json_t *certified = json_object_get(claims, "device");
    const struct lethe_identity *now = &device->identity;
    check_identifiers(claims, now, out);

    uint64_t capacity = (uint64_t)json_integer_value(json_object_get(certified, "capacity"));
    if (capacity == now->capacity)
        lethe_recheck_add(out, "capacity", LETHE_HOLDS, "%" PRIu64 " bytes, as certified",
                          capacity);
    else
        lethe_recheck_add(out, "capacity", LETHE_CONTRADICTED,
                          "the device has %" PRIu64 " bytes, certified are %" PRIu64, now->capacity,
                          capacity);

    const char *model = lethe_cli_text(certified, "model");
    if (!strcmp(model, now->model))
        lethe_recheck_add(out, "model", LETHE_HOLDS, "%s", model[0] ? model : "none, as certified");
    else
        lethe_recheck_add(out, "model", LETHE_UNKNOWN,
                          "the device says '%s', certified is '%s' (a USB bridge may rename it)",
                          now->model, model);

    const char *substrate = lethe_cli_text(claims, "substrate");
    if (!strcmp(substrate, lethe_substrate_name(now->substrate)))
        lethe_recheck_add(out, "substrate", LETHE_HOLDS, "%s, as certified", substrate);
    else
        lethe_recheck_add(out, "substrate", LETHE_CONTRADICTED, "this one is %s, certified is %s",
                          lethe_substrate_name(now->substrate), substrate);
}
