/* SPDX-License-Identifier: Apache-2.0 */
/* Rule 8: what may be called physical. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tree.h"

#include <stdio.h>
#include <string.h>

static int setup(void **state)
{
    static struct tree tree;
    tree_make(&tree);
    *state = &tree;
    return 0;
}

static int teardown(void **state)
{
    tree_remove(*state);
    return 0;
}

static void expect(struct tree *tree, const char *name, enum lethe_substrate substrate,
                   const char *reason)
{
    struct lethe_device device;
    tree_scan(tree, name, &device);
    if (device.identity.substrate != substrate || !strstr(device.substrate_reason, reason))
        fail_msg("%s is %s: %s", name, lethe_substrate_name(device.identity.substrate),
                 device.substrate_reason);
    lethe_device_clear(&device);
}

/* SCSI disk sda behind a host of driver PROC_NAME, in the directory PATH of /sys/devices. */
static void scsi_disk(struct tree *tree, const char *path, const char *proc_name, const char *model)
{
    char dir[256];
    tree_bus(tree, path, "scsi", NULL);
    tree_file(tree, proc_name, "sys/devices/%s/scsi_host/%s/proc_name", path,
              strrchr(path, '/') + 1);
    snprintf(dir, sizeof dir, "%s/target0:0:0/0:0:0:0", path);
    tree_bus(tree, dir, "scsi", "sd");
    tree_file(tree, "VENDOR\n", "sys/devices/%s/vendor", dir);
    tree_file(tree, model, "sys/devices/%s/model", dir);
    tree_disk(tree, dir, "sda", "8:0");
}

static void pci(struct tree *tree, const char *vendor, const char *driver)
{
    tree_bus(tree, "pci0000:00/0000:00:02.0", "pci", driver);
    tree_file(tree, vendor, "sys/devices/pci0000:00/0000:00:02.0/vendor");
}

static void nvme(struct tree *tree, const char *controller, const char *transport)
{
    tree_bus(tree, controller, "nvme", NULL);
    tree_file(tree, transport, "sys/devices/%s/transport", controller);
    tree_file(tree, "Samsung SSD 980\n", "sys/devices/%s/model", controller);
}

static void sata_is_physical(void **state)
{
    tree_sata(*state, "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_PHYSICAL, "ATA port on PCI");
}

static void usb_is_physical(void **state)
{
    tree_usb(*state, "pci0000:00/0000:00:14.0", "xhci_hcd", "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_PHYSICAL, "USB");
}

static void nvme_is_physical(void **state)
{
    pci(*state, "0x144d\n", "nvme");
    nvme(*state, "pci0000:00/0000:00:02.0/nvme/nvme0", "pcie\n");
    tree_disk(*state, "pci0000:00/0000:00:02.0/nvme/nvme0", "nvme0n1", "259:0");
    expect(*state, "nvme0n1", LETHE_SUBSTRATE_PHYSICAL, "NVMe controller");
}

/* With native multipath the namespace hangs on a virtual subsystem; the controllers decide. */
static void subsystem(struct tree *tree, const char *second)
{
    pci(tree, "0x144d\n", "nvme");
    nvme(tree, "pci0000:00/0000:00:02.0/nvme/nvme0", "pcie\n");
    tree_disk(tree, "virtual/nvme-subsystem/nvme-subsys0", "nvme0n1", "259:0");
    tree_link(tree, "../../../pci0000:00/0000:00:02.0/nvme/nvme0",
              "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0");
    if (second) {
        nvme(tree, "virtual/nvme-fabrics/ctl/nvme1", second);
        tree_link(tree, "../../nvme-fabrics/ctl/nvme1",
                  "sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1");
    }
}

static void nvme_multipath_is_physical(void **state)
{
    subsystem(*state, NULL);
    expect(*state, "nvme0n1", LETHE_SUBSTRATE_PHYSICAL, "NVMe controller");
}

static void nvme_multipath_with_a_remote_path_is_not(void **state)
{
    subsystem(*state, "tcp\n");
    expect(*state, "nvme0n1", LETHE_SUBSTRATE_VIRTUAL, "NVMe/TCP");
}

static void sas_needs_an_end_device(void **state)
{
    pci(*state, "0x1000\n", "mpt3sas");
    scsi_disk(*state, "pci0000:00/0000:00:02.0/host0", "mpt3sas\n", "Logical\n");
    expect(*state, "sda", LETHE_SUBSTRATE_VIRTUAL, "no rule knows");
}

static void sas_end_device_is_physical(void **state)
{
    struct tree *tree = *state;
    static const char host[] = "pci0000:00/0000:00:02.0/host0";
    static const char disk[] =
        "pci0000:00/0000:00:02.0/host0/port-0:3/end_device-0:3/target0:0:3/0:0:3:0";
    pci(tree, "0x1000\n", "mpt3sas");
    tree_bus(tree, host, "scsi", NULL);
    tree_file(tree, "mpt3sas\n", "sys/devices/%s/scsi_host/host0/proc_name", host);
    tree_link(tree, "../phy-0:3", "sys/devices/%s/port-0:3/phy-0:3", host);
    tree_bus(tree, disk, "scsi", "sd");
    tree_file(tree, "ST4000NM\n", "sys/devices/%s/model", disk);
    tree_disk(tree, disk, "sda", "8:0");
    expect(tree, "sda", LETHE_SUBSTRATE_PHYSICAL, "SAS");
    struct lethe_device device;
    tree_scan(tree, "sda", &device);
    assert_string_equal(device.slot, "pci-0000:00:02.0-sas-phy3");
    lethe_device_clear(&device);
}

static void card_is_physical(void **state)
{
    pci(*state, "0x10ec\n", "rtsx_pci");
    tree_bus(*state, "pci0000:00/0000:00:02.0/mmc_host/mmc0/mmc0:0001", "mmc", "mmcblk");
    tree_disk(*state, "pci0000:00/0000:00:02.0/mmc_host/mmc0/mmc0:0001", "mmcblk0", "179:0");
    expect(*state, "mmcblk0", LETHE_SUBSTRATE_PHYSICAL, "card or eMMC");
}

struct virtual_case {
    const char *path, *proc_name, *model, *reason;
};

static void emulated_scsi_is_virtual(void **state)
{
    static const struct virtual_case cases[] = {
        {"pseudo_0/adapter0/host0", "scsi_debug\n", "disk\n", "scsi_debug"},
        {"pseudo_0/adapter0/host0", "ahci\n", "disk\n", "scsi_debug"},
        {"tcm_loop_0/tcm_loop_adapter_0/host0", "tcm_loopback\n", "disk\n", "tcm_loop"},
        {"platform/host0/session1", "iscsi_tcp\n", "disk\n", "iSCSI"},
        {"pci0000:00/0000:00:02.0/host0/rport-0:0-1", "lpfc\n", "disk\n", "Fibre Channel"},
        {"pci0000:00/0000:00:02.0/host0", "megaraid_sas\n", "ST4000\n", "RAID controller"},
        {"pci0000:00/0000:00:02.0/host0", "vmw_pvscsi\n", "disk\n", "VMware"},
        {"pci0000:00/0000:00:02.0/host0", "somebody_else\n", "disk\n", "no rule knows"},
        {"virtual/host0", "usb-storage\n", "disk\n", "no rule knows"},
        /* What a device says of itself proves nothing. */
        {"elsewhere/host0", "other\n", "dir:ata1\nhost:ahci sub:pci\n", "no rule knows"},
        {"pci0000:00/0000:00:02.0/ata1/host0", "ahci\n", "QEMU HARDDISK\n", "QEMU"},
        {"pci0000:00/0000:00:02.0/ata1/host0", "ahci\n", "iDRAC Virtual HD\n", "virtual disk"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tree tree;
        tree_make(&tree);
        pci(&tree, "0x8086\n", NULL);
        scsi_disk(&tree, cases[i].path, cases[i].proc_name, cases[i].model);
        expect(&tree, "sda", LETHE_SUBSTRATE_VIRTUAL, cases[i].reason);
        tree_remove(&tree);
    }
    (void)state;
}

static void paravirtual_is_virtual(void **state)
{
    tree_bus(*state, "pci0000:00/0000:00:02.0/virtio1", "virtio", "virtio_blk");
    pci(*state, "0x1af4\n", "virtio-pci");
    tree_disk(*state, "pci0000:00/0000:00:02.0/virtio1", "vda", "254:0");
    expect(*state, "vda", LETHE_SUBSTRATE_VIRTUAL, "virtio");
}

static void hardware_of_a_hypervisor_is_virtual(void **state)
{
    pci(*state, "0x1b36\n", "nvme");
    nvme(*state, "pci0000:00/0000:00:02.0/nvme/nvme0", "pcie\n");
    tree_disk(*state, "pci0000:00/0000:00:02.0/nvme/nvme0", "nvme0n1", "259:0");
    expect(*state, "nvme0n1", LETHE_SUBSTRATE_VIRTUAL, "QEMU");
}

static void nvme_over_tcp_is_virtual(void **state)
{
    nvme(*state, "virtual/nvme-fabrics/ctl/nvme0", "tcp\n");
    tree_disk(*state, "virtual/nvme-fabrics/ctl/nvme0", "nvme0n1", "259:0");
    expect(*state, "nvme0n1", LETHE_SUBSTRATE_VIRTUAL, "NVMe/TCP");
}

static void usb_over_the_network_is_virtual(void **state)
{
    tree_usb(*state, "platform/vhci_hcd.0", "vhci_hcd", "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_VIRTUAL, "vhci");
}

static void emulated_usb_is_virtual(void **state)
{
    tree_usb(*state, "platform/dummy_hcd.0", "dummy_hcd", "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_VIRTUAL, "dummy_hcd");
}

static void unknown_usb_host_is_virtual(void **state)
{
    tree_usb(*state, "platform/soc/usb0", "my_hcd", "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_VIRTUAL, "no rule knows");
}

static void gadget_is_virtual(void **state)
{
    struct tree *tree = *state;
    tree_usb(tree, "pci0000:00/0000:00:14.0", "xhci_hcd", "sda", "8:0");
    tree_file(tree, "0525\n", "sys/devices/pci0000:00/0000:00:14.0/usb2/2-4/idVendor");
    tree_file(tree, "a4a5\n", "sys/devices/pci0000:00/0000:00:14.0/usb2/2-4/idProduct");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "gadget");
}

static void loop_and_nbd_are_virtual(void **state)
{
    struct tree *tree = *state;
    tree_disk(tree, "virtual/block", "loop3", "7:3");
    tree_file(tree, "/srv/none.img\n", "sys/class/block/loop3/loop/backing_file");
    tree_disk(tree, "virtual/block", "nbd0", "43:0");
    expect(tree, "loop3", LETHE_SUBSTRATE_VIRTUAL, "loop device");
    expect(tree, "nbd0", LETHE_SUBSTRATE_VIRTUAL, "network");
}

/* What is beyond the part of a chain that we can hold may be anything. */
static void endless_chain_is_virtual(void **state)
{
    char path[600] = "";
    for (int i = 0; i < 200; i++)
        strcat(path, "a/");
    strcat(path, "0000:00:02.0");
    tree_bus(*state, path, "pci", NULL);
    strcat(path, "/ata1/host0");
    tree_bus(*state, path, "scsi", NULL);
    tree_file(*state, "ahci\n", "sys/devices/%s/scsi_host/host0/proc_name", path);
    tree_disk(*state, path, "sda", "8:0");
    expect(*state, "sda", LETHE_SUBSTRATE_VIRTUAL, "no rule knows");
}

/* The chain is the same real one in all of these; the machine is not. */
static void machines(void **state)
{
    struct tree *tree = *state;
    tree_sata(tree, "sda", "8:0");
    tree_file(tree, "processor\t: 0\nflags\t\t: fpu hypervisor aes\n", "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "reports a hypervisor");
    tree_file(tree, "processor\t: 0\nflags\t\t: fpu aes hypervisor\n", "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "reports a hypervisor");
    tree_file(tree, "processor\t: 0\nvendor_id\t: User Mode Linux\nflags\t: fpu\n", "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "reports a hypervisor");
    tree_file(tree, "processor\t: 0\n", "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "doesn't tell");
    tree_drop(tree, "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "doesn't tell");

    tree_file(tree, "processor\t: 0\nflags\t\t: fpu aes\n", "proc/cpuinfo");
    expect(tree, "sda", LETHE_SUBSTRATE_PHYSICAL, "ATA");
    tree_file(tree, "xen\n", "sys/hypervisor/type");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "under a hypervisor");
    tree_drop(tree, "sys/hypervisor/type");
    tree_file(tree, "QEMU\n", "sys/class/dmi/id/sys_vendor");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "firmware says QEMU");
    tree_file(tree, "Microsoft Corporation\n", "sys/class/dmi/id/sys_vendor");
    tree_file(tree, "Virtual Machine\n", "sys/class/dmi/id/product_name");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "Virtual Machine");
    tree_file(tree, "Surface Pro\n", "sys/class/dmi/id/product_name");
    expect(tree, "sda", LETHE_SUBSTRATE_PHYSICAL, "ATA");
    tree_drop(tree, "sys/class/dmi/id/sys_vendor");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "no firmware tables");
    tree_file(tree, "processor\t: 0\nFeatures\t: fp asimd aes\n", "proc/cpuinfo");
    tree_bytes(tree, "raspberrypi,4-model-b\0brcm,bcm2711", 34,
               "sys/firmware/devicetree/base/compatible");
    expect(tree, "sda", LETHE_SUBSTRATE_PHYSICAL, "ATA");
    tree_bytes(tree, "linux,dummy-virt", 17, "sys/firmware/devicetree/base/compatible");
    expect(tree, "sda", LETHE_SUBSTRATE_VIRTUAL, "dummy-virt");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sata_is_physical),
        TEST(usb_is_physical),
        TEST(nvme_is_physical),
        TEST(nvme_multipath_is_physical),
        TEST(nvme_multipath_with_a_remote_path_is_not),
        TEST(sas_needs_an_end_device),
        TEST(sas_end_device_is_physical),
        TEST(card_is_physical),
        TEST(emulated_scsi_is_virtual),
        TEST(paravirtual_is_virtual),
        TEST(hardware_of_a_hypervisor_is_virtual),
        TEST(nvme_over_tcp_is_virtual),
        TEST(usb_over_the_network_is_virtual),
        TEST(emulated_usb_is_virtual),
        TEST(unknown_usb_host_is_virtual),
        TEST(gadget_is_virtual),
        TEST(loop_and_nbd_are_virtual),
        TEST(endless_chain_is_virtual),
        TEST(machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
