# SPDX-License-Identifier: Apache-2.0
"""Inside the virtual machine: SCSI disks in memory, `lethe`, and what the tests say of both.

Every disk is a host of scsi_debug with memory of its own, so that what was written on one is never
found on another.
"""
import glob
import json
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

ADD_HOST = "/sys/bus/pseudo/drivers/scsi_debug/add_host"
STATE = "/run/state"
MARKER = b"the customer's file, which must not survive / "


class Wrong(Exception):
    """What was seen isn't what must be."""


def must(what, seen, wanted):
    if seen != wanted:
        raise Wrong(f"{what}: wanted {wanted!r}, got {seen!r}")


def run(command, check=True):
    """Run COMMAND, a list or a line for the shell; what it prints on both outputs."""
    line = command if isinstance(command, str) else shlex.join(command)
    done = subprocess.run(command, shell=isinstance(command, str), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        raise Wrong(f"{line}: exit {done.returncode}: {done.stdout.strip()}")
    return done.stdout


def wait_for(what, probe, seconds=60):
    """PROBE()'s answer as soon as it is true."""
    end = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Wrong(f"after {seconds} s still not there: {what}")
        time.sleep(0.01)


def modules(*names, **options):
    for name in names:
        run(["modprobe", name] + [f"{key}={value}" for key, value in options.items()])


def use_scsi_debug(**options):
    # The list of modules is the kernel's: sd_mod attaches to what comes later as well.
    modules("sd_mod")
    modules("scsi_debug", add_host=0, per_host_store=1, delay=0, **options)


def write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def disks():
    return set(glob.glob("/sys/block/sd*"))


def add_disk(fill=True):
    """A new disk, by its node. Filled, so that an erasure has something to leave behind."""
    before = disks()
    write(ADD_HOST, "1")
    name = os.path.basename(wait_for("a new disk", lambda: disks() - before).pop())
    node = f"/dev/{name}"
    wait_for(f"the capacity of {node}", lambda: read_int(f"/sys/block/{name}/size"))
    wait_for(node, lambda: os.path.exists(node))
    if fill:
        fill_disk(node)
    return node


def read_int(path):
    try:
        return int(pathlib.Path(path).read_text(encoding="ascii"))
    except OSError:
        return 0


def writes(node):
    """Writes that the disk of NODE was ever sent (iostats: requests finished)."""
    return int(pathlib.Path(f"/sys/block/{os.path.basename(node)}/stat").read_text("ascii").split()[4])


def fill_disk(node):
    with open(node, "r+b", buffering=0) as disk:
        size = disk.seek(0, os.SEEK_END)
        disk.seek(0)
        chunk = (MARKER * (1 + (1 << 20) // len(MARKER)))[: 1 << 20]
        for at in range(0, size, len(chunk)):
            disk.write(chunk[: size - at])
        os.fsync(disk.fileno())


def holds_marker(node):
    with open(node, "rb", buffering=0) as disk:
        os.posix_fadvise(disk.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        overlap = b""
        while chunk := disk.read(1 << 20):
            if MARKER in overlap + chunk:
                return True
            overlap = chunk[-len(MARKER):]
    return False


def partition(node, kind="L"):
    """One partition over all of NODE."""
    subprocess.run(["sfdisk", "-q", node], input=f",,{kind}\n", text=True, check=True,
                   stdout=subprocess.DEVNULL)
    return wait_for(f"{node}1", lambda: os.path.exists(f"{node}1") and f"{node}1")


def ext4(node):
    run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", node])


def mount(node, point):
    os.makedirs(point, exist_ok=True)
    run(["mount", node, point])
    with open(f"{point}/file", "wb") as file:
        file.write(MARKER * 1000)
        os.fsync(file.fileno())


def children(pid):
    found = []
    for stat in glob.glob("/proc/[0-9]*/stat"):
        try:
            fields = pathlib.Path(stat).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if int(fields.rpartition(")")[2].split()[1]) == pid:
            found.append(int(stat.split("/")[2]))
    return found


def profiles_with(name):
    """Lethe's own policies and profiles, and one from here: for what only tests erase."""
    here = pathlib.Path(__file__).resolve().parent
    own = here.parents[1] / "profiles"
    there = pathlib.Path("/run/profiles")
    (there / "devices").mkdir(parents=True)
    (there / "policies").symlink_to(own / "policies")
    for profile in [*(own / "devices").glob("*.yaml"), here / name]:
        (there / "devices" / profile.name).symlink_to(profile)
    return str(there)


class Lethe:
    """The program under test."""

    def __init__(self, program, profiles=None):
        self.program = program
        self.profiles = ["--profiles", profiles] if profiles else []
        self.verifier = os.path.join(os.path.dirname(program), "lethe-verify")
        self.state = STATE
        self.named = {}
        if not os.path.exists(STATE):
            status, text = self("keys", "init", "--org", "Test", "--bench", "vm")
            must(f"lethe keys init ({text})", status, 0)

    def command(self, *args):
        return [self.program, "--state", self.state, "--no-color", *self.profiles, *args]

    def __call__(self, *args):
        done = subprocess.run(self.command(*args), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def json(self, *args):
        """Exit status and what was printed."""
        done = subprocess.run(self.command(*args, "--json"), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            return done.returncode, json.loads(done.stdout)
        except ValueError:
            pass
        raise Wrong(f"{shlex.join(args)}: exit {done.returncode}, not JSON: "
                    f"{done.stdout}{done.stderr}")

    def device(self, node):
        status, devices = self.json("list")
        must("exit status of lethe list", status, 0)
        for device in devices:
            for identifier in device["identity"]["identifiers"]:
                if identifier["kind"] in ("serial", "wwn"):
                    self.named[device["target"]] = identifier["value"]
        for device in devices:
            if device["target"] == node:
                return device
        raise Wrong(f"lethe list doesn't show {node}")

    def plan(self, node):
        return self.json("plan", node, "--policy", "random-full")

    def confirmation(self, node):
        """What names the device, as a person would scan it; else its plan."""
        if node.startswith("/dev/sd") and node not in self.named:
            self.device(node)
        return self.named.get(node) or self.plan(node)[1]["digest"][:8]

    def erase_command(self, node):
        return self.command("erase", node, "--policy", "random-full", "--confirm",
                            self.confirmation(node), "--json")

    def erase(self, node):
        """Exit status, result, all lines."""
        return self.ended(subprocess.run(self.erase_command(node), stdin=subprocess.DEVNULL,
                                         text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE))

    @staticmethod
    def ended(done):
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if not lines or lines[-1].get("type") != "result":
            raise Wrong(f"no result: exit {done.returncode}: {done.stdout[-600:]}{done.stderr}")
        return done.returncode, lines[-1], lines

    def verdict(self, result):
        """Exit status of lethe-verify: 0 is valid."""
        done = subprocess.run([self.verifier, result["certificate"], "--allow", "virtual", "--trust",
                               f"{self.state}/trust/root.pem"], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def erase_watched(self, node, hooks):
        """Erase NODE; the worker stands still while HOOKS[type]() is called, for an event's first
        (or, by "type#2", second) time. The machine has one processor: where the supervisor and we
        go before the worker, faults come when they are meant to, however slow it is."""
        seen = {}
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(20))
        with subprocess.Popen(self.erase_command(node), stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as job:
            os.sched_setscheduler(job.pid, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(10))
            lines = []
            for line in job.stdout:
                lines.append(line)
                kind = json.loads(line).get("type")
                seen[kind] = seen.get(kind, 0) + 1
                hook = hooks.pop(f"{kind}#{seen[kind]}", None) or \
                    (seen[kind] == 1 and hooks.pop(kind, None))
                if hook:
                    workers = children(job.pid)
                    for pid in workers:
                        os.kill(pid, signal.SIGSTOP)
                    hook()
                    for pid in workers:
                        os.kill(pid, signal.SIGCONT)
            errors = job.stderr.read()
        if hooks:
            raise Wrong(f"{node}: never came to {list(hooks)}: {''.join(lines)[-900:]}{errors}")
        return self.ended(subprocess.CompletedProcess(job.args, job.returncode, "".join(lines), errors))

    def must_erase(self, node, verdict=0):
        """NODE is erased, passes, and nothing of what was on it is left."""
        status, result, _ = self.erase(node)
        must(f"outcome of {node} ({result.get('error')})", result["outcome"], "passed")
        must(f"exit status of {node}", status, 0)
        must(f"substrate of {node}", result["substrate"], "virtual")
        must(f"there is a certificate of {node}", os.path.isfile(result["certificate"]), True)
        must(f"the customer's data are on {node}", holds_marker(node), False)
        must(f"verdict on the certificate of {node}", self.verdict(result)[0], verdict)
        return result

    def must_fail(self, status, result, lines):
        """What erase() gave is a failure, told as one everywhere."""
        must(f"outcome ({result})", result["outcome"], "failed")
        must("exit status", status, 5)
        must("policy met", result["policy_met"], False)
        must("method", result["method"], "none")
        if not result["certificate"]:
            raise Wrong(f"a failure without a record: {lines[-2:]}")
        verdict, text = self.verdict(result)
        if verdict == 0:
            raise Wrong(f"lethe-verify says that the record of a failure is valid: {text}")
        return result


def main(cases, profiles=None):
    """Run CASES, functions that take a Lethe; argument of the program: the `lethe` to test."""
    lethe = Lethe(sys.argv[1], profiles)
    failed = 0
    for case in cases:
        began = time.monotonic()
        lethe.named.clear()  # names of disks that are gone are given again
        try:
            case(lethe)
            how = "ok"
        except Wrong as wrong:
            how, failed = f"FAILED: {wrong}", failed + 1
        print(f"{time.monotonic() - began:5.2f} s  {case.__name__}: {how}", flush=True)
    sys.exit(1 if failed else 0)
