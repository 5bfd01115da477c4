/* SPDX-License-Identifier: Apache-2.0 */
/* The claims of the label and their text (certs/README.md, "The QR code"). */
#include "base/text.h"
#include "cose/base45.h"
#include "cose/cbor.h"
#include "cose/cose.h"
#include <lethe/cose.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 6 and 7 are those of a CWT (RFC 8392 section 3.1); the others are ours. In the order in which
 * deterministic CBOR has them. */
enum claim {
    CLAIM_IAT = 6,
    CLAIM_CTI = 7,
    CLAIM_VERSION = -1,
    CLAIM_TYPE = -2,
    CLAIM_OUTCOME = -3,
    CLAIM_METHOD = -4,
    CLAIM_SUBSTRATE = -5,
    CLAIM_POLICY = -6,
    CLAIM_MET = -7,
    CLAIM_ENDED = -8,
    CLAIM_JWT = -9,
    CLAIM_DEVICES = -10,
    CLAIM_BY = -11,
    CLAIM_LAST = -11
};
enum { TYPE_CERTIFICATE = 1, TYPE_RECORD = 2 };

/* Labels outlive versions: these numbers are on paper. */
_Static_assert(LETHE_OUTCOME_PASSED == 1 && LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS == 2 &&
                   LETHE_OUTCOME_OPERATOR_ATTESTED == 3 && LETHE_OUTCOME_INDETERMINATE == 4 &&
                   LETHE_OUTCOME_ABORTED == 5 && LETHE_OUTCOME_FAILED == 6 &&
                   LETHE_OUTCOME_REFUSED == 7,
               "outcome");
_Static_assert(LETHE_METHOD_NONE == 0 && LETHE_METHOD_CLEAR == 1 && LETHE_METHOD_PURGE == 2 &&
                   LETHE_METHOD_DESTROY == 3,
               "method");
_Static_assert(LETHE_SUBSTRATE_EMULATED == 0 && LETHE_SUBSTRATE_IMAGE == 1 &&
                   LETHE_SUBSTRATE_VIRTUAL == 2 && LETHE_SUBSTRATE_PHYSICAL == 3,
               "substrate");

/* ---- Writing ---- */

static int put_number(struct lethe_buf *out, enum claim claim, uint64_t value)
{
    int rc = lethe_cbor_put_int(out, claim);
    return rc < 0 ? rc : lethe_cbor_put(out, LETHE_CBOR_UINT, value);
}

static int put_string(struct lethe_buf *out, enum claim claim, enum lethe_cbor_major major,
                      const void *data, size_t len)
{
    int rc = lethe_cbor_put_int(out, claim);
    return rc < 0 ? rc : lethe_cbor_put_string(out, major, data, len);
}

static int put_devices(struct lethe_buf *out, const struct lethe_qr *qr)
{
    int rc = lethe_cbor_put_int(out, CLAIM_DEVICES);
    if (rc == 0)
        rc = lethe_cbor_put(out, LETHE_CBOR_ARRAY, qr->n_devices);
    for (size_t i = 0; i < qr->n_devices && rc == 0; i++)
        rc = lethe_cbor_put_string(out, LETHE_CBOR_BYTES, qr->devices[i], LETHE_QR_DEVICE_SIZE);
    return rc;
}

static int claims_write(const struct lethe_qr *qr, struct lethe_buf *out)
{
    uint64_t n = 11u + (qr->n_devices > 0) + (qr->by[0] != 0);
    if (lethe_cbor_put(out, LETHE_CBOR_MAP, n) < 0 || put_number(out, CLAIM_IAT, qr->issued) < 0 ||
        put_string(out, CLAIM_CTI, LETHE_CBOR_BYTES, qr->jti, sizeof(qr->jti)) < 0 ||
        put_number(out, CLAIM_VERSION, LETHE_QR_VERSION) < 0 ||
        put_number(out, CLAIM_TYPE, qr->certificate ? TYPE_CERTIFICATE : TYPE_RECORD) < 0 ||
        put_number(out, CLAIM_OUTCOME, qr->outcome) < 0 ||
        put_number(out, CLAIM_METHOD, qr->method) < 0 ||
        put_number(out, CLAIM_SUBSTRATE, qr->substrate) < 0 ||
        put_string(out, CLAIM_POLICY, LETHE_CBOR_TEXT, qr->policy, strlen(qr->policy)) < 0 ||
        lethe_cbor_put_int(out, CLAIM_MET) < 0 || lethe_cbor_put_bool(out, qr->policy_met) < 0 ||
        put_number(out, CLAIM_ENDED, qr->ended) < 0 ||
        put_string(out, CLAIM_JWT, LETHE_CBOR_BYTES, qr->jwt_sha256, sizeof(qr->jwt_sha256)) < 0 ||
        (qr->n_devices > 0 && put_devices(out, qr) < 0) ||
        (qr->by[0] && put_string(out, CLAIM_BY, LETHE_CBOR_TEXT, qr->by, strlen(qr->by)) < 0))
        return -LETHE_E_INTERNAL;
    return 0;
}

int lethe_qr_to_be_signed(const struct lethe_qr *qr, uint8_t **out, size_t *len,
                          struct lethe_error *err)
{
    LETHE_BUF_AUTO payload = {0};
    LETHE_BUF_AUTO all = {0};
    if (claims_write(qr, &payload) < 0 ||
        lethe_cose_to_be_signed(qr->kid, (uint8_t *)payload.data, payload.len, &all) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    *len = all.len;
    *out = (uint8_t *)lethe_buf_take(&all);
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

int lethe_qr_encode(const struct lethe_qr *qr, const uint8_t signature[64], char **text,
                    struct lethe_error *err)
{
    LETHE_BUF_AUTO payload = {0};
    LETHE_BUF_AUTO object = {0};
    struct lethe_cose cose;
    if (claims_write(qr, &payload) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    memcpy(cose.kid, qr->kid, sizeof(cose.kid));
    memcpy(cose.signature, signature, sizeof(cose.signature));
    cose.payload = (uint8_t *)payload.data;
    cose.payload_len = payload.len;
    *text = NULL;
    if (lethe_cose_write(&cose, &object) == 0)
        *text = malloc(sizeof(LETHE_QR_PREFIX) + LETHE_BASE45_SIZE(object.len));
    if (!*text)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    memcpy(*text, LETHE_QR_PREFIX, sizeof(LETHE_QR_PREFIX));
    lethe_base45_encode(*text + strlen(LETHE_QR_PREFIX), (uint8_t *)object.data, object.len);
    return 0;
}

/* ---- Reading ---- */

static int __attribute__((format(printf, 3, 4)))
refuse(struct lethe_qr_why *why, const char *code, const char *format, ...)
{
    char text[sizeof(why->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lethe_text_clean(why->text, sizeof(why->text), text, sizeof(text));
    lethe_text_format(why->code, sizeof(why->code), "%s", code);
    return -LETHE_E_INVALID;
}

static bool take_number(struct lethe_cbor *in, uint64_t least, uint64_t most, uint64_t *out)
{
    return lethe_cbor_take(in, LETHE_CBOR_UINT, out) && *out >= least && *out <= most;
}

static bool take_bytes(struct lethe_cbor *in, uint8_t *out, size_t size)
{
    const uint8_t *bytes;
    size_t len;
    if (!lethe_cbor_take_string(in, LETHE_CBOR_BYTES, &bytes, &len) || len != size)
        return false;
    memcpy(out, bytes, size);
    return true;
}

/* Text fit to print, not empty. */
static bool take_text(struct lethe_cbor *in, char *out, size_t out_size)
{
    const uint8_t *text;
    size_t len;
    if (!lethe_cbor_take_string(in, LETHE_CBOR_TEXT, &text, &len) || len == 0 || len >= out_size ||
        memchr(text, 0, len))
        return false;
    memcpy(out, text, len);
    out[len] = '\0';
    return lethe_text_is_clean(out);
}

static bool take_devices(struct lethe_cbor *in, struct lethe_qr *out)
{
    uint64_t n;
    if (!lethe_cbor_take(in, LETHE_CBOR_ARRAY, &n) || n < 1 || n > LETHE_QR_DEVICES_MAX)
        return false;
    for (out->n_devices = 0; out->n_devices < n; out->n_devices++)
        if (!take_bytes(in, out->devices[out->n_devices], LETHE_QR_DEVICE_SIZE))
            return false;
    return n < 2 || memcmp(out->devices[0], out->devices[1], LETHE_QR_DEVICE_SIZE) != 0;
}

/* Seconds, of years that lethe_time_format() can print. */
#define TIME_MAX 253402300799ull /* 9999-12-31T23:59:59Z */

static bool claim_read(struct lethe_cbor *in, int64_t key, struct lethe_qr *out)
{
    uint64_t n = 0;
    bool ok;
    switch (key) {
    case CLAIM_IAT:
        return take_number(in, 1, TIME_MAX, &out->issued);
    case CLAIM_CTI:
        return take_bytes(in, out->jti, sizeof(out->jti));
    case CLAIM_VERSION:
        return take_number(in, LETHE_QR_VERSION, LETHE_QR_VERSION, &n);
    case CLAIM_TYPE:
        ok = take_number(in, TYPE_CERTIFICATE, TYPE_RECORD, &n);
        out->certificate = n == TYPE_CERTIFICATE;
        return ok;
    case CLAIM_OUTCOME:
        ok = take_number(in, LETHE_OUTCOME_PASSED, LETHE_OUTCOME_REFUSED, &n);
        out->outcome = ok ? (enum lethe_outcome)n : LETHE_OUTCOME_NONE;
        return ok;
    case CLAIM_METHOD:
        ok = take_number(in, LETHE_METHOD_NONE, LETHE_METHOD_DESTROY, &n);
        out->method = ok ? (enum lethe_method)n : LETHE_METHOD_NONE;
        return ok;
    case CLAIM_SUBSTRATE:
        ok = take_number(in, LETHE_SUBSTRATE_EMULATED, LETHE_SUBSTRATE_PHYSICAL, &n);
        out->substrate = ok ? (enum lethe_substrate)n : LETHE_SUBSTRATE_EMULATED;
        return ok;
    case CLAIM_POLICY:
        return take_text(in, out->policy, sizeof(out->policy));
    case CLAIM_MET:
        return lethe_cbor_take_bool(in, &out->policy_met);
    case CLAIM_ENDED:
        return take_number(in, 1, TIME_MAX, &out->ended);
    case CLAIM_JWT:
        return take_bytes(in, out->jwt_sha256, sizeof(out->jwt_sha256));
    case CLAIM_DEVICES:
        return take_devices(in, out);
    case CLAIM_BY:
        return take_text(in, out->by, sizeof(out->by));
    default:
        return false;
    }
}

static bool known(int64_t key)
{
    return key == CLAIM_IAT || key == CLAIM_CTI || (key <= CLAIM_VERSION && key >= CLAIM_LAST);
}

/* Of a claim that is known: which of them were there. */
static unsigned bit(int64_t key)
{
    return 1u << (key < 0 ? -key : key + 16);
}

/* One claim and its key. A later version may say everything otherwise; its number comes before what
 * this one could misread. */
static int claim_take(struct lethe_cbor *in, struct lethe_qr *out, unsigned *seen,
                      struct lethe_qr_why *why)
{
    int64_t key;
    if (!lethe_cbor_take_int(in, &key))
        return refuse(why, "qr-claims", "a claim's key is not an integer");
    struct lethe_cbor value = *in;
    uint64_t version;
    if (!known(key) ||
        (key == CLAIM_VERSION && lethe_cbor_take(&value, LETHE_CBOR_UINT, &version) &&
         version > LETHE_QR_VERSION)) {
        refuse(why, "claim-unknown",
               "it says what a later version than this can judge (claim %lld)", (long long)key);
        return -LETHE_E_UNSUPPORTED;
    }
    if (!claim_read(in, key, out))
        return refuse(why, "qr-claims", "claim %lld is not what it should be", (long long)key);
    *seen |= bit(key);
    return 0;
}

static int claims_read(const struct lethe_cose *cose, struct lethe_qr *out,
                       struct lethe_qr_why *why)
{
    struct lethe_cbor in = {cose->payload, cose->payload + cose->payload_len};
    const char *fault = lethe_cbor_fault(cose->payload, cose->payload_len);
    uint64_t n;
    unsigned seen = 0, required = bit(CLAIM_IAT) | bit(CLAIM_CTI);
    int rc = 0;
    if (fault)
        return refuse(why, "cbor", "its claims: %s", fault);
    if (!lethe_cbor_take(&in, LETHE_CBOR_MAP, &n))
        return refuse(why, "qr-claims", "its claims are not a map");
    for (uint64_t i = 0; i < n && rc == 0; i++)
        rc = claim_take(&in, out, &seen, why);
    for (int key = CLAIM_VERSION; key >= CLAIM_JWT; key--)
        required |= bit(key);
    if (rc == 0 && (seen & required) != required)
        return refuse(why, "qr-claims", "a claim is missing");
    return rc;
}

int lethe_qr_decode(const char *text, size_t len, struct lethe_qr *out, uint8_t **signed_part,
                    size_t *signed_len, uint8_t signature[64], struct lethe_qr_why *why)
{
    static const size_t prefix = sizeof(LETHE_QR_PREFIX) - 1;
    uint8_t object[LETHE_QR_MAX];
    struct lethe_cose cose;
    const char *code, *fault;
    memset(out, 0, sizeof(*out));
    if (len > LETHE_QR_MAX)
        return refuse(why, "qr-size", "it is longer than such a label can be");
    if (len < prefix || memcmp(text, LETHE_QR_PREFIX, prefix) != 0)
        return refuse(why, "qr-prefix", "it does not begin with %s", LETHE_QR_PREFIX);
    ssize_t n = lethe_base45_decode(object, sizeof(object), text + prefix, len - prefix);
    if (n < 0)
        return refuse(why, "base45", "it is not base45");
    if (lethe_cose_read(object, (size_t)n, &cose, &code, &fault) < 0)
        return refuse(why, code, "%s", fault);
    memcpy(out->kid, cose.kid, sizeof(out->kid));
    int rc = claims_read(&cose, out, why);
    if (rc == 0 && signature)
        memcpy(signature, cose.signature, sizeof(cose.signature));
    if (rc == 0 && signed_part) {
        LETHE_BUF_AUTO all = {0};
        if (lethe_cose_to_be_signed(cose.kid, cose.payload, cose.payload_len, &all) < 0)
            return refuse(why, "memory", "memory ran out");
        *signed_len = all.len;
        *signed_part = (uint8_t *)lethe_buf_take(&all);
    }
    return rc;
}
