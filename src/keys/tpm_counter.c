/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/tpm_counter.h"

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "keys/tpm.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* TCG, Registry of Reserved TPM 2.0 Handles, section 2.2.2: NV indices of the owner. */
#define FIRST 0x01811001u
#define OURS 64
/* A counter takes milliseconds for one step: a log that grew so far without it gets a new one. */
#define STEPS_MAX 100000

static int counter_path(const char *dir, char out[PATH_MAX], struct lethe_error *err)
{
    struct lethe_key_paths paths;
    int rc = lethe_key_paths(dir, &paths, err);
    return rc < 0 ? rc : lethe_path_join(out, PATH_MAX, paths.trust, "log.counter", err);
}

static int free_index(struct lethe_tpm *tpm, TPM2_HANDLE *out, struct lethe_error *err)
{
    TPMS_CAPABILITY_DATA *data = NULL;
    TSS2_RC rv = Esys_GetCapability(tpm->esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                    TPM2_CAP_HANDLES, FIRST, OURS, NULL, &data);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM cannot be read");
    *out = FIRST;
    for (uint32_t i = 0; i < data->data.handles.count; i++)
        if (data->data.handles.handle[i] == *out)
            ++*out;
    Esys_Free(data);
    return *out < FIRST + OURS ? 0 : lethe_fail(err, LETHE_E_LIMIT, "the TPM has no counter left");
}

static int step(struct lethe_tpm *tpm, ESYS_TR index, struct lethe_error *err)
{
    TSS2_RC rv =
        Esys_NV_Increment(tpm->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
    return rv == TSS2_RC_SUCCESS ? 0 : lethe_tpm_fail(err, rv, "the TPM's counter does not count");
}

static int value(struct lethe_tpm *tpm, ESYS_TR index, uint64_t *out, struct lethe_error *err)
{
    TPM2B_MAX_NV_BUFFER *data = NULL;
    TSS2_RC rv = Esys_NV_Read(tpm->esys, index, index, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                              8, 0, &data);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM's counter cannot be read");
    *out = 0;
    for (int i = 0; i < 8; i++)
        *out = *out << 8 | data->buffer[i];
    Esys_Free(data);
    return 0;
}

/* TPM 2.0 part 1, section 37.2.6.3: a new counter begins beyond every one that was ever there, so
 * that taking one away and making it again does not turn it back. */
static int define(struct lethe_tpm *tpm, TPM2_HANDLE handle, uint64_t *at, struct lethe_error *err)
{
    const TPM2B_AUTH none = {0};
    const TPM2B_NV_PUBLIC public = {
        .nvPublic = {.nvIndex = handle,
                     .nameAlg = TPM2_ALG_SHA256,
                     .attributes = (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT) | TPMA_NV_AUTHREAD |
                                   TPMA_NV_AUTHWRITE | TPMA_NV_OWNERREAD | TPMA_NV_NO_DA,
                     .dataSize = 8}};
    ESYS_TR index = ESYS_TR_NONE;
    TSS2_RC rv = Esys_NV_DefineSpace(tpm->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &none, &public, &index);
    if (rv != TSS2_RC_SUCCESS)
        return lethe_tpm_fail(err, rv, "the TPM makes no counter");
    int rc = step(tpm, index, err);
    if (rc == 0)
        rc = value(tpm, index, at, err);
    Esys_TR_Close(tpm->esys, &index);
    return rc;
}

int lethe_tpm_counter_make(const char *dir, const char *uri, uint64_t at, struct lethe_error *err)
{
    char path[PATH_MAX];
    struct lethe_tpm tpm = {0};
    struct lethe_tpm_uri parsed;
    TPM2_HANDLE handle = 0;
    uint64_t now = 0;
    int rc = counter_path(dir, path, err);
    if (rc == 0 && access(path, F_OK) == 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "this log has a counter: %s", path);
        lethe_error_effect(err, "nothing was changed");
    }
    if (rc == 0 && strncmp(uri, "handle:", 7) != 0)
        rc = lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" names no TPM: handle:?tcti=...", uri);
    if (rc == 0)
        rc = lethe_tpm_uri_parse(uri, NULL, &parsed, err);
    if (rc == 0)
        rc = lethe_tpm_connect(&tpm, parsed.tcti, err);
    if (rc == 0)
        rc = free_index(&tpm, &handle, err);
    if (rc == 0)
        rc = define(&tpm, handle, &now, err);
    lethe_tpm_close(&tpm);
    if (rc < 0)
        return rc;
    /* It may stand below what the log has already: so the difference may be negative. */
    LETHE_JSON_AUTO *line = json_pack("{s:I,s:I,s:s*}", "index", (json_int_t)handle, "offset",
                                      (json_int_t)now - (json_int_t)at, "tcti", parsed.tcti);
    char *text = line ? lethe_json_canonical(line) : NULL;
    rc = text ? lethe_file_write(path, text, strlen(text), 0644, err)
              : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(text);
    return rc;
}

static int line_read(const char *dir, json_t **out, struct lethe_error *err)
{
    char path[PATH_MAX], *text;
    size_t len;
    int rc = counter_path(dir, path, err);
    if (rc == 0 && access(path, F_OK) != 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the log of this bench has no counter in a TPM");
    if (rc == 0)
        rc = lethe_file_read(path, 4096, &text, &len, err);
    if (rc < 0)
        return rc;
    *out = lethe_json_load(text, len, 4096, err);
    free(text);
    return *out ? 0 : -LETHE_E_INVALID;
}

static int raise_to(struct lethe_tpm *tpm, TPM2_HANDLE handle, int64_t offset, uint64_t to,
                    uint64_t *known, struct lethe_error *err)
{
    ESYS_TR index;
    uint64_t now = 0;
    int rc = lethe_tpm_object(tpm, handle, &index, err);
    if (rc == 0)
        rc = value(tpm, index, &now, err);
    if (rc < 0)
        return rc;
    int64_t stands = (int64_t)now - offset;
    *known = stands > 0 ? (uint64_t)stands : 0;
    if (stands > (int64_t)to)
        return lethe_fail(err, LETHE_E_CHANGED,
                          "the TPM has counted %" PRIu64 " entries, %" PRIu64 " are here", *known,
                          to);
    if ((int64_t)to - stands > STEPS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the TPM's counter is too far behind the log");
    for (; rc == 0 && stands < (int64_t)to; stands++)
        rc = step(tpm, index, err);
    return rc;
}

int lethe_tpm_counter_raise(const char *dir, uint64_t to, uint64_t *known, struct lethe_error *err)
{
    LETHE_JSON_AUTO *line = NULL;
    struct lethe_tpm tpm = {0};
    uint64_t handle;
    int rc = line_read(dir, &line, err);
    if (rc == 0)
        rc = lethe_json_u64(line, "index", &handle, err);
    if (rc == 0)
        rc = lethe_tpm_connect(&tpm, json_string_value(json_object_get(line, "tcti")), err);
    if (rc == 0)
        rc = raise_to(&tpm, (TPM2_HANDLE)handle,
                      json_integer_value(json_object_get(line, "offset")), to, known, err);
    lethe_tpm_close(&tpm);
    return rc;
}
