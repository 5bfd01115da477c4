/* SPDX-License-Identifier: Apache-2.0 */
/* A phone's bulk pipe over a socket, and opening real phones where nothing can. */
#include <errno.h>
#include <io/phone/phone.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

static int ends[2];
static struct lethe_io *io;

static int setup(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0 ||
                   lethe_io_packet_open(ends[0], &io, NULL) < 0
               ? -1
               : 0;
}

static int teardown(void **state)
{
    (void)state;
    lethe_io_close(io);
    close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return 0;
}

static int transfer(enum lethe_direction direction, void *data, size_t len, size_t *moved)
{
    struct lethe_command command = {.set = LETHE_SET_USB,
                                    .direction = direction,
                                    .data = data,
                                    .data_len = len,
                                    .timeout_ms = 50};
    int rc = lethe_io_command(io, &command);
    *moved = command.transferred;
    return rc;
}

static void test_borders_are_kept(void **state)
{
    (void)state;
    char buf[64] = {0};
    size_t moved;
    assert_int_equal(transfer(LETHE_DATA_OUT, (char[]){"header"}, 6, &moved), 0);
    assert_int_equal(moved, 6);
    assert_int_equal(transfer(LETHE_DATA_OUT, (char[]){"payload"}, 7, &moved), 0);
    assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 6);
    assert_int_equal(recv(ends[1], buf, sizeof(buf), 0), 7);

    assert_int_equal(send(ends[1], "abc", 3, 0), 3);
    assert_int_equal(send(ends[1], "defg", 4, 0), 4);
    assert_int_equal(transfer(LETHE_DATA_IN, buf, sizeof(buf), &moved), 0);
    assert_int_equal(moved, 3);
    assert_memory_equal(buf, "abc", 3);
    assert_int_equal(transfer(LETHE_DATA_IN, buf, 4, &moved), 0);
    assert_int_equal(moved, 4);
}

static void test_more_than_asked_for(void **state)
{
    (void)state;
    char buf[4];
    size_t moved;
    assert_int_equal(send(ends[1], "too long", 8, 0), 8);
    assert_int_equal(transfer(LETHE_DATA_IN, buf, sizeof(buf), &moved), -EOVERFLOW);
    assert_int_equal(moved, sizeof(buf));
}

static void test_nothing_in_time(void **state)
{
    (void)state;
    char buf[4];
    size_t moved;
    assert_int_equal(transfer(LETHE_DATA_IN, buf, sizeof(buf), &moved), -ETIMEDOUT);
    assert_int_equal(moved, 0);
    /* Nobody reads: some time it does not go out any more. */
    static char block[LETHE_USB_TRANSFER_MAX];
    int rc = 0;
    for (int i = 0; i < 64 && rc == 0; i++)
        rc = transfer(LETHE_DATA_OUT, block, sizeof(block), &moved);
    assert_int_equal(rc, -ETIMEDOUT);
}

static void test_it_leaves(void **state)
{
    (void)state;
    char buf[4];
    size_t moved;
    assert_int_equal(send(ends[1], "last", 4, 0), 4);
    close(ends[1]);
    ends[1] = -1;
    assert_int_equal(transfer(LETHE_DATA_IN, buf, sizeof(buf), &moved), 0);
    assert_int_equal(transfer(LETHE_DATA_IN, buf, sizeof(buf), &moved), -ENODEV);
    assert_int_equal(transfer(LETHE_DATA_OUT, buf, sizeof(buf), &moved), -ENODEV);
}

static void test_what_is_no_transfer(void **state)
{
    (void)state;
    char byte;
    size_t moved;
    struct lethe_command scsi = {.set = LETHE_SET_SCSI, .direction = LETHE_DATA_IN};
    assert_int_equal(lethe_io_command(io, &scsi), -EOPNOTSUPP);
    assert_int_equal(transfer(LETHE_DATA_NONE, NULL, 0, &moved), -EOPNOTSUPP);
    assert_int_equal(transfer(LETHE_DATA_OUT, &byte, 0, &moved), -EINVAL);
    assert_int_equal(transfer(LETHE_DATA_IN, &byte, LETHE_USB_TRANSFER_MAX + 1, &moved), -EINVAL);
    assert_int_equal(lethe_io_read(io, &byte, 1, 0), -EOPNOTSUPP);
    assert_int_equal(lethe_io_write(io, &byte, 1, 0), -EOPNOTSUPP);
}

static void test_real_phones_need_their_program(void **state)
{
    (void)state;
    struct lethe_io *none = NULL;
    struct lethe_error err = {0};
    struct lethe_usb_pipe pipe = {.in = 0x81, .out = 1};
    assert_int_equal(lethe_phone_open_usb(ends[0], &pipe, &none, &err), -LETHE_E_UNSUPPORTED);
    assert_non_null(strstr(err.remedy, "lethe-worker-phone"));
    assert_int_equal(lethe_phone_open_apple("/mux", "0", &none, &err), -LETHE_E_UNSUPPORTED);
    assert_null(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_borders_are_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_more_than_asked_for, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_in_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_leaves, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_no_transfer, setup, teardown),
        cmocka_unit_test_setup_teardown(test_real_phones_need_their_program, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
