#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Disks that lie, break or go away while they are erased, by a real kernel's means: device-mapper
targets over a disk, and faults of scsi_debug. None may pass."""
import os

from bed import (MARKER, Lethe, Wrong, add_disk, fill_disk, holds_marker, main, modules, must,
                 profiles_with, run, use_scsi_debug, wait_for, write)

SCSI_DEBUG = "/sys/bus/pseudo/drivers/scsi_debug"
BAD = 8192  # sector of the faulty stretch


def sectors(disk):
    return int(run(["blockdev", "--getsz", disk]))


class Volume:
    """A device-mapper volume over a disk; its table may be changed under its user."""

    def __init__(self, name, table):
        self.name = name
        run(["dmsetup", "create", name, "--table", table])
        self.node = "/dev/dm-" + run(["dmsetup", "info", "-c", "--noheadings", "-o", "minor", name]).strip()
        wait_for(self.node, lambda: os.path.exists(self.node))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run(["dmsetup", "remove", self.name])

    def change(self, table):
        run(["dmsetup", "reload", self.name, "--table", table])
        run(["dmsetup", "resume", self.name])


def linear(disk):
    return f"0 {sectors(disk)} linear {disk} 0"


def flakey(disk, fault, start=0, length=None):
    """FAULT in LENGTH sectors from START, the rest sound. Up for 0 s, down for a day."""
    return within(disk, start, length, f"flakey {disk} {start} 0 86400 1 {fault}")


def within(disk, start, length, target):
    """A volume over DISK with TARGET for LENGTH sectors (None: to the end) from START."""
    end = sectors(disk)
    length = length or end - start
    parts = [f"0 {start} linear {disk} 0"] if start else []
    parts += [f"{start} {length} {target}"]
    if start + length < end:
        parts += [f"{start + length} {end - start - length} linear {disk} {start + length}"]
    return "\n".join(parts)


def must_fail_with_data(lethe, disk, ended):
    must(f"the fault came too late: the customer's data are on {disk}", holds_marker(disk), True)
    return lethe.must_fail(*ended)


def sound_volume(lethe):
    """The bed itself: a volume without a fault passes."""
    disk = add_disk()
    with Volume("sound", linear(disk)) as volume:
        lethe.must_erase(volume.node, verdict=2)  # a volume has no name of its own: unbound
    must(f"the customer's data are on {disk}", holds_marker(disk), False)


def drops_all_writes(lethe):
    disk = add_disk()
    with Volume("liar", flakey(disk, "drop_writes")) as volume:
        must_fail_with_data(lethe, disk, lethe.erase(volume.node))


def drops_writes_after_canaries(lethe):
    """The liar that waits: all is well until the canaries were written and read back."""
    disk = add_disk()
    with Volume("liar", linear(disk)) as volume:
        must_fail_with_data(lethe, disk, lethe.erase_watched(volume.node, {
            "canary.written": lambda: volume.change(flakey(disk, "drop_writes"))}))


def drops_writes_of_one_block(lethe):
    """4 KiB of 16 MiB: only reading all of it finds that."""
    disk = add_disk()
    with Volume("liar", linear(disk)) as volume:
        must_fail_with_data(lethe, disk, lethe.erase_watched(volume.node, {
            "canary.written": lambda: volume.change(flakey(disk, "drop_writes", BAD, 8))}))


def refuses_all_writes(lethe):
    disk = add_disk()
    with Volume("broken", flakey(disk, "error_writes")) as volume:
        must_fail_with_data(lethe, disk, lethe.erase(volume.node))


def refuses_writes_of_one_sector(lethe):
    """Found to the sector, and no exception is allowed by this policy. The target `error`, as `flakey`
    would refuse flushes, too, and the first flush would end the job."""
    disk = add_disk()
    with Volume("broken", linear(disk)) as volume:
        ended = lethe.erase_watched(volume.node, {
            "canary.written": lambda: volume.change(within(disk, BAD, 1, "error"))})
        must_fail_with_data(lethe, disk, ended)
    ranges = [line for line in ended[2] if str(BAD * 512) in str(line)]
    must(f"an event names byte {BAD * 512} of the bad sector", bool(ranges), True)


def refuses_writes_half_way(lethe):
    disk = add_disk()
    with Volume("broken", linear(disk)) as volume:
        must_fail_with_data(lethe, disk, lethe.erase_watched(volume.node, {
            "canary.written": lambda: volume.change(flakey(disk, "error_writes", sectors(disk) // 2))}))


def unreadable_sectors(lethe):
    """scsi_debug's medium error: ten sectors from 1234h can't be read, with a drive's own sense."""
    disk = add_disk()
    try:
        lethe.must_fail(*lethe.erase_watched(disk, {
            "worker.started#2": lambda: write(f"{SCSI_DEBUG}/opts", "2")}))
    finally:
        write(f"{SCSI_DEBUG}/opts", "0")


def fakes_all_transfers(lethe):
    """scsi_debug's fake_rw: every command succeeds and moves nothing. It ends with empty disks."""
    disk = add_disk()
    try:
        lethe.must_fail(*lethe.erase_watched(disk, {
            "canary.written": lambda: write(f"{SCSI_DEBUG}/fake_rw", "1")}))
    finally:
        write(f"{SCSI_DEBUG}/fake_rw", "0")


def remove(disk):
    name = os.path.basename(disk)
    write(f"/sys/block/{name}/device/delete", "1")
    wait_for(f"the end of {disk}", lambda: not os.path.exists(f"/sys/block/{name}"))


def pulled_while_written(lethe):
    disk = add_disk()
    lethe.must_fail(*lethe.erase_watched(disk, {"canary.written": lambda: remove(disk)}))


def pulled_while_verified(lethe):
    disk = add_disk()
    lethe.must_fail(*lethe.erase_watched(disk, {"worker.started#2": lambda: remove(disk)}))


def pulled_and_another_plugged(lethe):
    """The next disk may get the name of the one before: nothing may be written to it."""
    disk = add_disk()
    other = []

    def swap():
        remove(disk)
        other.append(add_disk())

    lethe.must_fail(*lethe.erase_watched(disk, {"canary.written": swap}))
    with open(other[0], "rb") as file:
        data = file.read()
    wanted = (MARKER * (1 + (1 << 20) // len(MARKER)))[: 1 << 20]
    must(f"{other[0]} is as it was", all(data[at:at + len(wanted)] == wanted
                                         for at in range(0, len(data), len(wanted))), True)


def written_behind_our_back(lethe):
    """One sector, by a program that needs no claim, after the pass and before verification."""
    disk = add_disk()

    def scribble():
        with open(disk, "r+b", buffering=0) as file:
            file.seek(BAD * 512)
            file.write(MARKER[:40].ljust(512))
            os.fsync(file.fileno())

    lethe.must_fail(*lethe.erase_watched(disk, {"worker.started#2": scribble}))


def read_only(lethe):
    disk = add_disk()
    run(["blockdev", "--setro", disk])
    must("uses", [use["kind"] for use in lethe.device(disk)["in_use"]], ["read-only"])
    must("exit status of lethe plan", lethe.plan(disk)[0], 3)
    status, result, _ = lethe.erase(disk)
    must(f"exit status ({result})", status, 3)
    must("outcome", result["outcome"], "refused")
    must("remedy", result["error"]["remedy"], f"blockdev --setrw {disk}")
    must("the customer's data are there", holds_marker(disk), True)
    run(result["error"]["remedy"])
    lethe.must_erase(disk)


def nobody_knows_it(lethe):
    """A device without a profile is refused, not mistyped."""
    disk = add_disk(fill=False)
    with Volume("unknown", linear(disk)) as volume:
        stranger = Lethe(lethe.program)
        status, plan = stranger.plan(volume.node)
        must("exit status of lethe plan", status, 3)
        must(f"the reason {plan['refusal']}", "no device profile" in plan["refusal"]["reason"], True)


def false_capacity(lethe):
    """A gigabyte of capacity over 16 MiB of memory, as in a forged stick."""
    write(f"{SCSI_DEBUG}/virtual_gb", "1")  # of every disk: what comes later fills more slowly
    disk = add_disk(fill=False)
    if sectors(disk) != 1 << 21:
        raise Wrong(f"{disk} has {sectors(disk)} sectors")
    fill_disk(disk)
    lethe.must_fail(*lethe.erase(disk))


CASES = [sound_volume, drops_all_writes, drops_writes_after_canaries, drops_writes_of_one_block,
         refuses_all_writes, refuses_writes_of_one_sector, refuses_writes_half_way,
         unreadable_sectors, pulled_while_written, pulled_while_verified,
         pulled_and_another_plugged, written_behind_our_back, read_only, nobody_knows_it,
         false_capacity, fakes_all_transfers]

if __name__ == "__main__":
    use_scsi_debug(dev_size_mb=16)
    modules("dm-mod", "dm-flakey")
    main(CASES, profiles_with("volume.yaml"))
