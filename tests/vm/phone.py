#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Emulated phones at the kernel's own USB stack: what Debian's usbmuxd, idevice*, adb and fastboot
say of them; an iPhone, an Android phone and two drives erased at once; and what a liar comes to."""
import json
import os
import pathlib
import subprocess
import sys
import time

import bench
from bed import Wrong, main, must, run, wait_for
from erasures import DRIVE, PURGE, Erasure, believed, impatient, why

IPHONE, PIXEL = "00008030-001C2D3E4F50001E", "28161FDH20043X"
PHONES = {"devices": [{"name": "iphone", "phone": {"family": "ios"}},
                      {"name": "pixel", "phone": {"family": "android"}}]}
SAT = {**DRIVE, "controller": {"kind": "ata", "bridge": "sat", "milliseconds": 500, "spare": "256KiB",
                               "features": ["sanitize-block", "antifreeze"]}}
SHELF = {"devices": [{"name": "iphone", "phone": {"family": "ios"}},
                     {"name": "pixel", "serial": "PIXEL00001", "phone": {"personality": "pixel-15"}},
                     {"name": "liar", "serial": "PIXEL00002",
                      "phone": {"personality": "pixel-15", "faults": [{"kind": "returns-unerased"}]}},
                     {**SAT, "name": "one", "serial": "SHELF1"}, {**SAT, "name": "two", "serial": "SHELF2"}]}


def there(lethe, file, phones=None):
    """Bench of the phones of FILE."""
    return bench.Bench(os.path.dirname(lethe.program), file, json.dumps(phones or PHONES))


def said(*command, seconds=60):
    """What COMMAND prints, or what went wrong; without an end it would wait for a device for ever."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        raise Wrong(f"{' '.join(command)}: no end after {seconds} s: {late.output!r}") from late
    return done.stdout.strip()


def log_of_usbmuxd():
    return pathlib.Path("/run/usbmuxd.log").read_text("utf-8", errors="replace")[-1500:]


def usbmuxd_and_its_tools(lethe):
    phone = there(lethe, "/run/tools.yaml")["iphone"]
    phone.plug()
    try:
        wait_for("the iPhone, seen by usbmuxd", lambda: said("idevice_id", "-l") == IPHONE)
        must("ProductType without pairing", said("ideviceinfo", "-s", "-k", "ProductType"), "iPhone12,1")
        wait_for("trust", lambda: "SUCCESS" in said("idevicepair", "pair"))
        must("a pair that holds", "SUCCESS" in said("idevicepair", "validate"), True)
        must("ProductVersion in a session", said("ideviceinfo", "-k", "ProductVersion"), "16.7.2")
        must("the size of its storage is told", "TotalDataCapacity" in
             said("ideviceinfo", "-q", "com.apple.disk_usage"), True)
        must("diagnostics", "Success" in said("idevicediagnostics", "diagnostics", "All") or
             "plist" in said("idevicediagnostics", "diagnostics", "All"), True)
        phone.pull()
        wait_for("usbmuxd to see it gone", lambda: IPHONE not in said("idevice_id", "-l"))
        phone.plug()
        wait_for("the iPhone, seen again", lambda: said("idevice_id", "-l") == IPHONE)
        must("the pair after a break", "SUCCESS" in said("idevicepair", "validate"), True)
        must("unpair", "SUCCESS" in said("idevicepair", "unpair"), True)
    except Wrong as wrong:
        raise Wrong(f"{wrong}; usbmuxd: {log_of_usbmuxd()}") from wrong
    finally:
        phone.pull()


def adb_and_fastboot(lethe):
    phone = there(lethe, "/run/tools.yaml")["pixel"]
    phone.plug()
    try:
        run("adb start-server")
        wait_for("adb's view", lambda: f"{PIXEL}\tdevice" in said("adb", "devices"))
        must("lethe says who holds it", "adb kill-server" in lethe("show", phone.node())[1], True)
        must("a property by its shell", said("adb", "shell", "getprop", "ro.product.model"), "Pixel 7")
        must("the exit status of its shell", subprocess.run(["adb", "shell", "false"], check=False).returncode, 1)
        pathlib.Path("/run/file").write_bytes(os.urandom(300000))
        run("adb push /run/file /sdcard/file && adb pull /sdcard/file /run/back && cmp /run/file /run/back")
        run("adb reboot bootloader")
        wait_for("fastboot's view", lambda: PIXEL in said("fastboot", "devices"))
        must("a variable", "product: panther" in said("fastboot", "getvar", "product"), True)
        must("a locked one erases nothing", "OKAY" in said("fastboot", "erase", "userdata"), False)
        run("fastboot reboot")
        wait_for("adb after it", lambda: f"{PIXEL}\tdevice" in said("adb", "devices"))
        run("adb reboot sideload")
        wait_for("sideload", lambda: f"{PIXEL}\tsideload" in said("adb", "devices"))
    finally:
        run("adb kill-server", check=False)
        phone.pull()


def paired(lethe, phone):
    """PHONE trusts this bench, after somebody tapped."""
    status, text = lethe("pair", phone.node())
    must(f"exit status of lethe pair {phone.name} ({text})", status, 0)


def recorded(lethe, phone, *names):
    """What PHONE answers over USB is written down, and none of NAMES is in it."""
    file = pathlib.Path(f"/run/recording-{phone.name}.json")
    status, text = lethe("record", phone.node(), "-o", str(file))
    must(f"exit status of lethe record {phone.name} ({text})", status, 0)
    text = file.read_text("utf-8")
    must(f"a recording of {phone.name} of some length", len(json.loads(text)["exchange"]) > 20, True)
    for name in names:
        must(f"{name} in it", name in text or name.encode().hex() in text, False)


def erased_at_once(lethe):
    shelf = there(lethe, "/run/shelf.yaml", SHELF)
    names = {"iphone": IPHONE, "pixel": "PIXEL00001", "liar": "PIXEL00002", "one": "SHELF1", "two": "SHELF2"}
    nodes = {name: shelf[name].plug() for name in names}
    wait_for("the iPhone, seen by usbmuxd", lambda: said("idevice_id", "-l") == IPHONE)
    for name in ("iphone", "pixel", "liar"):
        paired(lethe, shelf[name])
    recorded(lethe, shelf["iphone"], IPHONE, "Old owner")
    recorded(lethe, shelf["pixel"], "PIXEL00001")
    began = time.monotonic()
    erasure = Erasure(lethe, nodes.values(), PURGE, names.values(), "--accept-untested")
    status, results = erasure.end()
    print(f"       five devices at once in {time.monotonic() - began:.1f} s", flush=True)
    must("devices with a result", len(results), 5)
    for name, node in nodes.items():
        result = results[node]
        told = why(result, [line for line in erasure.lines if line.get("target") == node])
        how = (result["outcome"], result["method"], result["policy_met"])
        print(f"       {name:8} {how[0]:14} {how[1]:6} {told[:100]}", flush=True)
        if os.environ.get("VBENCH_VERBOSE"):
            for line in erasure.lines:
                if line.get("target") == node and line["type"] in ("window.closed", "technique.attest", "state.observed"):
                    print(f"           {json.dumps(line)}", flush=True)
        if name == "liar":
            must("the liar passes", how[0] in ("failed", "indeterminate"), True)
        else:
            must(f"how {name} ended ({told}; usbmuxd: {log_of_usbmuxd()})", how, ("passed", "purge", True))
        must(f"substrate of {name}", result["substrate"], "virtual")
        must(f"{name} has its certificate or record", os.path.isfile(result["certificate"] or ""), True)
        must(f"what {name} has is valid", believed(lethe, result), name != "liar")
    must("exit status", status, 5 if results[nodes["liar"]]["outcome"] == "failed" else 6)
    for name in ("pixel", "iphone"):
        must(f"old blocks on {name}", shelf[name].remains()["userdata"], 0)
    must("old blocks on the liar", shelf["liar"].remains()["userdata"] > 0, True)
    for name in names:
        shelf[name].pull()


if __name__ == "__main__":
    bench.prepare("phone")
    bench.prepare_phones()
    bench.start_udevd("early")
    bench.start_usbmuxd()
    main([usbmuxd_and_its_tools, adb_and_fastboot, erased_at_once], impatient(sys.argv[1], 60))
