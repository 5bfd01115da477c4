#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian's own adb and fastboot against the model, over TCP: they work without complaint, and what
they did is what the phone's memory and storage say (facts/phones.md 5.7)."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

bin_dir = pathlib.Path(sys.argv[1])
for tool in ("adb", "fastboot"):
    if not shutil.which(tool):
        print(f"SKIP: {tool} is not installed (scripts/deps test)")
        sys.exit(77)

failures = 0


def check(what, good, seen=""):
    global failures
    if not good:
        failures += 1
        print(f"FAIL {what}: {seen!r}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Phone:
    """One model and, as long as it is open, its TCP server."""

    def __init__(self, home, name, personality, *traits, faults="[]", mode=None):
        self.name = name
        self.file = home / f"{name}.yaml"
        lines = [f"devices: [{{name: {name}, phone: {{personality: {personality}, faults: {faults},",
                 f"  with: {json.dumps(list(traits))}{', mode: ' + mode if mode else ''}}}}}]"]
        self.file.write_text("\n".join(lines))
        self.emu_ctl("remains")
        self.memory = home / f"{name}.yaml.{name}.phone"
        self.server = None

    def emu_ctl(self, verb):
        run = subprocess.run([bin_dir / "emu_ctl", verb, self.file], capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    def remains(self):
        return self.emu_ctl("remains")

    def state(self):
        run = subprocess.run([bin_dir / "lethe-phone", "state", "--memory", self.memory],
                             capture_output=True, text=True, check=True)
        return json.loads(run.stdout)

    def serve(self, verb):
        self.stop()
        self.server = subprocess.Popen([bin_dir / "lethe-phone", verb, "--memory", self.memory,
                                        "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.address = self.server.stdout.readline().split()[-1]

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait()
            self.server.stdout.close()
            self.server = None

    def wait_for(self, mode, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.state()
            if state["mode"] == mode and state["away_until"] <= time.time() * 1000:
                return
            time.sleep(0.05)
        check(f"{self.name} is in mode {mode}", False, state["mode"])


class Adb:
    """An adb of our own: its port, its home, its key, and its server ended at the end."""

    def __init__(self, home):
        self.env = {**os.environ, "ANDROID_ADB_SERVER_PORT": str(free_port()), "HOME": str(home),
                    "ADB_VENDOR_KEYS": str(home / "key"), "ADB_MDNS": "0"}
        self.env.pop("ANDROID_SERIAL", None)
        self("keygen", home / "key")

    def __call__(self, *words, phone=None, good=0, seconds=30):
        which = ["-s", phone.address] if phone else []
        run = subprocess.run(["adb", *which, *map(str, words)], capture_output=True, env=self.env, timeout=seconds)
        out, err = run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")
        check(f"adb {' '.join(map(str, words))} exits with {good}", run.returncode == good, (run.returncode, out, err))
        return out

    def state(self, phone, wanted, seconds=15):
        """Connected again and in state WANTED, as after a restart."""
        end, seen = time.monotonic() + seconds, ""
        while time.monotonic() < end:
            subprocess.run(["adb", "connect", phone.address], capture_output=True, env=self.env, timeout=30)
            run = subprocess.run(["adb", "devices"], capture_output=True, text=True, env=self.env, timeout=30)
            rows = dict(line.split("\t") for line in run.stdout.splitlines() if "\t" in line)
            seen = rows.get(phone.address, "")
            if seen == wanted:
                return
            time.sleep(0.1)
        check(f"adb sees {wanted}", False, seen)


def system(adb, home):
    phone = Phone(home, "system", "pixel-15")
    phone.serve("adbd")
    adb.state(phone, "device")
    check("one key is trusted", len(phone.state()["state"]["keys"]) == 1)
    check("getprop", adb("shell", "getprop", "ro.product.model", phone=phone) == "Pixel 8\n")
    check("all properties", "[ro.crypto.state]: [encrypted]" in adb("shell", "getprop", phone=phone))
    adb("shell", "false", phone=phone, good=1)
    adb("shell", "exit 42", phone=phone, good=42)
    adb("shell", "nonsense", phone=phone, good=127)
    check("accounts", "Accounts: 0" in adb("shell", "dumpsys", "account", phone=phone))
    data = os.urandom(300_007)
    (home / "canary").write_bytes(data)
    adb("push", home / "canary", "/sdcard/lethe/canary", phone=phone)
    adb("pull", "/sdcard/lethe/canary", home / "back", phone=phone)
    check("what was pulled is what was pushed", (home / "back").read_bytes() == data)
    check("ls", adb("shell", "ls", "/sdcard/lethe", phone=phone) == "canary\n")
    check("exec-out", subprocess.run(["adb", "-s", phone.address, "exec-out", "cat", "/sdcard/lethe/canary"],
                                     capture_output=True, env=adb.env, timeout=30).stdout == data)
    adb("push", home / "canary", "/system/canary", phone=phone, good=1)
    adb("pull", "/data/data/x", home / "x", phone=phone, good=1)
    listing = subprocess.run(["adb", "devices", "-l"], capture_output=True, text=True, env=adb.env, timeout=30).stdout
    check("devices -l", "product:shiba model:Pixel_8 device:shiba" in listing, listing)
    check("nothing was erased", phone.remains()["userdata"] == 128)
    return phone


def full(adb, home):
    phone = Phone(home, "full", "pixel-15", "storage=2MiB")
    phone.serve("adbd")
    adb.state(phone, "device")
    (home / "large").write_bytes(os.urandom(3 << 20))
    run = subprocess.run(["adb", "-s", phone.address, "push", home / "large", "/sdcard/large"],
                         capture_output=True, text=True, env=adb.env, timeout=30)
    check("a full phone is told", run.returncode == 1 and "No space left" in run.stdout + run.stderr,
          (run.stdout, run.stderr))
    phone.stop()


def rescue(adb, phone):
    adb("reboot", "sideload", phone=phone)
    adb.state(phone, "sideload")
    adb("shell", "true", phone=phone, good=1)
    adb("reboot", "rescue", phone=phone)
    adb.state(phone, "rescue")
    check("rescue getprop", "google/shiba" in adb("rescue", "getprop", "ro.build.fingerprint", phone=phone))
    check("battery", adb("rescue", "getprop", "rescue.battery_level", phone=phone).strip() == "82")
    check("still all there", phone.remains()["userdata"] == 128)
    adb("rescue", "wipe", "userdata", phone=phone)
    check("all gone", phone.remains() == {"userdata": 0, "metadata": 0, "card": 0, "device": "emu:system"}, phone.remains())
    adb("reboot", phone=phone)
    phone.wait_for("closed")
    state = phone.state()
    check("no key is trusted", state["state"]["keys"] == [] and state["erased"] == 1, state)
    phone.stop()


def refusals(adb, home):
    phone = Phone(home, "fails", "pixel-15", mode="rescue", faults="[{kind: failfail}]")
    phone.serve("adbd")
    adb.state(phone, "rescue")
    adb("rescue", "wipe", "userdata", phone=phone, good=1)
    check("nothing gone", phone.remains()["userdata"] == 128)
    phone.stop()
    phone = Phone(home, "liar", "pixel-15", mode="rescue", faults="[{kind: done-but-keeps}]")
    phone.serve("adbd")
    adb.state(phone, "rescue")
    adb("rescue", "wipe", "userdata", phone=phone)
    check("a liar keeps it", phone.remains()["userdata"] == 128)
    phone.stop()
    phone = Phone(home, "stranger", "pixel-15", "allow=false")
    phone.serve("adbd")
    adb.state(phone, "unauthorized")
    adb("shell", "true", phone=phone, good=1)
    phone.stop()


def fastboot(phone, *words, good=0):
    run = subprocess.run(["fastboot", "-s", "tcp:" + phone.address, *words], capture_output=True, text=True, timeout=30)
    check(f"fastboot {' '.join(words)} exits with {good}", run.returncode == good, (run.returncode, run.stderr))
    return run.stdout + run.stderr


def bootloader(home):
    # fastboot makes file systems by programs that Debian does not have: it is told of none to make.
    phone = Phone(home, "boot", "unlocked", "partition_type=raw")
    phone.serve("fastboot")
    seen = fastboot(phone, "getvar", "all")
    check("getvar all", "(bootloader) unlocked:yes" in seen and "(bootloader) product:shiba" in seen, seen)
    check("getvar", "serialno: " + phone.state()["serial"] in fastboot(phone, "getvar", "serialno"))
    check("an unknown variable", "FAILED (remote: 'Unknown variable')" in fastboot(phone, "getvar", "colour"))
    fastboot(phone, "erase", "userdata")
    left = phone.remains()
    check("data gone, keys not yet", (left["userdata"], left["metadata"]) == (0, 1), left)
    fastboot(phone, "-w")
    check("keys gone", phone.remains()["metadata"] == 0)
    fastboot(phone, "reboot")
    phone.wait_for("closed")
    phone.stop()

    phone = Phone(home, "bootd", "unlocked", "partition_type=raw", mode="fastbootd")
    phone.serve("fastboot")
    check("fastbootd", "is-userspace: yes" in fastboot(phone, "getvar", "is-userspace"))
    fastboot(phone, "-w", "reboot")
    phone.wait_for("closed")
    check("all gone by -w", phone.remains()["userdata"] == 0)
    phone.stop()

    phone = Phone(home, "shut", "pixel-15", mode="fastboot")
    phone.serve("fastboot")
    check("locked", "FAILED" in fastboot(phone, "erase", "userdata", good=1))
    fastboot(phone, "-w", good=1)
    check("nothing gone when locked", phone.remains()["userdata"] == 128)
    fastboot(phone, "reboot", "recovery")
    phone.wait_for("recovery")
    phone.stop()


def usage(home):
    def run(*words):
        done = subprocess.run([bin_dir / "lethe-phone", *words], capture_output=True, text=True, timeout=30)
        return done.returncode, done.stdout + done.stderr
    memory = str(Phone(home, "usage", "pixel-15").memory)
    check("--help", run("--help")[0] == 0 and "adbd" in run("--help")[1])
    check("--version", run("--version")[1].startswith("lethe-phone "))
    for words in ([], ["melt", "--memory", memory], ["state"], ["adbd", "--memory", memory], ["--colour"],
                  ["adbd", "--memory", memory, "--listen", "0.0.0.0:0"],
                  ["adbd", "--memory", memory, "--listen", "127.0.0.1:x"],
                  ["state", "--memory", memory + ".lock"]):
        check(f"usage {words}", run(*words)[0] == 2, run(*words))
    check("no such phone", run("state", "--memory", str(home / "none.phone"))[0] == 1)
    for verb in ("adbd", "fastboot"):
        code, said = run(verb, "--memory", str(home / "none.phone"), "--listen", "127.0.0.1:0")
        check(f"{verb} of no such phone", code == 1 and "none.phone" in said and "listening" not in said, said)
    (home / "garbage.phone").write_text('{"family": "android"')
    check("garbage", run("state", "--memory", str(home / "garbage.phone"))[0] == 1)
    (home / "alien.phone").write_text('{"family": "symbian"}')
    check("another family", run("state", "--memory", str(home / "alien.phone"))[0] == 1)


def main():
    signal.alarm(240)
    with tempfile.TemporaryDirectory(prefix="lethe-phones-") as folder:
        home = pathlib.Path(folder)
        adb = Adb(home)
        try:
            rescue(adb, system(adb, home))
            full(adb, home)
            refusals(adb, home)
        finally:
            subprocess.run(["adb", "kill-server"], env=adb.env, capture_output=True, timeout=30)
        bootloader(home)
        usage(home)
    return 1 if failures else 0


sys.exit(main())
