# SPDX-License-Identifier: Apache-2.0
"""A folder of emulated iPhones and the usbmuxd they are plugged in to."""
import json
import os
import pathlib
import plistlib
import shutil
import subprocess
import tempfile
import time

TOOLS = ("idevice_id", "ideviceinfo", "idevicepair", "idevicename", "idevicedate", "idevicediagnostics")


class Phones:
    """PHONES: {name: {"personality", "with", "faults", "serial"}}."""

    def __init__(self, bin_dir, **phones):
        self.bin = pathlib.Path(bin_dir)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lethe-iphone-"))
        self.names = list(phones)
        devices = []
        for name, phone in phones.items():
            device = {"name": name, "phone": {"personality": "iphone", **phone}}
            if "serial" in phone:
                device["serial"] = device["phone"].pop("serial")
            devices.append(device)
        (self.dir / "b.yaml").write_text(json.dumps({"devices": devices}))
        # Makes their memories, and asks them nothing.
        subprocess.run([self.bin / "emu_ctl", "remains", self.dir / "b.yaml"], check=True, capture_output=True)
        self.socket = str(self.dir / "mux")
        self.env = {**os.environ, "USBMUXD_SOCKET_ADDRESS": f"UNIX:{self.socket}",
                    "HOME": str(self.dir), "LC_ALL": "C.UTF-8"}
        self.muxd = None
        self.start()

    def start(self):
        memories = [word for name in self.names for word in ("--memory", self.path(name))]
        self.muxd = subprocess.Popen([self.bin / "lethe-phone", "muxd", *memories, "--socket", self.socket])
        self.until(lambda: os.path.exists(self.socket), "a socket")

    def stop(self):
        self.muxd.kill()
        self.muxd.wait()
        os.unlink(self.socket)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        running = self.muxd.poll()
        self.stop()
        shutil.rmtree(self.dir)
        assert running is None, f"muxd ended with {running}"

    def path(self, name):
        return str(self.dir / f"b.yaml.{name}.phone")

    def lethe(self, *words):
        done = subprocess.run([self.bin / "lethe", "--state", self.dir / "state", "--emulate", self.dir / "b.yaml",
                               *words], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def memory(self, name="a"):
        """What time has brought is in it."""
        return json.loads(subprocess.run([self.bin / "lethe-phone", "state", "--memory", self.path(name)],
                                         check=True, capture_output=True, text=True).stdout)

    def udid(self, name="a"):
        serial = self.memory(name)["serial"]
        return f"{serial[:8]}-{serial[8:]}" if len(serial) == 24 else serial

    def change(self, part, name="a", **values):
        """Somebody does something on the phone itself: to its "state", or to its "traits"."""
        memory = self.memory(name)
        memory[part].update(values)
        new = self.path(name) + ".new"
        pathlib.Path(new).write_text(json.dumps(memory))
        os.rename(new, self.path(name))

    def old_blocks(self, name="a"):
        """512-byte blocks of what the last owner left, counted where no host can look."""
        count = 0
        for path in (self.dir / f"b.yaml.{name}.storage").rglob("*"):
            if path.is_file():
                data = path.read_bytes()
                count += sum(data[at:at + 15] == b"LETHE-OLD-DATA:" for at in range(0, len(data), 512))
        return count

    def run(self, *words, ok=True):
        done = subprocess.run(words, env=self.env, capture_output=True, text=True, timeout=60)
        if ok:
            assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
            assert "ERROR" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.stdout

    def client(self, *words, name="a", ok=True):
        return self.run(str(self.bin / "iphone_client"), self.udid(name), *words, ok=ok)

    def plist(self, *words, name="a"):
        return plistlib.loads(self.client(*words, name=name).encode())

    def present(self):
        return self.run("idevice_id", "-l", ok=False).split()

    def until(self, what, why, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if what():
                return
            time.sleep(0.03)
        raise AssertionError(f"{why} was awaited for {seconds} s")

    def away_and_back(self, name="a"):
        """It left for the first time, and is there again. Its memory counts that: a look at the port
        now and then may come too late to see it away."""
        self.until(lambda: self.memory(name)["generation"] > 1, f"{name} leaving")
        self.until(lambda: self.memory(name).get("away_until", 0) <= time.time() * 1000 and
                   self.udid(name) in self.present(), f"{name} back")

    def record(self, name="a"):
        return pathlib.Path(self.socket + ".records") / f"{self.udid(name)}.plist"

    def host_id(self, name="a"):
        return plistlib.loads(self.record(name).read_bytes())["HostID"]
