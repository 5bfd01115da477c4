/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm.h"

#include "base/buf.h"
#include "base/text.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

/* TCG, Registry of Reserved TPM 2.0 Handles, section 2.3.1: persistent objects of the owner. */
#define HANDLE_FIRST 0x81000000u
#define HANDLE_LAST 0x817FFFFFu
/* Where we put ours when nobody says where. */
#define OURS_FIRST 0x81010001u
#define OURS 64

/* RFC 3986 section 2.1. */
static bool decode(char *out, size_t out_size, const char *in, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = in[i];
        if (c == '%' && (i + 2 >= len || lethe_hex_decode(&c, 1, in + i + 1, 2) != 1))
            return false;
        if (in[i] == '%')
            i += 2;
        if (!c || n + 1 >= out_size)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

static int uri_failed(struct lethe_error *err, const char *text)
{
    int rc = lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" names no key in a TPM", text);
    lethe_error_remedy(err, "Use handle:0x81010001 (0x81000000 to 0x817fffff), with "
                            "?tcti=device:/dev/tpmrm0, &pin-value= or &pin-source=ask");
    return rc;
}

static bool take_option(struct lethe_tpm_uri *out, const char *at, size_t len, const char *pin)
{
    if (len > 5 && strncmp(at, "tcti=", 5) == 0 && !out->tcti) {
        out->tcti = out->buffers[0];
        return decode(out->buffers[0], sizeof(out->buffers[0]), at + 5, len - 5);
    }
    if (len > 10 && strncmp(at, "pin-value=", 10) == 0 && !out->pin) {
        out->pin = out->buffers[1];
        return decode(out->buffers[1], 33, at + 10, len - 10);
    }
    if (len == 14 && strncmp(at, "pin-source=ask", 14) == 0 && !out->pin) {
        out->asks = true;
        out->pin = out->buffers[1];
        /* userAuth is no longer than the digest of the name (TPM 2.0 part 1, section 27.4) */
        return pin && lethe_text_format(out->buffers[1], 33, "%s", pin);
    }
    return false;
}

int lethe_tpm_uri_parse(const char *text, const char *pin, struct lethe_tpm_uri *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    const char *at = text + strlen("handle:"), *query = strchr(at, '?');
    size_t len = query ? (size_t)(query - at) : strlen(at);
    if (len > 0) {
        uint8_t number[4];
        if (len != 10 || at[0] != '0' || at[1] != 'x' ||
            lethe_hex_decode(number, 4, at + 2, 8) != 4)
            return uri_failed(err, text);
        out->handle = (TPM2_HANDLE)number[0] << 24 | (TPM2_HANDLE)number[1] << 16 |
                      (TPM2_HANDLE)number[2] << 8 | number[3];
        if (out->handle < HANDLE_FIRST || out->handle > HANDLE_LAST)
            return uri_failed(err, text);
    }
    while (query) {
        at = query + 1;
        query = strchr(at, '&');
        len = query ? (size_t)(query - at) : strlen(at);
        if (len == 14 && strncmp(at, "pin-source=ask", 14) == 0 && !pin) {
            int rc = lethe_fail(err, LETHE_E_REFUSED, "the key in the TPM wants a PIN");
            lethe_error_remedy(err, "give it as the passphrase");
            return rc;
        }
        if (!take_option(out, at, len, pin))
            return uri_failed(err, text);
    }
    return 0;
}

static int encode(struct lethe_buf *buf, const char *text)
{
    int rc = 0;
    for (; *text && rc == 0; text++)
        rc = isalnum((unsigned char)*text) || strchr("-._~:/,=", *text)
                 ? lethe_buf_add(buf, text, 1)
                 : lethe_buf_printf(buf, "%%%02x", (unsigned char)*text);
    return rc;
}

char *lethe_tpm_uri_format(const struct lethe_tpm_uri *uri, TPM2_HANDLE handle)
{
    LETHE_BUF_AUTO buf = {0};
    char separator = '?';
    int rc = lethe_buf_printf(&buf, "handle:0x%08x", handle);
    if (rc == 0 && uri->tcti) {
        rc = lethe_buf_printf(&buf, "%ctcti=", separator);
        separator = '&';
        if (rc == 0)
            rc = encode(&buf, uri->tcti);
    }
    if (rc == 0 && uri->pin) {
        rc = lethe_buf_printf(&buf, "%c%s", separator, uri->asks ? "pin-source=ask" : "pin-value=");
        if (rc == 0 && !uri->asks)
            rc = encode(&buf, uri->pin);
    }
    return rc < 0 ? NULL : lethe_buf_take(&buf);
}

int lethe_tpm_fail(struct lethe_error *err, TSS2_RC rv, const char *what)
{
    bool auth =
        (rv & ~TPM2_RC_N_MASK) == TPM2_RC_AUTH_FAIL || (rv & ~TPM2_RC_N_MASK) == TPM2_RC_BAD_AUTH;
    int rc =
        lethe_fail(err, auth ? LETHE_E_REFUSED : LETHE_E_IO, "%s: %s", what, Tss2_RC_Decode(rv));
    if (auth)
        lethe_error_remedy(err, "give the right PIN");
    return rc;
}

int lethe_tpm_connect(struct lethe_tpm *tpm, const char *tcti, struct lethe_error *err)
{
    /* The stack writes to stderr by itself unless it is told not to; our words are enough. */
    setenv("TSS2_LOG", "all+NONE", 0);
    TSS2_RC rv = Tss2_TctiLdr_Initialize(tcti, &tpm->tcti);
    if (rv == TSS2_RC_SUCCESS)
        rv = Esys_Initialize(&tpm->esys, tpm->tcti, NULL);
    if (rv == TSS2_RC_SUCCESS)
        return 0;
    int rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no TPM answers (%s): %s",
                        tcti ? tcti : "the system's own", Tss2_RC_Decode(rv));
    lethe_error_effect(err, "nothing was signed");
    lethe_error_remedy(err, "is it switched on in the firmware, and may you use /dev/tpmrm0 (group "
                            "tss)? Another way to it: ?tcti= in the keyref");
    return rc;
}

void lethe_tpm_close(struct lethe_tpm *tpm)
{
    if (tpm->esys)
        Esys_Finalize(&tpm->esys);
    if (tpm->tcti)
        Tss2_TctiLdr_Finalize(&tpm->tcti);
}

int lethe_tpm_object(struct lethe_tpm *tpm, TPM2_HANDLE handle, ESYS_TR *out,
                     struct lethe_error *err)
{
    TSS2_RC rv =
        Esys_TR_FromTPMPublic(tpm->esys, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, out);
    if (rv == TSS2_RC_SUCCESS)
        return 0;
    return (rv & ~TPM2_RC_N_MASK) == TPM2_RC_HANDLE
               ? lethe_fail(err, LETHE_E_NOT_FOUND, "the TPM has nothing at 0x%08x", handle)
               : lethe_tpm_fail(err, rv, "the TPM cannot be read");
}

int lethe_tpm_free_handle(struct lethe_tpm *tpm, TPM2_HANDLE *out, struct lethe_error *err)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TSS2_RC rv = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    TPM2_CAP_HANDLES, OURS_FIRST, OURS, NULL, &data);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM cannot be read");
    /* They come sorted: the first gap. */
    TPM2_HANDLE next = OURS_FIRST;
    for (uint32_t i = 0; i < data->data.handles.count; i++)
        if (data->data.handles.handle[i] == next)
            next++;
    Esys_Free(data);
    if (next >= OURS_FIRST + OURS)
        return lethe_fail(err, LETHE_E_LIMIT, "the TPM has no handle left for a key");
    *out = next;
    return 0;
}
