#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Host-managed drives of the virtual bench: a kernel that knows zones (CONFIG_BLK_DEV_ZONED) minds
them, and lets nothing through that a drive would not take."""
import pathlib
import sys

import bench
from bed import main, must, run
from erasures import CLEAR, Run, impatient, table
from scsi import one

ZONES = {"kind": "scsi", "zone": "256KiB", "conventional": 2}
# A drive that answers no reads behind its write pointers (URSWRZ 0) gets no capacity from Linux.
FEATURES = ["zoned", "unrestricted-reads", "report-opcodes"]
# No such drive of anybody's was ever erased by Lethe: who goes on says so.
DISK = {"drive": {"media": "magnetic"}, "options": ["--accept-untested"]}


def zoned(*features, **more):
    return {**ZONES, "features": [*FEATURES, *features], **more}


RUNS = [
    Run("zoned, and untested", zoned("sanitize-crypto"), "refused", drive=DISK["drive"]),
    Run("zoned, its reads restricted", {**ZONES, "features": ["zoned", "sanitize-crypto", "report-opcodes"]}, "refused",
        **DISK),
    Run("zoned sanitize crypto", zoned("sanitize-crypto"), "passed", "purge", **DISK),
    Run("zoned sanitize overwrite", zoned("sanitize-overwrite"), "passed", "purge", **DISK),
    Run("zoned sanitize overwrite, keeps all", zoned("sanitize-overwrite"), "failed", **DISK, lie="keep-data"),
    Run("zoned sanitize crypto, only resets its zones", zoned("sanitize-crypto", conventional=0),
        "indeterminate", **DISK, lie="zones-only"),
    Run("zoned, overwritten by the host", zoned(), "passed", "clear", policy=CLEAR, **DISK),
]


def the_kernel_knows(lethe):
    drive = one(lethe, "known", "ZONES1", zoned("sanitize-overwrite"))
    node = drive.plug()
    queue = pathlib.Path("/sys/block") / node.rsplit("/", 1)[1] / "queue"
    must("zones to the kernel", (queue / "zoned").read_text("ascii").strip(), "host-managed")
    must("their size", (queue / "chunk_sectors").read_text("ascii").strip(), "512")
    must("how many", (queue / "nr_zones").read_text("ascii").strip(), "16")
    told = run(["blkzone", "report", node])  # by the kernel, and by sg3_utils past it
    must("its report", (told.count("(nw)"), told.count("(em)")), (2, 14))
    told = run(["sg_rep_zones", node])
    must("the drive's own", (told.count("Conventional"), told.count("Empty")), (2, 14))
    told = run([lethe.program, "show", node])
    must("what lethe says", "host-managed: 16 zones of 262.1 kB, 2 of them without an order" in told, True)
    drive.pull()


def erasures(lethe):
    table(lethe, "/run/zoned.yaml", RUNS)


if __name__ == "__main__":
    bench.prepare("scsi")
    main([the_kernel_knows, erasures], impatient(sys.argv[1]))
