# SPDX-License-Identifier: Apache-2.0
"""
Technique x drive x lie: every run of tests/scenarios/firmware/*.json (data only) through the real
program on an emulated drive with firmware. Prints the table; fails when outcome, method or words are
not what the run says is due, and, whatever the run says, when anything that was not erased is
believed: the oracle is asked what of the old data is left where no command can look.

What a run holds is in README.md beside this file.
"""
import concurrent.futures
import glob
import json
import os
import shutil
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))
from bench import Bench, Result  # noqa: E402
from run import EXIT as EXITS, impatient  # noqa: E402

EXIT = {**EXITS, "none": 1}  # none: it is not over and waits to be resumed
POLL = {"LETHE_POLL_MS": "20"}


def merged(base, more):
    """BASE with MORE over it; objects member by member, anything else replaced."""
    out = dict(base)
    for key, value in more.items():
        out[key] = merged(out[key], value) if isinstance(value, dict) and isinstance(out.get(key), dict) else value
    return out


def profiles(bench, slow, shipped=None):
    """The shipped ones; with a patience of two seconds for drives that are stuck. SHIPPED is made to know
    emulated drives too, and nothing else of it is changed."""
    if slow:
        return impatient(bench)
    ours = os.path.join(HERE, "..", "..", "profiles")
    if not shipped:
        return ["--profiles", ours]
    folder = shutil.copytree(ours, bench.path("profiles"))
    file = os.path.join(folder, "devices", f"{shipped}.yaml")
    with open(file, encoding="utf-8") as f:
        real = f.read()
    known = real.replace("substrates: [physical, virtual]", "substrates: [emulated]")
    assert known != real, f"{shipped} is of other substrates"
    with open(file, "w", encoding="utf-8") as f:
        f.write(known)
    return ["--profiles", folder]


def parsed_once():
    """What the shipped policies and profiles are parsed into: for every run's bench, or each would do it anew."""
    with Bench(keys=False) as bench:
        bench.options = profiles(bench, None)
        os.mkdir(bench.state, 0o700)
        bench.check("policy", "list")
        bench.check("profile", "list")
        kept = {}
        for path in glob.glob(os.path.join(bench.state, "*.parsed")):
            with open(path, "rb") as f:
                kept[os.path.basename(path)] = f.read()
        return kept


def give(bench, kept):
    os.mkdir(bench.state, 0o700)
    for name, content in kept.items():
        with open(os.path.join(bench.state, name), "wb") as f:
            f.write(content)


def remains(emu_ctl, file):
    done = subprocess.run([emu_ctl, "remains", file], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    found.pop("device")
    return found


def until(due, run, bench, file, env):
    """An erasure that has just told of the event that is DUE, and what it told until then."""
    device = run["device"]
    command = bench.command("erase", f"emu:{device['name']}", "--policy", run["policy"], "--confirm",
                            device["serial"], "--json", "--no-page", *run.get("options", []), emulate=[file])
    process = subprocess.Popen(command, env={**os.environ, **env}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    told = ""
    for line in process.stdout:
        event, told = json.loads(line), told + line
        if event["type"] == due["at"] and all(event.get(k) == due[k] for k in ("role", "when") if k in due):
            time.sleep(due.get("milliseconds", 0) / 1000)
            return process, told
    raise AssertionError(f"the erasure never told of {due['at']}")


def pull(run, bench, emu_ctl, file, env):
    """An erasure whose drive loses its power as soon as it told of the event."""
    process, told = until(run["pull"], run, bench, file, env)
    subprocess.run([emu_ctl, "power-cycle", file], check=True, capture_output=True)
    rest, _ = process.communicate(timeout=60)
    return Result(subprocess.CompletedProcess(process.args, process.returncode, told + rest, ""))


def crash(run, bench, file, env):
    """An erasure whose bench is killed, supervisor and workers, as soon as it told of the event."""
    process, _ = until(run["crash"], run, bench, file, env)
    workers = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True).stdout
    for pid in [process.pid, *map(int, workers.split())]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.communicate()


def act(step, bench, emu_ctl, device, policy, file, env):
    """One step after the erasure: resume, or something that happens to the drive."""
    if step.split()[0] == "resume":  # "resume --psid X": of the one job that waits
        options = step.split()[1:]
        jobs = [json.loads(bench.run("resume", "--list", "--json", emulate=[file], env=env).stdout)[0]["job"]] \
            if options else []
        return Result(bench.run("resume", "--json", "--no-page", *jobs, *options, emulate=[file], env=env))
    if step == "erase":  # as a new job
        return bench.erase(f"emu:{device['name']}", policy, device["serial"], emulate=[file], env=env, timeout=60)
    if step.startswith("told: "):
        told = bench.run("erase", f"emu:{device['name']}", "--policy", "nist-800-88r2-purge", "--confirm",
                         device["serial"], emulate=[file], env=env).stderr
        assert step[6:] in told, f"the next start did not tell {step[6:]!r}: {told}"
        return None
    subprocess.run([emu_ctl, step, file], check=True, capture_output=True)
    return None


def words(result):
    """All that the operator was told: reasons, limitations, the error with its remedy."""
    said = [json.dumps(result.last.get("error") or {})]
    said += [e.get("reason", "") for e in result.of("job.interrupted")]
    for event in result.of("job.end"):
        said += event["reasons"] + event["limitations"]
    return " | ".join(said + [json.dumps(e) for e in result.of("step.end") + result.of("technique.attest")
                              + result.of("window.closed")])


def techniques(result):
    """The plan's own words of what erased, as the events tell it."""
    for event in result.of("job.created"):
        return [s["technique"] for s in event["plan"]["steps"] if s["step"] in ("technique", "prepare")]
    return []


def check_end(run, result, bench):
    expect, last, problems = run["expect"], result.last, []
    for key in ("outcome", "method", "policy_met"):
        due = expect.get(key)
        allowed = due if isinstance(due, list) else [due]
        if due is not None and last[key] not in allowed:
            problems.append(f"{key} {last[key]} is not {due}")
    short = last["outcome"].startswith("passed") and not last["policy_met"]
    if result.exit != expect.get("exit", 5 if short else EXIT[last["outcome"]]):
        problems.append(f"exit status {result.exit} for {last['outcome']}, policy met: {last['policy_met']}")
    if "technique" in expect and expect["technique"] != techniques(result):
        problems.append(f"carried out {techniques(result)}, not {expect['technique']}")
    of = [e["plan"]["profile"]["id"] for e in result.of("job.created")]
    if "shipped" in run and of and of != [run["shipped"]]:
        problems.append(f"by the profile {of}, not {run['shipped']}")
    said = words(result)
    for phrase in expect.get("says", []):
        if phrase not in said:
            problems.append(f"nobody was told: {phrase!r} in {said[:900]}")
    for phrase in expect.get("unsaid", []):
        if phrase in " ".join(l for e in result.of("job.end") for l in e["limitations"]):
            problems.append(f"told, and not so: {phrase!r}")
    if last["outcome"] in ("refused", "none"):
        return problems
    if short != ("passed, policy not met" in bench.run("jobs").stdout):
        problems.append("\"lethe jobs\" tells another story of the policy")
    root = os.path.join(bench.state, "demo", "trust", "root.pem")
    status, report = bench.verify(last["certificate"], "--allow", "emulated", trust=root)
    if (status == 0) != last["policy_met"]:
        problems.append(f"verifier says {report and report['verdict']}, policy met: {last['policy_met']}")
    if bench.verify(last["certificate"], trust=root)[0] == 0:
        problems.append("an emulated drive was taken for a real one")
    if report and report["claims"]["method"] != last["method"]:
        problems.append(f"the certificate says {report['claims']['method']}, the job {last['method']}")
    return problems


def check_remains(run, result, left):
    """No lie is believed: what passed has nothing left that can be addressed, and what is called
    purged has nothing left anywhere but where the run says that no host can ever know."""
    problems, last = [], result.last
    passed = last["outcome"].startswith("passed")
    for area, blocks in left.items():
        blind = area in run.get("beyond_proof", [])
        if passed and blocks != 0 and not blind and (area != "spare" or last["method"] == "purge"):
            problems.append(f"{last['outcome']} as {last['method']}, and {blocks} old blocks are left in {area}")
        if blind and passed and not blocks:
            problems.append(f"beyond_proof names {area}, which is empty")
    for area, due in run["expect"].get("remains", {}).items():
        if (left.get(area) != 0) != (due == "kept"):
            problems.append(f"{left.get(area)} old blocks are left in {area}: not {due}")
    return problems


def run_one(task):
    run, emu_ctl, kept = task
    with Bench(keys=False) as bench:
        give(bench, kept)
        bench.options = profiles(bench, run.get("slow"), run.get("shipped"))
        device = run["device"]
        file = bench.emulation("drive.yaml", {"devices": [device]})
        env = {**POLL, **run.get("env", {})}
        if "crash" in run:
            result = crash(run, bench, file, env)
        elif "pull" in run:
            result = pull(run, bench, emu_ctl, file, env)
        else:
            result = bench.erase(f"emu:{device['name']}", run["policy"], device["serial"],
                                 *run.get("options", []), emulate=[file], env=env, timeout=60)
        for step in run.get("then", []):
            if step == "twin":
                twin = {**device, "controller": merged(device["controller"], run["twin"])}
                file = bench.emulation("twin.yaml", {"devices": [twin]})
                continue
            result = act(step, bench, emu_ctl, device, run["policy"], file, env) or result
        left = remains(emu_ctl, file)
        return result.last, left, words(result), check_end(run, result, bench) + check_remains(run, result, left)


def guarded(task):
    try:
        return run_one(task)
    except Exception as problem:  # a run that can't be done is a failure with a name
        return {"outcome": "-", "method": "-"}, {}, "", [repr(problem)]


def load():
    runs = []
    for file in sorted(glob.glob(os.path.join(HERE, "firmware", "*.json"))):
        with open(file, encoding="utf-8") as f:
            family = json.load(f)
        for run in family["runs"]:
            run = {"policy": family.get("policy", "nist-800-88r2-purge"), **run}
            run["family"] = os.path.splitext(os.path.basename(file))[0]
            run["device"] = merged(family["device"], run.get("device", {}))
            run["device"]["controller"] = merged(run["device"].get("controller", {}), run.get("controller", {}))
            runs.append(run)
    names = [(r["family"], r["name"]) for r in runs]
    assert len(set(names)) == len(names), "two runs of one name"
    return runs


def main():
    emu_ctl = sys.argv[1]
    runs = [r for r in load() if len(sys.argv) < 3 or f"{r['family']} {r['name']}".startswith(sys.argv[2])]
    print(f"{'drive':9} {'run':44} {'policy':20} {'outcome':14} {'method':6} {'old blocks left'}")
    failed, kept = 0, parsed_once()
    # Most of the time they wait for a drive: six keep a processor busy. The long ones begin.
    with concurrent.futures.ThreadPoolExecutor(max_workers=6 * len(os.sched_getaffinity(0))) as pool:
        begun = {id(run): pool.submit(guarded, (run, emu_ctl, kept))
                 for run in sorted(runs, key=lambda run: "crash" not in run)}
        for run in runs:
            last, left, said, problems = begun[id(run)].result()
            told = " ".join(f"{k}={v}" for k, v in left.items() if v) or "none"
            print(f"{run['family']:9} {run['name']:44} {run['policy'].replace('nist-800-88r2-', 'nist-'):20} "
                  f"{last['outcome']:14} {last['method']:6} {told}"
                  f"{' (beyond proof)' if run.get('beyond_proof') and told != 'none' else ''}")
            if "-v" in sys.argv:
                print("      ", said[:600])
            for problem in problems:
                print(f"    WRONG: {problem}")
            failed += bool(problems)
    print(f"{len(runs) - failed} passed, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
