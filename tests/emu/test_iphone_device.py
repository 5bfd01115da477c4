#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An emulated iPhone as a device of lethe: asked through an emulated usbmuxd and a proxy, by a worker
in its jail, which all end with the look."""
import json
import subprocess
import sys
import unittest

from iphones import Phones

BIN = sys.argv.pop(1)


class Device(unittest.TestCase):
    def show(self, phones, name="a"):
        return json.loads(phones.lethe("show", f"emu:{name}", "--json"))

    def test_trusted(self):
        with Phones(BIN, a={}) as phones:
            traits = phones.memory()["traits"]
            seen = self.show(phones)
            phone = seen["firmware"]["phone"]
            self.assertEqual(phone["access"], "granted")
            self.assertEqual((phone["serial"], phone["imei"], phone["system"], phone["ecid"]),
                             (traits["maker_serial"], traits["imei"], traits["system"],
                              str(int(phones.udid()[9:], 16))))
            self.assertEqual(phone["storage_free"], (64 << 20) - (64 << 10))
            self.assertEqual({lock: phone["locks"][lock] for lock in ("find-my", "activation-lock", "mdm")},
                             {"find-my": "no", "activation-lock": "no", "mdm": "no"})
            self.assertIn("ios-erase", seen["firmware"]["can"])

    def test_locks(self):
        for trait, lock in (("find_my", "find-my"), ("activation_lock", "activation-lock"), ("mdm", "mdm"),
                            ("supervised", "supervised")):
            with self.subTest(trait), Phones(BIN, a={"with": [f"{trait}=true"]}) as phones:
                self.assertEqual(self.show(phones)["firmware"]["phone"]["locks"][lock], "yes")

    def test_trust_is_asked_for(self):
        """The look of the real usbmuxd asks first; then somebody runs lethe pair, and taps."""
        with Phones(BIN, a={"with": ["asks=3"]}) as phones:
            self.assertEqual(self.show(phones)["firmware"]["phone"]["access"], "untrusted")
            phones.lethe("pair", "emu:a")
            self.assertEqual(self.show(phones)["firmware"]["phone"]["access"], "granted")

    def test_other_modes(self):
        for mode in ("recovery", "dfu", "closed"):
            with self.subTest(mode), Phones(BIN, a={"mode": mode}) as phones:
                seen = self.show(phones)
                self.assertEqual(seen["firmware"]["phone"]["mode"], mode)
                self.assertNotIn("ios-erase", seen["firmware"]["can"])
                self.assertEqual(phones.present(), [])

    def test_nothing_stays(self):
        with Phones(BIN, a={}) as phones:
            self.show(phones)

            def left():
                out = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
                return [line for line in out.splitlines()
                        if str(phones.dir) in line and "--socket " + phones.socket not in line]
            phones.until(lambda: not left(), "the end of all processes")


if __name__ == "__main__":
    unittest.main()
