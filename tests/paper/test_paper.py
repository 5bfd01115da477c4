# SPDX-License-Identifier: Apache-2.0
"""
Paper as everybody else's tools see it: the signature (pdfsig, qpdf, mutool, openssl), what is attached
(pdfdetach), what a person reads (pdftotext) and sees (pdftoppm), what a phone scans (zbarimg).
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
EXAMPLES = os.path.join(ROOT, "certs", "examples")
KEYS = os.path.join(ROOT, "certs", "test-keys")
MAKE = os.environ["MAKE_PAPER"]
VERIFY = os.environ["LETHE_VERIFY"]
# As long as the text of a real label, and as its alphabet.
QR = "ER1:" + "".join("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[i * 29 % 45] for i in range(359))

PASSED = f"{EXAMPLES}/valid/full.sdjwt"
FAILED = f"{EXAMPLES}/undetermined/record-failed.sdjwt"
DOUBT = f"{EXAMPLES}/undetermined/record-indeterminate.sdjwt"
PHONE = f"{EXAMPLES}/valid/phone.sdjwt"
ATTESTED = f"{EXAMPLES}/undetermined/phone-attested.sdjwt"
NOT_SHOWN = f"{EXAMPLES}/undetermined/phone-not-demonstrable.sdjwt"
IMAGE = f"{EXAMPLES}/undetermined/image.sdjwt"


def run(*command, ok=True, text=True):
    process = subprocess.run(command, capture_output=True, text=text, timeout=120)
    if ok and process.returncode != 0:
        raise AssertionError(f"{' '.join(command)}: exit {process.returncode}\n{process.stdout}{process.stderr}")
    return process


def grey(pdf, dpi, page=1):
    """Width, height and the pixels of a page, one byte each."""
    data = run("pdftoppm", "-r", str(dpi), "-gray", "-f", str(page), "-l", str(page), pdf, text=False).stdout
    _, w, h = re.match(rb"(P5)\s+(\d+)\s+(\d+)\s+255\s", data).groups()
    return int(w), int(h), data[-int(w) * int(h):]


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lethe-paper-")
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def page(self, sdjwt, *more):
        out = self.path("page.pdf")
        run(MAKE, "page", sdjwt, out, *more)
        return out

    def label(self, sdjwt, suffix, *more):
        out = self.path(f"label.{suffix}")
        run(MAKE, "label", sdjwt, out, f"format={suffix}", f"qr={QR}", *more)
        return out


class Signature(Case):
    def test_pdfsig(self):
        said = run("pdfsig", "-nocert", self.page(PASSED)).stdout
        self.assertIn("Signature is Valid", said)
        self.assertIn("Total document signed", said)
        self.assertIn("ETSI.CAdES.detached", said)
        self.assertEqual(said.count("Signature #"), 1)

    def test_one_revision(self):
        with open(self.page(PASSED), "rb") as f:
            data = f.read()
        self.assertEqual(data.count(b"%%EOF"), 1)
        self.assertEqual(data.count(b"startxref"), 1)
        self.assertNotIn(b"/Prev", data)
        a, b, c, d = map(int, re.search(rb"/ByteRange \[ (\d+) (\d+) (\d+) (\d+) \]", data).groups())
        self.assertEqual((a, c + d), (0, len(data)))
        self.assertRegex(data[b:c], rb"^<[0-9a-f]+0*>$")

    def test_qpdf_and_mutool(self):
        page = self.page(PASSED)
        self.assertIn("No syntax or stream encoding errors", run("qpdf", "--check", page).stdout)
        said = run("mutool", "sign", "-v", page, ok=False)
        self.assertIn("unchanged since signing", said.stdout + said.stderr)

    def test_openssl_cms_with_cades(self):
        with open(self.page(PASSED), "rb") as f:
            data = f.read()
        _, b, c, _ = map(int, re.search(rb"/ByteRange \[ (\d+) (\d+) (\d+) (\d+) \]", data).groups())
        with open(self.path("cms"), "wb") as f:
            f.write(bytes.fromhex(data[b + 1:c - 1].decode()))
        with open(self.path("covered"), "wb") as f:
            f.write(data[:b] + data[c:])
        run("openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", self.path("cms"),
            "-content", self.path("covered"), "-CAfile", f"{KEYS}/root.pem", "-purpose", "any",
            "-attime", "1795400000", "-out", os.devnull)
        shown = run("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", self.path("cms")).stdout
        self.assertNotIn("signingTime", shown)

    def test_another_byte_is_seen(self):
        page = self.page(PASSED)
        with open(page, "r+b") as f:
            f.seek(5000)
            byte = f.read(1)
            f.seek(5000)
            f.write(bytes([byte[0] ^ 1]))
        self.assertNotIn("Signature is Valid", run("pdfsig", "-nocert", page, ok=False).stdout)


class Attachments(Case):
    def test_they_are_what_was_put_in(self):
        with open(self.path("proof"), "w") as f:
            f.write("c2sp.org/tlog-proof@v1\nindex 0\n\nexample\n")
        page = self.page(PASSED, f"proof={self.path('proof')}")
        run("pdfdetach", "-saveall", "-o", self.folder.name, page)
        for name, source in (("certificate.sdjwt", PASSED), ("certificate.tlog-proof", self.path("proof"))):
            with open(self.path(name), "rb") as one, open(source, "rb") as other:
                self.assertEqual(one.read(), other.read())
        os.remove(self.path("certificate.tlog-proof"))  # no real one
        run(VERIFY, self.path("certificate.sdjwt"), "--trust", f"{KEYS}/root.pem")

    def test_the_verifier_takes_the_page_itself(self):
        run(VERIFY, self.page(PASSED), "--trust", f"{KEYS}/root.pem")

    def test_lot(self):
        out = self.path("lot.pdf")
        run(MAKE, "lot", "2026-47", out, PASSED, FAILED, PASSED)
        self.assertIn("Total document signed", run("pdfsig", "-nocert", out).stdout)
        os.mkdir(self.path("lot"))
        run("pdfdetach", "-saveall", "-o", self.path("lot"), out)
        self.assertEqual(len(os.listdir(self.path("lot"))), 3)
        text = run("pdftotext", "-layout", out, "-").stdout
        for word in ("NOT ALL PASSED", "2 / 3", "2026-47", "EX-WCC4N0123456", "FAILED", "NOT A CERTIFICATE"):
            self.assertIn(word, text)


class Words(Case):
    """The outcome, in each language, and never another one's."""

    CASES = (
        (PASSED, "PASSED", "通过", ("FAILED", "失败", "NOT A CERTIFICATE", "不是证书", "NO PHYSICAL")),
        (FAILED, "FAILED", "失败", ("PASSED", "通过")),
        (DOUBT, "NOT PROVEN", "无法确认", ("PASSED", "通过")),
        (PHONE, "shown by its state", "设备状态可证明", ("FAILED", "失败", "NOT A CERTIFICATE", "不是证书", "Marks made", "标记")),
        (ATTESTED, "ATTESTED ONLY", "仅操作员声明", ("PASSED", "通过")),
        (NOT_SHOWN, "NOT met", "未满足", ("FAILED", "失败")),
    )

    def test_outcomes(self):
        for sdjwt, english, chinese, never in self.CASES:
            for lang in ("en", "zh", "both"):
                with self.subTest(os.path.basename(sdjwt), lang=lang):
                    text = run("pdftotext", self.page(sdjwt, f"lang={lang}"), "-").stdout
                    self.assertEqual(english in text, lang != "zh")
                    self.assertEqual(chinese in text, lang != "en")
                    for word in never:
                        self.assertNotIn(word, text)

    def test_a_mark_that_is_left(self):
        """Said in Chinese too, where the page says it from the numbers."""
        text = run("pdftotext", self.page(f"{EXAMPLES}/invalid/record-indeterminate-mark-left.sdjwt", "lang=zh"), "-").stdout
        self.assertIn("有 32 个在清除后仍然存在", "".join(text.splitlines()))

    def test_records_are_none(self):
        for sdjwt in (FAILED, DOUBT, ATTESTED, NOT_SHOWN):
            text = run("pdftotext", self.page(sdjwt, "lang=both"), "-").stdout
            self.assertIn("RECORD ONLY - NOT A CERTIFICATE", text)
            self.assertIn("仅为作业记录，不是证书", text)

    def test_no_medium_is_said_largest(self):
        page = self.page(IMAGE, "lang=en")
        self.assertIn("NO PHYSICAL MEDIUM", run("pdftotext", page, "-").stdout)
        boxes = run("pdftotext", "-bbox", page, "-").stdout
        sizes = {word: float(bottom) - float(top) for top, bottom, word in
                 re.findall(r'yMin="([\d.]+)"[^>]*yMax="([\d.]+)">([^<]+)<', boxes)}
        self.assertGreater(sizes["MEDIUM"], 2 * sizes["PASSED"])

    def test_withheld_is_not_printed(self):
        with open(PASSED) as f:
            parts = f.read().split("~")
        bare = self.path("bare.sdjwt")
        with open(bare, "w") as f:
            f.write(parts[0] + "~")
        text = run("pdftotext", self.page(bare, "lang=en"), "-").stdout
        self.assertIn("withheld by the holder", text)
        for word in ("EX-WCC4N0123456", "R. Example", "A-0017", "2026-47"):
            self.assertNotIn(word, text)


class Looks(Case):
    def test_not_blank_and_not_full(self):
        for sdjwt in (PASSED, FAILED):
            for lang in ("en", "zh", "both"):
                w, h, pixels = grey(self.page(sdjwt, f"lang={lang}", f"qr={QR}"), 50)
                self.assertEqual((w, h), (414, 585))
                dark = sum(p < 128 for p in pixels) / len(pixels)
                self.assertTrue(0.03 < dark < 0.25, dark)
                # Margins stay white, for printers that reach no edge.
                edge = pixels[:w * 12] + pixels[-w * 12:]
                self.assertEqual(min(edge), 255)

    def test_frames_differ_in_black_and_white(self):
        """Round the banner: a line for what passed, stripes for what did not."""
        changes = {}
        for sdjwt in (PASSED, FAILED):
            w, _, pixels = grey(self.page(sdjwt, "lang=en"), 144)
            row = pixels[w * 178:w * 179]  # 89 points from above: inside the frame's upper side
            self.assertLess(min(row), 128)
            bits = [p < 128 for p in row]
            changes[sdjwt] = sum(a != b for a, b in zip(bits, bits[1:]))
        self.assertLess(changes[PASSED], 10)
        self.assertGreater(changes[FAILED], 40)

    def test_qr_on_the_page(self):
        run("pdftoppm", "-r", "150", "-png", "-singlefile", self.page(PASSED, f"qr={QR}"), self.path("page"))
        self.assertEqual(run("zbarimg", "-q", "--raw", self.path("page.png")).stdout.rstrip("\n"), QR)

    def test_long_values(self):
        """A logo, a series with errors and everything else: still one sheet, in both languages."""
        series = [["begin", 0, 0, 0]]
        for i in range(1, 200):
            series.append(["point", i * 1000, 0, i * 150000000])
        series += [["error", 90000, 4096, 512], ["end", 200000, 0, 200 * 150000000]]
        with open(self.path("series"), "w") as f:
            json.dump(series, f)
        page = self.page(PASSED, f"qr={QR}", f"series={self.path('series')}", "lang=both")
        self.assertIn("Pages:           1", run("pdfinfo", page).stdout)
        text = run("pdftotext", page, "-").stdout
        self.assertIn("Speed and errors", text)
        self.assertIn("200 MB/s", text)

    def test_fonts_are_embedded(self):
        page = self.page(PASSED, f"qr={QR}")
        rows = run("pdffonts", page).stdout.splitlines()[2:]
        self.assertTrue(rows)
        for row in rows:
            self.assertRegex(row, r"TrueType.* yes yes ")
        self.assertLess(os.path.getsize(page), 200_000)


class Labels(Case):
    def test_png_and_pdf_can_be_scanned(self):
        for sdjwt in (PASSED, FAILED, IMAGE):
            for size in ("30x30", "50x30", "80x60"):
                with self.subTest(os.path.basename(sdjwt), size=size):
                    png = self.label(sdjwt, "png", f"size={size}")
                    self.assertEqual(run("zbarimg", "-q", "--raw", png).stdout.rstrip("\n"), QR)
                    pdf = self.label(sdjwt, "pdf", f"size={size}")
                    run("pdftoppm", "-r", "300", "-png", "-singlefile", pdf, self.path("seen"))
                    self.assertEqual(run("zbarimg", "-q", "--raw", self.path("seen.png")).stdout.rstrip("\n"), QR)

    def test_words(self):
        for sdjwt, word, never in ((PASSED, "PASSED", "FAILED"), (FAILED, "FAILED", "PASSED")):
            text = run("pdftotext", self.label(sdjwt, "pdf", "lang=en"), "-").stdout
            self.assertIn(word, text)
            self.assertNotIn(never, text)
            self.assertIn("N0123456", text)
            self.assertIn("2026-11-23", text)

    def test_what_failed_is_dark(self):
        """From across the room: a band of black and a striped edge."""
        shades = {}
        for sdjwt in (PASSED, FAILED):
            w, h, pixels = grey(self.label(sdjwt, "pdf", "size=80x40"), 100)
            upper = pixels[:w * h // 3]
            shades[sdjwt] = sum(p < 128 for p in upper) / len(upper)
        self.assertGreater(shades[FAILED], 0.5)
        self.assertLess(shades[PASSED], 0.35)

    def test_zpl(self):
        for sdjwt, word in ((PASSED, "PASSED"), (FAILED, "FAILED"), (IMAGE, "NO PHYSICAL MEDIUM")):
            for size, dpi in (("30x30", 203), ("50x30", 203), ("100x60", 300)):
                with self.subTest(os.path.basename(sdjwt), size=size, dpi=dpi), \
                        open(self.label(sdjwt, "zpl", f"size={size}", f"dpi={dpi}")) as f:
                    self.check_zpl(f.read(), word, *(round(int(mm) * dpi / 25.4) for mm in size.split("x")))

    def check_zpl(self, zpl, word, width, height):
        lines = zpl.split("\n")
        self.assertEqual((lines[0], lines[-2:]), ("^XA", ["^XZ", ""]))
        self.assertIn(f"^PW{width}", lines)
        self.assertIn(f"^LL{height}", lines)
        # Every field: a place, one thing to draw there, an end; inside the label.
        fields = [line for line in lines if line.startswith("^FO")]
        for field in fields:
            x, y = map(int, re.match(r"\^FO(\d+),(\d+)\^", field).groups())
            self.assertTrue(0 <= x < width and 0 <= y < height, field)
            self.assertTrue(field.endswith("^FS"), field)
            self.assertEqual(len(re.findall(r"\^GB|\^A0|\^BQ", field)), 1, field)
        codes = [re.match(r"\^FO(\d+),(\d+)\^BQN,2,(\d+)\^FH_\^FDMA,(.*)\^FS$", f) for f in fields if "^BQ" in f]
        self.assertEqual(len(codes), 1)
        x, y, magnification, data = codes[0].groups()
        self.assertEqual(data, QR)
        modules = 61  # version 11
        self.assertGreaterEqual(int(magnification), 2)
        self.assertLessEqual(int(x) + modules * int(magnification), width)
        self.assertLessEqual(int(y) + modules * int(magnification), height)
        self.assertTrue(any(f"^FD{word}^FS" in f for f in fields), zpl)


if __name__ == "__main__":
    unittest.main(verbosity=1, argv=sys.argv)
