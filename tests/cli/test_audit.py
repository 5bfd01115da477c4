# SPDX-License-Identifier: Apache-2.0
"""A record that is only looked at: on a read-only medium, or where there is none."""
import os
import subprocess

from bench import LETHE, Bench, main, skip


class Audit(Bench):
    KEYS = False

    def read_only(self, *commands):
        """Run COMMANDS with the state directory on a file system that is mounted read-only."""
        lines = [f"mount --bind {self.state} {self.state}",
                 f"mount -o remount,bind,ro {self.state}",
                 f"! touch {self.state}/x 2>/dev/null"]
        lines += [f"{LETHE} --state {self.state} {command}" for command in commands]
        return subprocess.run(["unshare", "-rm", "sh", "-ec", "\n".join(lines)], text=True,
                              capture_output=True, check=False, env=self.env)

    def test_read_only_medium(self):
        self.emulated({"name": "a", "serial": "S-1"})
        job = self.run_lines(0, "erase", "emu:a", "--policy", "random-full", "--confirm", "S-1",
                             "--json")[-1]["job"]
        if subprocess.run(["unshare", "-rm", "mount", "--bind", self.state, self.state],
                          capture_output=True, check=False).returncode != 0:
            skip(self, "no mount namespace can be made here")
        before = sorted(os.listdir(self.state))
        done = self.read_only("log check", "jobs", "job show " + job, "cert list",
                              "cert show " + job, "cert export " + job)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("is whole", done.stdout)
        self.assertEqual(sorted(os.listdir(self.state)), before)
        # Nor does the owner's own look leave anything.
        self.assertEqual(self.run_cli("log", "check").returncode, 0)
        self.assertEqual(sorted(os.listdir(self.state)), before)

    def test_no_record_is_none(self):
        """Not an empty one that is called whole."""
        os.makedirs(self.path("empty"))
        for state in ("empty", "missing"):
            self.state = self.path(state)
            for args in (("jobs",), ("jobs", "--json"), ("log", "check"), ("job", "show", "0" * 8),
                         ("cert", "list"), ("cert", "show", "0" * 8)):
                done = self.run_exit(2, *args)
                self.assertIn("there is no record in " + self.state, done.stderr)
                self.assertIn("--state DIR", done.stderr)
            self.assertIn("not-found", self.run_exit(2, "log", "check", "--json").stdout)
        self.assertEqual(os.listdir(self.path("empty")), [])
        self.assertFalse(os.path.exists(self.path("missing")))


if __name__ == "__main__":
    main()
