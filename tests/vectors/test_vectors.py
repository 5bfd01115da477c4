# SPDX-License-Identifier: Apache-2.0
"""Every example in certs/examples: lethe-verify says what the index says."""
import json
import os
import re
import subprocess
import unittest

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
EXAMPLES = os.path.join(ROOT, "certs", "examples")
PEM = os.path.join(ROOT, "certs", "test-keys", "root.pem")
VERIFY = os.environ.get("LETHE_VERIFY", os.path.join(ROOT, "build/dev/bin/lethe-verify"))
VERDICTS = {0: "valid", 1: "invalid", 2: "undetermined", 3: "refused"}


def path(name):
    return os.path.normpath(os.path.join(EXAMPLES, name))


def arguments(request):
    """A request as in levels.json, as lethe-verify wants it."""
    request = dict(request)
    out = [] if "trust" in request else ["--trust", PEM]
    out += [path(f) for f in request.get("lot", [])]
    for member, option in (("proof", "--proof"), ("log_policy", "--log-policy"), ("seen", "--seen"),
                           ("validation", "--validation")):
        if member in request:
            out += [option, path(request[member])]
    for member, option in (("status", "--status"), ("crls", "--crl")):
        for file in request.get(member, []):
            out += [option, path(file)]
    if "trust_list" in request:
        out += ["--trust-list", path(request["trust_list"]["list"]), "--trust-list-key",
                path(request["trust_list"]["key"])]
    if "min_level" in request:
        out += ["--min-level", f"L{request['min_level']}"]
    return ["lot", *out] if "lot" in request else [path(request["certificate"]), *out]


def verify(*args, text=None):
    said = subprocess.run([VERIFY, "--json", *args] if args[0] != "lot" else [VERIFY, *args, "--json"],
                          capture_output=True, text=True, input=text)
    report = json.loads(said.stdout) if said.stdout else None
    return VERDICTS.get(said.returncode, said.returncode), report, said.stderr


class Vectors(unittest.TestCase):
    def index(self, name):
        with open(path(name), encoding="utf-8") as f:
            return json.load(f)

    def same(self, name, example, said):
        verdict, report, stderr = said
        self.assertEqual(verdict, example["verdict"], f"{name}: {report or stderr}")
        if verdict == "refused":
            self.assertIsNone(report, name)
            return
        codes = [r["code"] for r in report["reasons"]]
        # What is no SD-JWT, or no label, by its first byte is looked at as something else.
        if example["code"] and codes[:1] not in (["characters"], ["bundle"]):
            self.assertIn(example["code"], codes, f"{name}: {report['reasons']}")
        if "level" in example:
            self.assertEqual(report["level"], example["level"], name)

    def test_levels(self):
        examples = self.index("levels.json")["examples"]
        for example in examples:
            with self.subTest(example["name"]):
                self.same(example["name"], example, verify(*arguments(example["request"])))
        names = [e["name"] for e in examples]
        self.assertEqual(len(names), len(set(names)))
        used = {f for e in examples for f in re.findall(r'"(levels/[^"]+)"', json.dumps(e))}
        self.assertEqual(used, {"levels/" + f for f in os.listdir(path("levels"))})

    def test_certificates(self):
        examples = self.index("index.json")["examples"]
        lines = [json.loads(line) for line in subprocess.run(
            [VERIFY, "--json", "--brief", "--trust", PEM, *[path(e["file"]) for e in examples]],
            capture_output=True, text=True).stdout.splitlines()]
        self.assertEqual(len(lines), len(examples))
        for example, said in zip(examples, lines):
            with self.subTest(example["file"]):
                self.same(example["file"], example, (said["verdict"], said, ""))

    def test_labels(self):
        bench = os.path.join(os.path.dirname(PEM), "bench.pem")
        for example in self.index("labels.json")["labels"]:
            with self.subTest(example["name"]):
                device = ["--device", example["device"]] if example["device"] else []
                self.same(example["name"], example,
                          verify("-", "--trust", PEM, "--bench", bench, *device, text=example["text"]))

    def test_pages(self):
        for example in self.index("pdf.json")["examples"]:
            with self.subTest(example["file"]):
                self.same(example["file"], example, verify(path(example["file"]), "--trust", PEM))

    def test_each_code_is_explained(self):
        """In certs/SPEC.md, or batch.md: those of the examples, and all that the sources can say."""
        said = {e["code"] for name, key in (("index.json", "examples"), ("pdf.json", "examples"),
                                            ("labels.json", "labels"), ("levels.json", "examples"))
                for e in self.index(name)[key]} - {""}
        for folder in ("cert", "carrier", "cose", "batch"):
            for file in sorted(os.listdir(os.path.join(ROOT, "src", folder))):
                with open(os.path.join(ROOT, "src", folder, file), encoding="utf-8") as f:
                    said.update(re.findall(r'LETHE_VERDICT_(?:VALID|INVALID|UNDETERMINED),\s*"([a-z0-9-]+)"', f.read()))
        explained = set()
        for name in ("SPEC.md", "batch.md"):
            with open(os.path.join(ROOT, "certs", name), encoding="utf-8") as f:
                explained.update(re.findall(r"`([a-z0-9-]+)`", f.read()))
        self.assertEqual(said - explained, set())
        self.assertGreater(len(said), 100)

    def test_there_are_enough(self):
        said = [e["verdict"] for name, key in (("index.json", "examples"), ("pdf.json", "examples"),
                                               ("labels.json", "labels"), ("levels.json", "examples"))
                for e in self.index(name)[key]]
        counts = {verdict: said.count(verdict) for verdict in VERDICTS.values()}
        print("examples:", counts)
        self.assertGreaterEqual(counts["invalid"] + counts["refused"], 300)
        self.assertGreaterEqual(counts["valid"], 20)


if __name__ == "__main__":
    unittest.main()
