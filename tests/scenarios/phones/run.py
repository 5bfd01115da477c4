# SPDX-License-Identifier: Apache-2.0
"""
The liar matrix, from outside: every fault of every emulated phone on every route that erases it,
through the real `lethe erase`; every lock that should stop it; what is reset by hand; a whole bench.

The oracle is the model's own storage (`emu_ctl remains`): whatever the phone said, a job that
`passed` left nothing of the old owner's there. A lock that would bring the phone back locked to
somebody refuses before anything is sent: the model counts what was erased, and nothing may be gone.

Usage: run.py EMU_CTL [--only TEXT]
"""
import base64
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.join(HERE, "..", "..", "..")
sys.path.insert(0, os.path.join(HERE, "..", "..", "support"))
from bench import Bench, LETHE  # noqa: E402

EMU_CTL = sys.argv[1]
# A bench looks once a second and waits half an hour; a test bed does not.
SWIFT = {"LETHE_POLL_MS": "40", "LETHE_AWAY_SECONDS": "8", "LETHE_ATTEST_SECONDS": "3"}
EXIT = {"passed": 0, "refused": 3, "passed-with-exceptions": 4, "failed": 5, "indeterminate": 6,
        "aborted": 7, "operator-attested": 8}
PURGE, CLEAR, OVERWRITE = "nist-800-88r2-purge", "nist-800-88r2-clear", "gb-46864-2025"
PROFILE = """# SPDX-License-Identifier: Apache-2.0
id: matrix-phone
title: "Any phone of the matrix"
match:
  classes: [phone, tablet]
  medias: [flash]
techniques:
{techniques}
limitations: []
source: "tests/scenarios/phones"
"""

# Routes: which model, by what, under which policy.
ROUTES = {
    "ios-erase": ("ios", "iphone", PURGE),
    "ios-backup-erase": ("ios", "iphone-7-ios-10", PURGE),
    "android-rescue-wipe": ("android", "pixel-15", PURGE),
    "android-fastboot-erase": ("android", "unlocked", PURGE),
    "android-fill": ("android", "pixel-15", OVERWRITE),
}
# The whole of a route's techniques, in the profile: nothing else may step in for it.
TECHNIQUES = {
    "android-rescue-wipe": ["android-sideload", "android-rescue", "android-rescue-wipe"],
    "android-fastboot-erase": ["android-bootloader", "android-fastboot-erase"],
    "android-fill": ["android-sideload", "android-rescue", "android-test-harness", "android-fill",
                     "android-rescue-wipe"],
}
# Faults that only these routes give a chance to.
ONLY = {"fill-lies": {"android-fill"}, "no-space": {"android-fill"},
        "failfail": {"android-rescue-wipe", "android-fill"},
        "no-rescue": {"android-rescue-wipe", "android-fill"},
        "locked-fastboot": {"android-fastboot-erase"}, "okay-but-keeps": {"android-fastboot-erase"},
        "metadata-fails": {"android-fastboot-erase"},
        "error-chain": {"ios-erase", "ios-backup-erase"}}
# The service that erases, for faults that strike one ("of"); else what it says first is struck.
SERVICE = {"ios-erase": "MCInstall", "ios-backup-erase": "backup"}
# What a phone may do to us and still be erased, and seen to be.
HARMLESS = {"control-characters", "slow", "drops-but-erases", "path-tricks"}
# Erased, and locked to somebody where no host can see it any more: the plan asked before, and the
# certificate says that it did not ask afterwards.
UNSEEN = {("android-rescue-wipe", "frp"), ("android-fastboot-erase", "frp")}

LOCKS = [  # what it is like, what the refusal has to name
    ("ios", "iphone", ["find_my=true"], "Find My"),
    ("ios", "iphone", ["activation_lock=true"], "Activation Lock"),
    ("ios", "iphone", ["supervised=true", "mdm=true"], "organisation"),
    # Assigned to it by the maker's programme, though it can be taken out of the management by hand.
    ("ios", "iphone", ["assigned=true"], "organisation"),
    ("ios", "iphone", ["assigned=true", "hides_server=true"], "organisation"),
    ("ios", "iphone", ["profile=true"], "could not be asked (mdm)"),
    ("ios", "iphone", ["trust=denied"], "lets nobody in"),
    ("ios", "iphone", ["locked=true"], "lets nobody in"),
    ("android", "frp-armed", [], "factory reset protection"),
    ("android", "with-accounts", [], "accounts"),
    ("android", "device-owner", [], "organisation"),
    ("android", "pixel-15", ["no_factory_reset=true"], "restriction"),
    ("android", "pixel-15", ["battery=9", "charging=false"], "battery"),
    ("ios", "iphone", ["battery=9", "charging=false"], "battery"),
    # A key store that is hardware by its name only, and nothing else that makes a Purge of it.
    ("android", "pixel-15", ["encryption=fbe", "props/ro.product.first_api_level=29",
                             "props/ro.crypto.metadata.enabled=false",
                             "props/ro.hardware.keystore=trusty-software-emulation"], "clear at best"),
    # What runs Android and is no phone.
    ("android", "pixel-15", ["props/ro.build.characteristics=nosdcard,watch"], "a watch"),
    ("android", "pixel-15", ["props/ro.build.characteristics=tv"], "television"),
    ("android", "pixel-15", ["props/ro.build.characteristics=automotive"], "car"),
    ("android", "pixel-15", ["props/ro.build.characteristics=embedded"], "appliance"),
    ("android", "pixel-15", ["allow=false"], "lets nobody in"),
    ("android", "pixel-15", ["adb=false"], "lets nobody in"),
]


def faults_of(family):
    with open(os.path.join(SOURCE, "src", "emu", "phone", "faults.def")) as f:
        rows = re.findall(r'PHONE_FAULT\((\w+),\s+"([^"]+)",\s+"([^"]+)",\s+"([^"]*)"\)', f.read())
    return [(name, more) for _, name, families, more in rows if f" {family} " in families]


def techniques_here():
    with open(os.path.join(SOURCE, "src", "technique", "techniques.def")) as f:
        return {name.replace("_", "-") for name in re.findall(r"X\(lethe_technique_(\w+)\)", f.read())}


class PhoneBench(Bench):
    """Its own profile, and a swift bench."""

    def __init__(self, techniques):
        super().__init__(keys=False)
        folder = self.path("profiles")
        os.makedirs(os.path.join(folder, "devices"))
        os.symlink(os.path.join(SOURCE, "profiles", "policies"), os.path.join(folder, "policies"))
        rows = "".join(f"  - {{technique: {t}, status: reported, evidence: matrix}}\n" for t in techniques)
        with open(os.path.join(folder, "devices", "matrix-phone.yaml"), "w") as f:
            f.write(PROFILE.format(techniques=rows.rstrip("\n")))
        shutil.copy(os.path.join(SOURCE, "profiles", "devices", "emulated-disk.yaml"),
                    os.path.join(folder, "devices"))
        self.options = ["--profiles", folder]

    def phone(self, name, family, personality, traits=(), faults=(), mode=None):
        serial = "%024X" % (0x0000810100000000001E0000 + hash_of(name)) if family == "ios" else f"S{name}"
        phone = {"personality": personality, "with": list(traits)}
        if faults:
            phone["faults"] = list(faults)
        if mode:
            phone["mode"] = mode
        return {"name": name, "serial": serial, "phone": phone}

    def swift(self, *args, emulate=(), timeout=180):
        return self.run(*args, emulate=emulate, env=SWIFT, timeout=timeout)

    def meet(self, device, file):
        """It trusts this bench: what an operator does before anything else."""
        return self.swift("pair", f"emu:{device['name']}", emulate=[file]).returncode == 0

    def remains(self, device, file, areas=("userdata", "metadata")):
        out = subprocess.run([EMU_CTL, "remains", file, device["name"]], capture_output=True, text=True,
                             timeout=30, check=True).stdout
        return {k: v for k, v in json.loads(out).items() if k in areas}

    def claims(self, certificate):
        with open(certificate) as f:
            payload = f.read().split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))

    def memory(self, device, file):
        with open(f"{file}.{device['name']}.phone") as f:
            return json.load(f)


def hash_of(name):
    return sum((i + 1) * ord(c) for i, c in enumerate(name)) * 65537 % (1 << 40)


def last_of(process):
    lines = [json.loads(line) for line in process.stdout.splitlines() if line.strip()]
    results = [line for line in lines if line["type"] == "result"]
    if len(results) != 1:
        raise AssertionError(f"no result; exit {process.returncode}\n{process.stderr}\n{lines[-3:]}")
    ends = [line for line in lines if line["type"] == "job.end"]
    result = results[0]
    why = (result.get("error") or {}).get("what", "")
    if not why and ends and ends[0]["reasons"]:
        why = ends[0]["reasons"][0]
    return result, why, lines


def confirmation(bench, device, file, policy, *more):
    plan = bench.swift("plan", f"emu:{device['name']}", "--policy", policy, "--json", *more, emulate=[file])
    return json.loads(plan.stdout).get("digest", "")[:8]


def check_result(bench, result, process, remains, before, problems):
    outcome = result["outcome"]
    if process.returncode != EXIT[outcome] and not (outcome == "passed" and not result["policy_met"]):
        problems.append(f"exit status {process.returncode} for {outcome}")
    if outcome.startswith("passed") and any(remains.values()):
        problems.append(f"PASSED, and this is still there: {remains}")
    if outcome == "refused" and remains != before:
        problems.append(f"refused, and yet {before} became {remains}")
    if result.get("certificate"):
        root = os.path.join(bench.state, "demo", "trust", "root.pem")
        status, report = bench.verify(result["certificate"], "--allow", "emulated", trust=root)
        if (status == 0) != (outcome == "passed" and result["policy_met"]):
            problems.append(f"the verifier says {report and report['verdict']} of {outcome}")
        policy = bench.claims(result["certificate"])["policy"]
        if not policy["met"] and policy["statement"].startswith(("Purged", "Cleared")):
            problems.append(f"the policy was not met, and its record says {policy['statement']!r}")


def run_fault(route, fault, more, of=None):
    family, personality, policy = ROUTES[route]
    rule = {"kind": fault, "of": of} if of else {"kind": fault}
    if "milliseconds" in more:
        rule["milliseconds"] = 20
    if "serial" in more:
        rule["serial"] = "0000810100000000DEAD001E" if family == "ios" else "STRANGER"
    problems = []
    with PhoneBench(TECHNIQUES.get(route, [route])) as bench:
        mode = "normal" if personality == "unlocked" else None
        device = bench.phone("liar", family, personality, faults=[rule] if fault else [], mode=mode)
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        if not before["userdata"]:
            problems.append("the model began empty: nothing is proved by it")
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, policy)
        process = bench.swift("erase", "emu:liar", "--policy", policy, "--confirm", confirm or "none",
                              "--json", "--no-page", emulate=[file])
        result, why, _ = last_of(process)
        time.sleep(0.5)  # what the model still does by itself
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if fault == "no-rescue" and route == "android-rescue-wipe":
            check_words(result, "where the plan does not expect it", "has erased nothing", "--guided", problems)
        if not fault and result["outcome"] != "passed":
            problems.append(f"an honest phone, and {result['outcome']}: {why}")
        if fault and fault not in HARMLESS and (route, fault) not in UNSEEN and result["outcome"].startswith("passed"):
            problems.append("a liar passed")
        if problems:
            raise_kept(bench, problems, why)
        name = f"{fault or '(none)'}{f' of {of}' if of else ''}"
        return route, name, result["outcome"], result["method"], why, problems


def raise_kept(bench, problems, why):
    print(f"kept for a look: {bench.dir}: {'; '.join(problems)} ({why})", file=sys.stderr)
    shutil.copytree(bench.dir, bench.dir + "-kept", dirs_exist_ok=True)


def run_lock(family, personality, traits, names):
    problems = []
    techniques = [t for t, row in ROUTES.items() if row[0] == family]
    techniques += [t for some in TECHNIQUES.values() for t in some if family == "android"]
    with PhoneBench(sorted(set(techniques) & HERE_NOW)) as bench:
        device = bench.phone("locked", family, personality, traits)
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        process = bench.swift("erase", "emu:locked", "--policy", PURGE, "--confirm", "none", "--json",
                              "--no-page", emulate=[file])
        result, why, lines = last_of(process)
        if result["outcome"] != "refused" or process.returncode != 3:
            problems.append(f"{result['outcome']}, where a lock should refuse")
        if names not in why:
            problems.append(f"the refusal does not name it ({names})")
        if not (result.get("error") or {}).get("remedy"):
            problems.append("the refusal says nothing of what to do")
        if bench.memory(device, file).get("erased", 0) or bench.remains(device, file) != before:
            problems.append("something was sent before the refusal")
        if any(line["type"] == "job.start" for line in lines):
            problems.append("it was started before it was refused")
        if problems:
            raise_kept(bench, problems, why)
        return f"lock: {personality}", ",".join(traits) or "-", result["outcome"], result["method"], why, problems


def run_guided(attested):
    """By hand: the model's owner confirms on its screen; somebody attests it, or nobody does."""
    problems = []
    with PhoneBench(["android-settings-reset"]) as bench:
        device = bench.phone("hand", "android", "with-accounts", ["person=confirms"])
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        more = ["--guided", "--for-destruction", "--imei", "356938035643809"]
        confirm = confirmation(bench, device, file, CLEAR, "--guided", "--for-destruction")
        process = subprocess.Popen(
            bench.command("erase", "emu:hand", "--policy", CLEAR, "--confirm", f"S{device['name']}",
                          "--json", "--no-page", *more, emulate=[file]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **SWIFT})
        del confirm
        if attested:
            threading.Thread(target=attest_when_open, args=(bench,), daemon=True).start()
        out, err = process.communicate(timeout=120)
        done = subprocess.CompletedProcess([], process.returncode, out, err)
        result, why, lines = last_of(done)
        wanted = "operator-attested" if attested else "indeterminate"
        if result["outcome"] != wanted:
            problems.append(f"{result['outcome']}, not {wanted}: {why}")
        if attested and not any(line["type"] == "operator.attested" for line in lines):
            problems.append("nobody's word is in the record")
        check_result(bench, result, done, bench.remains(device, file), before, problems)
        if problems:
            raise_kept(bench, problems, why)
        return "by hand", "attested" if attested else "nobody attests", result["outcome"], \
            result["method"], why, problems


def attest_when_open(bench):
    for _ in range(200):
        time.sleep(0.1)
        jobs = bench.run("jobs", "--open", "--json")
        for job in json.loads(jobs.stdout or "[]") if jobs.returncode == 0 else []:
            if bench.run("job", "attest", job.get("job", job.get("id", "")), "--operator",
                         "Li Hua").returncode == 0:
                return


def run_bench():
    """An iPhone, an Android phone and two drives, in one `lethe erase`."""
    problems = []
    android = "android-rescue-wipe" in HERE_NOW
    techniques = ["ios-erase"] + (TECHNIQUES["android-rescue-wipe"] if android else [])
    with PhoneBench(techniques) as bench:
        phones = [bench.phone("apple", "ios", "iphone")]
        if android:
            phones.append(bench.phone("droid", "android", "pixel-15"))
        drives = [{"name": n, "serial": f"DISK-{n}", "capacity": "8MiB", "media": "magnetic"} for n in ("one", "two")]
        file = bench.emulation("bench.yaml", {"devices": phones + drives})
        bench.swift("list", emulate=[file])
        for phone in phones:
            bench.meet(phone, file)
        targets = [f"emu:{d['name']}" for d in phones + drives]
        confirm = []
        for target in targets:
            plan = json.loads(bench.swift("plan", target, "--policy", CLEAR, "--json", emulate=[file]).stdout)
            confirm += ["--confirm", plan["digest"][:10]]
        process = bench.swift("erase", *targets, "--policy", CLEAR, *confirm, "--json", "--no-page",
                              emulate=[file])
        results = [json.loads(line) for line in process.stdout.splitlines() if '"type":"result"' in line]
        outcomes = {r["target"]: r["outcome"] for r in results}
        for target in targets:
            if outcomes.get(target) != "passed":
                problems.append(f"{target}: {outcomes.get(target)}")
        certificates = {r.get("certificate") for r in results}
        if len(certificates) != len(targets) or None in certificates:
            problems.append("not every device has its certificate")
        for phone in phones:
            if any(bench.remains(phone, file).values()):
                problems.append(f"{phone['name']} still holds something")
        if process.returncode != 0:
            problems.append(f"exit status {process.returncode}: {process.stderr[-300:]}")
        if problems:
            raise_kept(bench, problems, "")
        return "a bench", "+".join(t[4:] for t in targets), "passed" if not problems else "-", "clear", "", problems


def run_late(fault):
    """It kept what it says it erased, and shows ADB only after the first look at its state."""
    problems = []
    with PhoneBench(TECHNIQUES["android-rescue-wipe"]) as bench:
        device = bench.phone("late", "android", "pixel-15", ["late_ms=1800"], [{"kind": fault}])
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, PURGE)
        process = bench.swift("erase", "emu:late", "--policy", PURGE, "--confirm", confirm or "none",
                              "--json", "--no-page", emulate=[file])
        result, why, lines = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] not in ("failed", "indeterminate"):
            problems.append(f"{result['outcome']}: its ADB came late, and nobody saw it")
        check_words(result, "left its port again", "NOT known to be erased", "--guided", problems)
        if problems:
            raise_kept(bench, problems, why)
        return "ADB comes late", fault, result["outcome"], result["method"], why, problems


def check_words(result, what, effect, remedy, problems):
    """What is said of it, what that means, and what to do next."""
    error = result.get("error") or {}
    for key, words in (("what", what), ("effect", effect), ("remedy", remedy)):
        if words not in error.get(key, ""):
            problems.append(f"its {key} does not say \"{words}\": {error.get(key)!r}")


UNSTARTED = [  # found in a mode where nobody can reset it by hand: what the refusal tells to do
    ("android", "pixel-15", "recovery", "Reboot system now"),
    ("android", "pixel-15", "sideload", "Reboot system now"),
    ("android", "pixel-15", "rescue", "Reboot system now"),
    ("android", "pixel-15", "fastboot", "start its system"),
    ("ios", "iphone", "recovery", "only a restore"),
]


def run_unstarted(family, personality, mode, remedy):
    """Its start would be taken for its reset: by hand only from a system that runs."""
    problems = []
    with PhoneBench(["guided-reset"]) as bench:
        device = bench.phone("away", family, personality, mode=mode)
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        process = bench.swift("erase", "emu:away", "--policy", CLEAR, "--guided", "--confirm", "none", "--json",
                              "--no-page", emulate=[file])
        result, why, lines = last_of(process)
        if result["outcome"] != "refused" or any(line["type"] == "job.start" for line in lines):
            problems.append(f"{result['outcome']}, where its system does not run")
        check_words(result, "its system does not run", "nothing", remedy, problems)
        if "--guided" in (result.get("error") or {}).get("remedy", ""):
            problems.append("the remedy is what was refused")
        if problems:
            raise_kept(bench, problems, why)
        return f"by hand: {personality}", mode, result["outcome"], result["method"], why, problems


LOST = {"no-reply": "indeterminate", "eof": "indeterminate", "vanishes": "failed",
        "drops-but-erases": "indeterminate", "failfail": "failed", "locked-fastboot": "failed"}


def run_lost(route, fault):
    """Its answer was lost: what it did is looked at, and only what is seen not to be erased has failed."""
    problems = []
    _, personality, policy = ROUTES[route]
    with PhoneBench(TECHNIQUES[route]) as bench:
        device = bench.phone("lost", "android", personality, faults=[{"kind": fault}], mode="normal")
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, policy)
        process = bench.swift("erase", "emu:lost", "--policy", policy, "--confirm", confirm or "none",
                              "--json", "--no-page", emulate=[file])
        result, why, _ = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] != LOST[fault]:
            problems.append(f"{result['outcome']}, not {LOST[fault]}: {why}")
        root = os.path.join(bench.state, "demo", "trust", "root.pem")
        status, report = bench.verify(result["certificate"], "--allow", "emulated", trust=root)
        if status != 2 or report["reasons"][0]["code"] != "record-only":
            problems.append(f"its record is called {report and (report['verdict'], report['reasons'][0])}")
        if problems:
            raise_kept(bench, problems, why)
        return f"answer lost: {route}", fault, result["outcome"], result["method"], why, problems


def run_card(techniques, policy, wanted, words):
    """A memory card is a medium of its own: whatever becomes of its phone, nobody armed it."""
    problems = []
    with PhoneBench(techniques) as bench:
        device = bench.phone("card", "android", "sd-card")
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        card = bench.remains(device, file, ("card",))
        before = bench.remains(device, file)
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, policy)
        process = bench.swift("erase", "emu:card", "--policy", policy, "--confirm", confirm or "none",
                              "--json", "--no-page", emulate=[file])
        result, why, _ = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] != wanted:
            problems.append(f"{result['outcome']}, not {wanted}: {why}")
        if not card["card"] or bench.remains(device, file, ("card",)) != card:
            problems.append(f"the card had {card}, and has {bench.remains(device, file, ('card',))}")
        if words:
            check_words(result, *words, problems)
        if problems:
            raise_kept(bench, problems, why)
        return "memory card in it", policy, result["outcome"], result["method"], why, problems


# Honest iPhones: what they are like, the model, the technique, more options; what comes of it, and what the
# certificate says of the eSIM, the management and its IMEIs.
APPLES = [
    ([], "iphone", "ios-erase", [], "passed", ("erase-asked", "no", 2)),
    ([], "iphone", "ios-erase", ["--keep-esim"], "passed", ("kept", "no", 2)),
    ([], "iphone-7-ios-10", "ios-backup-erase", [], "passed", ("not-asked", "no", 1)),
    ([], "iphone-7-ios-10", "ios-backup-erase", ["--keep-esim"], "refused", None),
    (["supervised=true"], "iphone", "ios-erase", [], "passed", ("erase-asked", "no", 2)),
    (["assigned=true"], "iphone", "ios-erase", ["--for-destruction"], "passed", ("erase-asked", "yes", 2)),
    (["imei=353226100000015"], "iphone", "ios-erase", [], "passed", ("erase-asked", "no", 1)),
]


def run_apple(traits, personality, technique, more, wanted, said):
    """What its certificate says is what was asked of it, and what it told."""
    problems = []
    with PhoneBench([technique]) as bench:
        device = bench.phone("apple", "ios", personality, traits)
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, PURGE, *more)
        process = bench.swift("erase", "emu:apple", "--policy", PURGE, "--confirm", confirm or "none", "--json",
                              "--no-page", *more, emulate=[file])
        result, why, _ = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] != wanted:
            problems.append(f"{result['outcome']}, not {wanted}: {why}")
        if said and result.get("certificate"):
            root = os.path.join(bench.state, "demo", "trust", "root.pem")
            _, report = bench.verify(result["certificate"], "--allow", "emulated", trust=root)
            claims = report["claims"]
            imeis = [i["value"] for i in claims["identifiers"] if i["kind"] == "imei"]
            told = claims["phone"]["esim"], claims["phone"]["locks"]["mdm"], len(imeis)
            if told != said:
                problems.append(f"its certificate says {told}, not {said}")
            if "353226100000015" in imeis:
                problems.append("its certificate names what is no IMEI")
        if problems:
            raise_kept(bench, problems, why)
        return f"certificate: {technique}", ",".join(traits + more) or "-", result["outcome"], result["method"], \
            why, problems


# Its bootloader tells nothing of metadata, where the keys of everything are.
NO_METADATA = ["encryption=fbe", "props/ro.product.first_api_level=29", "props/ro.crypto.metadata.enabled=false"]
METADATA = [  # what it is like, its fault, the policy, what comes of it
    (["metadata_hidden=true"], None, PURGE, "passed"),
    (["metadata_hidden=true"], "metadata-fails", PURGE, "indeterminate"),
    (["metadata_hidden=true"], "metadata-fails", CLEAR, "indeterminate"),
    (NO_METADATA, None, PURGE, "passed"),
    (NO_METADATA[:2] + ["props/ro.crypto.metadata.enabled="], None, PURGE, "indeterminate"),
    (NO_METADATA[:2] + ["props/ro.crypto.metadata.enabled=", "props/ro.hardware.keystore="], None, CLEAR, "passed"),
]


def run_metadata(traits, fault, policy, wanted):
    """No claim over keys that nobody saw erased."""
    problems = []
    with PhoneBench(TECHNIQUES["android-fastboot-erase"]) as bench:
        device = bench.phone("keys", "android", "unlocked", traits, [{"kind": fault}] if fault else [], mode="normal")
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        bench.meet(device, file)
        confirm = confirmation(bench, device, file, policy)
        process = bench.swift("erase", "emu:keys", "--policy", policy, "--confirm", confirm or "none", "--json",
                              "--no-page", emulate=[file])
        result, why, _ = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] != wanted:
            problems.append(f"{result['outcome']}, not {wanted}: {why}")
        if wanted == "indeterminate" and "metadata" not in why:
            problems.append("it does not say that metadata was not erased")
        if wanted == "passed" and result.get("certificate"):
            root = os.path.join(bench.state, "demo", "trust", "root.pem")
            _, report = bench.verify(result["certificate"], "--allow", "emulated", trust=root)
            said = any("Metadata was not erased" in line for line in report["claims"]["limitations"])
            if said != ("encryption=fbe" in traits):
                problems.append("its certificate does not say what became of metadata")
        if problems:
            raise_kept(bench, problems, why)
        return "metadata untold", ",".join(traits[-2:]) + (f"+{fault}" if fault else ""), result["outcome"], \
            result["method"], why, problems


def run_found_in_its_bootloader(fault):
    """USB debugging may have been off all along: what its bootloader calls OKAY shows nothing."""
    problems = []
    with PhoneBench(["android-fastboot-erase"]) as bench:
        device = bench.phone("boot", "android", "unlocked", ["adb=false"], [{"kind": fault}] if fault else [])
        file = bench.emulation("bench.yaml", {"devices": [device]})
        bench.swift("list", emulate=[file])
        before = bench.remains(device, file)
        confirm = confirmation(bench, device, file, CLEAR, "--for-destruction")
        process = bench.swift("erase", "emu:boot", "--policy", CLEAR, "--confirm", confirm or "none", "--json",
                              "--no-page", "--for-destruction", emulate=[file])
        result, why, _ = last_of(process)
        check_result(bench, result, process, bench.remains(device, file), before, problems)
        if result["outcome"] != "indeterminate":
            problems.append(f"{result['outcome']}, and nothing was shown: {why}")
        if problems:
            raise_kept(bench, problems, why)
        return "found in its bootloader", fault or "(none)", result["outcome"], result["method"], why, problems


HERE_NOW = techniques_here()


def tasks():
    for route, (family, _, _) in ROUTES.items():
        if not set(TECHNIQUES.get(route, [route])) <= HERE_NOW:
            continue
        yield run_fault, (route, None, "")
        for fault, more in faults_of(family):
            if route not in ONLY.get(fault, {route}):
                continue
            yield run_fault, (route, fault, more)
            if "of" in more and route in SERVICE:
                yield run_fault, (route, fault, more, SERVICE[route])
    for lock in LOCKS:
        if lock[0] == "ios" or "android-rescue-wipe" in HERE_NOW:
            yield run_lock, lock
    for row in APPLES:
        yield run_apple, row
    if "android-settings-reset" in HERE_NOW:
        yield run_guided, (True,)
        yield run_guided, (False,)
    for row in UNSTARTED:
        yield run_unstarted, row
    if "android-rescue-wipe" in HERE_NOW:
        for fault in ("done-but-keeps", "returns-unerased", "half-wipe", "keeps-keys"):
            yield run_late, (fault,)
        for fault in ("no-reply", "eof", "vanishes", "drops-but-erases", "failfail"):
            yield run_lost, ("android-rescue-wipe", fault)
        fill = TECHNIQUES["android-fill"]
        yield run_card, (fill, OVERWRITE, "refused", ("memory card is in it", "nothing", "take the card out"))
        yield run_card, (fill, PURGE, "passed", None)
    if "android-fastboot-erase" in HERE_NOW:
        for fault in (None, "okay-but-keeps"):
            yield run_found_in_its_bootloader, (fault,)
        for fault in ("no-reply", "eof", "vanishes", "drops-but-erases", "locked-fastboot"):
            yield run_lost, ("android-fastboot-erase", fault)
        for row in METADATA:
            yield run_metadata, row
    yield run_bench, ()


def guarded(task):
    function, arguments = task
    try:
        return function(*arguments)
    except Exception as problem:  # one that can't run is a failure with a name
        return str(arguments[0]) if arguments else "a bench", str(arguments[1:2]), "-", "-", "", [repr(problem)]


def main():
    only = sys.argv[sys.argv.index("--only") + 1] if "--only" in sys.argv else ""
    chosen = [t for t in tasks() if only in repr(t)]
    began = time.monotonic()
    wrong = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=int(os.environ.get("LETHE_JOBS", "12"))) as pool:
        for route, fault, outcome, method, why, problems in pool.map(guarded, chosen):
            wrong += bool(problems)
            mark = "WRONG" if problems else "ok"
            print(f"{mark:5}  {route:24} {fault:30} {outcome:18} {method:6} {why[:90]}")
            for problem in problems:
                print(f"       -> {problem}")
            sys.stdout.flush()
    print(f"{len(chosen)} phones, {wrong} wrong, {time.monotonic() - began:.0f} s")
    return 1 if wrong or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
