# SPDX-License-Identifier: Apache-2.0
"""kill -9, then `lethe resume`."""
import json
import os
import signal
import subprocess
import time

from bench import Bench, Terminal, main


class Resume(Bench):
    KEYS = False

    def interrupt(self, *devices, until="pass.point", policy="random-full", kill=signal.SIGKILL,
                  status=-signal.SIGKILL, after=0, options=()):
        """Erase the first device and KILL the supervisor AFTER seconds, once UNTIL was recorded."""
        self.emulated(*devices)
        run = subprocess.Popen(self.command("erase", "emu:a", "--policy", policy,
                                            "--confirm", "S-1", "--json", *options),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                               env=self.env)
        job = None
        for line in run.stdout:
            event = json.loads(line)
            job = event["job"]
            if event["type"] == until:
                break
        time.sleep(after)
        os.kill(run.pid, kill)
        self.rest = [json.loads(line) for line in run.stdout]
        run.wait()
        run.stdout.close()
        self.assertEqual(run.returncode, status)
        return job

    DRIVE = {"name": "a", "serial": "S-1", "capacity": "24MiB",
             "faults": [{"kind": "slow", "rate": "8MiB"}]}

    def test_goes_on_and_tells_it(self):
        job = self.interrupt(self.DRIVE, until="progress")
        waiting = self.run_json(0, "resume", "--list", "--json")
        self.assertEqual([w["job"] for w in waiting], [job])
        self.assertTrue(self.run_json(0, "jobs", "--open", "--json")[0]["open"])
        lines = self.run_lines(0, "resume", job[:13], "--json")
        self.assertEqual((lines[-1]["type"], lines[-1]["outcome"], lines[-1]["job"]),
                         ("result", "passed", job))
        claims = self.run_json(0, "cert", "show", job, "--json")
        self.assertEqual(claims["interruptions"], {"count": 1, "resumed": 1})
        self.assertEqual(claims["verification"]["mode"], "full")
        self.assertEqual(self.run_json(0, "resume", "--list", "--json"), [])
        self.run_exit(2, "resume", job)  # it does not wait any more

    def test_device_is_not_there(self):
        job = self.interrupt(self.DRIVE, until="progress")
        emulate, self.emulate = self.emulate, []
        lines = self.run_lines(6, "resume", "--json")  # partly overwritten: no refused one any more
        self.assertEqual((lines[-1]["outcome"], lines[-1]["open"], lines[-1]["job"]), ("none", True, job))
        self.assertIn("--abandon", lines[-1]["error"]["remedy"])
        self.emulate = emulate
        self.run_lines(0, "resume", "--json")

    def test_twin_takes_no_job_over(self):
        """Another drive of the same kind, but with another serial: it is left alone."""
        job = self.interrupt(self.DRIVE, until="progress")
        self.emulate = []
        self.emulated({**self.DRIVE, "serial": "S-2"}, name="other.yaml")
        lines = self.run_lines(6, "resume", "--json")
        self.assertEqual((lines[-1]["outcome"], lines[-1]["open"]), ("none", True))
        self.assertEqual(self.run_json(0, "resume", "--list", "--json")[0]["job"], job)

    def test_an_image_that_another_lethe_erases(self):
        """It is not told to kill that one."""
        image = self.image(size=32 << 20)
        with open(self.path("faults.json"), "w", encoding="utf-8") as file:
            json.dump({"faults": [{"kind": "slow", "rate": "4MiB"}]}, file)
        erase = ("erase", image, "--policy", "random-full", "--fault", self.path("faults.json"))
        digest = self.run_exit(3, *erase).stdout.split("digest")[1].split()[0]
        run = subprocess.Popen(self.command(*erase, "--confirm", digest, "--json"),
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                               env=self.env)
        for line in run.stdout:
            if json.loads(line)["type"] == "progress":
                break
        refused = self.run_lines(3, *erase, "--confirm", digest, "--json")[-1]
        run.terminate()
        run.stdout.read()
        run.stdout.close()
        self.assertEqual(run.wait(), 7)
        self.assertNotIn("kill", refused["error"]["remedy"])
        self.assertIn("lethe jobs --open", refused["error"]["remedy"])

    def test_stopped_between_password_and_erasure(self):
        """The drive would keep our password: the job stays open, and resuming it erases the drive."""
        job = self.interrupt({"name": "a", "serial": "S-1", "capacity": "16MiB", "media": "magnetic",
                              "bus": "ata",
                              "controller": {"kind": "ata", "features": ["security", "enhanced-erase"],
                                             "milliseconds": 2000,
                                             "faults": [{"kind": "slow-commands",
                                                         "milliseconds": 300}]}},
                             until="technique.intent", policy="nist-800-88r2-purge",
                             kill=signal.SIGTERM, status=1, after=0.8)
        self.assertEqual((self.rest[-1]["type"], self.rest[-1]["outcome"]), ("result", "none"))
        self.assertIn("lethe resume " + job[:13], self.rest[-1]["error"]["remedy"])
        locked = self.run_exit(3, "erase", "emu:a", "--policy", "nist-800-88r2-clear", "--confirm",
                               "S-1")
        self.assertIn("lethe resume " + job[:13], locked.stderr)
        kept = self.run_exit(3, "resume", "--abandon", job[:13]).stderr
        self.assertIn("set a password on its drive", " ".join(kept.split()))
        self.assertIn("lethe resume " + job[:13], " ".join(kept.split()))
        self.assertEqual(self.run_json(0, "resume", "--list", "--json")[0]["job"], job)
        self.run_lines(0, "resume", job[:13], "--json")
        self.assertFalse(self.run_json(0, "show", "emu:a", "--json")["firmware"]["security"]["enabled"])

    def test_asks_for_the_psid_again(self):
        """It is in no record."""
        psid = "0123456789ABCDEF0123456789ABCDEF"
        drive = {"name": "a", "serial": "S-1", "media": "flash", "bus": "scsi", "capacity": "1MiB",
                 "controller": {"kind": "scsi", "psid": psid, "features": ["opal", "report-opcodes"],
                                "faults": [{"kind": "slow-commands", "milliseconds": 60}]}}
        job = self.interrupt(drive, until="technique.intent", policy="nist-800-88r2-purge",
                             options=("--psid", psid))
        terminal = Terminal(self, "resume", job)
        terminal.expect(r"PSID of emu:a, .*: $")
        terminal.send(psid + "\n")
        self.assertEqual(terminal.wait(), 0, terminal.text()[-2000:])
        self.assertRegex(terminal.text(), r"passed.*, purge")

    def test_abandoned_with_its_password_on(self):
        """The record, and what is told, say that the drive may be locked, and by what."""
        job = self.interrupt({"name": "a", "serial": "S-1", "capacity": "2MiB", "media": "magnetic",
                              "bus": "ata",
                              "controller": {"kind": "ata", "features": ["security", "enhanced-erase"],
                                             "milliseconds": 2000,
                                             "faults": [{"kind": "slow-commands",
                                                         "milliseconds": 300}]}},
                             until="technique.intent", policy="nist-800-88r2-purge", after=0.8)
        done = self.run_lines(7, "resume", "--abandon", job[:13], "--leave-locked", "--json")[-1]
        self.assertIn("--security-unlock Lethe", done["error"]["remedy"])
        self.assertIn("password", done["error"]["effect"])
        reasons = self.run_json(0, "cert", "show", job, "--json")["reasons"]
        self.assertIn('may be locked by the password that this job set (user: "Lethe")', reasons[0])
        self.assertEqual(self.run_json(0, "resume", "--list", "--json"), [])
        self.run_exit(2, "resume", "--leave-locked")

    def test_a_drive_that_was_pulled(self):
        """That closes its job: the remedy is not to resume it."""
        self.emulated({"name": "a", "serial": "S-1",
                       "faults": [{"kind": "vanish", "during": "write", "after_bytes": "2MiB"}]})
        result = self.run_lines(5, "erase", "emu:a", "--policy", "random-full", "--confirm", "S-1",
                                "--json")[-1]
        self.assertEqual(result["error"]["code"], "gone")
        self.assertNotIn("resume", result["error"]["remedy"])
        self.assertIn("this job is closed", result["error"]["remedy"])

    def test_abandon(self):
        job = self.interrupt(self.DRIVE, until="progress")
        lines = self.run_lines(7, "resume", "--abandon", job[:13], "--json")
        self.assertEqual(lines[-1]["outcome"], "aborted")
        self.assertEqual(self.run_json(0, "cert", "list", "--json")[0]["kind"], "record")
        self.assertEqual(self.run_json(0, "resume", "--list", "--json"), [])

    def test_erase_tells_of_jobs_that_wait(self):
        job = self.interrupt(self.DRIVE, {"name": "b", "serial": "S-2"}, until="progress")
        done = self.run_exit(0, "erase", "emu:b", "--policy", "random-full", "--confirm", "S-2",
                             "--json")
        self.assertIn("lethe resume " + job[:13], done.stderr)


if __name__ == "__main__":
    main()
