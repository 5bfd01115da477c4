/* SPDX-License-Identifier: Apache-2.0 */
/* What is it, and what is in it? */
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "carrier/label.h"
#include "carrier/pdf.h"
#include "cert/sdjwt.h"
#include "cert/verdict.h"
#include <lethe/carrier.h>
#include <stdlib.h>
#include <string.h>

/* An SD-JWT, a proof and what JSON needs to quote the latter's line ends. */
#define BUNDLE_MAX (1u << 20)

const char *lethe_carrier_kind_name(enum lethe_carrier_kind kind)
{
    switch (kind) {
    case LETHE_CARRIER_BUNDLE:
        return "bundle";
    case LETHE_CARRIER_PDF:
        return "pdf";
    case LETHE_CARRIER_QR:
        return "qr";
    case LETHE_CARRIER_SDJWT:
        break;
    }
    return "sd-jwt";
}

static int refuse(struct lethe_carrier *out, const struct lethe_complaint *why)
{
    struct lethe_carrier_facts facts = {.kind = out->bundle.carrier.kind};
    lethe_text_format(facts.check.code, sizeof(facts.check.code), "%s", why->code);
    lethe_text_format(facts.check.text, sizeof(facts.check.text), "%s", why->text);
    facts.check.state = LETHE_CHECK_BAD;
    out->bundle = (struct lethe_bundle){.carrier = facts};
    return -LETHE_E_INVALID;
}

/* ---- Bundle ---- */

static int member(const json_t *object, const char *key, size_t max, struct lethe_buf *owned,
                  size_t *len, struct lethe_complaint *why)
{
    const json_t *value = json_object_get(object, key);
    *len = json_string_length(value);
    if (value && (!json_is_string(value) || *len == 0 || *len > max))
        return lethe_complain(why, "bundle", "its \"%s\" is no text that it could be", key);
    if (value && lethe_buf_add(owned, json_string_value(value), *len) < 0)
        return lethe_complain(why, "memory", "memory ran out");
    return 0;
}

static int bundle_open(const char *text, size_t len, struct lethe_carrier *out,
                       struct lethe_complaint *why)
{
    struct lethe_error err = {0};
    struct lethe_buf owned = {0};
    size_t sdjwt, proof = 0, qr = 0;
    LETHE_JSON_AUTO *object = lethe_json_load(text, len, BUNDLE_MAX, &err);
    const char *key;
    json_t *value;
    if (!object)
        return lethe_complain(why, "bundle", "it is no bundle: %s", err.what);
    json_object_foreach(object, key, value)
    {
        if (strcmp(key, "sdjwt") != 0 && strcmp(key, "proof") != 0 && strcmp(key, "qr") != 0)
            return lethe_complain(why, "bundle", "it has \"%.40s\", which no bundle has", key);
    }
    int rc = member(object, "sdjwt", LETHE_SDJWT_MAX, &owned, &sdjwt, why);
    if (rc == 0 && sdjwt == 0)
        rc = lethe_complain(why, "bundle", "there is no \"sdjwt\" in it");
    if (rc == 0)
        rc = member(object, "proof", LETHE_CARRIER_PROOF_MAX, &owned, &proof, why);
    if (rc == 0)
        rc = member(object, "qr", LETHE_QR_MAX, &owned, &qr, why);
    out->owned = owned.data;
    if (rc < 0)
        return rc;
    out->bundle.sdjwt = (struct lethe_span){owned.data, sdjwt};
    if (proof)
        out->bundle.proof = (struct lethe_span){owned.data + sdjwt, proof};
    if (qr)
        out->bundle.qr = (struct lethe_span){owned.data + sdjwt + proof, qr};
    return 0;
}

/* ---- PDF ---- */

static int pdf_open(const char *data, size_t len, struct lethe_carrier *out,
                    struct lethe_complaint *why)
{
    struct lethe_pdf_contents inside;
    LETHE_BUF_AUTO owned = {0};
    int rc = lethe_pdf_read((const uint8_t *)data, len, &inside, why);
    if (rc == 0 && (lethe_buf_add(&owned, inside.sdjwt.data, inside.sdjwt.len) < 0 ||
                    lethe_buf_add(&owned, inside.proof.data, inside.proof.len) < 0))
        rc = lethe_complain(why, "memory", "memory ran out");
    if (rc == 0) {
        size_t sdjwt = inside.sdjwt.len, proof = inside.proof.len;
        out->owned = lethe_buf_take(&owned);
        out->bundle.sdjwt = (struct lethe_span){out->owned, sdjwt};
        if (proof)
            out->bundle.proof = (struct lethe_span){out->owned + sdjwt, proof};
        out->bundle.carrier.check.state = LETHE_CHECK_OK;
        memcpy(out->bundle.carrier.signer_sha256, inside.signer_sha256,
               sizeof(inside.signer_sha256));
    }
    lethe_pdf_contents_clear(&inside);
    return rc;
}

/* ---- */

static enum lethe_carrier_kind sniff(const char *data, size_t len)
{
    static const char pdf[] = "%PDF-", qr[] = LETHE_QR_PREFIX;
    size_t head = len < 1024 ? len : 1024; /* where other readers look for it */
    if (memmem(data, head, pdf, sizeof(pdf) - 1))
        return LETHE_CARRIER_PDF;
    if (len >= sizeof(qr) - 1 && memcmp(data, qr, sizeof(qr) - 1) == 0)
        return LETHE_CARRIER_QR;
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", data[at]) && data[at])
        at++;
    return at < len && data[at] == '{' ? LETHE_CARRIER_BUNDLE : LETHE_CARRIER_SDJWT;
}

int lethe_carrier_open(const void *data, size_t len, struct lethe_carrier *out)
{
    struct lethe_complaint why;
    const char *text = data;
    int rc = 0;
    memset(out, 0, sizeof(*out));
    if (len > LETHE_CARRIER_MAX) {
        lethe_complain(&why, "size", "%zu bytes are more than anything that carries a certificate",
                       len);
        return refuse(out, &why);
    }
    out->bundle.carrier.kind = sniff(text, len);
    switch (out->bundle.carrier.kind) {
    case LETHE_CARRIER_PDF:
        rc = pdf_open(text, len, out, &why);
        break;
    case LETHE_CARRIER_BUNDLE:
        rc = bundle_open(text, len, out, &why);
        break;
    case LETHE_CARRIER_QR:
        out->bundle.qr = (struct lethe_span){text, len};
        break;
    case LETHE_CARRIER_SDJWT:
        out->bundle.sdjwt = (struct lethe_span){text, len};
        break;
    }
    return rc < 0 ? refuse(out, &why) : 0;
}

void lethe_carrier_clear(struct lethe_carrier *carrier)
{
    free(carrier->owned);
    memset(carrier, 0, sizeof(*carrier));
}

void lethe_carrier_verify(const struct lethe_carrier *carrier, const struct lethe_benches *benches,
                          const struct lethe_verify_policy *policy,
                          struct lethe_certificate_report *out)
{
    const struct lethe_bundle *bundle = &carrier->bundle;
    const struct lethe_check *check = &bundle->carrier.check;
    if (check->state == LETHE_CHECK_BAD) {
        memset(out, 0, sizeof(*out));
        out->level = -1;
        lethe_verdict_check(out, &out->carrier,
                            strcmp(check->code, LETHE_PDF_LOT) ? LETHE_VERDICT_INVALID
                                                               : LETHE_VERDICT_UNDETERMINED,
                            check->code, "%s", check->text);
    } else if (bundle->carrier.kind == LETHE_CARRIER_QR) {
        lethe_qr_verify(bundle->qr.text, bundle->qr.len, benches, policy, out);
    } else {
        lethe_bundle_verify(bundle, policy, out);
        if (bundle->qr.text)
            lethe_label_compare(&bundle->qr, out);
    }
}
