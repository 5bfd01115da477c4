#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drives of the virtual bench behind USB bridges, at the kernel's own USB stack (vhci_hcd)."""
import sys

import bench
from bed import main
from erasures import CLEAR, QUICK, Run, impatient, table


def ata(bridge, *features):
    return {"kind": "ata", "bridge": bridge, "features": [*features, "antifreeze"]}


BLOCK = "sanitize-block"
ASKED = ["--accept-untested"]
RUNS = [
    Run("usb: sat, sanitize block", ata("sat", BLOCK), "passed", "purge"),
    Run("usb: sat, sanitize crypto", ata("sat", "sanitize-crypto"), "passed", "purge"),
    Run("usb: sat, keeps all", ata("sat", BLOCK), "failed", lie="keep-data"),
    Run("usb: sat, fails", ata("sat", BLOCK), "failed", lie="fails"),
    Run("usb: sat, the power fails half-way", ata("sat", BLOCK), ("failed", "indeterminate"), lie="power-loss"),
    Run("usb: sat, status of before", ata("sat", BLOCK, "sanitized-before"), ("failed", "indeterminate"),
        lie="stale-success"),
    Run("usb: registers in fixed sense", ata("sat-fixed-sense", BLOCK), "passed", "purge"),
    Run("usb: no registers at all", ata("sat-no-sense", BLOCK), "refused"),
    Run("usb: 12-byte commands only", ata("sat-12-only", BLOCK), "refused"),
    Run("usb: invents answers", ata("sat-invents", BLOCK), "refused"),
    Run("usb: an identity of its own making", ata("sat-fake-identity", BLOCK), "refused"),
    Run("usb: no pass-through", ata("no-pass-through", BLOCK), "refused"),
    Run("usb: no pass-through, overwritten", ata("no-pass-through", BLOCK), "passed", "clear", policy=CLEAR,
        bound=False),
    Run("usb: no pass-through, drops writes", ata("no-pass-through", BLOCK), "failed", policy=CLEAR,
        drive={"faults": [{"kind": "drop-fraction", "fraction": "20%"}]}),
    # The bridge does not say what it is made of; that it speaks NVMe does.
    Run("usb: JMicron, nvme, sanitize block", {"kind": "nvme", "bridge": "jmicron-nvme", "features": [BLOCK]},
        "passed", "purge", options=ASKED, bound=False),
    Run("usb: JMicron, nvme, keeps all", {"kind": "nvme", "bridge": "jmicron-nvme"}, "failed", lie="keep-data",
        options=ASKED, bound=False),
    Run("usb: JMicron, nvme, overwritten", {"kind": "nvme", "bridge": "jmicron-nvme"}, "passed", "clear", policy=CLEAR,
        bound=False),
    Run("usb: ASMedia, nvme", {"kind": "nvme", "bridge": "asmedia-nvme"}, "refused", options=ASKED),
    Run("usb: Realtek, nvme", {"kind": "nvme", "bridge": "realtek-nvme"}, "refused", options=ASKED),
]


def erasures(lethe):
    table(lethe, "/run/usb.yaml", RUNS)


if __name__ == "__main__":
    QUICK["LETHE_AWAY_SECONDS"] = "5"  # that long a drive that vanished is awaited
    bench.prepare("usb")
    bench.start_udevd()
    main([erasures], impatient(sys.argv[1]))
