# SPDX-License-Identifier: Apache-2.0
"""The transparency log from outside: proofs checked by another hand, witnesses, old copies refused."""
import base64
import contextlib
import glob
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request

import bench

WITNESS = os.environ["LETHE_WITNESS"]
VERIFY = os.environ["LETHE_VERIFY"]


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def check_proof(text):
    """RFC 6962 section 2.1.1 by another hand: the entry, when the proof holds."""
    head, checkpoint = text.split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", lines
    entry = base64.b64decode(lines[1].removeprefix("extra "))
    index = int(lines[2].removeprefix("index "))
    path = [base64.b64decode(line) for line in lines[3:]]
    origin, size, root = checkpoint.split("\n")[:3]
    n, last, value = index, int(size) - 1, hashlib.sha256(b"\x00" + entry).digest()
    for sibling in path:
        assert last > 0
        if n % 2 or n == last:
            value = node(sibling, value)
            while n % 2 == 0:
                n, last = n // 2, last // 2
        else:
            value = node(value, sibling)
        n, last = n // 2, last // 2
    assert last == 0 and base64.b64encode(value).decode() == root, "the proof does not hold"
    return json.loads(entry), origin, checkpoint


class Witness:
    """A witness of its own, in a directory of a test."""

    def __init__(self, test, name):
        self.dir = test.path(name)
        self.key = subprocess.run([WITNESS, "--dir", self.dir, "--name", name, "--show-key"], check=True,
                                  capture_output=True, text=True).stdout.strip()
        self.config = os.path.join(self.dir, "logs.conf")
        open(self.config, "w", encoding="utf-8").close()
        self.process = subprocess.Popen([WITNESS, "--dir", self.dir, "--listen", "127.0.0.1:0", "--json"],
                                        stdout=subprocess.PIPE, text=True)
        test.addCleanup(self.stop)
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def admit(self, vkey):
        with open(self.config, "a", encoding="utf-8") as file:
            file.write(f"log {vkey}\n")

    def status(self):
        run = subprocess.run([WITNESS, "--dir", self.dir, "--status", "--json"], check=True,
                             capture_output=True, text=True)
        return json.loads(run.stdout)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()


class Log(bench.Bench):
    options = ()

    def erase(self, status=0):
        """A disk image: under the organisation's own key, and in its own log."""
        image = self.image()
        digest = self.run_json(0, *self.options, "plan", image, "--policy", "random-full", "--json")["digest"]
        return self.run_lines(status, *self.options, "erase", image, "--policy", "random-full", "--confirm", digest[:8], "--json")[-1]

    def vkey(self):
        with open(os.path.join(self.state, "trust", "log.vkey"), encoding="utf-8") as file:
            return file.read().strip()

    def claims(self, result):
        with open(result["certificate"], encoding="ascii") as file:
            payload = file.read().split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=="))

    def proof(self, result):
        with open(result["certificate"].removesuffix(".sdjwt") + ".tlog-proof", encoding="utf-8") as file:
            return file.read()

    def verified(self, result, rollback="excluded", suffix=".sdjwt"):
        """As a buyer who knows root, log and witness sees it: in the log, and when."""
        trust = os.path.join(self.state, "trust")
        file = result["certificate"].removesuffix(".sdjwt") + suffix
        run = subprocess.run([VERIFY, file, "--trust", os.path.join(trust, "root.pem"),
                              "--log-policy", os.path.join(trust, "log.policy"), "--allow", "image", "--json"],
                             capture_output=True, text=True, check=False)
        report = json.loads(run.stdout)
        self.assertEqual((run.returncode, report["verdict"]), (0, "valid"), report["reasons"])
        self.assertEqual(report["checks"]["log"], {"state": "ok"}, report["reasons"])
        self.assertEqual(report["rollback"], rollback)
        self.assertTrue(report["proven"]["not_after"], report)

    def test_each_job_has_its_proof(self):
        result = self.erase()
        entry, origin, _ = check_proof(self.proof(result))
        with open(result["certificate"], "rb") as file:
            jwt = file.read().split(b"~")[0]
        claims = self.claims(result)
        self.assertEqual(entry["k"], "cert")
        self.assertEqual(entry["n"], claims["jti"])
        self.assertEqual(entry["j"], result["job"])
        self.assertEqual(entry["t"], claims["iat"])
        self.assertEqual(entry["h"], base64.urlsafe_b64encode(hashlib.sha256(jwt).digest()).decode().rstrip("="))
        self.assertEqual(claims["log"], {"origin": origin, "start_index": 1, "rollback": "not-excluded"})
        # Nothing in the log names the device.
        again = self.erase()
        lines = self.run_lines(0, "log", "export")
        self.assertEqual([line["entry"]["k"] for line in lines], ["key", "start", "cert", "start", "cert"])
        self.assertNotIn("disk.img", json.dumps(lines))
        self.assertEqual(lines[1]["entry"]["d"], lines[3]["entry"]["d"])
        # The auditor's opening file holds what the hashes are of.
        opening = self.run_lines(0, "log", "export", "--opening")
        self.assertEqual([line["index"] for line in opening], [1, 2, 3, 4])
        for line in opening:
            said = lines[line["index"]]["entry"]["h"]
            what = line["sdjwt"].split("~")[0] if "sdjwt" in line else \
                json.dumps(line["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            self.assertEqual(said, base64.urlsafe_b64encode(hashlib.sha256(what.encode()).digest())
                             .decode().rstrip("="))
        # Into a file, for nobody else; one that was there is replaced, and that is said.
        file = self.path("opening.ndjson")
        self.assertEqual(self.run_ok("log", "export", "--opening", file).stderr, "")
        self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)
        with open(file, encoding="utf-8") as written:
            self.assertEqual([json.loads(line) for line in written], opening)
        done = self.run_ok("log", "export", "-o", file)
        self.assertEqual((done.stdout, done.stderr), ("", f"{file} was there: replaced\n"))
        with open(file, encoding="utf-8") as written:
            self.assertEqual([json.loads(line) for line in written], lines)
        self.run_exit(2, "log", "export", "-o", file, file)
        # By hand, of a start as well, and of what is whole.
        printed = self.run_ok("log", "prove", again["job"]).stdout
        self.assertEqual(check_proof(printed)[0]["j"], again["job"])
        logs = self.run_json(0, "log", "check", "--json")["logs"]
        self.assertEqual(logs, [{"origin": origin, "entries": 5, "checkpoints": 5, "demo": False}])

    def test_emulated_jobs_are_in_the_demo_log(self):
        self.emulated({"name": "d", "serial": "SN-0001"})
        result = self.run_lines(0, "erase", "emu:d", "--policy", "random-full", "--confirm", "SN-0001", "--json")[-1]
        _, origin, _ = check_proof(self.proof(result))
        self.assertTrue(origin.startswith("lethe.log/demo-not-a-real-organisation/demo/"), origin)
        self.assertIn("demo", self.run_exit(2, "log", "prove", result["job"]).stderr)
        self.assertEqual(check_proof(self.run_ok("log", "prove", "--demo", result["job"]).stdout)[0]["o"], "passed")
        self.assertEqual([line["entry"]["k"] for line in self.run_lines(0, "log", "export")], ["key"])

    def test_no_log_no_start(self):
        os.remove(os.path.join(self.state, "trust", "log.vkey"))
        refused = self.erase(3)
        self.assertEqual(refused["outcome"], "refused")
        self.assertIn("lethe log init", json.dumps(refused))
        self.run_ok("log", "init")
        self.assertEqual(self.erase()["outcome"], "passed")
        self.assertIn("has a transparency log", self.run_exit(3, "log", "init").stderr)
        # A key that was lost is no way to a second log of one name.
        name = self.vkey().split("+")[0]
        os.remove(os.path.join(self.state, "trust", "log.vkey"))
        os.remove(os.path.join(self.state, "keys", "log.key"))
        self.assertIn("whose key is gone", self.run_exit(3, "log", "init").stderr)
        self.run_ok("log", "init", "--again")
        self.assertNotEqual(self.vkey().split("+")[0], name)
        self.run_ok("keys", "renew")
        self.assertEqual(self.erase()["outcome"], "passed")

    def test_a_log_that_cannot_be_written_starts_nothing(self):
        self.erase()
        tiles = os.path.join(self.state, "log", "tile")
        shutil.rmtree(tiles)
        with open(tiles, "w", encoding="utf-8"):
            pass  # a file where a directory is wanted: not even root can write below it
        image = self.image("kept.img")
        with open(image, "r+b") as file:
            file.write(b"the old owner's letters")
        refused = self.run_lines(3, "erase", image, "--policy", "random-full", "--confirm",
                                 self.digest(image)[:8], "--json")[-1]
        self.assertEqual(refused["outcome"], "refused")
        with open(image, "rb") as file:
            self.assertEqual(file.read(23), b"the old owner's letters")
        os.remove(tiles)
        self.assertEqual(self.erase()["outcome"], "passed")
        self.run_ok("log", "check")

    def serve(self, answer):
        """A server that is not ours: ANSWER makes (status, type, body) of what it is sent."""
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                status, kind, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def test_clocks_that_disagree(self):
        """The bench hears which way and what to do, and neither keeps the signature nor begins anything."""
        witness, ahead = Witness(self, "witness.example"), [86400]

        def sign(body):
            then = int(time.time()) + ahead[0]
            text = body.split(b"\n\n", 1)[1].split(b"\n\n")[0] + b"\n"
            message = self.path("message")
            with open(message, "wb") as file:
                file.write(b"cosignature/v1\ntime %d\n" % then + text)
            made = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-in", message, "-inkey",
                                   os.path.join(witness.dir, "witness.key")], check=True, capture_output=True)
            blob = bytes.fromhex(witness.key.split("+")[1]) + then.to_bytes(8, "big") + made.stdout
            return 200, "text/plain", "\u2014 witness.example ".encode() + base64.b64encode(blob) + b"\n"

        url = self.serve(sign)
        result = self.erase()
        for ahead[0] in (86400, -86400, 301 + 60):
            said = self.run_exit(3, "log", "witness", "--key", witness.key, url).stderr
            self.assertRegex(said, r"it is 20\S+Z here and 20\S+Z at witness witness\.example")
            self.assertIn("timedatectl", said)
            refused = self.erase(3)
            self.assertEqual(refused["outcome"], "refused")
            self.assertIn("at witness witness.example", json.dumps(refused))
        ahead[0] = 200
        self.assertNotIn("witness.example", self.proof(result))
        self.run_ok("log", "witness")
        self.verified(result, "not-excluded")
        self.assertEqual(self.erase()["outcome"], "passed")

    def test_what_a_witness_answers(self):
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.erase()
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        with urllib.request.urlopen(witness.url + "/status", timeout=10) as answer:
            status = json.load(answer)
        self.assertEqual((status["key"], status["logs"][0]["size"]), (witness.key, 3))
        for path, body, code in (("/add-checkpoint", b"nonsense", 400), ("/add-checkpoint", b"x" * 200000, 413),
                                 ("/other", b"", 404)):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(witness.url + path, data=body, timeout=10)
            self.assertEqual(refused.exception.code, code)
            refused.exception.close()
        # Killed, and started again: it goes on from what it signed.
        witness.process.kill()
        witness.process.wait(10)
        self.assertEqual(witness.status()["logs"][0]["size"], 3)
        # Nobody at its address: that is said, and is no alarm.
        self.assertIn("does not answer", self.run_exit(1, "log", "witness").stderr)

    def test_witnesses_that_answer_nonsense(self):
        """Bounded, and no alarm: only what a witness would say of another log shuts ours."""
        answers = []
        url = self.serve(lambda _: answers[0])
        key = Witness(self, "witness.example").key
        self.erase()
        blob = base64.b64encode(bytes(76)).decode().encode()
        for answer in ((200, "text/plain", b""), (200, "text/plain", b"\0" * 100), (200, "text/plain", b"x" * 300000),
                       (200, "text/plain", "— witness.example ".encode() + blob + b"\n"),
                       (302, "text/plain", b""), (409, "text/x.tlog.size", b"many\n"),
                       (409, "text/x.tlog.size", b"0\n"), (409, "text/x.tlog.size", b""),
                       (500, "text/plain", b"?"), (404, "text/plain", b""), (403, "text/plain", b"")):
            answers[:] = [answer]
            said = self.run_exit(1, "log", "witness", "--key", key, url, "--json")
            self.assertEqual(json.loads(said.stdout)["ok"], False, answer)
            self.run_ok("log", "checkpoint")
        # More than there is: that is one.
        answers[:] = [(409, "text/x.tlog.size", b"17\n")]
        self.assertIn("17 entries", self.run_exit(3, "log", "witness").stderr)
        self.assertEqual(self.erase(3)["outcome"], "refused")

    def test_a_policy_that_wants_the_start_dated(self):
        shutil.copytree(os.path.join(os.path.dirname(__file__), "../../profiles"), self.path("profiles"))
        with open(self.path("profiles/policies/random-full.yaml"), "a", encoding="utf-8") as file:
            file.write("\nmax_not_before_age: 24\n")
        self.options = ("--profiles", self.path("profiles"))
        refused = self.erase(3)
        self.assertIn("lethe log witness", json.dumps(refused))
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        self.assertIn("not_before", self.claims(self.erase())["log"])

    def test_damaged_tiles_are_no_alarm(self):
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.erase()
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        policy = os.path.join(self.state, "trust", "log.policy")
        os.rename(policy, policy + ".away")
        self.erase()
        os.rename(policy + ".away", policy)
        tile = os.path.join(self.state, "log", "tile", "0", "000.p", "5")
        with open(tile, "r+b") as file:
            file.seek(32)
            file.write(bytes(32))
        self.assertIn("000.p/5", self.run_exit(1, "log", "check").stderr)
        self.run_ok("log", "witness")  # made again from the record before it is used
        self.run_ok("log", "check")

    def test_two_benches_witness_each_other(self):
        states = [self.state, self.path("other")]
        self.state = states[1]
        self.run_ok("keys", "init", "--org", "Other", "--bench", "bench-1")
        witnesses = [Witness(self, "witness.acme"), Witness(self, "witness.other")]
        for i, state in enumerate(states):
            self.state = state
            other = witnesses[1 - i]
            # Whom the other does not know, it does not sign for.
            self.assertIn("does not know this log",
                          self.run_exit(1, "log", "witness", "--key", other.key, other.url).stderr)
            self.assertEqual(self.erase()["outcome"], "passed")
            other.admit(self.vkey())
            told = self.run_json(0, "log", "witness", "--json")
            self.assertEqual([w["signed"] for w in told["witnesses"]], [True])
            result = self.erase()
            claims = self.claims(result)["log"]
            self.assertEqual(claims["rollback"], "excluded")
            self.assertEqual(claims["not_before"]["size"], 3)
            self.assertLessEqual(abs(claims["not_before"]["time"] - self.claims(result)["iat"]), 60)
            _, _, checkpoint = check_proof(self.proof(result))
            self.assertEqual(checkpoint.count("\n\u2014 "), 2, checkpoint)
            self.assertIn("\n\u2014 witness.", checkpoint)
            [log] = other.status()["logs"]
            self.assertEqual(log["size"], 5)
            self.assertIn(log["root"], checkpoint)
            self.verified(result)
        # Proofs made before there was a witness have got its signature.
        for file in glob.glob(os.path.join(self.state, "certificates", "*.tlog-proof")):
            with open(file, encoding="utf-8") as proof:
                self.assertIn("\n\u2014 witness.", proof.read())
        # One that is silent keeps nobody from working, but excludes nothing.
        witnesses[0].stop()
        result = self.erase()
        self.assertEqual(self.claims(result)["log"]["rollback"], "not-excluded")

    def stopped_halfway(self, results, *command):
        """The witness's answer is kept, and the proof of the first can't be: as if killed between the two."""
        proof = results[0]["certificate"].removesuffix(".sdjwt") + ".tlog-proof"
        os.rename(proof, proof + ".away")
        os.mkdir(proof)
        self.run_cli(*command)
        os.rmdir(proof)
        os.rename(proof + ".away", proof)
        for result in results:
            self.assertNotIn("\n\u2014 witness.", check_proof(self.proof(result))[2])

    def test_what_a_kill_left_without_its_witness_is_mended(self):
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        first, second = self.erase(), self.erase()
        page = second["certificate"].removesuffix(".sdjwt") + ".pdf"
        os.remove(page)
        self.stopped_halfway([first, second], "log", "witness", "--key", witness.key, witness.url)
        self.run_ok("log", "witness")
        for suffix in (".sdjwt", ".pdf"):
            self.verified(first, "not-excluded", suffix)
            self.verified(second, "not-excluded", suffix)
        # And when a bench is started again, with no witness to be asked.
        policy = os.path.join(self.state, "trust", "log.policy")
        os.rename(policy, policy + ".away")
        third = self.erase()
        os.rename(policy + ".away", policy)
        self.stopped_halfway([third], "log", "witness")
        witness.stop()
        self.run_ok("resume")
        for suffix in (".sdjwt", ".pdf"):
            self.verified(third, "not-excluded", suffix)

    def test_a_witness_that_was_away_catches_up(self):
        """Proofs that one witness has signed get the other's signature when it is back."""
        witnesses = [Witness(self, "witness.a"), Witness(self, "witness.b")]
        for witness in witnesses:
            witness.admit(self.vkey())
            self.run_ok("log", "witness", "--key", witness.key, witness.url)
        result = self.erase()
        self.assertEqual(check_proof(self.proof(result))[2].count("\n\u2014 "), 3)
        other = witnesses[1]
        open(other.config, "w", encoding="utf-8").close()
        result = self.erase()
        self.assertEqual(check_proof(self.proof(result))[2].count("\n\u2014 "), 2)
        other.admit(self.vkey())
        self.erase()
        self.assertEqual(check_proof(self.proof(result))[2].count("\n\u2014 "), 3)

    def test_an_old_copy_is_refused(self):
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.erase()
        shutil.copytree(self.state, self.path("backup"))
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        shutil.rmtree(self.path("backup"))
        shutil.copytree(self.state, self.path("backup"))
        self.erase()
        self.run_ok("log", "publish", self.path("www"))
        shutil.rmtree(self.state)
        shutil.copytree(self.path("backup"), self.state)
        # Who reads the published log would see it go back.
        self.assertIn("never signed that", self.run_exit(3, "log", "publish", self.path("www")).stderr)
        refused = self.erase(3)
        self.assertEqual(refused["outcome"], "refused")
        self.assertIn("does not know", refused["reason"] if "reason" in refused else json.dumps(refused))
        # It stays shut when nobody can be asked.
        witness.stop()
        self.assertEqual(self.erase(3)["outcome"], "refused")
        self.assertIn("log init --again", self.run_exit(3, "log", "checkpoint").stderr)
        # The way out is a log of another name.
        before = self.vkey()
        self.run_ok("log", "init", "--again")
        self.assertNotEqual(before.split("+")[0], self.vkey().split("+")[0])
        self.run_ok("log", "check")
        os.remove(os.path.join(self.state, "trust", "log.policy"))
        self.assertIn("lethe keys renew", json.dumps(self.erase(3)))  # its certificate names the old one
        self.run_ok("keys", "renew")
        self.assertEqual(self.erase()["outcome"], "passed")

    def test_witnesses_that_cannot_be_read(self):
        """Erasing on would leave an old copy unnoticed."""
        policy = os.path.join(self.state, "trust", "log.policy")
        with open(policy, "w", encoding="utf-8") as file:
            file.write("garbage\n")
        image = self.image("unread.img")
        done = self.run_exit(3, "erase", image, "--policy", "random-full", "--confirm",
                             self.digest(image))
        self.assertIn("mend trust/log.policy", " ".join(done.stdout.split()))
        os.remove(policy)
        self.erase()

    def test_an_old_copy_signs_nothing(self):
        """Else it would take back what was revoked since."""
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.run_ok("keys", "status-uri", "https://acme.example/status")
        self.run_ok("keys", "trust-list", "add", os.path.join(self.state, "trust", "root.pem"))
        job = self.erase()["job"]
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        backup, out = self.path("backup"), self.path("out")
        shutil.copytree(self.state, backup)
        self.run_ok("keys", "revoke", job)
        self.run_ok("log", "witness")
        commands = (("keys", "status-list", "-o", out), ("keys", "crl", "-o", out), ("keys", "rotate"),
                    ("keys", "revoke", job, "--suspend"), ("keys", "revoke", job),
                    ("keys", "revoke-bench", "current", "--since", "2026-01-01", "-o", out),
                    ("keys", "trust-list", "sign", "-o", out), ("cert", "qr", job, "--hide-device"),
                    ("cert", "validate", job, "--by", "B. Second", "--decision", "accept", "-o", out))

        def restore():
            shutil.rmtree(self.state)
            shutil.copytree(backup, self.state)

        def refused(command):
            error = self.run_exit(3, *command).stderr
            self.assertIn("does not know", error)
            self.assertIn("log init --again", error)
            self.assertFalse(os.path.exists(out), command)

        for command in commands:
            restore()
            refused(command)
        # It stays shut when nobody can be asked, and what was not found out is not shut.
        witness.stop()
        for command in commands:
            refused(command)
        restore()
        for command in commands[:2]:
            self.run_ok(*command)

    def test_a_fork_is_refused(self):
        """The copy went on by itself before it met the witness: as many entries, or more, but others."""
        witness = Witness(self, "witness.example")
        witness.admit(self.vkey())
        self.erase()
        self.run_ok("log", "witness", "--key", witness.key, witness.url)
        shutil.copytree(self.state, self.path("backup"))
        self.erase()
        for more in (1, 2):
            shutil.rmtree(self.state)
            shutil.copytree(self.path("backup"), self.state)
            policy = os.path.join(self.state, "trust", "log.policy")
            os.rename(policy, policy + ".away")
            for _ in range(more):
                self.erase()
            os.rename(policy + ".away", policy)
            self.assertIn("witness", self.run_exit(3, "log", "witness").stderr)
            self.assertEqual(self.erase(3)["outcome"], "refused")
        [log] = witness.status()["logs"]
        self.assertEqual(log["size"], 5)

    def test_published_files(self):
        self.erase()
        www = self.path("www")
        first = self.run_json(0, "log", "publish", www, "--json")
        self.assertEqual((first["size"], first["files"] > 4), (3, True))
        self.assertEqual(self.run_json(0, "log", "publish", www, "--json")["files"], 0)
        self.assertEqual(sorted(os.listdir(os.path.join(www, "checkpoints"))), ["1", "2", "3"])
        self.erase()
        self.run_ok("log", "publish", www)
        with open(os.path.join(www, "tile", "0", "000.p", "5"), "rb") as file:
            tile = file.read()
        with open(os.path.join(www, "tile", "entries", "000.p", "5"), "rb") as file:
            bundle, entries = file.read(), []
        while bundle:
            size = int.from_bytes(bundle[:2], "big")
            entries.append(bundle[2:2 + size])
            bundle = bundle[2 + size:]
        self.assertEqual(tile, b"".join(hashlib.sha256(b"\x00" + e).digest() for e in entries))
        leaves = [tile[i:i + 32] for i in range(0, len(tile), 32)]
        root = node(node(node(leaves[0], leaves[1]), node(leaves[2], leaves[3])), leaves[4])
        with open(os.path.join(www, "checkpoint"), encoding="utf-8") as file:
            origin, size, said = file.read().split("\n")[:3]
        self.assertEqual((origin, size, said), (self.vkey().split("+")[0], "5", base64.b64encode(root).decode()))
        # The audit of the whole, with what the organisation opens for its auditor.
        self.run_ok("log", "export", "--opening", "-o", self.path("opening"))
        audit = subprocess.run([VERIFY, "log", www, "--key", os.path.join(www, "log.vkey"), "--opening",
                                self.path("opening"), "--trust", os.path.join(self.state, "trust", "root.pem"),
                                "--json"], capture_output=True, text=True, check=False)
        report = json.loads(audit.stdout)
        self.assertEqual((audit.returncode, report["verdict"], report["opened"]), (0, "sound", 4), report)
        self.assertEqual((report["retries"], report["checkpoints"]), (0, 5), report)
        # Another log's directory is nobody's to write in.
        self.state = self.path("other")
        self.run_ok("keys", "init", "--org", "Other", "--bench", "b")
        self.run_ok("log", "checkpoint")
        self.assertNotEqual(self.run_cli("log", "publish", www).returncode, 0)

    def test_tiles_that_were_lost_are_made_again(self):
        self.erase()
        before = self.run_ok("log", "checkpoint").stdout
        shutil.rmtree(os.path.join(self.state, "log"))
        self.assertEqual(self.run_ok("log", "checkpoint").stdout, before)
        self.erase()
        self.run_ok("log", "check")


if __name__ == "__main__":
    bench.main()
