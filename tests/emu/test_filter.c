/* SPDX-License-Identifier: Apache-2.0 */
/* lethe_fault_open() over an ordinary io: an image file, as over a real device. */
#include "bench.h"

#include <base/file.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    int fd;
    void *state;
    struct lethe_io *io;
    struct lethe_error err;
};

static int stack(struct fixture *f, const char *faults)
{
    struct lethe_io *lower;
    json_t *list = json_loads(faults, 0, NULL);
    assert_non_null(list);
    assert_int_equal(lethe_io_fd_open(f->fd, true, 0, &lower, &f->err), 0);
    int rc = lethe_fault_open(lower, list, f->state, &f->io, &f->err);
    if (rc < 0)
        lethe_io_close(lower);
    json_decref(list);
    return rc;
}

static void begin(struct fixture *f)
{
    f->fd = memfd_create("device", 0);
    assert_true(f->fd >= 0);
    assert_int_equal(ftruncate(f->fd, (off_t)MIB), 0);
    f->state = mmap(NULL, lethe_emu_state_size(), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(f->state != MAP_FAILED);
}

static void end(struct fixture *f)
{
    munmap(f->state, lethe_emu_state_size());
    close(f->fd);
}

static void faults_stack_on_any_io(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    assert_int_equal(stack(&f,
                           "[{\"kind\":\"drop-writes\",\"from\":524288},{\"kind\":\"bad-block\","
                           "\"at_offset\":\"4KiB\"}]"),
                     0);
    assert_int_equal(bench_fill(f.io, 'n', 8192, MIB - 8192 - 57344), 0);
    assert_true(bench_is(f.io, 'n', 8192, MIB / 2 - 8192));
    assert_true(bench_is(f.io, 0, MIB / 2, 65536));
    assert_int_equal(bench_fill(f.io, 'n', 0, 8192), -EIO);
    lethe_io_close(f.io);
    end(&f);
}

static void counts_are_shared_by_openings(void **state)
{
    struct fixture f;
    int status;
    (void)state;
    begin(&f);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(stack(&f, "[{\"kind\":\"power-cut\",\"after_writes\":2}]") < 0 ||
              bench_fill(f.io, 'n', 0, 2 * 65536) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(stack(&f, "[{\"kind\":\"power-cut\",\"after_writes\":2}]"), 0);
    assert_int_equal(bench_fill(f.io, 'n', 0, 65536), -ENODEV);
    assert_int_equal(lethe_io_sync(f.io), -ENODEV);
    lethe_io_close(f.io);
    end(&f);
}

static void verify_is_an_opening_that_wrote_nothing(void **state)
{
    struct fixture f;
    char *block = lethe_io_buffer(4096);
    (void)state;
    begin(&f);
    assert_int_equal(stack(&f, "[{\"kind\":\"bad-block\",\"during\":\"verify\"}]"), 0);
    assert_int_equal(lethe_io_pread(f.io, block, 4096, 0), -EIO);
    assert_int_equal(lethe_io_pwrite(f.io, block, 4096, 0), 4096);
    assert_int_equal(lethe_io_pread(f.io, block, 4096, 0), 4096);
    lethe_io_close(f.io);
    lethe_io_buffer_free(block);
    end(&f);
}

static void queued_requests_meet_the_faults_too(void **state)
{
    struct fixture f;
    struct lethe_io_request *done;
    (void)state;
    begin(&f);
    assert_int_equal(stack(&f, "[{\"kind\":\"bad-block\",\"at_offset\":4096}]"), 0);
    void *buf = lethe_io_buffer(4096);
    struct lethe_io_request good = {.buf = buf, .len = 4096, .write = true};
    struct lethe_io_request bad = {.buf = buf, .len = 4096, .offset = 4096, .write = true};
    assert_int_equal(lethe_io_submit(f.io, &good), 0);
    assert_int_equal(lethe_io_submit(f.io, &bad), 0);
    assert_int_equal(lethe_io_reap(f.io, &done), 1);
    assert_int_equal(done->result, 4096);
    assert_int_equal(lethe_io_reap(f.io, &done), 1);
    assert_ptr_equal(done, &bad);
    assert_int_equal(done->result, -EIO);
    assert_int_equal(lethe_io_reap(f.io, &done), 0);
    lethe_io_buffer_free(buf);
    lethe_io_close(f.io);
    end(&f);
}

static void what_needs_a_model_is_refused(void **state)
{
    struct fixture f;
    static const char *const lists[] = {"[{\"kind\":\"swap\",\"serial\":\"X\"}]",
                                        "[{\"kind\":\"stale-read\"}]",
                                        "[{\"kind\":\"overlay-reveal\"}]"};
    (void)state;
    begin(&f);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(stack(&f, lists[i]), -LETHE_E_UNSUPPORTED);
    end(&f);
}

static void nonsense_is_refused(void **state)
{
    struct fixture f;
    static const char *const lists[] = {
        "{}",
        "[1]",
        "[{}]",
        "[{\"kind\":7}]",
        "[{\"kind\":\"melt\"}]",
        "[{\"kind\":\"drop-writes\",\"colour\":\"red\"}]",
        "[{\"kind\":\"drop-writes\",\"rate\":\"1MiB\"}]",
        "[{\"kind\":\"drop-fraction\"}]",
        "[{\"kind\":\"drop-fraction\",\"fraction\":\"0%\"}]",
        "[{\"kind\":\"drop-fraction\",\"fraction\":\"101%\"}]",
        "[{\"kind\":\"drop-fraction\",\"fraction\":\"1.%\"}]",
        "[{\"kind\":\"drop-fraction\",\"fraction\":\"1.00001%\"}]",
        "[{\"kind\":\"drop-fraction\",\"fraction\":1}]",
        "[{\"kind\":\"partial-wipe\",\"size\":\"2MiB\"}]",
        "[{\"kind\":\"partial-wipe\",\"size\":\"100\"}]",
        "[{\"kind\":\"partial-wipe\",\"size\":[]}]",
        "[{\"kind\":\"slow\",\"rate\":0}]",
        "[{\"kind\":\"bad-block\",\"from\":8192,\"to\":4096}]",
        "[{\"kind\":\"bad-block\",\"from\":0,\"at_offset\":4096}]",
        "[{\"kind\":\"bad-block\",\"during\":\"lunch\"}]",
        "[{\"kind\":\"bad-block\",\"after_writes\":-1}]",
        "[{\"kind\":\"vanish\",\"variant\":\"loud\"}]",
        "[{\"kind\":\"swap\",\"serial\":\"a\\u0007b\"}]",
        "[{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},"
        "{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},"
        "{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},"
        "{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},{\"kind\":\"stall\"},"
        "{\"kind\":\"stall\"}]",
    };
    (void)state;
    begin(&f);
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        f.err = (struct lethe_error){0};
        if (stack(&f, lists[i]) >= 0)
            fail_msg("accepted: %s", lists[i]);
        assert_true(f.err.what[0]);
    }
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_stack_on_any_io),
        cmocka_unit_test(counts_are_shared_by_openings),
        cmocka_unit_test(verify_is_an_opening_that_wrote_nothing),
        cmocka_unit_test(queued_requests_meet_the_faults_too),
        cmocka_unit_test(what_needs_a_model_is_refused),
        cmocka_unit_test(nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
