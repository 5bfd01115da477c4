# SPDX-License-Identifier: Apache-2.0
"""
What the promise of bounded memory comes to: an image is erased and verified in full, and no process
of that (the supervisor, the eraser, the verifier) was ever larger than the device buffers (16 MiB)
and the program.
"""
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from bench import Bench  # noqa: E402

IMAGE_MIB = 256
LIMIT_MIB = 18
# With fonts and a page in it, lethe-press is larger; just as much for any device.
PRESS_MIB = 32


def peak():
    """Of the largest process that was waited for, and of theirs in turn: MiB. The kernel counts in
    what a child was before exec, a copy of this Python: that one has to be small as well."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def main():
    with Bench() as bench:
        disk = bench.path("disk.img")
        with open(disk, "wb") as f:
            f.truncate(IMAGE_MIB << 20)
        digest = bench.digest(disk, "random-full")[:8]
        before = peak()
        result = bench.erase(disk, "random-full", digest)
        assert result.exit == 0 and result.last["outcome"] == "passed", result.last
        print(f"erasing {IMAGE_MIB} MiB: no process larger than {peak():.1f} MiB "
              f"(planning: {before:.1f}), limit {LIMIT_MIB}")
        assert peak() <= LIMIT_MIB, f"{peak():.1f} MiB"
        result = bench.erase(disk, "random-full", page=True)
        assert result.exit == 0 and "page" in result.last, result.last
        print(f"drawing its page: no process larger than {peak():.1f} MiB, limit {PRESS_MIB}")
        assert peak() <= PRESS_MIB, f"{peak():.1f} MiB"


if __name__ == "__main__":
    main()
