/* SPDX-License-Identifier: Apache-2.0 */
/* I/O on a model needs no system call but those that emu.h promises to who builds the sandbox. */
#include "bench.h"

#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#define FAULTS                                                                                     \
    "[{kind: corrupt, fraction: 1%}, {kind: slow, rate: 1GB}, {kind: stall, seconds: 1, "          \
    "after_writes: 8}, {kind: stale-read}, {kind: drop-fraction, fraction: 50%}, "                 \
    "{kind: bad-block, at_offset: 0}]"

/* Everything else ends the process. */
static int confine(bool writable)
{
    static const int reading[] = {SCMP_SYS(pread64), SCMP_SYS(clock_nanosleep),
                                  SCMP_SYS(clock_gettime), SCMP_SYS(lseek), SCMP_SYS(exit_group)};
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = filter ? 0 : -1;
    for (size_t i = 0; rc == 0 && i < sizeof(reading) / sizeof(*reading); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, reading[i], 0);
    if (rc == 0 && writable)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(pwrite64), 0);
    return rc == 0 ? seccomp_load(filter) : rc;
}

/* In a process of its own, confined after opening: touch all of the device. */
static void work_confined(struct bench *bench, bool writable)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct bench_io opened = bench_io(bench, writable);
        char *data = lethe_io_buffer(65536);
        struct lethe_io_info info;
        if (confine(writable) < 0)
            _exit(3);
        for (uint64_t at = 0; at < MIB; at += 65536) {
            if (writable)
                (void)lethe_io_pwrite(opened.io, data, 65536, at);
            (void)lethe_io_pread(opened.io, data, 65536, at);
        }
        _exit(lethe_io_info(opened.io, &info) == 0 && lethe_io_sync(opened.io) == 0 ? 0 : 4);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void io_needs_few_system_calls(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, FAULTS, "    volatile_cache: true\n");
    work_confined(&bench, true);
    work_confined(&bench, false);
    bench_end(&bench);
}

/* A sanitize from beginning to end, with what it writes, waits for and wipes. */
static void firmware_needs_few_more(void **state)
{
    struct bench bench;
    int status;
    (void)state;
    bench_disk(&bench, "[]", "    controller: {kind: scsi, spare: 64KiB, milliseconds: 20}\n");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct bench_io opened = bench_io(&bench, true);
        struct lethe_command c = {
            .set = LETHE_SET_SCSI, .bytes = {0x48, 0x02}, .n_bytes = 10, .timeout_ms = 5000};
        if (confine(true) < 0)
            _exit(3);
        _exit(lethe_io_command(opened.io, &c) == 0 && c.result == 0 ? 0 : 4);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    work_confined(&bench, false);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(io_needs_few_system_calls),
                                       cmocka_unit_test(firmware_needs_few_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
