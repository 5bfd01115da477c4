/* SPDX-License-Identifier: Apache-2.0 */
/* One POST over http or https, bounded in time and size; no redirects, no cookies, no proxies of
 * anybody's choice but the environment's. */
#include "base/buf.h"
#include "log/internal.h"
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 65536
#define AGENT "lethe/" LETHE_VERSION

static size_t take(char *data, size_t size, size_t n, void *user)
{
    struct lethe_buf *buf = user;
    if (size * n > ANSWER_MAX - buf->len || lethe_buf_add(buf, data, size * n) < 0)
        return 0;
    return size * n;
}

static bool set_up(CURL *curl, const char *url, const void *body, size_t len, unsigned timeout_ms,
                   struct lethe_buf *answer)
{
    long connect_ms = timeout_ms < 2000 ? (long)timeout_ms : 2000;
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
}

int lethe_http_post(const char *url, const void *body, size_t len, unsigned timeout_ms,
                    long *status, char **type, char **answer, size_t *answer_len,
                    struct lethe_error *err)
{
    LETHE_BUF_AUTO buf = {0};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain");
    CURL *curl = curl_easy_init();
    CURLcode done = CURLE_FAILED_INIT;
    const char *content = NULL;
    if (curl && headers && set_up(curl, url, body, len, timeout_ms, &buf) &&
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK)
        done = curl_easy_perform(curl);
    int rc = 0;
    if (done != CURLE_OK)
        rc = lethe_fail(err, done == CURLE_OPERATION_TIMEDOUT ? LETHE_E_TIMEOUT : LETHE_E_IO,
                        "%.120s does not answer: %s", url, curl_easy_strerror(done));
    if (rc == 0) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &content);
        *type = strdup(content ? content : "");
        *answer_len = buf.len;
        *answer = lethe_buf_take(&buf);
        if (!*type || !*answer)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return rc;
}
