/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS as lockdownd speaks it: on the stream that was plain until now, the phone as the server with
 * the certificate that the host made for its key. Who comes must show the root or the host
 * certificate of that pairing; hosts sign with SHA-1, hence security level 0.
 */
#include "emu/phone/iphone_stream.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>

static X509 *certificate_of(const json_t *trust, const char *which)
{
    const char *pem = json_string_value(json_object_get(trust, which));
    BIO *bio = pem ? BIO_new_mem_buf(pem, -1) : NULL;
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return certificate;
}

static int accept_host(X509_STORE_CTX *context, void *user)
{
    const struct iphone_stream *stream = user;
    const json_t *trust = json_object_get(phone_state(stream->phone), "trust");
    const json_t *host = json_object_get(trust, stream->host);
    static const char *const theirs[] = {"root", "host"};
    for (size_t i = 0; i < 2; i++) {
        X509 *known = certificate_of(host, theirs[i]);
        bool same = known && X509_cmp(known, X509_STORE_CTX_get0_cert(context)) == 0;
        X509_free(known);
        if (same)
            return 1;
    }
    return 0;
}

static SSL *make(struct iphone_stream *stream, X509 *certificate, EVP_PKEY *key)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL *tls = NULL;
    if (!context)
        return NULL;
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, accept_host, stream);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    if (SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0") == 1 &&
        SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
        SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) == 1 &&
        SSL_CTX_use_certificate(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey(context, key) == 1)
        tls = SSL_new(context);
    SSL_CTX_free(context);
    return tls;
}

bool iphone_tls_begin(struct iphone_stream *stream, const char *host)
{
    const json_t *trust = json_object_get(phone_state(stream->phone), "trust");
    X509 *certificate = certificate_of(json_object_get(trust, host), "device");
    EVP_PKEY *key = iphone_key(stream->phone);
    SSL *tls = certificate && key ? make(stream, certificate, key) : NULL;
    BIO *in = tls ? BIO_new(BIO_s_mem()) : NULL, *out = tls ? BIO_new(BIO_s_mem()) : NULL;
    if (in && out) {
        SSL_set_bio(tls, in, out);
        SSL_set_accept_state(tls);
        stream->tls = tls;
    } else {
        BIO_free(in);
        BIO_free(out);
        SSL_free(tls);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return stream->tls;
}

static void flush(struct iphone_stream *stream)
{
    char *data;
    long len = BIO_get_mem_data(SSL_get_wbio(stream->tls), &data);
    if (len > 0 && lethe_buf_add(&stream->out, data, (size_t)len) < 0)
        stream->ended = true;
    (void)BIO_reset(SSL_get_wbio(stream->tls));
}

void iphone_tls_end(struct iphone_stream *stream)
{
    SSL_free(stream->tls);
    stream->tls = NULL;
}

/* The host said goodbye to TLS: so does the phone, and what follows is plain again. */
static void leave(struct iphone_stream *stream)
{
    LETHE_BUF_AUTO rest = {0};
    char *data;
    SSL_shutdown(stream->tls);
    flush(stream);
    long len = BIO_get_mem_data(SSL_get_rbio(stream->tls), &data);
    if (len > 0 && lethe_buf_add(&rest, data, (size_t)len) < 0)
        stream->ended = true;
    iphone_tls_end(stream);
    if (rest.len > 0)
        iphone_hear(stream, rest.data, rest.len);
}

void iphone_tls_feed(struct iphone_stream *stream, const void *data, size_t len)
{
    char plain[16384];
    BIO_write(SSL_get_rbio(stream->tls), data, (int)len);
    while (stream->tls && !stream->ended) {
        ERR_clear_error();
        int got = SSL_read(stream->tls, plain, sizeof(plain));
        int why = got > 0 ? SSL_ERROR_NONE : SSL_get_error(stream->tls, got);
        flush(stream);
        if (SSL_is_init_finished(stream->tls))
            iphone_greet(stream);
        if (got > 0) {
            iphone_hear(stream, plain, (size_t)got);
        } else if (why == SSL_ERROR_ZERO_RETURN) {
            leave(stream);
        } else {
            stream->ended = stream->ended || why != SSL_ERROR_WANT_READ;
            break;
        }
    }
    ERR_clear_error();
}

void iphone_tls_say(struct iphone_stream *stream, const void *data, size_t len)
{
    ERR_clear_error();
    if (len > 0 && SSL_write(stream->tls, data, (int)len) <= 0)
        stream->ended = true;
    flush(stream);
}
