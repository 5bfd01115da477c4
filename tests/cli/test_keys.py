# SPDX-License-Identifier: Apache-2.0
"""Keys, and what takes back what they signed: from the program to the verifier."""
import base64
import datetime
import json
import os
import random
import shutil
import socket
import subprocess
import time
import zlib

from bench import LETHE, MIB, Bench, main, skip

VERIFY = os.path.join(os.path.dirname(LETHE), "lethe-verify")
URI = "https://acme.example/status/bench-1"


def claims_of(jwt):
    payload = jwt.split("~")[0].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def slot_of(listed, index):
    """A second reader of the format, of six lines."""
    lst = claims_of(listed)["status_list"]["lst"]
    packed = base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4))
    slots = zlib.decompress(packed)
    assert len(slots) == 1 << 18
    return slots[index // 4] >> index % 4 * 2 & 3


class Keys(Bench):
    def erase(self, name="disk.img", *more):
        image = self.image(name, 4 * MIB)
        digest = self.run_json(0, "plan", image, "--policy", "random-full", "--json")["digest"]
        done = self.run_lines(0, "erase", image, "--policy", "random-full", "--confirm", digest[:8],
                              "--json", *more)[-1]
        self.assertEqual(done["outcome"], "passed")
        with open(done["certificate"], encoding="ascii") as file:
            return done["certificate"], claims_of(file.read())

    def read(self, name):
        with open(self.path(name), encoding="ascii") as file:
            return file.read()

    def publish(self, name="list.jwt"):
        self.run_ok("keys", "status-list", "-o", self.path(name))
        return self.path(name)

    def verify(self, status, certificate, *args):
        done = subprocess.run([VERIFY, certificate, "--trust", self.state + "/trust/root.pem",
                               "--allow", "image", "--json", *args], text=True, capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        return report, {r["code"] for r in report["reasons"]}

    def test_no_status_list_is_told(self):
        """Before the first certificate is out that can't be taken back alone."""
        self.state = self.path("second")
        init = ("keys", "init", "--org", "Acme", "--bench", "b")
        hint = "can't be revoked alone"
        said = self.run_ok(*init).stdout
        self.assertIn(hint, said)
        self.assertIn("  lethe keys status-uri URL\n", said)
        self.run_ok("keys", "status-uri", URI)
        self.assertNotIn(hint, self.run_ok("keys", "show").stdout)
        self.state = self.path("third")
        self.assertNotIn(hint, self.run_ok(*init, "--status-uri", URI).stdout)

    def test_revoked_and_suspended(self):
        self.run_ok("keys", "status-uri", URI)
        certificate, claims = self.erase()
        index = claims["status"]["status_list"]["idx"]
        self.assertEqual(claims["status"]["status_list"]["uri"], URI)
        other, _ = self.erase("other.img")
        good = self.publish()
        self.assertEqual(slot_of(self.read("list.jwt"), index), 0)
        # The list of before is refused by who has seen a newer one.
        _, codes = self.verify(0, certificate, "--status", good, "--status-not-before",
                               "2099-01-01T00:00:00Z")
        self.assertIn("status-stale", codes)
        report, _ = self.verify(0, certificate, "--status", good)
        self.assertEqual(report["level"], "L1")
        # For now, and back.
        self.run_ok("keys", "revoke", claims["jti"], "--suspend")
        self.assertEqual(slot_of(self.read(os.path.basename(self.publish("b.jwt"))), index), 2)
        _, codes = self.verify(2, certificate, "--status", self.path("b.jwt"))
        self.assertIn("suspended", codes)
        self.run_ok("keys", "revoke", claims["jti"], "--restore")
        self.verify(0, certificate, "--status", self.publish("c.jwt"))
        # For good.
        done = self.run_json(0, "keys", "revoke", claims["jti"], "--reason", "superseded", "--json")
        self.assertEqual((done["status"], done["slot"]), ("revoked", index))
        bad = self.publish("d.jwt")
        self.assertEqual(slot_of(self.read("d.jwt"), index), 1)
        _, codes = self.verify(1, certificate, "--status", bad)
        self.assertIn("revoked", codes)
        self.verify(0, other, "--status", bad)
        for args in ((), ("--suspend",), ("--restore",)):
            self.run_exit(3, "keys", "revoke", claims["jti"], *args)
        # The log has it, and still hangs together.
        self.run_ok("log", "check")
        entries = b"".join(self.bundles())
        self.assertEqual(entries.count(b'"k":"revoke"'), 1)
        self.assertIn(claims["jti"].encode(), entries)

    def bundles(self):
        for folder, _, names in os.walk(self.state + "/log/tile/entries"):
            for name in names:
                if name.isdigit():
                    with open(os.path.join(folder, name), "rb") as file:
                        yield file.read()

    def test_no_status_no_claim(self):
        certificate, claims = self.erase()
        self.assertNotIn("status", claims)
        done = self.run_exit(2, "keys", "revoke", claims["jti"])
        self.assertIn("names no status list", done.stderr)
        self.assertIn("revoke-bench", done.stderr)
        done = self.run_exit(2, "keys", "status-list")
        self.assertIn("keys status-uri URL", done.stderr)
        self.verify(0, certificate)

    def test_stolen_key(self):
        certificate, _ = self.erase()
        before = self.run_json(0, "keys", "list", "--json")
        self.assertEqual([k["state"] for k in before], ["in use"])
        self.run_ok("keys", "rotate")
        stolen = before[0]["sha256"]
        hour_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(hours=1)
        since = hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ")
        self.run_ok("keys", "revoke-bench", stolen[:12], "--since", since, "--reason",
                    "key-compromise", "-o", self.path("crl.pem"))
        after = self.run_json(0, "keys", "list", "--json")
        self.assertEqual([(k["state"], k["current"]) for k in after],
                         [("revoked", False), ("in use", True)])
        self.assertEqual(after[0]["revoked_since"], since)
        # Nobody has witnessed that it was signed before.
        _, codes = self.verify(1, certificate, "--crl", self.path("crl.pem"))
        self.assertIn("bench-revoked", codes)
        second, _ = self.erase("second.img")
        self.verify(0, second, "--crl", self.path("crl.pem"))
        entries = b"".join(self.bundles())
        self.assertIn(b'"k":"revoke"', entries)
        self.assertIn(stolen.encode(), entries)
        self.assertIn(after[1]["sha256"].encode(), entries)
        self.run_exit(3, "keys", "revoke-bench", stolen[:12], "--since", since)
        self.run_exit(2, "keys", "revoke-bench", stolen[:12], "--since", "yesterday")
        self.run_exit(2, "keys", "revoke-bench", stolen[:12])
        self.run_exit(2, "keys", "revoke-bench", stolen[:12], "--since", since, "--reason", "no")

    def test_a_stolen_bench_hides_no_revocation(self):
        self.run_ok("keys", "status-uri", URI)
        certificate, claims = self.erase()
        before = self.publish("before.jwt")
        self.run_ok("keys", "rotate")
        stolen = self.publish("stolen.jwt")
        self.run_ok("keys", "revoke", claims["jti"])
        done = self.run_json(0, "keys", "revoke-bench", "current", "--since", "2026-01-01", "-o",
                             self.path("crl.pem"), "--json")
        self.assertEqual(done["status_certificates"], 2)
        for name in (stolen, before):
            for args in (("--crl", self.path("crl.pem"), "--status", name),
                         ("--status", name, "--crl", self.path("crl.pem"))):
                done = subprocess.run([VERIFY, certificate, "--trust", self.state +
                                       "/trust/root.pem", "--allow", "image", *args], text=True,
                                      capture_output=True, check=False)
                self.assertEqual(done.returncode, 3, done.stdout)
                self.assertIn("the key that signed the status list is revoked", done.stderr)
        error = self.run_exit(3, "keys", "status-list").stderr
        self.assertIn("the status certificate is revoked", error)
        self.assertIn("lethe keys rotate", error)
        # Earlier, the same ones.
        done = self.run_json(0, "keys", "revoke-bench", "current", "--since", "2025-12-01", "--json")
        self.assertEqual(done["status_certificates"], 2)
        self.run_ok("keys", "rotate")
        # A key given up before takes only what went with it.
        [first] = [k["sha256"] for k in self.run_json(0, "keys", "list", "--json")
                   if k["state"] == "replaced"]
        self.run_ok("keys", "revoke-bench", first[:12], "--since", "2026-01-01", "-o",
                    self.path("crl.pem"))
        _, codes = self.verify(1, certificate, "--crl", self.path("crl.pem"), "--status",
                               self.publish("new.jwt"))
        self.assertIn("revoked", codes)

    def test_status_key_of_another_bench(self):
        """Its certificates are not here: that is said, and they can be named."""
        trust, here = self.path("trust"), self.state
        shutil.copytree(here, self.path("other"))
        self.state = self.path("other")
        self.run_ok("keys", "rotate")
        shutil.copytree(self.state + "/trust", trust)
        self.state = here
        os.remove(here + "/trust/status.pem")
        done = self.run_ok("keys", "revoke-bench", trust + "/bench.pem", "--since", "2026-01-01")
        self.assertIn("key for status lists", done.stderr)
        done = self.run_json(0, "keys", "revoke-bench", trust + "/status.pem", "--since",
                             "2026-01-01", "--json")
        self.assertEqual(done["status_certificates"], 1)

    def test_json(self):
        self.run_ok("keys", "status-uri", URI)
        crl, out = self.state + "/trust/crl.pem", self.path("out")
        self.assertEqual(self.run_json(0, "keys", "crl", "--json"), {"file": crl})
        self.assertEqual(self.run_json(0, "keys", "crl", "-o", out, "--json"), {"file": out})
        listed = self.run_json(0, "keys", "status-list", "--json")["list"]
        self.assertEqual(claims_of(listed)["sub"], URI)
        done = self.run_json(0, "keys", "status-list", "-o", out, "--json")
        self.assertEqual(done, {"file": out})
        self.assertEqual(claims_of(self.read("out"))["sub"], URI)

    def test_revoked_key_erases_nothing(self):
        self.run_ok("keys", "revoke-bench", "current", "--since", "2026-01-01")
        image = self.image()
        digest = self.run_json(0, "plan", image, "--policy", "random-full", "--json")["digest"]
        done = self.run_cli("erase", image, "--policy", "random-full", "--confirm", digest[:8])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("revoked", done.stdout + done.stderr)
        self.assertIn("lethe keys rotate", done.stdout + done.stderr)
        with open(image, "rb") as file:
            self.assertEqual(file.read().count(0), 4 * MIB)

    def test_trust_list(self):
        certificate, _ = self.erase()
        root = self.state + "/trust/root.pem"
        self.run_exit(3, "keys", "trust-list", "sign")
        self.run_ok("keys", "trust-list", "add", root, "--uri", URI)
        shown = self.run_json(0, "keys", "trust-list", "show", "--json")
        self.assertEqual([o["name"] for o in shown["organisations"]], ["Acme"])
        self.run_ok("keys", "trust-list", "sign", "-o", self.path("list.jwt"))
        command = [VERIFY, certificate, "--trust-list", self.path("list.jwt"), "--trust-list-key",
                   self.state + "/trust/list.pub", "--allow", "image"]
        self.assertEqual(subprocess.run(command, capture_output=True, check=False).returncode, 0)
        # Believed until now only: the certificate may be from before, and no witness says so.
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=1)
        self.run_ok("keys", "trust-list", "add", root, "--until", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.run_ok("keys", "trust-list", "sign", "-o", self.path("list.jwt"))
        time.sleep(2)
        done = subprocess.run(command + ["--json"], capture_output=True, check=False, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("no witness has seen", done.stdout)
        # Believed until yesterday only.
        self.run_ok("keys", "trust-list", "add", root, "--until", "2026-01-01")
        self.run_ok("keys", "trust-list", "sign", "-o", self.path("list.jwt"))
        self.assertEqual(subprocess.run(command, capture_output=True, check=False).returncode, 2)
        self.run_ok("keys", "trust-list", "remove", "Acme")
        self.run_exit(2, "keys", "trust-list", "remove", "Acme")
        self.run_exit(2, "keys", "trust-list", "burn")

    def test_validation(self):
        certificate, claims = self.erase("disk.img", "--operator", "A. First")
        done = self.run_exit(3, "cert", "validate", claims["jti"], "--by", "a first", "--decision",
                             "accept")
        self.assertIn("second person", done.stderr)
        made = [self.run_json(0, "cert", "validate", claims["jti"], "--by", "B. Second",
                              "--decision", decision, "--note", "looked", "--json")
                for decision in ("escalate", "accept")]
        self.assertNotEqual(made[0]["file"], made[1]["file"])
        self.assertEqual(os.path.dirname(made[0]["file"]), os.path.dirname(certificate))
        said = claims_of(self.read(made[1]["file"]))
        self.assertEqual((said["by"], said["decision"], said["certificate"]["jti"]),
                         ("B. Second", "accept", claims["jti"]))
        # The verifier takes it with the certificate that it is of, and with no other.
        _, codes = self.verify(0, certificate, "--validation", made[1]["file"])
        self.assertIn("validated", codes)
        _, codes = self.verify(2, certificate, "--validation", made[0]["file"])
        self.assertIn("validation-escalate", codes)
        other, _ = self.erase("other.img")
        _, codes = self.verify(1, other, "--validation", made[1]["file"])
        self.assertIn("validation", codes)
        for args in (("--by", "B"), ("--decision", "accept"), ("--by", "B", "--decision", "maybe")):
            self.run_exit(2, "cert", "validate", claims["jti"], *args)

    def start_tpm(self):
        if not shutil.which("swtpm"):
            skip(self, "swtpm is not installed (scripts/deps test)")
        os.mkdir(self.path("tpm"))
        for _ in range(8):
            port = random.randrange(20000, 40000, 2)
            process = subprocess.Popen(
                ["swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + self.path("tpm"), "--server",
                 f"type=tcp,bindaddr=127.0.0.1,port={port}", "--ctrl",
                 f"type=tcp,bindaddr=127.0.0.1,port={port + 1}", "--flags",
                 "not-need-init,startup-clear"], stderr=subprocess.DEVNULL)
            for _ in range(100):
                time.sleep(0.02)
                if process.poll() is not None:
                    break  # the port is taken
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port + 1)) == 0:
                        self.addCleanup(process.wait)
                        self.addCleanup(process.terminate)
                        return f"handle:?tcti=swtpm:host=127.0.0.1,port={port}"
        return self.fail("swtpm does not start")

    def test_an_old_copy_is_found_out_by_the_tpm(self):
        handle = self.start_tpm()
        _, claims = self.erase("a.img")
        self.assertEqual(claims["log"]["rollback"], "not-excluded")
        self.run_ok("keys", "log-counter", handle)
        self.run_exit(3, "keys", "log-counter", handle)
        _, claims = self.erase("b.img")
        self.assertEqual(claims["log"]["rollback"], "excluded")
        shutil.copytree(self.state, self.path("old"))
        self.erase("c.img")
        shutil.rmtree(self.state)
        os.rename(self.path("old"), self.state)
        image = self.image("d.img", 4 * MIB)
        digest = self.run_json(0, "plan", image, "--policy", "random-full", "--json")["digest"]
        done = self.run_cli("erase", image, "--policy", "random-full", "--confirm", digest[:8])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("the TPM has counted", done.stdout + done.stderr)
        with open(image, "rb") as file:
            self.assertEqual(file.read().count(0), 4 * MIB)

    def test_passphrase_for_the_root_alone(self):
        """The bench key in clear or elsewhere, the root under a passphrase that is asked for once."""
        with open(self.path("p"), "w", encoding="ascii") as file:
            file.write("open sesame\n")
        os.chmod(self.path("p"), 0o600)
        self.state = self.path("second")
        self.run_ok("keys", "init", "--org", "Acme", "--bench", "b", "--passphrase-file",
                    self.path("p"))
        done = self.run_exit(3, "keys", "crl")
        self.assertIn("--passphrase-file", done.stderr)
        self.run_ok("keys", "crl", "--passphrase-file", self.path("p"))
        self.run_ok("keys", "rotate", "--passphrase-file", self.path("p"))


if __name__ == "__main__":
    main()
