/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a QR code. The first byte chooses:
 *   other  the text as it comes
 *   'B'    bytes for base45
 *   'C'    CBOR
 *   'O'    a COSE_Sign1, which becomes a text
 */
#include "base/buf.h"
#include "cose/base45.h"
#include "cose/cbor.h"
#include <lethe/cose.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One value, one text: what was read comes out the same when it is written. */
static void label(const char *text, size_t len)
{
    struct lethe_qr qr;
    struct lethe_qr_why why = {0};
    uint8_t *part = NULL, *wanted = NULL, signature[64];
    size_t part_len, wanted_len;
    char *again = NULL;
    int rc = lethe_qr_decode(text, len, &qr, &part, &part_len, signature, &why);
    if (rc < 0 && !why.code[0])
        abort();
    if (rc == 0 &&
        (lethe_qr_to_be_signed(&qr, &wanted, &wanted_len, NULL) < 0 || wanted_len != part_len ||
         memcmp(wanted, part, part_len) != 0 || lethe_qr_encode(&qr, signature, &again, NULL) < 0 ||
         strlen(again) != len || memcmp(again, text, len) != 0))
        abort();
    if (rc == 0)
        lethe_qr_names_device(&qr, "EX-WCC4N0123456");
    free(part);
    free(wanted);
    free(again);
}

static void base45(const uint8_t *data, size_t size)
{
    char *text = malloc(LETHE_BASE45_SIZE(size));
    uint8_t *back = malloc(size + 1);
    lethe_base45_encode(text, data, size);
    if (lethe_base45_decode(back, size, text, strlen(text)) != (ssize_t)size ||
        memcmp(back, data, size) != 0)
        abort();
    ssize_t n = lethe_base45_decode(back, size, (const char *)data, size);
    if (n >= 0) {
        char *again = malloc(LETHE_BASE45_SIZE((size_t)n));
        lethe_base45_encode(again, back, (size_t)n);
        if (strlen(again) != size || memcmp(again, data, size) != 0)
            abort();
        free(again);
    }
    free(text);
    free(back);
}

/* What is sound has one spelling: written again it is the same bytes. */
static void copy(struct lethe_cbor *in, struct lethe_buf *out)
{
    const uint8_t *bytes;
    size_t len;
    uint64_t n;
    bool truth;
    if (lethe_cbor_take_bool(in, &truth)) {
        lethe_cbor_put_bool(out, truth);
        return;
    }
    for (unsigned major = LETHE_CBOR_UINT; major <= LETHE_CBOR_TAG; major++) {
        if ((major == LETHE_CBOR_BYTES || major == LETHE_CBOR_TEXT) &&
            lethe_cbor_take_string(in, major, &bytes, &len)) {
            lethe_cbor_put_string(out, major, bytes, len);
            return;
        }
        if (!lethe_cbor_take(in, major, &n))
            continue;
        lethe_cbor_put(out, major, n);
        uint64_t items = major == LETHE_CBOR_ARRAY ? n
                         : major == LETHE_CBOR_MAP ? 2 * n
                         : major == LETHE_CBOR_TAG ? 1
                                                   : 0;
        for (uint64_t i = 0; i < items; i++)
            copy(in, out);
        return;
    }
    abort();
}

static void cbor(const uint8_t *data, size_t size)
{
    if (lethe_cbor_fault(data, size))
        return;
    struct lethe_cbor in = {data, data + size};
    LETHE_BUF_AUTO out = {0};
    copy(&in, &out);
    if (in.at != in.end || out.len != size || memcmp(out.data, data, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[LETHE_QR_MAX + 8] = LETHE_QR_PREFIX;
    uint8_t kind = size > 0 ? *data : 0;
    if (kind == 'B') {
        base45(data + 1, size - 1);
    } else if (kind == 'C') {
        cbor(data + 1, size - 1);
    } else if (kind == 'O' && LETHE_BASE45_SIZE(size - 1) < LETHE_QR_MAX) {
        lethe_base45_encode(text + 4, data + 1, size - 1);
        label(text, strlen(text));
    } else {
        label((const char *)data, size);
    }
    return 0;
}
