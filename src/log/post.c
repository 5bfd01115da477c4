/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking lethe-post for one POST. TLS, name service and what else comes with HTTP is a third of a
 * hundred libraries that hear the network: none of them is in a process that holds a key.
 */
#include "log/post.h"
#include "base/program.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GRACE_MS 2000 /* to start, and to say that time has run out */

bool lethe_post_answer_parse(const uint8_t *data, size_t len, struct lethe_post_answer *out)
{
    if (len < LETHE_POST_ANSWER_HEAD || data[0] > LETHE_POST_FAILED)
        return false;
    out->result = (enum lethe_post_result)data[0];
    out->status = (unsigned)data[1] << 8 | data[2];
    out->len = (size_t)data[3] << 24 | (size_t)data[4] << 16 | (size_t)data[5] << 8 | data[6];
    out->body = (const char *)data + LETHE_POST_ANSWER_HEAD;
    return out->len <= LETHE_POST_ANSWER_MAX && out->len == len - LETHE_POST_ANSWER_HEAD &&
           (out->result == LETHE_POST_ANSWERED ? out->status >= 100 && out->status < 600
                                               : out->status == 0);
}

/* Where the environment says that a proxy is, and whose certificates are believed. */
static void environment(char *out[], size_t n)
{
    static const char *const names[] = {
        "http_proxy=", "https_proxy=", "HTTPS_PROXY=",   "all_proxy=",   "ALL_PROXY=",
        "no_proxy=",   "NO_PROXY=",    "SSL_CERT_FILE=", "SSL_CERT_DIR="};
    size_t used = 0;
    for (char **at = environ; *at; at++)
        for (size_t i = 0; i < sizeof(names) / sizeof(*names) && used + 1 < n; i++)
            if (strncmp(*at, names[i], strlen(names[i])) == 0)
                out[used++] = *at;
    out[used] = NULL;
}

static void put(uint8_t *out, size_t number)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(number >> (24 - 8 * i));
}

static bool hear(const struct lethe_program *program, uint8_t *data,
                 struct lethe_post_answer *answer)
{
    size_t len;
    if (!lethe_program_receive(program, data, LETHE_POST_ANSWER_HEAD))
        return false;
    len = (size_t)data[3] << 24 | (size_t)data[4] << 16 | (size_t)data[5] << 8 | data[6];
    return len <= LETHE_POST_ANSWER_MAX &&
           lethe_program_receive(program, data + LETHE_POST_ANSWER_HEAD, len) &&
           lethe_post_answer_parse(data, LETHE_POST_ANSWER_HEAD + len, answer);
}

static int exchange(const struct lethe_program *program, const char *url, const void *body,
                    size_t len, unsigned timeout_ms, uint8_t *data,
                    struct lethe_post_answer *answer, struct lethe_error *err)
{
    uint8_t head[LETHE_POST_REQUEST_HEAD];
    put(head, strlen(url));
    put(head + 4, len);
    put(head + 8, timeout_ms);
    if (!lethe_program_send(program, head, sizeof(head)) ||
        !lethe_program_send(program, url, strlen(url)) || !lethe_program_send(program, body, len) ||
        !hear(program, data, answer))
        return lethe_fail(err, LETHE_E_GONE, "lethe-post ended without an answer");
    if (answer->result == LETHE_POST_ANSWERED)
        return 0;
    char why[128];
    lethe_text_clean(why, sizeof(why), answer->body, answer->len);
    return lethe_fail(err, answer->result == LETHE_POST_TIMEOUT ? LETHE_E_TIMEOUT : LETHE_E_IO,
                      "%.120s does not answer: %s", url, why);
}

int lethe_http_post(const char *url, const void *body, size_t len, unsigned timeout_ms,
                    unsigned *status, char **answer, size_t *answer_len, struct lethe_error *err)
{
    char *passed[16];
    struct lethe_program program;
    struct lethe_post_answer heard;
    if (strlen(url) > LETHE_POST_URL_MAX || len > LETHE_POST_BODY_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "too much to post (%zu bytes)", len);
    if (timeout_ms > LETHE_POST_MS_MAX)
        timeout_ms = LETHE_POST_MS_MAX;
    uint8_t *data = malloc(LETHE_POST_ANSWER_HEAD + LETHE_POST_ANSWER_MAX);
    if (!data)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    environment(passed, sizeof(passed) / sizeof(*passed));
    int rc = lethe_program_open("lethe-post", passed, timeout_ms + GRACE_MS, &program, err);
    if (rc == 0) {
        rc = exchange(&program, url, body, len, timeout_ms, data, &heard, err);
        lethe_program_close(&program);
    }
    if (rc == 0) {
        *status = heard.status;
        *answer_len = heard.len;
        memmove(data, heard.body, heard.len);
        data[heard.len] = '\0';
        *answer = (char *)data;
        return 0;
    }
    free(data);
    return rc;
}
