#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""examples/python/verify.py and examples/node/verify.mjs over certs/examples: what lethe-verify calls valid they
do too, and what it refuses they never call valid, but for what they say they leave to it.

    examples.py SOURCE LETHE-VERIFY
"""
import json
import pathlib
import re
import subprocess
import sys

source, program = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(source / "examples/python"))
import verify as example  # noqa: E402

LEFT = re.compile(r"contradiction-|claim-(value|type|missing|unknown)$|technique-unknown$|unbound$")
# Node's X509Certificate shows neither key usage nor the algorithm of a signature.
NODE_LEFT = {"invalid/x5c-no-key-usage.sdjwt", "invalid/x5c-sha1.sdjwt"}
NODE = """
import { verify } from %s
import { readFileSync } from 'node:fs'
const root = readFileSync(%s, 'utf8')
for (const [file, id] of JSON.parse(readFileSync(0))) console.log(verify(readFileSync(file, 'latin1'), [root], id).verdict)
"""

root = source / "certs/test-keys/root.pem"
cases = json.loads((source / "certs/examples/index.json").read_text())["examples"]
files = [str(source / "certs/examples" / case["file"]) for case in cases]
lines = subprocess.run([program, "--json", "--trust", str(root), "--", *files], capture_output=True, text=True).stdout
asked = []
for file, line in zip(files, lines.splitlines(), strict=True):
    own = [i["value"] for i in (json.loads(line).get("claims") or {}).get("identifiers", []) if i["source"] == "device"]
    asked.append((file, own[0] if own else "SERIAL-OF-NOTHING"))

module = json.dumps((source / "examples/node/verify.mjs").as_uri())
node = subprocess.run(["node", "--input-type=module", "-e", NODE % (module, json.dumps(str(root)))],
                      input=json.dumps(asked), capture_output=True, text=True)
if node.returncode:
    sys.exit(node.stderr)
python = [example.verify(open(file, encoding="latin-1", newline="").read(), [root.read_bytes()], device)[0]
          for file, device in asked]
wrong, compared = 0, 0
for case, by_node, by_python in zip(cases, node.stdout.split(), python, strict=True):
    for name, said in (("node", by_node), ("python", by_python)):
        left = LEFT.match(case["code"]) or (name == "node" and case["file"] in NODE_LEFT)
        if case["verdict"] != "valid" and left:
            continue
        compared += 1
        if (said == "valid") != (case["verdict"] == "valid"):
            print(f"{case['file']}: {case['verdict']} ({case['code']}), {name} says {said}")
            wrong += 1
print(f"verify in your stack: {compared} verdicts compared, {wrong} differ")
sys.exit(1 if wrong or compared < 150 else 0)
