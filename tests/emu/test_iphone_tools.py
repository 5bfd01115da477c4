#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The programs of libimobiledevice, as Debian has them, against the emulated iPhone: they speak to
it without complaint, and what they print is what the model is."""
import plistlib
import shutil
import subprocess
import sys
import threading
import time
import unittest

from iphones import Phones, TOOLS

BIN = sys.argv.pop(1)


class Tools(unittest.TestCase):
    def setUp(self):
        missing = [tool for tool in TOOLS if not shutil.which(tool)]
        self.assertEqual(missing, [], "scripts/deps test installs libimobiledevice-utils")

    def info(self, phones, *words, name="a"):
        return plistlib.loads(phones.run("ideviceinfo", "-u", phones.udid(name), "-x", *words).encode())

    def test_found(self):
        with Phones(BIN, a={}, b={"personality": "ipad"}, c={"personality": "iphone-7-ios-10"}) as phones:
            self.assertEqual(sorted(phones.present()), sorted(phones.udid(n) for n in "abc"))
            for name in "abc":
                self.assertEqual(phones.run("idevice_id", phones.udid(name)).strip(),
                                 phones.memory(name)["state"]["name"])

    def test_inventory_needs_no_pairing(self):
        with Phones(BIN, a={}) as phones:
            traits = phones.memory()["traits"]
            text = phones.run("ideviceinfo", "-s", "-u", phones.udid())
            self.assertIn(f"ProductType: {traits['model']}\n", text)
            self.assertIn(f"ProductVersion: {traits['system']}\n", text)
            self.assertIn(f"UniqueDeviceID: {phones.udid()}\n", text)
            # What a stranger isn't told:
            for key in ("SerialNumber", "InternationalMobileEquipmentIdentity", "ActivationState", "NonVolatileRAM"):
                self.assertNotIn(key, text)
            self.assertEqual(phones.memory()["state"]["trust"], {})

    def test_values(self):
        with Phones(BIN, a={}) as phones:
            traits = phones.memory()["traits"]
            phones.run("idevicepair", "-u", phones.udid(), "pair")
            info = self.info(phones)
            for key, trait in (("ProductType", "model"), ("SerialNumber", "maker_serial"),
                               ("InternationalMobileEquipmentIdentity", "imei"), ("BuildVersion", "build")):
                self.assertEqual(info[key], traits[trait])
            self.assertEqual(info["UniqueChipID"], int(phones.udid()[9:], 16))
            self.assertEqual(info["ActivationState"], "Activated")
            self.assertEqual(info["NonVolatileRAM"]["fm-activation-locked"], b"NO")
            self.assertTrue(info["DevicePublicKey"].startswith(b"-----BEGIN RSA PUBLIC KEY-----"))
            usage = self.info(phones, "-q", "com.apple.disk_usage")
            self.assertEqual(usage["TotalDataCapacity"], 64 << 20)
            self.assertEqual(usage["TotalDataCapacity"] - usage["TotalDataAvailable"], 64 << 10)
            self.assertEqual(self.info(phones, "-q", "com.apple.mobile.battery")["BatteryCurrentCapacity"], 82)
            self.assertTrue(self.info(phones, "-q", "com.apple.purplebuddy")["SetupDone"])
            # The key of Find My answers, its domain shows nothing.
            self.assertEqual(self.info(phones, "-q", "com.apple.fmip"), {})
            self.assertEqual(phones.run("ideviceinfo", "-u", phones.udid(), "-q", "com.apple.fmip", "-k",
                                        "IsAssociated").strip(), "false")

    def test_pairing(self):
        with Phones(BIN, a={}) as phones:
            udid = phones.udid()
            self.assertIn("SUCCESS", phones.run("idevicepair", "-u", udid, "pair"))
            host = phones.run("idevicepair", "-u", udid, "hostid").strip()
            self.assertEqual(list(phones.memory()["state"]["trust"]), [host])
            self.assertIn("SUCCESS", phones.run("idevicepair", "-u", udid, "validate"))
            self.assertEqual(len(phones.run("idevicepair", "systembuid").strip()), 36)
            phones.run("idevicepair", "list")
            self.assertIn("SUCCESS", phones.run("idevicepair", "-u", udid, "unpair"))
            self.assertEqual(phones.memory()["state"]["trust"], {})
            self.assertFalse(phones.record().exists())

    def test_record_of_another_pairing(self):
        """TLS accepts the host it was paired with, and none that only knows its name."""
        with Phones(BIN, a={}, b={}) as phones:
            phones.run("idevicepair", "-u", phones.udid(), "pair")
            record = plistlib.loads(phones.record().read_bytes())
            stranger = {**record}
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/", "-days", "9",
                            "-keyout", phones.dir / "k.pem", "-out", phones.dir / "c.pem"],
                           check=True, capture_output=True)
            for which in ("Root", "Host"):
                stranger[f"{which}PrivateKey"] = (phones.dir / "k.pem").read_bytes()
                stranger[f"{which}Certificate"] = (phones.dir / "c.pem").read_bytes()
            phones.record().write_bytes(plistlib.dumps(stranger))
            self.assertNotIn("session\n", phones.client("session", record["HostID"], ok=False))
            phones.record().write_bytes(plistlib.dumps(record))
            self.assertEqual(phones.client("session", record["HostID"]), "session\n")
            # The other certificate of the pairing is as good: other programs show that one.
            host = {**record, "RootPrivateKey": record["HostPrivateKey"], "RootCertificate": record["HostCertificate"]}
            phones.record().write_bytes(plistlib.dumps(host))
            self.assertEqual(phones.client("session", record["HostID"]), "session\n")

    def test_trust(self):
        cases = {"trust=pending": "-19", "trust=denied": "-18", "trust=managed": "-38", "locked=true": "-17",
                 "trust=FMiPProtected": "-37", "trust=MCChallengeRequired": "-39"}
        with Phones(BIN, **{f"p{i}": {"with": [t], "serial": f"{i:08x}{'0' * 15}1"}
                            for i, t in enumerate(cases)}) as phones:
            for i, (trait, code) in enumerate(cases.items()):
                with self.subTest(trait):
                    self.assertEqual(phones.client("pair", name=f"p{i}", ok=False).split(), ["lockdown", code])

    def test_trust_after_asking(self):
        with Phones(BIN, a={"with": ["asks=2"]}) as phones:
            answers = [phones.client("pair", ok=False).split()[-1] for _ in range(3)]
            self.assertEqual(answers, ["-19", "-19", "paired"])

    def test_somebody_taps_trust_later(self):
        """What usbmuxd waits for, without being trusted."""
        with Phones(BIN, a={"with": ["trust=pending"]}) as phones:
            udid = phones.udid()
            self.assertEqual(phones.client("pair", ok=False).split()[-1], "-19")
            waits = subprocess.Popen([phones.bin / "iphone_client", udid, "await-trust"], env=phones.env,
                                     stdout=subprocess.PIPE, text=True)
            time.sleep(0.3)
            self.assertIsNone(waits.poll())
            phones.change("traits", trust="granted")
            self.assertEqual(waits.communicate(timeout=10)[0], "com.apple.mobile.lockdown.request_pair\n")
            self.assertEqual(phones.client("pair"), "paired\n")

    def test_setup_assistant_pairs_with_anybody(self):
        with Phones(BIN, a={"with": ["setup=true", "trust=denied"]}) as phones:
            self.assertEqual(phones.client("pair"), "paired\n")
            self.assertEqual(self.info(phones)["ActivationState"], "Unactivated")

    def test_name(self):
        with Phones(BIN, a={}) as phones:
            udid = phones.udid()
            self.assertEqual(phones.run("idevicename", "-u", udid).strip(), "Old owner's iPhone")
            phones.run("idevicename", "-u", udid, "重置 7")
            self.assertEqual(phones.run("idevicename", "-u", udid).strip(), "重置 7")
            self.assertEqual(phones.memory()["state"]["name"], "重置 7")

    def test_date(self):
        with Phones(BIN, a={}) as phones:
            self.assertIn("20", phones.run("idevicedate", "-u", phones.udid()))

    def test_diagnostics(self):
        with Phones(BIN, a={}) as phones:
            udid = phones.udid()
            entry = plistlib.loads(phones.run("idevicediagnostics", "-u", udid, "ioregentry", "options").encode())
            self.assertEqual(entry["IORegistry"]["fm-activation-locked"], b"NO")
            everything = plistlib.loads(phones.run("idevicediagnostics", "-u", udid, "diagnostics", "All").encode())
            self.assertEqual(everything["GasGauge"]["FullChargeCapacity"], 91)
            phones.run("idevicediagnostics", "-u", udid, "ioreg", "IOPower")
            gestalt = plistlib.loads(phones.run("idevicediagnostics", "-u", udid, "mobilegestalt", "ProductType").encode())
            self.assertEqual(gestalt["MobileGestalt"]["ProductType"], "iPhone12,1")
            phones.run("idevicediagnostics", "-u", udid, "sleep")

    def test_restart(self):
        with Phones(BIN, a={"with": ["away_ms=300"]}) as phones:
            phones.run("idevicediagnostics", "-u", phones.udid(), "restart")
            phones.away_and_back()
            self.assertEqual(phones.memory()["generation"], 2)

    def test_many_at_once(self):
        with Phones(BIN, **{f"p{i}": {"serial": f"{i:08x}{'0' * 15}1"} for i in range(6)}) as phones:
            wrong = []

            def one(name):
                try:
                    info = self.info(phones, name=name)
                    if info["UniqueDeviceID"] != phones.udid(name):
                        wrong.append(info["UniqueDeviceID"])
                except BaseException as failure:
                    wrong.append(failure)
            threads = [threading.Thread(target=one, args=(f"p{i}",)) for i in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(wrong, [])

    def test_same_udid_twice(self):
        with Phones(BIN, a={}, b={}) as phones:
            self.assertEqual(phones.present(), [phones.udid()] * 2)

    def test_muxd_comes_back(self):
        with Phones(BIN, a={}) as phones:
            phones.run("idevicepair", "-u", phones.udid(), "pair")
            phones.stop()
            phones.start()
            self.assertIn("SUCCESS", phones.run("idevicepair", "-u", phones.udid(), "validate"))
            self.assertEqual(len(phones.memory()["state"]["trust"]), 1)


if __name__ == "__main__":
    unittest.main()
