/* SPDX-License-Identifier: Apache-2.0 */
/* The guard and the claim on real block devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loops.h"

#include <errno.h>
#include <fcntl.h>
#include <lethe/device.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct lethe_scan_env *const env = &lethe_scan_env_system;

struct bench {
    struct loop a, b;
    char dir[64];
    bool mounted, swapping;
    struct lethe_device device;
    struct lethe_held *held;
};

static int setup(void **state)
{
    static struct bench bench;
    memset(&bench, 0, sizeof bench);
    strcpy(bench.dir, "/tmp/lethe-mnt-XXXXXX");
    assert_non_null(mkdtemp(bench.dir));
    loop_attach(&bench.a, 16);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    if (bench->held)
        lethe_driver_block.release(bench->held);
    lethe_device_clear(&bench->device);
    if (bench->mounted)
        shell("umount %s", bench->dir);
    if (bench->swapping)
        shell("swapoff %s", bench->a.node);
    loop_detach(&bench->b);
    loop_detach(&bench->a);
    rmdir(bench->dir);
    return 0;
}

static void target(struct bench *bench, const char *node)
{
    struct lethe_error err;
    lethe_device_clear(&bench->device);
    if (lethe_scan_target(env, node, &bench->device, &err) < 0)
        fail_msg("%s", err.what);
}

static void claim(struct bench *bench)
{
    struct lethe_error err;
    if (lethe_driver_block.claim(env, &bench->device, &bench->held, &err) < 0)
        fail_msg("%s; %s", err.what, err.remedy);
}

static void refused(struct bench *bench, int rc, const char *what, const char *remedy)
{
    struct lethe_error err = {0};
    struct lethe_held *held = NULL;
    int got = lethe_driver_block.claim(env, &bench->device, &held, &err);
    if (held)
        lethe_driver_block.release(held);
    if (got != rc || !strstr(err.what, what) || !strstr(err.remedy, remedy))
        fail_msg("%d: %s; %s", got, err.what, err.remedy);
}

static void idle_loop_device(void **state)
{
    struct bench *bench = *state;
    struct lethe_identity now;
    struct lethe_error err;
    target(bench, bench->a.node);
    assert_int_equal(bench->device.n_uses, 0);
    assert_int_equal(bench->device.identity.substrate, LETHE_SUBSTRATE_VIRTUAL);
    assert_int_equal(bench->device.identity.media, LETHE_MEDIA_FILE);
    assert_int_equal(bench->device.identity.capacity, 16 << 20);
    assert_non_null(lethe_identity_find(&bench->device.identity, LETHE_ID_BACKING));
    claim(bench);
    assert_int_equal(lethe_driver_block.identify(bench->held, &now, &err), 0);
    assert_int_equal(lethe_identity_same(&bench->device.identity, &now, &err), 0);
}

/* Loop device and image file are the same thing under two names. */
static void one_file_one_backing(void **state)
{
    struct bench *bench = *state;
    struct lethe_device image;
    target(bench, bench->a.node);
    assert_int_equal(lethe_scan_target(env, bench->a.file, &image, NULL), 0);
    assert_string_equal(lethe_identity_find(&image.identity, LETHE_ID_BACKING)->value,
                        lethe_identity_find(&bench->device.identity, LETHE_ID_BACKING)->value);
    assert_int_equal(image.n_uses, 1);
    assert_string_equal(image.uses[0].kind, "loop");
    char want[64];
    snprintf(want, sizeof want, "losetup -d %s", bench->a.node);
    assert_string_equal(image.uses[0].release, want);
    lethe_device_clear(&image);
}

static void links_are_followed(void **state)
{
    struct bench *bench = *state;
    char link[128];
    snprintf(link, sizeof link, "%s/by-id", bench->dir);
    assert_int_equal(symlink(bench->a.node, link), 0);
    target(bench, link);
    unlink(link);
    assert_string_equal(bench->device.target, bench->a.node);
}

static void second_claim_is_excluded(void **state)
{
    struct bench *bench = *state;
    target(bench, bench->a.node);
    claim(bench);
    refused(bench, -LETHE_E_BUSY, bench->a.node, "");
    char command[64];
    snprintf(command, sizeof command, "wipefs -a %s >/dev/null 2>&1", bench->a.node);
    assert_int_not_equal(system(command), 0);
    lethe_driver_block.release(bench->held);
    bench->held = NULL;
    claim(bench);
}

static void mounted_is_refused(void **state)
{
    struct bench *bench = *state;
    char want[128];
    target(bench, bench->a.node);
    struct lethe_device before;
    assert_int_equal(lethe_device_copy(&bench->device, &before), 0);
    shell("mkfs.ext4 -q %s && mount %s %s", bench->a.node, bench->a.node, bench->dir);
    bench->mounted = true;
    snprintf(want, sizeof want, "umount %s", bench->dir);
    /* Scanned before, mounted since: the claim looks again. */
    refused(bench, -LETHE_E_BUSY, bench->dir, want);
    target(bench, bench->a.node);
    refused(bench, -LETHE_E_BUSY, bench->dir, want);
    /* The command does what it says. */
    shell("%s", bench->device.uses[0].release);
    bench->mounted = false;
    assert_int_equal(lethe_scan_uses(env, &bench->device, NULL), 0);
    assert_int_equal(bench->device.n_uses, 0);
    lethe_device_clear(&before);
}

static void mounted_partition_refuses_the_disk(void **state)
{
    struct bench *bench = *state;
    char part[48];
    struct lethe_device device;
    struct lethe_error err;
    snprintf(part, sizeof part, "%sp1", bench->a.node);
    /* One entry of an MBR: Linux, from sector 2048, 16384 sectors. */
    static const uint8_t table[66] = {0, 0, 0, 0, 0x83, 0, 0, 0,           0,
                                      8, 0, 0, 0, 0x40, 0, 0, [64] = 0x55, [65] = 0xaa};
    int fd = open(bench->a.node, O_WRONLY);
    assert_int_equal(pwrite(fd, table, sizeof table, 446), sizeof table);
    close(fd);
    shell("partx -u %s", bench->a.node);
    if (access(part, F_OK) != 0) { /* no udev or devtmpfs to make the node */
        char dev[64];
        unsigned maj, min;
        snprintf(dev, sizeof dev, "/sys/class/block/%s/dev", part + 5);
        FILE *file = fopen(dev, "r");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%u:%u", &maj, &min), 2);
        fclose(file);
        assert_int_equal(mknod(part, S_IFBLK | 0600, makedev(maj, min)), 0);
    }
    shell("mkfs.ext4 -q %s && mount %s %s", part, part, bench->dir);
    bench->mounted = true;
    target(bench, bench->a.node);
    refused(bench, -LETHE_E_BUSY, part, "umount");
    /* A partition is no target. */
    assert_int_equal(lethe_scan_target(env, part, &device, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, bench->a.node));
}

static void swap_is_refused(void **state)
{
    struct bench *bench = *state;
    char want[64];
    shell("mkswap %s >/dev/null && swapon %s", bench->a.node, bench->a.node);
    bench->swapping = true;
    target(bench, bench->a.node);
    assert_true(bench->device.uses[0].never);
    snprintf(want, sizeof want, "swapoff %s", bench->a.node);
    refused(bench, -LETHE_E_REFUSED, "swap", want);
}

static void loop_over_loop(void **state)
{
    struct bench *bench = *state;
    char want[64];
    loop_over(&bench->b, bench->a.node);
    target(bench, bench->a.node);
    snprintf(want, sizeof want, "losetup -d %s", bench->b.node);
    refused(bench, -LETHE_E_BUSY, bench->b.node, want);
    /* The upper one is free while nobody uses the lower. */
    target(bench, bench->b.node);
    assert_int_equal(bench->device.n_uses, 0);
    shell("mkfs.ext4 -q %s && mount %s %s", bench->a.node, bench->a.node, bench->dir);
    bench->mounted = true;
    target(bench, bench->b.node);
    refused(bench, -LETHE_E_BUSY, bench->a.node, "umount");
}

static void two_loops_over_one_file(void **state)
{
    struct bench *bench = *state;
    target(bench, bench->a.node);
    loop_over(&bench->b, bench->a.file);
    /* Scanned before: the exclusive claim succeeds, and only the second look finds it. */
    assert_int_equal(bench->device.n_uses, 0);
    refused(bench, -LETHE_E_BUSY, bench->b.node, "losetup -d");
    target(bench, bench->a.node);
    refused(bench, -LETHE_E_BUSY, bench->b.node, "losetup -d");
}

/* A virtual machine writes to a disk without O_EXCL: only its open descriptor shows it. */
static void writer_without_excl(void **state)
{
    struct bench *bench = *state;
    int ready[2], done[2];
    char byte = 0;
    assert_int_equal(pipe(ready) | pipe(done), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(done[1]);
        if (open(bench->a.node, O_RDWR) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        _exit(read(done[0], &byte, 1) == 0 ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    char want[32];
    snprintf(want, sizeof want, "kill %d", (int)pid);
    target(bench, bench->a.node);
    refused(bench, -LETHE_E_BUSY, "open for writing", want);
    close(done[0]);
    close(done[1]);
    close(ready[0]);
    close(ready[1]);
    waitpid(pid, NULL, 0);
}

/* The same node with another medium behind it: diskseq tells. */
static void changed_medium(void **state)
{
    struct bench *bench = *state;
    char node[32];
    target(bench, bench->a.node);
    strcpy(node, bench->a.node);
    shell("losetup -d %s && losetup %s %s", node, node, bench->a.file);
    refused(bench, -LETHE_E_CHANGED, "another medium", "");
}

static void changed_identity(void **state)
{
    struct bench *bench = *state;
    target(bench, bench->a.node);
    bench->device.diskseq = 0; /* as a kernel without sequence numbers */
    strcpy(bench->device.identity.identifiers[0].value, "backing-0000000000000000");
    refused(bench, -LETHE_E_CHANGED, "backing", "");
    bench->device.identity.n_identifiers = 0;
    refused(bench, -LETHE_E_CHANGED, "backing", "");
    bench->device.identity.capacity = 512;
    refused(bench, -LETHE_E_CHANGED, "capacity", "");
}

static void resized_under_the_claim(void **state)
{
    struct bench *bench = *state;
    struct lethe_identity now;
    struct lethe_error err;
    target(bench, bench->a.node);
    claim(bench);
    shell("truncate -s 8M %s && losetup -c %s", bench->a.file, bench->a.node);
    assert_int_equal(lethe_driver_block.identify(bench->held, &now, &err), 0);
    assert_int_equal(lethe_identity_same(&bench->device.identity, &now, &err), -LETHE_E_CHANGED);
}

static void gone_is_said(void **state)
{
    struct bench *bench = *state;
    struct lethe_error err;
    struct lethe_device device;
    target(bench, bench->a.node);
    shell("losetup -d %s", bench->a.node);
    bench->a.node[0] = '\0';
    struct lethe_held *held;
    assert_true(lethe_driver_block.claim(env, &bench->device, &held, &err) < 0);
    assert_int_equal(lethe_scan_target(env, "/dev/lethe-none", &device, &err), -LETHE_E_NOT_FOUND);
}

static void worker_descriptors(void **state)
{
    struct bench *bench = *state;
    struct lethe_io_spec spec;
    struct lethe_io *io;
    struct lethe_error err;
    char *buffer = lethe_io_buffer(4096);
    target(bench, bench->a.node);
    claim(bench);
    for (int writable = 0; writable < 2; writable++) {
        assert_int_equal(lethe_driver_block.spec(bench->held, writable, &spec, &err), 0);
        assert_string_equal(spec.driver, "block");
        assert_int_equal(lethe_driver_block.open(&spec, 4, &io, &err), 0);
        memset(buffer, 0x5a, 4096);
        assert_int_equal(lethe_io_write(io, buffer, 4096, 8192) == 0, writable);
        assert_int_equal(lethe_io_read(io, buffer, 4096, 8192), 0);
        assert_int_equal(buffer[0], writable ? 0x5a : 0);
        lethe_io_close(io);
        lethe_io_spec_close(&spec);
    }
    lethe_io_buffer_free(buffer);
}

static void image_claims(void **state)
{
    struct bench *bench = *state;
    const struct lethe_driver *driver = &lethe_driver_image;
    struct lethe_held *held = NULL, *second = NULL;
    struct lethe_identity now;
    struct lethe_error err;
    char path[96];
    snprintf(path, sizeof path, "%s/i.img", bench->dir);
    shell("truncate -s 1M %s", path);
    target(bench, path);
    assert_int_equal(driver->claim(env, &bench->device, &held, &err), 0);
    assert_int_equal(driver->identify(held, &now, &err), 0);
    assert_int_equal(lethe_identity_same(&bench->device.identity, &now, &err), 0);
    assert_int_equal(driver->claim(env, &bench->device, &second, &err), -LETHE_E_BUSY);
    unlink(path);
    assert_int_equal(driver->identify(held, &now, &err), -LETHE_E_GONE);
    driver->release(held);

    /* Replaced between scan and claim. */
    shell("truncate -s 1M %s", path);
    target(bench, path);
    shell("cp %s %s.2 && mv %s.2 %s", path, path, path, path);
    assert_int_equal(driver->claim(env, &bench->device, &held, &err), -LETHE_E_CHANGED);
    unlink(path);
}

static void system_disk_is_refused_for_good(void **state)
{
    (void)state;
    struct lethe_device_list list;
    struct lethe_error err;
    size_t found = 0;
    assert_int_equal(lethe_scan_all(env, &list, &err), 0);
    for (size_t i = 0; i < list.n; i++)
        for (size_t k = 0; k < list.devices[i].n_uses; k++)
            if (strcmp(list.devices[i].uses[k].kind, "system") == 0) {
                struct lethe_held *held;
                assert_true(list.devices[i].uses[k].never);
                assert_string_equal(list.devices[i].uses[k].release, "");
                assert_int_equal(lethe_driver_block.claim(env, &list.devices[i], &held, &err),
                                 -LETHE_E_REFUSED);
                found++;
                break;
            }
    lethe_device_list_clear(&list);
    if (!found) {
        fprintf(stderr, "SKIP: the system's root is on no disk that can be seen here\n");
        skip();
    }
}

static void watch_hears_a_change(void **state)
{
    struct bench *bench = *state;
    struct lethe_watch *watch;
    struct lethe_error err;
    char action[16], node[128];
    bool heard = false;
    if (lethe_watch_open(env, &watch, &err) < 0)
        fail_msg("%s", err.what);
    while (lethe_watch_next(watch, action, node, &err) > 0)
        assert_string_equal(node, "usbmuxd"); /* where it runs, it greets */
    shell("echo change > /sys/class/block/%s/uevent", bench->a.node + 5);
    struct pollfd poller = {.fd = lethe_watch_fd(watch), .events = POLLIN};
    while (!heard && poll(&poller, 1, 5000) > 0)
        while (lethe_watch_next(watch, action, node, &err) > 0)
            if (strcmp(action, "change") == 0 && strcmp(node, bench->a.node) == 0)
                heard = true;
    lethe_watch_close(watch);
    assert_true(heard);
}

static void eight_devices_in_50_ms(void **state)
{
    (void)state;
    struct loop loops[8] = {0};
    double best = 1e9;
    size_t n = 0;
    for (size_t i = 0; i < 8; i++)
        loop_attach(&loops[i], 1);
    for (int run = 0; run < 5; run++) { /* the machine may be busy: the best of five */
        struct lethe_device_list list;
        struct timespec from, to;
        clock_gettime(CLOCK_MONOTONIC, &from);
        assert_int_equal(lethe_scan_all(env, &list, NULL), 0);
        clock_gettime(CLOCK_MONOTONIC, &to);
        double ms =
            (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
        best = ms < best ? ms : best;
        n = list.n;
        lethe_device_list_clear(&list);
    }
    for (size_t i = 0; i < 8; i++)
        loop_detach(&loops[i]);
    printf("%zu devices in %.1f ms\n", n, best);
    assert_true(n >= 8);
    assert_true(best < 50);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(idle_loop_device),
        TEST(one_file_one_backing),
        TEST(links_are_followed),
        TEST(second_claim_is_excluded),
        TEST(mounted_is_refused),
        TEST(mounted_partition_refuses_the_disk),
        TEST(swap_is_refused),
        TEST(loop_over_loop),
        TEST(two_loops_over_one_file),
        TEST(writer_without_excl),
        TEST(changed_medium),
        TEST(changed_identity),
        TEST(resized_under_the_claim),
        TEST(gone_is_said),
        TEST(worker_descriptors),
        TEST(image_claims),
        cmocka_unit_test(system_disk_is_refused_for_good),
        TEST(watch_hears_a_change),
        cmocka_unit_test(eight_devices_in_50_ms),
    };
    return loops_usable() ? cmocka_run_group_tests(tests, NULL, NULL) : 77;
}
