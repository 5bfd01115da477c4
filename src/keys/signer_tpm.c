/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench key in a TPM 2.0, at a persistent handle: "handle:0x81010001". It was made there and
 * cannot leave; what is done with it is TPM2_Sign.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "keys/tpm.h"
#include <stdlib.h>
#include <string.h>

struct tpm_signer {
    struct lethe_signer signer; /* first */
    struct lethe_tpm tpm;
    ESYS_TR key;
};

static int tpm_sign(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                    struct lethe_error *err)
{
    struct tpm_signer *self = (struct tpm_signer *)signer;
    const TPMT_SIG_SCHEME scheme = {.scheme = TPM2_ALG_ECDSA,
                                    .details.ecdsa.hashAlg = TPM2_ALG_SHA256};
    /* Not hashed by the TPM: an unrestricted key signs what it is given. */
    const TPMT_TK_HASHCHECK outside = {.tag = TPM2_ST_HASHCHECK, .hierarchy = TPM2_RH_NULL};
    TPM2B_DIGEST digest = {.size = LETHE_HASH_SIZE};
    TPMT_SIGNATURE *made = NULL;
    lethe_sha256(digest.buffer, data, len);
    TSS2_RC rv = Esys_Sign(self->tpm.esys, self->key, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                           &digest, &scheme, &outside, &made);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM does not sign");
    const TPM2B_ECC_PARAMETER *r = &made->signature.ecdsa.signatureR,
                              *s = &made->signature.ecdsa.signatureS;
    bool ok = r->size <= 32 && s->size <= 32;
    memset(out, 0, 64);
    if (ok) { /* without leading zeros */
        memcpy(out + 32 - r->size, r->buffer, r->size);
        memcpy(out + 64 - s->size, s->buffer, s->size);
    }
    Esys_Free(made);
    return ok ? 0 : lethe_fail(err, LETHE_E_INVALID, "the TPM's signature is none of P-256");
}

static void tpm_close(struct lethe_signer *signer)
{
    lethe_tpm_close(&((struct tpm_signer *)signer)->tpm);
    free(signer);
}

static const struct lethe_signer_ops tpm_ops = {"handle", tpm_sign, tpm_close};

static int public_of(const TPM2B_PUBLIC *area, EVP_PKEY **out, struct lethe_error *err)
{
    const TPMT_PUBLIC *public = &area->publicArea;
    const TPM2B_ECC_PARAMETER *x = &public->unique.ecc.x, *y = &public->unique.ecc.y;
    uint8_t point[64] = {0};
    *out = NULL;
    if (public->type == TPM2_ALG_ECC &&
        public->parameters.eccDetail.curveID == TPM2_ECC_NIST_P256 && x->size <= 32 &&
        y->size <= 32 && (public->objectAttributes & TPMA_OBJECT_SIGN_ENCRYPT) &&
        !(public->objectAttributes & TPMA_OBJECT_RESTRICTED)) {
        memcpy(point + 32 - x->size, x->buffer, x->size);
        memcpy(point + 64 - y->size, y->buffer, y->size);
        *out = lethe_p256_public(point, point + 32);
    }
    return *out ? 0
                : lethe_fail(err, LETHE_E_INVALID,
                             "the object at that handle is no P-256 key that signs anything");
}

static int key_load(struct tpm_signer *self, TPM2_HANDLE handle, EVP_PKEY **out,
                    struct lethe_error *err)
{
    TPM2B_PUBLIC *area = NULL;
    int rc = lethe_tpm_object(&self->tpm, handle, &self->key, err);
    if (rc < 0)
        return rc;
    TSS2_RC rv = Esys_ReadPublic(self->tpm.esys, self->key, ESYS_TR_NONE, ESYS_TR_NONE,
                                 ESYS_TR_NONE, &area, NULL, NULL);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the key in the TPM cannot be read");
    rc = public_of(area, out, err);
    Esys_Free(area);
    return rc;
}

/* A primary key of the owner: it follows from the TPM's seed and this template, so what makes it
 * another one each time is chance in `unique`. */
static int key_make(struct tpm_signer *self, TPM2_HANDLE handle, const char *pin,
                    struct lethe_error *err)
{
    TPM2B_SENSITIVE_CREATE sensitive = {0};
    TPM2B_PUBLIC template = {
        .publicArea = {
            .type = TPM2_ALG_ECC,
            .nameAlg = TPM2_ALG_SHA256,
            .objectAttributes = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
                                TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH |
                                TPMA_OBJECT_SIGN_ENCRYPT,
            .parameters.eccDetail = {.symmetric.algorithm = TPM2_ALG_NULL,
                                     .scheme = {.scheme = TPM2_ALG_ECDSA,
                                                .details.ecdsa.hashAlg = TPM2_ALG_SHA256},
                                     .curveID = TPM2_ECC_NIST_P256,
                                     .kdf.scheme = TPM2_ALG_NULL},
            .unique.ecc = {.x.size = 32, .y.size = 32}}};
    const TPM2B_DATA outside = {0};
    const TPML_PCR_SELECTION pcrs = {0};
    ESYS_TR made = ESYS_TR_NONE, kept = ESYS_TR_NONE;
    lethe_random(template.publicArea.unique.ecc.x.buffer, 32);
    lethe_random(template.publicArea.unique.ecc.y.buffer, 32);
    if (pin) {
        sensitive.sensitive.userAuth.size = (uint16_t)strlen(pin);
        memcpy(sensitive.sensitive.userAuth.buffer, pin, strlen(pin));
    }
    TSS2_RC rv = Esys_CreatePrimary(self->tpm.esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                    ESYS_TR_NONE, ESYS_TR_NONE, &sensitive, &template, &outside,
                                    &pcrs, &made, NULL, NULL, NULL, NULL);
    lethe_wipe(&sensitive, sizeof(sensitive));
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM makes no key");
    rv = Esys_EvictControl(self->tpm.esys, ESYS_TR_RH_OWNER, made, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                           ESYS_TR_NONE, handle, &kept);
    Esys_FlushContext(self->tpm.esys, made);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM has no room for the key");
    Esys_TR_Close(self->tpm.esys, &kept);
    return 0;
}

static int key_want(struct tpm_signer *self, const struct lethe_tpm_uri *uri, TPM2_HANDLE *handle,
                    struct lethe_error *err)
{
    *handle = uri->handle;
    int rc = uri->handle ? lethe_tpm_object(&self->tpm, uri->handle, &self->key, NULL)
                         : lethe_tpm_free_handle(&self->tpm, handle, err);
    if (rc < 0 && rc != -LETHE_E_NOT_FOUND)
        return rc;
    bool there = uri->handle && rc == 0;
    return there ? 0 : key_make(self, *handle, uri->pin, err);
}

static int tpm_open(struct tpm_signer *self, const struct lethe_tpm_uri *uri, bool make,
                    char **stored, EVP_PKEY **public, struct lethe_error *err)
{
    TPM2_HANDLE handle = uri->handle;
    TPM2B_AUTH auth = {0};
    int rc = lethe_tpm_connect(&self->tpm, uri->tcti, err);
    if (rc == 0 && make)
        rc = key_want(self, uri, &handle, err);
    if (rc == 0 && !handle)
        rc = lethe_fail(err, LETHE_E_USAGE, "the keyref names no handle");
    if (rc == 0)
        rc = key_load(self, handle, public, err);
    if (rc < 0)
        return rc;
    if (uri->pin) {
        auth.size = (uint16_t)strlen(uri->pin);
        memcpy(auth.buffer, uri->pin, auth.size);
        Esys_TR_SetAuth(self->tpm.esys, self->key, &auth);
        lethe_wipe(&auth, sizeof(auth));
    }
    if (stored && !(*stored = lethe_tpm_uri_format(uri, handle)))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return rc;
}

int lethe_tpm_open(const char *text, const char *pin, bool make, char **stored,
                   struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err)
{
    struct lethe_tpm_uri uri;
    EVP_PKEY *found = NULL;
    struct tpm_signer *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->signer.ops = &tpm_ops;
    int rc = lethe_tpm_uri_parse(text, pin, &uri, err);
    if (rc == 0)
        rc = tpm_open(self, &uri, make, stored, &found, err);
    lethe_wipe(&uri, sizeof(uri));
    if (rc < 0) {
        EVP_PKEY_free(found);
        tpm_close(&self->signer);
        return rc;
    }
    if (public)
        *public = found;
    else
        EVP_PKEY_free(found);
    *out = &self->signer;
    return 0;
}
