#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""All lights go out while a drive of the virtual bench erases itself, and `lethe resume` comes after."""
import sys
import time

import bench
from bed import main, must, run
from erasures import PURGE, Erasure, impatient
from oracles import holds
from scsi import ENHANCED, ata, must_be_purged, one, sas


def resume(lethe):
    resumed = Erasure.__new__(Erasure)
    resumed.watch(lethe.command("resume", "--json", "--no-page"))
    return resumed


def locked_by_a_power_cut(lethe):
    """It comes back locked, and isn't lost."""
    drive = one(lethe, "locked", "LOCK1", ata(ENHANCED, milliseconds=3000))
    erasure = Erasure(lethe, [drive.plug()], PURGE, ["LOCK1"])
    erasure.until("technique.intent")
    time.sleep(0.7)
    erasure.kill()
    drive.control("power-cut")
    node = drive.cycle()
    holds(run(["hdparm", "-I", node]), "\tenabled", "\tlocked")
    resumed = resume(lethe)
    status, results = resumed.end()
    must_be_purged(drive, status, list(results.values())[-1], resumed.lines)
    holds(run(["hdparm", "-I", node]), "not\tenabled", "not\tlocked")
    drive.pull()


def no_size_meanwhile(lethe):
    """A drive that tells its size only when its sanitise is over: to the kernel it has none, then and
    afterwards. It is waited for, and looked at again."""
    drive = one(lethe, "sizeless", "SIZE1", {**sas("overwrite", "capacity-refused"), "milliseconds": 12000})
    erasure = Erasure(lethe, [drive.plug()], PURGE, ["SIZE1"])
    erasure.until("technique.intent")
    time.sleep(0.5)
    erasure.kill()
    drive.control("power-cut")
    node = drive.cycle()
    must("bytes meanwhile", run(["blockdev", "--getsize64", node]).strip(), "0")
    refusal = lethe.json("plan", node, "--policy", PURGE)[1]["refusal"]
    holds(refusal["reason"], "a sanitise that this job did not begin is running")
    resumed = resume(lethe)
    told = resumed.until("waiting")
    must("who is waited for", told["target"], node)
    holds(told["reason"], "it still sanitises; its size will be known after")
    must("bytes while it is waited for", run(["blockdev", "--getsize64", node]).strip(), "0")
    status, results = resumed.end()
    must_be_purged(drive, status, list(results.values())[-1], resumed.lines)
    must("bytes at the end", run(["blockdev", "--getsize64", node]).strip(), str(4 << 20))
    drive.pull()


if __name__ == "__main__":
    bench.prepare("scsi")
    main([locked_by_a_power_cut, no_size_meanwhile], impatient(sys.argv[1]))
