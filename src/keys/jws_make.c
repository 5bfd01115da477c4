/* SPDX-License-Identifier: Apache-2.0 */
/* Signing what stands beside certificates: what trust/jws.h reads. */
#include "base/base64.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "keys/internal.h"
#include "trust/es256.h"
#include <stdlib.h>
#include <string.h>

static json_t *header_make(const struct lethe_signer *signer, const char *typ)
{
    json_t *header = json_pack("{s:s,s:s}", "alg", "ES256", "typ", typ), *chain = json_array();
    for (size_t i = 0; i < signer->n_chain; i++) {
        char *text = malloc(LETHE_BASE64_SIZE(signer->chain_len[i]));
        if (text)
            lethe_base64_encode(text, signer->chain[i], signer->chain_len[i]);
        json_array_append_new(chain, text ? json_string(text) : NULL);
        free(text);
    }
    if (signer->n_chain > 0)
        json_object_set(header, "x5c", chain);
    json_decref(chain);
    return header;
}

static int add_part(struct lethe_buf *out, const json_t *json)
{
    char *text = json ? lethe_json_canonical(json) : NULL;
    size_t len = text ? strlen(text) : 0;
    char *coded = text ? malloc(LETHE_B64URL_SIZE(len)) : NULL;
    if (coded)
        lethe_b64url_encode(coded, text, len);
    int rc = coded ? lethe_buf_puts(out, coded) : -LETHE_E_INTERNAL;
    free(text);
    free(coded);
    return rc;
}

int lethe_jws_make(struct lethe_signer *signer, const char *typ, const json_t *claims, char **text,
                   struct lethe_error *err)
{
    uint8_t signature[64];
    char coded[LETHE_B64URL_SIZE(sizeof(signature))];
    LETHE_BUF_AUTO out = {0};
    LETHE_JSON_AUTO *header = header_make(signer, typ);
    int rc = add_part(&out, header);
    if (rc == 0)
        rc = lethe_buf_puts(&out, ".");
    if (rc == 0)
        rc = add_part(&out, claims);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = signer->ops->sign(signer, out.data, out.len, signature, err);
    if (rc < 0)
        return rc;
    lethe_signature_low_s(signature);
    lethe_b64url_encode(coded, signature, sizeof(signature));
    if (lethe_buf_printf(&out, ".%s", coded) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    *text = lethe_buf_take(&out);
    return 0;
}
