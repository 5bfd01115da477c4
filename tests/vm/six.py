#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Six drives on USB erased at once, three of which have an accident; and how soon a drive that is
plugged in has its plan."""
import json
import os
import sys
import time

import bench
import erasures
import oracles
from bed import main, must, wait_for
from erasures import DRIVE, PURGE, Erasure, believed, impatient, why

NAMES = ["first", "second", "third", "pulled", "swapped", "stuck"]


def config(name, serial, **more):
    return {**DRIVE, "name": name, "serial": serial,
            "controller": {"kind": "ata", "bridge": "sat", "milliseconds": 6000, "features": ["sanitize-block"], **more}}


def six_at_once(lethe):
    drives = [config(name, f"SIX{i}") for i, name in enumerate(NAMES)] + [config("other", "OTHER1")]
    drives[5]["controller"]["faults"] = [{"kind": "stuck", "at": "30%"}]
    there = bench.Bench(os.path.dirname(lethe.program), "/run/six.yaml", json.dumps({"devices": drives}))
    there["other"].number = there["swapped"].number  # the same port
    began = time.monotonic()
    nodes = {name: there[name].plug(wait=False) for name in NAMES}
    nodes = {name: there[name].wait() for name in NAMES}
    print(f"       six drives on USB after {time.monotonic() - began:.1f} s", flush=True)
    began = time.monotonic()
    erasure = Erasure(lethe, nodes.values(), PURGE, [f"SIX{i}" for i in range(6)])
    for line in erasure:
        if line["type"] != "technique.intent":
            continue
        time.sleep(0.2)  # half-way
        if line["target"] == nodes["pulled"]:
            there["pulled"].pull()
        elif line["target"] == nodes["swapped"]:
            there["swapped"].pull()
            there["other"].plug(wait=False)
    status, results = erasure.end()
    print(f"       six erasures at once, with three accidents, in {time.monotonic() - began:.1f} s", flush=True)
    must("drives with a result", len(results), 6)
    must("exit status", status, 5)
    for name in NAMES:
        result = results[nodes[name]]
        how = (result["outcome"], result["method"], result["policy_met"])
        said = why(result, [line for line in erasure.lines if line.get("target") == nodes[name]])
        print(f"       {name:8} {how[0]:14} {how[1]:6} {said[:100]}", flush=True)
        if name in ("first", "second", "third"):
            must(f"how {name} ended", how, ("passed", "purge", True))
            must(f"old blocks on {name}", there[name].remains()["main"], 0)
        elif how[0] not in ("failed", "indeterminate", "aborted") or how[1] != "none":
            must(f"how {name} ended", how, ("failed", "none", False))
        if name in ("pulled", "swapped"):
            must(f"{name} was awaited", "did not come back" in said, True)
        must(f"{name} has its record", os.path.isfile(result["certificate"]), True)
        must(f"the record of {name} is valid", believed(lethe, result), name in ("first", "second", "third"))
    must("old blocks on the drive that was swapped in", there["other"].remains()["main"], (4 << 20) // 512)
    for name in ("first", "second", "third", "other", "stuck"):
        there[name].pull()


def detection_to_plan(lethe):
    """From the kernel's announcement of the disk to its plan; told, and not judged by the clock."""
    there = bench.Bench(os.path.dirname(lethe.program), "/run/soon.yaml",
                        json.dumps({"devices": [config(f"soon{i}", f"SOON{i}") for i in range(3)]}))
    took = []
    for i, drive in enumerate(there.drives.values()):
        drive.plug(wait=False)
        node = wait_for("the disk", lambda d=drive: bench.announced(d))
        announced = time.monotonic()
        wait_for("udevd", lambda n=node: bench.known(n))
        heard = time.monotonic()
        status, plan = lethe.json("plan", node, "--policy", PURGE)
        took.append((time.monotonic() - announced, heard - announced))
        must(f"exit status of the plan ({plan})", status, 0)
        drive.pull()
    print("bench: detection to plan, s (of it udevd): " +
          ", ".join(f"{all_of_it:.2f} ({udevd:.2f})" for all_of_it, udevd in sorted(took)), flush=True)


def back_in_a_minute(lethe):
    """A drive that loses its power half-way comes back to its port: the same run takes it up again."""
    there = bench.Bench(os.path.dirname(lethe.program), "/run/back.yaml",
                        json.dumps({"devices": [config("back", "BACK1", milliseconds=2000)]}))["back"]
    erasure = Erasure(lethe, [there.plug()], PURGE, ["BACK1"])
    erasure.until("technique.intent")
    time.sleep(0.2)
    node = there.cycle()
    status, results = erasure.end()
    result = list(results.values())[-1]
    must(f"how it ended ({why(result, erasure.lines)})",
         (status, result["outcome"], result["method"]), (0, "passed", "purge"))
    must("events of a window and of a resumed job",
         [line["type"] for line in erasure.lines if line["type"] in ("window.open", "window.closed", "job.resumed")],
         ["window.open", "window.closed", "job.resumed"])
    must(f"old blocks on {node}", there.remains()["main"], 0)
    there.pull()


if __name__ == "__main__":
    erasures.QUICK["LETHE_AWAY_SECONDS"] = "20"  # that long a drive that vanished is awaited
    erasures.QUICK["LETHE_POLL_MS"] = "250"  # a drive that was pulled is silent before the kernel takes its node away
    bench.prepare("usb")
    bench.start_udevd()
    main([six_at_once, back_in_a_minute, detection_to_plan, oracles.usb_tools], impatient(sys.argv[1]))
