#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema that editors use says what the loader says: the same cases, every scenario, and
the example of docs/emulation.md."""
import json
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
try:
    import jsonschema
except ImportError:
    print("SKIP: python3-jsonschema is not installed")
    sys.exit(77)

schema = json.loads((root / "profiles/emulation.schema.json").read_text())
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
cases = json.loads((root / "tests/emu/cases.json").read_text())
wrong = 0


def expect(what, document, good):
    global wrong
    errors = [e.message for e in validator.iter_errors(document)]
    if bool(errors) == good:
        wrong += 1
        print(f"{what}: {'refused: ' + errors[0] if errors else 'accepted'}: {document}")


for document in cases["valid"]:
    expect("a valid case", document, True)
for document in cases["invalid"]:
    expect("an invalid case", document, False)
for file in sorted((root / "tests/scenarios").glob("*.json")):
    expect(file.name, json.loads(file.read_text())["emulate"], True)
listed = re.findall(r'^PHONE_FAULT\(\w+, *"([^"]+)"', (root / "src/emu/phone/faults.def").read_text(), re.M)
page = (root / "docs/emulation.md").read_text()
for kind in listed:
    expect(f"{kind} of the phones", {"devices": [{"name": "a", "phone": {"family": "android", "faults": [{"kind": kind}]}}]}, True)
    if f"| `{kind}` |" not in page:
        wrong += 1
        print(f"docs/emulation.md does not tell of {kind}")
sys.exit(1 if wrong else 0)
