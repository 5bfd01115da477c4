#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks that come and go, as `lethe list --watch` tells it, first without udevd, then with it; and
what udevd's rules do to a customer's disk by themselves."""
import glob
import json
import os
import pathlib
import select
import subprocess
import time

from bed import (Wrong, add_disk, ext4, main, modules, must, partition, run, use_scsi_debug,
                 wait_for, write)


class Watch:
    """`lethe list --watch --json`; what it printed, line by line."""

    def __init__(self, lethe):
        self.process = subprocess.Popen(lethe.command("list", "--watch", "--json"),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def line(self, seconds):
        """The next line, or None after SECONDS without one."""
        end = time.monotonic() + seconds
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise Wrong("lethe list --watch ended")
            self.rest += data
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)

    def must_tell(self, action, node=None):
        """The next line is ACTION; of NODE where its name is known."""
        line = self.line(10)
        if not line:
            raise Wrong(f"nothing told of {action} {node or ''}")
        must("event", (line["action"], line["target"]), (action, node or line["target"]))
        return line["device"]

    def must_be_silent(self, seconds=0.5):
        must("event that isn't one", self.line(seconds), None)


def remove(disk):
    write(f"/sys/block/{os.path.basename(disk)}/device/delete", "1")


def replug(host):
    """What was deleted is found again, by the same host."""
    write(f"/sys/class/scsi_host/{host}/scan", "- - -")


def host_of(disk):
    path = os.path.realpath(f"/sys/block/{os.path.basename(disk)}/device")
    return "host" + os.path.basename(path).split(":")[0]


def disk_of(host):
    found = glob.glob(f"/sys/class/scsi_host/{host}/device/target*/*/block/*")
    return found and "/dev/" + os.path.basename(found[0])


def wwn(device):
    return [i["value"] for i in device["identity"]["identifiers"] if i["kind"] == "wwn"]


def comes_and_goes(lethe):
    there = add_disk(fill=False)
    with Watch(lethe) as watch:
        watch.must_tell("add", there)
        disk = add_disk(fill=False)
        first = watch.must_tell("add", disk)
        must("the disk has a WWN", len(wwn(first)), 1)
        host = host_of(disk)
        # Partitions and file systems on a disk are no news of what is attached.
        ext4(partition(disk))
        watch.must_be_silent()
        remove(disk)
        gone = watch.must_tell("remove", disk)
        must("WWN of what went", wwn(gone), wwn(first))
        replug(host)  # under another name while somebody has the old node open
        again = watch.must_tell("add")
        must(f"WWN of what came back ({again})", wwn(again), wwn(first))
        # In one go: gone and back before anybody looked is another medium all the same.
        remove(again["target"])
        replug(host)
        watch.must_tell("remove", again["target"])
        again = watch.must_tell("add")
        must(f"WWN of what came back ({again})", wwn(again), wwn(first))
        watch.must_be_silent()
    remove(again["target"])
    remove(there)


def start_udevd(lethe):
    """With the rules of the distribution; from here on Lethe hears udevd, not the kernel."""
    run("/lib/systemd/systemd-udevd --daemon --resolve-names=never")
    wait_for("udevd", lambda: os.path.exists("/run/udev/control"))
    os.remove("/run/lvm-system/lvm.conf")
    run("udevadm trigger --subsystem-match=block --action=add")
    run("udevadm settle --timeout=20")
    must("exit status of lethe list", lethe.json("list")[0], 0)


def known_to_udev(lethe):
    """What is told has passed udevd's probes; an erasure at once doesn't trip over them."""
    with Watch(lethe) as watch:
        must("nothing is attached", watch.line(1), None)
        disk = add_disk(fill=False)
        watch.must_tell("add", disk)
        number = pathlib.Path(f"/sys/block/{os.path.basename(disk)}/dev").read_text("ascii").strip()
        must("udev knows the disk", os.path.exists(f"/run/udev/data/b{number}"), True)
        lethe.must_erase(disk)
        watch.must_be_silent()
        remove(disk)
        watch.must_tell("remove", disk)


def settled():
    run("udevadm settle --timeout=20")


def assembled_by_udev(lethe, make, kind, word, release):
    """Two disks of a customer's: MAKE puts them to use and lets go of them. Plugged in again, udevd
    puts them to use by itself; what is printed must end that, and for good."""
    pair = [add_disk(), add_disk()]
    settled()
    make(*pair)
    hosts = [host_of(disk) for disk in pair]
    for disk in pair:
        remove(disk)
    settled()
    for host in hosts:
        replug(host)
    pair = [wait_for(f"the disk of {host}", lambda h=host: disk_of(h)) for host in hosts]
    settled()
    wait_for(f"{pair[0]} put to use by udevd", lambda: lethe.device(pair[0])["in_use"])
    use = lethe.device(pair[0])["in_use"][0]
    must("kind of use", use["kind"], kind)
    must(f"{word!r} is in {use['what']!r}", word in use["what"], True)
    status, result, _ = lethe.erase(pair[0])
    must(f"exit status ({result})", status, 3)
    must("remedy", result["error"]["remedy"], release(pair[0]))
    run(result["error"]["remedy"])
    settled()
    for disk in pair:
        lethe.must_erase(disk)
    settled()
    for disk in pair:
        must(f"uses of {disk} after all", lethe.device(disk)["in_use"], [])
        remove(disk)


def md_by_udev(lethe):
    def make(one, two):
        run(["mdadm", "--create", "/dev/md7", "--run", "--level=1", "--raid-devices=2",
             "--metadata=1.2", "--assume-clean", one, two])
        run("mdadm --stop /dev/md7")

    assembled_by_udev(lethe, make, "md", "member of the array",
                      lambda disk: "mdadm --stop /dev/" + os.path.basename(
                          glob.glob(f"/sys/block/{os.path.basename(disk)}/holders/md*")[0]))


def lvm_by_udev(lethe):
    def make(one, two):
        run(["vgcreate", "-qq", "nas", one, two])
        run(["lvcreate", "-qq", "-y", "-l", "100%FREE", "-n", "home", "nas"])
        run("vgchange -qq -an nas")

    assembled_by_udev(lethe, make, "lvm", "volume group nas", lambda _: "vgchange -an nas")


CASES = [comes_and_goes, start_udevd, known_to_udev, comes_and_goes, md_by_udev, lvm_by_udev]

if __name__ == "__main__":
    use_scsi_debug(dev_size_mb=16)
    modules("dm-mod", "raid1")
    write("/run/lvm-system/lvm.conf", "activation { udev_sync = 0 udev_rules = 0 }\n")
    main(CASES)
