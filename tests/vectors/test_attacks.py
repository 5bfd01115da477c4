# SPDX-License-Identifier: Apache-2.0
"""docs/attacks.md: every line names a test that exists. And those attacks that no other place tests."""
import json
import os
import re
import unittest

from test_vectors import EXAMPLES, PEM, ROOT, path, verify

FULL = os.path.join(EXAMPLES, "valid", "full.sdjwt")


class Table(unittest.TestCase):
    def test_each_line_names_a_test_that_exists(self):
        with open(os.path.join(ROOT, "docs", "attacks.md"), encoding="utf-8") as f:
            lines = [line for line in f if line.startswith("| ") and not line.startswith("| attack |")]
        self.assertGreater(len(lines), 70)
        for line in lines:
            with self.subTest(line[:60]):
                cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
                self.assertEqual(len(cells), 3)
                match = re.fullmatch(r"`([^:`]+):([^`]+)`", cells[2])
                self.assertTrue(match, cells[2])
                file, name = os.path.join(ROOT, match[1]), match[2]
                with open(file, encoding="utf-8") as f:
                    text = f.read()
                if match[1].startswith("certs/"):
                    data = json.loads(text)
                    names = [e.get("name", e.get("file")) for e in data.get("examples", data.get("labels"))]
                    self.assertEqual(names.count(name), 1, name)
                elif match[1].endswith(".c"):  # defined, and run
                    self.assertGreaterEqual(len(re.findall(rf"\b{name}\b", text)), 2, name)
                elif match[1].endswith(".py"):
                    self.assertIn(f"def {name}(", text)
                else:
                    self.assertIn(f'"{name}"', text)


class Attacks(unittest.TestCase):
    def codes(self, said):
        return said[0], [r["code"] for r in said[1]["reasons"]]

    def test_cloned_serial(self):
        """The serial number is right, and another drive answers to it: its WWN differs."""
        asked = (FULL, "--trust", PEM, "--device", "EX-WCC4N0123456")
        self.assertEqual(verify(*asked)[0], "valid")
        self.assertEqual(verify(*asked, "--require", "wwn=naa.50014ee2b1234567")[0], "valid")
        verdict, codes = self.codes(verify(*asked, "--require", "wwn=naa.50014ee2b7654321"))
        self.assertEqual((verdict, codes[0]), ("invalid", "required-mismatch"))

    def test_hidden_required_field(self):
        less = os.path.join(EXAMPLES, "valid", "serial-only.sdjwt")
        self.assertEqual(verify(less, "--trust", PEM)[0], "valid")
        for claim in ("operator", "lot", "wwn", "customer=ACME", "seed"):
            verdict, codes = self.codes(verify(less, "--trust", PEM, "--require", claim))
            self.assertEqual((verdict, codes[0]), ("undetermined", "undisclosed"), claim)

    def test_replayed_status_list(self):
        """It has not expired, and whoever verifies has seen a newer one: it says nothing."""
        asked = (path("levels/logged.sdjwt"), "--trust", PEM, "--status", path("levels/status-valid.jwt"),
                 "--min-level", "L1")
        self.assertEqual(verify(*asked)[0], "valid")
        verdict, codes = self.codes(verify(*asked, "--status-not-before", "2026-11-23T02:00:00Z"))
        self.assertEqual((verdict, codes[0]), ("undetermined", "level"))
        self.assertIn("status-stale", codes)


if __name__ == "__main__":
    unittest.main()
