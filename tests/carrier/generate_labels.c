/* SPDX-License-Identifier: Apache-2.0 */
/* Makes certs/examples/labels.json: labels to test other verifiers with. The benches known are
 * those of certs/test-keys, the root trusted is certs/test-keys/root.pem, the time
 * 2026-11-23T02:13:20Z. */
#include "base/text.h"
#include "carrier/labels.h"
#include "cose/base45.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIAL "EX-WCC4N0123456"

static json_t *labels;

static void add(const char *name, const char *text, const char *device, const char *verdict,
                const char *code)
{
    json_array_append_new(labels, json_pack("{s:s,s:s,s:s,s:s,s:s}", "name", name, "text", text,
                                            "device", device, "verdict", verdict, "code", code));
}

/* TEXT with the bytes FIND (hex, found once at least) of its object replaced by WITH (hex). */
static void add_bytes(const char *name, const char *text, const char *find, const char *with,
                      const char *code)
{
    uint8_t object[512], out[600], from[64], to[64];
    char made[1024] = LETHE_QR_PREFIX;
    ssize_t len = lethe_base45_decode(object, sizeof(object), text + 4, strlen(text) - 4);
    ssize_t from_len = lethe_hex_decode(from, sizeof(from), find, strlen(find));
    ssize_t to_len = lethe_hex_decode(to, sizeof(to), with, strlen(with));
    uint8_t *at = memmem(object, (size_t)len, from, (size_t)from_len);
    if (len < 0 || from_len < 0 || to_len < 0 || !at) {
        fprintf(stderr, "%s: nothing to replace\n", name);
        abort();
    }
    size_t before = (size_t)(at - object);
    memcpy(out, object, before);
    memcpy(out + before, to, (size_t)to_len);
    memcpy(out + before + to_len, at + from_len, (size_t)len - before - (size_t)from_len);
    lethe_base45_encode(made + 4, out, (size_t)(len - from_len + to_len));
    add(name, made, SERIAL,
        code[0] == 'c' && strcmp(code, "claim-unknown") == 0 ? "undetermined" : "invalid", code);
}

static void as_it_is(struct lethe_qr *qr)
{
    (void)qr;
}
static void a_record(struct lethe_qr *qr)
{
    qr->certificate = false;
}
static void a_failed_one(struct lethe_qr *qr)
{
    qr->certificate = false;
    qr->outcome = LETHE_OUTCOME_FAILED;
    qr->method = LETHE_METHOD_NONE;
    qr->policy_met = false;
}
static void a_failed_certificate(struct lethe_qr *qr)
{
    qr->outcome = LETHE_OUTCOME_FAILED;
}
static void policy_not_met(struct lethe_qr *qr)
{
    qr->policy_met = false;
}
static void no_method(struct lethe_qr *qr)
{
    qr->method = LETHE_METHOD_NONE;
}
static void ended_later(struct lethe_qr *qr)
{
    qr->ended = qr->issued + 1;
}
static void of_2020(struct lethe_qr *qr)
{
    qr->issued = qr->ended = 1600000000;
}
static void of_2030(struct lethe_qr *qr)
{
    qr->issued = qr->ended = 1893456000;
}
static void of_an_image(struct lethe_qr *qr)
{
    qr->substrate = LETHE_SUBSTRATE_IMAGE;
}
static void emulated(struct lethe_qr *qr)
{
    qr->substrate = LETHE_SUBSTRATE_EMULATED;
}
static void of_no_device(struct lethe_qr *qr)
{
    qr->n_devices = 0;
}
static void by_nobody(struct lethe_qr *qr)
{
    qr->by[0] = '\0';
}
static void of_unknown_bench(struct lethe_qr *qr)
{
    memset(qr->kid, 0xee, sizeof(qr->kid));
}

static void add_forged(const char *name, const char *label, const char *bench,
                       void (*change)(struct lethe_qr *qr), const char *verdict, const char *code)
{
    char *text = label_forge(label, bench, change);
    add(name, text, SERIAL, verdict, code);
    free(text);
}

int main(int argc, char **argv)
{
    char *sdjwt, *label;
    if (argc != 2) {
        fprintf(stderr, "usage: %s certs/examples/labels.json\n", argv[0]);
        return 2;
    }
    labels = json_array();
    label_issue("bench", NULL, &sdjwt, &label);
    add("of this device", label, SERIAL, "valid", "qr-only");
    add("of this device, typed by a person", label, "ex-wcc4n 0123456", "valid", "qr-only");
    add("of this device, by its WWN", label, "naa.50014ee2b1234567", "valid", "qr-only");
    add("device not asked for", label, "", "undetermined", "qr-only");
    add("of another device", label, "EX-WCC4N0123457", "invalid", "device-mismatch");
    add_forged("signed again", label, "bench", as_it_is, "valid", "qr-only");
    add_forged("no name", label, "bench", by_nobody, "valid", "qr-only");
    add_forged("device withheld", label, "bench", of_no_device, "undetermined", "device-hidden");
    add_forged("a failed job", label, "bench", a_failed_one, "undetermined", "record-only");
    add_forged("an image", label, "bench", of_an_image, "undetermined", "substrate");
    add_forged("a bench nobody knows", label, "bench", of_unknown_bench, "undetermined",
               "qr-bench-unknown");
    add_forged("signed by another key", label, "stranger-bench", as_it_is, "invalid", "signature");
    add_forged("passed, but a record", label, "bench", a_record, "invalid",
               "contradiction-outcome");
    add_forged("failed, but a certificate", label, "bench", a_failed_certificate, "invalid",
               "contradiction-outcome");
    add_forged("policy not met", label, "bench", policy_not_met, "invalid",
               "contradiction-outcome");
    add_forged("no method", label, "bench", no_method, "invalid", "contradiction-outcome");
    add_forged("signed before it ended", label, "bench", ended_later, "invalid",
               "contradiction-times");
    add_forged("signed before the bench was", label, "bench", of_2020, "invalid", "iat");
    add_forged("signed in the future", label, "bench", of_2030, "invalid", "future");
    add_forged("emulated", label, "bench", emulated, "invalid", "emulated-key");
    /* Bytes of the object: their signature is not looked at any more. */
    add_bytes("no tag", label, "d284", "84", "cose");
    add_bytes("another tag", label, "d284", "d184", "cose");
    add_bytes("five parts", label, "d284", "d285", "cbor");
    add_bytes("ES384", label, "4da20126", "4ea2013822", "alg");
    add_bytes("HS256", label, "4da20126", "4da20105", "alg");
    add_bytes("no key id", label, "4da2012604", "4da2012605", "cose");
    add_bytes("header out of order", label, "a2012604", "a2042601", "cbor");
    add_bytes("number not in its shortest form", label, "20012101", "2018012101", "cbor");
    add_bytes("version 2", label, "20012101", "20022101", "claim-unknown");
    add_bytes("version 0", label, "20012101", "20002101", "qr-claims");
    add_bytes("type 3", label, "20012101", "20012103", "qr-claims");
    add_bytes("outcome 0", label, "22012301", "22002301", "qr-claims");
    add_bytes("outcome 8", label, "22012301", "22082301", "qr-claims");
    add_bytes("method 4", label, "22012301", "22012304", "qr-claims");
    add_bytes("met is 1", label, "26f5", "2601", "qr-claims");
    add_bytes("met is null", label, "26f5", "26f6", "cbor");
    add_bytes("a float", label, "26f5", "26f90000", "cbor");
    add_bytes("short signature", label, "5840", "583f", "cbor");
    add("lower case", "er1:BB8", SERIAL, "invalid", "qr-prefix");
    add("another prefix", "ER2:BB8", SERIAL, "invalid", "qr-prefix");
    add("no base45", "ER1:bb8", SERIAL, "invalid", "base45");
    add("65536", "ER1:GGW", SERIAL, "invalid", "base45");
    json_t *file = json_pack("{s:I,s:s,s:o}", "now", (json_int_t)1795400000, "root",
                             "test-keys/root.pem", "labels", labels);
    int rc = json_dump_file(file, argv[1], JSON_INDENT(1) | JSON_SORT_KEYS);
    json_decref(file);
    free(sdjwt);
    free(label);
    return rc != 0;
}
