/* SPDX-License-Identifier: Apache-2.0 */
/* What is generic: whole transfers, the queue fallback, buffers, what an errno means. */
#include "fake_io.h"
#include "io/failure.h"
#include "io/queue.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define SIZE ((uint64_t)1 << 20)

static void short_transfers_are_continued(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(SIZE, 512, 0, 0xAB);
    uint8_t buf[8192];
    fake->short_to = 1024;
    memset(buf, 0x11, sizeof(buf));
    assert_int_equal(lethe_io_pwrite(&fake->io, buf, sizeof(buf), 4096), 1024);
    assert_int_equal(lethe_io_write(&fake->io, buf, sizeof(buf), 4096), 0);
    assert_memory_equal(fake->data + 4096, buf, sizeof(buf));
    assert_int_equal(fake->data[4095], 0xAB);
    memset(buf, 0, sizeof(buf));
    assert_int_equal(lethe_io_read(&fake->io, buf, sizeof(buf), 4096), 0);
    assert_int_equal(buf[8191], 0x11);
    lethe_io_close(&fake->io);
}

static void the_end_of_the_device_is_an_error(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(SIZE, 512, 0, 0);
    uint8_t buf[1024] = {0};
    assert_int_equal(lethe_io_read(&fake->io, buf, sizeof(buf), SIZE - 512), -ENODATA);
    assert_int_equal(lethe_io_write(&fake->io, buf, sizeof(buf), SIZE - 512), -ENOSPC);
    assert_int_equal(lethe_io_read(&fake->io, buf, 512, SIZE - 512), 0);
    lethe_io_close(&fake->io);
}

static void no_command_is_unsupported(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(SIZE, 512, 0, 0);
    struct lethe_command command = {.set = LETHE_SET_SCSI};
    assert_int_equal(lethe_io_command(&fake->io, &command), -EOPNOTSUPP);
    lethe_io_close(&fake->io);
}

static void generic_queue_keeps_results_until_reaped(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(SIZE, 512, 0, 0x5A);
    struct lethe_io_request requests[80], *done;
    uint8_t buf[512];
    unsigned accepted = 0, reaped = 0;
    assert_int_equal(lethe_io_reap(&fake->io, &done), 0);
    for (unsigned i = 0; i < 80; i++) {
        requests[i] = (struct lethe_io_request){.buf = buf, .len = 512, .offset = i * 512};
        int rc = lethe_io_submit(&fake->io, &requests[i]);
        if (rc == 0)
            accepted++;
        else
            assert_int_equal(rc, -EAGAIN);
    }
    assert_int_equal(accepted, 64);
    while (lethe_io_reap(&fake->io, &done) == 1) {
        assert_ptr_equal(done, &requests[reaped]);
        assert_int_equal(done->result, 512);
        reaped++;
    }
    assert_int_equal(reaped, accepted);
    lethe_io_close(&fake->io);
}

/* More requests than the device takes: every one of them comes back exactly once. */
static void queue_returns_each_request_once(void **state)
{
    (void)state;
    for (unsigned depth = 0; depth <= 4; depth += 2) {
        struct fake_io *fake = fake_io_new(SIZE, 512, depth, 0);
        struct lethe_queue *queue = lethe_queue_new(&fake->io, 8, 4096);
        struct lethe_io_request *request;
        bool seen[32] = {0};
        unsigned returned = 0;
        for (unsigned i = 0; i < 32; i++) {
            while (!(request = lethe_queue_get(queue))) {
                request = lethe_queue_wait(queue);
                assert_non_null(request);
                assert_int_equal(request->result, 4096);
                assert_false(seen[request->offset / 4096]);
                seen[request->offset / 4096] = true;
                returned++;
                lethe_queue_done(queue, request);
            }
            request->offset = i * 4096;
            request->len = 4096;
            request->write = true;
            memset(request->buf, (int)i + 1, 4096);
            lethe_queue_put(queue, request);
        }
        while ((request = lethe_queue_wait(queue))) {
            assert_false(seen[request->offset / 4096]);
            seen[request->offset / 4096] = true;
            returned++;
            lethe_queue_done(queue, request);
        }
        assert_int_equal(returned, 32);
        for (unsigned i = 0; i < 32; i++)
            assert_int_equal(fake->data[i * 4096 + 4095], i + 1);
        lethe_queue_free(queue);
        lethe_io_close(&fake->io);
    }
}

static void queue_waits_for_what_is_in_flight_before_it_frees(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(SIZE, 512, 4, 0);
    struct lethe_queue *queue = lethe_queue_new(&fake->io, 4, 4096);
    struct lethe_io_request *request = lethe_queue_get(queue);
    request->offset = 0;
    request->len = 4096;
    request->write = true;
    lethe_queue_put(queue, request);
    lethe_queue_free(queue);
    assert_int_equal(fake->queued, 0);
    assert_int_equal(fake->writes, 1);
    lethe_io_close(&fake->io);
}

static void buffers_are_aligned_and_zeroed(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 512, 4095, 4096, 1 << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *buffer = lethe_io_buffer(sizes[i]);
        assert_non_null(buffer);
        assert_int_equal((uintptr_t)buffer % 4096, 0);
        for (size_t k = 0; k < sizes[i]; k++)
            assert_int_equal(buffer[k], 0);
        lethe_io_buffer_free(buffer);
    }
}

static void a_vanished_disk_is_not_a_bad_sector(void **state)
{
    (void)state;
    assert_int_equal(lethe_io_failure(ENOSPC), LETHE_FAILURE_GONE);
    assert_int_equal(lethe_io_failure(ENODEV), LETHE_FAILURE_GONE);
    assert_int_equal(lethe_io_failure(ENXIO), LETHE_FAILURE_GONE);
    assert_int_equal(lethe_io_failure(EIO), LETHE_FAILURE_SECTOR);
    assert_int_equal(lethe_io_failure(ENODATA), LETHE_FAILURE_SECTOR);
    assert_int_equal(lethe_io_failure(EAGAIN), LETHE_FAILURE_TRANSIENT);
    assert_int_equal(lethe_io_failure(EINVAL), LETHE_FAILURE_OTHER);
    assert_int_equal(lethe_io_failure(EBADF), LETHE_FAILURE_OTHER);
}

static void spec_owns_its_descriptors(void **state)
{
    (void)state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    struct lethe_io_spec spec = {.fds = {fds[0], fds[1]}, .n_fds = 2, .config = json_object()};
    lethe_io_spec_close(&spec);
    assert_int_equal(fcntl(fds[0], F_GETFD), -1);
    assert_int_equal(fcntl(fds[1], F_GETFD), -1);
    assert_null(spec.config);
    lethe_io_spec_close(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_transfers_are_continued),
        cmocka_unit_test(the_end_of_the_device_is_an_error),
        cmocka_unit_test(no_command_is_unsupported),
        cmocka_unit_test(generic_queue_keeps_results_until_reaped),
        cmocka_unit_test(queue_returns_each_request_once),
        cmocka_unit_test(queue_waits_for_what_is_in_flight_before_it_frees),
        cmocka_unit_test(buffers_are_aligned_and_zeroed),
        cmocka_unit_test(a_vanished_disk_is_not_a_bad_sector),
        cmocka_unit_test(spec_owns_its_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
