/* SPDX-License-Identifier: Apache-2.0 */
/* Devices by descriptor on real files, with and without a ring; and what the ring must not do. */
#include "io/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skip.h"

#define SIZE ((off_t)4 << 20)

static int temp_file(int flags)
{
    char path[] = "/tmp/lethe-test-fd-XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    int again = open(path, flags | O_CLOEXEC);
    unlink(path);
    close(fd);
    return again;
}

static void whole_device_by_queue(unsigned depth, int flags)
{
    int fd = temp_file(O_RDWR | flags);
    if (fd < 0) {
        lethe_test_skip("no O_DIRECT in /tmp");
    }
    struct lethe_io *io;
    struct lethe_io_info info;
    struct lethe_error err;
    assert_int_equal(lethe_io_fd_open(fd, true, depth, &io, &err), 0);
    assert_int_equal(lethe_io_info(io, &info), 0);
    assert_int_equal(info.capacity, SIZE);
    assert_int_equal(info.direct, flags == O_DIRECT);
    assert_true(info.logical_block >= 512 && info.alignment >= info.logical_block);

    enum { N = 4, LEN = 65536 };
    struct lethe_io_request requests[N], *done;
    unsigned in_flight = 0;
    char *buf = lethe_io_buffer(N * LEN);
    for (unsigned i = 0; i < N; i++) {
        requests[i] = (struct lethe_io_request){
            .buf = buf + i * LEN, .len = LEN, .offset = i * LEN, .write = true};
        memset(requests[i].buf, (int)i + 1, LEN);
        int rc = lethe_io_submit(io, &requests[i]);
        if (rc == -EAGAIN) {
            assert_int_equal(lethe_io_reap(io, &done), 1);
            assert_int_equal(done->result, LEN);
            assert_int_equal(lethe_io_submit(io, &requests[i]), 0);
            in_flight--;
        }
        in_flight++;
    }
    for (; in_flight > 0; in_flight--) {
        assert_int_equal(lethe_io_reap(io, &done), 1);
        assert_int_equal(done->result, LEN);
    }
    assert_int_equal(lethe_io_reap(io, &done), 0);
    assert_int_equal(lethe_io_sync(io), 0);
    memset(buf, 0, N * LEN);
    assert_int_equal(lethe_io_read(io, buf, N * LEN, 0), 0);
    for (unsigned i = 0; i < N; i++)
        assert_int_equal(buf[i * LEN + LEN - 1], i + 1);

    /* An image never grows, by either way. */
    assert_int_equal(lethe_io_write(io, buf, LEN, (uint64_t)SIZE - LEN / 2), -ENOSPC);
    requests[0].offset = (uint64_t)SIZE;
    int rc = lethe_io_submit(io, &requests[0]);
    if (rc == 0) {
        assert_int_equal(lethe_io_reap(io, &done), 1);
        rc = (int)done->result;
    }
    assert_int_equal(rc, -ENOSPC);
    assert_int_equal(lseek(fd, 0, SEEK_END), SIZE);
    assert_int_equal(lethe_io_read(io, buf, LEN, (uint64_t)SIZE), -ENODATA);
    lethe_io_buffer_free(buf);
    lethe_io_close(io);
    assert_true(fcntl(fd, F_GETFD) >= 0);
    close(fd);
}

static void buffered_without_a_ring(void **state)
{
    (void)state;
    whole_device_by_queue(0, 0);
}

static void buffered_with_a_ring(void **state)
{
    (void)state;
    whole_device_by_queue(2, 0);
}

static void direct_without_a_ring(void **state)
{
    (void)state;
    whole_device_by_queue(0, O_DIRECT);
}

static void direct_with_a_ring(void **state)
{
    (void)state;
    whole_device_by_queue(8, O_DIRECT);
}

static void read_only_never_writes(void **state)
{
    (void)state;
    /* The descriptor could: an image's read-only worker gets such a one. */
    int fd = temp_file(O_RDWR);
    struct lethe_io *io;
    char *buf = lethe_io_buffer(4096);
    assert_int_equal(lethe_io_fd_open(fd, false, 4, &io, NULL), 0);
    struct lethe_io_request request = {.buf = buf, .len = 4096, .write = true};
    assert_int_equal(lethe_io_write(io, buf, 4096, 0), -EBADF);
    assert_int_equal(lethe_io_submit(io, &request), -EBADF);
    assert_int_equal(lethe_io_read(io, buf, 4096, 0), 0);
    lethe_io_buffer_free(buf);
    lethe_io_close(io);
    close(fd);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    struct lethe_io *io;
    struct lethe_error err;
    int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
    assert_int_equal(lethe_io_fd_open(fd, true, 0, &io, &err), -LETHE_E_UNSUPPORTED);
    assert_null(io);
    close(fd);
}

/* What an entry gets, or -errno where it was not even taken. */
static int ring_try(struct io_uring *ring, const struct io_uring_sqe *entry)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
    struct io_uring_cqe *cqe;
    assert_non_null(sqe);
    *sqe = *entry;
    assert_int_equal(io_uring_submit_and_wait(ring, 1), 1);
    assert_int_equal(io_uring_wait_cqe(ring, &cqe), 0);
    int result = cqe->res;
    io_uring_cqe_seen(ring, cqe);
    return result;
}

static void the_ring_can_do_nothing_else(void **state)
{
    (void)state;
    int fd = temp_file(O_RDWR);
    for (int writable = 0; writable <= 1; writable++) {
        struct io_uring ring;
        int rc = lethe_ring_open(&ring, fd, writable, 4);
        if (rc < 0) {
            lethe_test_skip("no restricted io_uring on this kernel: %s", strerror(-rc));
        }
        char buf[512];
        struct io_uring_sqe sqe;
        const struct {
            const char *what;
            unsigned char opcode, flags;
            int fd;
            int expected;
        } tries[] = {
            {"read", IORING_OP_READ, IOSQE_FIXED_FILE, 0, 512},
            {"write", IORING_OP_WRITE, IOSQE_FIXED_FILE, 0, writable ? 512 : -EACCES},
            {"read by descriptor", IORING_OP_READ, 0, fd, -EACCES},
            {"write by descriptor", IORING_OP_WRITE, 0, fd, -EACCES},
            {"read of no registered file", IORING_OP_READ, IOSQE_FIXED_FILE, 1, -EBADF},
            {"open", IORING_OP_OPENAT, 0, AT_FDCWD, -EACCES},
            {"open, fixed", IORING_OP_OPENAT, IOSQE_FIXED_FILE, 0, -EACCES},
            {"open2", IORING_OP_OPENAT2, 0, AT_FDCWD, -EACCES},
            {"socket", IORING_OP_SOCKET, 0, AF_INET, -EACCES},
            {"socket, fixed", IORING_OP_SOCKET, IOSQE_FIXED_FILE, 0, -EACCES},
            {"connect", IORING_OP_CONNECT, IOSQE_FIXED_FILE, 0, -EACCES},
            {"send", IORING_OP_SEND, IOSQE_FIXED_FILE, 0, -EACCES},
            {"unlink", IORING_OP_UNLINKAT, IOSQE_FIXED_FILE, 0, -EACCES},
            {"fallocate", IORING_OP_FALLOCATE, IOSQE_FIXED_FILE, 0, -EACCES},
            {"pass-through", IORING_OP_URING_CMD, IOSQE_FIXED_FILE, 0, -EACCES},
            {"vectored write", IORING_OP_WRITEV, IOSQE_FIXED_FILE, 0, -EACCES},
            {"nop", IORING_OP_NOP, 0, 0, -EACCES},
        };
        for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
            memset(&sqe, 0, sizeof(sqe));
            sqe.opcode = tries[i].opcode;
            sqe.flags = tries[i].flags;
            sqe.fd = tries[i].fd;
            sqe.addr = (uintptr_t)(tries[i].opcode == IORING_OP_OPENAT ? "/etc/shadow" : buf);
            sqe.len = 512;
            int result = ring_try(&ring, &sqe);
            if (result != tries[i].expected)
                fail_msg("%s: %d, expected %d", tries[i].what, result, tries[i].expected);
        }
        /* Nor be talked into more. */
        int other = 0;
        long again = syscall(SYS_io_uring_register, ring.ring_fd, IORING_UNREGISTER_FILES, NULL, 0);
        assert_int_equal(again, -1);
        assert_int_equal(errno, EACCES);
        again = syscall(SYS_io_uring_register, ring.ring_fd, IORING_REGISTER_FILES, &other, 1);
        assert_int_equal(again, -1);
        again = syscall(SYS_io_uring_register, ring.ring_fd, IORING_REGISTER_RESTRICTIONS, NULL, 0);
        assert_int_equal(again, -1);
        io_uring_queue_exit(&ring);
    }
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffered_without_a_ring),      cmocka_unit_test(buffered_with_a_ring),
        cmocka_unit_test(direct_without_a_ring),        cmocka_unit_test(direct_with_a_ring),
        cmocka_unit_test(read_only_never_writes),       cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(the_ring_can_do_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
