#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What erasing does to the emulated iPhone, what liars do instead, and what hostile ones send; asked
by libimobiledevice, and looked at where no host can look."""
import concurrent.futures
import plistlib
import subprocess
import sys
import time
import unittest

from iphones import Phones

BIN = sys.argv.pop(1)
FAST = ["away_ms=200"]
ERASE = ("mc", "EraseDevice", "wipe-esim")


def evidence(phones, name="a"):
    """What a host that may ask everything sees (facts/phones.md 1.4)."""
    info = phones.plist("value", "-", "NonVolatileRAM", name=name)
    return {"key": phones.plist("value", "-", "DevicePublicKey", name=name),
            "obliteration": info["obliteration"], "begins": info["oblit-begins"],
            "locked": info["fm-activation-locked"],
            "activation": phones.plist("value", "-", "ActivationState", name=name)}


class Erase(unittest.TestCase):
    def erased(self, phones, command, answer):
        phones.client("pair")
        before, host, old = evidence(phones), phones.host_id(), phones.old_blocks()
        self.assertGreater(old, 100)
        self.assertEqual(phones.plist(*command), answer)
        phones.away_and_back()
        # The old trust is gone, and it pairs without being asked.
        record = phones.record().read_bytes()
        self.assertEqual(phones.client("session", host, ok=False).split(), ["lockdown", "-21"])
        phones.record().unlink()
        self.assertEqual(phones.client("pair"), "paired\n")
        after = evidence(phones)
        self.assertNotEqual(after["key"], before["key"])
        self.assertNotEqual((after["obliteration"], after["begins"]), (before["obliteration"], before["begins"]))
        self.assertEqual(after["activation"], "Unactivated")
        self.assertEqual(phones.old_blocks(), 0)
        self.assertEqual(phones.memory()["erased"], 1)
        self.assertNotEqual(phones.host_id(), plistlib.loads(record)["HostID"])
        self.assertEqual(phones.run("idevicename", "-u", phones.udid()).strip(), phones.memory()["traits"]["class"])
        return before, after

    def test_mcinstall(self):
        with Phones(BIN, a={"with": FAST}) as phones:
            _, after = self.erased(phones, ERASE, {"Status": "Acknowledged"})
            self.assertRegex(after["obliteration"], rb"^EACS Done @\d+$")
            self.assertFalse(phones.memory()["state"]["esim"])

    def test_esim_is_kept_when_told(self):
        with Phones(BIN, a={"with": FAST}) as phones:
            self.erased(phones, ("mc", "EraseDevice", "preserve"), {"Status": "Acknowledged"})
            self.assertTrue(phones.memory()["state"]["esim"])

    def test_backup_service(self):
        with Phones(BIN, a={"personality": "iphone-7-ios-10", "with": FAST}) as phones:
            phones.client("pair")
            self.assertEqual(phones.plist(*ERASE), {"Status": "CommandFormatError"})
            self.assertEqual(phones.memory()["erased"], 0)
        with Phones(BIN, a={"personality": "iphone-7-ios-10", "with": FAST}) as phones:
            _, after = self.erased(phones, ("backup-erase",),
                                   ["DLMessageProcessMessage",
                                    {"MessageName": "Response", "ErrorCode": 0, "ErrorDescription": ""}])
            self.assertEqual(after["obliteration"], b"handle_message: Obliteration Complete")

    def test_backup_service_refuses(self):
        for trait, code in (("locked", 208), ("find_my", 211)):
            with self.subTest(trait), Phones(BIN, a={"with": FAST}) as phones:
                phones.client("pair")
                phones.change("state", **{trait: True})
                self.assertEqual(phones.plist("backup-erase")[1]["ErrorCode"], code)
                self.assertEqual(phones.memory()["erased"], 0)
        with Phones(BIN, a={"with": FAST + ["setup=true"]}) as phones:
            self.assertEqual(phones.plist("backup-erase")[1]["ErrorCode"], 212)

    def test_management(self):
        with Phones(BIN, a={"with": FAST + ["mdm=true", "supervised=true"]}) as phones:
            phones.client("pair")
            self.assertEqual(phones.plist("mc", "Flush"), {"Status": "Acknowledged"})
            cloud = phones.plist("mc", "GetCloudConfiguration")["CloudConfiguration"]
            self.assertTrue(cloud["IsSupervised"] and cloud["IsMDMUnremovable"] and cloud["OrganizationName"])
            self.assertEqual(len(phones.plist("mc", "GetProfileList")["OrderedIdentifiers"]), 1)
            phones.client(*ERASE)
            phones.away_and_back()
            phones.record().unlink()
            # What the maker's programme assigned comes back; what was installed doesn't.
            self.assertTrue(phones.plist("mc", "GetCloudConfiguration")["CloudConfiguration"]["IsMDMUnremovable"])
            self.assertEqual(phones.plist("mc", "GetProfileList")["OrderedIdentifiers"], [])
            self.assertEqual(phones.plist("mc", "Nonsense"), {"Status": "CommandFormatError"})

    def test_find_my_comes_back_locked(self):
        with Phones(BIN, a={"with": FAST + ["find_my=true"]}) as phones:
            phones.client("pair")
            self.assertTrue(phones.plist("value", "com.apple.fmip", "IsAssociated"))
            phones.client(*ERASE)
            phones.away_and_back()
            phones.record().unlink()
            self.assertFalse(phones.plist("value", "com.apple.fmip", "IsAssociated"))
            self.assertEqual(evidence(phones)["locked"], b"YES")

    def test_storage(self):
        with Phones(BIN, a={"with": FAST, "storage": "2MiB"}) as phones:
            phones.client("pair")
            self.assertIn("DCIM", phones.client("list", "/").split())
            self.assertIn("IMG_0001.jpg", phones.client("list", "/DCIM/Camera").split())
            size, _, error = phones.client("fill", "/fill").split()
            self.assertEqual(error, "18")  # no space left
            self.assertEqual(int(size), (2 << 20) - (64 << 10))
            self.assertEqual(phones.client("read", "/fill").split()[0], size)
            self.assertEqual(phones.plist("value", "com.apple.disk_usage", "TotalDataAvailable"), 0)
            self.assertEqual(phones.client("list", "/../..", ok=False).split()[:2], ["afc", "10"])
            phones.client(*ERASE)
            phones.away_and_back()
            phones.record().unlink()
            self.assertEqual(phones.client("list", "/").split(), [".", ".."])

    def test_what_is_not_certain(self):
        """Of real phones nobody knows these; the model can be either."""
        with Phones(BIN, a={"with": FAST + ["activates=true", "keeps_key=true", "hides_nvram=true"]}) as phones:
            phones.client("pair")
            key = phones.plist("value", "-", "DevicePublicKey")
            self.assertEqual(phones.client("value", "-", "NonVolatileRAM", ok=False).split()[0], "lockdown")
            phones.client(*ERASE)
            phones.away_and_back()
            phones.record().unlink()
            self.assertEqual(phones.plist("value", "-", "ActivationState"), "Activated")
            self.assertEqual(phones.plist("value", "-", "DevicePublicKey"), key)
            self.assertEqual(phones.old_blocks(), 0)

    def test_killed_in_between(self):
        """It erases whoever looks; nobody has to be there."""
        with Phones(BIN, a={"with": FAST}) as phones:
            phones.client("pair")
            phones.client(*ERASE)
            phones.stop()
            time.sleep(0.5)
            self.assertEqual(phones.memory()["erased"], 1)
            self.assertEqual(phones.old_blocks(), 0)
            phones.start()
            phones.until(phones.present, "return")


class Liars(unittest.TestCase):
    """What each is afterwards: {fault: (answered, leaves, old trust works, key changed, data gone)}."""

    def check(self, fault, answered, leaves, trust, key, gone):
        with Phones(BIN, a={"with": FAST, "faults": [{"kind": fault, "times": 1}]}) as phones:
            phones.client("pair")
            before, host = evidence(phones), phones.host_id()
            answer = phones.client(*ERASE, ok=False)
            self.assertEqual("Acknowledged" in answer, answered, answer)
            if leaves:
                phones.until(lambda: phones.memory()["generation"] == 2, "leaving")
                phones.until(phones.present, "return")
            else:
                time.sleep(0.4)
                self.assertEqual(phones.memory()["generation"], 1)
            works = phones.client("session", host, ok=False) == "session\n"
            self.assertEqual(works, trust)
            if not works:
                phones.record().unlink()
            after = evidence(phones)
            self.assertEqual(after["key"] != before["key"], key)
            self.assertEqual((after["obliteration"], after["begins"]) != (before["obliteration"], before["begins"]), key)
            self.assertEqual(phones.old_blocks() == 0, gone)

    def test_liars(self):
        cases = (("returns-unerased", True, True, True, False, False),
                 ("done-but-keeps", True, True, False, False, False),
                 ("half-wipe", True, True, False, False, False),
                 ("error-chain", False, False, True, False, False),
                 ("no-reply", False, False, True, False, False),
                 ("eof", False, False, True, False, False),
                 ("vanishes", False, True, True, False, False),  # half of the data, all of the trust
                 ("drops-but-erases", False, True, False, True, True))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for case, done in [(case, pool.submit(self.check, *case)) for case in cases]:
                with self.subTest(case[0]):
                    done.result()

    def test_error_chain(self):
        with Phones(BIN, a={"faults": [{"kind": "error-chain"}]}) as phones:
            phones.client("pair")
            answer = phones.plist(*ERASE)
            self.assertEqual(answer["Status"], "Error")
            self.assertEqual(answer["ErrorChain"][0]["ErrorDomain"], "MCSettingsErrorDomain")

    def test_another_phone_returns(self):
        other = "00008030AAAAAAAAAAAAAAAA"
        with Phones(BIN, a={"with": FAST, "faults": [{"kind": "other-serial", "serial": other}]}) as phones:
            phones.client("pair")
            first = phones.udid()
            phones.client(*ERASE)
            phones.until(lambda: phones.present() == [f"{other[:8]}-{other[8:]}"], "another phone")
            self.assertNotEqual(first, phones.udid())

    def test_never_returns(self):
        with Phones(BIN, a={"with": FAST, "faults": [{"kind": "never-returns"}]}) as phones:
            phones.client("pair")
            phones.client(*ERASE)
            phones.until(lambda: not phones.present(), "leaving")
            time.sleep(0.6)
            self.assertEqual(phones.present(), [])

    def test_returns_locked(self):
        with Phones(BIN, a={"with": FAST, "faults": [{"kind": "returns-locked"}]}) as phones:
            phones.client("pair")
            self.assertEqual(evidence(phones)["locked"], b"NO")
            phones.client(*ERASE)
            phones.away_and_back()
            phones.record().unlink()
            self.assertEqual(evidence(phones)["locked"], b"YES")


class Hostile(unittest.TestCase):
    """These strike lockdown's first answer unless they are told where; muxd survives them all."""

    def test_replies(self):
        for fault in ("length-4g", "half-plist", "deep-nesting"):
            with self.subTest(fault), Phones(BIN, a={"faults": [{"kind": fault, "times": 1, "of": "lockdown"}]}) as phones:
                try:
                    # Some crash their host: not ours, and not the model.
                    subprocess.run(["ideviceinfo", "-s", "-u", phones.udid()], env=phones.env,
                                   capture_output=True, timeout=3, check=False)
                except subprocess.TimeoutExpired:
                    self.assertEqual(fault, "length-4g")
                self.assertIn("ProductType", phones.run("ideviceinfo", "-s", "-u", phones.udid()))

    def test_of_a_service(self):
        with Phones(BIN, a={"faults": [{"kind": "half-plist", "of": "MCInstall"}]}) as phones:
            phones.client("pair")
            self.assertEqual(phones.client("mc", "Flush", ok=False).split()[0], "mcinstall")

    def test_names(self):
        with Phones(BIN, a={"faults": [{"kind": "control-characters"}]},
                    b={"faults": [{"kind": "path-tricks"}], "serial": "00008030BBBBBBBBBBBBBBBB"}) as phones:
            phones.client("pair")
            phones.client("pair", name="b")
            # The library makes spaces of what it may not find in XML, and lets the others through.
            self.assertIn("\x7f", phones.client("value", "-", "DeviceName"))
            self.assertIn("../../../../etc", phones.client("value", "-", "DeviceName", name="b"))
            self.assertIn("../../../../etc/passwd", phones.client("list", "/", name="b").split())
            self.assertIn("\x1b", phones.client("list", "/"))

    def test_slow(self):
        with Phones(BIN, a={"faults": [{"kind": "slow", "milliseconds": 400, "times": 2}]}) as phones:
            began = time.monotonic()
            phones.run("ideviceinfo", "-s", "-u", phones.udid())
            self.assertGreater(time.monotonic() - began, 0.8)

    def test_storage_that_lies(self):
        with Phones(BIN, a={"storage": "1MiB", "faults": [{"kind": "fill-lies"}, {"kind": "no-space"}]}) as phones:
            phones.client("pair")
            size, _, error = phones.client("fill", "/fill").split()
            self.assertEqual((int(size), error), ((512 << 10) - (64 << 10), "18"))
            self.assertNotEqual(phones.client("read", "/fill").split()[0], size)


if __name__ == "__main__":
    unittest.main()
