/* SPDX-License-Identifier: Apache-2.0 */
#include "carrier/pdf.h"

#include "base/crypto.h"
#include "cert/sdjwt.h"
#include <stdlib.h>
#include <string.h>

/* The page and the certificate in it are signed by the same bench: else anybody could wrap another
 * one's certificate in a page of his own. */
static int signer_check(const struct lethe_pdf_contents *contents, struct lethe_complaint *why)
{
    struct lethe_sdjwt jwt;
    char hash[2 * LETHE_HASH_SIZE + 1];
    int rc = lethe_sdjwt_parse((const char *)contents->sdjwt.data, contents->sdjwt.len, &jwt, why);
    if (rc == 0) {
        lethe_sha256_hex(hash, jwt.chain[0], jwt.chain_len[0]);
        if (strcmp(hash, contents->signer_sha256) != 0)
            rc = lethe_complain(why, "pdf-signer",
                                "the page is signed by another bench than the certificate in it");
    }
    lethe_sdjwt_clear(&jwt);
    return rc;
}

int lethe_pdf_read(const uint8_t *data, size_t len, struct lethe_pdf_contents *out,
                   struct lethe_complaint *why)
{
    struct lethe_pdf_file file;
    memset(out, 0, sizeof(*out));
    int rc = lethe_pdf_open(data, len, &file, why);
    if (rc == 0)
        rc = lethe_pdf_rules(&file, why);
    if (rc == 0)
        rc = lethe_pdf_signature(&file, out->signer_sha256, why);
    if (rc == 0)
        rc = lethe_pdf_attachments(&file, out, why);
    if (rc == 0)
        rc = signer_check(out, why);
    lethe_pdf_close(&file);
    return rc;
}

void lethe_pdf_contents_clear(struct lethe_pdf_contents *contents)
{
    free(contents->sdjwt.data);
    free(contents->proof.data);
    memset(contents, 0, sizeof(*contents));
}
