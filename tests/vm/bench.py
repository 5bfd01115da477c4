# SPDX-License-Identifier: Apache-2.0
"""Inside the virtual machine: a bench of emulated drives at the kernel's own ports.

Each drive of an emulation file (docs/emulation.md) is served by a program of its own: one with a
`bridge` is plugged into USB (vhci_hcd), an NVMe controller is reached by NVMe/TCP, the others are
SCSI disks (TCMU). One with a `phone` is plugged into USB as well. By hand, in the shell of scripts/vbench:
    drive plug|pull|cycle|cut|remains|node NAME       drive list
"""
import glob
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import yaml

from bed import Wrong, modules, run, wait_for

HOME = pathlib.Path("/run/bench")
VHCI = "/sys/devices/platform/vhci_hcd.0"


def prepare(*kinds):
    """What the kernel needs for drives at "usb", "nvme" and "scsi"."""
    modules("sd_mod", "sg")
    if "usb" in kinds or "phone" in kinds:
        modules("usb-storage", delay_use=0)
        modules("vhci_hcd", "uas")
    if "nvme" in kinds:
        modules("nvme-tcp")
        run("busybox ip link set lo up")
        pathlib.Path("/run/nvme").mkdir(exist_ok=True)
    if "scsi" in kinds:
        modules("target_core_user", "tcm_loop")
        if not os.path.ismount("/sys/kernel/config"):
            run(["mount", "-t", "configfs", "none", "/sys/kernel/config"])


def prepare_phones():
    """What usbmuxd and adb want to write to; the root is the host's, read-only."""
    run(["mount", "-t", "tmpfs", "none", "/var/lib"])
    for folder in ("/var/lib/lockdown", "/run/home"):
        os.mkdir(folder)
    run("chown usbmux /var/lib/lockdown; busybox ip link set lo up")
    os.environ["HOME"] = "/run/home"


def start_udevd(names="never"):
    """With the rules of the distribution, as on a real bench. NAMES "early": also who owns what,
    which usbmuxd wants."""
    run(f"/lib/systemd/systemd-udevd --daemon --resolve-names={names}")
    wait_for("udevd", lambda: os.path.exists("/run/udev/control"))


def start_usbmuxd():
    """The distribution's, as its unit starts it."""
    with open("/run/usbmuxd.log", "wb") as log:
        process = subprocess.Popen(["usbmuxd", "--user", "usbmux", "--foreground"], stdout=log, stderr=log)
    wait_for("usbmuxd", lambda: os.path.exists("/run/usbmuxd"))
    return process


def known(node):
    """NODE, once udevd has looked at it (where there is one); none, or one that just went: nothing."""
    try:
        number = pathlib.Path(f"/sys/block/{os.path.basename(node or '')}/dev").read_text("ascii").strip()
    except OSError:
        return None
    there = not os.path.exists("/run/udev/control") or os.path.exists(f"/run/udev/data/b{number}")
    return there and node


def announced(drive):
    """The node as soon as the kernel says that the disk is there and how large it is."""
    node = drive.node()
    return node and int(pathlib.Path(f"/sys/block/{os.path.basename(node)}/size").read_text("ascii")) and node


class Drive:
    """One drive of an emulation file, plugged in or not."""

    def __init__(self, binaries, file, config, number):
        controller = config.get("controller") or {}
        self.binaries, self.file, self.number = pathlib.Path(binaries), str(file), number
        self.name, self.config = config["name"], config
        self.kind = "usb" if controller.get("bridge", "none") != "none" else \
            "nvme" if controller.get("kind") == "nvme" else "scsi"
        self.note = HOME / f"{self.name}.pid"
        self.nqn = f"nqn.2026-01.invalid.lethe:{self.name}"
        self.process = None

    def command(self):
        transport = {"usb": "vm_usbip", "nvme": "vm_nvme_tcp", "scsi": "vm_tcmu"}[self.kind]
        place = {"usb": self.number % 8, "nvme": 4420 + self.number, "scsi": self.number}[self.kind]
        return [str(self.binaries / transport), self.file, self.name, str(place)]

    def plug(self, wait=True):
        """Attach it; its node as soon as there is a disk with a capacity."""
        HOME.mkdir(exist_ok=True)
        with open(HOME / f"{self.name}.log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=log,
                                            text=True, start_new_session=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready: "):
            raise Wrong(f"{self.name}: {line!r}, exit {self.process.poll()}: "
                        f"{(HOME / f'{self.name}.log').read_text()[-300:]}")
        self.note.write_text(str(self.process.pid))
        if self.kind == "nvme":
            run(["nvme", "connect", "-t", "tcp", "-a", "127.0.0.1", "-s", str(4420 + self.number),
                 "-n", self.nqn, "-k", "0"])
        return self.wait() if wait else None

    def wait(self):
        return wait_for(f"the disk of {self.name}, seen by udevd", lambda: known(self.node()))

    def nodes(self):
        if self.kind == "usb":
            found = glob.glob(f"{VHCI}/usb*/*-{self.number % 8 + 1}/*/host*/target*/*/block/*")
        elif self.kind == "nvme":
            found = []
            for text in glob.glob("/sys/class/nvme-subsystem/*/subsysnqn"):
                if pathlib.Path(text).read_text("ascii").strip() == self.nqn:
                    found = glob.glob(os.path.dirname(text) + "/nvme[0-9]*/nvme*n*")
        else:
            host = glob.glob("/sys/kernel/config/target/loopback/"
                             f"naa.60014050000000{self.number:02x}/tpgt_1/address")
            address = pathlib.Path(host[0]).read_text("ascii").split(":")[0] if host else "none"
            found = glob.glob(f"/sys/class/scsi_device/{address}:*/device/block/*")
        names = sorted(os.path.basename(path) for path in found)
        return ["/dev/" + name for name in names
                if os.path.exists("/dev/" + name)]

    def node(self):
        return next(iter(self.nodes()), None)

    def gone(self):
        return not self.nodes()

    def pull(self):
        """Off the port, at once."""
        try:
            os.kill(int(self.note.read_text()), signal.SIGTERM)
        except (FileNotFoundError, ProcessLookupError):
            pass
        if self.process:
            self.process.wait()
            self.process.stdout.close()
            self.process = None
        if self.kind == "nvme":
            run(["nvme", "disconnect", "-n", self.nqn], check=False)
        self.note.unlink(missing_ok=True)
        wait_for(f"{self.name} is gone", self.gone)

    def control(self, verb):
        return run([str(self.binaries / "emu_ctl"), verb, self.file, self.name])

    def cycle(self):
        """Off the port, without power, and in again."""
        self.pull()
        self.control("power-cycle")
        return self.plug()

    def remains(self):
        """Blocks that still are as they were made, in all areas, where no command looks."""
        return json.loads(self.control("remains"))


class Phone(Drive):
    """A phone of an emulation file, plugged in or not, through all its modes."""

    def __init__(self, binaries, file, config, number):
        super().__init__(binaries, file, config, number)
        self.kind = "phone"
        self.memory = f"{file}.{self.name}.phone"

    def command(self):
        return [str(self.binaries / "lethe-phone"), "usbip", "--memory", self.memory, "--port",
                str(self.number % 8)]

    def plug(self, wait=True):
        if not os.path.exists(self.memory):
            run([str(self.binaries / "lethe"), "--state", "/run/making", "--emulate", self.file, "list"])
        return super().plug(wait)

    def wait(self):
        return wait_for(f"{self.name} on its port", self.node)

    def nodes(self):
        """As `lethe list` calls it."""
        found = glob.glob(f"{VHCI}/usb*/*-{self.number % 8 + 1}/devnum")
        return [f"usb:{os.path.basename(os.path.dirname(path))}" for path in found]

    def state(self):
        return json.loads(pathlib.Path(self.memory).read_text("utf-8"))


class Bench:
    """The drives and phones of FILE, by name."""

    def __init__(self, binaries, file, text=None):
        if text is not None:
            pathlib.Path(file).write_text(text, encoding="utf-8")
        drives = yaml.safe_load(pathlib.Path(file).read_text("utf-8"))["devices"]
        self.drives = {d["name"]: (Phone if "phone" in d else Drive)(binaries, file, d, i)
                       for i, d in enumerate(drives)}

    def __getitem__(self, name):
        return self.drives[name]

    def kinds(self):
        return {drive.kind for drive in self.drives.values()}


def main(words):
    """`drive VERB NAME` of the shell."""
    bench = Bench(os.environ["VBENCH_BINARIES"], os.environ["VBENCH_FILE"])
    if words == ["list"]:
        for drive in bench.drives.values():
            print(f"{drive.name:16} {drive.kind:5} {' '.join(drive.nodes()) or 'not plugged in'}")
        return 0
    if words == ["start"]:
        prepare(*bench.kinds())
        if "phone" in bench.kinds():
            prepare_phones()
        start_udevd("early" if "phone" in bench.kinds() else "never")
        if "phone" in bench.kinds():
            start_usbmuxd()
        for drive in bench.drives.values():
            print(f"{drive.name:16} {drive.kind:5} {drive.plug()}", flush=True)
        return 0
    if len(words) != 2 or words[1] not in bench.drives:
        print(__doc__.rpartition("\n    ")[2].strip(), file=sys.stderr)
        return 2
    verb, drive = words[0], bench[words[1]]
    acts = {"plug": drive.plug, "pull": drive.pull, "cycle": drive.cycle, "node": drive.node,
            "remains": drive.remains, "cut": lambda: drive.control("power-cut")}
    if verb not in acts:
        return main([])
    try:
        answer = acts[verb]()
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    if answer:
        print(answer if isinstance(answer, str) else json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
