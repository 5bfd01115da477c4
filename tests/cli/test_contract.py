# SPDX-License-Identifier: Apache-2.0
"""The command-line contract: what scripts and acceptance runs rely on."""
import json
import os
import shutil
import subprocess

from bench import LETHE, MIB, Bench, main


class Contract(Bench):
    def test_list_and_show(self):
        self.emulated({"name": "a", "serial": "S-1", "wwn": "5000c500a1b2c3d4"}, {"name": "b"})
        devices = {d["target"]: d for d in self.run_json(0, "list", "--json")}
        a = devices["emu:a"]
        self.assertEqual(a["substrate"], "emulated")
        self.assertEqual(a["in_use"], [])
        self.assertEqual(a["identity"]["capacity"], 4 * MIB)
        self.assertEqual(self.run_json(0, "show", "emu:a", "--json"), a)
        text = self.run_ok("list").stdout
        self.assertRegex(text, r"(?m)^emu:a .* S-1 .* 4\.2 MB .* 512/512 .* magnetic .* emulated$")

    def test_plan(self):
        plan = self.run_json(0, "plan", self.image(), "--policy", "nist-800-88r2-clear", "--json")
        for key in ("digest", "device", "steps", "claims", "limitations"):
            self.assertIn(key, plan)
        self.assertNotIn("refusal", plan)
        self.assertRegex(plan["digest"], "^[0-9a-f]{64}$")
        self.assertEqual(plan["device"]["in_use"], [])
        self.assertEqual(plan["claims"]["method"], "clear")

    def test_plan_refused(self):
        plan = self.run_json(3, "plan", self.image(), "--policy", "nist-800-88r2-purge", "--json")
        for key in ("reason", "effect", "remedy"):
            self.assertTrue(plan["refusal"][key])
        self.assertIn("device", plan)
        text = self.run_exit(3, "plan", self.image(), "--policy", "nist-800-88r2-purge").stderr
        self.assertIn(plan["refusal"]["remedy"], text)

    def test_plan_of_what_is_no_device(self):
        """Refused like anything else: an object with the refusal, and status 3."""
        def of(name, data):
            with open(self.path(name), "wb") as file:
                file.write(data)
            return self.path(name)
        sector = bytearray(1000)
        sector[510:512] = b"\x55\xaa"
        targets = {of("README.md", b"x" * 1000): "does not look like a disk image",
                   of("id_ecdsa", b"x" * 100): "does not look like a disk image",
                   of("empty.img", b""): "is empty", of("odd.img", b"x" * 1000): "1000 bytes",
                   of("boot", sector): "1000 bytes", self.dir: "neither a block device nor",
                   self.path("missing"): "missing", "/dev/null": "neither a block device nor",
                   "emu:none": "emu:none"}
        for target, what in targets.items():
            plan = self.run_json(3, "plan", target, "--policy", "random-full", "--json")
            self.assertIsNone(plan["device"])
            for key in ("reason", "effect", "remedy"):
                self.assertTrue(plan["refusal"][key], target)
            self.assertIn(what, plan["refusal"]["reason"])
            # A command that changes a file only for what is an image by all appearances.
            self.assertEqual("truncate" in plan["refusal"]["remedy"],
                             target.endswith(("odd.img", "/boot")), target)
            self.assertIn(plan["refusal"]["remedy"],
                          self.run_exit(3, "plan", target, "--policy", "random-full").stderr)
            result = self.run_lines(3, "erase", target, "--policy", "random-full", "--confirm",
                                    "x", "--json")[-1]
            self.assertIsNone(result["substrate"])
            self.assertEqual(result["error"]["what"], plan["refusal"]["reason"])
        # Names of files may be anything, and a command is one that a shell understands.
        name = of("two words.img", b"x" * 1000)
        plan = self.run_json(3, "plan", name, "--policy", "random-full", "--json")
        self.assertIn(f"truncate -s %512 '{name}'", plan["refusal"]["remedy"])
        name = os.path.join(self.dir, "\udcff\udcfe")  # no UTF-8
        plan = self.run_json(3, "plan", name, "--policy", "random-full", "--json")
        self.assertIn("??", plan["refusal"]["reason"])
        result = self.run_lines(3, "erase", name, "--policy", "random-full", "--json")[-1]
        self.assertEqual((result["outcome"], result["substrate"]), ("refused", None))
        # Wrong usage stays wrong usage.
        with open(self.path("bad.yaml"), "w", encoding="ascii") as file:
            file.write("devices: 7\n")
        self.run_exit(2, "--emulate", self.path("bad.yaml"), "plan", "emu:a", "--policy",
                      "random-full", "--json")
        self.run_exit(2, "plan", self.path("missing"), "--policy", "no-such", "--json")

    def test_a_policy_that_verifies_nothing(self):
        shutil.copytree(os.path.join(os.path.dirname(__file__), "../../profiles"),
                        self.path("profiles"))
        name = self.path("profiles/policies/random-full.yaml")
        with open(name, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("mode: full", text)
        with open(name, "w", encoding="utf-8") as file:
            file.write(text.replace("mode: full", "mode: none"))
        plan = self.run_json(3, "--profiles", self.path("profiles"), "plan", self.image(),
                             "--policy", "random-full", "--json")
        self.assertIn("verified", plan["refusal"]["reason"])

    def test_nobody_confirms(self):
        """No terminal, no --confirm, no manifest: refused, and told what would confirm."""
        image = self.image()
        result = self.run_lines(3, "erase", image, "--policy", "random-full", "--json")[-1]
        self.assertIn("--confirm", result["error"]["remedy"])
        self.assertEqual((result["outcome"], result["substrate"]), ("refused", "image"))
        done = self.run_exit(3, "erase", image, "--policy", "random-full", "--confirm-from", "-",
                             stdin="identifier\nS-9\n")
        self.assertIn("remedy: --confirm", done.stdout)
        self.assertNoJobs()

    def test_relative_state(self):
        """Paths in results lead there from anywhere."""
        self.emulated({"name": "a", "serial": "S-1"})
        done = subprocess.run([LETHE, "--state", "here", "--emulate", self.emulate[0], "erase",
                               "emu:a", "--policy", "random-full", "--confirm", "S-1", "--json"],
                              cwd=self.dir, env=self.env, capture_output=True, check=True)
        result = json.loads(done.stdout.splitlines()[-1])
        self.assertTrue(result["certificate"].startswith(os.path.realpath(self.dir) + "/here/"))
        self.assertTrue(os.path.exists(result["certificate"]))

    def test_every_shipped_policy_is_planned_or_refused_with_a_remedy(self):
        self.emulated({"name": "disk", "serial": "S"}, {"name": "stick", "media": "flash"})
        for policy in self.run_json(0, "policy", "list", "--json"):
            for target in ("emu:disk", "emu:stick"):
                done = self.run_cli("plan", target, "--policy", policy["id"], "--json")
                plan = json.loads(done.stdout)
                if done.returncode == 3:
                    self.assertTrue(plan["refusal"]["remedy"], policy["id"])
                else:
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertIn("digest", plan)

    def test_erase(self):
        image = self.image()
        digest = self.digest(image)
        lines = self.run_lines(0, "erase", image, "--policy", "random-full", "--confirm",
                               digest[:8], "--operator", "kim", "--asset-tag", "A-1", "--lot", "L",
                               "--customer", "C", "--field", "shelf=7", "--json")
        self.assertEqual(lines[0]["type"], "job.created")
        self.assertEqual(lines[0]["record"], {"operator": "kim", "asset_tag": "A-1", "lot": "L",
                                              "customer": "C"})
        self.assertEqual(lines[0]["custom"], {"shelf": "7"})
        result = lines[-1]
        self.assertEqual(result["type"], "result")
        self.assertEqual([line["type"] for line in lines].count("result"), 1)
        self.assertEqual((result["outcome"], result["method"], result["substrate"]),
                         ("passed", "clear", "image"))
        self.assertTrue(result["policy_met"])
        self.assertEqual(result["exit"], 0)
        self.assertTrue(os.path.exists(result["certificate"]))
        self.assertTrue(result["certificate"].startswith(self.state))

        job = result["job"]
        self.run_ok("cert", "export", job, "--format", "sd-jwt", "-o", self.path("c.jwt"))
        with open(self.path("c.jwt"), encoding="ascii") as a, \
                open(result["certificate"], encoding="ascii") as b:
            self.assertEqual(a.read(), b.read())
        claims = self.run_json(0, "cert", "show", job, "--json")
        self.assertEqual(claims["job"], job)
        self.assertEqual(claims["custom"], {"shelf": "7"})
        for lang in ("en", "zh", "both"):
            self.run_ok("cert", "export", job[:13], "--format", "html", "--lang", lang, "-o",
                        self.path(lang))
            with open(self.path(lang), encoding="utf-8") as page:
                self.assertIn("<html", page.read())
        self.run_exit(2, "cert", "export", job, "--format", "docx")
        self.assertEqual(self.run_json(0, "cert", "list", "--json")[0]["job"], job)
        row = self.run_json(0, "jobs", "--json")[0]
        self.assertEqual((row["job"], row["outcome"], row["open"], row["certified"]),
                         (job, "passed", False, True))
        self.assertTrue(row["policy_met"])
        self.assertNotIn("passed,", self.run_ok("jobs").stdout)
        shown = self.run_json(0, "job", "show", job, "--json")
        self.assertEqual(shown["job"]["outcome"], "passed")
        self.assertEqual(shown["events"][0]["type"], "job.created")
        self.assertEqual(shown["events"][-1]["type"], "certificate.issued")
        self.assertNotIn("progress", [event["type"] for event in shown["events"]])
        self.run_ok("job", "show", job)
        self.run_ok("log", "check")

    def test_nothing_but_ndjson(self):
        """Also where people would be nagged, and with everything that can go wrong in one run."""
        self.emulated({"name": "good", "serial": "GOOD-1"},
                      {"name": "liar", "serial": "LIAR-1", "faults": [{"kind": "drop-writes"}]},
                      {"name": "none", "serial": "NONE-1"})
        lines = self.run_lines(5, "erase", "emu:good", "emu:liar", "emu:none", "emu:missing",
                               "--policy", "random-full", "--confirm", "GOOD-1", "--confirm",
                               "LIAR-1", "--json")
        results = {line["target"]: line for line in lines if line["type"] == "result"}
        self.assertEqual(results["emu:good"]["outcome"], "passed")
        self.assertEqual(results["emu:liar"]["outcome"], "failed")
        for target in ("emu:none", "emu:missing"):
            self.assertEqual(results[target]["outcome"], "refused")
            self.assertEqual(results[target]["exit"], 3)
            self.assertIsNone(results[target]["certificate"])
            for key in ("code", "what"):
                self.assertTrue(results[target]["error"][key])
        self.assertEqual(lines[-1]["type"], "result")

    def test_emulated_needs_no_keys_but_an_image_does(self):
        self.state = self.path("fresh")
        self.emulated({"name": "a", "serial": "S-1"})
        lines = self.run_lines(0, "erase", "emu:a", "--policy", "random-full", "--confirm", "s-1",
                               "--json")
        self.assertEqual(lines[-1]["substrate"], "emulated")
        image = self.image()
        lines = self.run_lines(3, "erase", image, "--policy", "random-full", "--confirm",
                               self.digest(image)[:8], "--json")
        self.assertIn("lethe keys init", lines[-1]["error"]["remedy"])

    def test_faults_make_it_emulated(self):
        image = self.image()
        with open(self.path("faults.json"), "w", encoding="utf-8") as file:
            json.dump({"faults": [{"kind": "drop-writes", "from": "1MiB"}]}, file)
        fault = ("--fault", self.path("faults.json"))
        # Its plan is another one: what it claims differs.
        lines = self.run_lines(3, "erase", image, "--policy", "random-full", "--confirm",
                               self.digest(image)[:8], *fault, "--json")
        self.assertEqual(lines[-1]["substrate"], "emulated")
        text = self.run_exit(3, "erase", image, "--policy", "random-full", *fault).stdout
        digest = text.split("digest")[1].split()[0]
        lines = self.run_lines(5, "erase", image, "--policy", "random-full", "--confirm", digest,
                               *fault, "--json")
        self.assertEqual((lines[-1]["outcome"], lines[-1]["substrate"]), ("failed", "emulated"))

    def test_without_a_record_nothing_is_erased(self):
        """A state directory that can't be: each target has its refusal, also in JSON."""
        with open(self.path("file"), "w", encoding="ascii"):
            pass
        self.state = self.path("file")
        self.emulated({"name": "a", "serial": "S-1"})
        line, = self.run_lines(3, "erase", "emu:a", "--policy", "random-full", "--confirm", "S-1",
                               "--json")
        self.assertEqual((line["type"], line["outcome"]), ("result", "refused"))
        self.assertIn("nothing was sent", line["error"]["effect"])

    def test_profiles(self):
        self.emulated({"name": "a"},
                      {"name": "b", "controller": {"kind": "nvme", "bridge": "jmicron-nvme"}})
        why = self.run_json(0, "profile", "explain", "emu:a", "--json")
        self.assertEqual(why["chosen"], "emulated-disk")
        self.run_ok("profile", "explain", "emu:a")
        self.assertIn("emulated-disk", self.run_ok("profile", "list").stdout)
        why = self.run_json(0, "profile", "explain", "emu:b", "--json")
        self.assertEqual(why["quirks"], {"path": "nvme-jmicron", "words": ["resets-on-nvme-probe"]})
        self.assertIn("quirks: path nvme-jmicron, resets-on-nvme-probe",
                      self.run_ok("profile", "explain", "emu:b").stdout)
        known = {one["id"]: one for one in self.run_json(0, "profile", "list", "--json")}
        self.assertGreaterEqual(len(known), 100)
        self.assertEqual(known["samsung-t5"]["quirks"],
                         {"path": "sat16", "words": ["weak-encryption"]})
        self.assertTrue(all(one["source"] and one["limitations"] and
                            all(t["evidence"] for t in one["techniques"])
                            for one in known.values()))
        source = os.path.join(os.path.dirname(__file__), "../../profiles")
        good = [source + "/devices/usb-flash.yaml", source + "/policies/r2v3.yaml"]
        lines = self.run_lines(0, "profile", "check", *good, "--json")
        self.assertTrue(all(line["ok"] for line in lines))
        with open(good[1], encoding="utf-8") as file, \
                open(self.path("bad.yaml"), "w", encoding="utf-8") as bad:
            bad.write(file.read() + "\nsurprise: 1\n")
        done = self.run_exit(2, "profile", "check", self.path("bad.yaml"))
        self.assertIn("bad.yaml:", done.stderr)
        self.assertIn("verify", self.run_ok("policy", "show", "gb-46864-2025").stdout)

    def test_keys(self):
        info = self.run_json(0, "keys", "show", "--json")
        self.assertEqual((info["organisation"], info["bench"], info["root_on_bench"]),
                         ("Acme", "bench-1", True))
        self.assertTrue(os.path.exists(os.path.join(self.state, "trust/root.pem")))
        self.assertIn("export-root", self.run_ok("keys", "show").stderr)
        self.assertEqual(self.run_ok("keys", "show", "--json").stderr, "")
        self.run_exit(3, "keys", "init", "--org", "B", "--bench", "c")
        self.run_ok("keys", "export-root", self.path("root.key"))
        self.assertNotIn("export-root", self.run_ok("keys", "show").stderr)
        self.assertFalse(self.run_json(0, "keys", "show", "--json")["root_on_bench"])
        self.assertNotEqual(self.run_cli("keys", "renew").returncode, 0)
        self.run_ok("keys", "renew", "--root-key", self.path("root.key"), "--days", "30")

    def test_passphrase(self):
        self.state = self.path("locked")
        with open(self.path("secret"), "w", encoding="ascii") as file:
            file.write("open sesame\nnot this\n")
        self.run_ok("keys", "init", "--org", "A", "--bench", "b", "--passphrase-file",
                    self.path("secret"))
        image = self.image()
        erase = ("erase", image, "--policy", "random-full", "--confirm", self.digest(image)[:8],
                 "--json")
        refused = self.run_lines(3, *erase)[-1]
        self.assertIn("--passphrase-file", refused["error"]["remedy"])
        self.run_lines(0, "--passphrase-file", self.path("secret"), *erase)
        self.run_lines(0, *erase, env={"LETHE_PASSPHRASE_FILE": self.path("secret")})
        with open(self.path("secret"), "w", encoding="ascii") as file:
            file.write("wrong\n")
        self.assertEqual(self.run_lines(3, "--passphrase-file", self.path("secret"),
                                        *erase)[-1]["outcome"], "refused")


if __name__ == "__main__":
    main()
