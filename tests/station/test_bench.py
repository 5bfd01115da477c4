# SPDX-License-Identifier: Apache-2.0
"""What can happen to a bench while a job runs: signals, a dying worker, a lost record, a key that runs out."""
import glob
import json
import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import Bench, Result  # noqa: E402


class Running:
    """`lethe erase` of a slow emulated drive, heard line by line."""

    def __init__(self, bench, rate="8MiB", before=(), **kw):
        file = bench.emulation("drive.yaml", {"devices": [{
            "name": "drive", "vendor": "ACME", "model": "Drive", "serial": "SN-1", "capacity": "16MiB",
            "media": "magnetic", "contents": "text:letters ", "faults": [{"kind": "slow", "rate": rate}]}]})
        command = bench.command("erase", "emu:drive", "--policy", "random-full", "--confirm", "SN-1",
                                "--json", emulate=[file])
        self.process = subprocess.Popen([*before, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        stdin=subprocess.DEVNULL, text=True, **kw)
        self.lines = []

    def until(self, kind):
        for line in self.process.stdout:
            self.lines.append(line)
            if json.loads(line)["type"] == kind:
                return
        raise AssertionError(f"no {kind}: {self.lines[-2:]} {self.process.stderr.read()}")

    def worker(self):
        out = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout
        return int(out.split()[-1])

    def end(self):
        rest, errors = self.process.communicate(timeout=60)
        return Result(subprocess.CompletedProcess([], self.process.returncode, "".join(self.lines) + rest, errors))


class BenchTest(unittest.TestCase):
    def test_a_worker_holds_nothing_of_ours(self):
        with Bench(keys=False) as bench, open(bench.path("foreign"), "w") as foreign:
            running = Running(bench, pass_fds=[foreign.fileno()])
            running.until("progress")
            held = {os.readlink(link) for link in glob.glob(f"/proc/{running.worker()}/fd/*")}
            allowed = ("/dev/null", "socket:", bench.path("drive.yaml"), "anon_inode:")
            self.assertEqual([h for h in held if not h.startswith(allowed)
                              and not (os.environ.get("LETHE_SANITIZE") and h.startswith("pipe:"))], [])
            self.assertGreaterEqual(len(held), 2)  # a worker just begun: its socket and /dev/null
            self.assertEqual(running.end().last["outcome"], "passed")

    def test_a_killed_worker_is_a_failed_job(self):
        with Bench(keys=False) as bench:
            running = Running(bench, rate="1MiB")  # not over before a busy machine has it killed
            running.until("progress")
            os.kill(running.worker(), signal.SIGKILL)
            result = running.end()
            self.assertEqual(result.last["outcome"], "failed")
            self.assertIn("Killed", result.last["error"]["what"])
            self.assertEqual(result.exit, 5)

    def test_a_closed_terminal_does_not_stop_the_bench(self):
        with Bench(keys=False) as bench:
            running = Running(bench)
            running.until("progress")
            running.process.send_signal(signal.SIGHUP)
            self.assertEqual(running.end().last["outcome"], "passed")

    def test_sigterm_aborts_with_a_record(self):
        with Bench(keys=False) as bench:
            running = Running(bench, rate="1MiB")
            running.until("progress")
            running.process.send_signal(signal.SIGTERM)
            result = running.end()
            self.assertEqual(result.last["outcome"], "aborted")
            self.assertEqual(result.exit, 7)
            self.assertTrue(os.path.exists(result.last["certificate"]))

    def test_a_record_that_vanished_certifies_nothing(self):
        with Bench(keys=False) as bench:
            running = Running(bench, rate="4MiB")
            running.until("progress")
            for file in glob.glob(os.path.join(bench.state, "lethe.db*")):
                os.unlink(file)
            result = running.end()
            self.assertEqual(result.last["outcome"], "none")
            self.assertEqual(result.exit, 1)
            self.assertIsNone(result.last["certificate"])


class KeyTest(unittest.TestCase):
    """Preloads another clock, which does not go together with sanitizers."""

    def test_a_key_that_ran_out_signs_nothing(self):
        with Bench(keys=False) as bench:
            bench.check("keys", "init", "--org", "Test", "--bench", "b", "--days", "1")
            disk = bench.path("disk.img")
            with open(disk, "wb") as f:
                f.truncate(64 << 20)
            first = bench.erase(disk, "random-full")
            self.assertEqual(first.last["outcome"], "passed")
            digest = bench.digest(disk, "random-full")
            # 15 s before its end, and the bench stands still for longer than that.
            shim = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
            self.assertTrue(shim, "the package faketime is missing")
            command = bench.command("erase", disk, "--policy", "random-full", "--confirm", digest, "--json")
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, "LD_PRELOAD": shim[0], "FAKETIME": "+86385s"})
            lines = []
            for line in process.stdout:
                lines.append(line)
                if json.loads(line)["type"] == "job.start":
                    break
            process.send_signal(signal.SIGSTOP)
            time.sleep(20)
            process.send_signal(signal.SIGCONT)
            rest, errors = process.communicate(timeout=60)
            result = Result(subprocess.CompletedProcess(command, process.returncode, "".join(lines) + rest, errors))
            self.assertEqual(result.last["outcome"], "none", result.last)
            self.assertIsNone(result.last["certificate"])
            self.assertIn("renew", result.last["error"]["remedy"])
            self.assertEqual(result.exit, 1)
            job, = (e["job"] for e in result.of("job.start"))
            late = {"env": {"LD_PRELOAD": shim[0], "FAKETIME": "+2d"}}
            # Nothing has changed: told, not passed over.
            again = bench.run("resume", "--json", **late)
            self.assertEqual((again.returncode, again.stdout), (1, ""), again.stderr)
            for word in ("note: job " + job, "effect: ", "lethe keys renew"):
                self.assertIn(word, again.stderr)
            drive = bench.emulation("d.yaml", {"devices": [{"name": "d", "serial": "D-1",
                                                            "capacity": "1MiB", "media": "magnetic"}]})
            other = bench.erase("emu:d", "random-full", "D-1", emulate=[drive], **late)
            self.assertEqual(other.exit, 0, other.stderr)
            self.assertIn("note: job " + job, other.stderr)
            bench.check("keys", "renew", **late)
            resumed = Result(bench.run("resume", job[:13], "--json", **late))
            self.assertEqual((resumed.exit, resumed.last["outcome"], resumed.last["job"]), (0, "passed", job),
                             resumed.stderr)
            self.assertTrue(os.path.exists(resumed.last["certificate"]))
            listed = json.loads(bench.check("cert", "list", "--json"))
            self.assertIn(job, [c["job"] for c in listed])
            self.assertEqual(json.loads(bench.check("jobs", "--open", "--json")), [])
            self.assertEqual(bench.run("resume").stdout, "No job waits.\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
