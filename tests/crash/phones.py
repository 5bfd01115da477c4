# SPDX-License-Identifier: Apache-2.0
"""
Kill the supervisor (its workers die with it) behind every event of a phone's job, then resume.
Usage: phones.py EMU_CTL [ROUTE...]

The phone goes on meanwhile: it may erase itself, leave and come back while nobody looks. It is an
honest one: resumed, its job passes, or was never started. No job is open, every start has its end and its certificate; a job that `passed` left nothing
in the model's storage, and its record has what was seen: the state observed, and the phone back.
"""
import concurrent.futures
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("matrix", os.path.join(HERE, "..", "scenarios", "phones", "run.py"))
matrix = importlib.util.module_from_spec(spec)
spec.loader.exec_module(matrix)

ROUTES = sys.argv[2:] or ["ios-erase", "android-rescue-wipe"]


def begin(bench, route):
    family, personality, policy = matrix.ROUTES[route]
    device = bench.phone("cut", family, personality)
    file = bench.emulation("bench.yaml", {"devices": [device]})
    bench.swift("list", emulate=[file])
    bench.meet(device, file)
    confirm = matrix.confirmation(bench, device, file, policy)
    command = bench.command("erase", "emu:cut", "--policy", policy, "--confirm", confirm, "--json",
                            "--no-page", emulate=[file])
    return device, file, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                          env={**os.environ, **matrix.SWIFT}, stdin=subprocess.DEVNULL)


def stored(line):
    return line["type"] not in ("progress", "result")


def whole(route):
    """The events there are when nobody is killed."""
    with matrix.PhoneBench(matrix.TECHNIQUES.get(route, [route])) as bench:
        _, _, process = begin(bench, route)
        out, err = process.communicate(timeout=120)
        lines = [json.loads(line) for line in out.splitlines()]
        assert lines and lines[-1].get("outcome") == "passed", (route, lines[-1:], err)
        return [line["type"] for line in lines if stored(line)]


def points(route):
    """Behind which event, and how long until it is resumed: the phone may be away by then, or back."""
    for at, kind in enumerate(whole(route)[:-1], 1):
        yield route, at, at % 2
        if kind == "technique.intent":
            yield route, at, 3 - at % 2


def cut(route, at, pause):
    """Killed as soon as event number AT was told, resumed PAUSE seconds later."""
    with matrix.PhoneBench(matrix.TECHNIQUES.get(route, [route])) as bench:
        device, file, process = begin(bench, route)
        seen, last = 0, ""
        for line in process.stdout:
            event = json.loads(line)
            seen += stored(event)
            last = event["type"]
            if seen == at:
                process.send_signal(signal.SIGKILL)
                break
        process.communicate()
        time.sleep(pause)
        where = f"{route}, killed behind {last} ({at}), {pause} s"
        for _ in range(20):
            resumed = bench.swift("resume", "--json", "--no-page", emulate=[file])
            listed = json.loads(bench.check("jobs", "--json"))
            if not any(job["open"] for job in listed):
                break
            time.sleep(0.5)  # it is still away: the job waits for it
        assert len(listed) <= 1, where
        if not listed:
            return where, "no job", last
        job = listed[0]
        events = json.loads(bench.check("job", "show", job["job"], "--json"))["events"]
        kinds = [e["type"] for e in events]
        assert not job["open"], f"{where}: still open: {kinds}\n{resumed.stdout}{resumed.stderr}"
        remains = bench.remains(device, file)
        if "job.start" in kinds:
            assert "job.end" in kinds and job["certified"], f"{where}: {kinds}"
        if job["outcome"] == "passed":
            assert not any(remains.values()), f"{where}: passed, and {remains} is there"
            assert "state.observed" in kinds, f"{where}: passed, and nobody looked: {kinds}"
            assert any(e["type"] == "window.closed" and e["ok"] for e in events), f"{where}: {kinds}"
        if job["outcome"] == "refused":
            assert not bench.memory(device, file).get("erased"), f"{where}: refused, and erased"
        wanted = "passed" if "job.start" in kinds else "refused"
        assert job["outcome"] == wanted, f"{where}: an honest phone, and {job['outcome']}: {events[-3:]}"
        reasons = [e for e in events if e["type"] == "job.end"]
        why = reasons[0]["reasons"][0] if reasons and reasons[0]["reasons"] else ""
        return where, job["outcome"], why


def guarded(point):
    try:
        return cut(*point)
    except Exception as problem:
        return f"{point[0]} ({point[1]})", "WRONG", repr(problem)[:9000]


def main():
    wrong = 0
    for route in ROUTES:
        if not set(matrix.TECHNIQUES.get(route, [route])) <= matrix.HERE_NOW:
            continue
        with concurrent.futures.ThreadPoolExecutor(max_workers=int(os.environ.get("LETHE_JOBS", "4"))) as pool:
            for where, outcome, why in pool.map(guarded, points(route)):
                wrong += outcome == "WRONG"
                print(f"{outcome:18} {where:62} {why[:700 if outcome == 'WRONG' else 90]}")
                sys.stdout.flush()
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
