# SPDX-License-Identifier: Apache-2.0
"""
Every scenario (tests/scenarios/*.json: data only) with each of its policies, through the real program.
Prints the table; fails when an outcome is not one the scenario names, or when anything that was not
wholly erased is believed.

What a scenario holds is in README.md beside this file. Those marked `slow` wait for the policy's
patience to run out: they get the same policies with a patience of two seconds.
"""
import concurrent.futures
import glob
import json
import os
import re
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from bench import Bench  # noqa: E402

EXIT = {"passed": 0, "refused": 3, "passed-with-exceptions": 4, "failed": 5, "indeterminate": 6,
        "aborted": 7, "operator-attested": 8}


def impatient(bench):
    """The shipped profiles with a short patience."""
    folder = bench.path("profiles")
    shutil.copytree(os.path.join(HERE, "..", "..", "profiles"), folder)
    for policy in glob.glob(os.path.join(folder, "policies", "*.yaml")):
        with open(policy) as f:
            text = f.read()
        changed = re.sub(r"(?m)^(\s*stall_seconds:).*$", r"\1 2", text)
        assert "stall_seconds" not in text or changed != text
        with open(policy, "w") as f:
            f.write(changed)
    return ["--profiles", folder]


def run(name, scenario, policy):
    expect = scenario["expect"]
    device = scenario["emulate"]["devices"][0]
    with Bench(keys=False) as bench:
        if scenario.get("slow"):
            bench.options = impatient(bench)
        file = bench.emulation("device.yaml", scenario["emulate"])
        target = f"emu:{device['name']}"
        result = bench.erase(target, policy, device.get("serial"), emulate=[file])
        last = result.last
        problems = []
        if last["outcome"] not in expect["outcome"]:
            problems.append(f"outcome {last['outcome']} is not one of {expect['outcome']}")
        if "method" in expect and last["method"] != expect["method"]:
            problems.append(f"method {last['method']} is not {expect['method']}")
        if result.exit != EXIT[last["outcome"]] or result.exit not in expect.get("exit", [result.exit]):
            problems.append(f"exit status {result.exit} for {last['outcome']}")
        if last["outcome"] != "refused":
            status, report = bench.verify(last["certificate"], "--allow", "emulated",
                                          trust=os.path.join(bench.state, "demo", "trust", "root.pem"))
            if (status == 0) != (last["outcome"] == "passed" or last.get("policy_met", False)):
                problems.append(f"verifier says {report and report['verdict']} of {last['outcome']}")
            status, _ = bench.verify(last["certificate"],
                                     trust=os.path.join(bench.state, "demo", "trust", "root.pem"))
            if status == 0:
                problems.append("an emulated device was taken for a real one")
        reason = (last.get("error") or {}).get("what", "")
        ends = result.of("job.end")
        if not reason and ends and ends[0]["reasons"]:
            reason = ends[0]["reasons"][0]
        return name, policy, last["outcome"], last["method"], reason, problems


def guarded(task):
    try:
        return run(*task)
    except Exception as problem:  # a scenario that can't run is a failure with a name
        return task[0], task[2], "-", "-", "", [repr(problem)]


def main():
    tasks = []
    for file in sorted(glob.glob(os.path.join(HERE, "*.json"))):
        with open(file) as f:
            scenario = json.load(f)
        name = os.path.splitext(os.path.basename(file))[0]
        tasks += [(name, scenario, policy) for policy in scenario["policies"]]
    assert len(tasks) >= 20, f"only {len(tasks)} scenarios found"
    print(f"{'scenario':32} {'policy':22} {'outcome':22} {'method':7} reason")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        for name, policy, outcome, method, reason, problems in pool.map(guarded, tasks):
            print(f"{name:32} {policy:22} {outcome:22} {method:7} {reason[:70]}")
            for problem in problems:
                print(f"    WRONG: {problem}")
            failed += bool(problems)
    print(f"{len(tasks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
