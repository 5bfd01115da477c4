#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone that took over the process which talks to it: it opens a file, calls home, takes a gigabyte,
spins, hangs. Only that process dies; the supervisor says so, records a failed job, and the drive beside
it is erased and certified as if nothing had been."""
import concurrent.futures
import glob
import json
import os
import re
import resource
import shutil
import sys
import tempfile
import time
import unittest

import bench
from bench import Bench, Result

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.environ["LETHE_BIN"]
POLICY = "nist-800-88r2-clear"
PHONES = {"android": "pixel-15", "ios": "iphone"}
TARGETS = ("emu:phone", "emu:drive")
DRIVE = {"name": "drive", "serial": "SN-BESIDE", "capacity": "4MiB", "media": "magnetic", "contents": "text:old "}

# What the record says of each, so that it is known that just that happened.
END = {"nothing": "", "open": "forbidden system call", "inet": "forbidden system call", "memory": "Segmentation fault",
       "spin": "CPU time limit", "hang": "no progress"}


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


def a_second_of_cpu():
    """What spins is not waited for: a limit that was there before is never lifted."""
    resource.setrlimit(resource.RLIMIT_CPU, (2, 3))


class Case:
    """One bench with a phone and a drive, on which ACT is done or not."""

    def __init__(self, family, act, shared):
        self.family, self.act = family, act
        self.bench = Bench(keys=False)
        self.bench.options = ["--profiles", os.path.join(shared, "profiles")]
        phone = {"name": "phone", "phone": {"personality": PHONES[family]}}
        self.file = self.bench.emulation("e.yaml", {"devices": [phone, DRIVE]})
        self.bench.check("pair", "emu:phone", emulate=[self.file])

    def run(self, where, *args):
        began = time.monotonic()
        process = self.bench.run(*args, emulate=[self.file], timeout=200,
                                 env={"LETHE_HOSTILE_IN": where, "LETHE_HOSTILE": self.act,
                                      "LETHE_POLL_MS": "500"},  # watched as a test bed watches
                                 preexec_fn=a_second_of_cpu if self.act == "spin" else None)
        took = time.monotonic() - began
        assert took < 120, f"{took:.0f} s"
        assert "hostile:" not in process.stderr, f"{self.act} came through"
        return process

    def look(self):
        """Asked who it is: what the supervisor says stands in the way."""
        process = self.run("__probe", "show", "emu:phone", "--json")
        assert process.returncode == 0, process.stderr
        return json.loads(process.stdout)["firmware"]["obstacle"]

    def erase(self):
        """The phone and the drive, in one run: their outcomes, and those on the record."""
        digests = [self.bench.digest(target, POLICY, [self.file])[:8] for target in TARGETS]
        result = Result(self.run("__worker", "erase", *TARGETS, "--policy", POLICY, "--json", "--no-page",
                                 "--confirm", digests[0], "--confirm", digests[1]))
        told = {r["target"]: r for r in result.results}
        jobs = json.loads(self.bench.check("jobs", "--json"))
        # A process that only died may have been killed: its job waits, but not for ever.
        for _ in range(3):
            if not any(job["open"] for job in jobs):
                break
            told["emu:phone"] = Result(self.run("__worker", "resume", "--json", "--no-page")).last
            jobs = json.loads(self.bench.check("jobs", "--json"))
        why = told["emu:phone"].get("error", {}).get("what", "")
        return {target: r["outcome"] for target, r in told.items()}, why, sorted(j["outcome"] for j in jobs)

    def check(self):
        wanted = "passed" if self.act == "nothing" else "failed"
        if (self.family, self.act) == ("android", "hang"):
            wanted = "refused"  # before its erasure began: unharmed
        obstacle = self.look()
        assert (obstacle == "") == (self.act == "nothing"), f"asked: {obstacle!r}"
        outcomes, why, recorded = self.erase()
        assert outcomes == {"emu:phone": wanted, "emu:drive": "passed"}, f"told: {outcomes}"
        assert recorded == sorted([wanted, "passed"]), f"recorded: {recorded}"
        assert END[self.act] in why, f"not because of that: {why}"
        shutil.rmtree(self.bench.dir, ignore_errors=True)
        return f"{self.family:8} {self.act:8} asked: {obstacle or 'answers'}; told: {wanted}: {why}"


class Hostile(unittest.TestCase):
    def test_only_its_own_process_dies(self):
        shared = tempfile.mkdtemp(prefix="lethe-hostile-")
        self.addCleanup(shutil.rmtree, shared, ignore_errors=True)
        impatient(os.path.join(shared, "profiles"))
        bench.LETHE = hostile_programs(os.path.join(shared, "bin"))
        cases = [Case(family, act, shared) for family in PHONES
                 for act in ("nothing", "open", "inet", "memory", "spin", "hang")]
        # They mostly wait.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            done = [(case, pool.submit(case.check)) for case in cases]
        for case, future in done:
            with self.subTest(family=case.family, act=case.act):
                print(future.result())


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
