# SPDX-License-Identifier: Apache-2.0
"""
Real file systems with real files, carved by an independent tool before and after: on a loop device
(which needs root; without it on the image file itself, and it says so).
Usage: carve.py ext4|vfat
"""
import glob
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import Bench  # noqa: E402

FILES = (glob.glob("/usr/share/matplotlib/mpl-data/sample_data/*.jpg")
         + glob.glob("/usr/share/matplotlib/mpl-data/sample_data/*.png")
         + glob.glob("/usr/share/developers-reference/*.pdf"))


def sh(*command, **kw):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return subprocess.run(command, check=True, capture_output=True, text=True,
                          env={**os.environ, "PATH": path, "MTOOLS_SKIP_CHECK": "1"}, **kw).stdout


def carved(bench, target, name):
    out = bench.path(name)
    subprocess.run(["foremost", "-Q", "-t", "jpg,png,pdf", "-i", target, "-o", out], capture_output=True)
    assert os.path.exists(os.path.join(out, "audit.txt")), "foremost did not run"
    return sum(len(files) for _, _, files in os.walk(out)) - 1


def fill(kind, disk):
    if kind == "ext4":
        folder = disk + ".d"
        os.mkdir(folder)
        for file in FILES:
            shutil.copy(file, folder)
        sh("mkfs.ext4", "-q", "-F", "-d", folder, disk)
    else:
        sh("mkfs.vfat", "-F", "32", disk)
        sh("mcopy", "-i", disk, *FILES, "::/")


def main(kind):
    assert FILES, "no real files to put on it: install python-matplotlib-data and developers-reference"
    with Bench() as bench:
        disk = bench.path("disk.img")
        with open(disk, "wb") as f:
            f.truncate(96 << 20)
        fill(kind, disk)
        root = os.geteuid() == 0
        target = sh("losetup", "-f", "--show", disk).strip() if root else disk
        try:
            if not root:
                print("not root: the image file is erased instead of a loop device over it")
            before = carved(bench, target, "before")
            assert before >= 3, f"only {before} files recovered before: this test would prove nothing"
            result = bench.erase(target, "random-full")
            assert result.exit == 0 and result.last["outcome"] == "passed", result.last
            assert result.last["substrate"] == ("virtual" if root else "image"), result.last
            after = carved(bench, target, "after")
            assert after == 0, f"{after} files recovered after"
            status, report = bench.verify(result.last["certificate"])
            assert status == 2, report
            status, report = bench.verify(result.last["certificate"], "--allow", result.last["substrate"])
            assert status == 0 and report["verdict"] == "valid", report
            print(f"{kind}: {before} files recovered before, {after} after; certificate valid")
        finally:
            if root:
                sh("losetup", "-d", target)


if __name__ == "__main__":
    main(sys.argv[1])
