/* SPDX-License-Identifier: Apache-2.0 */
#include "cose/cose.h"

#include "cose/cbor.h"
#include <lethe/error.h>
#include <string.h>

#define TAG_COSE_SIGN1 18
#define HEADER_ALG 1
#define HEADER_KID 4
#define ALG_ES256 (-7) /* RFC 9053 section 2.1 */

static int refuse(const char **code, const char **text, const char *c, const char *t)
{
    *code = c;
    *text = t;
    return -LETHE_E_INVALID;
}

/* {1: -7, 4: kid} and nothing else: a header more could only point at another key. */
static int header_read(const uint8_t *data, size_t len, uint8_t kid[LETHE_COSE_KID_SIZE],
                       const char **code, const char **text)
{
    struct lethe_cbor in = {data, data + len};
    const char *fault = lethe_cbor_fault(data, len);
    const uint8_t *bytes;
    size_t n;
    uint64_t members;
    int64_t key, alg;
    if (fault)
        return refuse(code, text, "cbor", fault);
    if (!lethe_cbor_take(&in, LETHE_CBOR_MAP, &members) || members != 2 ||
        !lethe_cbor_take_int(&in, &key) || key != HEADER_ALG)
        return refuse(code, text, "cose", "its protected header is not algorithm and key id");
    if (!lethe_cbor_take_int(&in, &alg) || alg != ALG_ES256)
        return refuse(code, text, "alg", "the algorithm is not ES256");
    if (!lethe_cbor_take_int(&in, &key) || key != HEADER_KID ||
        !lethe_cbor_take_string(&in, LETHE_CBOR_BYTES, &bytes, &n) || n != LETHE_COSE_KID_SIZE)
        return refuse(code, text, "cose", "its key id is not 8 bytes");
    memcpy(kid, bytes, LETHE_COSE_KID_SIZE);
    return 0;
}

int lethe_cose_read(const uint8_t *data, size_t len, struct lethe_cose *out, const char **code,
                    const char **text)
{
    struct lethe_cbor in = {data, data + len};
    const char *fault = lethe_cbor_fault(data, len);
    const uint8_t *header, *signature;
    size_t header_len, signature_len;
    uint64_t n;
    if (fault)
        return refuse(code, text, "cbor", fault);
    if (!lethe_cbor_take(&in, LETHE_CBOR_TAG, &n) || n != TAG_COSE_SIGN1 ||
        !lethe_cbor_take(&in, LETHE_CBOR_ARRAY, &n) || n != 4 ||
        !lethe_cbor_take_string(&in, LETHE_CBOR_BYTES, &header, &header_len))
        return refuse(code, text, "cose", "it is not a tagged COSE_Sign1");
    if (!lethe_cbor_take(&in, LETHE_CBOR_MAP, &n) || n != 0)
        return refuse(code, text, "cose", "it has an unprotected header");
    if (!lethe_cbor_take_string(&in, LETHE_CBOR_BYTES, &out->payload, &out->payload_len) ||
        !lethe_cbor_take_string(&in, LETHE_CBOR_BYTES, &signature, &signature_len) ||
        signature_len != sizeof(out->signature))
        return refuse(code, text, "cose", "its payload or its signature of 64 bytes is missing");
    memcpy(out->signature, signature, sizeof(out->signature));
    return header_read(header, header_len, out->kid, code, text);
}

static int header_put(const uint8_t kid[LETHE_COSE_KID_SIZE], struct lethe_buf *out)
{
    LETHE_BUF_AUTO header = {0};
    int rc = lethe_cbor_put(&header, LETHE_CBOR_MAP, 2);
    if (rc == 0)
        rc = lethe_cbor_put_int(&header, HEADER_ALG);
    if (rc == 0)
        rc = lethe_cbor_put_int(&header, ALG_ES256);
    if (rc == 0)
        rc = lethe_cbor_put_int(&header, HEADER_KID);
    if (rc == 0)
        rc = lethe_cbor_put_string(&header, LETHE_CBOR_BYTES, kid, LETHE_COSE_KID_SIZE);
    return rc < 0 ? rc : lethe_cbor_put_string(out, LETHE_CBOR_BYTES, header.data, header.len);
}

int lethe_cose_write(const struct lethe_cose *cose, struct lethe_buf *out)
{
    int rc = lethe_cbor_put(out, LETHE_CBOR_TAG, TAG_COSE_SIGN1);
    if (rc == 0)
        rc = lethe_cbor_put(out, LETHE_CBOR_ARRAY, 4);
    if (rc == 0)
        rc = header_put(cose->kid, out);
    if (rc == 0)
        rc = lethe_cbor_put(out, LETHE_CBOR_MAP, 0);
    if (rc == 0)
        rc = lethe_cbor_put_string(out, LETHE_CBOR_BYTES, cose->payload, cose->payload_len);
    return rc < 0 ? rc
                  : lethe_cbor_put_string(out, LETHE_CBOR_BYTES, cose->signature,
                                          sizeof(cose->signature));
}

int lethe_cose_to_be_signed(const uint8_t kid[LETHE_COSE_KID_SIZE], const uint8_t *payload,
                            size_t payload_len, struct lethe_buf *out)
{
    static const char context[] = "Signature1";
    int rc = lethe_cbor_put(out, LETHE_CBOR_ARRAY, 4);
    if (rc == 0)
        rc = lethe_cbor_put_string(out, LETHE_CBOR_TEXT, context, sizeof(context) - 1);
    if (rc == 0)
        rc = header_put(kid, out);
    if (rc == 0)
        rc = lethe_cbor_put_string(out, LETHE_CBOR_BYTES, "", 0);
    return rc < 0 ? rc : lethe_cbor_put_string(out, LETHE_CBOR_BYTES, payload, payload_len);
}
