/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a TPM 2.0 (TCG TSS 2.0 ESAPI), and the URIs that name what is in it:
 * handle:[0x81010001][?tcti=NAME:CONF&pin-value=AUTH&pin-source=ask], percent-encoded. */
#ifndef LETHE_KEYS_TPM_H
#define LETHE_KEYS_TPM_H

#include "keys/internal.h"
#include <tss2/tss2_esys.h>

struct lethe_tpm {
    TSS2_TCTI_CONTEXT *tcti;
    ESYS_CONTEXT *esys;
};

struct lethe_tpm_uri {
    TPM2_HANDLE handle; /* 0: none is named */
    const char *tcti;   /* NULL: the system's */
    const char *pin;    /* NULL: none */
    bool asks;
    char buffers[3][256];
};
/* PIN: what somebody typed, where the URI asks. */
int lethe_tpm_uri_parse(const char *text, const char *pin, struct lethe_tpm_uri *out,
                        struct lethe_error *err);
/* The same with HANDLE. free(). */
char *lethe_tpm_uri_format(const struct lethe_tpm_uri *uri, TPM2_HANDLE handle);

int lethe_tpm_connect(struct lethe_tpm *tpm, const char *tcti, struct lethe_error *err);
void lethe_tpm_close(struct lethe_tpm *tpm);
int lethe_tpm_fail(struct lethe_error *err, TSS2_RC rv, const char *what);
/* What is at HANDLE (persistent or NV). -LETHE_E_NOT_FOUND. */
int lethe_tpm_object(struct lethe_tpm *tpm, TPM2_HANDLE handle, ESYS_TR *out,
                     struct lethe_error *err);
/* A persistent handle that is free, of the owner's range. */
int lethe_tpm_free_handle(struct lethe_tpm *tpm, TPM2_HANDLE *out, struct lethe_error *err);

#endif
