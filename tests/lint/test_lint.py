#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plant one violation of each rule in a small tree: scripts/lint must say it, and nothing else."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
CLEAN = {
    "src/base/file.c": SPDX + "int f(void)\n{\n    return open(\"x\", 0);\n}\n",
    "src/io/block.c": SPDX + '#include "base/file.h"\n#include <linux/fs.h>\nint g(void)\n{\n    return ioctl(1, 2);\n}\n',
    "src/scan/udev.c": SPDX + "#include <libudev.h>\n#include <lethe/io.h>\n",
    "src/technique/overwrite.c": SPDX + 'const int lethe_technique_overwrite = {.name = "overwrite"};\n',
    "src/technique/techniques.def": SPDX + "X(lethe_technique_overwrite)\n",
    "tests/technique/test_overwrite.c": SPDX + 'const char *name = "overwrite";\n',
    "docs/techniques/overwrite.md": "# Overwrite\nSee `src/technique/overwrite.c`, add `src/technique/NAME.c`.\n",
    "scripts/tool": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n",
}


def lint(changes, formatting=False):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**CLEAN, **changes}.items():
            if text is not None:
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
        if formatting:
            (root / ".clang-format").write_text((ROOT / ".clang-format").read_text())
        run = subprocess.run([sys.executable, ROOT / "scripts/lint", "--root", root,
                              *([] if formatting else ["--no-format"])], capture_output=True, text=True)
        return run.returncode, run.stdout.strip()


class Planted(unittest.TestCase):
    def test_clean_tree_passes(self):
        code, said = lint({})
        self.assertEqual(code, 0, said)

    def caught(self, name, text, want):
        code, said = lint({name: text})
        self.assertEqual(code, 1, f"{name} was let through")
        self.assertIn(want, said)
        self.assertEqual(len(said.splitlines()), 1, said)

    def test_include_against_the_arrows(self):
        self.caught("src/base/x.c", SPDX + '#include "io/block.h"\n', "src/base/x.c:2: layering: base may not include io")
        self.caught("src/io/x.c", SPDX + "#include <scan/udev.h>\n", "layering: io may not include scan")
        self.caught("src/cert/x.c", SPDX + "#include <lethe/store.h>\n", "layering: cert may not include store")
        self.caught("src/verify/x.c", SPDX + "\n#include <lethe/job.h>\n", "x.c:3: layering: verify may not include job")
        self.caught("include/lethe/io.h", SPDX + "#include <lethe/plan.h>\n", "layering: io may not include plan")

    def test_unknown_layer(self):
        self.caught("src/misc/x.c", SPDX, "src/misc/x.c:1: layer:")

    def test_plain_files_only_in_base(self):
        for call in ("open(p, 0)", "openat(d, p, 0)", "fopen(p, q)", "::open (p)", "mkostemp(t, 0)", "opendir(p)"):
            self.caught("src/store/x.c", SPDX + f"int a = {call};\n", "src/store/x.c:2: plain-file")

    def test_calls_that_only_end_in_open(self):
        code, said = lint({"src/store/x.c": SPDX + 'int a = sqlite3_open(p) + driver->open(p) + ops.open(p);\n'
                           '/* open(p) in a comment,\n * ioctl(x) too */ // fopen(x)\nconst char *s = "open(x) // \\" ioctl(";\n'})
        self.assertEqual(code, 0, said)

    def test_code_after_a_comment_mark_in_a_string(self):
        self.caught("src/store/x.c", SPDX + 'const char *s = "/*"; int a = open(p); const char *t = "*/";\n', "plain-file")

    def test_hardware_only_in_io(self):
        self.caught("src/job/x.c", SPDX + "int a = ioctl(1, 2);\n", "ioctl")
        self.caught("src/scan/x.c", SPDX + "#include <linux/fs.h>\n", "device-header")
        self.caught("src/verify/x.c", SPDX + "#include <scsi/sg.h>\n", "device-header")
        self.caught("src/job/x.c", SPDX + "#  include <linux/nvme_ioctl.h>\n", "device-header")

    def test_udev_only_in_scan(self):
        self.caught("src/io/x.c", SPDX + "#include <libudev.h>\n", "udev")

    def test_sqlite_only_in_store(self):
        self.caught("src/cli/x.c", SPDX + "#include <sqlite3.h>\n", "sqlite")

    def test_licence_line(self):
        self.caught("src/io/x.c", "int a;\n", "src/io/x.c:1: spdx")
        self.caught("scripts/other", "#!/bin/sh\necho\n", "scripts/other:1: spdx")
        self.caught("profiles/devices/x.yaml", "id: x\n", "spdx")

    def test_technique_without_test_or_page(self):
        self.caught("tests/technique/test_overwrite.c", SPDX, "overwrite has no test")
        self.caught("docs/techniques/overwrite.md", None, "overwrite has no page")

    def test_documents_name_files_that_exist(self):
        self.caught("docs/x.md", "# X\n\nsee `src/io/gone.c`\n", "docs/x.md:3: mention: src/io/gone.c does not exist")

    def test_formatting(self):
        code, said = lint({"src/io/x.c": SPDX + "int  a ;\n"}, formatting=True)
        self.assertEqual(code, 1)
        self.assertIn("src/io/x.c:2: format", said)


if __name__ == "__main__":
    unittest.main()
