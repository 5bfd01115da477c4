/* SPDX-License-Identifier: Apache-2.0 */
/* Who is using this disk, why, and the command that releases it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tree.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int setup(void **state)
{
    static struct tree tree;
    tree_make(&tree);
    tree_sata(&tree, "sdb", "8:16");
    tree_partition(&tree, "sdb", "sdb1", "8:17");
    tree_partition(&tree, "sdb", "sdb2", "8:18");
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    tree_remove(*state);
    return 0;
}

/* Use number AT of sdb, in the order of the list. */
static void expect(struct tree *tree, size_t at, const char *kind, bool never, const char *release,
                   const char *what)
{
    struct lethe_device device;
    tree_scan(tree, "sdb", &device);
    if (at >= device.n_uses)
        fail_msg("only %zu uses", device.n_uses);
    const struct lethe_use *use = &device.uses[at];
    if (strcmp(use->kind, kind) != 0 || use->never != never || strcmp(use->release, release) != 0 ||
        !strstr(use->what, what))
        fail_msg("%s%s: %s: %s", use->kind, use->never ? " (never)" : "", use->what, use->release);
    lethe_device_clear(&device);
}

static void expect_count(struct tree *tree, size_t n)
{
    struct lethe_device device;
    tree_scan(tree, "sdb", &device);
    if (device.n_uses != n)
        fail_msg("%zu uses; the first: %s", device.n_uses,
                 device.n_uses ? device.uses[0].what : "");
    lethe_device_clear(&device);
}

static void idle_disk_is_free(void **state)
{
    tree_mounts(*state, "27 1 259:1 / / rw - ext4 /dev/nvme0n1p1 rw\n");
    expect_count(*state, 0);
}

static void mounted(void **state)
{
    tree_mounts(*state, "40 27 8:17 / /mnt/photos rw - ext4 /dev/sdb1 rw\n");
    expect_count(*state, 1);
    expect(*state, 0, "mounted", false, "umount /mnt/photos", "sdb1 is mounted on /mnt/photos");
}

static void mounted_whole(void **state)
{
    tree_mounts(*state, "40 27 8:16 / /mnt/stick rw - vfat /dev/sdb rw\n");
    expect(*state, 0, "mounted", false, "umount /mnt/stick", "sdb is mounted on");
}

static void write_protected(void **state)
{
    struct tree *tree = *state;
    char want[160];
    snprintf(want, sizeof want, "blockdev --setrw %s/sdb", tree->dev);
    tree_file(tree, "0\n", "sys/class/block/sdb/ro");
    expect_count(tree, 0);
    tree_file(tree, "1\n", "sys/class/block/sdb/ro");
    expect_count(tree, 1);
    expect(tree, 0, "read-only", false, want, "sdb is write-protected");
}

static void nested_mounts_go_innermost_first(void **state)
{
    tree_mounts(*state, "40 27 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n"
                        "41 40 8:18 / /mnt/inner rw - ext4 /dev/sdb2 rw\n"
                        "42 41 8:17 /sub /mnt/inner/bind rw - ext4 /dev/sdb1 rw\n");
    expect_count(*state, 3);
    expect(*state, 0, "mounted", false, "umount /mnt/inner/bind", "");
}

/* What gets printed is pasted into a root shell. */
static void hostile_mount_points(void **state)
{
    tree_mounts(*state, "40 27 8:17 / /mnt/my\\040photos;reboot rw - ext4 /dev/sdb1 rw\n");
    expect(*state, 0, "mounted", false, "umount '/mnt/my photos;reboot'", "my photos");

    struct tree *tree = *state;
    char want[128];
    snprintf(want, sizeof want, "umount %s/sdb1", tree->dev);
    tree_mounts(tree, "40 27 8:17 / /mnt/a'b rw - ext4 /dev/sdb1 rw\n");
    expect(tree, 0, "mounted", false, want, "a'b");
    tree_mounts(tree, "40 27 8:17 / /mnt/\\033[2Jx\\012y rw - ext4 /dev/sdb1 rw\n");
    expect(tree, 0, "mounted", false, want, "/mnt/?[2Jx?y");
}

static void mounted_in_a_container_only(void **state)
{
    struct tree *tree = *state;
    char want[200];
    tree_file(tree, "40 27 8:17 / /data rw - ext4 /dev/sdb1 rw\n", "proc/123/mountinfo");
    tree_link(tree, "mnt:[2]", "proc/123/ns/mnt");
    snprintf(want, sizeof want, "nsenter --mount=%s/123/ns/mnt umount /data", tree->proc);
    expect(tree, 0, "mounted", false, want, "namespace of process 123");
    /* The / of a container is not the system's. */
    tree_file(tree, "40 27 8:17 / / rw - ext4 /dev/sdb1 rw\n", "proc/123/mountinfo");
    snprintf(want, sizeof want, "nsenter --mount=%s/123/ns/mnt umount /", tree->proc);
    expect(tree, 0, "mounted", false, want, "process 123");
}

static void system_disks(void **state)
{
    static const char *const points[] = {"/", "/boot", "/boot/efi", "/usr", "/var"};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        char line[128];
        snprintf(line, sizeof line, "27 1 8:17 / %s rw - ext4 /dev/root rw\n", points[i]);
        tree_mounts(*state, line);
        expect(*state, 0, "system", true, "", "of the running system");
    }
    /* Seen from a container, the / of process 1 still is. */
    tree_file(*state, "", "proc/self/mountinfo");
    tree_link(*state, "mnt:[9]", "proc/self/ns/mnt");
    expect(*state, 0, "system", true, "", "of the running system");
}

static void lvm_on_a_partition(void **state)
{
    struct tree *tree = *state;
    tree_dm(tree, "dm-0", "253:0", "my--vg-photos", "LVM-abc");
    tree_dm(tree, "dm-1", "253:1", "my--vg-music", "LVM-abd");
    tree_holder(tree, "sdb2", "dm-0");
    tree_holder(tree, "sdb2", "dm-1");
    tree_mounts(tree, "40 27 253:0 / /mnt/photos rw - ext4 /dev/mapper/my--vg-photos rw\n");
    expect_count(tree, 2); /* the mount, and the group once */
    expect(tree, 0, "mounted", false, "umount /mnt/photos", "dm-0");
    expect(tree, 1, "lvm", false, "vgchange -an my-vg", "volume group my-vg");
}

static void root_on_lvm_on_crypt(void **state)
{
    struct tree *tree = *state;
    tree_dm(tree, "dm-0", "253:0", "luks-root", "CRYPT-LUKS2-x");
    tree_dm(tree, "dm-1", "253:1", "vg-root", "LVM-x");
    tree_holder(tree, "sdb2", "dm-0");
    tree_holder(tree, "dm-0", "dm-1");
    tree_mounts(tree, "27 1 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n");
    expect_count(tree, 4);
    expect(tree, 0, "system", true, "", "holds / of");
    expect(tree, 1, "system", true, "", "running program"); /* it lies on / */
    expect(tree, 2, "lvm", true, "", "must stay");
    expect(tree, 3, "crypt", true, "", "must stay");
}

static void crypt(void **state)
{
    struct tree *tree = *state;
    tree_dm(tree, "dm-0", "253:0", "secret", "CRYPT-LUKS2-0123-secret");
    tree_holder(tree, "sdb1", "dm-0");
    expect_count(tree, 1);
    expect(tree, 0, "crypt", false, "cryptsetup close secret", "encrypted volume secret");
}

static void other_mappings(void **state)
{
    struct tree *tree = *state;
    tree_dm(tree, "dm-0", "253:0", "mpatha", "mpath-3600");
    tree_dm(tree, "dm-1", "253:1", "flaky $(x)", "");
    tree_holder(tree, "sdb", "dm-0");
    tree_holder(tree, "sdb1", "dm-1");
    expect(tree, 0, "dm", false, "dmsetup remove 'flaky $(x)'", "");
    expect(tree, 1, "multipath", false, "multipath -f mpatha", "");
}

static void md_assembled_by_itself(void **state)
{
    struct tree *tree = *state;
    char want[128];
    tree_disk(tree, "virtual/block", "md127", "9:127");
    tree_holder(tree, "sdb1", "md127");
    snprintf(want, sizeof want, "mdadm --stop %s/md127", tree->dev);
    expect_count(tree, 1);
    expect(tree, 0, "md", false, want, "member of the array");
    /* Stacked: a partition of the array is mounted. */
    tree_partition(tree, "md127", "md127p1", "259:9");
    tree_mounts(tree, "40 27 259:9 / /mnt/raid rw - xfs /dev/md127p1 rw\n");
    expect(tree, 0, "mounted", false, "umount /mnt/raid", "md127p1");
    expect(tree, 1, "md", false, want, "");
    /* Neither is in the list of targets. */
    struct lethe_device_list list;
    assert_int_equal(lethe_scan_all(&tree->env, &list, NULL), 0);
    assert_int_equal(list.n, 1);
    lethe_device_list_clear(&list);
}

static void btrfs_shows_anonymous_numbers(void **state)
{
    struct tree *tree = *state;
    tree_disk(tree, "virtual/block", "nbd0", "43:0");
    tree_file(tree, "", "sys/fs/btrfs/6e5c-uuid/devices/nbd0");
    tree_file(tree, "", "sys/fs/btrfs/6e5c-uuid/devices/sdb1");
    /* Only one member is the source; the other is as much in use. */
    tree_mounts(tree, "40 27 0:45 /@ /mnt/b rw - btrfs /dev/nbd0 rw,subvol=/@\n");
    expect(tree, 0, "mounted", false, "umount /mnt/b", "sdb1");
    /* Mounted where we can't see it. */
    tree_mounts(tree, "");
    expect(tree, 0, "btrfs", false, "", "member of the mounted btrfs 6e5c-uuid");
}

static void swap_partition(void **state)
{
    struct tree *tree = *state;
    tree_swaps(tree, "/dev/sdb2 partition 1048572 0 -2\n");
    expect_count(tree, 1);
    expect(tree, 0, "swap", true, "swapoff /dev/sdb2", "sdb2 is used as swap");
}

static void swap_file(void **state)
{
    struct tree *tree = *state;
    tree_mounts(tree, "40 27 8:17 / /mnt/s rw - ext4 /dev/sdb1 rw\n");
    tree_swaps(tree, "/mnt/s/swap\\040file file 1048572 0 -2\n");
    expect_count(tree, 2);
    expect(tree, 1, "swap", true, "swapoff '/mnt/s/swap file'", "holds the swap file");
}

static void loop_over_a_file_on_the_disk(void **state)
{
    struct tree *tree = *state;
    char want[128];
    tree_disk(tree, "virtual/block", "loop7", "7:7");
    tree_file(tree, "/mnt/s/a.img\n", "sys/class/block/loop7/loop/backing_file");
    tree_mounts(tree, "40 27 8:17 / /mnt/s rw - ext4 /dev/sdb1 rw\n"
                      "41 27 7:7 / /mnt/iso ro - iso9660 /dev/loop7 ro\n");
    snprintf(want, sizeof want, "losetup -d %s/loop7", tree->dev);
    expect_count(tree, 3);
    expect(tree, 0, "mounted", false, "umount /mnt/iso", "");
    expect(tree, 1, "loop", false, want, "sdb1 holds /mnt/s/a.img");
    expect(tree, 2, "mounted", false, "umount /mnt/s", "");
}

/* Debian live: / is an overlay, its lower layer a squashfs in a loop over a file on the stick. */
static void live_image(void **state)
{
    struct tree *tree = *state;
    tree_disk(tree, "virtual/block", "loop0", "7:0");
    tree_file(tree, "/run/live/medium/live/filesystem.squashfs\n",
              "sys/class/block/loop0/loop/backing_file");
    tree_mounts(
        tree, "20 1 0:25 / / rw - overlay overlay rw,lowerdir=/run/live/rootfs/f/,upperdir=/c/rw\n"
              "21 20 7:0 / /run/live/rootfs/f ro - squashfs /dev/loop0 ro\n"
              "22 20 8:17 / /run/live/medium ro - vfat /dev/sdb1 ro\n");
    struct lethe_device device;
    tree_scan(tree, "sdb", &device);
    const struct lethe_use *use = tree_use(&device, "system");
    assert_non_null(use);
    assert_true(use->never);
    assert_non_null(tree_use(&device, "loop"));
    assert_true(tree_use(&device, "loop")->never);
    lethe_device_clear(&device);
}

static void state_and_program(void **state)
{
    struct tree *tree = *state;
    tree_mounts(tree, "40 27 8:17 / /nowhere/lethe rw - ext4 /dev/sdb1 rw\n"
                      "41 27 8:18 / /nowhere/tools rw - ext4 /dev/sdb2 rw\n");
    tree->env.state_dir = "/nowhere/lethe/state";
    tree_link(tree, "/nowhere/tools/lethe", "proc/self/exe");
    expect_count(tree, 4);
    expect(tree, 1, "state", true, "", "Lethe's own records");
    expect(tree, 3, "system", true, "", "the running program");
    tree->env.state_dir = "/nowhere/lethe-other";
    expect_count(tree, 3);
}

static void emmc_boot_area_in_use(void **state)
{
    struct tree *tree = *state;
    tree_bus(tree, "platform/mmc/mmc_host/mmc0/mmc0:0001", "mmc", "mmcblk");
    tree_disk(tree, "platform/mmc/mmc_host/mmc0/mmc0:0001", "mmcblk0", "179:0");
    tree_disk(tree, "platform/mmc/mmc_host/mmc0/mmc0:0001", "mmcblk0boot0", "179:8");
    tree_mounts(tree, "40 27 179:8 / /mnt/boot0 rw - ext4 /dev/mmcblk0boot0 rw\n");
    struct lethe_device device;
    tree_scan(tree, "mmcblk0", &device);
    assert_int_equal(device.n_uses, 1);
    assert_string_equal(device.uses[0].release, "umount /mnt/boot0");
    lethe_device_clear(&device);
}

/* A guard that can't see must not say "free". */
static void blind_guard_fails(void **state)
{
    struct lethe_device_list list;
    tree_drop(*state, "proc/self/mountinfo");
    assert_true(lethe_scan_all(&((struct tree *)*state)->env, &list, NULL) < 0);
}

static void refusal_in_words(void **state)
{
    struct lethe_device device;
    struct lethe_error err;
    tree_mounts(*state, "40 27 8:17 / /mnt/p rw - ext4 /dev/sdb1 rw\n"
                        "41 27 8:18 / /mnt/q rw - ext4 /dev/sdb2 rw\n");
    tree_scan(*state, "sdb", &device);
    assert_int_equal(lethe_device_refuse(&device, &err), -LETHE_E_BUSY);
    assert_string_equal(err.remedy, device.uses[0].release);
    lethe_device_clear(&device);

    tree_mounts(*state, "40 27 8:17 / /mnt/p rw - ext4 /dev/sdb1 rw\n"
                        "41 27 8:18 / /boot rw - ext4 /dev/sdb2 rw\n");
    tree_scan(*state, "sdb", &device);
    assert_int_equal(lethe_device_refuse(&device, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "/boot"));
    assert_non_null(strstr(err.remedy, "no flag"));
    lethe_device_clear(&device);
}

static void image_files(void **state)
{
    struct tree *tree = *state;
    char path[128], text[160], dir[128];
    struct lethe_device device;
    struct lethe_error err;
    char block[512] = {0};
    tree_bytes(tree, block, sizeof block, "srv/a.img");
    tree_link(tree, "a.img", "srv/link.img");
    snprintf(path, sizeof path, "%s/srv/link.img", tree->root);

    assert_int_equal(lethe_scan_target(&tree->env, path, &device, &err), 0);
    assert_non_null(strstr(device.target, "/srv/a.img")); /* resolved, and shown so */
    assert_int_equal(device.identity.substrate, LETHE_SUBSTRATE_IMAGE);
    assert_int_equal(device.identity.capacity, 512);
    assert_int_equal(device.n_uses, 0);
    const struct lethe_identifier *id = lethe_identity_find(&device.identity, LETHE_ID_BACKING);
    assert_non_null(id);
    assert_int_equal(strlen(id->value), strlen("backing-") + 16);
    lethe_device_clear(&device);

    snprintf(text, sizeof text, "%s file 8 0 -2\n", path); /* by another name */
    tree_swaps(tree, text);
    assert_int_equal(lethe_scan_target(&tree->env, path, &device, &err), 0);
    assert_non_null(tree_use(&device, "swap"));
    assert_true(tree_use(&device, "swap")->never);
    lethe_device_clear(&device);
    tree_swaps(tree, "");

    tree_disk(tree, "virtual/block", "loop7", "7:7");
    snprintf(text, sizeof text, "%s\n", path);
    tree_file(tree, text, "sys/class/block/loop7/loop/backing_file");
    assert_int_equal(lethe_scan_target(&tree->env, path, &device, &err), 0);
    assert_non_null(tree_use(&device, "loop"));
    lethe_device_clear(&device);
    tree_drop(tree, "sys/class/block/loop7/loop/backing_file");

    snprintf(dir, sizeof dir, "%s/srv", tree->root);
    tree->env.state_dir = dir;
    assert_int_equal(lethe_scan_target(&tree->env, path, &device, &err), 0);
    assert_non_null(tree_use(&device, "state"));
    assert_true(tree_use(&device, "state")->never);
    lethe_device_clear(&device);

    tree_bytes(tree, block, 511, "srv/a.img");
    assert_int_equal(lethe_scan_target(&tree->env, path, &device, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_scan_target(&tree->env, dir, &device, &err), -LETHE_E_USAGE);
    assert_int_equal(lethe_scan_target(&tree->env, "/none", &device, &err), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_scan_target(&tree->env, "/dev/null", &device, &err), -LETHE_E_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(idle_disk_is_free),
        TEST(mounted),
        TEST(mounted_whole),
        TEST(write_protected),
        TEST(nested_mounts_go_innermost_first),
        TEST(hostile_mount_points),
        TEST(mounted_in_a_container_only),
        TEST(system_disks),
        TEST(lvm_on_a_partition),
        TEST(root_on_lvm_on_crypt),
        TEST(crypt),
        TEST(other_mappings),
        TEST(md_assembled_by_itself),
        TEST(btrfs_shows_anonymous_numbers),
        TEST(swap_partition),
        TEST(swap_file),
        TEST(loop_over_a_file_on_the_disk),
        TEST(live_image),
        TEST(state_and_program),
        TEST(emmc_boot_area_in_use),
        TEST(blind_guard_fails),
        TEST(refusal_in_words),
        TEST(image_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
