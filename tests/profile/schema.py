#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The published JSON Schemas on the corpus that test_corpus.c runs through the loader, and on every
shipped file. Usage: schema.py SOURCE_DIR. Exit 77 (skipped) where the two libraries are missing."""
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}; apt-get install python3-jsonschema python3-yaml")
    sys.exit(77)


class Loader(yaml.SafeLoader):
    """YAML 1.2 core schema, as editors read it: yes and no and 2026-11-23 are text."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", list("~nN") + [""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)


def main(source):
    wrong = counted = 0
    for kind, shipped, schema_name in (
        ("policy", "policies", "policy.schema.json"),
        ("profile", "devices", "device.schema.json"),
    ):
        schema = json.loads((source / "profiles" / schema_name).read_text())
        jsonschema.Draft7Validator.check_schema(schema)
        validator = jsonschema.Draft7Validator(schema)
        files = [(path, True) for path in sorted((source / "profiles" / shipped).glob("*.yaml"))]
        for path in sorted((source / "tests/fuzz/corpus" / kind).glob("*.yaml")):
            if not path.name.startswith("deep-"):
                files.append((path, path.name.startswith("good-")))
        for path, good in files:
            counted += 1
            data = yaml.load(path.read_text(encoding="utf-8"), Loader)
            error = jsonschema.exceptions.best_match(validator.iter_errors(data))
            if (error is None) != good:
                wrong += 1
                print(f"{path}: {'refused: ' + error.message if error else 'accepted'}")
    print(f"{counted} files, {wrong} on which schema and loader differ")
    return 1 if wrong or counted < 100 else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
