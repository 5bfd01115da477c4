# SPDX-License-Identifier: Apache-2.0
"""`lethe record`: what is written down of a device, what is not, and where there is nothing to write."""
import json
import os

from bench import Bench, main

SSD = {"name": "ssd", "vendor": "Acme", "model": "Purgeable 3000", "serial": "S3R1AL42", "wwn": "5000c500a1b2c3d4",
       "capacity": "4MiB", "media": "flash", "contents": "text:the customer's file ",
       "controller": {"kind": "ata", "spare": "256KiB"}}


class Recording(Bench):
    KEYS = False

    def recorded(self, *args):
        self.recordings = getattr(self, "recordings", 0) + 1
        file = self.path(f"recording-{self.recordings}.json")
        self.run_ok("record", *args, "-o", file)
        with open(file, encoding="utf-8") as written:
            text = written.read()
        return text, json.loads(text)

    def test_a_drive(self):
        self.emulated(SSD)
        text, recording = self.recorded("emu:ssd", "--note", "as it came")
        self.assertEqual(recording["format"], "lethe-recording-1")
        self.assertEqual(recording["note"], "as it came")
        self.assertEqual(recording["facts"]["model"], "Purgeable 3000")
        self.assertIn("sanitize-block", recording["facts"]["can"])
        self.assertGreater(len(recording["exchange"]), 5)
        # Nobody's: not as text, not in the byte order of ATA, not as a number.
        swapped = "".join(a + b for b, a in zip("S3R1AL42"[::2], "S3R1AL42"[1::2]))
        for name in ("S3R1AL42", "S3R1AL42".encode().hex(), swapped.encode().hex(), "5000c500a1b2c3d4",
                     "customer".encode().hex()):
            self.assertNotIn(name, text)

    def test_it_only_looks(self):
        self.emulated(SSD)
        self.recorded("emu:ssd")
        with open(self.path("bench.yaml.ssd.img"), "rb") as disk:
            before = disk.read()
        self.recorded("emu:ssd")
        with open(self.path("bench.yaml.ssd.img"), "rb") as disk:
            self.assertEqual(disk.read(), before)
        self.assertIn(b"the customer's file", before)
        self.assertNoJobs()

    def test_nothing_is_overwritten(self):
        self.emulated(SSD)
        first = self.recorded("emu:ssd")[0]
        done = self.run_exit(3, "record", "emu:ssd", "-o", self.path("recording-1.json"))
        self.assertIn("is there already", done.stderr)
        with open(self.path("recording-1.json"), encoding="utf-8") as file:
            self.assertEqual(file.read(), first)

    def test_two_recordings_share_no_name(self):
        self.emulated(SSD)
        first, second = self.recorded("emu:ssd")[1], self.recorded("emu:ssd")[1]
        self.assertNotEqual(first["facts"]["serial"], second["facts"]["serial"])
        self.assertEqual(len(first["facts"]["serial"]), len("S3R1AL42"))

    def test_a_phone(self):
        self.emulate.append(self.path("phones.yaml"))
        with open(self.path("phones.yaml"), "w", encoding="utf-8") as file:
            json.dump({"devices": [{"name": "iphone", "phone": {"family": "ios"}}]}, file)
        text, recording = self.recorded("emu:iphone")
        self.assertEqual(recording["facts"]["phone"]["system"], "16.7.2")
        self.assertIn("ios-erase", recording["facts"]["can"])
        for name in ("00008030-001C2D3E4F50001E", "353226100000011", "F4GZX1ABN735", "Old owner", "02:00:00:00:30"):
            self.assertNotIn(name, text)

    def test_a_phone_that_does_not_trust_the_bench_yet(self):
        """As docs/hardware-validation.md has it: before pairing, on a bench that has no key yet, and after."""
        self.emulate.append(self.path("phones.yaml"))
        with open(self.path("phones.yaml"), "w", encoding="utf-8") as file:
            json.dump({"devices": [{"name": "pixel", "serial": "PX1X29FJ3K7Q", "phone": {"personality": "pixel-15"}},
                                   {"name": "shut", "serial": "PX2",
                                    "phone": {"personality": "pixel-15", "mode": "closed"}}]}, file)
        _, before = self.recorded("emu:pixel")
        self.assertEqual(before["facts"]["phone"]["access"], "untrusted")
        self.run_ok("pair", "emu:pixel")
        text, after = self.recorded("emu:pixel")
        self.assertEqual(after["facts"]["phone"]["access"], "granted")
        self.assertNotIn("PX1X29FJ3K7Q", text)
        self.assertIn("USB debugging is off",
                      self.run_exit(3, "record", "emu:shut", "-o", self.path("shut.json")).stderr)

    def test_where_to(self):
        self.emulated(SSD)
        printed = json.loads(self.run_ok("record", "emu:ssd", "-o", "-").stdout)
        self.assertEqual(printed["driver"], "emu")
        told = self.run_json(0, "record", "emu:ssd", "-o", self.path("x.json"), "--json")
        self.assertEqual((told["target"], told["file"]), ("emu:ssd", self.path("x.json")))
        self.assertTrue(os.path.exists(self.path("x.json")))
        self.assertIn("both want standard output", self.run_exit(2, "record", "emu:ssd", "-o", "-", "--json").stderr)

    def test_nothing_to_record(self):
        self.assertIn("there is nothing to record",
                      self.run_exit(3, "record", self.image(), "-o", self.path("x.json")).stderr)
        self.assertFalse(os.path.exists(self.path("x.json")))
        self.assertIn("which device", self.run_exit(2, "record").stderr)


if __name__ == "__main__":
    main()
