/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes between us and lethe-post, over one stream socket, numbers in 4 bytes, big endian:
 *
 *   there  length of URL, length of body, milliseconds; URL; body
 *   back   1 byte (enum lethe_post_result), 2 bytes of HTTP status, length of what follows; the
 *          answer's body, or the words of what went wrong; then the end of the stream
 *
 * One POST a process: it is made for that, and ends.
 */
#ifndef LETHE_LOG_POST_H
#define LETHE_LOG_POST_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_POST_URL_MAX 512
#define LETHE_POST_BODY_MAX (256u << 10)
#define LETHE_POST_ANSWER_MAX (64u << 10)
#define LETHE_POST_MS_MAX 60000
#define LETHE_POST_REQUEST_HEAD 12
#define LETHE_POST_ANSWER_HEAD 7

enum lethe_post_result { LETHE_POST_ANSWERED, LETHE_POST_TIMEOUT, LETHE_POST_FAILED };

struct lethe_post_answer {
    enum lethe_post_result result;
    unsigned status; /* of HTTP, 100 to 599; 0 where there was no answer */
    const char *body;
    size_t len;
};
/* All that lethe-post wrote. False: not an answer as above. */
bool lethe_post_answer_parse(const uint8_t *data, size_t len, struct lethe_post_answer *out);

/* One POST of text. *STATUS of HTTP; what it answered: free(*answer). */
int lethe_http_post(const char *url, const void *body, size_t len, unsigned timeout_ms,
                    unsigned *status, char **answer, size_t *answer_len, struct lethe_error *err);

#endif
