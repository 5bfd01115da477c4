/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/binding.h"

#include "base/text.h"
#include <ctype.h>
#include <lethe/identity.h>
#include <string.h>
#include <strings.h>

/* A person's IMEI ends in a check digit (3GPP TS 23.003 section 6.2.1, annex B). */
static bool is_imei(const char *value)
{
    unsigned sum = 0;
    if (strlen(value) != 15 || strspn(value, "0123456789") != 15 || strspn(value, "0") > 12)
        return false;
    for (size_t i = 0; i < 15; i++) {
        unsigned digit = (unsigned)(value[i] - '0') << (i & 1);
        sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 == 0;
}

/* What firmware says that nobody filled in, spelt as names_one() folds it. */
static bool is_placeholder(const char *folded, size_t len)
{
    static const char *const words[] = {"none",
                                        "null",
                                        "unknown",
                                        "default",
                                        "defaultstring",
                                        "notspecified",
                                        "notapplicable",
                                        "notavailable",
                                        "nana",
                                        "invalid",
                                        "tobefilledbyoem",
                                        "serial",
                                        "serialnumber",
                                        "systemserialnumber",
                                        "serialno",
                                        "noserial",
                                        "noserialnumber"};
    static const char *const counts[] = {"1234567890123456789012345678901234567890",
                                         "0123456789012345678901234567890123456789",
                                         "0123456789abcdef0123456789abcdef", "123456789abcdef"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i], folded) == 0)
            return true;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        if (strncmp(counts[i], folded, len) == 0)
            return true;
    return false;
}

/* Can VALUE tell one device from another? Four characters at least besides spaces and punctuation,
 * not all the same, and no placeholder of a factory. */
static bool names_one(const char *value)
{
    static const char *const prefixes[] = {"0x", "naa.", "eui."};
    char folded[128];
    size_t len = 0;
    bool differ = false;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncasecmp(value, prefixes[i], strlen(prefixes[i])) == 0) {
            value += strlen(prefixes[i]);
            break;
        }
    for (; *value && len + 1 < sizeof(folded); value++) {
        unsigned char c = (unsigned char)*value;
        if (c < 0x80 && !isalnum(c))
            continue;
        folded[len] = (char)tolower(c);
        differ = differ || folded[len] != folded[0];
        len++;
    }
    folded[len] = '\0';
    /* A number of no digits but one or two is a count, or nothing: who fills in names devices. */
    bool counted = len >= 12 && len - strspn(folded, "0") < 3;
    return len >= 4 && differ && !counted && !is_placeholder(folded, len);
}

/* 64 or 128 bits in hex (NAA, EUI-64, NGUID), some of them set. */
static bool is_wide_name(const char *value)
{
    static const char *const prefixes[] = {"0x", "naa.", "eui."};
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncasecmp(value, prefixes[i], strlen(prefixes[i])) == 0) {
            value += strlen(prefixes[i]);
            break;
        }
    size_t len = strlen(value);
    return (len == 16 || len == 32) && strspn(value, "0123456789abcdefABCDEF") == len;
}

/* The device's own, and read from it: not its bridge's, not a label's. */
static bool is_own(const char *substrate, const char *kind, const char *source)
{
    if (strcmp(source, "device") != 0)
        return false;
    switch (lethe_id_kind_parse(kind)) {
    case LETHE_ID_SERIAL:
    case LETHE_ID_WWN:
    case LETHE_ID_EUI64:
    case LETHE_ID_NGUID:
    case LETHE_ID_UDID:
    case LETHE_ID_IMEI:
    case LETHE_ID_CID:
        return true;
    case LETHE_ID_BACKING:
        return strcmp(substrate, "physical") != 0;
    default:
        return false;
    }
}

static bool own(const struct lethe_node *claims, const struct lethe_node *identifier)
{
    return is_own(lethe_node_text(claims, "substrate"), lethe_node_text(identifier, "kind"),
                  lethe_node_text(identifier, "source"));
}

bool lethe_binding_one(const char *substrate, const char *kind, const char *source,
                       const char *value)
{
    int parsed = lethe_id_kind_parse(kind);
    bool wide = parsed == LETHE_ID_WWN || parsed == LETHE_ID_EUI64 || parsed == LETHE_ID_NGUID;
    if (!is_own(substrate, kind, source) || (wide && !is_wide_name(value)))
        return false;
    return parsed == LETHE_ID_IMEI ? is_imei(value) : names_one(value);
}

static bool binds(const struct lethe_node *claims, const struct lethe_node *identifier)
{
    return lethe_binding_one(
        lethe_node_text(claims, "substrate"), lethe_node_text(identifier, "kind"),
        lethe_node_text(identifier, "source"), lethe_node_text(identifier, "value"));
}

/* One identifier against what a person typed. The rules of spelling are lethe_identity_named()'s.
 */
static bool same(const char *value, const char *id)
{
    struct lethe_identity one = {0};
    if (strcasecmp(value, id) == 0)
        return true;
    return lethe_identity_add(&one, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, value) == 0 &&
           lethe_identity_named(&one, id);
}

bool lethe_binding_any(const struct lethe_node *claims)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(claims, "identifiers"), item)
    {
        if (binds(claims, item))
            return true;
    }
    return false;
}

/* Also by one that is too weak to bind: it is not another device, it is unbound. */
bool lethe_binding_matches(const struct lethe_node *claims, const char *id)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(lethe_node_get(claims, "identifiers"), item)
    {
        if (id[0] && own(claims, item) && same(lethe_node_text(item, "value"), id))
            return true;
    }
    return false;
}

/* A value as --require has it: a text as it is, a number in decimal, "true" or "false". */
static bool says(const struct lethe_node *value, const char *wanted)
{
    char number[24];
    if (lethe_node_is(value, JSON_STRING))
        return strcmp(lethe_node_string(value), wanted) == 0;
    if (lethe_node_is_boolean(value))
        return strcmp(lethe_node_is_true(value) ? "true" : "false", wanted) == 0;
    lethe_text_format(number, sizeof(number), "%lld", (long long)lethe_node_integer(value));
    return lethe_node_is(value, JSON_INTEGER) && strcmp(number, wanted) == 0;
}

/* The claim NAME, where it is no kind of identifier: "operator", "policy.id", "custom.NAME" (a name
 * of a custom field may have dots). */
static const struct lethe_node *find(const struct lethe_node *claims, const char *name)
{
    char head[64];
    const char *dot = strchr(name, '.');
    const struct lethe_node *value = lethe_node_get(claims, name);
    if (value || !dot || (size_t)(dot - name) >= sizeof(head))
        return value;
    memcpy(head, name, (size_t)(dot - name));
    head[dot - name] = '\0';
    value = lethe_node_get(claims, head);
    return strcmp(head, "custom") == 0 ? lethe_node_get(value, dot + 1)
           : value                     ? find(value, dot + 1)
                                       : NULL;
}

/* WANTED NULL: whatever it says. */
static bool has(const struct lethe_node *claims, const char *name, const char *wanted)
{
    const struct lethe_node *item;
    if (lethe_id_kind_parse(name) < 0) {
        const struct lethe_node *value = find(claims, name);
        return value && (!wanted || says(value, wanted));
    }
    LETHE_NODE_EACH(lethe_node_get(claims, "identifiers"), item)
    {
        /* What a person typed or scanned was never asked of the device; an asset tag is no other.
         */
        bool asked = strcmp(lethe_node_text(item, "source"), "device") == 0 ||
                     lethe_id_kind_parse(name) == LETHE_ID_ASSET_TAG;
        if (asked && strcmp(lethe_node_text(item, "kind"), name) == 0 &&
            (!wanted || same(lethe_node_text(item, "value"), wanted)))
            return true;
    }
    return false;
}

bool lethe_binding_discloses(const struct lethe_node *claims, const char *name)
{
    return has(claims, name, NULL);
}

bool lethe_binding_says(const struct lethe_node *claims, const char *name, const char *value)
{
    return has(claims, name, value);
}
