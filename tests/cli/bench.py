# SPDX-License-Identifier: Apache-2.0
"""A bench to test `lethe` from outside: a state directory, emulated drives, image files, a terminal."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

LETHE = os.environ["LETHE"]
MIB = 1 << 20


def skip(test, reason):
    print("SKIP: " + reason, file=sys.stderr)
    test.skipTest(reason)


class Bench(unittest.TestCase):
    """Each test gets a directory of its own; with KEYS the bench has them."""

    KEYS = True

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="lethe-cli-")
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.state = os.path.join(self.dir, "state")
        self.emulate = []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("LETHE_")}
        self.env.pop("NO_COLOR", None)
        self.env["TERM"] = "xterm"
        if self.KEYS:
            self.run_ok("keys", "init", "--org", "Acme", "--bench", "bench-1")

    def path(self, name):
        return os.path.join(self.dir, name)

    def command(self, *args):
        emulate = [a for f in self.emulate for a in ("--emulate", f)]
        return [LETHE, "--state", self.state, *emulate, *map(str, args)]

    def run_cli(self, *args, stdin="", env=None):
        return subprocess.run(self.command(*args), input=stdin, text=True, capture_output=True,
                              env={**self.env, **(env or {})}, timeout=120, check=False)

    def run_ok(self, *args, **kwargs):
        return self.run_exit(0, *args, **kwargs)

    def run_exit(self, status, *args, **kwargs):
        done = self.run_cli(*args, **kwargs)
        self.assertEqual(done.returncode, status, f"{args}\n{done.stdout}\n{done.stderr}")
        return done

    def run_json(self, status, *args, **kwargs):
        return json.loads(self.run_exit(status, *args, **kwargs).stdout)

    def run_lines(self, status, *args, **kwargs):
        out = self.run_exit(status, *args, **kwargs).stdout
        return [json.loads(line) for line in out.splitlines()]

    def assertNoJobs(self):
        """Nothing was begun, so there is not even a record."""
        self.assertIn("there is no record", self.run_exit(2, "jobs").stderr)

    def image(self, name="disk.img", size=4 * MIB):
        path = self.path(name)
        with open(path, "wb") as file:
            file.truncate(size)
        return path

    def emulated(self, *devices, name="bench.yaml"):
        """Attach emulated drives: dicts of docs/emulation.md (JSON is YAML)."""
        defaults = {"capacity": "4MiB", "media": "magnetic", "model": "Test Drive"}
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"devices": [{**defaults, **d} for d in devices]}, file)
        self.emulate.append(path)

    def demanding_profiles(self):
        """Lethe's own, but random-full wants an operator, an asset tag and a bay on record."""
        shutil.copytree(os.path.join(os.path.dirname(__file__), "../../profiles"),
                        self.path("profiles"))
        with open(self.path("profiles/policies/random-full.yaml"), "a", encoding="utf-8") as file:
            file.write("\nrequired: [operator, asset-tag, bay]\n")
        return self.path("profiles")

    def digest(self, target, policy="random-full"):
        return self.run_json(0, "plan", target, "--policy", policy, "--json")["digest"]


class Terminal:
    """`lethe` on a terminal of its own, and the screen as a person would see it."""

    def __init__(self, bench, *args, columns=80, lines=24):
        self.columns, self.lines = columns, lines
        self.raw = b""
        pid, fd = pty.fork()
        if pid == 0:
            command = bench.command(*args)
            os.execve(command[0], command, bench.env)
        self.pid, self.fd = pid, fd
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def pump(self, seconds=0.05):
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # EIO: the other side is gone
                return False
            if not data:
                return False
            self.raw += data
        return True

    def text(self):
        return self.raw.decode("utf-8", "replace")

    def expect(self, pattern, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            alive = self.pump()
            if re.search(pattern, self.text()):
                return
            if not alive:
                break
        raise AssertionError(f"no {pattern!r} in:\n{self.text()}")

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, seconds=60):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pump()
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        raise AssertionError(f"still running:\n{self.text()}")

    def screen(self):
        """What is on the screen: enough of a terminal for the escapes that Lethe uses."""
        rows, row, column = [""], 0, 0
        for token in re.findall(r"\033\[[0-9;]*[A-Za-z]|.|\n|\r", self.text()):
            if token == "\n":
                row, column = row + 1, column  # the terminal driver sends \r before it
            elif token == "\r":
                column = 0
            elif token.startswith("\033"):
                count = int(re.findall(r"\d+", token)[0]) if re.search(r"\d", token) else 1
                if token.endswith("A"):
                    row = max(0, row - count)
                elif token.endswith("K"):
                    rows[row] = rows[row][:column]
                elif token.endswith("J"):
                    rows[row] = rows[row][:column]
                    del rows[row + 1:]
                continue
            else:
                line = rows[row].ljust(column)
                rows[row] = line[:column] + token + line[column + 1:]
                column += 1
            while len(rows) <= row:
                rows.append("")
        return rows


def main():
    unittest.main(verbosity=2)
