#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""As guard.py, for disks that volumes stand on: LVM, btrfs, md, LUKS, device-mapper, all stacked."""
import os

from bed import add_disk, ext4, main, modules, mount, partition, run, use_scsi_debug, wait_for, write
from guard import released


def logical_volumes(lethe):
    """Auto-assembled on a customer's disk: two disks, a name with dashes, a mounted volume."""
    one, two = add_disk(), add_disk()
    run(["vgcreate", "-qq", "nas-data", one, two])
    run(["lvcreate", "-qq", "-y", "-l", "100%FREE", "-n", "lv-home", "nas-data"])
    ext4("/dev/nas-data/lv-home")
    mount("/dev/nas-data/lv-home", "/run/mnt/lv")
    released(lethe, one, ("mounted", "/run/mnt/lv", "umount /run/mnt/lv"),
             ("lvm", "volume group nas-data", "vgchange -an nas-data"), also=[two])


def btrfs_pair(lethe):
    """Its mounts show an anonymous number and one of the two disks."""
    one, two = add_disk(), add_disk()
    run(["mkfs.btrfs", "-q", "-f", "--mixed", "-d", "single", "-m", "single", one, two])
    run(["btrfs", "device", "scan", one, two])
    mount(one, "/run/mnt/btrfs")
    released(lethe, one, ("mounted", "/run/mnt/btrfs", "umount /run/mnt/btrfs"), also=[two])


def md_array(lethe):
    one, two = add_disk(), add_disk()
    run(["mdadm", "--create", "/dev/md7", "--run", "--level=1", "--raid-devices=2",
         "--metadata=1.2", "--assume-clean", one, two])
    wait_for("/dev/md7", lambda: os.path.exists("/dev/md7"))
    released(lethe, one, ("md", "member of the array /dev/md7", "mdadm --stop /dev/md7"), also=[two])


def encrypted_volume(lethe):
    disk = add_disk()
    open_luks(disk, "customer")
    released(lethe, disk, ("crypt", "encrypted volume customer", "cryptsetup close customer"))


def open_luks(node, name):
    key = "/run/key"
    write(key, "secret")
    run(["cryptsetup", "luksFormat", "-q", "--type", "luks1", "--pbkdf-force-iterations", "1000",
         node, key])
    run(["cryptsetup", "open", "--key-file", key, node, name])


def device_mapper_volume(lethe):
    disk = add_disk()
    size = int(run(["blockdev", "--getsz", disk]))
    run(["dmsetup", "create", "spare", "--table", f"0 {size} linear {disk} 0"])
    released(lethe, disk, ("dm", "device-mapper volume spare", "dmsetup remove spare"))


def whole_stack(lethe):
    """A small NAS: array, encryption, volume group, file system."""
    one, two = add_disk(), add_disk()
    run(["mdadm", "--create", "/dev/md8", "--run", "--level=1", "--raid-devices=2",
         "--metadata=1.2", "--assume-clean", partition(one), partition(two)])
    open_luks("/dev/md8", "luks-8")
    run(["vgcreate", "-qq", "nas", "/dev/mapper/luks-8"])
    run(["lvcreate", "-qq", "-y", "-l", "100%FREE", "-n", "home", "nas"])
    ext4("/dev/nas/home")
    mount("/dev/nas/home", "/run/mnt/nas")
    released(lethe, one, ("mounted", "/run/mnt/nas", "umount /run/mnt/nas"),
             ("lvm", "volume group nas", "vgchange -an nas"),
             ("crypt", "encrypted volume luks-8", "cryptsetup close luks-8"),
             ("md", f"{one}1 is a member of the array /dev/md8", "mdadm --stop /dev/md8"))
    lethe.must_erase(two)


CASES = [logical_volumes, btrfs_pair, md_array, encrypted_volume, device_mapper_volume, whole_stack]

if __name__ == "__main__":
    use_scsi_debug(dev_size_mb=16)
    # LUKS's sum and cipher come first: dm-crypt can't load without one of the kernel's keys.
    modules("cbc", "xts", "dm-mod", "dm-crypt", "raid1")
    # No udevd makes the nodes of volumes here.
    write("/run/lvm-system/lvm.conf", "activation { udev_sync = 0 udev_rules = 0 }\n")
    main(CASES)
