# SPDX-License-Identifier: Apache-2.0
"""The statistical check of a lot, from the first draw to what may be said, and what spoils it."""
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import VERIFY, Bench  # noqa: E402

POLICY = "nist-800-88r2-clear"


class Lot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = Bench()
        for i in range(4):
            cls.erase(cls.made, f"{i}.img")

    @classmethod
    def tearDownClass(cls):
        cls.made.__exit__(None, None, None)

    @staticmethod
    def erase(bench, name, lot="2026/47 北京"):
        path = bench.path(name)
        with open(path, "wb") as f:
            f.truncate(4 << 20)
        return bench.erase(path, POLICY, None, "--lot", lot, "--operator", "A. First").last

    def setUp(self):
        self.bench = Bench(keys=False)
        self.addCleanup(shutil.rmtree, self.bench.dir, ignore_errors=True)
        shutil.copytree(self.made.state, self.bench.state)

    def draw(self, *more, lot="2026/47 北京"):
        return json.loads(self.bench.check("lot", "draw", lot, "--json", *more))

    def retest(self, job, by="B. Second", result="clean", *more):
        return self.bench.run("lot", "retest", job, "--by", by, "--tool", "PhotoRec 7.1", "--result", result,
                              "--json", *more)

    def show(self, *more):
        said = self.bench.run("lot", "show", "2026/47 北京", "--allow", "image", "--json", *more)
        return said.returncode, json.loads(said.stdout)

    def codes(self, report):
        return [r["code"] for r in report["reasons"]]

    def files(self, pattern="*"):
        return sorted(glob.glob(os.path.join(self.bench.state, "certificates", pattern)))

    def verify(self, *files):
        trust = os.path.join(self.bench.state, "trust")
        said = subprocess.run([VERIFY, "lot", *files, "--trust", os.path.join(trust, "root.pem"), "--log-key",
                               os.path.join(trust, "log.vkey"), "--allow", "image", "--json"],
                              capture_output=True, text=True)
        return said.returncode, json.loads(said.stdout)

    def test_from_draw_to_statement(self):
        listed = json.loads(self.bench.check("lot", "list", "--json"))
        self.assertEqual([(x["lot"], x["certificates"], x["draws"]) for x in listed], [("2026/47 北京", 4, 0)])
        drawn = self.draw()
        self.assertEqual((drawn["devices"], drawn["sample"], drawn["draw"], drawn["again"]), (4, 4, 1, False))
        status, report = self.show()
        self.assertEqual((status, report["missing"]), (2, 4))
        self.assertIn("retest-missing", self.codes(report))
        self.assertNotIn("statement", report)
        for device in drawn["drawn"]:
            self.assertEqual(self.retest(device["job"]).returncode, 0)
        status, report = self.show()
        self.assertEqual((status, report["clean"], report["at_most"]), (0, 4, 0), report)
        self.assertIn("0 of 4", report["statement"])
        status, report = self.verify(os.path.join(self.bench.state, "certificates"))
        self.assertEqual((status, report["verdict"], self.codes(report)), (0, "valid", []), report)
        self.assertIn("0 of 4", self.bench.check("lot", "show", "2026/47 北京", "--allow", "image"))

    def test_images_are_no_devices_unless_allowed(self):
        for device in self.draw()["drawn"]:
            self.retest(device["job"])
        said = self.bench.run("lot", "show", "2026/47 北京", "--json")
        self.assertEqual(said.returncode, 2)
        self.assertIn("certificate", self.codes(json.loads(said.stdout)))

    def test_the_operator_does_not_test_his_own(self):
        job = self.draw()["drawn"][0]["job"]
        for same in ("A. First", "a first", "AFirst."):
            said = self.retest(job, same)
            self.assertEqual(said.returncode, 3, said.stderr)
            self.assertIn("second person", said.stderr)
        self.assertEqual(self.files("*.retest-*"), [])

    def test_residue_is_never_clean_again(self):
        drawn = self.draw()["drawn"]
        for device in drawn:
            self.retest(device["job"])
        said = self.retest(drawn[0]["job"], "C. Third", "residue", "--note", "a JPEG at 1 MiB")
        self.assertEqual(said.returncode, 0)
        self.assertIn("lethe keys revoke", said.stderr)
        self.retest(drawn[0]["job"], "B. Second", "clean")
        status, report = self.show()
        self.assertEqual((status, report["residue"], self.codes(report)[0]), (1, 1, "residue"))
        self.assertNotIn("statement", report)
        self.assertEqual(self.verify(*self.files("*"))[0], 1)

    def test_a_draw_cannot_be_rolled_again(self):
        first = self.draw()
        again = self.draw()
        self.assertEqual((again["draw"], again["again"], again["drawn"]), (1, True, first["drawn"]))
        self.assertEqual(len(self.files("*.draw-*")), 1)
        # Also by whoever throws the record away.
        os.unlink(self.files("*.draw-*")[0])
        self.assertEqual(self.draw()["drawn"], first["drawn"])

    def test_a_second_draw_says_so(self):
        first = self.draw()
        self.erase(self.bench, "more.img")
        second = self.draw()
        self.assertEqual((second["draw"], second["devices"]), (2, 5))
        for device in second["drawn"]:
            self.retest(device["job"])
        status, report = self.show()
        self.assertEqual((status, report["draws"], self.codes(report)), (0, 2, ["draw-again"]), report)
        # Whoever leaves the first one out is asked for it.
        status, report = self.verify(*self.files("*.sdjwt"), *self.files("*.retest-*"), self.files("*.draw-2*")[0])
        self.assertEqual((status, self.codes(report)[0]), (2, "draw-previous"))
        self.assertEqual(first["draw"], 1)

    def test_residue_of_the_first_draw_stays(self):
        job = self.draw()["drawn"][0]["job"]
        self.retest(job, "B. Second", "residue")
        self.erase(self.bench, "more.img")
        for device in self.draw()["drawn"]:
            self.retest(device["job"])
        status, report = self.show()
        self.assertEqual((status, self.codes(report)[0]), (1, "residue"))

    def test_missing_and_foreign_records(self):
        for device in self.draw()["drawn"]:
            self.retest(device["job"])
        draws, retests, certificates = self.files("*.draw-*"), self.files("*.retest-*"), self.files("*.sdjwt")
        self.assertEqual(self.verify(*draws, *retests, *certificates)[0], 0)
        for files, code in (((*draws, *retests[1:], *certificates), "retest-missing"),
                            ((*draws, *retests, *certificates[1:]), "certificate-missing"),
                            ((*retests, *certificates), "draw-missing")):
            status, report = self.verify(*files)
            self.assertEqual((status, self.codes(report)[0]), (2, code))
        self.erase(self.bench, "other.img", "another lot")
        job = self.draw(lot="another lot")["drawn"][0]["job"]
        self.retest(job)
        other = self.files("lot-another_lot-*.retest-*")
        status, report = self.verify(*draws, *retests, *certificates, *other)
        self.assertEqual((status, self.codes(report)[0]), (1, "retest-other"))
        status, report = self.verify(*self.files("*"))
        self.assertEqual((status, self.codes(report)[0]), (1, "lot-other"))

    def test_what_was_not_drawn_is_not_tested(self):
        made = self.draw("--confidence", "50%", "--bad", "50%")
        self.assertEqual(made["sample"], 1)
        jobs = {os.path.basename(f)[:36] for f in self.files("*.sdjwt")} - {d["job"] for d in made["drawn"]}
        said = self.retest(jobs.pop())
        self.assertEqual(said.returncode, 3, said.stderr)
        self.assertIn("was not drawn", said.stderr)

    def test_changed_records_are_none(self):
        for device in self.draw()["drawn"]:
            self.retest(device["job"])
        for pattern, code in (("*.draw-1.jwt", "draw"), ("*.retest-*", "retest")):
            path = self.files(pattern)[0]
            with open(path) as f:
                whole = f.read()
            head, body, signature = whole.split(".")
            at = len(body) // 2
            with open(path, "w") as f:
                f.write(f"{head}.{body[:at]}{'A' if body[at] != 'A' else 'B'}{body[at + 1:]}.{signature}")
            status, report = self.verify(*self.files("*"))
            self.assertEqual(status, 1)
            self.assertIn(code, self.codes(report))
            with open(path, "w") as f:
                f.write(whole)

    def test_wrong_usage(self):
        for arguments in ((), ("draw",), ("draw", "x", "--confidence", "101%"), ("retest", "0199c2f4"),
                          ("draw", "x", "--bad", "many"), ("shuffle",)):
            self.assertEqual(self.bench.run("lot", *arguments).returncode, 2, arguments)
        self.assertNotEqual(self.bench.run("lot", "draw", "no such lot").returncode, 0)


if __name__ == "__main__":
    unittest.main()
