# SPDX-License-Identifier: Apache-2.0
"""The text of a label's QR code: kept, made again, without the device."""
import json
import os

from bench import Bench, main


class Label(Bench):
    KEYS = False

    def test_kept_and_made_again(self):
        self.emulated({"name": "a", "serial": "SN-10203040"})
        job = self.run_lines(0, "erase", "emu:a", "--policy", "random-full", "--confirm",
                             "SN-10203040", "--json")[-1]["job"]
        file = os.path.join(self.state, "certificates", job + ".qr")
        with open(file, encoding="ascii") as kept:
            label = kept.read()
        self.assertRegex(label, r"^ER1:[0-9A-Z $%*+./:-]{200,362}$")
        self.assertEqual(self.run_ok("cert", "qr", job).stdout, label + "\n")
        self.assertEqual(json.loads(self.run_ok("cert", "qr", job, "--json").stdout),
                         {"job": job, "qr": label})
        # Another signature of the same: ECDSA draws a number each time.
        os.remove(file)
        again = self.run_ok("cert", "qr", job).stdout.strip()
        self.assertEqual(again[:150], label[:150])
        hidden = self.run_ok("cert", "qr", job, "--hide-device").stdout.strip()
        self.assertRegex(hidden, "^ER1:")
        self.assertNotEqual(hidden[:150], label[:150])

    def test_says_what_is_missing(self):
        self.assertIn("which certificate", self.run_exit(2, "cert", "qr").stderr)
        self.assertIn("there is no record", self.run_exit(2, "cert", "qr", "0" * 8).stderr)


if __name__ == "__main__":
    main()
