# SPDX-License-Identifier: Apache-2.0
"""Pages, labels and reports of a bench: made beside the certificate, and told when they can't be."""
import json
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import LETHE, Bench  # noqa: E402

PROFILES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "profiles")
POLICY = "nist-800-88r2-clear"


class Paper(unittest.TestCase):
    def setUp(self):
        self.bench = Bench()
        self.addCleanup(self.bench.__exit__, None, None, None)
        self.bench.__enter__()

    def disk(self, name):
        path = self.bench.path(name)
        with open(path, "wb") as f:
            f.truncate(8 << 20)
        return path

    def erase(self, name, *more, **kw):
        return self.bench.erase(self.disk(name), POLICY, None, *more, page=True, **kw).last

    def test_a_page_beside_the_certificate(self):
        last = self.erase("a.img", "--lot", "L1", "--operator", "R. Example")
        self.assertEqual((last["outcome"], last["exit"]), ("passed", 0))
        self.assertEqual(last["page"], last["certificate"].replace(".sdjwt", ".pdf"))
        self.assertNotIn("page_error", last)
        status, report = self.bench.verify(last["page"], "--allow", "image")
        self.assertEqual(status, 0, report)
        text = subprocess.run(["pdftotext", last["page"], "-"], capture_output=True, text=True).stdout
        for word in (last["job"], "R. Example", "L1", "NO PHYSICAL MEDIUM", "certificate.tlog-proof"):
            self.assertIn(word, text)
        # The code on it is the one kept.
        png = self.bench.path("page")
        subprocess.run(["pdftoppm", "-r", "150", "-png", "-singlefile", last["page"], png], check=True)
        seen = subprocess.run(["zbarimg", "-q", "--raw", png + ".png"], capture_output=True, text=True).stdout
        with open(last["certificate"].replace(".sdjwt", ".qr")) as f:
            self.assertEqual(seen.strip(), f.read().strip())

    def test_the_page_has_the_proof_that_witnesses_signed(self):
        """They are asked when all devices are done: then the page is made anew."""
        witness = os.path.join(os.path.dirname(LETHE), "lethe-witness")
        place = self.bench.path("witness")
        key = subprocess.run([witness, "--dir", place, "--name", "witness.example", "--show-key"], check=True,
                             capture_output=True, text=True).stdout.strip()
        with open(os.path.join(self.bench.state, "trust", "log.vkey")) as vkey, \
                open(os.path.join(place, "logs.conf"), "w") as config:
            config.write(f"log {vkey.read().strip()}\n")
        server = subprocess.Popen([witness, "--dir", place, "--listen", "127.0.0.1:0", "--json"],
                                  stdout=subprocess.PIPE, text=True)
        try:
            port = json.loads(server.stdout.readline())["port"]
            self.bench.check("log", "witness", "--key", key, f"http://127.0.0.1:{port}")
            last = self.erase("a.img")
        finally:
            server.terminate()
            server.communicate()
        with open(last["certificate"].replace(".sdjwt", ".tlog-proof"), "rb") as f:
            proof = f.read()
        self.assertIn("\u2014 witness.example ".encode(), proof)
        with open(last["page"], "rb") as f:
            self.assertIn(proof, f.read())
        self.assertIn("Total document signed", subprocess.run(["pdfsig", "-nocert", last["page"]],
                                                              capture_output=True, text=True).stdout)

    def test_no_page_when_none_is_wanted(self):
        last = self.erase("a.img", "--no-page")
        self.assertNotIn("page", last)
        self.assertNotIn("page_error", last)
        self.assertFalse(os.path.exists(last["certificate"].replace(".sdjwt", ".pdf")))

    def test_a_page_that_cannot_be_made_changes_nothing(self):
        """A logo that is none: the certificate is there, and the reason is told."""
        with open(os.path.join(self.bench.state, "logo.png"), "w") as f:
            f.write("no picture")
        last = self.erase("a.img")
        self.assertEqual((last["outcome"], last["exit"], last["policy_met"]), ("passed", 0, True))
        self.assertNotIn("page", last)
        self.assertIn("logo", last["page_error"]["what"])
        self.assertEqual(self.bench.verify(last["certificate"], "--allow", "image")[0], 0)

    def test_without_the_press(self):
        """A bench where lethe-press is not installed, or lies elsewhere, erases all the same."""
        alone = self.bench.path("bin")
        os.mkdir(alone)
        shutil.copy(LETHE, os.path.join(alone, "lethe"))
        disk = self.disk("a.img")
        digest = self.bench.digest(disk, POLICY)[:8]
        command = self.bench.command("erase", disk, "--policy", POLICY, "--confirm", digest)
        command[0:1] = [os.path.join(alone, "lethe"), "--profiles", PROFILES]
        said = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(said.returncode, 0, said.stderr)
        if "page: " in said.stdout and "no page" not in said.stdout:
            self.skipTest("lethe-press is installed on this system")
        self.assertIn("no page: the program that draws pages, lethe-press, is not installed", said.stdout)

    def test_export_and_label(self):
        last = self.erase("a.img")
        out = self.bench.path("out.pdf")
        self.bench.check("cert", "export", last["job"], "--format", "pdf", "--lang", "zh", "-o", out)
        self.assertEqual(self.bench.verify(out, "--allow", "image")[0], 0)
        self.assertIn("非物理介质", subprocess.run(["pdftotext", out, "-"], capture_output=True, text=True).stdout)
        zpl = self.bench.check("cert", "label", last["job"], "--format", "zpl", "--size", "30x30")
        with open(last["certificate"].replace(".sdjwt", ".qr")) as f:
            self.assertIn("^FDMA," + f.read().strip() + "^FS", zpl)
        self.assertEqual(self.bench.run("cert", "label", last["job"], "--size", "20x20").returncode, 2)

    def test_the_page_of_a_key_that_is_gone(self):
        """After a renewal nobody can sign that page again: the one made then is given."""
        last = self.erase("a.img")
        self.bench.check("keys", "renew")
        out = self.bench.path("out.pdf")
        said = self.bench.run("cert", "export", last["job"], "--format", "pdf", "-o", out)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("the page made then", said.stderr)
        with open(out, "rb") as one, open(last["page"], "rb") as other:
            self.assertEqual(one.read(), other.read())
        os.unlink(last["page"])
        said = self.bench.run("cert", "export", last["job"], "--format", "pdf", "-o", out)
        self.assertEqual(said.returncode, 3, said.stderr)

    def test_report_of_a_lot(self):
        jobs = [self.erase(f"{name}.img", "--lot", lot, "--no-page")["job"]
                for name, lot in (("a", "L1"), ("b", "L1"), ("c", "L2"))]
        out = self.bench.path("lot.pdf")
        self.bench.check("cert", "report", "--lot", "L1", "-o", out)
        self.assertIn("Total document signed", subprocess.run(["pdfsig", "-nocert", out], capture_output=True,
                                                              text=True).stdout)
        files = self.bench.path("files")
        os.mkdir(files)
        subprocess.run(["pdfdetach", "-saveall", "-o", files, out], check=True)
        self.assertEqual(sorted(os.listdir(files)), sorted(job + ".sdjwt" for job in jobs[:2]))
        # Itself it is neither good nor bad, and says what to do.
        status, report = self.bench.verify(out)
        self.assertEqual((status, [r["code"] for r in report["reasons"]]), (2, ["pdf-lot"]))
        for job in jobs[:2]:
            self.assertEqual(self.bench.verify(os.path.join(files, job + ".sdjwt"), "--allow", "image")[0], 0)
        self.assertNotEqual(self.bench.run("cert", "report", "--lot", "L3", "-o", out).returncode, 0)


if __name__ == "__main__":
    unittest.main()
