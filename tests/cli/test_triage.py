# SPDX-License-Identifier: Apache-2.0
"""What a person must know of a drive before hours are spent on it, and where it is told."""
import os
import re
import unittest

from bench import Bench, Terminal, main

PSID = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CLEAR = ("--policy", "nist-800-88r2-clear")
FAILING = "the drive is failing (the drive predicts its own failure)"
ALLOW = ("sed -i 's/^GRUB_CMDLINE_LINUX=\"/&libata.allow_tpm=1 /' /etc/default/grub && update-grub && "
         "reboot")
PARAMETER = "/sys/module/libata/parameters/allow_tpm"


def drive(name, **controller):
    return {"name": name, "model": "Model", "serial": f"S-{name}", "media": "flash", "bus": "ata",
            "capacity": "1MiB", "controller": {"kind": "ata", "milliseconds": 10, **controller}}


class Triage(Bench):
    KEYS = False

    def test_a_drive_that_predicts_its_failure(self):
        self.emulated(drive("old", health={"failed": True}), drive("new"))
        self.assertIn("failing: the drive predicts its own failure", self.run_ok("list").stdout)
        self.assertIn(FAILING, " ".join(self.run_ok("plan", "emu:old", *CLEAR).stdout.split()))
        plan = self.run_json(0, "plan", "emu:old", *CLEAR, "--json")
        self.assertIn(FAILING, plan["warnings"][0])
        self.assertEqual(self.run_json(0, "plan", "emu:new", *CLEAR, "--json")["warnings"], [])
        lines = self.run_lines(0, "erase", "emu:old", "emu:new", *CLEAR, "--confirm", "S-old",
                               "--confirm", "S-new", "--json", "--no-page")
        self.assertEqual((lines[0]["type"], lines[0]["target"]), ("warning", "emu:old"))
        self.assertIn(FAILING, lines[0]["warning"])
        self.assertEqual(sum(line["type"] == "warning" for line in lines), 1)

    def test_it_is_the_last_that_is_read_before_the_confirmation(self):
        self.emulated(drive("old", health={"failed": True}))
        terminal = Terminal(self, "erase", "emu:old", *CLEAR)
        terminal.expect(r"(?s)digest .*warning .*is failing \(the drive.*serial number of emu:old")
        terminal.send("\n")
        self.assertEqual(terminal.wait(), 3)

    def test_a_refused_plan_tells_it_too(self):
        self.emulated(drive("old", features=["trim"], health={"failed": True}))
        plan = self.run_json(3, "plan", "emu:old", "--policy", "nist-800-88r2-purge", "--json")
        self.assertIn(FAILING, plan["warnings"][0])

    def test_what_stands_in_the_way_of_its_own_erasures(self):
        self.emulated(drive("locks", features=["security", "frozen", "opal", "block-sid"], psid=PSID),
                      drive("frozen", features=["sanitize-block", "security", "frozen"]))
        show = self.run_ok("show", "emu:locks").stdout
        self.assertRegex(show, r"(?m)^locks .*SECURITY is frozen: no security-erase until")
        self.assertRegex(show, r"(?m)^locks .*Block SID is in force: no PSID revert until")
        self.assertIn("SECURITY is frozen", self.run_ok("show", "emu:frozen").stdout)
        # Of a drive that has a better way `list` does not speak of it: a BIOS freezes them all.
        told = self.run_ok("list").stdout.split("emu:frozen")
        self.assertIn("SECURITY is frozen", told[0])
        self.assertNotIn("SECURITY is frozen", told[1])

    @unittest.skipIf(os.path.exists(PARAMETER) and open(PARAMETER).read().strip() != "0",
                     "this machine's Linux was started with libata.allow_tpm=1")
    def test_linux_keeps_tcg_from_sata_ports(self):
        self.emulated(drive("opal", features=["opal", "trusted-refused"], psid=PSID))
        self.assertIn("libata.allow_tpm=1", self.run_ok("list").stdout)
        self.assertIn(ALLOW, self.run_ok("show", "emu:opal").stdout)
        plan = self.run_json(0, "plan", "emu:opal", *CLEAR, "--json")
        self.assertIn(ALLOW, plan["warnings"][0])
        refused = self.run_json(3, "plan", "emu:opal", "--policy", "nist-800-88r2-purge", "--psid",
                                PSID, "--json")["refusal"]
        self.assertIn("Linux keeps its commands", refused["reason"])
        self.assertIn(ALLOW, refused["remedy"])

    def test_a_target_is_never_cut(self):
        names = ["nvme0n1-upper-shelf", "nvme0n1-lower-shelf"]
        self.emulated(*({**drive(name), "vendor": "A Maker", "model": "A Model With A Very Long Name",
                         "serial": f"SERIAL-OF-MANY-LETTERS-{i}"} for i, name in enumerate(names)))
        terminal = Terminal(self, "list")
        self.assertEqual(terminal.wait(), 0)
        text = re.sub(r"\033\[[0-9;]*[A-Za-z]", "", terminal.text())
        for name in names:
            row, = re.findall(rf"(?m)^emu:{name} .*$", text)
            self.assertLessEqual(len(row.rstrip("\r")), 80)
            self.assertIn("~", row)


if __name__ == "__main__":
    main()
