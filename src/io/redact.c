/* SPDX-License-Identifier: Apache-2.0 */
/* What must not be told of a device and its owner is replaced by something of the same length and
 * kind: what is read from a recording parses as it did, and names nobody. */
#include "io/record.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KNOWN_LEAST 6   /* shorter ones are found in everything */
#define NUMBER_LEAST 14 /* IMEI, IMSI, ICCID: 14 to 20 digits */
#define NUMBER_MOST 20
#define BINARY_LEAST 6

void lethe_redaction_begin(struct lethe_redaction *redaction)
{
    memset(redaction, 0, sizeof(*redaction));
    lethe_random(redaction->salt, sizeof(redaction->salt));
}

static void know(struct lethe_redaction *r, const char *text)
{
    if (strlen(text) < KNOWN_LEAST || r->n == sizeof(r->known) / sizeof(r->known[0]))
        return;
    for (size_t i = 0; i < r->n; i++)
        if (strcasecmp(r->known[i], text) == 0)
            return;
    lethe_text_format(r->known[r->n++], sizeof(r->known[0]), "%s", text);
}

void lethe_redaction_know(struct lethe_redaction *r, const char *identifier)
{
    char bare[96];
    size_t n = 0;
    know(r, identifier);
    for (const char *c = identifier; *c && n < sizeof(bare) - 1; c++)
        if (isalnum((unsigned char)*c))
            bare[n++] = *c;
    bare[n] = '\0';
    know(r, bare); /* a UDID without its dash, a WWN without its 0x */
    if (strncmp(bare, "0x", 2) == 0)
        know(r, bare + 2);
}

/* A stream that follows from the salt and what is replaced, whatever its case. */
static void stream(const struct lethe_redaction *r, const uint8_t *what, size_t n, uint8_t *out)
{
    uint8_t key[LETHE_HASH_SIZE], *lower = malloc(n + 1);
    for (size_t i = 0; lower && i < n; i++)
        lower[i] = (uint8_t)tolower(what[i]);
    lethe_hmac_sha256(key, r->salt, sizeof(r->salt), lower ? lower : what, n);
    free(lower);
    for (size_t at = 0, block = 0; at < n; block++) {
        uint8_t more[LETHE_HASH_SIZE], counter = (uint8_t)block;
        lethe_hmac_sha256(more, key, sizeof(key), &counter, 1);
        for (size_t i = 0; i < sizeof(more) && at < n; i++)
            out[at++] = more[i];
    }
}

static unsigned luhn(const uint8_t *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = (unsigned)(digits[n - 1 - i] - '0') * (i % 2 ? 2u : 1u);
        sum += d > 9 ? d - 9 : d;
    }
    return sum % 10;
}

static bool all_digits(const uint8_t *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit(text[i]))
            return false;
    return n > 0;
}

/* Digits stay digits, letters letters of their case, hex numbers hex numbers; an IMEI keeps a check
 * digit that is right. */
static void disguise(const struct lethe_redaction *r, uint8_t *text, size_t n)
{
    uint8_t noise[512];
    bool number = all_digits(text, n), hex = true;
    for (size_t i = 0; i < n; i++)
        hex = hex && (isxdigit(text[i]) || !isalnum(text[i]));
    if (n > sizeof(noise))
        return;
    stream(r, text, n, noise);
    unsigned was = number ? luhn(text, n) : 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text[i];
        text[i] = number && i == 0          ? (uint8_t)('1' + noise[i] % 9) /* as long as it was */
                  : isdigit(c)              ? (uint8_t)('0' + noise[i] % 10)
                  : hex && isupper(c)       ? (uint8_t)('A' + noise[i] % 6)
                  : hex && islower(c)       ? (uint8_t)('a' + noise[i] % 6)
                  : isupper(c)              ? (uint8_t)('A' + noise[i] % 26)
                  : islower(c) || c >= 0x80 ? (uint8_t)('a' + noise[i] % 26)
                                            : c;
    }
    for (unsigned d = 0; number && n == 15 && was == 0 && luhn(text, n) != 0 && d < 10; d++)
        text[n - 1] = (uint8_t)('0' + d);
}

struct text {
    const struct lethe_redaction *redaction;
    uint8_t *data, *hidden; /* hidden: 1 where something was replaced already */
    size_t len;
};

/* Once: what is hidden twice is another than elsewhere. */
static void hide(struct text *t, size_t at, size_t n)
{
    for (size_t end = at + n, run; at < end; at += run ? run : 1) {
        for (run = 0; at + run < end && !t->hidden[at + run]; run++)
            ;
        disguise(t->redaction, t->data + at, run);
        memset(t->hidden + at, 1, run);
    }
}

static void replace_known(struct text *t)
{
    const struct lethe_redaction *r = t->redaction;
    for (size_t k = 0; k < r->n; k++) {
        size_t n = strlen(r->known[k]);
        for (size_t at = 0; at + n <= t->len; at++)
            if (strncasecmp((const char *)t->data + at, r->known[k], n) == 0) {
                hide(t, at, n);
                at += n - 1;
            }
    }
}

/* A WWN as the number that it is. */
static void replace_binary(struct text *t)
{
    const struct lethe_redaction *r = t->redaction;
    for (size_t k = 0; k < r->n; k++) {
        uint8_t raw[48], other[48], text[96];
        size_t length = strlen(r->known[k]);
        ssize_t n = lethe_hex_decode(raw, sizeof(raw), r->known[k], length);
        if (n < BINARY_LEAST)
            continue;
        memcpy(text, r->known[k], length);
        disguise(r, text, length);
        lethe_hex_decode(other, sizeof(other), (const char *)text, length);
        for (size_t at = 0; at + (size_t)n <= t->len; at++)
            if (memcmp(t->data + at, raw, (size_t)n) == 0) {
                memcpy(t->data + at, other, (size_t)n);
                memset(t->hidden + at, 1, (size_t)n);
            }
    }
}

static void swap_pairs(uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        uint8_t c = data[i];
        data[i] = data[i + 1];
        data[i + 1] = c;
    }
}

static bool is_name(uint8_t c)
{
    return isalnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c >= 0x80;
}

/* name@host */
static void replace_addresses(struct text *t)
{
    const uint8_t *data = t->data;
    size_t len = t->len;
    for (size_t at = 1; at + 1 < len; at++) {
        size_t from = at, to = at + 1;
        if (data[at] != '@')
            continue;
        while (from > 0 && is_name(data[from - 1]))
            from--;
        while (to < len && is_name(data[to]))
            to++;
        if (from < at && memchr(data + at, '.', to - at)) {
            hide(t, from, at - from);
            hide(t, at + 1, to - at - 1);
        }
        at = to;
    }
}

/* 00:11:22:33:44:55 */
static void replace_hardware_addresses(struct text *t)
{
    const uint8_t *data = t->data;
    size_t len = t->len;
    for (size_t at = 0; at + 17 <= len; at++) {
        bool is = true;
        for (size_t i = 0; is && i < 17; i++)
            is = i % 3 == 2 ? data[at + i] == ':' : isxdigit(data[at + i]);
        if (!is || (at > 0 && isxdigit(data[at - 1])) || (at + 17 < len && data[at + 17] == ':'))
            continue;
        hide(t, at, 17);
        at += 16;
    }
}

static void replace_numbers(struct text *t)
{
    const uint8_t *data = t->data;
    size_t len = t->len;
    for (size_t at = 0, n; at < len; at += n ? n : 1) {
        for (n = 0; at + n < len && isdigit(data[at + n]); n++)
            ;
        bool alone =
            (at == 0 || !isalnum(data[at - 1])) && (at + n == len || !isalnum(data[at + n]));
        if (alone && n >= NUMBER_LEAST && n <= NUMBER_MOST)
            hide(t, at, n);
    }
}

/* What Android's tools print before a name, and what ends it. */
static const struct {
    const char *before;
    bool skip_number; /* "UserInfo{0:" */
    char end;
} names[] = {
    {"Account {name=", false, ','},
    {"UserInfo{", true, ':'},
    {"device_name=", false, '\n'},
    {"bluetooth_name=", false, '\n'},
};

static void replace_names(struct text *t)
{
    const uint8_t *data = t->data;
    size_t len = t->len;
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        size_t n = strlen(names[k].before);
        for (size_t at = 0; at + n < len; at++) {
            if (memcmp(data + at, names[k].before, n) != 0)
                continue;
            size_t from = at + n;
            while (names[k].skip_number && from < len && (isdigit(data[from]) || data[from] == ':'))
                from++;
            size_t to = from;
            while (to < len && data[to] != (uint8_t)names[k].end && data[to] != '\n')
                to++;
            hide(t, from, to - from);
        }
    }
}

/* ATA keeps its texts in words of the other byte order, with a checksum over all of them. */
static void mend_identify(uint8_t *data, size_t len)
{
    uint8_t sum = 0;
    if (len != 512 || data[510] != 0xa5)
        return;
    for (size_t i = 0; i < 511; i++)
        sum = (uint8_t)(sum + data[i]);
    data[511] = (uint8_t)-sum;
}

int lethe_redact_bytes(const struct lethe_redaction *r, uint8_t *data, size_t len)
{
    struct text t = {r, data, calloc(1, len + 1), len};
    uint8_t sum = 0;
    if (!t.hidden)
        return -LETHE_E_INTERNAL;
    for (size_t i = 0; i < len; i++)
        sum = (uint8_t)(sum + data[i]);
    replace_known(&t);
    replace_binary(&t);
    swap_pairs(data, len);
    swap_pairs(t.hidden, len);
    replace_known(&t);
    replace_binary(&t);
    swap_pairs(data, len);
    swap_pairs(t.hidden, len);
    replace_names(&t);
    replace_addresses(&t);
    replace_hardware_addresses(&t);
    replace_numbers(&t);
    if (sum == 0)
        mend_identify(data, len);
    free(t.hidden);
    return 0;
}

/* ---- JSON ---- */

static int redact_text(const struct lethe_redaction *r, json_t *json)
{
    char *text = strdup(json_string_value(json));
    if (!text)
        return -LETHE_E_INTERNAL;
    int rc = lethe_redact_bytes(r, (uint8_t *)text, strlen(text));
    if (rc == 0 && json_string_set(json, text) < 0)
        rc = -LETHE_E_INTERNAL;
    free(text);
    return rc;
}

/* A known number may be written as one (ECID); others are sizes and counts. */
static int redact_number(const struct lethe_redaction *r, json_t *json)
{
    char text[32];
    lethe_text_format(text, sizeof(text), "%lld", (long long)json_integer_value(json));
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->known[i], text) == 0) {
            disguise(r, (uint8_t *)text, strlen(text));
            return json_integer_set(json, strtoll(text, NULL, 10)) < 0 ? -LETHE_E_INTERNAL : 0;
        }
    return 0;
}

int lethe_redact_json(const struct lethe_redaction *r, json_t *json)
{
    const char *key;
    size_t i;
    json_t *value;
    int rc = 0;
    if (json_is_string(json))
        return redact_text(r, json);
    if (json_is_integer(json))
        return redact_number(r, json);
    json_object_foreach(json, key, value)
    {
        rc = rc < 0 ? rc : lethe_redact_json(r, value);
    }
    json_array_foreach(json, i, value)
    {
        rc = rc < 0 ? rc : lethe_redact_json(r, value);
    }
    return rc;
}

/* Keys of lockdown and its services whose values name nobody; of all others texts and data are
 * disguised whole. */
static const char *const harmless[] = {"ActivationState",
                                       "ActivationStateAcknowledged",
                                       "BasebandVersion",
                                       "BuildVersion",
                                       "CPUArchitecture",
                                       "DeviceClass",
                                       "Domain",
                                       "Error",
                                       "ErrorDomain",
                                       "FirmwareVersion",
                                       "HardwareModel",
                                       "HardwarePlatform",
                                       "HumanReadableProductVersionString",
                                       "Key",
                                       "ModelNumber",
                                       "ProductName",
                                       "ProductType",
                                       "ProductVersion",
                                       "RegionInfo",
                                       "Request",
                                       "RequestType",
                                       "Service",
                                       "Status",
                                       "Type",
                                       "auto-boot",
                                       "fm-activation-locked",
                                       "fm-spstatus",
                                       "obliteration",
                                       "oblit-begins"};

static bool is_harmless(const char *key)
{
    for (size_t i = 0; key && i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (strcmp(key, harmless[i]) == 0)
            return true;
    return false;
}

/* VALUE is what KEY holds. */
static int redact_plist(const struct lethe_redaction *r, const char *key, json_t *value)
{
    const char *inner;
    size_t i;
    json_t *part;
    int rc = 0;
    if (json_is_string(value) && !is_harmless(key)) {
        char *text = strdup(json_string_value(value));
        if (!text)
            return -LETHE_E_INTERNAL;
        for (size_t at = 0, n = strlen(text); at < n; at += 512)
            disguise(r, (uint8_t *)text + at, n - at < 512 ? n - at : 512);
        rc = json_string_set(value, text) < 0 ? -LETHE_E_INTERNAL : 0;
        free(text);
        return rc;
    }
    if (json_is_string(value) || json_is_integer(value))
        return lethe_redact_json(r, value);
    json_object_foreach(value, inner, part)
    {
        /* {"$data": ...}, {"$date": ...}: of the key that they are the value of */
        rc = rc < 0 ? rc : redact_plist(r, inner[0] == '$' ? key : inner, part);
    }
    json_array_foreach(value, i, part)
    {
        rc = rc < 0 ? rc : redact_plist(r, key, part);
    }
    return rc;
}

static int redact_hex(const struct lethe_redaction *r, json_t *entry, const char *key)
{
    const char *text = json_string_value(json_object_get(entry, key));
    size_t n = text ? strlen(text) / 2 : 0;
    if (n == 0)
        return 0;
    uint8_t *data = malloc(n);
    char *out = malloc(2 * n + 1);
    int rc = data && out ? 0 : -LETHE_E_INTERNAL;
    if (rc == 0 && lethe_hex_decode(data, n, text, 2 * n) < 0)
        rc = -LETHE_E_INVALID;
    rc = rc < 0 ? rc : lethe_redact_bytes(r, data, n);
    if (rc == 0) {
        lethe_hex_encode(out, data, n);
        rc = json_object_set_new(entry, key, json_string(out)) < 0 ? -LETHE_E_INTERNAL : 0;
    }
    free(data);
    free(out);
    return rc;
}

/* The sum in an ADB header is over what follows it. */
static int mend_adb(json_t *header, const json_t *payload)
{
    const char *head = json_string_value(json_object_get(header, "in"));
    const char *text = json_string_value(json_object_get(payload, "in"));
    uint8_t raw[24] = {0};
    uint32_t sum = 0;
    if (!head || !text || json_integer_value(json_object_get(header, "transferred")) != 24 ||
        lethe_hex_decode(raw, sizeof(raw), head, strlen(head)) < 0)
        return 0;
    for (size_t i = 0; i < 4; i++)
        if ((raw[i] ^ raw[20 + i]) != 0xff)
            return 0; /* no magic: no header */
    if (memcmp(raw + 16, "\0\0\0\0", 4) == 0)
        return 0;
    for (; text[0] && text[1]; text += 2) {
        uint8_t byte = 0;
        lethe_hex_decode(&byte, 1, text, 2);
        sum += byte;
    }
    for (size_t i = 0; i < 4; i++)
        raw[16 + i] = (uint8_t)(sum >> 8 * i);
    char out[2 * sizeof(raw) + 1];
    lethe_hex_encode(out, raw, sizeof(raw));
    return json_object_set_new(header, "in", json_string(out)) < 0 ? -LETHE_E_INTERNAL : 0;
}

int lethe_redact_exchange(const struct lethe_redaction *r, json_t *exchange)
{
    size_t i;
    json_t *entry, *before = NULL;
    int rc = 0;
    json_array_foreach(exchange, i, entry)
    {
        const char *op = json_string_value(json_object_get(entry, "op"));
        bool whole = op && strcmp(op, "value") == 0;
        rc = rc < 0 ? rc : redact_hex(r, entry, "in");
        rc = rc < 0 ? rc : redact_hex(r, entry, "out");
        json_t *reply = json_object_get(entry, "reply"), *udid = json_object_get(entry, "udid");
        const char *key = json_string_value(json_object_get(entry, "key"));
        if (rc == 0 && reply)
            rc = redact_plist(r, whole ? key : NULL, reply);
        if (rc == 0 && udid)
            rc = lethe_redact_json(r, udid);
        if (rc == 0 && before && json_object_get(entry, "in"))
            rc = mend_adb(before, entry);
        if (json_object_get(entry, "in"))
            before = entry;
    }
    return rc;
}
