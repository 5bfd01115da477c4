/* SPDX-License-Identifier: Apache-2.0 */
#include "carrier/labels.h"

#include "base/text.h"
#include "cert/support.h"
#include "trust/es256.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void __attribute__((noreturn)) die(const char *what)
{
    fprintf(stderr, "labels: %s\n", what);
    abort();
}

void label_issue(const char *name, const char *const *set, char **sdjwt, char **label)
{
    struct lethe_error err = {0};
    support_fix(name);
    struct lethe_signer *signer = support_signer(name, NULL);
    json_t *claims = support_claims();
    char iss[128];
    lethe_text_format(iss, sizeof(iss), "\"urn:lethe:bench:%s\"", signer->bench);
    support_set(claims, "open.iss", iss);
    lethe_text_format(iss, sizeof(iss), "\"%s\"", signer->organisation);
    support_set(claims, "open.organisation", iss);
    for (; set && set[0]; set += 2)
        support_set(claims, set[0], set[1]);
    *sdjwt = support_issue(claims, signer);
    if (lethe_qr_issue(*sdjwt, strlen(*sdjwt), signer, label, &err) < 0)
        die(err.what);
    json_decref(claims);
    lethe_signer_close(signer);
}

char *label_forge(const char *label, const char *name, void (*change)(struct lethe_qr *qr))
{
    struct lethe_qr qr;
    struct lethe_qr_why why;
    uint8_t *part, signature[64];
    size_t len;
    char *text;
    if (lethe_qr_decode(label, strlen(label), &qr, NULL, NULL, NULL, &why) < 0)
        die(why.text);
    change(&qr);
    if (lethe_qr_to_be_signed(&qr, &part, &len, NULL) < 0)
        die("no memory");
    EVP_PKEY *key = support_key(name);
    support_sign(key, part, len, signature);
    lethe_signature_low_s(signature);
    EVP_PKEY_free(key);
    free(part);
    if (lethe_qr_encode(&qr, signature, &text, NULL) < 0)
        die("no memory");
    return text;
}
