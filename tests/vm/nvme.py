#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""NVMe controllers of the virtual bench, at the kernel's own NVMe driver (NVMe/TCP)."""
import json
import os
import sys

import bench
import oracles
from bed import main, modules, must, run, wait_for
from erasures import CLEAR, DRIVE, PURGE, Run, erase, impatient, table, why


def nvme(*features, **more):
    return {"kind": "nvme", "features": list(features), **more}


RUNS = [
    Run("nvme sanitize crypto", nvme("sanitize-crypto"), "passed", "purge"),
    Run("nvme sanitize block", nvme("sanitize-block"), "passed", "purge"),
    Run("nvme sanitize overwrite", nvme("sanitize-overwrite"), "passed", "purge"),
    Run("nvme sanitize block, keeps all", nvme("sanitize-block"), "failed", lie="keep-data"),
    Run("nvme sanitize crypto, keeps the key", nvme("sanitize-crypto"), "failed", lie="keep-key"),
    Run("nvme sanitize block, fails", nvme("sanitize-block"), "failed", lie="fails"),
    Run("nvme sanitize block, stuck", nvme("sanitize-block"), "failed", lie="stuck"),
    Run("nvme sanitize, log of before", nvme("sanitize-block", "sanitized-before"), ("failed", "indeterminate"),
        lie="stale-success"),
    Run("nvme format only, purge asked", nvme("format", "format-crypto"), "refused"),
    Run("nvme format, Clear asked", nvme("format"), "passed", "clear", policy=CLEAR),
    Run("nvme overwritten by the host", nvme("trim"), "passed", "clear", policy=CLEAR),
    Run("nvme sanitize block, a Samsung 980 PRO", nvme("sanitize-block"), "passed", "purge",
        drive={"model": "Samsung SSD 980 PRO 1TB"}),
]


def two_namespaces(lethe):
    """A sanitize is of all of them, and a job reads back one: refused, until what is printed was done."""
    config = {**DRIVE, "name": "two", "serial": "TWO1",
              "controller": {**nvme("sanitize-block", "namespaces"), "milliseconds": 150, "namespaces": ["8MiB"]}}
    drive = bench.Bench(os.path.dirname(lethe.program), "/run/two.yaml", json.dumps({"devices": [config]}))["two"]
    drive.number = 50
    node = drive.plug()
    other = wait_for("the other namespace", lambda: next((n for n in drive.nodes() if n != node), None))
    modules("ext4")
    run(["mkfs.ext4", "-q", "-F", other])
    os.makedirs("/run/mnt", exist_ok=True)
    run(["mount", other, "/run/mnt"])
    for mounted in (True, False):
        status, result, _ = erase(lethe, node, PURGE, "TWO1")
        must(f"exit status while {other} is there, mounted: {mounted}", status, 3)
        if mounted:
            run(["umount", "/run/mnt"])
    must(f"the remedy in {result['error']}", "nvme delete-ns" in result["error"]["remedy"], True)
    run(["nvme", "delete-ns", node.rpartition("n")[0], "--namespace-id", "2"])
    run(["nvme", "ns-rescan", node.rpartition("n")[0]])  # the target tells of nothing by itself
    wait_for("the other namespace is gone", lambda: other not in drive.nodes())
    status, result, lines = erase(lethe, node, PURGE, "TWO1")
    must(f"outcome ({why(result, lines)})", (status, result["outcome"], result["method"]), (0, "passed", "purge"))
    left = drive.remains()
    must("old blocks left", {k: v for k, v in left.items() if v and k != "device"}, {})
    drive.pull()


def erasures(lethe):
    table(lethe, "/run/nvme.yaml", RUNS)


if __name__ == "__main__":
    bench.prepare("nvme")
    bench.start_udevd()
    main([erasures, two_namespaces, oracles.nvme_tools], impatient(sys.argv[1]))
