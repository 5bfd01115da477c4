/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on real block devices (loop, root). */
#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skip.h"

#define SIZE ((uint64_t)8 << 20)

static struct test_loop loop, other;

static void need_loop(struct test_loop *wanted)
{
    const char *why = test_loop_attach(wanted, SIZE);
    if (why) {
        lethe_test_skip("%s", why);
    }
}

static int tear_down(void **state)
{
    (void)state;
    test_loop_detach(&loop);
    test_loop_detach(&other);
    return 0;
}

static void claimed_once(void **state)
{
    (void)state;
    struct lethe_error err;
    struct lethe_block_facts facts;
    need_loop(&loop);
    int claim = lethe_block_claim(loop.node, &err);
    assert_true(claim >= 0);
    assert_int_equal(lethe_block_claim(loop.node, &err), -LETHE_E_BUSY);
    assert_non_null(strstr(err.what, loop.node));
    assert_true(err.remedy[0] != '\0');
    assert_int_equal(lethe_block_facts(claim, &facts, &err), 0);
    assert_int_equal(facts.capacity, SIZE);
    assert_int_equal(facts.logical_block, 512);
    assert_true(facts.physical_block >= 512);
    close(claim);
    claim = lethe_block_claim(loop.node, &err);
    assert_true(claim >= 0);
    close(claim);
}

static void reopened_as_the_same_device(void **state)
{
    (void)state;
    struct lethe_error err;
    need_loop(&loop);
    need_loop(&other);
    int claim = lethe_block_claim(loop.node, &err);
    assert_true(claim >= 0);
    int writer = lethe_block_reopen(loop.node, claim, true, &err);
    int reader = lethe_block_reopen(loop.node, claim, false, &err);
    assert_true(writer >= 0 && reader >= 0);
    assert_int_equal(fcntl(writer, F_GETFL) & (O_ACCMODE | O_DIRECT), O_RDWR | O_DIRECT);
    assert_int_equal(fcntl(reader, F_GETFL) & (O_ACCMODE | O_DIRECT), O_RDONLY | O_DIRECT);
    assert_int_equal(lethe_block_reopen(other.node, claim, true, &err), -LETHE_E_CHANGED);

    struct lethe_io *io;
    char *buf = lethe_io_buffer(4096);
    assert_int_equal(lethe_io_fd_open(writer, true, 4, &io, &err), 0);
    memset(buf, 0x77, 4096);
    assert_int_equal(lethe_io_write(io, buf, 4096, SIZE - 4096), 0);
    assert_int_equal(lethe_io_write(io, buf, 4096, SIZE), -ENOSPC);
    assert_int_equal(lethe_io_sync(io), 0);
    lethe_io_close(io);
    memset(buf, 0, 4096);
    assert_int_equal(pread(reader, buf, 4096, (off_t)SIZE - 4096), 4096);
    assert_int_equal(buf[4095], 0x77);
    lethe_io_buffer_free(buf);
    close(writer);
    close(reader);
    close(claim);
}

static void what_is_no_block_device_is_refused(void **state)
{
    (void)state;
    struct lethe_error err;
    assert_true(lethe_block_claim("/dev/null", &err) < 0);
    assert_int_equal(lethe_block_claim("/dev/lethe-nothing-there", &err), -LETHE_E_NOT_FOUND);
}

int main(void)
{
    loop.fd = other.fd = -1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(claimed_once, tear_down),
        cmocka_unit_test_teardown(reopened_as_the_same_device, tear_down),
        cmocka_unit_test(what_is_no_block_device_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
