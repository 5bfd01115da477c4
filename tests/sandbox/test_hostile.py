#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone that took over the process which talks to it: it opens a file, calls home, takes a gigabyte,
spins, hangs. Only that process dies; the supervisor says so, records a failed job, and the drive beside
it is erased and certified as if nothing had been."""
import glob
import json
import os
import re
import resource
import shutil
import sys
import time
import unittest

import bench
from bench import Bench, Result

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.environ["LETHE_BIN"]
POLICY = "nist-800-88r2-clear"
PHONES = {"ios": "iphone"}
TARGETS = ("emu:phone", "emu:drive")
DRIVE = {"name": "drive", "serial": "SN-BESIDE", "capacity": "4MiB", "media": "magnetic", "contents": "text:old "}


def hostile_programs(folder):
    """The built programs, with another lethe-worker-phone beside them: programs are looked for there."""
    os.mkdir(folder)
    shutil.copy2(os.path.join(BUILT, "lethe"), folder)
    for name in ("lethe-worker", "lethe-phone", "lethe-mux", "lethe-press", "lethe-post"):
        os.symlink(os.path.join(BUILT, name), os.path.join(folder, name))
    os.symlink(os.path.join(BUILT, "hostile_worker"), os.path.join(folder, "lethe-worker-phone"))
    return os.path.join(folder, "lethe")


def impatient(folder):
    """The shipped profiles, with five seconds of patience."""
    shutil.copytree(os.path.join(HERE, "..", "..", "profiles"), folder)
    for policy in glob.glob(os.path.join(folder, "policies", "*.yaml")):
        with open(policy) as f:
            text = f.read()
        with open(policy, "w") as f:
            f.write(re.sub(r"(?m)^(\s*stall_seconds:).*$", r"\1 5", text))
    return ["--profiles", folder]


def a_second_of_cpu():
    """What spins is not waited for: a limit that was there before is never lifted."""
    resource.setrlimit(resource.RLIMIT_CPU, (2, 2))


class Hostile(unittest.TestCase):
    def setUp(self):
        self.bench = Bench(keys=False)
        self.addCleanup(shutil.rmtree, self.bench.dir, ignore_errors=True)
        self.bench.options = impatient(self.bench.path("profiles"))
        self.honest, bench.LETHE = bench.LETHE, hostile_programs(self.bench.path("bin"))
        self.addCleanup(setattr, bench, "LETHE", self.honest)

    def emulation(self, family):
        phone = {"name": "phone", "phone": {"personality": PHONES[family]}}
        return self.bench.emulation("e.yaml", {"devices": [phone, DRIVE]})

    def run_hostile(self, where, act, *args, emulate):
        began = time.monotonic()
        process = self.bench.run(*args, emulate=[emulate], timeout=90,
                                 env={"LETHE_HOSTILE_IN": where, "LETHE_HOSTILE": act},
                                 preexec_fn=a_second_of_cpu if act == "spin" else None)
        self.assertLess(time.monotonic() - began, 60)
        self.assertNotIn("hostile:", process.stderr, f"{act} came through")
        return process

    def look(self, family, act):
        """Asked who it is: what the supervisor says stands in the way."""
        process = self.run_hostile("__probe", act, "show", "emu:phone", "--json",
                                   emulate=self.emulation(family))
        self.assertEqual(process.returncode, 0, process.stderr)
        return json.loads(process.stdout)["firmware"]["obstacle"]

    def erase(self, family, act):
        """The phone and the drive, in one run."""
        emulate = self.emulation(family)
        digests = [self.bench.digest(target, POLICY, [emulate])[:8] for target in TARGETS]
        process = self.run_hostile("__worker", act, "erase", *TARGETS, "--policy", POLICY, "--json", "--no-page",
                                   "--accept-untested", "--confirm", digests[0], "--confirm", digests[1],
                                   emulate=emulate)
        result = Result(process)
        return {r["target"]: r for r in result.results}, result


def look(family, act):
    def test(self):
        self.assertNotEqual(self.look(family, act), "")
    test.__doc__ = f"{family}: {act} while it is asked who it is"
    return test


def erase(family, act):
    def test(self):
        results, run = self.erase(family, act)
        self.assertEqual(results["emu:drive"]["outcome"], "passed")
        self.assertEqual(results["emu:phone"]["outcome"], "failed", results["emu:phone"])
        # It is on the record, with what became of the worker.
        jobs = json.loads(self.bench.check("jobs", "--json"))
        self.assertEqual(sorted(j["outcome"] for j in jobs), ["failed", "passed"])
    test.__doc__ = f"{family}: {act} while it is told to erase itself"
    return test


def honest(family):
    def test(self):
        self.assertEqual(self.look(family, "nothing"), "")
        results, _ = self.erase(family, "nothing")
        self.assertEqual({r["outcome"] for r in results.values()}, {"passed"})
    test.__doc__ = f"{family}: and without all that"
    return test


for family in PHONES:
    setattr(Hostile, f"test_{family}_honest", honest(family))
    for act in ("open", "inet", "memory", "spin", "hang"):
        setattr(Hostile, f"test_{family}_asked_{act}", look(family, act))
        setattr(Hostile, f"test_{family}_told_{act}", erase(family, act))

if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
