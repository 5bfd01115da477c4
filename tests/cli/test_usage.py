# SPDX-License-Identifier: Apache-2.0
"""Options, help, colours, exit statuses of wrong usage."""
import json
import os
import shutil
import subprocess

from bench import LETHE, Bench, Terminal, main, skip

SUBCOMMANDS = ("list", "show", "plan", "erase", "resume", "jobs", "job", "cert", "verify",
               "policy", "profile", "log", "keys")


class Usage(Bench):
    KEYS = False

    def test_help_has_examples_and_fits(self):
        shown = self.run_ok("--help").stdout
        for name in SUBCOMMANDS:
            self.assertIn(f"\n  {name} ", shown)
            text = self.run_ok(name, "--help").stdout
            self.assertIn("Examples:\n  lethe ", text, name)
            # Each is to be copied: what is broken over two lines says so.
            examples = text.split("Examples:\n")[1].split("\n\n")[0].splitlines()
            for before, line in zip([""] + examples, examples):
                self.assertTrue(line.startswith("      " if before.endswith("\\") else "  "), f"{name}: {line}")
            for line in text.splitlines() + shown.splitlines():
                self.assertLessEqual(len(line), 80, f"{name}: {line}")
        self.assertNotIn("__worker", shown)

    def test_scripts_show_their_help(self):
        """And do nothing: some of them install packages and build for minutes."""
        scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts")
        for name in ("build", "demo", "fuzz", "test", "vbench"):
            for option in ("-h", "--help"):
                done = subprocess.run([os.path.join(scripts, name), option], capture_output=True, text=True,
                                      timeout=20, check=True)
                self.assertIn(f"scripts/{name}", done.stdout)
                self.assertLessEqual(len(done.stdout.splitlines()), 8)
        wrong = subprocess.run([os.path.join(scripts, "build"), "debug"], capture_output=True, text=True,
                               timeout=20, check=False)
        self.assertEqual(wrong.returncode, 2, wrong.stderr)

    def test_wrong_usage_exits_2(self):
        for args in ((), ("nonsense",), ("--nonsense",), ("list", "extra"), ("plan", "x"),
                     ("erase",), ("erase", "x"), ("erase", "x", "--policy"), ("keys",),
                     ("keys", "init"), ("keys", "init", "--org", "A", "--bench", "b", "--days", "0"),
                     ("cert", "export"), ("policy", "show"), ("policy", "show", "no-such"),
                     ("job", "show", "no-such-job"), ("--lang", "fr", "list"),
                     ("plan", self.image(), "--policy", "no-such"),
                     ("log",), ("log", "release-clock"), ("log", "check", "--yes"),
                     ("profile", "check", self.image("empty", 0)), ("show", self.path("missing"))):
            done = self.run_cli(*args)
            self.assertEqual(done.returncode, 2, f"{args}: {done.stdout}{done.stderr}")
            self.assertEqual(done.stdout, "", args)
            self.assertNotEqual(done.stderr, "", args)

    def test_verify_has_the_statuses_of_lethe_verify(self):
        """Its 2 says that something can't be told: wrong usage is 3."""
        image = self.image()
        for args in (("verify", "x"), ("verify", "--nonsense"), ("verify", image, "--cert", image,
                     "--allow", "anything"), ("verify", image, "--cert", self.path("missing")),
                     ("verify", self.path("missing"), "--cert", image)):
            done = self.run_exit(3, *args)
            self.assertEqual(done.stdout, "", args)
            self.assertNotEqual(done.stderr, "", args)

    def test_worker_is_no_subcommand_for_people(self):
        self.run_exit(2, "__worker")

    def test_standard_claims_are_no_fields(self):
        for field in ("serial=1", "outcome=passed", "Method=purge", "policy met=yes", "operator=x",
                      "asset-tag=7", "=x", "nothing", "_sd=x"):
            done = self.run_exit(2, "erase", "x", "--policy", "random-full", "--field", field)
            self.assertIn("--field" if "=" not in field[1:] else "standard claim", done.stderr)

    def test_state_from_environment(self):
        init = ("keys", "init", "--org", "A", "--bench", "b")
        subprocess.run([LETHE, *init], env={**self.env, "LETHE_STATE": self.path("a")}, check=True,
                       capture_output=True)
        self.assertTrue(os.path.exists(self.path("a") + "/trust/root.pem"))
        self.run_ok(*init, env={"LETHE_STATE": self.path("ignored")})
        self.assertFalse(os.path.exists(self.path("ignored")))

    def anonymous(self, *args):
        """Without HOME and without --state (root has /var/lib/lethe, so never as root)."""
        env = {k: v for k, v in self.env.items()
               if k not in ("HOME", "XDG_STATE_HOME", "LETHE_STATE")}
        user = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        return subprocess.run([LETHE, *args], env=env, text=True, capture_output=True, check=False,
                              cwd="/", stdin=subprocess.DEVNULL, **user)

    def test_without_a_home(self):
        """Only what writes needs a directory for records."""
        os.chmod(self.dir, 0o755)
        try:
            works = self.anonymous("--version").returncode == 0
        except PermissionError:
            works = False
        if not works:
            skip(self, "another user can't run the program from where it was built")
        image = self.image()
        os.chmod(image, 0o666)
        for args in (("list",), ("show", image), ("plan", image, "--policy", "random-full"),
                     ("policy", "list"), ("policy", "show", "r2v3"), ("profile", "list"),
                     ("profile", "explain", image)):
            done = self.anonymous(*args)
            self.assertEqual(done.returncode, 0, f"{args}: {done.stdout}{done.stderr}")
        for args in (("jobs",), ("log", "check"), ("keys", "show"), ("resume",), ("cert", "list"),
                     ("keys", "init", "--org", "A", "--bench", "b")):
            done = self.anonymous(*args)
            self.assertEqual(done.returncode, 2, f"{args}: {done.stdout}{done.stderr}")
            self.assertIn("--state DIR", done.stderr, args)
        # Somebody else's directory is a clear refusal.
        done = self.anonymous("--state", "/etc", "keys", "init", "--org", "A", "--bench", "b")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("in /etc: /etc: Permission denied", done.stderr)
        self.assertIn("remedy: ", done.stderr)

    def test_plan_fits_the_terminal(self):
        image = self.image()
        for line in self.run_ok("plan", image, "--policy", "gb-46864-2025").stdout.splitlines():
            self.assertTrue(len(line) <= 80 or image in line, line)
        terminal = Terminal(self, "plan", image, "--policy", "gb-46864-2025", columns=60)
        self.assertEqual(terminal.wait(), 0)
        for line in terminal.text().splitlines():
            # the digest is one word, the path is as long as it is
            self.assertTrue(len(line) <= 60 or image in line or len(line.split()[-1]) == 56, line)

    def test_profiles_are_found_where_installed(self):
        source = os.path.join(os.path.dirname(__file__), "../../profiles")
        os.makedirs(self.path("usr/bin"))
        os.makedirs(self.path("usr/share/lethe"))
        shutil.copy(LETHE, self.path("usr/bin/lethe"))
        shutil.copytree(source, self.path("usr/share/lethe/profiles"))
        # Only one policy there: it is this one that must be read, not the source tree's.
        policies = self.path("usr/share/lethe/profiles/policies/")
        for name in os.listdir(policies):
            if name.endswith(".yaml") and name != "random-full.yaml":
                os.remove(policies + name)
        out = subprocess.run([self.path("usr/bin/lethe"), "--state", self.state, "policy", "list",
                              "--json"], capture_output=True, check=True, env=self.env).stdout
        self.assertEqual([p["id"] for p in json.loads(out)], ["random-full"])

    def test_profiles_option(self):
        done = self.run_exit(2, "--profiles", self.path("nowhere"), "policy", "list")
        self.assertIn("nowhere/policies", done.stderr)

    def test_colours(self):
        """On a terminal only, and never against NO_COLOR, --no-color or a dumb terminal."""
        color = "\033[31m"
        self.assertNotIn("\033", self.run_exit(2, "show", "/nowhere").stderr)
        terminal = Terminal(self, "show", "/nowhere")
        self.assertEqual(terminal.wait(), 2)
        self.assertIn(color, terminal.text())
        for change in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.env.update(change)
            terminal = Terminal(self, "show", "/nowhere")
            terminal.wait()
            self.assertNotIn("\033", terminal.text())
            self.env.pop("NO_COLOR", None)
            self.env["TERM"] = "xterm"
        terminal = Terminal(self, "--no-color", "show", "/nowhere")
        terminal.wait()
        self.assertNotIn("\033", terminal.text())

    def test_errors_have_three_short_lines(self):
        done = self.run_exit(3, "erase", self.image(), "--policy", "random-full")
        self.assertRegex(done.stdout, r"refused.*\n  nobody confirmed .*\n  effect: nothing was sent"
                                      r".*\n  remedy: --confirm")


if __name__ == "__main__":
    main()
