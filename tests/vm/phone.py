#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Emulated phones at the kernel's own USB stack: what Debian's usbmuxd, idevice*, adb and fastboot
say of them."""
import json
import os
import pathlib
import subprocess
import sys

import bench
from bed import Wrong, main, must, run, wait_for

IPHONE, PIXEL = "00008030-001C2D3E4F50001E", "28161FDH20043X"
PHONES = {"devices": [{"name": "iphone", "phone": {"family": "ios"}},
                      {"name": "pixel", "phone": {"family": "android"}}]}


def there(lethe, file, phones=None):
    """Bench of the phones of FILE."""
    return bench.Bench(os.path.dirname(lethe.program), file, json.dumps(phones or PHONES))


def said(*command, seconds=20):
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
        wait_for("the iPhone, seen by usbmuxd", lambda: said("idevice_id", "-l") == IPHONE, 60)
        must("ProductType without pairing", said("ideviceinfo", "-s", "-k", "ProductType"), "iPhone12,1")
        wait_for("trust", lambda: "SUCCESS" in said("idevicepair", "pair"), 20)
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
        wait_for("adb's view", lambda: f"{PIXEL}\tdevice" in said("adb", "devices"), 20)
        must("a property by its shell", said("adb", "shell", "getprop", "ro.product.model"), "Pixel 7")
        must("the exit status of its shell", subprocess.run(["adb", "shell", "false"], check=False).returncode, 1)
        pathlib.Path("/run/file").write_bytes(os.urandom(300000))
        run("adb push /run/file /sdcard/file && adb pull /sdcard/file /run/back && cmp /run/file /run/back")
        run("adb reboot bootloader")
        wait_for("fastboot's view", lambda: PIXEL in said("fastboot", "devices"), 20)
        must("a variable", "product: panther" in said("fastboot", "getvar", "product"), True)
        must("a locked one erases nothing", "OKAY" in said("fastboot", "erase", "userdata"), False)
        run("fastboot reboot")
        wait_for("adb after it", lambda: f"{PIXEL}\tdevice" in said("adb", "devices"), 20)
        run("adb reboot sideload")
        wait_for("sideload", lambda: f"{PIXEL}\tsideload" in said("adb", "devices"), 20)
    finally:
        run("adb kill-server", check=False)
        phone.pull()


if __name__ == "__main__":
    bench.prepare("phone")
    bench.prepare_phones()
    bench.start_udevd("early")
    bench.start_usbmuxd()
    main([usbmuxd_and_its_tools, adb_and_fastboot])
