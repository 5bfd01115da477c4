# SPDX-License-Identifier: Apache-2.0
"""Technique x drive x lie in a real kernel: each run plugs a drive in, erases it by the real program
against its node, and asks the drive itself what is left where no command looks. Whatever a run says
is due: nothing that was not erased is ever believed."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

from bed import Wrong, children, must
from bench import Bench

PURGE, CLEAR = "nist-800-88r2-purge", "nist-800-88r2-clear"
DRIVE = {"vendor": "Acme", "model": "Bench Drive", "capacity": "4MiB", "media": "flash",
         "contents": "text:the customer's data "}
EXIT = {"passed": 0, "refused": 3, "passed-with-exceptions": 4, "failed": 5, "indeterminate": 6,
        "aborted": 7}


class Run:
    """One row. CONTROLLER and DRIVE over what all drives have; OUTCOMES and METHOD are its due;
    not BOUND: no serial of the drive's own comes through, so that its certificate names no drive."""

    def __init__(self, name, controller, outcome, method="none", policy=PURGE, lie=None, drive=None,
                 options=(), bound=True):
        self.name, self.policy, self.method = name, policy, method
        self.outcomes = outcome if isinstance(outcome, tuple) else (outcome,)
        self.options, self.bound = list(options), bound
        self.controller = {"milliseconds": 150, "spare": "256KiB", **controller}
        if lie:
            self.controller["faults"] = [lie] if isinstance(lie, dict) else [{"kind": lie}]
        self.drive = drive or {}

    def config(self, number):
        return {**DRIVE, "name": f"d{number}", "serial": f"VB{number:04}", "wwn": f"5000c500a1b2{number:04x}",
                **self.drive, "controller": self.controller}


def impatient(program, seconds=15):
    """The program's own policies in a hurry: that a drive hangs is told after SECONDS, more than an honest
    one hangs in a machine that waits for its turn; and a tenth of the sample is enough, for drives this small."""
    own = pathlib.Path(program).resolve().parents[3] / "profiles"
    if not own.is_dir():
        own = pathlib.Path(__file__).resolve().parents[2] / "profiles"
    there = pathlib.Path("/run/impatient")
    shutil.copytree(own, there)
    for policy in (there / "policies").glob("*.yaml"):
        text = policy.read_text("utf-8").replace("stall_seconds: 180", f"stall_seconds: {seconds}") \
            .replace('fraction: "0.1%"', 'fraction: "1%"')
        policy.write_text(text, encoding="utf-8")
    return str(there)


QUICK = {**os.environ, "LETHE_POLL_MS": "20"}


class Erasure:
    """`lethe erase` of NODES, event by event."""

    def __init__(self, lethe, nodes, policy, confirms, *options):
        words = [word for confirm in confirms for word in ("--confirm", confirm)]
        self.watch(lethe.command("erase", *nodes, "--policy", policy, *words, "--json", "--no-page", *options))

    def watch(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True, env=QUICK,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.lines = []

    def __iter__(self):
        for text in self.process.stdout:
            self.lines.append(json.loads(text))
            yield self.lines[-1]

    def until(self, kind):
        for line in self:
            if line["type"] == kind:
                return line
        raise Wrong(f"never came to {kind}: {self.lines[-2:]} {self.process.stderr.read()[-400:]}")

    def kill(self):
        """As when the bench loses its power: supervisor and workers, in no order."""
        for pid in [self.process.pid, *children(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:  # a worker dies with its supervisor
                pass
        self.process.communicate()

    def end(self):
        """Exit status and what it came to, by target."""
        for _ in self:
            pass
        errors = self.process.stderr.read()
        status = self.process.wait()
        results = {line["target"]: line for line in self.lines if line["type"] == "result"}
        if not results:
            raise Wrong(f"no result: exit {status}: {self.lines[-2:]}{errors[-500:]}")
        return status, results


def erase(lethe, node, policy, confirm, *options):
    """Exit status, result and all lines."""
    erasure = Erasure(lethe, [node], policy, [confirm], *options)
    status, results = erasure.end()
    return status, list(results.values())[-1], erasure.lines


def believed(lethe, result):
    """Is what was signed valid for a verifier?"""
    return lethe.verdict(result)[0] == 0


def confirmation(lethe, drive, node, policy, options=()):
    """The serial on the label; where a bridge keeps that to itself, the plan's digest."""
    bridge = drive.config["controller"].get("bridge", "none")
    if bridge == "none" or bridge.startswith("sat"):
        return drive.config["serial"]
    return lethe.json("plan", node, "--policy", policy, *options)[1].get("digest", "none")[:8]


def why(result, lines):
    error = result.get("error") or {}
    said = [error.get("what", "")] if isinstance(error, dict) else [str(error)]
    for line in lines:
        if line.get("type") == "job.end":
            said += line.get("reasons", [])
    return " | ".join(part for part in said if part)


def check(run, lethe, drive, status, result):
    """What is wrong with how it ended."""
    problems, left = [], drive.remains()
    if result["outcome"] not in run.outcomes:
        problems.append(f"not {' or '.join(run.outcomes)}")
    if result["method"] != run.method:
        problems.append(f"method {result['method']} is not {run.method}")
    met = result["policy_met"]
    if status != EXIT.get(result["outcome"]) and (result["outcome"] != "passed" or met):
        problems.append(f"exit status {status}")
    if result["outcome"].startswith("passed") or result["method"] != "none":
        for area, blocks in left.items():
            if area == "device" or not blocks:
                continue
            if area != "spare" or result["method"] == "purge":
                problems.append(f"{blocks} old blocks are left in {area}")
    if result["outcome"] != "refused":
        if result["substrate"] != "virtual":
            problems.append(f"substrate {result['substrate']}")
        verdict, text = lethe.verdict(result)
        if (verdict == 0) != (met and run.bound):
            problems.append(f"policy met: {met}, but lethe-verify says {text}")
    left.pop("device")
    return left, problems


def check_cells(lines):
    """Workers as root would never have them: nobody, filtered, and no more rights than are needed."""
    problems = []
    for line in lines:
        if line["type"] != "worker.started":
            continue
        cell = line["sandbox"]
        if cell["user"] != "nobody" or cell["seccomp"] != "filter":
            problems.append(f"a worker's cell is {cell}")
        if cell["capabilities"] not in ("none", "sys_rawio", "sys_admin"):
            problems.append(f"a worker keeps {cell['capabilities']}")
        if line["role"] == "verify" and cell["capabilities"] != "none":
            problems.append(f"a verifier keeps {cell['capabilities']}")
    return problems


def table(lethe, file, runs, before=None):
    """Carry out RUNS, print the table; how many did not end as they must."""
    bench = Bench(pathlib.Path(lethe.program).parent, file,
                  json.dumps({"devices": [run.config(i) for i, run in enumerate(runs)]}))
    failed = 0
    print(f"{'run':44} {'policy':14} {'outcome':14} {'method':6} {'s':>5}  old blocks left", flush=True)
    for run, drive in zip(runs, bench.drives.values()):
        began = time.monotonic()
        result = {"outcome": "-", "method": "-"}
        left, said = {}, ""
        try:
            node = drive.plug()
            status, result, lines = erase(lethe, node, run.policy,
                                         confirmation(lethe, drive, node, run.policy, run.options), *run.options)
            said = why(result, lines)
            left, problems = check(run, lethe, drive, status, result)
            problems += check_cells(lines)
        except Wrong as wrong:
            problems = [str(wrong)]
        try:
            drive.pull()
        except Wrong as wrong:
            problems.append(str(wrong))
        told = " ".join(f"{k}={v}" for k, v in left.items() if v) or "none"
        print(f"{run.name:44} {run.policy.replace('nist-800-88r2-', 'nist-'):14} {result['outcome']:14} "
              f"{result['method']:6} {time.monotonic() - began:5.1f}  {told}", flush=True)
        for problem in problems:
            print(f"    WRONG: {problem}; told: {said[:400]}", flush=True)
        if os.environ.get("VBENCH_VERBOSE"):
            print(f"    {said[:400]}", flush=True)
        failed += 1 if problems else 0
    must("runs that did not end as they must", failed, 0)
