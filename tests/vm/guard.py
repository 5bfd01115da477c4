#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who is using a disk, and the command that releases it, as a real kernel tells it.

Each case puts a disk to use. It must be refused by `lethe list`, `plan` and `erase`, with the
reason and with exactly the commands given here, topmost user first; nothing may be written to it.
Then the commands are run as printed, one after the other as `lethe erase` asks for them, and the
disk must be erased and pass.
"""
import glob
import os
import pathlib
import subprocess

from bed import (Wrong, add_disk, ext4, main, modules, mount, must, partition, run, use_scsi_debug,
                 wait_for, write, writes)

EXIT_REFUSED = 3


def settle():
    """Nothing is left to be written by others; md marks its disks clean a while after it wrote."""
    run("sync")
    for state in glob.glob("/sys/block/md*/md/array_state"):
        wait_for(f"a clean array in {state}", lambda: pathlib.Path(state).read_text("ascii") != "active\n")


def refused(lethe, node, use):
    """NODE is refused by all three commands; USE is (kind, word of the reason, command)."""
    kind, word, command = use
    device = lethe.device(node)
    uses = device["in_use"]
    first = next((u for u in uses if u["release"] == command), None)
    if not first:
        raise Wrong(f"{node}: {command!r} is not among {uses}")
    must(f"kind of use of {node}", first["kind"], kind)
    must(f"{word!r} is in the reason {first['what']!r}", word in first["what"], True)

    status, plan = lethe.plan(node)
    must(f"exit status of lethe plan {node}", status, EXIT_REFUSED)
    must(f"{word!r} is in {plan['refusal']}", word in plan["refusal"]["reason"], True)
    must(f"remedy of lethe plan {node}", plan["refusal"]["remedy"], command)

    settle()
    before = writes(node)
    status, result, _ = lethe.erase(node)
    must(f"exit status of lethe erase {node}", status, EXIT_REFUSED)
    must(f"outcome of {node}", result["outcome"], "refused")
    must(f"{word!r} is in {result['error']}", word in result["error"]["what"], True)
    must(f"remedy of lethe erase {node}", result["error"]["remedy"], command)
    must(f"writes to {node}", writes(node), before)
    return result["error"]["remedy"]


def released(lethe, node, *uses, also=()):
    """NODE and the disks ALSO are refused for USES, released command by command, and erased."""
    for use in uses:
        for other in also:
            refused(lethe, other, use)
        run(refused(lethe, node, use))
    for disk in (node, *also):
        must(f"uses of {disk} at the end", lethe.device(disk)["in_use"], [])
        lethe.must_erase(disk)


def mounted_disk(lethe):
    disk = add_disk()
    ext4(disk)
    mount(disk, "/run/mnt/disk")
    released(lethe, disk, ("mounted", "is mounted on /run/mnt/disk", "umount /run/mnt/disk"))


def mounted_partition(lethe):
    """The name of the mount point is one word of the command."""
    disk = add_disk()
    ext4(partition(disk))
    mount(f"{disk}1", "/run/mnt/my pictures; 2024")
    released(lethe, disk, ("mounted", f"{disk}1 is mounted on", "umount '/run/mnt/my pictures; 2024'"))


def mounted_twice(lethe):
    """What was mounted last goes first."""
    disk = add_disk()
    ext4(disk)
    mount(disk, "/run/mnt/first")
    mount(disk, "/run/mnt/second")
    released(lethe, disk, ("mounted", "/run/mnt/second", "umount /run/mnt/second"),
             ("mounted", "/run/mnt/first", "umount /run/mnt/first"))


def mounted_elsewhere(lethe):
    """In a container's mount namespace only: this one's mountinfo doesn't show it."""
    disk = add_disk()
    ext4(disk)
    os.makedirs("/run/mnt/container", exist_ok=True)
    with subprocess.Popen(["unshare", "-m", "sh", "-c",
                           f"mount {disk} /run/mnt/container && exec sleep 1000"]) as container:
        try:
            def inside():
                with open(f"/proc/{container.pid}/mountinfo", encoding="utf-8") as mounts:
                    return "/run/mnt/container" in mounts.read()
            wait_for("the container's mount", inside)
            released(lethe, disk, ("mounted", f"namespace of process {container.pid}",
                                   f"nsenter --mount=/proc/{container.pid}/ns/mnt umount /run/mnt/container"))
        finally:
            container.kill()


def swap_partition(lethe):
    disk = add_disk()
    part = partition(disk, "S")
    run(["mkswap", part])
    run(["swapon", part])
    released(lethe, disk, ("swap", f"{part} is used as swap", f"swapoff {part}"))


def loop_on_file(lethe):
    disk = add_disk()
    ext4(disk)
    mount(disk, "/run/mnt/images")
    run("truncate -s 1M /run/mnt/images/a.img")
    loop = run("losetup -f --show /run/mnt/images/a.img").strip()
    released(lethe, disk, ("loop", f"holds /run/mnt/images/a.img, which the loop device {loop}",
                           f"losetup -d {loop}"),
             ("mounted", "/run/mnt/images", "umount /run/mnt/images"))


def loop_on_disk(lethe):
    disk = add_disk()
    loop = run(f"losetup -f --show {disk}").strip()
    released(lethe, disk, ("loop", f"backs the loop device {loop}", f"losetup -d {loop}"))


def image_with_loop(lethe):
    """A plain file is a device class too: it is refused while a loop device stands on it."""
    run("truncate -s 1M /run/plain.img")
    loop = run("losetup -f --show /run/plain.img").strip()
    status, result, _ = lethe.erase("/run/plain.img")
    must("exit status", status, EXIT_REFUSED)
    must("remedy", result["error"]["remedy"], f"losetup -d {loop}")
    run(result["error"]["remedy"])
    status, result, _ = lethe.erase("/run/plain.img")
    must(f"outcome ({result.get('error')})", (status, result["outcome"], result["substrate"]),
         (0, "passed", "image"))


def opened_for_writing(lethe):
    """A virtual machine or an export writes without O_EXCL: only the claim finds it."""
    disk = add_disk()
    with open(disk, "r+b", buffering=0) as file, \
            subprocess.Popen(["sleep", "1000"], pass_fds=[file.fileno()]) as writer:
        file.close()
        try:
            before = writes(disk)
            status, result, _ = lethe.erase(disk)
            must("exit status", status, EXIT_REFUSED)
            must("remedy", result["error"]["remedy"], f"kill {writer.pid}")
            must(f"the reason names the process: {result['error']['what']}",
                 f"open for writing in sleep (process {writer.pid})" in result["error"]["what"], True)
            must("writes", writes(disk), before)
            run(result["error"]["remedy"])
        finally:
            writer.kill()
    lethe.must_erase(disk)


def own_records(lethe):
    """The disk that holds Lethe's state: no command is offered, and no flag helps."""
    disk = add_disk()
    ext4(disk)
    mount(disk, "/run/mnt/records")
    mine = lethe.state
    lethe.state = "/run/mnt/records/state"
    try:
        status, result, _ = lethe.erase(disk)
    finally:
        lethe.state = mine
    must("exit status", status, EXIT_REFUSED)
    must(f"reason {result['error']['what']}", "Lethe's own records" in result["error"]["what"], True)
    must(f"remedy {result['error']['remedy']}", "no flag overrides this" in result["error"]["remedy"], True)
    run("umount /run/mnt/records")


def swap_file(lethe):
    disk = add_disk()
    ext4(disk)
    mount(disk, "/run/mnt/swap")
    run("dd if=/dev/zero of=/run/mnt/swap/file.swap bs=1M count=4 status=none; chmod 600 /run/mnt/swap/file.swap")
    run("mkswap /run/mnt/swap/file.swap")
    run("swapon /run/mnt/swap/file.swap")
    released(lethe, disk, ("swap", "holds the swap file /run/mnt/swap/file.swap",
                           "swapoff /run/mnt/swap/file.swap"),
             ("mounted", "/run/mnt/swap", "umount /run/mnt/swap"))


CASES = [mounted_disk, mounted_partition, mounted_twice, mounted_elsewhere, swap_partition,
         swap_file, loop_on_file, loop_on_disk, image_with_loop, opened_for_writing, own_records]

if __name__ == "__main__":
    use_scsi_debug(dev_size_mb=16)
    modules("loop")
    main(CASES)
