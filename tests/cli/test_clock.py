# SPDX-License-Identifier: Apache-2.0
"""A clock far ahead has written in the record: refused from then on, until somebody says so."""
import hashlib
import json
import os
import sqlite3
import subprocess
import time

from bench import Bench, Terminal, main

YEARS = 3 * 365 * 86400 * 1000


class Clock(Bench):
    KEYS = False

    def setUp(self):
        super().setUp()
        self.emulated({"name": "a", "serial": "S-1"})

    def erase(self, status):
        return self.run_lines(status, "erase", "emu:a", "--policy", "random-full", "--confirm",
                              "S-1", "--json")[-1]

    def assertWhole(self):
        said = self.run_json(0, "log", "check", "--json")
        self.assertEqual((said["ok"], said["clock_releases"]), (True, []))

    def date_last(self, ahead):
        """The last event has been dated by a clock AHEAD milliseconds ahead."""
        then = int(time.time() * 1000) + ahead
        with sqlite3.connect(os.path.join(self.state, "lethe.db")) as db:
            guard, = db.execute("SELECT sql FROM sqlite_master WHERE name = 'events_no_update'"
                                ).fetchone()
            n, at, text, prev = db.execute("SELECT n, time, event, prev FROM events"
                                           " ORDER BY n DESC LIMIT 1").fetchone()
            self.assertEqual(json.loads(text)["time"], at)
            text = text.replace(f'"time":{at}', f'"time":{then}')
            db.execute("DROP TRIGGER events_no_update")
            db.execute("UPDATE events SET time = ?, event = ?, hash = ? WHERE n = ?",
                       (then, text, hashlib.sha256(prev + text.encode()).digest(), n))
            db.execute(guard)
        self.assertWhole()

    def ahead(self):
        """A job whose last event a clock far ahead has dated: the record is whole otherwise."""
        self.erase(0)
        self.date_last(YEARS)
        refused = self.erase(3)
        self.assertIn("clock is behind", refused["error"]["what"])
        self.assertIn("lethe log release-clock --reason", refused["error"]["remedy"])

    def test_released(self):
        self.ahead()
        done = self.run_exit(3, "log", "release-clock", "--reason", "dead battery")
        self.assertIn("--yes", done.stderr)  # nobody there to ask
        self.erase(3)
        done = self.run_ok("log", "release-clock", "--reason", "dead battery", "--yes")
        self.assertIn("dead battery", done.stdout)
        self.assertEqual(self.erase(0)["outcome"], "passed")
        # Whoever audits it sees it, with the reason and what the clock had been.
        release, = self.run_json(0, "log", "check", "--json")["clock_releases"]
        self.assertEqual(release["reason"], "dead battery")
        self.assertGreater(release["last"], release["time"])
        for command in (("log", "check"), ("jobs",)):
            self.assertIn(f"released at {release['time']} from events dated up to "
                          f"{release['last']}: dead battery", self.run_ok(*command).stdout)
        self.run_exit(3, "log", "release-clock", "--reason", "once more", "--yes")

    def test_an_open_job_is_given_up(self):
        """Begun under that clock, and the bench died: it ends once the clock is released, not before."""
        self.emulated({"name": "b", "serial": "S-2", "capacity": "24MiB",
                       "faults": [{"kind": "slow", "rate": "8MiB"}]}, name="slow.yaml")
        run = subprocess.Popen(self.command("erase", "emu:b", "--policy", "random-full", "--confirm", "S-2",
                                            "--json"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               text=True, env=self.env)
        job = None
        for line in run.stdout:
            job = json.loads(line)["job"]
            if json.loads(line)["type"] == "pass.begin":
                break
        run.kill()
        run.communicate()
        self.date_last(YEARS)
        said = self.run_cli("resume", "--no-page")
        self.assertEqual(said.returncode, 1)
        self.assertIn("the job stays open", " ".join(said.stderr.split()))
        self.assertIn(f"lethe log release-clock --reason TEXT, then: lethe resume --abandon {job[:13]}",
                      " ".join(said.stderr.split()))
        self.run_exit(2, "resume", "--abandon", job, "--no-page")
        self.run_ok("log", "release-clock", "--reason", "dead battery", "--yes")
        done = self.run_json(7, "resume", "--abandon", job, "--no-page", "--json")
        self.assertEqual((done["outcome"], done["policy_met"]), ("aborted", False))
        claims = self.run_json(0, "cert", "show", job, "--json")
        self.assertNotIn("started", claims["times"])  # nobody knows
        self.assertEqual(claims["times"]["created"], claims["times"]["ended"])
        self.assertLess(abs(claims["iat"] - time.time()), 600)
        self.assertRegex(claims["limitations"][0], r"the clock of the bench was \d+ s ahead when the job ran")
        self.assertEqual(self.run_json(0, "resume", "--list", "--json"), [])
        self.assertTrue(self.run_json(0, "log", "check", "--json")["ok"])
        self.erase(0)

    def test_asked_for_at_a_terminal(self):
        self.ahead()
        for answer, status in (("y", 3), ("", 3), ("yes", 0)):
            terminal = Terminal(self, "log", "release-clock", "--reason", "dead battery")
            terminal.expect("Type yes")
            terminal.send(answer + "\n")
            self.assertEqual(terminal.wait(), status, terminal.text())
        self.erase(0)

    def test_no_record_is_not_a_good_one(self):
        self.state = self.path("mistyped")
        for args in (("check",), ("release-clock", "--reason", "x", "--yes")):
            done = self.run_exit(2, "log", *args)
            self.assertIn("no record", done.stderr)
            self.assertEqual(done.stdout, "")
        self.assertFalse(os.path.exists(self.state))

    def test_no_need(self):
        self.erase(0)
        done = self.run_exit(3, "log", "release-clock", "--reason", "to be safe", "--yes")
        self.assertIn("not behind", done.stderr)
        self.run_exit(2, "log", "release-clock", "--reason", " ", "--yes")
        self.assertWhole()


if __name__ == "__main__":
    main()
