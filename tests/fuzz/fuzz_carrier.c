/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever carries a certificate: PDFs, bundles, anything. The first byte chooses:
 *   other  the input as it comes
 *   'P'    the objects of a PDF, "\nN:" before each: their table and their trailer are put behind
 *          them, which a fuzzer could not compute
 */
#include "base/buf.h"
#include "carrier/pdf.h"
#include <lethe/carrier.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void open_it(const void *data, size_t size)
{
    struct lethe_carrier carrier;
    int rc = lethe_carrier_open(data, size, &carrier);
    const struct lethe_carrier_facts *facts = &carrier.bundle.carrier;
    if ((rc < 0) != (facts->check.state == LETHE_CHECK_BAD) || (rc < 0 && !facts->check.code[0]) ||
        (rc < 0 && carrier.bundle.sdjwt.text) ||
        (rc == 0 && facts->kind == LETHE_CARRIER_PDF &&
         (!facts->signer_sha256[0] || !carrier.bundle.sdjwt.text)))
        abort();
    lethe_carrier_clear(&carrier);
}

/* Past the skeleton each part is asked, although the others have refused. */
static void look_into(const uint8_t *data, size_t size)
{
    struct lethe_pdf_file file;
    struct lethe_pdf_contents contents = {0};
    struct lethe_complaint why;
    if (lethe_pdf_open(data, size, &file, &why) == 0) {
        lethe_pdf_rules(&file, &why);
        lethe_pdf_signature(&file, contents.signer_sha256, &why);
        lethe_pdf_attachments(&file, &contents, &why);
        lethe_pdf_contents_clear(&contents);
    }
    lethe_pdf_close(&file);
}

static void objects(const uint8_t *data, size_t size)
{
    LETHE_BUF_AUTO out = {0};
    size_t offsets[10] = {0}, n = 1;
    lethe_buf_puts(&out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    for (size_t i = 0; i < size; i++) {
        bool begins = size - i > 2 && data[i] == '\n' && data[i + 1] >= '1' && data[i + 1] <= '9' &&
                      data[i + 2] == ':';
        if (!begins) {
            lethe_buf_add(&out, data + i, 1);
            continue;
        }
        size_t number = (size_t)(data[i + 1] - '0');
        n = number >= n ? number + 1 : n;
        lethe_buf_puts(&out, "\n");
        offsets[number] = out.len;
        lethe_buf_printf(&out, "%zu 0 obj", number);
        i += 2;
    }
    size_t at = out.len;
    lethe_buf_printf(&out, "xref\n0 %zu\n0000000000 65535 f \n", n);
    for (size_t i = 1; i < n; i++)
        lethe_buf_printf(&out, "%010zu 00000 %s \n", offsets[i], offsets[i] ? "n" : "f");
    lethe_buf_printf(&out, "trailer\n<< /Size %zu /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", n,
                     at);
    look_into((const uint8_t *)out.data, out.len);
    open_it(out.data, out.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && *data == 'P') {
        objects(data + 1, size - 1);
    } else {
        look_into(data, size);
        open_it(data, size);
    }
    return 0;
}
