#!/usr/bin/python3
"""Makes the chains of cases.py: make.py --output DIR.

Writes certificates and keys in DER into DIR, and manifest.txt: a line for each case and role, with fields separated by tabs; the
first line names the fields. RSA keys are kept there and reused."""

import argparse
import base64
import hashlib
import re
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools" / "lib"))
import root_bundle  # noqa: E402
from cases import BAD, BAD_OWN, CASES, DAY, DIFFERENCES, HOST, NOW  # noqa: E402
from x509der import (NULL, UTC, Keys, basic_constraints, certificate, dns, extended_key_usage, extension,  # noqa: E402
                     key_usage, name, name_constraints, private_der, public_info, seq, subject_alt_name, tlv)

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
VALIDITY: dict[str, Any] = {"not_before": NOW - 400 * DAY, "not_after": NOW + 1000 * DAY}
LEAF: dict[str, Any] = {"subject": "leaf", "key": "p256:leaf", "ku": ("sign",), "eku": ("server", "client"), "san": [dns(HOST)]}
ISSUER: dict[str, Any] = {"bc": (True, None, True), "ku": ("cert_sign", "crl_sign")}
FIELDS = ["case", "role", "verdict", "message", "host", "ip", "off", "time", "path", "needs", "key", "own_key", "own", "own_needs",
          "chain", "anchors", "bundle", "expected", "reason"]


def as_name(value, tag=0x0c):
    return value if isinstance(value, bytes) else name(value, tag)


def key_identifier(key):
    return hashlib.sha1(public_info(key)).digest()


class Chain:
    """The certificates of one case, from the leaf to the root, and others related to them."""

    def __init__(self, keys, case):
        self.keys = keys
        leaf = {**LEAF, **case.get("leaf", {})}
        inters = [{**ISSUER, "subject": f"inter{i}", "key": f"p256:inter{i}", **differs}
                  for i, differs in enumerate(case.get("inters", [{}]))]
        root = case.get("root", {})
        self.specs = [leaf] + inters
        if root is not None:
            self.specs.append({**ISSUER, "subject": "root", "key": "p256:root", **root})
        self.certificates = [self.issue(spec, self.specs[min(i + 1, len(self.specs) - 1)])
                             for i, spec in enumerate(self.specs)]

    def issue(self, spec, issuer, **more):
        spec = {**VALIDITY, **spec, **more}
        key, signing = self.keys[spec["key"]], self.keys[issuer["key"]]
        extensions = []
        if spec.get("key_ids", True):
            extensions.append(extension("2.5.29.14", tlv(4, key_identifier(key))))
            extensions.append(extension("2.5.29.35", seq(tlv(0x80, key_identifier(signing)))))
        if spec.get("bc") is not None:
            extensions.append(basic_constraints(*spec["bc"]))
        if spec.get("ku") is not None:
            extensions.append(key_usage(*spec["ku"], critical=spec.get("ku_critical", True)))
        if spec.get("eku") is not None:
            extensions.append(extended_key_usage(*spec["eku"], critical=spec.get("eku_critical", False)))
        if spec.get("san") is not None:
            extensions.append(subject_alt_name(*spec["san"], critical=spec.get("san_critical", False)))
        extensions += spec.get("extra", [])
        issuer_name = spec.get("issuer", issuer["subject"])
        return certificate(
            subject=as_name(spec["subject"], spec.get("name_tag", 0x0c)),
            issuer=as_name(issuer_name, issuer.get("name_tag", 0x0c)), info=spec.get("info") or public_info(key),
            sign_with=signing, scheme=spec.get("scheme", "sha256"), not_before=spec["not_before"],
            not_after=spec["not_after"], extensions=extensions if spec.get("extensions", True) else [],
            version=spec.get("version", 2), serial=spec.get("serial"), algorithm=spec.get("algorithm"),
            extra_fields=spec.get("fields", b""), inner_algorithm=spec.get("inner_algorithm"),
            damage=spec.get("damage"))

    def extra(self, which):
        old = {**ISSUER, "subject": "old", "key": "p256:old"}
        other = {**ISSUER, "subject": "other", "key": "p256:other"}
        impostor = {**ISSUER, "subject": "root", "key": "p256:impostor"}
        root = self.specs[-1]
        unrelated = {"unrelated": [], "unrelated-critical": [extension("1.3.6.1.4.1.99999.5", NULL, critical=True)],
                     "unrelated-constrained": [name_constraints([dns("elsewhere")])]}
        if which in unrelated:
            return self.issue({**ISSUER, "subject": "unrelated", "key": "p256:unrelated", "extra": unrelated[which]}, other)
        if which == "leaf-old":
            return self.issue(self.specs[0], self.specs[0], serial=77)
        return {"root": lambda: self.certificates[-1], "leaf": lambda: self.certificates[0],
                "inter0": lambda: self.certificates[1], "old": lambda: self.issue(old, old),
                "other": lambda: self.issue(other, other), "impostor": lambda: self.issue(impostor, impostor),
                "other-named": lambda: self.issue(impostor, impostor),
                "root-by-old": lambda: self.issue(root, old), "inter-by-old": lambda: self.issue(self.specs[1], old),
                "inter-expired": lambda: self.issue(self.specs[1], self.specs[2], not_after=NOW - DAY),
                "inter-for-code": lambda: self.issue(self.specs[1], self.specs[2], eku=("code",)),
                "root-expired": lambda: self.issue(root, root, not_after=NOW - DAY)}[which]()


class Store:
    def __init__(self, directory):
        self.directory, self.written = directory, set()

    def put(self, der):
        name = hashlib.sha256(der).hexdigest()[:16] + ".der"
        if name not in self.written:
            (self.directory / name).write_bytes(der)
            self.written.add(name)
        return name


def write_bundle(directory):
    if not BUNDLE.exists():
        return False
    blocks = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", BUNDLE.read_text(), re.S)
    (directory / "bundle.der").write_bytes(b"".join(base64.b64decode(block) for block in blocks))
    return True


def anchor_files(chain, anchors, store):
    files = []
    for which in anchors.split("+"):
        if which.startswith("bundle"):
            files.append("bundle.der")
        if which != "bundle-only":
            files.append(store.put(chain.extra("root" if which == "bundle" else which)))
    return files


class Bundles:
    """The same anchors as root bundles; each set is made once."""

    def __init__(self, store):
        self.store, self.made = store, {}

    def put(self, files):
        key = ",".join(files)
        if key not in self.made:
            certificates = [der for file in files for der in
                            root_bundle.certificates_in((self.store.directory / file).read_bytes())]
            self.made[key] = self.store.put(root_bundle.write(root_bundle.readable(certificates), int(NOW.timestamp())))
        return self.made[key]


def expected_differences(case, role):
    """backend=verdict for each entry of DIFFERENCES that concerns this case and role."""
    out = []
    for (backend, name_, *roles), theirs in DIFFERENCES.items():
        if name_ == case["name"] and (not roles or role in roles):
            out.append(f"{backend}={theirs}")
    return ",".join(out)


# Kinds of keys that the test's peer cannot sign with; and further kinds that no backend accepts as its own.
UNSIGNED = ("ed25519", "k256", "b256", "p192", "p224", "rsa8192")
NOT_OWN = (*UNSIGNED, "p521")


def own_verdict(case, kind):
    """The result of opening a context with the chain as its own."""
    usual = BAD_OWN if case["verdict"] == BAD else "unsupported" if kind in NOT_OWN else "ok"
    return case.get("own", usual)


def own_needs(kind):
    return "rsa" if kind.startswith("rsa") else "ecdsa_p384" if kind == "p384" else ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    directory = parser.parse_args().output
    directory.mkdir(parents=True, exist_ok=True)
    for stale in directory.glob("*.der"):
        stale.unlink()
    keys, store = Keys(directory), Store(directory)
    bundles = Bundles(store)
    has_bundle = write_bundle(directory)
    key_files, lines = {}, []
    for case in CASES:
        anchors = case.get("anchors", "root")
        if anchors.startswith("bundle") and not has_bundle:
            print(f"{case['name']}: left out, because {BUNDLE} is missing")
            continue
        chain = Chain(keys, case)
        send = case.get("send", range(len(chain.specs) - 1) if chain.specs[1:] else [0])
        sent = [store.put(chain.extra(i) if isinstance(i, str) else chain.certificates[i]) for i in send]
        key_name = chain.specs[0]["key"]
        kind = key_name.split(":")[0]
        # With a key that no suite can use, the handshake would fail before the certificate counts.
        own_key, key_name = key_name, "p256:leaf" if kind in UNSIGNED else key_name
        for one in (own_key, key_name):
            if one not in key_files:
                key_files[one] = store.put(private_der(keys[one]))
        roles = case.get("roles", "server" if case["verdict"] == "wrong_host" else "both")
        for role in ("server", "client") if roles == "both" else (roles,):
            verdict = case.get("client", case["verdict"]) if role == "client" else case["verdict"]
            at = case.get("at", NOW).replace(tzinfo=UTC)
            ip = case.get("ip", "") if role == "server" else ""
            host = case.get("host", "" if ip else HOST) if role == "server" else ""
            trusted = anchor_files(chain, anchors, store)
            row = [case["name"], role, verdict, case.get("message", verdict), host, ip, ",".join(case.get("off", [])),
                   str(int(at.timestamp())), "1" if case.get("path", True) else "0", case.get("needs", ""), key_files[key_name],
                   key_files[own_key], own_verdict(case, kind), own_needs(kind),
                   ",".join(sent), ",".join(trusted), bundles.put(trusted), expected_differences(case, role), case["reason"]]
            lines.append("\t".join(row))
    (directory / "manifest.txt").write_text("\t".join(FIELDS) + "\n" + "\n".join(lines) + "\n")
    print(f"{len(CASES)} cases, {len(lines)} verdicts")


if __name__ == "__main__":
    main()
