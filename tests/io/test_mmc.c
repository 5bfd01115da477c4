/* SPDX-License-Identifier: Apache-2.0 */
/* Commands to a card as the kernel gets them: which node's descriptor, which ioctl, what is in it.
 * ioctl(2) is this file's own and keeps what it is given. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "io/passthrough.h"
#include "loop.h"

#include <linux/mmc/ioctl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
    int fd;
    unsigned long request;
    size_t n;
    struct mmc_ioc_cmd cmds[8];
} got;

static void answer(struct mmc_ioc_cmd *cmd, size_t i)
{
    got.cmds[i] = *cmd;
    cmd->response[0] = 0x900 + (unsigned)i;
    if (cmd->data_ptr)
        memset((void *)(uintptr_t)cmd->data_ptr, 0x5a, (size_t)cmd->blksz * cmd->blocks);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    va_start(args, request);
    void *argument = va_arg(args, void *);
    va_end(args);
    if (request != MMC_IOC_CMD && request != MMC_IOC_MULTI_CMD)
        return (int)syscall(SYS_ioctl, fd, request, argument);
    got.fd = fd;
    got.request = request;
    struct mmc_ioc_multi_cmd *all = argument;
    got.n = request == MMC_IOC_CMD ? 1 : (size_t)all->num_of_cmds;
    if (request == MMC_IOC_CMD)
        answer(argument, 0);
    for (size_t i = 0; request == MMC_IOC_MULTI_CMD && i < got.n; i++)
        answer(&all->cmds[i], i);
    return 0;
}

static void an_erase_is_one_ioctl(void **state)
{
    (void)state;
    struct lethe_command c = {
        .set = LETHE_SET_MMC,
        .bytes = {35, 0, 0, 0, 0, 0, 1, 36, 0, 1, 2, 3, 4, 1, 38, 0, 0, 0, 0, 0, 1},
        .n_bytes = 21,
        .timeout_ms = 777};
    assert_int_equal(lethe_passthrough(9, &c), 0);
    assert_int_equal(got.request, MMC_IOC_MULTI_CMD);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.cmds[0].opcode, 35);
    assert_int_equal(got.cmds[1].arg, 0x01020304);
    assert_int_equal(got.cmds[2].opcode, 38);
    assert_int_equal(got.cmds[2].cmd_timeout_ms, 777);
    assert_int_equal(got.cmds[2].flags, 0x1d); /* R1b */
    assert_int_equal(got.cmds[0].flags, 0x15); /* R1 */
    assert_int_equal(c.n_sense, 12);
    assert_memory_equal(c.sense, "\0\0\x09\0\0\0\x09\1\0\0\x09\2", 12);
    c.bytes[13] = 2; /* of two areas */
    assert_int_equal(lethe_passthrough(9, &c), -EINVAL);
    c.bytes[13] = 1;
    c.n_bytes = 28;
    assert_int_equal(lethe_passthrough(9, &c), -EINVAL);
    c.n_bytes = 20;
    assert_int_equal(lethe_passthrough(9, &c), -EINVAL);
}

static void a_read_has_its_data(void **state)
{
    (void)state;
    uint8_t data[512] = {0};
    struct lethe_command c = {.set = LETHE_SET_MMC,
                              .bytes = {8, 0, 0, 0, 0, 0, 2},
                              .n_bytes = 7,
                              .direction = LETHE_DATA_IN,
                              .data = data,
                              .data_len = sizeof(data)};
    assert_int_equal(lethe_passthrough(9, &c), 0);
    assert_int_equal(got.request, MMC_IOC_CMD);
    assert_int_equal(got.cmds[0].blksz, 512);
    assert_int_equal(got.cmds[0].blocks, 1);
    assert_int_equal(got.cmds[0].flags, 0x35);
    assert_int_equal(data[511], 0x5a);
    assert_int_equal(c.n_sense, 16);
    c.n_bytes = 14; /* data belongs to one command */
    assert_int_equal(lethe_passthrough(9, &c), -EINVAL);
}

static void areas_go_to_their_own_nodes(void **state)
{
    (void)state;
    struct test_loop loop;
    struct lethe_io *io;
    const char *why = test_loop_attach(&loop, 1 << 20);
    if (why) {
        print_message("no loop device here: %s\n", why);
        skip();
    }
    int card = memfd_create("card", MFD_CLOEXEC);
    assert_int_equal(ftruncate(card, 4096), 0);
    assert_int_equal(lethe_io_fd_open(card, true, 0, &io, NULL), 0);
    assert_int_equal(lethe_io_fd_area(io, 1, card, NULL), -LETHE_E_INVALID); /* no block device */
    assert_int_equal(lethe_io_fd_area(io, 3, loop.fd, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_io_fd_area(io, 8, loop.fd, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_io_fd_area(io, 1, loop.fd, NULL), 0);
    struct lethe_command c = {.set = LETHE_SET_MMC, .bytes = {13}, .n_bytes = 6};
    assert_int_equal(lethe_io_command(io, &c), 0);
    assert_int_equal(got.fd, card);
    c.n_bytes = 7;
    assert_int_equal(lethe_io_command(io, &c), 0);
    assert_int_equal(got.fd, card);
    c.bytes[6] = 1;
    assert_int_equal(lethe_io_command(io, &c), 0);
    assert_int_equal(got.fd, loop.fd);
    got.fd = -1;
    c.bytes[6] = 2;
    assert_int_equal(lethe_io_command(io, &c), -ENXIO);
    c.bytes[6] = 0xff;
    assert_int_equal(lethe_io_command(io, &c), -ENXIO);
    assert_int_equal(got.fd, -1);
    lethe_io_close(io);
    close(card);
    test_loop_detach(&loop);
}

static void names_of_nodes(void **state)
{
    (void)state;
    assert_int_equal(lethe_mmc_area_of("/dev/mmcblk0"), 0);
    assert_int_equal(lethe_mmc_area_of("/dev/mmcblk0p1"), 0);
    assert_int_equal(lethe_mmc_area_of("/dev/mmcblk0rpmb"), 0);
    assert_int_equal(lethe_mmc_area_of("/dev/sdboot0"), 0);
    assert_int_equal(lethe_mmc_area_of("/dev/mmcblk12boot1"), 2);
    for (unsigned area = 0; area < LETHE_MMC_AREAS; area++) {
        const char *name = lethe_mmc_area_name(area);
        char node[32];
        snprintf(node, sizeof(node), "mmcblk3%s", name ? name : "");
        assert_int_equal(lethe_mmc_area_of(node), name ? area : 0);
    }
    assert_null(lethe_mmc_area_name(3)); /* RPMB */
    assert_null(lethe_mmc_area_name(99));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_erase_is_one_ioctl),
        cmocka_unit_test(a_read_has_its_data),
        cmocka_unit_test(areas_go_to_their_own_nodes),
        cmocka_unit_test(names_of_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
