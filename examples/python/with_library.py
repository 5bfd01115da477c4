#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verify one certificate with liblethe-verify, by its JSON entry point and nothing but ctypes.

    with_library.py CERTIFICATE ROOT.pem [DEVICE]

Exit status as lethe-verify's: 0 valid, 1 invalid, 2 undetermined, 3 wrong usage.
"""
import base64
import ctypes
import json
import os
import sys

lib = ctypes.CDLL(os.environ.get("LETHE_VERIFY", "liblethe-verify.so.0"))
lib.lethe_verify_json.restype = ctypes.c_void_p
lib.lethe_verify_json_free.argtypes = [ctypes.c_void_p]


def verify(**request):
    answer = lib.lethe_verify_json(json.dumps(request).encode())
    try:
        return json.loads(ctypes.string_at(answer))
    finally:
        lib.lethe_verify_json_free(answer)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as certificate, open(sys.argv[2], encoding="ascii") as root:
        request = {"certificate_b64": base64.b64encode(certificate.read()).decode(), "trust": [root.read()]}
    if len(sys.argv) > 3:
        request["device"] = sys.argv[3]
    report = verify(**request)
    if "error" in report:
        print(report["error"]["text"], file=sys.stderr)
        sys.exit(3)
    print(report["verdict"], *(reason["code"] for reason in report["reasons"]))
    sys.exit({"valid": 0, "invalid": 1, "undetermined": 2}[report["verdict"]])
