/* SPDX-License-Identifier: Apache-2.0 */
#include "live.h"

#include <base/file.h>
#include <base/json.h>
#include <base/program.h>
#include <base/text.h>
#include <base/time.h>
#include <device/ios.h>
#include <emu/phone/iphone.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <io/phone/phone.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <worker/worker.h>

#define POLL_MS 50

void live_muxd(struct live *live, bool runs)
{
    char program[PATH_MAX];
    const char *argv[] = {"lethe-phone", "muxd",
                          "--memory",    live->memory,
                          "--socket",    live->upstream,
                          "--records",   live->records,
                          "--tied",      live->preflight ? "--preflight" : NULL,
                          NULL};
    int pair[2], status = 0;
    pid_t pid = 0;
    if (live->phone >= 0)
        close(live->phone);
    live->phone = -1;
    if (!runs)
        return;
    assert_int_equal(lethe_program_find("lethe-phone", program, sizeof(program), NULL), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(
        lethe_program_spawn(program, (char *const *)(uintptr_t)argv, environ, pair[1], 3, &pid), 0);
    close(pair[1]);
    live->phone = pair[0];
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

void live_begin(struct live *live, const char *personality, const char *with)
{
    char text[1024], file[128];
    struct lethe_error err = {0};
    *live = (struct live){.dir = "/tmp/lethe-iphone-XXXXXX", .phone = -1};
    assert_non_null(mkdtemp(live->dir));
    assert_true(lethe_text_format(text, sizeof(text),
                                  "devices:\n"
                                  "  - name: pocket\n"
                                  "    phone:\n"
                                  "      personality: %s\n"
                                  "%s",
                                  personality, with));
    lethe_text_format(file, sizeof(file), "%s/bench.yaml", live->dir);
    lethe_text_format(live->memory, sizeof(live->memory), "%s.pocket.phone", file);
    lethe_text_format(live->upstream, sizeof(live->upstream), "%s/usbmuxd", live->dir);
    lethe_text_format(live->records, sizeof(live->records), "%s/records", live->dir);
    lethe_text_format(live->record, sizeof(live->record), "%s/record", live->dir);
    assert_int_equal(lethe_file_write(file, text, strlen(text), 0600, NULL), 0);
    if (lethe_emu_load(file, &live->list, &err) < 0)
        fail_msg("%s", err.what);
    lethe_text_format(live->udid, sizeof(live->udid), "%s",
                      live->list.devices[0].identity.identifiers[0].value);
    live_muxd(live, true);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void live_end(struct live *live)
{
    live_muxd(live, false);
    lethe_device_list_clear(&live->list);
    /* Its usbmuxd is about to take its own socket away, and the directory if nothing else is left
     * in it. */
    for (int i = 0; access(live->dir, F_OK) == 0 && i < 100; i++, usleep(20000))
        nftw(live->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_not_equal(access(live->dir, F_OK), 0);
}

/* In the process of its own. */
static void work_apart(const struct lethe_io_spec *spec, live_work *work, const json_t *argument,
                       int out)
{
    struct lethe_io *io = NULL;
    struct lethe_error err = {0};
    lethe_phone_io_use(&lethe_phone_io_real);
    json_t *answer = NULL;
    static const struct lethe_driver phone = {.phone = true};
    struct lethe_cell cell = {.role = LETHE_ROLE_VERIFY};
    struct lethe_sandbox sandbox;
    if (lethe_mux_open(spec, &io, &err) == 0 && lethe_cell_of_phone(&phone, io, &cell) &&
        lethe_sandbox_enter(&cell, &sandbox, &err) == 0)
        answer = work(io, argument);
    else
        fprintf(stderr, "%s\n", err.what);
    lethe_io_close(io);
    char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
    if (text)
        (void)!write(out, text, strlen(text));
    _exit(text ? 0 : 1);
}

json_t *live_do(struct live *live, live_work *work, const json_t *argument)
{
    struct lethe_mux_order order = {.run = live->dir,
                                    .udid = live->udid,
                                    .upstream = live->upstream,
                                    .record = live->record,
                                    .pairing = live->pairing,
                                    .borrow = live->borrow};
    struct lethe_mux_leash leash;
    struct lethe_io_spec spec;
    struct lethe_error err = {0};
    static char text[65536];
    int pipes[2], status;
    size_t len = 0;
    if (lethe_mux_start(&order, &leash, &err) < 0)
        fail_msg("%s", err.what);
    assert_int_equal(lethe_mux_spec(&leash, "ios", live->udid, true, &spec, &err), 0);
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        work_apart(&spec, work, argument, pipes[1]);
    close(pipes[1]);
    for (ssize_t n; len < sizeof(text) && (n = read(pipes[0], text + len, sizeof(text) - len)) > 0;)
        len += (size_t)n;
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    lethe_io_spec_close(&spec);
    lethe_mux_stop(&leash);
    return WIFEXITED(status) ? json_loadb(text, len, JSON_DECODE_ANY, NULL) : NULL;
}

static json_t *pair(struct lethe_io *io, const json_t *argument)
{
    struct lethe_apple_answer answer = {0};
    for (json_int_t i = 0; i < json_integer_value(argument); i++) {
        io->ops->apple->pair(io, LETHE_APPLE_MS, &answer);
        if (lethe_apple_pairing_of(&answer) != LETHE_PAIRING_DIALOG)
            break;
    }
    return json_pack("{s:s, s:s}", "end", lethe_apple_end_name(answer.end), "error", answer.error);
}

json_t *live_pair(struct live *live, int tries)
{
    json_t *argument = json_integer(tries);
    live->pairing = true;
    json_t *answer = live_do(live, pair, argument);
    live->pairing = false;
    json_decref(argument);
    return answer;
}

static int on_intent(void *user, const char *action, json_t *detail)
{
    (void)user, (void)action;
    json_decref(detail);
    return 0;
}

static struct lethe_run run_of(struct lethe_io *io)
{
    static const uint8_t secret[32] = {7};
    return (struct lethe_run){.io = io,
                              .seed = secret,
                              .sample_key = secret,
                              .job = "0190a0a0-0000-7000-8000-000000000001",
                              .poll_ms = POLL_MS,
                              .report = {.intent = on_intent}};
}

static json_t *erase(struct lethe_io *io, const json_t *argument)
{
    const struct lethe_technique *technique =
        lethe_technique_find(json_string_value(json_object_get(argument, "technique")));
    struct lethe_run run = run_of(io);
    struct lethe_error err = {0};
    json_t *evidence = NULL;
    run.keep_esim = json_is_true(json_object_get(argument, "keep_esim"));
    int rc = technique->start(&run, &err);
    while (rc >= 0 && (rc = technique->step(&run, &err)) > 0)
        ;
    if (rc == 0)
        rc = technique->attest(&run, &evidence, &err);
    technique->stop(&run);
    return json_pack("{s:i, s:s, s:o*}", "rc", rc, "what", err.what, "evidence", evidence);
}

json_t *live_erase(struct live *live, const char *technique)
{
    json_t *argument = json_pack("{s:s}", "technique", technique);
    json_t *answer = live_do(live, erase, argument);
    json_decref(argument);
    return answer;
}

static json_t *observe(struct lethe_io *io, const json_t *argument)
{
    const struct lethe_technique *technique =
        lethe_technique_find(json_string_value(json_object_get(argument, "technique")));
    struct lethe_run run = run_of(io);
    struct lethe_error err = {0};
    json_t *findings = NULL;
    run.intent = json_object_get(argument, "evidence");
    return technique->observe(&run, &findings, &err) == 0 ? findings : NULL;
}

json_t *live_observe(struct live *live, const char *technique, const json_t *evidence)
{
    json_t *argument = json_pack("{s:s, s:O}", "technique", technique, "evidence", evidence);
    json_t *answer = live_do(live, observe, argument);
    json_decref(argument);
    return answer;
}

void live_forget(struct live *live)
{
    unlink(live->record);
}

bool live_returned(struct live *live, unsigned ms)
{
    uint64_t until = lethe_monotonic_ms() + ms;
    struct phone phone;
    assert_int_equal(phone_open(live->memory, &phone, NULL), 0);
    bool back = false;
    while (!back && lethe_monotonic_ms() < until) {
        usleep(20000);
        assert_int_equal(phone_read(&phone, NULL), 0);
        back = phone_generation(&phone) > 1 && !phone_is_away(&phone);
    }
    phone_close(&phone);
    return back;
}

json_int_t live_remains(struct live *live)
{
    json_t *remains = NULL;
    assert_int_equal(lethe_emu_remains(&live->list.devices[0], &remains, NULL), 0);
    json_int_t n = json_integer_value(json_object_get(remains, "userdata"));
    json_decref(remains);
    return n;
}
