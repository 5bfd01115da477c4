#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What only a loss of power brings about: all lights go out while a drive of the virtual bench erases
itself, and `lethe resume` comes after; a drive that refuses to tell what it hides until then."""
import sys
import time

import bench
from bed import main, must, run
from erasures import PURGE, Erasure, impatient, why
from oracles import holds
from scsi import ENHANCED, OVERWRITE, ata, must_be_purged, one, sas


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


def no_size_under_a_living_bench(lethe):
    """The same, and only the drive loses its power: the bench sees it come back without a size, and leaves its
    job to `lethe resume` instead of closing it as failed."""
    drive = one(lethe, "sized", "SIZE2", {**sas("overwrite", "capacity-refused"), "milliseconds": 14000})
    erasure = Erasure(lethe, [drive.plug()], PURGE, ["SIZE2"])
    erasure.until("technique.intent")
    time.sleep(0.5)
    node = drive.cycle()
    must("bytes meanwhile", run(["blockdev", "--getsize64", node]).strip(), "0")
    status, results = erasure.end()
    result = list(results.values())[-1]
    must("outcome", (status, result["outcome"], result["open"]), (1, "none", True))
    holds(why(result, erasure.lines), "tells no size")
    holds(result["error"]["remedy"], "lethe resume")
    resumed = resume(lethe)
    status, results = resumed.end()
    must_be_purged(drive, status, list(results.values())[-1], resumed.lines)
    drive.pull()


def overlay_frozen_by_hdparm(lethe):
    """Half of the disk is behind an overlay that hdparm froze: nobody can know, until it loses power."""
    drive = one(lethe, "frozen", "DCO1", ata([*OVERWRITE, "dco"], milliseconds=150, dco="2MiB"))
    node = drive.plug()
    holds(run(["hdparm", "--dco-identify", node]), "Real max sectors: 8192")
    run(["hdparm", "--dco-freeze", node])
    must("hdparm is told what it hides", "8192" in run(["hdparm", "--dco-identify", node], check=False), False)
    holds(run(lethe.command("show", node)), "can hide a part of itself (dco), and could not be asked")
    erasure = Erasure(lethe, [node], PURGE, ["DCO1"])
    erasure.until("window.open")
    node = drive.cycle()
    status, results = erasure.end()
    result = list(results.values())[-1]
    must("outcome", (status, result["outcome"], result["method"]), (5, "failed", "none"))
    holds(why(result, erasure.lines), "hides 4096 of its 8192 sectors (dco)")
    must("old blocks left", drive.remains()["main"], 8192)
    erasure = Erasure(lethe, [node], PURGE, ["DCO1"])
    erasure.until("window.open")
    drive.cycle()
    status, results = erasure.end()
    must_be_purged(drive, status, list(results.values())[-1], erasure.lines)
    drive.pull()


if __name__ == "__main__":
    bench.prepare("scsi")
    main([locked_by_a_power_cut, no_size_meanwhile, no_size_under_a_living_bench, overlay_frozen_by_hdparm], impatient(sys.argv[1]))
