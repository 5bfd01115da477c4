/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of an eMMC's areas are claimed with it and handed to who erases, and to nobody else:
 * loop devices in a tree that calls them so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loops.h"
#include "tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CARD "platform/soc/mmc_host/mmc0/mmc0:0001"

struct bench {
    struct tree tree;
    struct loop loops[3];
    struct lethe_device device;
    struct lethe_held *held;
};

/* As Linux has it: the areas' disks are below the card's own. */
static void disk(struct bench *bench, const char *name, const char *below, struct loop *loop)
{
    char number[32], link[256], from[128], seq[64] = "";
    struct stat st;
    loop_attach(loop, 1);
    assert_int_equal(stat(loop->node, &st), 0);
    snprintf(number, sizeof number, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    tree_disk(&bench->tree, CARD, name, number);
    snprintf(from, sizeof from, "/sys/class/block/%s/diskseq", strrchr(loop->node, '/') + 1);
    FILE *f = fopen(from, "r");
    assert_non_null(f);
    assert_non_null(fgets(seq, sizeof seq, f));
    fclose(f);
    tree_file(&bench->tree, seq, "sys/devices/%s/block/%s/diskseq", CARD, name);
    tree_file(&bench->tree, "2048\n", "sys/devices/%s/block/%s/size", CARD, name);
    tree_file(&bench->tree, "512\n", "sys/devices/%s/block/%s/queue/physical_block_size", CARD,
              name);
    if (below) {
        char old[512], new[512];
        snprintf(old, sizeof old, "%s/devices/%s/block/%s", bench->tree.sys, CARD, name);
        snprintf(new, sizeof new, "%s/devices/%s/block/%s/%s", bench->tree.sys, CARD, below, name);
        assert_int_equal(rename(old, new), 0);
        snprintf(link, sizeof link, "../../devices/%s/block/%s/%s", CARD, below, name);
        tree_link(&bench->tree, link, "sys/class/block/%s", name);
    }
    tree_link(&bench->tree, loop->node, "dev/%s", name);
}

static int setup(void **state)
{
    static struct bench bench;
    memset(&bench, 0, sizeof bench);
    tree_make(&bench.tree);
    tree_bus(&bench.tree, CARD, "mmc", "mmcblk");
    disk(&bench, "mmcblk0", NULL, &bench.loops[0]);
    disk(&bench, "mmcblk0boot0", "mmcblk0", &bench.loops[1]);
    disk(&bench, "mmcblk0gp1", "mmcblk0", &bench.loops[2]);
    tree_scan(&bench.tree, "mmcblk0", &bench.device);
    *state = &bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    if (bench->held)
        lethe_driver_block.release(bench->held);
    lethe_device_clear(&bench->device);
    for (size_t i = 0; i < 3; i++)
        loop_detach(&bench->loops[i]);
    tree_remove(&bench->tree);
    return 0;
}

static int claim(struct bench *bench, struct lethe_error *err)
{
    int rc = lethe_driver_block.claim(&bench->tree.env, &bench->device, &bench->held, err);
    return rc < 0 ? rc : lethe_driver_block.claim_rest(bench->held, err);
}

static dev_t number_of(int fd)
{
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    return st.st_rdev;
}

static void check_spec(const struct bench *bench, const struct lethe_io_spec *spec)
{
    static const unsigned areas[] = {0, 1, 5};
    assert_int_equal(spec->n_fds, 3);
    const json_t *list = json_object_get(spec->config, "areas");
    assert_int_equal(json_array_size(list), 2);
    for (size_t i = 0; i < 3; i++) {
        struct stat st;
        assert_int_equal(stat(bench->loops[i].node, &st), 0);
        assert_int_equal(number_of(spec->fds[i]), st.st_rdev);
        if (i > 0) {
            assert_int_equal(json_integer_value(json_array_get(list, i - 1)), areas[i]);
            assert_int_equal(fcntl(spec->fds[i], F_GETFL) & O_ACCMODE, O_RDONLY);
        }
    }
}

static void who_erases_gets_the_areas(void **state)
{
    struct bench *bench = *state;
    struct lethe_io_spec spec;
    struct lethe_error err = {0};
    struct lethe_io *io;
    if (claim(bench, &err) < 0)
        fail_msg("%s", err.what);
    for (size_t i = 0; i < 3; i++)
        assert_true(open(bench->loops[i].node, O_RDWR | O_EXCL | O_CLOEXEC) < 0);
    assert_int_equal(lethe_driver_block.spec(bench->held, true, &spec, &err), 0);
    check_spec(bench, &spec);
    assert_int_equal(lethe_driver_block.open(&spec, 0, &io, &err), 0);
    lethe_io_close(io);
    spec.n_fds = 2; /* one that is named is missing */
    assert_int_equal(lethe_driver_block.open(&spec, 0, &io, &err), -LETHE_E_INVALID);
    spec.n_fds = 3;
    lethe_io_spec_close(&spec);
    assert_int_equal(lethe_driver_block.spec(bench->held, false, &spec, &err), 0);
    assert_int_equal(spec.n_fds, 1); /* who judges sends no commands */
    lethe_io_spec_close(&spec);
}

static void who_looks_gets_them_too(void **state)
{
    struct bench *bench = *state;
    struct lethe_io_spec spec;
    struct lethe_error err = {0};
    assert_int_equal(lethe_driver_block.peek(&bench->tree.env, &bench->device, &spec, &err), 0);
    check_spec(bench, &spec);
    lethe_io_spec_close(&spec);
}

static void an_area_in_use_stops_the_job(void **state)
{
    struct bench *bench = *state;
    struct lethe_error err = {0};
    int fd = open(bench->loops[1].node, O_RDWR | O_EXCL | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(claim(bench, &err), -LETHE_E_BUSY);
    assert_non_null(strstr(err.effect, "mmcblk0boot0"));
    close(fd);
}

/* The card says that it has boot1, the kernel shows none. */
static void an_area_without_node_stops_the_job(void **state)
{
    struct bench *bench = *state;
    struct lethe_error err = {0};
    bench->device.facts = calloc(1, sizeof *bench->device.facts);
    struct lethe_facts *f = bench->device.facts;
    static const char *const names[] = {"boot0", "boot1", "gp1", "rpmb"};
    for (size_t i = 0; i < 4; i++)
        strcpy(f->areas[f->n_areas++].name, names[i]);
    assert_int_equal(claim(bench, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "boot1"));
    lethe_driver_block.release(bench->held);
    bench->held = NULL;
    strcpy(f->areas[1].name, "rpmb");
    assert_int_equal(claim(bench, &err), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    if (!loops_usable())
        return 77;
    const struct CMUnitTest tests[] = {
        TEST(who_erases_gets_the_areas),
        TEST(who_looks_gets_them_too),
        TEST(an_area_in_use_stops_the_job),
        TEST(an_area_without_node_stops_the_job),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
