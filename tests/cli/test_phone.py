# SPDX-License-Identifier: Apache-2.0
"""Phones and tablets as an operator meets them: listed, shown, let in, reset by hand, attested."""
import json
import os
import signal
import subprocess
import time
import unicodedata

from bench import LETHE, Bench, Terminal, main

POLICY = "nist-800-88r2-clear"


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Phones(Bench):
    KEYS = False

    def setUp(self):
        super().setUp()
        self.env = {**self.env, "LETHE_POLL_MS": "50", "LETHE_AWAY_SECONDS": "20",
                    "LETHE_ATTEST_SECONDS": "20"}

    def phones(self, *devices):
        path = self.path("phones.yaml")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"devices": list(devices)}, file)
        self.emulate.append(path)

    def assertFits(self, text):
        for line in text.splitlines():
            if line.startswith("substrate"):
                continue  # it names a file of this test
            self.assertLessEqual(columns(line), 80, line)

    def test_what_they_say_of_themselves(self):
        self.phones({"name": "apple", "phone": {"personality": "iphone", "with": ["find_my=true"]}},
                    {"name": "droid", "serial": "DROID1", "phone": {"personality": "pixel-15"}},
                    {"name": "shut", "serial": "SHUT1", "phone": {"personality": "pixel-15",
                                                                  "with": ["adb=false"]}})
        listed = {d["target"]: d for d in self.run_json(0, "list", "--json")}
        for name, mode in (("apple", "normal"), ("droid", "normal"), ("shut", "closed")):
            phone = listed[f"emu:{name}"]["firmware"]["phone"]
            self.assertEqual(phone["mode"], mode)
            self.assertEqual(listed[f"emu:{name}"]["identity"]["capacity"], 0)
        text = self.run_ok("list").stdout
        self.assertIn("Find My is on", text)
        for name in ("apple", "droid", "shut"):
            shown = self.run_ok("show", f"emu:{name}")
            self.assertFits(shown.stdout)
            self.assertRegex(shown.stdout, r"(?m)^state +its system runs")
        self.assertRegex(self.run_ok("show", "emu:shut").stdout, r"(?m)^advice ")

    def test_list_fits_a_terminal(self):
        self.phones({"name": "shut", "serial": "SHUT1", "phone": {"personality": "pixel-15",
                                                                  "with": ["adb=false"]}})
        terminal = Terminal(self, "list")
        self.assertEqual(terminal.wait(), 0)
        told = terminal.text().split("emu:shut", 1)[1]
        self.assertIn("then System > Developer options > USB debugging", " ".join(told.split()))
        self.assertFits(told)

    def test_let_in_when_somebody_asks_for_it(self):
        self.phones({"name": "droid", "serial": "DROID1", "phone": {"personality": "pixel-15"}},
                    {"name": "deaf", "serial": "DEAF1", "phone": {"personality": "pixel-15",
                                                                 "faults": [{"kind": "unauthorised"}]}})
        refused = self.run_exit(3, "erase", "emu:droid", "--policy", POLICY, "--confirm", "DROID1")
        self.assertIn("lets nobody in", refused.stdout + refused.stderr)
        self.assertIn("Allow", self.run_ok("pair", "emu:droid").stderr)
        self.assertEqual(self.run_json(0, "show", "emu:droid", "--json")["firmware"]["phone"]["access"],
                         "granted")
        self.run_exit(2, "pair")
        self.emulated({"name": "drive"})
        self.assertIn("no phone or tablet", self.run_exit(3, "pair", "emu:drive").stderr)

    def test_named_by_what_list_shows(self):
        self.phones({"name": "droid", "serial": "UNIQ0001", "phone": {"personality": "pixel-15"}},
                    {"name": "apple", "phone": {"family": "ios"}},
                    {"name": "one", "serial": "TWICE", "phone": {"personality": "pixel-15"}},
                    {"name": "two", "serial": "TWICE", "phone": {"personality": "pixel-15"}})
        for name, target in (("UNIQ0001", "emu:droid"), ("phone:uniq0001", "emu:droid"),
                             ("00008030-001C2D3E4F50001E", "emu:apple")):
            self.assertEqual(self.run_json(0, "show", name, "--json")["target"], target)
        self.run_ok("pair", "UNIQ0001")
        self.assertIn("both answer to", self.run_exit(3, "show", "TWICE").stderr)
        self.run_exit(2, "show", "phone:")

    def test_a_lock_that_nobody_can_ask(self):
        """Find My's "no" of a phone in use lets it be erased, and what was not asked is said."""
        self.phones({"name": "mute", "phone": {"family": "ios", "with": ["activation_lock=true",
                                                                         "hides_nvram=true"]}})
        done = self.run_ok("plan", "emu:mute", "--policy", POLICY)
        self.assertIn("Locks not checked: activation-lock.", done.stdout)
        self.run_ok("erase", "emu:mute", "--policy", POLICY, "--confirm", "F4GZX1ABN735", "--no-page")
        job = self.run_json(0, "jobs", "--json")[0]["job"]
        events = self.run_json(0, "job", "show", job, "--json")["events"]
        said = [e for e in events if e["type"] == "job.end"][0]["limitations"]
        self.assertIn("Locks not checked: activation-lock.", said)
        self.assertIn("Locks not checked after the erasure: activation-lock.", said)

    def test_it_came_back_locked(self):
        """Its data is gone, so that to erase it again would help nobody."""
        self.phones({"name": "apple", "phone": {"family": "ios",
                                                "faults": [{"kind": "returns-locked"}]}})
        lines = self.run_lines(6, "erase", "emu:apple", "--policy", POLICY, "--confirm", "F4GZX1ABN735",
                               "--no-page", "--json")
        self.assertEqual(lines[-1]["outcome"], "indeterminate")
        self.assertIn("seller must remove it from the account", lines[-1]["error"]["remedy"])
        self.assertNotIn("slot", lines[-1]["error"]["remedy"])

    def test_what_is_said_of_locks_that_were_asked(self):
        self.phones({"name": "apple", "phone": {"family": "ios"}})
        self.assertNotIn("not checked", self.run_ok("plan", "emu:apple", "--policy", POLICY).stdout)

    def test_nobody_can_show_what_the_policy_asks_for(self):
        self.phones({"name": "apple", "phone": {"family": "ios"}})
        done = self.run_exit(5, "erase", "emu:apple", "--policy", "gb-46864-2025", "--confirm",
                             "F4GZX1ABN735", "--no-page")
        self.assertIn("policy NOT met: not demonstrable", done.stdout)

    def test_what_answers_in_no_way_says_what_to_do_as_a_real_one(self):
        says = {"recovery": "Reboot system now", "download": "Samsung's download mode", "edl": "signed loader",
                "closed": "USB debugging is off"}
        self.phones(*[{"name": mode, "serial": f"S-{mode}", "phone": {"personality": "pixel-15", "mode": mode}}
                      for mode in says],
                    {"name": "dfu", "phone": {"personality": "iphone", "mode": "dfu"}})
        told = {d["target"]: d["firmware"]["phone"]["advice"]
                for d in json.loads(self.run_ok("list", "--json").stdout) if d["target"].startswith("emu:")}
        for mode, words in {**says, "dfu": "DFU mode"}.items():
            self.assertIn(words, told[f"emu:{mode}"])

    def test_by_hand_is_advised_once_and_where_it_can_be_done(self):
        self.phones(*[{"name": mode, "serial": f"S-{mode}",
                       "phone": {"personality": "pixel-15", "mode": mode}}
                      for mode in ("recovery", "download", "edl", "closed")])
        for mode, times in (("recovery", 0), ("closed", 1), ("download", 0), ("edl", 0)):
            done = self.run_exit(3, "plan", f"emu:{mode}", "--policy", POLICY)
            self.assertEqual(done.stderr.count("--guided"), times, done.stderr)

    def test_a_worker_dies_while_it_brings_the_phone_elsewhere(self):
        """Nothing that erases was sent by then, and that is said."""
        self.phones({"name": "droid", "serial": "DROID1",
                     "phone": {"personality": "pixel-15",
                               "faults": [{"kind": "slow", "milliseconds": 400}]}})
        self.run_ok("pair", "emu:droid")
        process = subprocess.Popen(
            self.command("erase", "emu:droid", "--policy", POLICY, "--confirm", "DROID1", "--json",
                         "--no-page"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        for line in process.stdout:
            if json.loads(line)["type"] == "step.begin":
                break
        children = subprocess.run(["pgrep", "-P", str(process.pid)], capture_output=True, text=True,
                                  check=True).stdout.split()
        os.kill(int(children[-1]), signal.SIGKILL)
        lines = [json.loads(line) for line in process.communicate(timeout=60)[0].splitlines()]
        self.assertEqual(process.returncode, 3, lines)
        error = lines[-1]["error"]
        self.assertIn("Killed", error["what"])
        self.assertEqual(error["effect"], "nothing that erases was sent to the device")

    def locked_late(self, phone, serial, policy, state, said, sent):
        self.emulate = []
        self.phones({"name": "late", "serial": serial, "phone": phone} if "DROID" in serial
                    else {"name": "late", "phone": phone})
        memory = self.path("phones.yaml.late.phone")
        if os.path.exists(memory):
            os.remove(memory)
        self.run_ok("pair", "emu:late")
        terminal = Terminal(self, "erase", "emu:late", "--policy", policy, "--no-page")
        terminal.expect("serial number of emu:late")
        with open(memory, encoding="utf-8") as file:
            phone = json.load(file)
        phone["state"].update(state)
        with open(memory, "w", encoding="utf-8") as file:
            json.dump(phone, file, separators=(",", ":"))
        terminal.send(serial + "\n")
        self.assertEqual(terminal.wait(), 3, terminal.text()[-2000:])
        text = " ".join(terminal.text().split())
        self.assertRegex(text, r"emu:late: \S*refused")
        self.assertIn(said, text)
        self.assertIn(sent, text)
        with open(memory, encoding="utf-8") as file:
            self.assertEqual(json.load(file)["erased"], 0)

    def test_locked_behind_the_plan(self):
        """While the serial number is waited for somebody signs in, or a profile comes: refused, nothing sent."""
        apple = {"personality": "iphone"}
        for state, said in (({"find_my": True}, "locked to its owner"),
                            ({"assigned": True}, "assigned to an organisation"),
                            ({"profile": True}, "whether an organisation manages it")):
            self.locked_late(apple, "F4GZX1ABN735", POLICY, state, said, "nothing was sent: it is NOT erased")
        for policy in (POLICY, "gb-46864-2025"):
            self.locked_late({"personality": "pixel-15"}, "DROID1", policy, {"accounts": 2, "frp": True},
                             "accounts are signed in on it by now", "nothing that erases was sent")

    def test_resumed_while_it_restarts(self):
        """Told to erase itself by a bench that died, and not back yet: awaited, and no refused one."""
        self.phones({"name": "apple", "phone": {"personality": "iphone", "with": ["away_ms=9000"]}})
        self.run_ok("pair", "emu:apple")
        process = subprocess.Popen(
            self.command("erase", "emu:apple", "--policy", POLICY, "--confirm", "F4GZX1ABN735", "--json",
                         "--no-page"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=self.env)
        self.addCleanup(process.communicate)
        job = self.await_event(process, "window.open")["job"]
        process.kill()
        process.wait()
        time.sleep(1)  # it answers, and then it leaves
        result = self.run_lines(6, "resume", "--json", "--no-page")[-1]
        self.assertEqual((result["outcome"], result["open"], result["exit"], result["job"]),
                         ("none", True, 6, job))
        self.assertIn("the job stays open", result["error"]["effect"])
        self.assertIn("leave it plugged in until it has started again", result["error"]["remedy"])
        self.assertIn(f"lethe resume --abandon {job[:13]}", result["error"]["remedy"])
        self.assertNotIn("generation", result["error"]["what"])
        said = self.run_exit(6, "resume", "--no-page").stdout
        self.assertIn("emu:apple: still open", said)
        emulate, self.emulate = self.emulate, []
        self.phones({"name": "other", "phone": {"personality": "pixel-15"}})  # the wrong file
        wrong = self.run_exit(6, "resume", "--no-page").stdout
        self.assertIn("give the --emulate FILE that has it", " ".join(wrong.split()))
        self.emulate = emulate
        with open(self.path("phones.yaml"), "w", encoding="utf-8") as file:
            json.dump({"devices": [{"name": "apple", "phone": {"personality": "iphone",
                                                               "with": ["away_ms=9000"]}}]}, file)
        for _ in range(40):
            done = self.run_cli("resume", "--json", "--no-page")
            if done.returncode != 6:
                break
            time.sleep(0.5)
        self.assertEqual((done.returncode, json.loads(done.stdout.splitlines()[-1])["outcome"]), (0, "passed"))

    def test_one_word_of_many_at_once(self):
        """Who is told that their word is taken is whose word is recorded."""
        process, job = self.begin("shut", {"personality": "pixel-15", "mode": "closed"})
        self.replug("shut")
        self.await_event(process, "window.closed")
        self.await_event(process, "step.end")
        names = ["Ann One", "Bob Two", "Cid Three", "Dee Four", "Eve Five", "Fay Six"]
        asked = {name: subprocess.Popen(self.command("job", "attest", job, "--operator", name), env=self.env,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE) for name in names}
        told = [name for name, one in asked.items() if one.communicate() and one.returncode == 0]
        self.assertEqual(len(told), 1)
        said = [e for e in map(json.loads, process.communicate()[0].splitlines())
                if e["type"] == "operator.attested"]
        self.assertEqual([e["name"] for e in said], told)

    def test_what_is_of_another_sort_of_device(self):
        self.phones({"name": "apple", "phone": {"family": "ios"}},
                    {"name": "disk", "serial": "DISK7", "capacity": "8MiB", "media": "magnetic"})
        done = self.run_exit(3, "erase", "emu:disk", "--policy", POLICY, "--imei", "356938035643809",
                             "--confirm", "DISK7", "--no-page")
        self.assertIn("is no phone or tablet", done.stdout + done.stderr)
        self.assertIn("no phone has that", self.run_exit(2, "erase", "emu:apple", "--policy", POLICY, "--imei",
                                                         "000000000000000").stderr)
        psid = "ABCDEFGH12345678ABCDEFGH12345678"
        self.assertIn("a phone or tablet has none",
                      self.run_exit(3, "plan", "emu:apple", "--policy", POLICY, "--psid", "ABC").stderr)
        done = self.run_exit(3, "erase", "emu:apple", "--policy", POLICY, "--psid", psid, "--confirm",
                             "F4GZX1ABN735", "--no-page")
        self.assertIn("a phone or tablet has none", done.stdout + done.stderr)

    def test_imei(self):
        self.phones({"name": "apple", "phone": {"personality": "iphone"}})
        self.assertIn("does not fit", self.run_exit(2, "erase", "emu:apple", "--policy", POLICY, "--imei",
                                                    "356938035643808").stderr)
        other = self.run_exit(3, "erase", "emu:apple", "--policy", POLICY, "--imei", "356938035643809")
        self.assertIn("its own is 353226100000011", other.stdout + other.stderr)

    def by_hand(self, *options):
        self.phones({"name": "droid", "serial": "DROID1",
                     "phone": {"personality": "with-accounts", "with": ["person=confirms"]}})
        self.run_ok("pair", "emu:droid")
        return Terminal(self, *options, "erase", "emu:droid", "--policy", POLICY, "--guided",
                        "--for-destruction", "--imei", "scanned:356938035643809", "--no-page")

    def test_by_hand_and_a_name_is_typed(self):
        terminal = self.by_hand("--lang", "both")
        terminal.expect(r"serial number of emu:droid")
        terminal.send("DROID1\n")
        terminal.expect("在手机屏幕上选择")
        terminal.expect(r" 1\. Somebody would unlock it")
        terminal.expect("清除所有数据")
        terminal.send("Too Early\n")  # before anything could be seen: no answer to what comes
        terminal.expect(r"type your full name", 60)
        terminal.send("Li Hua\n")
        self.assertEqual(terminal.wait(), 8, terminal.text()[-3000:])
        self.assertRegex(terminal.text(), r"emu:droid: .*operator-attested")
        job = self.run_json(0, "jobs", "--json")[0]["job"]
        events = self.run_json(0, "job", "show", job, "--json")["events"]
        said = [e for e in events if e["type"] == "operator.attested"]
        self.assertEqual([e["name"] for e in said], ["Li Hua"])
        identifiers = events[0]["plan"]["identity"]["identifiers"]
        self.assertIn({"kind": "imei", "source": "scanned", "value": "356938035643809"}, identifiers)
        # it is over: nothing can be added
        self.assertIn("has ended", self.run_exit(3, "job", "attest", job, "--operator", "X").stderr)

    def test_by_hand_and_nobody_says_so(self):
        self.env["LETHE_ATTEST_SECONDS"] = "1"
        terminal = self.by_hand()
        terminal.expect(r"serial number of emu:droid")
        terminal.send("DROID1\n")
        self.assertEqual(terminal.wait(), 6, terminal.text()[-3000:])
        self.assertNotRegex(terminal.text(), r"emu:droid: .*attested,")

    def begin(self, name, phone):
        """A job by hand that waits for its phone; the phone's memory is this test's to change."""
        self.phones({"name": name, "phone": phone})
        self.run_ok("list")
        if phone.get("family") == "ios":
            self.run_ok("pair", f"emu:{name}")
        digest = self.run_json(0, "plan", f"emu:{name}", "--policy", POLICY, "--guided",
                               "--json")["digest"]
        process = subprocess.Popen(
            self.command("erase", f"emu:{name}", "--policy", POLICY, "--guided", "--json", "--no-page",
                         "--confirm", digest),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.env)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process, self.await_event(process, "window.open")["job"]

    def await_event(self, process, kind):
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == kind:
                return event
        raise AssertionError(f"no {kind}")

    def replug(self, name):
        """Away and back, with all that is on it."""
        path = self.path(f"phones.yaml.{name}.phone")
        with open(path, encoding="utf-8") as file:
            memory = json.load(file)
        memory["away_until"] = int(time.time() * 1000) + 1000
        memory["generation"] += 1
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(memory, file)
        os.replace(path + ".new", path)

    def left(self, job):
        return os.path.join(self.state, "attest", job + ".json")

    def leave(self, job, attestation):
        os.makedirs(os.path.dirname(self.left(job)), exist_ok=True)
        with open(self.left(job), "w", encoding="utf-8") as file:
            file.write(attestation)

    def test_attested_once_it_is_back(self):
        process, job = self.begin("shut", {"personality": "pixel-15", "mode": "closed"})
        early = self.run_exit(3, "job", "attest", job, "--operator", "Li Hua").stderr
        self.assertIn("has not left its port and come back", early)
        self.assertIn("wait until it is back", early)
        self.assertFalse(os.path.exists(self.left(job)))
        # Left all the same, by whatever wrote it there.
        self.leave(job, json.dumps({"name": "Too Early", "statement": "I saw it", "photo": "",
                                    "given": int(time.time() * 1000)}))
        self.replug("shut")
        closed = self.await_event(process, "window.closed")
        self.assertTrue(closed["ok"])
        for _ in range(200):
            if not os.path.exists(self.left(job)):
                break
            time.sleep(0.05)
        # None of these ends the job, or stays.
        later = int(time.time() * 1000) + 1000
        for bad in ({"name": "\u00a0 ", "statement": "I saw it", "photo": "", "given": later},
                    {"name": "x" * 300, "statement": "I saw it", "photo": "", "given": later},
                    {"name": "Li Hua", "statement": "I saw it", "photo": ""}, "no JSON"):
            self.leave(job, bad if isinstance(bad, str) else json.dumps(bad))
            for _ in range(200):
                if not os.path.exists(self.left(job)):
                    break
                time.sleep(0.05)
            self.assertFalse(os.path.exists(self.left(job)), bad)
            self.assertIsNone(process.poll())
        for name, why in (("  ", "nothing to see in the name"),
                          ("\u00a0", "nothing to see in the name"),
                          ("x" * 257, "longer than 256 bytes")):
            self.assertIn(why, self.run_exit(2, "job", "attest", job, "--operator", name).stderr)
        self.run_ok("job", "attest", job, "--operator", " Li  Hua ")
        rest, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 8, rest + told)
        self.assertIn("given before the device was back", told)
        self.assertIn("nothing to see in the name", told)
        said = [e for e in map(json.loads, rest.splitlines()) if e["type"] == "operator.attested"]
        self.assertEqual([e["name"] for e in said], ["Li Hua"])
        self.assertGreaterEqual(said[0]["time"], closed["time"])

    def test_the_first_word_counts(self):
        """What one person was told is recorded is not replaced by another."""
        process, job = self.begin("shut", {"personality": "pixel-15", "mode": "closed"})
        self.replug("shut")
        self.await_event(process, "window.closed")
        process.kill()
        process.wait()
        self.run_ok("job", "attest", job, "--operator", "Li Hua")
        again = self.run_cli("job", "attest", job, "--operator", "Wang Wei")
        self.assertNotEqual(again.returncode, 0)
        self.assertIn("attested job", again.stderr)
        events = self.run_exit(8, "resume", "--json").stdout.splitlines()
        said = [e for e in map(json.loads, events) if e["type"] == "operator.attested"]
        self.assertEqual([e["name"] for e in said], ["Li Hua"])

    def test_by_hand_and_it_still_trusts_the_bench(self):
        process, job = self.begin("apple", {"family": "ios"})
        self.replug("apple")
        self.await_event(process, "window.closed")
        self.run_ok("job", "attest", job, "--operator", "Li Hua")
        rest, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 5, rest + told)
        result = json.loads(rest.splitlines()[-1])
        self.assertEqual(result["outcome"], "failed")
        self.assertIn("still trusts this bench", rest)

    def reset(self, name):
        """By the hands of a person, as docs/phones.md has it."""
        subprocess.run([os.path.join(os.path.dirname(LETHE), "lethe-phone"), "reset", "--memory",
                        self.path(f"phones.yaml.{name}.phone")], check=True, env=self.env)

    def reset_and_attest(self, name, phone):
        process, job = self.begin(name, phone)
        self.reset(name)
        self.await_event(process, "state.observed")
        for nobody in ("??", "\u2026", "\x01", "\ue000"):
            said = self.run_exit(2, "job", "attest", job, "--operator", nobody)
            self.assertIn("nothing was recorded", said.stderr)
        for also in ((), (job,)):  # it is in good hands, and that is said
            other = self.run_cli("resume", *also)
            self.assertIn(f"another lethe process is at work on job {job[:13]}",
                          other.stdout + other.stderr)
            self.assertEqual(other.returncode, 3 if also else 0)
        self.run_ok("job", "attest", job, "--operator", "Li Hua")
        rest, told = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 8, rest + told)

    def test_reset_by_hand_and_attested(self):
        self.reset_and_attest("shut", {"personality": "pixel-15", "mode": "closed"})

    def test_an_iphone_reset_by_hand_and_attested(self):
        self.reset_and_attest("apple", {"family": "ios"})

    def test_what_was_said_before_it_left_again_is_asked_anew(self):
        """The bench was dead when it left: nobody saw as what it came back."""
        self.env["LETHE_ATTEST_SECONDS"] = "2"
        process, job = self.begin("shut", {"personality": "pixel-15", "mode": "closed"})
        self.reset("shut")
        self.await_event(process, "state.observed")
        self.await_event(process, "step.end")
        process.kill()
        process.wait()
        self.run_ok("job", "attest", job, "--operator", "Li Hua")
        self.replug("shut")
        time.sleep(1.5)
        done = self.run_cli("resume", job, "--json")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(done.returncode, 6, done.stdout + done.stderr)
        self.assertFalse([e for e in lines if e["type"] == "operator.attested"])
        self.assertIn("left its port once more since", " ".join(done.stderr.split()))
        cut = [e["reason"] for e in lines if e["type"] == "job.interrupted"]
        self.assertIn("left its port again", cut[-1])

    def test_an_operator_has_a_name(self):
        self.phones({"name": "apple", "phone": {"family": "ios"}})
        self.run_ok("pair", "emu:apple")
        for nobody in ("..", "?", "\x07", "\ue000"):
            said = self.run_exit(2, "erase", "emu:apple", "--policy", POLICY, "--operator", nobody)
            self.assertIn("operator", said.stderr)
        done = self.run_exit(3, "erase", "emu:apple", "--policy", POLICY)
        self.assertIn("--confirm with the serial number", done.stdout)
        self.assertNoJobs()

    def test_manifest_names_them_by_what_they_say(self):
        self.phones({"name": "apple", "phone": {"family": "ios"}},
                    {"name": "second", "serial": "00008030001C2D3E4F900002",
                     "phone": {"family": "ios", "with": ["maker_serial=F4GZX1ABN777",
                                                         "imei=356938035643809",
                                                         "imei2=353226100000045"]}},
                    {"name": "droid", "serial": "UNIQ0001", "phone": {"personality": "pixel-15"}})
        for names in (("F4GZX1ABN735", "356938035643809"),
                      ("00008030-001C2D3E4F50001E", "00008030001C2D3E4F900002")):
            path = self.path("lot.csv")
            with open(path, "w", encoding="utf-8") as file:
                file.write("identifier\n" + "\n".join([*names, "UNIQ0001", "GONE1"]) + "\n")
            done = self.run_cli("erase", "--policy", POLICY, "--confirm-from", path, "--json")
            results = [line["target"] for line in map(json.loads, done.stdout.splitlines())
                       if line["type"] == "result"]
            self.assertEqual(sorted(results), ["emu:apple", "emu:droid", "emu:second"])
            self.assertIn("line 5: GONE1 is not attached", done.stderr)
            self.assertEqual(done.stderr.count("is not attached"), 1)

    def test_attest_wants_a_job_done_by_hand(self):
        self.emulated({"name": "a", "serial": "S-1"})
        self.run_ok("erase", "emu:a", "--policy", "random-full", "--confirm", "S-1", "--no-page")
        job = self.run_json(0, "jobs", "--json")[0]["job"]
        self.assertIn("not done by hand",
                      self.run_exit(3, "job", "attest", job, "--operator", "X").stderr)
        self.run_exit(2, "job", "attest", job)
        self.run_exit(2, "job", "show", job, "--photo", "x.jpg")


if __name__ == "__main__":
    main()
