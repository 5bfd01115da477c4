# SPDX-License-Identifier: Apache-2.0
"""
Kill the supervisor (its workers die with it) behind every event of a phone's job, then resume.
Usage: phones.py EMU_CTL [ROUTE...]

The phone goes on meanwhile: it may erase itself, leave and come back while nobody looks. It is an
honest one: resumed, its job passes, or was never started. No job is open, every start has its end and its certificate; a job that `passed` left nothing
in the model's storage, and its record has what was seen: the state observed, and the phone back.

The same where only what works for it is killed and it lives: the worker, the job's usbmux proxy, the
usbmuxd behind that. And one that kills its worker each time comes to an end, and not to `passed`.
"""
import concurrent.futures
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
spec = importlib.util.spec_from_file_location("matrix", os.path.join(HERE, "..", "scenarios", "phones", "run.py"))
matrix = importlib.util.module_from_spec(spec)
spec.loader.exec_module(matrix)

ROUTES = sys.argv[2:] or ["ios-erase", "android-rescue-wipe"]


def begin(bench, route, faults=()):
    family, personality, policy = matrix.ROUTES[route]
    device = bench.phone("cut", family, personality, faults=faults)
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


# Who dies behind which event: the how manieth of its kind.
HELPERS = {
    "ios-erase": [(helper, kind, 1) for kind in ("step.begin", "technique.intent", "window.closed")
                  for helper in ("worker", "lethe-mux", "usbmuxd") if (helper, kind) != ("lethe-mux", "technique.intent")],
    "android-rescue-wipe": [("worker", "step.begin", n) for n in (1, 3)],
}


def helpers_of(bench, supervisor):
    """pid -> name of what works for this job."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                words = f.read().decode(errors="replace").split("\0")
            with open(f"/proc/{pid}/stat") as f:
                parent = int(re.sub(r"^.*\) ", "", f.read()).split()[1])
        except OSError:
            continue
        if parent == supervisor and "__worker" in words:
            found[int(pid)] = "worker"
        elif any(word.startswith(bench.dir + "/") for word in words):
            if words[0].endswith("lethe-mux"):
                found[int(pid)] = "lethe-mux"
            elif "muxd" in words:
                found[int(pid)] = "usbmuxd"
    return found


def kill_helper(bench, supervisor, helper):
    for _ in range(100):
        pids = [pid for pid, name in helpers_of(bench, supervisor).items() if name == helper]
        killed = False
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
                killed = True
            except ProcessLookupError:
                pass  # it has ended by itself; the next one is waited for
        if killed:
            return True
        time.sleep(0.01)
    return False


def bereaved(route, helper, kind, nth, faults=(), tries=5):
    """HELPER dies behind event KIND for the NTH time; the supervisor lives."""
    with matrix.PhoneBench(matrix.TECHNIQUES.get(route, [route])) as bench:
        device, file, process = begin(bench, route, faults)
        killed, lines = False, []
        for line in process.stdout:
            lines.append(json.loads(line))
            if not killed and sum(line["type"] == kind for line in lines) == nth:
                killed = kill_helper(bench, process.pid, helper)
        process.communicate()
        where = f"{route}, its {helper} killed behind {kind} ({nth})"
        if not killed and tries > 1:  # it was quicker
            return bereaved(route, helper, kind, nth, faults, tries - 1)
        result = lines[-1]
        assert killed and result["type"] == "result", f"{where}: {lines[-3:]}"
        error = result.get("error", {})
        said = " ".join(error.get(key, "") for key in ("what", "effect", "remedy"))
        assert "not the device of the plan" not in said, f"{where}: {said}"
        job = json.loads(bench.check("jobs", "--json"))[0]
        if job["open"]:
            assert "lethe resume" in said and "stays open" in said, f"{where}: {said}"
            kinds = [line["type"] for line in lines]
            if "technique.intent" not in kinds and route == "ios-erase":
                assert "nothing that erases was sent" in said, f"{where}: {said}"
                assert not bench.memory(device, file).get("erased"), where
        return where, ended(bench, device, file, where), said


def ended(bench, device, file, where):
    """What the job comes to, resumed until it is over."""
    for _ in range(20):
        job = json.loads(bench.check("jobs", "--json"))[0]
        if not job["open"]:
            break
        bench.swift("resume", "--json", "--no-page", emulate=[file])
        time.sleep(0.2)
    assert not job["open"] and job["certified"], f"{where}: {job}"
    if job["outcome"] == "passed":
        assert not any(bench.remains(device, file).values()), f"{where}: passed, and not erased"
    return job["outcome"]


def orphan(route, helper, kind, nth):
    where, outcome, said = bereaved(route, helper, kind, nth)
    wanted = ["passed"]
    if (route, kind, nth) == ("android-rescue-wipe", "step.begin", 1):
        wanted = ["refused"]
    assert outcome in wanted, f"{where}: an honest phone, and {outcome}: {said}"
    assert outcome == "passed" or "never left its port" in said or "nothing that erases was sent" in said, f"{where}: {said}"
    return where, outcome, said


def orphaned_liar(route, fault):
    where, outcome, said = bereaved(route, "worker", "technique.intent", 1, [{"kind": fault}])
    where += f", {fault}"
    assert outcome in ("failed", "indeterminate"), f"{where}: {outcome}"
    return where, outcome, said


def killed_again_and_again(route):
    """A worker that never lives: the job ends by itself, after the same few resumptions each time."""
    with matrix.PhoneBench(matrix.TECHNIQUES.get(route, [route])) as bench:
        device, file, process = begin(bench, route)
        for runs in range(1, 9):
            for line in process.stdout:
                if json.loads(line)["type"] == "step.begin":
                    kill_helper(bench, process.pid, "worker")
            process.communicate()
            job = json.loads(bench.check("jobs", "--json"))[0]
            if not job["open"]:
                break
            process = subprocess.Popen(bench.command("resume", "--json", "--no-page", emulate=[file]),
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, **matrix.SWIFT}, stdin=subprocess.DEVNULL)
        where = f"{route}, its worker killed {runs} times"
        assert not job["open"] and runs <= 3, f"{where}: {job}"
        assert job["outcome"] in ("failed", "indeterminate"), f"{where}: {job}"
        return where, job["outcome"], ""


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
        # Told to start its recovery, and nothing of that on record: whether it knew this bench's key is
        # not known any more. Nothing was erased, and it is said to start its system and erase it anew.
        sent_on = any("not in its system any more" in e.get("reason", "") for e in events)
        wanted = "passed" if "job.start" in kinds and not sent_on else "refused"
        assert job["outcome"] == wanted, f"{where}: an honest phone, and {job['outcome']}: {events[-3:]}"
        reasons = [e for e in events if e["type"] == "job.end"]
        why = reasons[0]["reasons"][0] if reasons and reasons[0]["reasons"] else ""
        return where, job["outcome"], why


MEANWHILE = {"ios-erase": {"find_my": True, "activation_lock": True},
             "android-rescue-wipe": {"accounts": 2, "frp": True}}


def locked_meanwhile(route):
    """Killed before anything was sent; its owner signs in, and then the job is resumed."""
    for _ in range(10):
        with matrix.PhoneBench(matrix.TECHNIQUES.get(route, [route])) as bench:
            device, file, process = begin(bench, route)
            for line in process.stdout:
                if json.loads(line)["type"] == "job.start":
                    process.send_signal(signal.SIGKILL)
                    break
            process.communicate()
            time.sleep(1)
            memory = f"{file}.{device['name']}.phone"
            with open(memory, encoding="utf-8") as f:
                phone = json.load(f)
            if phone["mode"] != "normal" or phone["erased"]:
                continue  # it was quicker
            phone["state"].update(MEANWHILE[route])
            with open(memory, "w", encoding="utf-8") as f:
                json.dump(phone, f, separators=(",", ":"))
            where = f"{route}, locked while the bench was down"
            outcome = ended(bench, device, file, where)
            assert outcome == "refused", f"{where}: {outcome}"
            assert not bench.memory(device, file).get("erased"), f"{where}: {outcome}, and erased"
            return where, outcome, ""
    raise AssertionError(f"{route}: never killed before it left")


def tasks(route):
    for point in points(route):
        yield cut, *point
    for helper in HELPERS.get(route, []):
        yield orphan, route, *helper
    yield locked_meanwhile, route
    if route == "ios-erase":
        yield orphaned_liar, route, "returns-unerased"
        yield killed_again_and_again, route


def guarded(task):
    function, *point = task
    try:
        return function(*point)
    except Exception as problem:
        return " ".join(map(str, point)), "WRONG", repr(problem)[:9000]


def main():
    wrong = 0
    for route in ROUTES:
        if not set(matrix.TECHNIQUES.get(route, [route])) <= matrix.HERE_NOW:
            continue
        with concurrent.futures.ThreadPoolExecutor(max_workers=int(os.environ.get("LETHE_JOBS", "8"))) as pool:
            for where, outcome, why in pool.map(guarded, tasks(route)):
                wrong += outcome == "WRONG"
                print(f"{outcome:18} {where:62} {why[:700 if outcome == 'WRONG' else 90]}")
                sys.stdout.flush()
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
