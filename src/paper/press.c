/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/press.h"
#include "base/json.h"
#include "base/program.h"
#include "base/text.h"
#include <stdlib.h>
#include <string.h>

/* A page takes milliseconds, a report of ten thousand devices seconds: beyond this it hangs. */
#define PATIENCE_MS 60000

struct lethe_press {
    struct lethe_program program;
};

int lethe_press_open(struct lethe_press **out, struct lethe_error *err)
{
    char *no_environment[] = {NULL};
    struct lethe_press *press = calloc(1, sizeof(*press));
    if (!press)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = lethe_program_open("lethe-press", no_environment, PATIENCE_MS, &press->program, err);
    if (rc == -LETHE_E_NOT_FOUND) {
        lethe_fail(err, LETHE_E_NOT_FOUND,
                   "the program that draws pages, lethe-press, is not installed");
        lethe_error_remedy(err, "install it beside lethe, or: lethe cert export ID --format html");
    }
    if (rc < 0)
        free(press);
    else
        *out = press;
    return rc;
}

void lethe_press_close(struct lethe_press *press)
{
    if (!press)
        return;
    lethe_program_close(&press->program);
    free(press);
}

static int no_answer(struct lethe_error *err)
{
    int rc = lethe_fail(err, LETHE_E_GONE, "lethe-press gave no page");
    lethe_error_effect(err, "the certificate itself is whole; only its page is missing");
    lethe_error_remedy(err, "lethe cert export ID --format html");
    return rc;
}

static int exchange(const struct lethe_press *press, const char *text, char **out, size_t *out_len,
                    struct lethe_error *err)
{
    size_t len = strlen(text);
    if (len > LETHE_PRESS_REQUEST_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "too much for one report (%zu bytes)", len);
    uint8_t head[5] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                       (uint8_t)len};
    if (!lethe_program_send(&press->program, head, 4) ||
        !lethe_program_send(&press->program, text, len) ||
        !lethe_program_receive(&press->program, head, 5))
        return no_answer(err);
    len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    char *answer = len <= LETHE_PRESS_ANSWER_MAX ? malloc(len + 1) : NULL;
    if (!answer || !lethe_program_receive(&press->program, answer, len)) {
        free(answer);
        return no_answer(err);
    }
    answer[len] = '\0';
    if (head[0] == 0) {
        *out = answer;
        *out_len = len;
        return 0;
    }
    char why[256];
    lethe_text_clean(why, sizeof(why), answer, len);
    free(answer);
    return lethe_fail(err, LETHE_E_INVALID, "%s", why);
}

int lethe_press_draw(struct lethe_press *press, json_t *request, char **out, size_t *out_len,
                     struct lethe_error *err)
{
    char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    int rc = !text    ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
             : !press ? lethe_fail(err, LETHE_E_INTERNAL, "there is no press")
                      : exchange(press, text, out, out_len, err);
    free(text);
    return rc;
}
