#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ATA and SCSI drives of the virtual bench, at the kernel's SCSI layer (TCMU)."""
import json
import os
import sys

import bench
import oracles
from bed import main, must, run
from erasures import CLEAR, DRIVE, PURGE, Erasure, Run, impatient, table, why

CRYPTO, BLOCK, OVERWRITE = (["sanitize-" + how, "antifreeze"] for how in ("crypto", "block", "overwrite"))
ENHANCED = ["security", "enhanced-erase"]
SECURITY = ["security"]
SCSI = {"kind": "scsi"}


def ata(features, **more):
    return {"kind": "ata", "features": features, **more}


def sas(how, *more):
    return {"kind": "scsi", "features": ["sanitize-" + how, "report-opcodes", *more]}


PSID = "0123456789ABCDEF0123456789ABCDEF"
LABEL = ["--psid", PSID]


def sed(kind, *features):
    return {"kind": kind, "features": list(features), "psid": PSID}


MAGNETIC = {"media": "magnetic"}
SEAGATE = {**MAGNETIC, "vendor": "SEAGATE", "model": "ST1200MM0027"}
RUNS = [
    Run("ata sanitize crypto", ata(CRYPTO), "passed", "purge"),
    Run("ata sanitize block", ata(BLOCK), "passed", "purge"),
    Run("ata sanitize overwrite", ata(OVERWRITE), "passed", "purge", drive=MAGNETIC),
    Run("ata sanitize block, unreadable after it", ata([*BLOCK, "unreadable-after-block"]), "indeterminate"),
    Run("ata sanitize block, keeps all", ata(BLOCK), "failed", lie="keep-data"),
    Run("ata sanitize block, only the first block", ata(BLOCK), "failed", lie="first-block-only"),
    Run("ata sanitize block, a part", ata(BLOCK), "failed", lie={"kind": "partial-erase", "size": "75%"}),
    Run("ata sanitize crypto, keeps the key", ata(CRYPTO), "failed", lie="keep-key"),
    Run("ata sanitize block, status of before", ata([*BLOCK, "sanitized-before"]), ("failed", "indeterminate"),
        lie="stale-success"),
    Run("ata sanitize block, fails", ata(BLOCK), "failed", lie="fails"),
    Run("ata sanitize block, stuck", ata(BLOCK), "failed", lie="stuck"),
    Run("ata sanitize, frozen", ata([*BLOCK, "sanitize-frozen"]), "refused"),
    Run("ata enhanced erase of a disk", ata(ENHANCED), "passed", "purge", drive=MAGNETIC),
    Run("ata enhanced erase, keeps all", ata(ENHANCED), "failed", drive=MAGNETIC, lie="keep-data"),
    Run("ata enhanced erase, locked afterwards", ata(ENHANCED), ("failed", "indeterminate"), drive=MAGNETIC,
        lie="locked-again"),
    Run("ata security erase", ata(SECURITY), "passed", "clear", policy=CLEAR),
    Run("scsi sanitize crypto", sas("crypto"), "passed", "purge"),
    Run("scsi sanitize block", sas("block"), "passed", "purge"),
    Run("scsi sanitize block, unreadable after it", sas("block", "unreadable-after-block"), "passed", "purge"),
    Run("scsi sanitize overwrite", sas("overwrite"), "passed", "purge", drive=MAGNETIC),
    Run("scsi sanitize block, keeps all", sas("block"), "failed", lie="keep-data"),
    Run("scsi sanitize block, fails", sas("block"), "failed", lie="fails"),
    Run("scsi sanitize block, stuck", sas("block"), "failed", lie="stuck"),
    Run("scsi overwritten by the host", {**SCSI, "features": ["report-opcodes"]}, "passed", "clear", policy=CLEAR),
    # By the shipped profiles of families, and of what has no known name.
    Run("scsi FORMAT UNIT, a Seagate", {**SCSI, "features": ["format", "report-opcodes"]}, "passed", "clear",
        policy="clear-by-firmware", drive=SEAGATE),
    Run("scsi PSID, Opal of no known family", sed("scsi", "opal", "report-opcodes"), "passed", "purge", options=LABEL),
    Run("scsi PSID, Enterprise, a Seagate", sed("scsi", "enterprise", "report-opcodes"), "passed", "purge",
        drive=SEAGATE, options=LABEL),
    Run("scsi PSID, Enterprise, keeps the key", sed("scsi", "enterprise", "report-opcodes"), "failed", drive=SEAGATE,
        options=LABEL, lie="keep-key"),
    Run("scsi crypto, then overwritten", sas("crypto"), "passed", "purge", policy="crypto-erase-overwritten"),
    Run("ata PSID, Opal, a Samsung 870 EVO", sed("ata", "opal"), "passed", "purge", options=LABEL,
        drive={"vendor": "ATA", "model": "Samsung SSD 870 EVO 1TB"}),
]


def erasures(lethe):
    table(lethe, "/run/scsi.yaml", RUNS)


def one(lethe, name, serial, controller):
    config = {**DRIVE, **MAGNETIC, "name": name, "serial": serial, "controller": controller}
    return bench.Bench(os.path.dirname(lethe.program), f"/run/{name}.yaml", json.dumps({"devices": [config]}))[name]


def must_be_purged(drive, status, result, lines):
    must(f"outcome ({why(result, lines)})", (status, result["outcome"], result["method"]), (0, "passed", "purge"))
    left = drive.remains()
    must("old blocks left", {k: v for k, v in left.items() if v and k != "device"}, {})


def hidden_area(lethe):
    """Half of the disk is behind a host protected area: opened, power off and on, and then erased."""
    drive = one(lethe, "hidden", "HPA1", ata([*OVERWRITE, "hpa"], milliseconds=150, hpa="2MiB"))
    erasure = Erasure(lethe, [drive.plug()], PURGE, ["HPA1"])
    erasure.until("window.open")
    node = drive.cycle()
    status, results = erasure.end()
    must_be_purged(drive, status, list(results.values())[-1], erasure.lines)
    must("sectors at the end", run(["blockdev", "--getsize64", node]).strip(), str(4 << 20))
    drive.pull()


def blocks_of_520(lethe):
    """A drive out of an array: no capacity to the kernel until it is formatted, by Lethe."""
    drive = one(lethe, "array", "ARRAY1", {**sas("overwrite", "format"), "sector": 520, "milliseconds": 300})
    node = drive.plug()
    must("bytes before", run(["blockdev", "--getsize64", node]).strip(), "0")
    erasure = Erasure(lethe, [node], PURGE, ["ARRAY1"])
    erasure.until("window.open")
    node = drive.cycle()
    status, results = erasure.end()
    must_be_purged(drive, status, list(results.values())[-1], erasure.lines)
    must("bytes at the end", run(["blockdev", "--getsize64", node]).strip(), str(4 << 20))
    drive.pull()


if __name__ == "__main__":
    bench.prepare("scsi")
    main([erasures, hidden_area, blocks_of_520, oracles.scsi_tools], impatient(sys.argv[1]))
