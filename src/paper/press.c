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
    char *asked; /* the request that it has not answered yet, or NULL */
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
    free(press->asked);
    free(press);
}

static int no_answer(struct lethe_error *err)
{
    int rc = lethe_fail(err, LETHE_E_GONE, "lethe-press gave no page");
    lethe_error_effect(err, "the certificate itself is whole; only its page is missing");
    lethe_error_remedy(err, "lethe cert export ID --format html");
    return rc;
}

static bool send_request(const struct lethe_press *press, const char *text)
{
    size_t len = strlen(text);
    const uint8_t head[4] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                             (uint8_t)len};
    return lethe_program_send(&press->program, head, sizeof(head)) &&
           lethe_program_send(&press->program, text, len);
}

static int hear(const struct lethe_press *press, char **out, size_t *out_len,
                struct lethe_error *err)
{
    uint8_t head[5];
    if (!lethe_program_receive(&press->program, head, sizeof(head)))
        return no_answer(err);
    size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
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

/* What it draws for somebody else is thrown away first. */
static int send_anew(struct lethe_press *press, const char *text, struct lethe_error *err)
{
    char *unwanted = NULL;
    size_t len;
    if (strlen(text) > LETHE_PRESS_REQUEST_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "too much for one report (%zu bytes)", strlen(text));
    int rc = press->asked ? hear(press, &unwanted, &len, NULL) : 0;
    free(unwanted);
    free(press->asked);
    press->asked = NULL;
    return rc == -LETHE_E_GONE || !send_request(press, text) ? no_answer(err) : 0;
}

/* TEXT is consumed. */
static int ask(struct lethe_press *press, char *text, struct lethe_error *err)
{
    bool already = press->asked && strcmp(press->asked, text) == 0;
    int rc = already ? 0 : send_anew(press, text, err);
    if (already || rc < 0)
        free(text);
    else
        press->asked = text;
    return rc;
}

int lethe_press_ask(struct lethe_press *press, json_t *request, struct lethe_error *err)
{
    char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    if (text && press)
        return ask(press, text, err);
    int rc = lethe_fail(err, LETHE_E_INTERNAL, text ? "there is no press" : "memory ran out");
    free(text);
    return rc;
}

int lethe_press_draw(struct lethe_press *press, json_t *request, char **out, size_t *out_len,
                     struct lethe_error *err)
{
    int rc = lethe_press_ask(press, request, err);
    if (rc < 0)
        return rc;
    free(press->asked);
    press->asked = NULL;
    return hear(press, out, out_len, err);
}
