# SPDX-License-Identifier: Apache-2.0
"""What the tools of others read from a drive, against what Lethe says of it: hdparm, sg3-utils,
smartmontools and nvme-cli know nothing of us."""
import json
import os
import re

import bench
from bed import Wrong, must, run, wait_for


def holds(text, *wanted):
    for part in wanted:
        if part not in text:
            raise Wrong(f"no {part!r} in:\n{text}")
    return text


def plugged(lethe, name, **config):
    """The drive, its node and what `lethe show` says of it."""
    drive = bench.Bench(os.path.dirname(lethe.program), f"/run/{name}.yaml", json.dumps(
        {"devices": [{"name": name, "vendor": "Acme", "capacity": "4MiB", "media": "flash",
                      "contents": "text:secret ", **config}]}))[name]
    drive.number = 60
    node = drive.plug()
    status, seen = lethe.json("show", node)
    must(f"exit status of lethe show {node}", status, 0)
    return drive, node, seen


def field(text, pattern):
    found = re.search(pattern, text)
    if not found:
        raise Wrong(f"no {pattern} in:\n{text}")
    return found.group(1).strip()


def same(what, lethe, oracle):
    must(f"{what}: Lethe, and the tool", lethe, oracle)


def hdparm_agrees(lethe, **more):
    drive, node, seen = plugged(lethe, "hd", model="Purgeable 3000", serial="HD1", firmware="FW1.0203",
                                wwn="5000c500a1b2c3d4", controller={"kind": "ata", "milliseconds": 3000, **more})
    told, firmware = run(["hdparm", "-I", node]), seen["firmware"]
    same("model", firmware["model"], field(told, r"Model Number:\s+(.*)"))
    same("serial", firmware["serial"], field(told, r"Serial Number:\s+(.*)"))
    same("firmware", firmware["firmware"], field(told, r"Firmware Revision:\s+(.*)"))
    same("sectors", seen["identity"]["capacity"] // 512, int(field(told, r"LBA48\s+user addressable sectors:\s+(\d+)")))
    for ours, theirs in (("sanitize-block", "BLOCK_ERASE_EXT"), ("sanitize-crypto", "CRYPTO_SCRAMBLE_EXT"),
                         ("sanitize-overwrite", "OVERWRITE_EXT")):
        same(ours, ours in firmware["can"], theirs in told)
    for state in ("enabled", "locked", "frozen"):
        same(state, firmware["security"][state], f"not\t{state}" not in told)
    run(["hdparm", "--yes-i-know-what-i-am-doing", "--sanitize-block-erase", node])
    holds(run(["hdparm", "--sanitize-status", node]), "SD2 Sanitize operation In Process")
    same("a sanitize runs", lethe.json("show", node)[1]["firmware"]["sanitize"]["running"], True)
    wait_for("the end", lambda: "Completed Without Error" in run(["hdparm", "--sanitize-status", node]))
    same("no sanitize runs", lethe.json("show", node)[1]["firmware"]["sanitize"]["running"], False)
    return drive, node


def security(lethe, drive, node):
    """A native port only: `lethe` sends no password through a bridge either."""
    run(["hdparm", "--user-master", "u", "--security-set-pass", "p", node])
    same("enabled", lethe.json("show", node)[1]["firmware"]["security"]["enabled"], True)
    run(["hdparm", "--user-master", "u", "--security-erase-enhanced", "p", node])
    same("enabled", lethe.json("show", node)[1]["firmware"]["security"]["enabled"], False)
    drive.pull()


def scsi_tools(lethe):
    security(lethe, *hdparm_agrees(lethe))
    drive, node, seen = plugged(lethe, "sas", model="Big Disk", serial="SAS1", firmware="0203",
                                wwn="5000c500a1b2c3d5", controller={"kind": "scsi", "milliseconds": 3000})
    told = run(["sg_readcap", "-l", node])
    same("capacity", seen["identity"]["capacity"], int(field(told, r"Device size: (\d+) bytes")))
    same("logical block", seen["identity"]["logical_block"], int(field(told, r"Logical block length=(\d+)")))
    told = run(["sg_inq", node])
    same("vendor", seen["firmware"]["vendor"], field(told, r"Vendor identification:(.*)"))
    same("model", seen["firmware"]["model"], field(told, r"Product identification:(.*)"))
    same("serial", seen["firmware"]["serial"], field(told, r"Unit serial number:(.*)"))
    told = run(["sg_opcodes", node])
    for how in ("block erase", "overwrite", "cryptographic erase"):
        ours = {"cryptographic erase": "crypto"}.get(how, how.split()[0])
        same(how, f"sanitize-{ours}" in seen["firmware"]["can"], f"Sanitize, {how}" in told)
    run(["sg_sanitize", "--block", "--early", "--quick", node])
    same("a sanitize runs", lethe.json("show", node)[1]["firmware"]["sanitize"]["running"], True)
    wait_for("the end", lambda: "No Sense" in run(["sg_requests", node]))
    same("no sanitize runs", lethe.json("show", node)[1]["firmware"]["sanitize"]["running"], False)
    drive.pull()


def usb_tools(lethe):
    drive, _ = hdparm_agrees(lethe, bridge="sat")
    drive.pull()


def nvme_tools(lethe):
    drive, node, seen = plugged(lethe, "nv", model="Acme Fast", serial="NV1", firmware="0203",
                                controller={"kind": "nvme", "milliseconds": 3000, "namespaces": ["2MiB"]})
    controller = node.rpartition("n")[0]
    told = json.loads(run(["nvme", "id-ctrl", controller, "-o", "json"]))
    for ours, theirs in (("serial", "sn"), ("model", "mn"), ("firmware", "fr")):
        same(ours, seen["firmware"][ours], told[theirs].strip())
    for ours, bit in (("sanitize-crypto", 1), ("sanitize-block", 2), ("sanitize-overwrite", 4)):
        same(ours, ours in seen["firmware"]["can"], bool(told["sanicap"] & bit))
    same("format-crypto", "format-crypto" in seen["firmware"]["can"], bool(told["fna"] & 4))
    same("unallocated", seen["firmware"]["unallocated"], int(told["unvmcap"]))
    listed = json.loads(run(["nvme", "list-ns", controller, "-o", "json"]))["nsid_list"]
    same("namespaces", [n["nsid"] for n in seen["firmware"]["namespaces"]], [n["nsid"] for n in listed])
    size = json.loads(run(["nvme", "id-ns", node, "-o", "json"]))["nsze"]
    same("capacity", seen["identity"]["capacity"], size * seen["identity"]["logical_block"])
    run(["nvme", "sanitize", controller, "--sanact=2"])
    same("a sanitize runs", lethe.json("show", node)[1]["firmware"]["sanitize"]["running"], True)

    def state():
        log = json.loads(run(["nvme", "sanitize-log", controller, "-o", "json"]))
        return next(iter(log.values()))["sstat"]

    wait_for("the end", lambda: "1" in str(state().get("status", state()))[:12])
    wait_for("the end, by Lethe", lambda: not lethe.json("show", node)[1]["firmware"]["sanitize"]["running"])
    run(["nvme", "format", node, "--ses=1", "--force"])
    with open(node, "rb") as disk:
        must("after the format", disk.read(512), bytes(512))
    drive.pull()
