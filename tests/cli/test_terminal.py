# SPDX-License-Identifier: Apache-2.0
"""On a terminal of 80 x 24: questions, the live table, Ctrl-C."""
import json
import os
import re
import signal
import termios
import time
import unicodedata

from bench import Bench, Terminal, main

PSID = "0123456789ABCDEF0123456789ABCDEF"
SLOW = {"kind": "slow", "rate": "2MiB"}


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class OnTerminal(Bench):
    KEYS = False

    def test_asks_for_the_serial_number(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b"})
        terminal = Terminal(self, "erase", "emu:a", "emu:b", "--policy", "random-full")
        terminal.expect(r"serial number of emu:a")
        terminal.expect(r"digits of the plan's digest of emu:b")
        terminal.send("S-9\n")
        terminal.expect(r"does not name this device")
        terminal.send("s-1\n")  # as a scanner types it
        terminal.expect(r"emu:a: confirmed")
        terminal.send("\n")  # leave the other one out
        self.assertEqual(terminal.wait(), 3)
        self.assertRegex(terminal.text(), r"emu:a: .*passed")
        self.assertRegex(terminal.text(), r"emu:b: .*refused")

    def test_three_wrong_answers_are_enough(self):
        self.emulated({"name": "a", "serial": "S-1"})
        terminal = Terminal(self, "erase", "emu:a", "--policy", "random-full")
        for wrong in ("yes", "y", "emu:a"):
            terminal.expect(r"> $")
            terminal.send(wrong + "\n")
        self.assertEqual(terminal.wait(), 3)
        self.assertNoJobs()

    def test_asks_for_what_the_policy_requires(self):
        self.emulated({"name": "a", "serial": "S-1"})
        terminal = Terminal(self, "--profiles", self.demanding_profiles(), "erase", "emu:a",
                            "--policy", "random-full", "--confirm", "S-1", "--json")
        terminal.expect(r"asset-tag of emu:a, Test Drive.*: $")
        terminal.send("A-1042\n")
        terminal.expect(r"bay of emu:a.*: $")
        terminal.send("7\n")
        self.assertEqual(terminal.wait(), 0)
        created = json.loads(re.search(r'\{"type":"job.created".*', terminal.text())[0])
        self.assertEqual(created["record"]["asset_tag"], "A-1042")
        self.assertEqual(created["custom"], {"bay": "7"})

    def opal(self):
        self.emulated({"name": "a", "serial": "S-1", "media": "flash", "bus": "scsi", "capacity": "1MiB",
                       "controller": {"kind": "scsi", "milliseconds": 50, "psid": PSID,
                                      "features": ["opal", "report-opcodes"]}})

    def test_asks_for_the_psid_where_only_that_helps(self):
        self.opal()
        terminal = Terminal(self, "erase", "emu:a", "--policy", "nist-800-88r2-purge", "--confirm", "S-1")
        terminal.expect(r"PSID of emu:a, .*: $")
        terminal.send("0123\n")
        terminal.expect(r"a PSID has 32 letters and digits")
        terminal.send("01234567-89abcdef-01234567-89ABCDEF\n")  # as a hand scanner types it
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.text(), r"emu:a: .*passed.*, purge")

    def test_goes_without_the_psid(self):
        self.opal()
        terminal = Terminal(self, "erase", "emu:a", "--policy", "nist-800-88r2-purge", "--confirm", "S-1")
        terminal.expect(r"PSID of emu:a, .*: $")
        terminal.send("\n")
        self.assertEqual(terminal.wait(), 3)
        self.assertRegex(terminal.text(), r"a revert needs the PSID")
        self.assertNoJobs()

    def test_asks_programs_for_no_psid(self):
        """Nor a person, where sanitise commands or an overwrite do without."""
        self.opal()
        for options, status in (("nist-800-88r2-purge", "--json"), 3), (("nist-800-88r2-clear",), 0):
            terminal = Terminal(self, "erase", "emu:a", "--confirm", "S-1", "--policy", *options)
            self.assertEqual(terminal.wait(), status)
            self.assertNotIn("PSID of", terminal.text())
        refused = self.run_exit(2, "resume", "0199c2f4", "--psid", "0123")
        self.assertIn("32 letters and digits", refused.stderr)
        refused = self.run_exit(3, "erase", "emu:a", "--confirm", "S-1", "--policy", "nist-800-88r2-purge",
                                "--psid", "0123")
        self.assertIn("32 letters and digits", refused.stdout + refused.stderr)

    def test_a_drive_silent_over_one_command(self):
        """SECURITY ERASE answers when it is over: until then it is said how long that has been."""
        self.emulated({"name": "a", "serial": "S-1", "media": "flash", "bus": "ata",
                       "controller": {"kind": "ata", "milliseconds": 5500,
                                      "features": ["security", "enhanced-erase"]}})
        lines = self.run_lines(0, "erase", "emu:a", "--policy", "nist-800-88r2-clear",
                               "--confirm", "S-1", "--json")
        elapsed = [line["elapsed"] for line in lines if "elapsed" in line]
        self.assertEqual(elapsed[:2], [3, 4])
        self.assertEqual(elapsed, sorted(set(elapsed)))
        self.assertEqual(lines[-1]["outcome"], "passed")

    def test_live_table_fits(self):
        """30 slow drives on 24 lines: redrawn in place, never wider or higher than the screen."""
        self.emulated(*({"name": f"drive-with-a-long-name-{i:02}", "serial": f"S-{i:02}",
                         "model": "忘川忘川忘川忘川忘川忘川" if i % 2 else "A Model With A Long Name",
                         "capacity": "1MiB", "faults": [{"kind": "slow", "rate": "512KiB"}]}
                        for i in range(30)))
        with open(self.path("lot.csv"), "w", encoding="utf-8") as file:
            file.write("identifier\n" + "".join(f"S-{i:02}\n" for i in range(30)))
        terminal = Terminal(self, "erase", "--policy", "random-full", "--confirm-from",
                            self.path("lot.csv"))
        terminal.expect(r"0 of 30 done, not all shown; Ctrl-C stops", 60)
        terminal.expect(r"\d%")
        seen = terminal.text()
        self.assertEqual(terminal.wait(120), 0, terminal.text()[-3000:])
        table = seen[seen.index("SLOT  "):]
        for frame in table.split("SLOT  ")[1:]:
            # What follows a frame is the next one, or the line of a device that is done.
            frame = frame.partition("Ctrl-C stops")[0]
            lines = re.sub(r"\033\[[0-9;]*[A-Za-z]", "", "SLOT  " + frame).split("\r\n")
            self.assertLessEqual(len(lines), 23)  # and the line that the cursor stands on
            for line in lines:
                self.assertLess(columns(line.rstrip("\r")), 80, line)
        # Once done nothing of the table is left, and each device has its line.
        screen = "\n".join(terminal.screen())
        self.assertNotIn("Ctrl-C stops", screen)
        self.assertEqual(screen.count("certificate: "), 30)

    def test_no_table_for_programs(self):
        """Piped output has plain lines: no escapes, no redrawing."""
        self.emulated({"name": "a", "serial": "S-1", "capacity": "1MiB"})
        done = self.run_ok("erase", "emu:a", "--policy", "random-full", "--confirm", "S-1")
        self.assertNotIn("\033", done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"(?m)^emu:a: 1/1 random$")
        self.assertRegex(done.stdout, r"(?m)^emu:a: passed, clear, policy met, emulated$")

    def erase_slowly(self, *more):
        self.emulated({"name": "a", "serial": "S-1", "capacity": "32MiB", "faults": [SLOW]})
        terminal = Terminal(self, "erase", "emu:a", "--policy", "random-full", "--confirm", "S-1",
                            *more)
        return terminal

    def jobs(self):
        return self.run_json(0, "jobs", "--json")

    def test_ctrl_c_asks_and_y_aborts(self):
        terminal = self.erase_slowly()
        terminal.expect(r"random +[0-9]+%")
        terminal.send("\x03")
        terminal.expect(r"NOT sanitised\. Ctrl-C again means yes\.\s+Stop 1 running job\? \[y/N\]")
        terminal.send("y")
        self.assertEqual(terminal.wait(), 7)
        self.assertRegex(terminal.text(), r"emu:a: .*aborted")
        job, = self.jobs()
        self.assertEqual((job["outcome"], job["open"]), ("aborted", False))
        events = self.run_json(0, "job", "show", job["job"], "--json")["events"]
        abort, = (e for e in events if e["type"] == "job.abort")
        self.assertEqual(abort["by"], "operator")
        # A signed record, not a certificate.
        self.assertEqual(self.run_json(0, "cert", "list", "--json")[0]["kind"], "record")

    def test_ctrl_c_and_n_goes_on(self):
        terminal = self.erase_slowly()
        terminal.expect(r"random +[0-9]+%")
        terminal.send("\x03")
        terminal.expect(r"\[y/N\]")
        terminal.send("n")
        terminal.expect(r"\[y/N\] no\r\n.*SLOT  ", 10)
        terminal.send("\x03")
        terminal.expect(r"(?s)\[y/N\].*\[y/N\]")
        terminal.send("\x03")  # a second Ctrl-C means it
        self.assertEqual(terminal.wait(), 7)
        self.assertEqual(self.jobs()[0]["outcome"], "aborted")

    def echoes(self, terminal):
        return bool(termios.tcgetattr(terminal.fd)[3] & termios.ECHO)

    def test_keys_do_not_show_in_the_table(self):
        for end in ("\x03", "\x1c"):  # asked and answered; SIGQUIT, which nobody asks about
            terminal = self.erase_slowly()
            self.assertTrue(self.echoes(terminal))
            keep = os.open(os.readlink(f"/proc/{terminal.pid}/fd/0"), os.O_RDWR | os.O_NOCTTY)
            self.addCleanup(os.close, keep)  # the terminal outlives the program
            terminal.expect(r"random +[0-9]+%")
            self.assertFalse(self.echoes(terminal))
            terminal.send("knock knock\n")
            time.sleep(0.5)
            terminal.send(end)
            if end == "\x03":
                terminal.expect(r"\[y/N\]")
                terminal.send("n")
                terminal.expect(r"\[y/N\] no")
                self.assertFalse(self.echoes(terminal))
                terminal.send(end)
                terminal.expect(r"(?s)\[y/N\].*\[y/N\]")
                terminal.send("y")
            end_by = time.monotonic() + 20
            while not self.echoes(terminal) and time.monotonic() < end_by:
                terminal.pump(0)
                time.sleep(0.05)
            self.assertTrue(self.echoes(terminal))
            self.assertEqual(terminal.wait(), 7 if end == "\x03" else -signal.SIGQUIT)
            self.assertNotIn("knock", terminal.text())
            self.emulate = []

    def test_ctrl_c_with_json_keeps_stdout_clean(self):
        terminal = self.erase_slowly("--json")
        terminal.expect(r'"type":"progress"')
        terminal.send("\x03")
        terminal.expect(r"\[y/N\]")
        terminal.send("y")
        self.assertEqual(terminal.wait(), 7)
        last = terminal.text().strip().splitlines()[-1]
        self.assertEqual(json.loads(last)["outcome"], "aborted")

    def test_interrupt_without_a_terminal_aborts_at_once(self):
        import subprocess
        for number in (signal.SIGINT, signal.SIGTERM):
            name = f"s{int(number)}"
            self.emulated({"name": name, "serial": name, "capacity": "32MiB", "faults": [SLOW]},
                          name=name + ".yaml")
            run = subprocess.Popen(self.command("erase", "emu:" + name, "--policy", "random-full",
                                                "--confirm", name, "--json"),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                                   env=self.env)
            for line in run.stdout:
                if json.loads(line)["type"] == "progress":
                    break
            run.send_signal(number)
            began = time.monotonic()
            lines = [json.loads(line) for line in run.stdout]
            self.assertEqual(run.wait(), 7)
            self.assertLess(time.monotonic() - began, 10)
            self.assertEqual(lines[-1]["outcome"], "aborted")

    def test_passphrase_is_not_echoed(self):
        terminal = Terminal(self, "keys", "init", "--org", "A", "--bench", "b", "--ask-passphrase")
        terminal.expect("Passphrase for the keys: ")
        terminal.send("sesame\n")
        terminal.expect("Once more: ")
        terminal.send("sesame\n")
        self.assertEqual(terminal.wait(), 0)
        self.assertNotIn("sesame", terminal.text())
        self.assertTrue(self.run_json(0, "keys", "show", "--json")["encrypted"])

    def test_passphrases_that_differ(self):
        terminal = Terminal(self, "keys", "init", "--org", "A", "--bench", "b", "--ask-passphrase")
        terminal.expect("Passphrase for the keys: ")
        terminal.send("sesame\n")
        terminal.expect("Once more: ")
        terminal.send("sesami\n")
        self.assertEqual(terminal.wait(), 2)
        self.assertFalse(self.run_json(0, "keys", "show", "--json")["initialised"])


if __name__ == "__main__":
    main()
