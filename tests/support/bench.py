# SPDX-License-Identifier: Apache-2.0
"""A bench to test from outside: the real program, a state directory of its own, devices to erase."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

BIN = os.environ.get("LETHE_BIN", "build/dev/bin")
LETHE = os.path.join(BIN, "lethe")
VERIFY = os.path.join(BIN, "lethe-verify")


class Result:
    """How a run of `lethe erase --json` (or resume) ended."""

    def __init__(self, process):
        self.exit = process.returncode
        self.stderr = process.stderr
        self.events = [json.loads(line) for line in process.stdout.splitlines() if line.strip()]
        self.results = [e for e in self.events if e["type"] == "result"]

    @property
    def last(self):
        if not self.results:
            raise AssertionError(f"no result; exit {self.exit}\n{self.stderr}\n{self.events[-3:]}")
        return self.results[-1]

    def of(self, kind):
        return [e for e in self.events if e["type"] == kind]


class Bench:
    """Temporary directory with keys; removed at the end unless something failed (then it is named)."""

    def __init__(self, keys=True):
        self.dir = tempfile.mkdtemp(prefix="lethe-bench-", dir=os.environ.get("LETHE_TEST_TMP"))
        self.state = os.path.join(self.dir, "state")
        self.options = []
        if keys:
            self.check("keys", "init", "--org", "Test Organisation", "--bench", "bench-1")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is None:
            shutil.rmtree(self.dir, ignore_errors=True)
        else:
            print(f"kept for a look: {self.dir}", file=sys.stderr)

    def path(self, name):
        return os.path.join(self.dir, name)

    def command(self, *args, emulate=()):
        command = [LETHE, "--state", self.state, *self.options]
        for file in emulate:
            command += ["--emulate", file]
        return command + list(args)

    def run(self, *args, emulate=(), env=None, timeout=120, **more):
        return subprocess.run(self.command(*args, emulate=emulate), capture_output=True, text=True,
                              env={**os.environ, **(env or {})}, timeout=timeout, stdin=subprocess.DEVNULL,
                              **more)

    def check(self, *args, **kw):
        process = self.run(*args, **kw)
        if process.returncode != 0:
            raise AssertionError(f"lethe {' '.join(args)}: exit {process.returncode}\n{process.stderr}{process.stdout}")
        return process.stdout

    def digest(self, target, policy, emulate=()):
        return json.loads(self.check("plan", target, "--policy", policy, "--json", emulate=emulate))["digest"]

    def erase(self, target, policy, confirm=None, *more, emulate=(), page=False, **kw):
        confirm = confirm or self.digest(target, policy, emulate)[:8]
        return Result(self.run("erase", target, "--policy", policy, "--confirm", confirm, "--json",
                               *([] if page else ["--no-page"]), *more,
                               emulate=emulate, **kw))

    def emulation(self, name, content):
        """Write an emulation file (JSON is YAML) and return its path."""
        file = self.path(name)
        with open(file, "w") as f:
            json.dump(content, f)
        return file

    def verify(self, certificate, *more, trust=None):
        """The verifier's report and exit status."""
        trust = trust or os.path.join(self.state, "trust", "root.pem")
        process = subprocess.run([VERIFY, certificate, "--trust", trust, "--json", *more],
                                 capture_output=True, text=True, timeout=60)
        return process.returncode, json.loads(process.stdout) if process.stdout.strip() else None
