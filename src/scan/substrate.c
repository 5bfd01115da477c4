/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device is made of (rule 8). Two tables: the first rows that match decide. What a device
 * says of itself (names, USB ids) can only make it virtual, never physical; what no row knows is
 * virtual, because unknown never becomes physical.
 */
#include "base/text.h"
#include "scan/chain.h"

struct virtual_row {
    const char *pattern; /* over the chain's tags */
    const char *reason;
};

static const struct virtual_row virtual_rows[] = {
    {"block:loop*", "a loop device: it lives in a file or on another disk"},
    {"block:dm-*", "a device-mapper volume"},
    {"block:md[0-9_]*", "an md array, not a single drive"},
    {"block:zram*", "compressed memory"},
    {"block:ram[0-9]*", "memory"},
    {"block:nbd*", "a network block device"},
    {"block:rbd*", "a Ceph volume on the network"},
    {"block:drbd*", "a DRBD volume"},
    {"block:bcache*", "a bcache volume"},
    {"block:zd*", "a ZFS volume"},
    {"block:nullb*", "the kernel's null block device"},
    {"block:ublkb*", "a block device served by a program (ublk)"},
    {"block:pmem*", "memory (pmem)"},
    {"sub:virtio", "a virtio disk of a virtual machine"},
    {"sub:vmbus", "a Hyper-V disk of a virtual machine"},
    {"sub:xen*", "a Xen disk of a virtual machine"},
    {"dir:vhci_hcd*", "a USB device over the network (USB/IP, vhci_hcd)"},
    {"dir:dummy_hcd*", "an emulated USB device (dummy_hcd)"},
    {"hcd:vhci_hcd", "a USB device over the network (USB/IP, vhci_hcd)"},
    {"hcd:dummy_hcd", "an emulated USB device (dummy_hcd)"},
    {"sub:pseudo", "an emulated SCSI disk (scsi_debug)"},
    {"dir:pseudo_*", "an emulated SCSI disk (scsi_debug)"},
    {"host:scsi_debug", "an emulated SCSI disk (scsi_debug)"},
    {"dir:tcm_loop_*", "an emulated SCSI disk (tcm_loop)"},
    {"host:tcm_loop*", "an emulated SCSI disk (tcm_loop)"},
    {"host:vmw_pvscsi", "a VMware disk of a virtual machine"},
    {"host:storvsc*", "a Hyper-V disk of a virtual machine"},
    {"host:[Vv]irtio*", "a virtio disk of a virtual machine"},
    {"host:iscsi*", "an iSCSI volume on the network"},
    {"host:ib_iser", "an iSCSI volume on the network"},
    {"dir:session[0-9]*", "an iSCSI volume on the network"},
    {"dir:rport-*", "a Fibre Channel unit: it can't be told from a volume of a storage array"},
    {"nvme:tcp", "an NVMe namespace on the network (NVMe/TCP)"},
    {"nvme:rdma", "an NVMe namespace on the network (NVMe/RDMA)"},
    {"nvme:fc", "an NVMe namespace on the network (NVMe/FC)"},
    {"nvme:loop", "an emulated NVMe namespace (nvmet loop)"},
    {"host:megaraid*", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:hpsa", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:smartpqi", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:aacraid", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:arcmsr", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:3w-*", "behind a RAID controller: it can't be told from a volume of an array"},
    {"host:hptiop", "behind a RAID controller: it can't be told from a volume of an array"},
    {"pci:0x1af4", "a virtio device of a virtual machine"},
    {"pci:0x1b36", "a device of QEMU"},
    {"pci:0x15ad", "a device of VMware"},
    {"pci:0x80ee", "a device of VirtualBox"},
    {"pci:0x1414", "a device of Hyper-V"},
    {"pci:0x1ab8", "a device of Parallels"},
    {"pci:0x5853", "a device of Xen"},
    {"pci:0x1d0f", "a volume of a cloud provider"},
    {"pci:0x1ae0", "a volume of a cloud provider"},
    {"usb:46f4:*", "a USB device of QEMU"},
    {"usb:0525:a4a5", "another computer that plays a USB disk (mass-storage gadget)"},
    {"usb:1d6b:010?", "another computer that plays a USB disk (gadget)"},
    {"name:*QEMU*", "names itself a disk of QEMU"},
    {"name:*VBOX*", "names itself a disk of VirtualBox"},
    {"name:*VMware*", "names itself a disk of VMware"},
    {"name:*[Vv]irtual*", "names itself a virtual disk"},
    {"name:*scsi_debug*", "names itself an emulated disk"},
    {"name:LIO-ORG*", "a target of the kernel's own SCSI target (LIO)"},
    {"name:*LOGICAL VOLUME*", "names itself a volume of an array"},
    {"name:*Logical Volume*", "names itself a volume of an array"},
    {"name:*PERC*", "names itself a volume of a RAID controller"},
    {"name:*File-*Stor*Gadget*", "another computer that plays a USB disk (gadget)"},
};

/* Physical needs the transport and what that transport hangs on: all patterns match. */
struct physical_row {
    const char *all[3];
    const char *reason;
};

#define SAS(driver)                                                                                \
    {                                                                                              \
        {"host:" driver, "dir:end_device-*", "sub:pci"},                                           \
            "a SAS end device behind a PCI host adapter"                                           \
    }
#define USB(hcd)                                                                                   \
    {                                                                                              \
        {"hcd:" hcd, "usb:*", NULL}, "a USB device at a hardware host controller"                  \
    }
static const struct physical_row physical_rows[] = {
    USB("xhci*"),
    USB("ehci*"),
    USB("ohci*"),
    USB("uhci*"),
    USB("dwc2"),
    USB("dwc3"),
    USB("tegra-xusb"),
    {{"nvme:pcie", "sub:nvme", "sub:pci"}, "an NVMe controller on PCI Express"},
    {{"nvme:pcie", "sub:nvme", "sub:platform"}, "an NVMe controller of the board"},
    {{"dir:ata[0-9]*", "host:*", "sub:pci"}, "an ATA port on PCI"},
    {{"dir:ata[0-9]*", "host:*", "sub:platform"}, "an ATA port of the board"},
    SAS("mpt2sas"),
    SAS("mpt3sas"),
    SAS("mptsas"),
    SAS("isci"),
    SAS("pm80xx"),
    SAS("pm8001"),
    SAS("mvsas"),
    SAS("aic94xx"),
    {{"sub:mmc", "sub:pci", NULL}, "a card or eMMC at a host controller on PCI"},
    {{"sub:mmc", "sub:platform", NULL}, "a card or eMMC at a host controller of the board"},
    {{"host:ufshcd", "sub:pci", NULL}, "a UFS device on PCI"},
    {{"host:ufshcd", "sub:platform", NULL}, "a UFS device of the board"},
    {{"sub:firewire", "sub:pci", NULL}, "a FireWire device on PCI"},
};

enum lethe_substrate lethe_substrate_of(const struct lethe_machine *machine,
                                        const struct lethe_chain *chain, char *reason, size_t size)
{
    for (size_t i = 0; i < sizeof virtual_rows / sizeof *virtual_rows; i++)
        if (lethe_chain_has(chain, virtual_rows[i].pattern)) {
            lethe_text_format(reason, size, "%s", virtual_rows[i].reason);
            return LETHE_SUBSTRATE_VIRTUAL;
        }
    const struct physical_row *found = NULL;
    for (size_t i = 0; i < sizeof physical_rows / sizeof *physical_rows && !found; i++) {
        const struct physical_row *row = &physical_rows[i];
        found = row;
        for (size_t k = 0; k < 3 && row->all[k]; k++)
            if (!lethe_chain_has(chain, row->all[k]))
                found = NULL;
    }
    /* A chain that we could not read in full may have hidden a virtual link. */
    if (!found || chain->overflow || lethe_chain_has(chain, "dir:virtual")) {
        lethe_text_format(reason, size, "%s",
                          "not known to be hardware: no rule knows its parent chain");
        return LETHE_SUBSTRATE_VIRTUAL;
    }
    if (!machine->real) {
        lethe_text_format(reason, size, "%s", machine->reason);
        return LETHE_SUBSTRATE_VIRTUAL;
    }
    lethe_text_format(reason, size, "%s", found->reason);
    return LETHE_SUBSTRATE_PHYSICAL;
}
