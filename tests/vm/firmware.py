#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Emulated drives as real SCSI disks, read by tools that know nothing of us: hdparm, sg3-utils and
smartmontools must take our firmware for a drive's, without complaint."""
import os
import pathlib
import subprocess
import sys
import time

from bed import Wrong, main, modules, must, run, wait_for

FILE = "/run/firmware.yaml"
DRIVES = """
devices:
  - {name: ssd, vendor: Acme, model: Purgeable 3000, serial: S3R1AL42, wwn: 5000c500a1b2c3d4,
     firmware: FW1.0203, capacity: 16MiB, media: flash, contents: "text:secret ",
     controller: {kind: ata, milliseconds: 1500, spare: 1MiB, health: {reallocated: 7, hours: 4242}}}
  - {name: hidden, model: Shorty, serial: HPA1, capacity: 16MiB, media: magnetic,
     controller: {kind: ata, hpa: 8MiB, password: theirs}}
  - {name: sas, vendor: Acme, model: Big Disk, serial: SAS1, wwn: 5000c500a1b2c3d5,
     firmware: "0203", capacity: 16MiB, media: magnetic, contents: "text:secret ",
     controller: {kind: scsi, milliseconds: 1500}}
  - {name: netapp, model: Array Disk, serial: NA1, capacity: 16MiB, media: magnetic,
     controller: {kind: scsi, sector: 520, milliseconds: 300}}
"""


class Drive:
    """One of FILE, as long as the context lasts."""

    def __init__(self, name, number):
        self.name, self.number = name, number

    def __enter__(self):
        program = pathlib.Path(sys.argv[1]).parent / "vm_tcmu"
        self.process = subprocess.Popen([program, FILE, self.name, str(self.number)], text=True,
                                        stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line.startswith("ready: "):
            raise Wrong(f"vm_tcmu {self.name}: {line!r}, exit {self.process.poll()}")
        self.node = line.split()[1]
        # The kernel names a disk before its driver has taken it.
        wait_for(f"a disk that opens as {self.node}", self.opens)
        return self

    def opens(self):
        try:
            os.close(os.open(self.node, os.O_RDONLY | os.O_NONBLOCK))
        except OSError:
            return False
        return True

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def holds(text, *wanted):
    for part in wanted:
        if part not in text:
            raise Wrong(f"no {part!r} in:\n{text}")
    return text


def first_bytes(node, count=16):
    run(["blockdev", "--flushbufs", node])
    with open(node, "rb") as file:
        return file.read(count)


def hdparm_reads_the_ssd(_):
    with Drive("ssd", 1) as ssd:
        holds(run(["hdparm", "-I", ssd.node]), "Model Number:       Purgeable 3000",
              "Serial Number:      S3R1AL42", "LBA48  user addressable sectors:       32768",
              "SANITIZE feature set", "BLOCK_ERASE_EXT command", "OVERWRITE_EXT command",
              "SANITIZE_ANTIFREEZE_LOCK_EXT command", "supported: enhanced erase",
              "not\tfrozen", "Checksum: correct", "5000c500a1b2c3d4")
        holds(run(["sg_vpd", "-p", "0x89", ssd.node]), "model: Purgeable 3000")
        # Bits of its exit status tell of logs that the drive doesn't keep.
        holds(run(["smartctl", "-a", ssd.node], check=False), "SMART overall-health self-assessment",
              "PASSED", "Reallocated_Sector_Ct   0x0033   090   090   010    Pre-fail  Always       -       7",
              "4242")


def hdparm_sanitizes_the_ssd(_):
    with Drive("ssd", 1) as ssd:
        must("before", first_bytes(ssd.node, 6), b"secret")
        run(["hdparm", "--yes-i-know-what-i-am-doing", "--sanitize-block-erase", ssd.node])
        holds(run(["hdparm", "--sanitize-status", ssd.node]), "SD2 Sanitize operation In Process")
        wait_for("the end", lambda: "Completed Without Error" in
                 run(["hdparm", "--sanitize-status", ssd.node]))
        must("after", first_bytes(ssd.node), bytes(16))


def hdparm_erases_the_ssd(_):
    with Drive("ssd", 1) as ssd:
        run(["hdparm", "--user-master", "u", "--security-set-pass", "lethe", ssd.node])
        holds(run(["hdparm", "-I", ssd.node]), "\t\tenabled", "Security level high")
        run(["hdparm", "--user-master", "u", "--security-erase-enhanced", "lethe", ssd.node])
        holds(run(["hdparm", "-I", ssd.node]), "not\tenabled", "not\tlocked")


def hdparm_opens_the_hidden_drive(_):
    with Drive("hidden", 2) as drive:
        holds(run(["hdparm", "-I", drive.node]), "\t\tlocked")
        run(["hdparm", "--user-master", "u", "--security-unlock", "theirs", drive.node])
        run(["hdparm", "--user-master", "u", "--security-disable", "theirs", drive.node])
        holds(run(["hdparm", "-I", drive.node]), "not\tenabled", "not\tlocked")
        holds(run(["hdparm", "-N", drive.node]), "16384/32768, HPA is enabled")
        run(["hdparm", "--yes-i-know-what-i-am-doing", "-N", "p32768", drive.node])
        holds(run(["hdparm", "-N", drive.node]), "32768/32768, HPA is disabled")


def sg3_utils_sanitize_the_sas_drive(_):
    with Drive("sas", 3) as sas:
        holds(run(["sg_inq", sas.node]), "Vendor identification: Acme", "[SPC-5]",
              "Unit serial number: SAS1")
        holds(run(["sg_opcodes", sas.node]), "Sanitize, block erase", "Sanitize, overwrite")
        holds(run(["sg_vpd", "-p", "bdc", sas.node]), "WABEREQ=0", "7200 rpm")
        holds(run(["smartctl", "-a", sas.node], check=False), "Serial number:        SAS1",
              "SMART Health Status: OK")
        run(["sg_raw", sas.node, *"48 82 00 00 00 00 00 00 00 00".split()])
        time.sleep(0.3)
        holds(run(["sg_requests", "-p", sas.node]), "Progress indication:")
        holds(run(["sg_turs", "-v", sas.node], check=False), "sanitize in progress")
        wait_for("the end", lambda: "No Sense" in run(["sg_requests", sas.node]))
        must("after", first_bytes(sas.node), bytes(16))


def sg_format_makes_512_of_520(_):
    with Drive("netapp", 4) as drive:
        holds(run(["sg_readcap", drive.node]), "Logical block length=520 bytes")
        run(["sg_format", "--format", "--size=512", "--quick", "--wait", drive.node])
        wait_for("the end", lambda: "No Sense" in run(["sg_requests", drive.node]))
        holds(run(["sg_readcap", drive.node]), "Logical block length=512 bytes")


def prepare():
    modules("target_core_user", "tcm_loop", "sd_mod", "sg")
    run(["mount", "-t", "configfs", "none", "/sys/kernel/config"])
    pathlib.Path(FILE).write_text(DRIVES, encoding="ascii")


if __name__ == "__main__":
    prepare()
    main([hdparm_reads_the_ssd, hdparm_sanitizes_the_ssd, hdparm_erases_the_ssd,
          hdparm_opens_the_hidden_drive, sg3_utils_sanitize_the_sas_drive,
          sg_format_makes_512_of_520])
