#!/usr/bin/python3
"""The configuration that BoringSSL's runner takes by -shim-config, on standard output:

    config.py BACKEND [--faults]

Of expectations.txt and errors.txt. --faults: tests that fail for a reason that is known are run as well."""

import argparse
import json
import re
from pathlib import Path
from typing import NamedTuple

here = Path(__file__).resolve().parent
BACKENDS = ("mbedtls", "wolfssl", "bearssl", "openssl")
KINDS = ("absent", "differs", "fails")


class Expectation(NamedTuple):
    kind: str
    backends: tuple[str, ...]
    patterns: tuple[str, ...]
    reason: str


def lines_of(name: str) -> list[list[str]]:
    """The fields of each line, which " : " parts."""
    lines = (here / name).read_text().splitlines()
    return [line.split(" : ") for line in lines if line and not line.startswith("#")]


def expectations() -> list[Expectation]:
    found = []
    for head, patterns, reason in lines_of("expectations.txt"):
        kind, backends = head.split()
        named = BACKENDS if backends == "all" else tuple(backends.split(","))
        if kind not in KINDS or not set(named) <= set(BACKENDS) or not reason:
            raise ValueError(f"expectations.txt: {head}")
        found.append(Expectation(kind, named, tuple(patterns.split()), reason))
    return found


def error_map() -> dict[str, list[str]]:
    known = set(re.findall(r"NAMED\((\w+)\)", (here.parent / "support" / "error_names.cpp").read_text()))
    errors = {}
    for theirs, ours in lines_of("errors.txt"):
        if not set(ours.split()) <= known:
            raise ValueError(f"errors.txt: {theirs}: no such Err")
        errors[f":{theirs}:"] = [f":{name}:" for name in ours.split()]
    return errors


def config(backend: str, faults: bool = False) -> dict[str, dict]:
    disabled = {pattern: each.reason for each in expectations() if backend in each.backends
                and not (faults and each.kind == "fails") for pattern in each.patterns}
    return {"DisabledTests": disabled, "ErrorMap": error_map()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", choices=BACKENDS)
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    print(json.dumps(config(options.backend, options.faults), indent=1))
