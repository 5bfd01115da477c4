# SPDX-License-Identifier: Apache-2.0
"""Nothing but a confirmation starts an erasure: identifiers, digests, manifests, required fields."""
import json

from bench import Bench, main


class Confirm(Bench):
    KEYS = False

    def erase(self, status, *args, **kwargs):
        lines = self.run_lines(status, "erase", *args, "--json", **kwargs)
        return {line["target"]: line for line in lines if line["type"] == "result"}, lines

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return self.path(name)

    def test_wrong_identifier(self):
        self.emulated({"name": "a", "serial": "S-1"})
        for wrong in ("S-2", "S", "emu:a", "yes", "y", "", "0" * 8, "/dev/sda"):
            results, lines = self.erase(3, "emu:a", "--policy", "random-full", "--confirm", wrong)
            self.assertEqual(results["emu:a"]["outcome"], "refused", wrong)
            self.assertEqual(len(lines), 1)  # no job, so nothing was sent
        self.assertNoJobs()

    def test_digest_of_another_policy(self):
        self.emulated({"name": "a"})
        other = self.digest("emu:a", "nist-clear")[:8]
        self.erase(3, "emu:a", "--policy", "random-full", "--confirm", other)
        self.erase(3, "emu:a", "--policy", "random-full", "--confirm", self.digest("emu:a")[:7])
        self.erase(0, "emu:a", "--policy", "random-full", "--confirm", self.digest("emu:a")[:8])

    def test_each_value_for_one_target(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"})
        results, _ = self.erase(3, "emu:a", "emu:b", "--policy", "random-full", "--confirm", "S-1")
        self.assertEqual(results["emu:a"]["outcome"], "passed")
        self.assertEqual(results["emu:b"]["outcome"], "refused")
        results, _ = self.erase(0, "emu:a", "emu:b", "--policy", "random-full", "--confirm", "S-2",
                                "--confirm", "s-1")
        self.assertEqual({r["outcome"] for r in results.values()}, {"passed"})

    def test_repeated_serials(self):
        """A dock that gives all its drives one serial: it names none of them."""
        self.emulated({"name": "a", "serial": "DOCK"},
                      {"name": "b", "serial": "DOCK", "capacity": "8MiB"})
        results, _ = self.erase(3, "emu:a", "--policy", "random-full", "--confirm", "DOCK")
        self.assertIn("digest", results["emu:a"]["error"]["remedy"])
        self.erase(0, "emu:a", "--policy", "random-full", "--confirm", self.digest("emu:a")[:8])

    def test_twins(self):
        """Nothing tells them apart, not even the digest."""
        self.emulated({"name": "a"}, {"name": "b"})
        digest = self.digest("emu:a")
        self.assertEqual(digest, self.digest("emu:b"))
        results, _ = self.erase(3, "emu:a", "emu:b", "--policy", "random-full", "--confirm",
                                digest[:8])
        self.assertEqual({r["outcome"] for r in results.values()}, {"refused"})

    def test_twins_with_a_serial(self):
        """A digest is not offered where it would be refused too."""
        self.emulated({"name": "a", "serial": "DOCK"}, {"name": "b", "serial": "DOCK"})
        for more in (("--confirm", "DOCK"), ("--confirm", self.digest("emu:a")[:8]), ()):
            results, _ = self.erase(3, "emu:a", "--policy", "random-full", *more)
            self.assertIn("unplug one of them", results["emu:a"]["error"]["remedy"])

    def test_phones_that_go_by_one_name(self):
        """One that was not asked shows its UDID only: what else it shares nobody knows."""
        twins = [{"name": name, "phone": {"family": "ios"}} for name in ("ia", "ib")]
        other = {"name": "other", "serial": "00008030001C2D3E4F500AAA",
                 "phone": {"family": "ios", "with": ["maker_serial=F4GZX1OTHER"]}}
        self.emulate.append(self.write("phones.yaml", json.dumps({"devices": [*twins, other]})))
        policy = "nist-800-88r2-clear"
        digest = self.digest("emu:ia", policy)
        self.assertEqual(digest, self.digest("emu:ib", policy))
        for value in ("F4GZX1ABN735", "353226100000011", "00008030-001c2d3e4f50001e", digest,
                      digest[:8]):
            for targets in (("emu:ia",), ("emu:ia", "emu:ib")):
                results, _ = self.erase(3, *targets, "--policy", policy, "--confirm", value)
                for target in targets:
                    self.assertEqual(results[target]["outcome"], "refused", value)
                    self.assertIn("unplug one of them", results[target]["error"]["remedy"])
        csv = self.write("lot.csv", "identifier\nF4GZX1ABN735\n")
        self.erase(3, "emu:ia", "--policy", policy, "--confirm-from", csv)
        self.assertNoJobs()
        self.erase(0, "emu:other", "--policy", policy, "--confirm", "F4GZX1OTHER", "--no-page")

    def test_phones_that_share_one_of_their_names(self):
        """An IMEI that two of them show names neither; their serial numbers tell them apart."""
        self.emulate.append(self.write("phones.yaml", json.dumps({"devices": [
            {"name": name, "serial": f"00008030001C2D3E4F500{name}",
             "phone": {"family": "ios", "with": [f"maker_serial=F4GZX1ABN{name}"]}}
            for name in ("111", "222")]})))
        targets = ("emu:111", "emu:222", "--policy", "nist-800-88r2-clear", "--no-page")
        done = self.run_exit(3, "erase", *targets, "--confirm", "353226100000011")
        self.assertIn("2 attached devices answer to", done.stderr)
        # One that is no target, and was told apart by its UDID, says the same of itself.
        done = self.run_exit(3, "erase", targets[0], *targets[2:], "--confirm", "353226100000011")
        self.assertIn("2 attached devices answer to", done.stderr)
        self.assertNoJobs()
        csv = self.write("lot.csv", "identifier\nF4GZX1ABN111\nF4GZX1ABN222\n")
        self.erase(0, *targets, "--confirm-from", csv)

    def test_remedies_are_english(self):
        self.emulated({"name": "a"}, {"name": "b", "serial": "S-1"})
        for target, remedy in (("emu:a", "give the first 8 digits of its plan's digest"),
                               ("emu:b", "give its serial number")):
            results, _ = self.erase(3, target, "--policy", "random-full", "--confirm", "nothing")
            self.assertEqual(results[target]["error"]["remedy"], remedy)

    def test_a_confirmation_too_many(self):
        """Something was scanned that is no target: which scan it stands for nobody knows."""
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"},
                      {"name": "c", "serial": "S-3"})
        for targets in (("emu:a",), ("emu:a", "emu:b")):
            results, _ = self.erase(3, *targets, "--policy", "random-full", "--confirm", "S-1",
                                    "--confirm", "S-2" if len(targets) > 1 else "S-1",
                                    "--confirm", "S-3")
            for target in targets:
                self.assertIn("--confirm S-3 names none", results[target]["error"]["what"])
        self.assertNoJobs()
        # It stands for one that is not there.
        results, _ = self.erase(3, "emu:a", "emu:gone", "--policy", "random-full", "--confirm",
                                "S-1", "--confirm", "S-9")
        self.assertEqual(results["emu:a"]["outcome"], "passed")

    def test_a_field_twice(self):
        self.emulated({"name": "a", "serial": "S-1"})
        for twice in (("--field", "a=1", "--field", "a=2"), ("--lot", "1", "--lot", "2")):
            done = self.run_exit(2, "erase", "emu:a", "--policy", "random-full", *twice)
            self.assertIn("given twice", done.stderr)

    def test_policy_of_manifest_and_command_line(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"})
        csv = self.write("lot.csv", "identifier,policy\nS-1,random-full\nS-2,nist-clear\n")
        results, _ = self.erase(3, "--policy", "random-full", "--confirm-from", csv)
        self.assertEqual(results["emu:a"]["outcome"], "passed")
        self.assertIn("line 3 of the manifest wants policy nist-clear",
                      results["emu:b"]["error"]["what"])

    def test_one_asset_tag_for_many(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"})
        csv = self.write("lot.csv", "identifier\nS-1\nS-2\n")
        for targets in (("emu:a", "emu:b"), ()):
            done = self.run_exit(2, "erase", *targets, "--policy", "random-full", "--confirm-from",
                                 csv, "--asset-tag", "A-1")
            self.assertIn("--confirm-from", done.stderr)

    def test_same_device_twice(self):
        self.emulated({"name": "a", "serial": "S-1"})
        self.run_exit(2, "erase", "emu:a", "emu:a", "--policy", "random-full", "--confirm", "S-1")

    def test_manifest(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"},
                      {"name": "c", "serial": "S-3"})
        csv = self.write("lot.csv", "\ufeffidentifier,Asset Tag,lot,policy,customer,operator,shelf\r\n"
                                    "s-1,A-1,L-7,random-full,Miller,kim,\"top, left\"\r\n"
                                    "S-2,A-2,L-7,nist-clear,,,\r\n"
                                    "GONE,A-9,L-7,,,,\r\n")
        done = self.run_exit(0, "erase", "--confirm-from", csv, "--json")
        self.assertIn("line 4: GONE is not attached", done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        created = {line["target"]: line for line in lines if line["type"] == "job.created"}
        self.assertEqual(set(created), {"emu:a", "emu:b"})
        self.assertEqual(created["emu:a"]["record"], {"asset_tag": "A-1", "lot": "L-7",
                                                      "customer": "Miller", "operator": "kim"})
        self.assertEqual(created["emu:a"]["custom"], {"shelf": "top, left"})
        self.assertEqual(created["emu:a"]["confirmed"]["source"], "manifest")
        self.assertEqual(created["emu:b"]["plan"]["policy"]["id"], "nist-clear")

    def test_manifest_with_targets(self):
        self.emulated({"name": "a", "serial": "S-1"}, {"name": "b", "serial": "S-2"},
                      {"name": "c", "serial": "S-3"})
        ndjson = '{"identifier": "S-1", "asset_tag": "A-1"}\n\n{"identifier": "S-2"}\n'
        done = self.run_exit(3, "erase", "emu:a", "emu:c", "--policy", "random-full",
                             "--confirm-from", "-", "--json", stdin=ndjson)
        self.assertIn("S-2 is attached but not among the targets", done.stderr)
        results = {line["target"]: line["outcome"]
                   for line in map(json.loads, done.stdout.splitlines())
                   if line["type"] == "result"}
        self.assertEqual(results, {"emu:a": "passed", "emu:c": "refused"})

    def test_manifest_duplicates_are_refused(self):
        self.emulated({"name": "a", "serial": "S-1", "wwn": "5000c500a1b2c3d4"},
                      {"name": "b", "serial": "S-2"})
        csv = self.write("lot.csv", "identifier,asset_tag\nS-1,A-1\nS-2,A-2\n"
                                    "5000C500A1B2C3D4,A-3\n")
        results, _ = self.erase(3, "--policy", "random-full", "--confirm-from", csv)
        self.assertIn("lines 2 and 4", results["emu:a"]["error"]["what"])
        self.assertEqual(results["emu:b"]["outcome"], "passed")

    def test_manifest_that_names_nothing(self):
        self.emulated({"name": "a", "serial": "S-1"})
        csv = self.write("lot.csv", "identifier\nS-9\n")
        self.assertIn("lethe list", self.run_exit(3, "erase", "--policy", "random-full",
                                                  "--confirm-from", csv).stderr)

    def test_bad_manifests_start_nothing(self):
        self.emulated({"name": "a", "serial": "S-1"})
        for text in ("serial\nS-1\n", "identifier,outcome\nS-1,passed\n", "identifier\n\"S-1\n",
                     "identifier,lot\nS-1,a,b\n", "identifier,lot\n,a\n", "", "identifier\n",
                     "identifier,identifier\nS-1,S-1\n", '{"identifier": 1}\n', "{}\n",
                     '{"identifier": "S-1", "identifier": "S-1"}\n', "identifier,lot\nS-1,\x07\n"):
            done = self.run_cli("erase", "--policy", "random-full", "--confirm-from",
                                self.write("lot", text))
            self.assertEqual(done.returncode, 2, f"{text!r}: {done.stdout}{done.stderr}")
        self.assertNoJobs()

    def test_unknown_policy_in_manifest(self):
        self.emulated({"name": "a", "serial": "S-1"})
        csv = self.write("lot.csv", "identifier,policy\nS-1,no-such\n")
        results, _ = self.erase(3, "--confirm-from", csv)
        self.assertIn("no-such", results["emu:a"]["error"]["what"])

    def test_required_fields(self):
        """The policy's record fields are asked for before START, or named with their option."""
        self.emulated({"name": "a", "serial": "S-1"})
        args = ("--profiles", self.demanding_profiles(), "erase", "emu:a", "--policy",
                "random-full", "--confirm", "S-1", "--json")
        refused = self.run_lines(3, *args)[-1]
        self.assertIn("--asset-tag", refused["error"]["remedy"])
        refused = self.run_lines(3, *args, "--asset-tag", "A")[-1]
        self.assertIn("--field bay=", refused["error"]["remedy"])
        self.assertNoJobs()
        self.run_lines(0, *args, "--asset-tag", "A", "--field", "bay=3")


if __name__ == "__main__":
    main()
