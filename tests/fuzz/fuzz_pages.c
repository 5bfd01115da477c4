/* SPDX-License-Identifier: Apache-2.0 */
/* What lethe-press answers: a page that is to be written anew and signed. The process that draws
 * has heard what devices say, so its page is as hostile as they are. */
#include "base/time.h"
#include "paper/pages.h"
#include "paper/pdf_sign.h"
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Everything is written when the key is asked: it refuses. */
static int refuse(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                  struct lethe_error *err)
{
    (void)signer, (void)data, (void)len, (void)out;
    return lethe_fail(err, LETHE_E_REFUSED, "no key here");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct lethe_signer_ops ops = {.name = "none", .sign = refuse};
    static uint8_t certificate[] = {0x30, 0x00};
    struct lethe_signer signer = {
        .ops = &ops, .organisation = "Fuzz & <Co>", .n_chain = 1, .chain = {certificate}};
    signer.chain_len[0] = sizeof(certificate);
    const struct lethe_pdf_attachment file = {"certificate.sdjwt", "text/plain", "Source", "x~", 2};
    const struct lethe_pdf_document document = {.title = "ä中𠀀<",
                                                .lang = "en",
                                                .now = 1795400000000ull,
                                                .n_attachments = 1,
                                                .attachments = &file};
    struct lethe_pages pages;
    if (lethe_pages_open((const char *)data, size, &pages, NULL) == 0) {
        if (pages.root == 0 || pages.root >= pages.n || pages.first >= pages.n ||
            !pages.objects[pages.first].body)
            abort();
        lethe_pages_close(&pages);
    }
    char *out = NULL;
    size_t len;
    if (lethe_pdf_sign((const char *)data, size, &document, &signer, &out, &len, NULL) == 0)
        abort();
    free(out);
    return 0;
}
