#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verify in your stack: a certificate of Lethe in Python, with python3-cryptography and nothing of ours.

    verify.py CERTIFICATE.sdjwt ROOT.pem DEVICE      (the serial or IMEI of the item on your shelf)

What this looks at (level L0): header, signature, path to ROOT, disclosures, whose certificate it is, that
it is of DEVICE, and that a policy was met on a physical device. What it leaves to lethe-verify: the schema
claim by claim, sums that contradict each other, revocation (L1) and the log (L2). So "valid" here is no
more than: a bench of this organisation said so. docs/verifying.md has the whole list.
"""
import base64
import datetime
import hashlib
import json
import re
import sys
import time

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtensionOID, NameOID

EKU = "2.25.184030033748568517897385037763072314477.1"
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HIDEABLE = {"operator", "customer", "asset_tag", "lot", "seed"}
BINDING = {"serial", "wwn", "eui64", "nguid", "udid", "imei", "cid"}
SD_NAMES = {"_sd", "_sd_alg", "..."}


class Refused(Exception):
    pass


def must(condition, code):
    if not condition:
        raise Refused(code)


def decode(text):
    """Base64url in its one spelling."""
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if re.fullmatch(r"[\w-]+", text, re.A) else b""
    must(data and base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text, "encoding")
    return data


def no_twice(pairs):
    must(len({name for name, _ in pairs}) == len(pairs), "duplicate-key")
    return dict(pairs)


def refuse(_):
    raise Refused("number")


def parse(text):
    return json.loads(decode(text).decode("utf-8"), object_pairs_hook=no_twice, parse_float=refuse, parse_constant=refuse)


def has_digests(value):
    if isinstance(value, dict):
        return bool(SD_NAMES & value.keys()) or any(map(has_digests, value.values()))
    return isinstance(value, list) and any(map(has_digests, value))


def organisation_of(certificate):
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    must(len(names) == 1, "chain")
    return names[0].value


def extension(certificate, oid, critical):
    found = certificate.extensions.get_extension_for_oid(oid)
    must(found.critical or not critical, "chain")
    return found.value


def instant(certificate, name):
    """Newer python3-cryptography has not_valid_before_utc, Debian 12's only the one without a zone."""
    aware = getattr(certificate, name + "_utc", None)
    return (aware or getattr(certificate, name).replace(tzinfo=datetime.timezone.utc)).timestamp()


def signed_by(certificate, issuer):
    must(isinstance(certificate.signature_hash_algorithm, (hashes.SHA256, hashes.SHA384, hashes.SHA512)), "chain")
    must(certificate.issuer == issuer.subject, "chain")
    issuer.public_key().verify(certificate.signature, certificate.tbs_certificate_bytes,
                               ec.ECDSA(certificate.signature_hash_algorithm))


def check_path(x5c, roots, when):
    must(isinstance(x5c, list) and 1 <= len(x5c) <= 4 and all(isinstance(c, str) for c in x5c), "x5c")
    ders = [base64.b64decode(text, validate=True) for text in x5c]
    must([base64.b64encode(der).decode() for der in ders] == x5c, "x5c")
    chain = [x509.load_der_x509_certificate(der) for der in ders]
    leaf, last = chain[0], chain[-1]
    must(isinstance(leaf.public_key(), ec.EllipticCurvePublicKey) and leaf.public_key().curve.name == "secp256r1", "key")
    must(not extension(leaf, ExtensionOID.BASIC_CONSTRAINTS, True).ca, "chain")
    usage = extension(leaf, ExtensionOID.KEY_USAGE, True)
    must(usage.digital_signature and not usage.key_cert_sign, "chain")
    must(EKU in {oid.dotted_string for oid in extension(leaf, ExtensionOID.EXTENDED_KEY_USAGE, False)}, "chain")
    uris = [name.value for name in extension(leaf, ExtensionOID.SUBJECT_ALTERNATIVE_NAME, False)]
    must(uris[0].startswith("urn:lethe:bench:") and all(uri.startswith("urn:lethe:log:") for uri in uris[1:]), "chain")
    path = chain if last in roots else chain + [root for root in roots if root.subject == last.issuer][:1]
    if path[-1] not in roots:
        raise Refused("untrusted")
    must(len(path) == 2, "chain")  # a root of Lethe signs benches, not further authorities (pathlen 0)
    must(organisation_of(leaf) == organisation_of(path[1]), "chain")
    signed_by(leaf, path[1])
    for certificate in path:
        must(instant(certificate, "not_valid_before") <= when <= instant(certificate, "not_valid_after"), "iat")
    return leaf, organisation_of(leaf), uris[0]


def disclose(payload, disclosures):
    """RFC 9901 section 7.1, in the three places where a certificate of Lethe has digests."""
    by_digest = {base64.urlsafe_b64encode(hashlib.sha256(d.encode()).digest()).rstrip(b"=").decode(): parse(d)
                 for d in disclosures}
    must(len(by_digest) == len(disclosures), "disclosure-twice")
    seen = set()

    def take(digest, size):
        must(isinstance(digest, str) and re.fullmatch(r"[\w-]{43}", digest, re.A) and digest not in seen, "digest")
        decode(digest)
        seen.add(digest)
        found = by_digest.pop(digest, None)
        must(found is None or (isinstance(found, list) and len(found) == size and isinstance(found[0], str)
                               and len(found[0]) >= 22 and not has_digests(found[-1])), "disclosure")
        return found

    def open_members(members, allowed):
        for found in [take(digest, 3) for digest in members.pop("_sd", [])]:
            if found:
                must(isinstance(found[1], str) and allowed(found[1]) and found[1] not in members, "must-be-open")
                members[found[1]] = found[2]

    must(payload.pop("_sd_alg", None) == "sha-256", "sd-alg")
    open_members(payload, lambda name: name in HIDEABLE)
    if "custom" in payload:
        open_members(payload["custom"], lambda name: name not in SD_NAMES)
    must(all(list(item) == ["..."] for item in payload["identifiers"]), "sd-place")
    payload["identifiers"] = [found[1] for found in (take(i["..."], 2) for i in payload["identifiers"]) if found]
    must(not by_digest, "disclosure-unknown")
    must(not has_digests(payload), "sd-place")
    return payload


def fold(text):
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^(0x|naa\.|eui\.)", "", text.lower()))


def judge(text, roots, device, now):
    must(len(text) <= 256 * 1024 and text.endswith("~"), "format")
    jwt, *disclosures = text[:-1].split("~")
    parts = jwt.split(".")
    must(len(parts) == 3 and len(disclosures) <= 128 and not any("." in d or not d for d in disclosures), "format")
    header, payload, signature = parse(parts[0]), parse(parts[1]), decode(parts[2])
    must(set(header) == {"alg", "typ", "x5c"}, "header")
    must(header["alg"] == "ES256" and header["typ"] == "dc+sd-jwt", "alg")
    must(type(payload["iat"]) is int and payload["iat"] <= now + 300, "future")
    leaf, organisation, iss = check_path(header["x5c"], roots, payload["iat"])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    must(len(signature) == 64 and s <= N // 2, "signature-high")
    leaf.public_key().verify(encode_dss_signature(r, s), f"{parts[0]}.{parts[1]}".encode(), ec.ECDSA(hashes.SHA256()))
    claims = disclose(payload, disclosures)
    must(claims["iss"] == iss and claims["organisation"] == organisation, "issuer")
    must((claims["substrate"] == "emulated") == (organisation == "DEMO - NOT A REAL ORGANISATION"), "demo-key")
    if claims["vct"] == "urn:lethe:erasure-record:1":
        return "undetermined", "record-only"
    must(claims["vct"] == "urn:lethe:erasure-certificate:1", "vct")
    must(claims["outcome"] in ("passed", "passed-with-exceptions") and claims["policy"]["met"] is True, "policy")
    if claims["substrate"] != "physical":
        return "undetermined", "substrate"
    own = [i["value"] for i in claims["identifiers"] if i["source"] == "device" and i["kind"] in BINDING]
    if any(len(fold(value)) >= 4 and fold(value) == fold(device) for value in own):
        return "valid", ""
    return ("invalid", "device-mismatch") if own else ("undetermined", "unbound")


def verify(text, roots, device, now=None):
    """(verdict, code); ROOTS: PEM texts as bytes."""
    try:
        return judge(text, [x509.load_pem_x509_certificate(pem) for pem in roots], device, now or time.time())
    except Refused as refused:
        return ("undetermined" if str(refused) == "untrusted" else "invalid"), str(refused)
    except InvalidSignature:
        return "invalid", "signature"
    except Exception as error:  # whatever else it is, it is no certificate
        return "invalid", type(error).__name__


if __name__ == "__main__":
    with open(sys.argv[1], encoding="latin-1", newline="") as certificate, open(sys.argv[2], "rb") as root:
        verdict, code = verify(certificate.read(), [root.read()], sys.argv[3])
    print(verdict, code)
    sys.exit({"valid": 0, "invalid": 1, "undetermined": 2}[verdict])
