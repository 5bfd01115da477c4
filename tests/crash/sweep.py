# SPDX-License-Identifier: Apache-2.0
"""
Kill everything at every durable step, and at every Nth write, of a job; then recover, and look at
what is believed. Usage: sweep.py CRASHPOINT.so EMU_CTL kill|power-cut [POLICY [EVERY_NTH_WRITE]]

After each crash and recovery:
- no certificate of the `certificate` type for a job whose events don't hold a complete, clean verification;
- no start without an end; every ended job has its certificate, and it is authentic;
- a job that passed left nothing of the old contents on the device;
- the drive is an honest one: no job ends `failed`;
- the device can be erased again;
- the transparency log is whole, goes on from what it had said, and every certificate has its proof and page.
"""
import concurrent.futures
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import Bench, Result  # noqa: E402

MARK = b"the old owner's letters "


def drive(bench):
    return bench.emulation("drive.yaml", {"devices": [{
        "name": "drive", "vendor": "ACME", "model": "Honest Drive", "serial": "SN-0001",
        "capacity": "6MiB", "media": "magnetic", "volatile_cache": True,
        "contents": "text:" + MARK.decode()}]})


def backing(bench):
    return bench.path("drive.yaml.drive.img")


class Counters:
    def __init__(self, file):
        self.file = file
        with open(file, "wb") as f:
            f.write(bytes(16))

    def read(self):
        with open(self.file, "rb") as f:
            data = f.read(16)
        return [int.from_bytes(data[i:i + 4], "little") for i in range(0, 12, 4)]


def run_until_dark(bench, shim, sync=0, write=0):
    """An erasure that stops dead at the point; True when it got there, False when it finished before."""
    counters = Counters(bench.path("counters"))
    env = {**os.environ, "LD_PRELOAD": shim, "LETHE_CRASH_FILE": counters.file,
           "LETHE_CRASH_SYNC": str(sync), "LETHE_CRASH_WRITE": str(write)}
    command = bench.command("erase", "emu:drive", "--policy", POLICY, "--confirm", "SN-0001", "--json",
                            emulate=[bench.path("drive.yaml")])
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while process.poll() is None:
        if counters.read()[2]:
            workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout
            process.send_signal(signal.SIGKILL)
            for pid in workers.split():
                try:
                    os.kill(int(pid), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            process.communicate()
            return counters.read(), None
        assert time.monotonic() < deadline, "the erasure neither finished nor reached the crash point"
        time.sleep(0.001)
    out, errors = process.communicate()
    process.stdout, process.stderr = None, None
    return counters.read(), Result(subprocess.CompletedProcess(command, process.returncode, out, errors))


def jobs(bench):
    return json.loads(bench.check("jobs", "--json"))


def checkpoint(bench):
    """Size and root that the log of emulated jobs has published; None before there is one."""
    try:
        with open(os.path.join(bench.state, "demo", "log", "checkpoint"), encoding="utf-8") as f:
            _, size, root, *_ = f.read().split("\n")
        return int(size), root
    except FileNotFoundError:
        return None


def check_log(bench, where, before):
    """What was said stays said: the log is what every checkpoint in it says, and none is smaller than BEFORE."""
    report = json.loads(bench.check("log", "check", "--json"))
    assert report["ok"], f"{where}: {report}"
    now = checkpoint(bench)
    if before:
        assert now and now[0] >= before[0], f"{where}: the log went back from {before} to {now}"
        assert now[0] > before[0] or now[1] == before[1], f"{where}: two checkpoints of one size: {before}, {now}"


def check(bench, where, before=None):
    check_log(bench, where, before)
    listed = jobs(bench)
    for job in listed:
        events = json.loads(bench.check("job", "show", job["job"], "--json"))["events"]
        kinds = [e["type"] for e in events]
        assert not job["open"], f"{where}: job still open after recovery: {kinds}"
        if "job.start" in kinds:
            assert "job.end" in kinds, f"{where}: a start without an end: {kinds}"
            assert job["certified"], f"{where}: ended without certificate: {kinds}"
            issued = [e for e in events if e["type"] == "certificate.issued"]
            file = os.path.join(bench.state, issued[0]["path"])
            assert os.path.exists(file.removesuffix(".sdjwt") + ".tlog-proof"), f"{where}: no proof of {file}"
            assert os.path.exists(file.removesuffix(".sdjwt") + ".pdf"), f"{where}: no page of {file}"
            status, report = bench.verify(file, "--allow", "emulated",
                                          trust=os.path.join(bench.state, "demo", "trust", "root.pem"))
            assert report and report["claims"], f"{where}: the certificate is not authentic: {report}"
            if status == 0:
                checked = [e["result"] for e in events if e["type"] == "verify.result"]
                assert checked and checked[-1]["complete"] and checked[-1]["mismatches"] == 0 \
                    and checked[-1]["canaries_survived"] == 0, f"{where}: passed without evidence: {checked}"
                assert job["outcome"] == "passed", where
        assert job["outcome"] != "failed", f"{where}: an honest drive is condemned: {events[-3:]}"
        if job["outcome"] == "passed" and job is listed[0]:
            with open(backing(bench), "rb") as f:
                assert MARK not in f.read(), f"{where}: passed, and the letters are still there"
    return listed


def crash_at(shim, emu_ctl, power_cut, sync, write):
    where = f"sync {sync}" if sync else f"write {write}"
    with Bench(keys=False) as bench:
        shutil.copytree(TEMPLATE, bench.state)
        file = drive(bench)
        _, finished = run_until_dark(bench, shim, sync, write)
        if finished:
            assert finished.last["outcome"] == "passed", (where, finished.last)
            check(bench, where)
            return "finished"
        if power_cut:
            subprocess.run([emu_ctl, "power-cut", file], check=True, capture_output=True)
        said = checkpoint(bench)
        resumed = Result(bench.run("resume", "--json", emulate=[file]))
        listed = check(bench, where, said)
        again = bench.erase("emu:drive", POLICY, "SN-0001", page=True, emulate=[file])
        assert again.last["outcome"] == "passed", (where, again.last)
        check(bench, where)
        outcome = listed[0]["outcome"] if listed else "no job"
        return f"{outcome}{' after resume' if resumed.results else ''}"


def main():
    global TEMPLATE, POLICY
    shim, emu_ctl, kind = sys.argv[1:4]
    POLICY = sys.argv[4] if len(sys.argv) > 4 else "random-full"
    nth = int(sys.argv[5]) if len(sys.argv) > 5 else 11
    with Bench() as bench:
        TEMPLATE = bench.path("template")
        drive(bench)
        shutil.copytree(bench.state, TEMPLATE)
        (syncs, writes, _), finished = run_until_dark(bench, shim)
        assert finished and finished.last["outcome"] == "passed", finished and finished.last
        points = [(s, 0) for s in range(1, syncs + 1)] + [(0, w) for w in range(1, writes + 1, nth)]
        assert syncs > 20 and writes > 20, "the crash points are not being counted"
        print(f"{POLICY}, {kind}: {syncs} syncs, {writes} writes; {len(points)} crash points")
        counts, last = {}, {}
        with concurrent.futures.ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            outcomes = pool.map(lambda p: crash_at(shim, emu_ctl, kind == "power-cut", *p), points)
            for (sync, write), outcome in zip(points, outcomes):
                counts[outcome] = counts.get(outcome, 0) + 1
                last[outcome] = f"sync {sync}" if sync else f"write {write}"
        for outcome, n in sorted(counts.items()):
            print(f"  {n:4}  {outcome:28} last at {last[outcome]}")


if __name__ == "__main__":
    main()
