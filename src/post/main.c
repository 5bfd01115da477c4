/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lethe-post: reads one POST from a socket (src/log/post.h), makes it, and writes what came back.
 * It talks to the network and so knows nothing: no key, no store, no root, no file to write to.
 */
#include "base/buf.h"
#include "base/program.h"
#include "log/post.h"
#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#define NOBODY 65534
#define AGENT "lethe/" LETHE_VERSION
#define CONNECT_MS 2000
#define MEMORY (512u << 20) /* of addresses: what a thread that asks for a name sets aside */

static const struct lethe_program supervisor = {0, STDIN_FILENO, 5000};

static bool drop_rights(void)
{
    const struct rlimit none = {0, 0}, memory = {MEMORY, MEMORY}, files = {64, 64};
    if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                           setresuid(NOBODY, NOBODY, NOBODY) < 0))
        return false;
    return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_DUMPABLE, 0) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0 &&
           setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_NOFILE, &files) == 0 &&
           (LETHE_SANITIZED || setrlimit(RLIMIT_AS, &memory) == 0);
}

static size_t take(char *data, size_t size, size_t n, void *user)
{
    struct lethe_buf *buf = user;
    if (size * n > LETHE_POST_ANSWER_MAX - buf->len || lethe_buf_add(buf, data, size * n) < 0)
        return 0;
    return size * n;
}

/* No redirects: a witness's address is its operator's word, and nobody else's. */
static bool set_up(CURL *curl, const char *url, const void *body, size_t len, unsigned timeout_ms,
                   struct lethe_buf *answer, const struct curl_slist *headers)
{
    long connect_ms = timeout_ms < CONNECT_MS ? (long)timeout_ms : CONNECT_MS;
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, AGENT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)len) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer) == CURLE_OK;
}

static bool answer(enum lethe_post_result result, unsigned status, const char *body, size_t len)
{
    const uint8_t head[LETHE_POST_ANSWER_HEAD] = {
        (uint8_t)result,      (uint8_t)(status >> 8), (uint8_t)status, (uint8_t)(len >> 24),
        (uint8_t)(len >> 16), (uint8_t)(len >> 8),    (uint8_t)len};
    return lethe_program_send(&supervisor, head, sizeof(head)) &&
           lethe_program_send(&supervisor, body, len);
}

static bool post(const char *url, const void *body, size_t len, unsigned timeout_ms)
{
    LETHE_BUF_AUTO buf = {0};
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain");
    CURL *curl = curl_easy_init();
    CURLcode done = CURLE_FAILED_INIT;
    long status = 0;
    if (curl && headers && set_up(curl, url, body, len, timeout_ms, &buf, headers))
        done = curl_easy_perform(curl);
    if (done == CURLE_OK)
        done = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    if (done == CURLE_OK)
        return answer(LETHE_POST_ANSWERED, (unsigned)status, buf.len ? buf.data : "", buf.len);
    const char *why = curl_easy_strerror(done);
    return answer(done == CURLE_OPERATION_TIMEDOUT ? LETHE_POST_TIMEOUT : LETHE_POST_FAILED, 0, why,
                  strlen(why));
}

static size_t number(const uint8_t *in)
{
    return (size_t)in[0] << 24 | (size_t)in[1] << 16 | (size_t)in[2] << 8 | in[3];
}

int main(int argc, char **argv)
{
    uint8_t head[LETHE_POST_REQUEST_HEAD];
    char url[LETHE_POST_URL_MAX + 1];
    if (argc > 1) {
        puts("lethe-post " LETHE_VERSION);
        return strcmp(argv[1], "--version") == 0 ? 0 : 2;
    }
    if (!drop_rights() || !lethe_program_receive(&supervisor, head, sizeof(head)))
        return 1;
    size_t url_len = number(head), len = number(head + 4), timeout_ms = number(head + 8);
    if (url_len > LETHE_POST_URL_MAX || len > LETHE_POST_BODY_MAX || timeout_ms == 0 ||
        timeout_ms > LETHE_POST_MS_MAX || !lethe_program_receive(&supervisor, url, url_len))
        return 1;
    url[url_len] = '\0';
    char *body = malloc(len + 1);
    bool done = body && lethe_program_receive(&supervisor, body, len) &&
                post(url, body, len, (unsigned)timeout_ms);
    free(body);
    return done ? 0 : 1;
}
