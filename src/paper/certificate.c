/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate: drawn from its SD-JWT, and the SD-JWT attached. */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/sdjwt.h"
#include "paper/pdf_sign.h"
#include "paper/press.h"
#include "paper/request.h"
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

static int build(const struct lethe_paper *paper, json_t **out, struct lethe_error *err)
{
    json_t *request;
    int rc =
        lethe_request_new("certificate", paper->lang, paper->logo, paper->logo_len, &request, err);
    if (rc < 0)
        return rc;
    rc = lethe_request_put(request, "sdjwt", paper->sdjwt, paper->sdjwt_len, err);
    if (rc == 0 && paper->qr)
        rc = lethe_request_put(request, "qr", paper->qr, strlen(paper->qr), err);
    json_object_set_new(request, "proof", json_boolean(paper->proof != NULL));
    if (paper->series)
        json_object_set(request, "series", (json_t *)(uintptr_t)paper->series);
    if (rc < 0)
        json_decref(request);
    else
        *out = request;
    return rc;
}

/* A verifier takes a page only from the bench that signed what is in it: anybody else could wrap a
 * certificate of another one in a page of his own. */
static int same_signer(const struct lethe_paper *paper, const struct lethe_signer *signer,
                       struct lethe_error *err)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why;
    int rc = lethe_sdjwt_parse(paper->sdjwt, paper->sdjwt_len, &jwt, &why);
    if (rc < 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s", why.text);
    else if (jwt.chain_len[0] != signer->chain_len[0] ||
             memcmp(jwt.chain[0], signer->chain[0], jwt.chain_len[0]) != 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "another key than this bench has now signed the certificate: nobody would "
                        "believe its page");
        lethe_error_remedy(err, "the page made then is beside the certificate, or: lethe cert "
                                "export ID --format html");
    }
    lethe_sdjwt_clear(&jwt);
    return rc;
}

int lethe_paper_ahead(struct lethe_press *press, const struct lethe_paper *paper,
                      struct lethe_error *err)
{
    json_t *request;
    int rc = build(paper, &request, err);
    return rc < 0 ? rc : lethe_press_ask(press, request, err);
}

int lethe_paper_certificate(struct lethe_press *press, const struct lethe_paper *paper,
                            struct lethe_signer *signer, char **out, size_t *out_len,
                            struct lethe_error *err)
{
    json_t *request;
    LETHE_JSON_AUTO *claims = NULL;
    int rc = same_signer(paper, signer, err);
    if (rc == 0)
        rc = lethe_certificate_decode(paper->sdjwt, paper->sdjwt_len, &claims, err);
    if (rc == 0)
        rc = build(paper, &request, err);
    char *page = NULL, title[128];
    size_t page_len;
    if (rc == 0)
        rc = lethe_press_draw(press, request, &page, &page_len, err);
    if (rc < 0)
        return rc;
    const char *vct = json_string_value(json_object_get(claims, "vct"));
    const char *jti = json_string_value(json_object_get(claims, "jti"));
    const char *outcome = json_string_value(json_object_get(claims, "outcome"));
    lethe_text_format(title, sizeof(title), "%s %s: %s",
                      vct && strcmp(vct, LETHE_VCT_CERTIFICATE) == 0 ? "Certificate" : "Record",
                      jti ? jti : "", outcome ? outcome : "");
    const struct lethe_pdf_attachment files[] = {
        {"certificate.sdjwt", "application/dc+sd-jwt", "Source", paper->sdjwt, paper->sdjwt_len},
        {"certificate.tlog-proof", "text/plain", "Supplement", paper->proof, paper->proof_len}};
    const struct lethe_pdf_document document = {
        .title = title,
        .lang = paper->lang && strcmp(paper->lang, "zh") == 0 ? "zh" : "en",
        .now = lethe_now_ms(),
        .n_attachments = paper->proof ? 2 : 1,
        .attachments = files};
    rc = lethe_pdf_sign(page, page_len, &document, signer, out, out_len, err);
    free(page);
    return rc;
}
