/* SPDX-License-Identifier: Apache-2.0 */
#include "view.h"

#include "ask.h"
#include "phone_text.h"
#include "table.h"
#include "terminal.h"
#include "wrap.h"

#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PLAIN_EVERY_MS 5000
#define NDJSON_EVERY_MS 1000
#define ASK_MS 30000

int lethe_view_open(struct lethe_view *view, const struct lethe_cli *cli, bool json, size_t n)
{
    const char *term = getenv("TERM");
    *view = (struct lethe_view){
        .cli = cli,
        .json = json,
        .live = !json && isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0,
        .n = n,
        .rows = calloc(n ? n : 1, sizeof *view->rows),
    };
    if (!view->rows)
        return -LETHE_E_INTERNAL;
    if (view->live)
        lethe_terminal_hush();
    return 0;
}

/* Where a person looks: "sdb usb-0:2", the node and its port without the controller's PCI address.
 * Of paths the end tells them apart. */
static void name_place(struct lethe_view_row *row, const struct lethe_device *device)
{
    const char *name = strrchr(device->target, '/'), *port = device->slot;
    name = name && name[1] ? name + 1 : device->target;
    if (!strncmp(port, "pci-", 4))
        port += strcspn(port + 4, "-") + 4;
    port += *port == '-';
    lethe_text_format(row->place, sizeof row->place, "%s%s%s", name, port[0] ? " " : "", port);
}

void lethe_view_name(struct lethe_view *view, size_t index, const struct lethe_device *device,
                     const struct lethe_plan *plan)
{
    struct lethe_view_row *row = &view->rows[index];
    row->target = device->target;
    name_place(row, device);
    row->plan = plan;
    const struct lethe_profile_set *profiles = view->cli->device_profiles;
    for (size_t i = 0; plan && profiles && i < lethe_profile_count(profiles); i++)
        if (strcmp(lethe_profile_at(profiles, i)->id, plan->profile.id) == 0)
            row->profile = lethe_profile_at(profiles, i);
    const char *model = device->identity.model;
    lethe_text_format(row->device, sizeof row->device, "%s",
                      model[0] ? model : lethe_bus_name(device->identity.bus));
    lethe_text_format(row->step, sizeof row->step, "arming");
}

/* ---- The live table: redrawn in place, never wider or higher than the terminal ---- */

static void undraw(struct lethe_view *view)
{
    if (view->drawn)
        printf("\033[%zuA\r\033[J", view->drawn);
    view->drawn = 0;
}

/* Columns: slot 14, device 17, step 16, % 4, rate 10, time left 8, errors 5, and six blanks = 80
 * - 1 less one: a terminal that wraps at its last column must not. What is wider goes to the
 * target. */
static void format_row(char *out, size_t out_size, size_t columns, const char *const cells[7])
{
    static const size_t widths[7] = {14, 17, 15, 4, 10, 8, 5};
    size_t extra = columns > 80 ? columns - 80 : 0, len = 0;
    if (extra > 40)
        extra = 40;
    for (size_t c = 0; c < 7; c++) {
        char cell[400];
        size_t width = widths[c] + (c == 0 ? extra / 2 : c == 1 ? extra - extra / 2 : 0);
        lethe_table_cell(cell, sizeof cell, cells[c], width);
        lethe_text_format(out + len, out_size - len, "%s%s", c ? " " : "", cell);
        len += strlen(out + len);
    }
    /* On a terminal narrower than 80 the right side is cut. */
    char cut[1200];
    lethe_table_cell(cut, sizeof cut, out, columns - 1);
    lethe_text_format(out, out_size, "%s", cut);
}

static unsigned percent_of(uint64_t done, uint64_t total)
{
    if (total < 100)
        return total ? (unsigned)(done * 100 / total) : 0;
    uint64_t percent = done / (total / 100);
    return percent < 100 || done >= total ? (unsigned)(percent < 100 ? percent : 100) : 99;
}

static void draw_row(const struct lethe_view *view, const struct lethe_view_row *row,
                     size_t columns)
{
    char line[1200], percent[8] = "", rate[40] = "", left[40] = "", errors[24];
    if (row->total && !row->ended) {
        char amount[32];
        lethe_text_format(percent, sizeof percent, "%3u%%", percent_of(row->done, row->total));
        if (row->rate) { /* not known at first */
            lethe_size_format(amount, sizeof amount, row->rate);
            lethe_text_format(rate, sizeof rate, "%s/s", amount);
            lethe_cli_duration(left, sizeof left, row->eta);
        }
    }
    if (row->elapsed && !row->ended) {
        lethe_cli_duration(rate, sizeof rate, row->elapsed);
        if (row->eta)
            lethe_cli_duration(left, sizeof left, row->eta);
    }
    lethe_text_format(errors, sizeof errors, "%" PRIu64, row->errors);
    const char *const cells[7] = {
        row->place, row->device, row->ended ? row->said : row->step, percent, rate, left, errors};
    format_row(line, sizeof line, columns, cells);
    enum lethe_color color = row->ended ? lethe_outcome_color(row->outcome) : LETHE_PLAIN;
    printf("%s%s%s\033[K\n", row->ended ? lethe_color(view->cli, STDOUT_FILENO, color) : "", line,
           row->ended ? lethe_color(view->cli, STDOUT_FILENO, LETHE_PLAIN) : "");
}

static void draw(struct lethe_view *view)
{
    static const char *const titles[7] = {"SLOT", "DEVICE", "STEP", "%", "RATE", "ETA", "ERR"};
    size_t columns, lines;
    char line[1200];
    lethe_terminal_size(STDOUT_FILENO, &columns, &lines);
    undraw(view);
    format_row(line, sizeof line, columns, titles);
    printf("%s%s%s\033[K\n", lethe_color(view->cli, STDOUT_FILENO, LETHE_BOLD), line,
           lethe_color(view->cli, STDOUT_FILENO, LETHE_PLAIN));
    /* Title, rows, summary and the line the cursor stands on. Running ones come first. */
    size_t room = lines > 4 ? lines - 3 : 1, shown = 0, ended = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < view->n; i++) {
            if (view->rows[i].ended != (pass == 1))
                continue;
            ended += view->rows[i].ended;
            if (shown < room) {
                draw_row(view, &view->rows[i], columns);
                shown++;
            }
        }
    char cut[600];
    lethe_text_format(line, sizeof line, "%zu of %zu done%s; Ctrl-C stops", ended, view->n,
                      shown < view->n ? ", not all shown" : "");
    lethe_table_cell(cut, sizeof cut, line, columns - 1);
    printf("%s%s%s\033[K\n", lethe_color(view->cli, STDOUT_FILENO, LETHE_DIM), cut,
           lethe_color(view->cli, STDOUT_FILENO, LETHE_PLAIN));
    view->drawn = shown + 2;
    fflush(stdout);
}

void lethe_view_close(struct lethe_view *view)
{
    if (view->live) {
        undraw(view);
        lethe_terminal_unhush();
    }
    fflush(stdout);
    free(view->rows);
    *view = (struct lethe_view){0};
}

/* ---- The fold ---- */

static void name_step(struct lethe_view_row *row, size_t index, size_t pass)
{
    if (!row->plan || index >= row->plan->n_steps)
        return;
    const struct lethe_step *step = &row->plan->steps[index];
    switch (step->kind) {
    case LETHE_STEP_CANARY:
        lethe_text_format(row->step, sizeof row->step, "canaries");
        break;
    case LETHE_STEP_VERIFY:
        lethe_text_format(row->step, sizeof row->step, "verify");
        break;
    case LETHE_STEP_PREPARE:
        lethe_text_format(row->step, sizeof row->step, "%s", step->technique);
        break;
    case LETHE_STEP_STATE:
        lethe_text_format(row->step, sizeof row->step, "state");
        break;
    case LETHE_STEP_TECHNIQUE:
        if (step->n_passes > 0 && pass < step->n_passes)
            lethe_text_format(row->step, sizeof row->step, "%zu/%zu %s", pass + 1, step->n_passes,
                              step->passes[pass]);
        else
            lethe_text_format(row->step, sizeof row->step, "%s", step->technique);
        break;
    }
}

static uint64_t number(const json_t *body, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(body, key));
    return value > 0 ? (uint64_t)value : 0;
}

static void fold(struct lethe_view_row *row, const struct lethe_event *event)
{
    lethe_text_format(row->job, sizeof row->job, "%s", event->job);
    switch (event->type) {
    case LETHE_EVENT_PROGRESS:
        name_step(row, number(event->body, "step"), number(event->body, "pass"));
        row->done = number(event->body, "done");
        row->total = number(event->body, "total");
        row->errors = number(event->body, "errors");
        row->rate = number(event->body, "rate");
        row->eta = number(event->body, "eta");
        row->elapsed = number(event->body, "elapsed");
        break;
    case LETHE_EVENT_STEP_BEGIN:
        name_step(row, number(event->body, "step"), 0);
        row->done = row->total = row->rate = row->eta = row->elapsed = 0;
        break;
    case LETHE_EVENT_WINDOW_OPEN:
        lethe_text_format(row->step, sizeof row->step, "away");
        row->total = 0;
        break;
    case LETHE_EVENT_WINDOW_CLOSED:
        lethe_text_format(row->step, sizeof row->step, "%s",
                          json_is_true(json_object_get(event->body, "ok")) ? "back" : "not back");
        break;
    case LETHE_EVENT_END:
        lethe_text_format(row->step, sizeof row->step, "signing");
        row->total = 0;
        break;
    default:
        break;
    }
}

/* Is STEP done by the hands of a person? */
static const struct lethe_technique *by_hand(const struct lethe_view_row *row, uint64_t step)
{
    if (!row->plan || step >= row->plan->n_steps ||
        row->plan->steps[step].kind != LETHE_STEP_TECHNIQUE)
        return NULL;
    const struct lethe_technique *technique =
        lethe_technique_find(row->plan->steps[step].technique);
    return technique && technique->flags & LETHE_TECHNIQUE_GUIDED ? technique : NULL;
}

/* Above the table, and to stay there. */
static size_t begin_telling(struct lethe_view *view)
{
    size_t width, lines;
    lethe_terminal_size(STDOUT_FILENO, &width, &lines);
    if (view->live)
        undraw(view);
    return width;
}

/* What the operator is to do now, step by step in the words of its menus. */
static void tell_hands(struct lethe_view *view, const struct lethe_view_row *row,
                       const struct lethe_technique *technique)
{
    char head[300];
    size_t width = begin_telling(view);
    lethe_text_format(head, sizeof head, "%s: ", row->target);
    if (strcmp(view->cli->hand, "zh") != 0)
        lethe_wrap_print(stdout, head, 4, width, "%s", technique->ask);
    if (strcmp(view->cli->hand, "en") != 0)
        lethe_wrap_print(stdout, head, 4, width, "%s", technique->ask_zh);
    lethe_guide_print(row->profile, view->cli->hand, width, stdout);
    fflush(stdout);
}

static void tell_window(struct lethe_view *view, const struct lethe_view_row *row,
                        const json_t *body)
{
    char head[300];
    bool guided = false;
    for (size_t i = 0; row->plan && i < row->plan->n_steps; i++)
        guided = guided || by_hand(row, i);
    size_t width = begin_telling(view);
    lethe_text_format(head, sizeof head, "%s: ", row->target);
    lethe_wrap_print(stdout, head, 4, width, "%s (within %" PRIu64 " min)",
                     guided ? "it is awaited on this port" : lethe_cli_text(body, "ask"),
                     (number(body, "seconds") + 59) / 60);
    fflush(stdout);
}

static void tell_json(struct lethe_view_row *row, const struct lethe_event *event, uint64_t now)
{
    if (event->type == LETHE_EVENT_PROGRESS) {
        if (now - row->told_ms < NDJSON_EVERY_MS)
            return;
        row->told_ms = now;
    }
    json_t *line = lethe_event_to_json(event);
    if (!line)
        return;
    if (!json_object_get(line, "target"))
        json_object_set_new(line, "target", json_string(row->target));
    lethe_cli_print_line(line);
}

static void tell_plain(struct lethe_view_row *row, const struct lethe_event *event, uint64_t now)
{
    if (event->type == LETHE_EVENT_STEP_BEGIN || event->type == LETHE_EVENT_WINDOW_CLOSED) {
        printf("%s: %s\n", row->target, row->step);
    } else if (event->type == LETHE_EVENT_PROGRESS && now - row->told_ms >= PLAIN_EVERY_MS) {
        char rate[32], left[32];
        row->told_ms = now;
        if (row->elapsed) {
            lethe_cli_duration(rate, sizeof rate, row->elapsed);
            lethe_cli_duration(left, sizeof left, row->eta);
            printf("%s: %s, at it for %s%s%s%s\n", row->target, row->step, rate,
                   row->eta ? ", by its own estimate " : "", row->eta ? left : "",
                   row->eta ? " left" : "");
            fflush(stdout);
            return;
        }
        printf("%s: %s %u %%, ", row->target, row->step, percent_of(row->done, row->total));
        if (row->rate) { /* not known at first */
            lethe_size_format(rate, sizeof rate, row->rate);
            lethe_cli_duration(left, sizeof left, row->eta);
            printf("%s/s, %s left, ", rate, left);
        }
        printf("%" PRIu64 " errors\n", row->errors);
    } else {
        return;
    }
    fflush(stdout);
}

void lethe_view_event(void *user, size_t index, const struct lethe_event *event)
{
    struct lethe_view *view = user;
    struct lethe_view_row *row = &view->rows[index];
    uint64_t now = lethe_monotonic_ms();
    fold(row, event);
    if (event->type == LETHE_EVENT_WINDOW_OPEN && !view->json)
        tell_window(view, row, event->body);
    const struct lethe_technique *hands =
        event->type == LETHE_EVENT_STEP_BEGIN ? by_hand(row, number(event->body, "step")) : NULL;
    if (hands && !view->json)
        tell_hands(view, row, hands);
    if (view->json)
        tell_json(row, event, now);
    else if (!view->live)
        tell_plain(row, event, now);
}

void lethe_view_tick(void *user)
{
    struct lethe_view *view = user;
    if (view->live && !view->asking)
        draw(view);
}

/* ---- Attesting ---- */

static void ask_to_attest(struct lethe_view *view, struct lethe_view_row *row, bool here)
{
    size_t width, lines;
    lethe_terminal_size(STDERR_FILENO, &width, &lines);
    row->asked = true;
    lethe_text_format(row->step, sizeof row->step, "attest");
    if (view->json)
        return;
    if (view->live)
        undraw(view);
    lethe_wrap_print(stderr, "", 0, width,
                     "%s: have you reset it, and does it show its first setup screen, without data "
                     "or account of whoever had it before? Then %sfrom another terminal: lethe job "
                     "attest %.13s --operator NAME",
                     row->target, here ? "type your full name and Enter, or " : "", row->job);
    fflush(stderr);
}

/* A whole line, if one was typed by now. */
static bool typed(char *out, size_t out_size)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    return poll(&in, 1, 0) == 1 && lethe_ask_line("", out, out_size) && *out;
}

static void let_type(struct lethe_view *view, bool typing)
{
    if (!view->live || view->asking == typing)
        return;
    view->asking = typing;
    if (typing)
        lethe_terminal_unhush();
    else
        lethe_terminal_hush();
}

int lethe_view_attest(void *user, size_t index, struct lethe_attestation *out)
{
    struct lethe_view *view = user;
    struct lethe_view_row *row = &view->rows[index];
    bool here = !view->json && lethe_ask_possible();
    for (size_t i = 0; here && i < index; i++)
        if (view->rows[i].asked && !view->rows[i].ended)
            return 0; /* one after the other */
    if (!row->asked) {
        ask_to_attest(view, row, here);
        if (here)
            tcflush(STDIN_FILENO, TCIFLUSH); /* typed before the question is no answer to it */
    }
    if (!here)
        return 0;
    let_type(view, true);
    char name[512]; /* more than fits: what is too long is told, and not cut */
    struct lethe_error err = {0};
    if (!typed(name, sizeof name))
        return 0;
    if (lethe_attestation_say(out, name, NULL, &err) < 0) {
        lethe_view_attest_void(user, index, &err);
        return 0;
    }
    let_type(view, false);
    return 1;
}

void lethe_view_attest_void(void *user, size_t index, const struct lethe_error *why)
{
    const struct lethe_view *view = user;
    size_t width, lines;
    lethe_terminal_size(STDERR_FILENO, &width, &lines);
    lethe_wrap_print(stderr, "", 0, width, "%s: not attested: %s; %s", view->rows[index].target,
                     why->what, why->remedy);
    fflush(stderr);
}

enum lethe_interrupt lethe_view_interrupt(void *user)
{
    struct lethe_view *view = user;
    if (!lethe_ask_possible())
        return LETHE_INTERRUPT_ABORT;
    size_t running = 0;
    for (size_t i = 0; i < view->n; i++)
        running += !view->rows[i].ended;
    if (view->live)
        undraw(view);
    fflush(stdout);
    char prompt[200];
    lethe_text_format(prompt, sizeof prompt,
                      "A device stopped half-way is NOT sanitised. Ctrl-C again means yes.\n"
                      "Stop %zu running job%s? [y/N] ",
                      running, running == 1 ? "" : "s");
    return lethe_ask_yes(prompt, ASK_MS) ? LETHE_INTERRUPT_ABORT : LETHE_INTERRUPT_CONTINUE;
}

/* ---- Results ---- */

/* What is open has no outcome yet, and says so. */
static const char *outcome_words(const struct lethe_result *result)
{
    bool none = result->outcome == LETHE_OUTCOME_NONE;
    return none && result->open     ? "still open"
           : none && result->job[0] ? "no certificate yet"
                                    : lethe_outcome_name(result->outcome);
}

json_t *lethe_view_result_to_json(const char *target, const struct lethe_result *result,
                                  bool scanned)
{
    json_t *json = json_pack(
        "{s:s, s:o, s:s, s:s, s:s?, s:s?, s:s?, s:b, s:i}", "type", "result", "target",
        lethe_cli_json_text(target), "outcome", lethe_outcome_name(result->outcome), "method",
        lethe_method_name(result->method), "job", result->job[0] ? result->job : NULL, "substrate",
        scanned ? lethe_substrate_name(result->substrate) : NULL, "certificate",
        result->certificate[0] ? result->certificate : NULL, "policy_met", (int)result->policy_met,
        "exit", lethe_result_exit(result));
    if (json && result->open)
        json_object_set_new(json, "open", json_true());
    if (json && result->error.code)
        json_object_set_new(json, "error", lethe_cli_error_to_json(&result->error));
    if (json && result->page[0])
        json_object_set_new(json, "page", json_string(result->page));
    if (json && result->page_error.code)
        json_object_set_new(json, "page_error", lethe_cli_error_to_json(&result->page_error));
    return json;
}

void lethe_view_result_print(const struct lethe_cli *cli, const char *target,
                             const struct lethe_result *result, bool scanned)
{
    printf("%s: %s%s%s", target,
           lethe_color(cli, STDOUT_FILENO, lethe_outcome_color(result->outcome)),
           outcome_words(result), lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN));
    if (result->method != LETHE_METHOD_NONE)
        printf(", %s", lethe_method_name(result->method));
    if (result->outcome == LETHE_OUTCOME_PASSED ||
        result->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS)
        printf(", policy %s", result->policy_met         ? "met"
                              : result->not_demonstrable ? "NOT met: not demonstrable"
                                                         : "NOT met");
    if (scanned && result->substrate != LETHE_SUBSTRATE_PHYSICAL)
        printf(", %s", lethe_substrate_name(result->substrate));
    putchar('\n');
    if (result->error.code) {
        lethe_wrap_line(stdout, "  ", 4, result->error.what);
        if (result->error.effect[0])
            lethe_wrap_line(stdout, "  effect: ", 4, result->error.effect);
        if (result->error.remedy[0])
            lethe_wrap_line(stdout, "  remedy: ", 4, result->error.remedy);
    }
    if (result->certificate[0])
        printf("  %s: %s\n", result->policy_met ? "certificate" : "record", result->certificate);
    if (result->page[0])
        printf("  page: %s\n", result->page);
    if (result->page_error.code) {
        printf("  no page: %s\n", result->page_error.what);
        if (result->page_error.remedy[0])
            lethe_wrap_line(stdout, "  remedy: ", 4, result->page_error.remedy);
    }
    fflush(stdout);
}

void lethe_view_result(void *user, size_t index, const struct lethe_result *result)
{
    struct lethe_view *view = user;
    struct lethe_view_row *row = &view->rows[index];
    row->ended = true;
    row->outcome = result->outcome;
    row->said = outcome_words(result);
    if (row->asked)
        let_type(view, false);
    if (view->json) {
        lethe_cli_print_line(lethe_view_result_to_json(row->target, result, true));
        return;
    }
    if (view->live)
        undraw(view);
    lethe_view_result_print(view->cli, row->target, result, true);
}
