# SPDX-License-Identifier: Apache-2.0
"""The buyer's check: a device against its certificate."""
import os
import shutil

from bench import MIB, Bench, main


class Verify(Bench):
    def erase(self, target, policy="random-full"):
        digest = self.digest(target, policy)
        result = self.run_lines(0, "erase", target, "--policy", policy, "--confirm", digest[:8],
                                "--json")[-1]
        self.assertEqual(result["outcome"], "passed")
        return result["certificate"]

    def check(self, status, target, certificate, *args):
        answer = self.run_json(status, "verify", target, "--cert", certificate, "--allow", "image",
                               "--json", *args)
        self.assertEqual(answer["exit"], status)
        return answer, {c["check"]: c["result"] for c in answer["checks"]}

    def test_holds(self):
        for policy, samples in (("random-full", ["fresh sample"]),
                                ("nist-800-88r1-sampled", ["fresh sample", "certified sample"])):
            image = self.image(policy, 16 * MIB)
            certificate = self.erase(image, policy)
            answer, checks = self.check(0, image, certificate)
            self.assertEqual(answer["result"], "holds")
            for name in ("certificate", "capacity", "substrate", *samples):
                self.assertEqual(checks[name], "holds")
            # Of 4096 blocks the fresh sample reads enough for its claim, not the forced few.
            text, = (c["text"] for c in answer["checks"] if c["check"] == "fresh sample")
            self.assertGreater(int(text.split()[0]), 2000)
            _, checks = self.check(0, image, certificate, "--full")
            self.assertEqual(checks["contents"], "holds")

    def test_written_since(self):
        image = self.image(size=16 * MIB)
        certificate = self.erase(image)
        with open(image, "r+b") as file:  # the first block is always read
            file.write(b"\xeb\x3c\x90MSDOS5.0")
        answer, checks = self.check(1, image, certificate)
        self.assertEqual(checks["fresh sample"], "contradicted")
        text = self.run_exit(1, "verify", image, "--cert", certificate, "--allow", "image").stdout
        self.assertIn("CONTRADICTS", text)
        self.assertEqual(answer["result"], "contradicted")
        # One byte anywhere: only reading everything is sure to find it.
        certificate = self.erase(image)
        with open(image, "r+b") as file:
            file.seek(5 * MIB + 77)
            byte = file.read(1)
            file.seek(5 * MIB + 77)
            file.write(bytes([byte[0] ^ 1]))
        _, checks = self.check(1, image, certificate, "--full")
        self.assertEqual(checks["contents"], "contradicted")

    def test_another_device(self):
        image = self.image(size=4 * MIB)
        certificate = self.erase(image)
        _, checks = self.check(1, self.image("larger.img", 8 * MIB), certificate)
        self.assertEqual(checks["capacity"], "contradicted")
        self.assertNotIn("fresh sample", checks)

    def test_nobody_is_believed(self):
        image = self.image()
        certificate = self.erase(image)
        root = os.path.join(self.state, "trust/root.pem")
        kept = self.path("root.pem")
        shutil.copy(root, kept)
        self.state = self.path("buyer")
        self.check(2, image, certificate)
        self.check(0, image, certificate, "--trust", kept)
        # Without --allow an image is not believed to be a drive.
        self.run_exit(2, "verify", image, "--cert", certificate, "--trust", kept)

    def test_forged(self):
        image = self.image()
        certificate = self.erase(image)
        with open(certificate, "rb") as file:
            data = bytearray(file.read())
        data[data.index(b".") + 10] ^= 1
        forged = self.path("forged.jwt")
        with open(forged, "wb") as file:
            file.write(data)
        answer, checks = self.check(1, image, forged)
        self.assertEqual(answer["certificate"]["verdict"], "invalid")
        self.assertEqual(checks, {"certificate": "invalid"})
        self.assertEqual(answer["result"], "invalid")
        text = self.run_exit(1, "verify", image, "--cert", forged, "--allow", "image").stdout
        self.assertIn("the certificate is INVALID", text)
        self.assertNotIn("CONTRADICTS", text)

    def test_seed_withheld(self):
        """Random contents can't be told without the seed; zeros can."""
        for policy, status in (("random-full", 2), ("nist-clear", 0)):
            image = self.image(policy)
            with open(self.erase(image, policy), encoding="ascii") as file:
                jwt, *disclosures = file.read().strip().split("~")
            import base64
            import json
            kept = [d for d in disclosures if d and json.loads(
                base64.urlsafe_b64decode(d + "=" * (-len(d) % 4)))[1] != "seed"]
            self.assertLess(len(kept), len([d for d in disclosures if d]))
            with open(self.path("less.jwt"), "w", encoding="ascii") as file:
                file.write("~".join([jwt, *kept, ""]))
            answer, _ = self.check(status, image, self.path("less.jwt"))
            if status == 2:
                self.assertIn("seed", [c["text"] for c in answer["checks"]
                                       if c["check"] == "contents"][0])

    def test_emulated(self):
        """A drive with identifiers, under the demo root."""
        self.emulated({"name": "a", "serial": "S-1", "wwn": "5000c500a1b2c3d4"})
        result = self.run_lines(0, "erase", "emu:a", "--policy", "random-full", "--confirm", "S-1",
                                "--json")[-1]
        answer = self.run_json(2, "verify", "emu:a", "--cert", result["certificate"], "--allow",
                               "emulated", "--json")
        checks = {c["check"]: c["result"] for c in answer["checks"]}
        self.assertEqual((checks["serial"], checks["wwn"]), ("holds", "holds"))
        self.assertEqual(checks["fresh sample"], "holds")
        self.emulate = []
        self.emulated({"name": "a", "serial": "S-2"}, name="other.yaml")
        answer = self.run_json(1, "verify", "emu:a", "--cert", result["certificate"], "--allow",
                               "emulated", "--json")
        checks = {c["check"]: c["result"] for c in answer["checks"]}
        self.assertEqual((checks["serial"], checks["wwn"]), ("contradicted", "unknown"))


if __name__ == "__main__":
    main()
