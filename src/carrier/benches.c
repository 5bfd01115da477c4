/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/carrier.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define BENCHES_MAX 4096

static int add(struct lethe_benches *benches, uint8_t *der, size_t len, struct lethe_error *err)
{
    if (benches->n >= BENCHES_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "more than %d bench certificates", BENCHES_MAX);
    uint8_t **ders = realloc(benches->der, (benches->n + 1) * sizeof(*ders));
    if (ders)
        benches->der = ders;
    size_t *lens = realloc(benches->len, (benches->n + 1) * sizeof(*lens));
    if (lens)
        benches->len = lens;
    uint8_t *copy = malloc(len);
    if (!ders || !lens || !copy) {
        free(copy);
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    memcpy(copy, der, len);
    benches->der[benches->n] = copy;
    benches->len[benches->n++] = len;
    return 0;
}

int lethe_benches_add_pem(struct lethe_benches *benches, const char *pem, size_t len,
                          struct lethe_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem, len > 1 << 24 ? 1 << 24 : (int)len);
    X509 *cert;
    int n = 0, rc = bio ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    ERR_clear_error();
    while (rc == 0 && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        uint8_t *der = NULL;
        int der_len = i2d_X509(cert, &der);
        rc = der_len > 0 ? add(benches, der, (size_t)der_len, err)
                         : lethe_fail(err, LETHE_E_INVALID, "certificate %d is broken", n + 1);
        OPENSSL_free(der);
        X509_free(cert);
        n++;
    }
    /* The reading ends where no further certificate begins; a broken one is no such end. */
    unsigned long last = ERR_peek_last_error();
    if (rc == 0 &&
        !(ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE))
        rc = lethe_fail(err, LETHE_E_INVALID, "certificate %d in it is broken", n + 1);
    else if (rc == 0 && n == 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "no PEM certificate in it");
    BIO_free(bio);
    ERR_clear_error();
    return rc;
}

void lethe_benches_clear(struct lethe_benches *benches)
{
    for (size_t i = 0; i < benches->n; i++)
        free(benches->der[i]);
    free(benches->der);
    free(benches->len);
    memset(benches, 0, sizeof(*benches));
}
