/* SPDX-License-Identifier: Apache-2.0 */
/* What lethe-post may write: it hears the network, and whoever takes it over says what they like.
 */
#include <log/post.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_post_answer out;
    uint8_t *exact = malloc(size ? size : 1); /* a byte too far is found */
    if (!exact)
        return 0;
    memcpy(exact, data, size);
    if (lethe_post_answer_parse(exact, size, &out)) {
        if (out.len + LETHE_POST_ANSWER_HEAD != size || out.len > LETHE_POST_ANSWER_MAX ||
            out.body != (const char *)exact + LETHE_POST_ANSWER_HEAD || out.status > 599)
            abort();
        if ((out.result == LETHE_POST_ANSWERED) != (out.status >= 100))
            abort();
    }
    free(exact);
    return 0;
}
