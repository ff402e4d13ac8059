#!/usr/bin/python3
"""The configuration that BoringSSL's runner takes by -shim-config, on standard output:

    config.py BACKEND [--faults]

Of expectations.txt, the backend's own bogo.txt, and errors.txt. --faults: tests that fail for a known reason are run as well."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

here = Path(__file__).resolve().parent
root = here.parents[1]
sys.path.insert(0, str(root / "tools" / "lib"))
from backends import all_backends  # noqa: E402

KINDS = ("absent", "differs", "fails")


class Expectation(NamedTuple):
    kind: str
    patterns: tuple[str, ...]
    reason: str


def lines_of(file: Path) -> list[list[str]]:
    """The fields of each line, which " : " parts."""
    lines = file.read_text().splitlines()
    return [line.split(" : ") for line in lines if line and not line.startswith("#")]


def expectations(backend: str) -> list[Expectation]:
    found = []
    for file in (here / "expectations.txt", root / "backends" / backend / "tests" / "bogo.txt"):
        for kind, patterns, reason in lines_of(file):
            if kind not in KINDS or not reason:
                raise ValueError(f"{file}: {kind} : {patterns}")
            found.append(Expectation(kind, tuple(patterns.split()), reason))
    return found


def error_map() -> dict[str, list[str]]:
    known = set(re.findall(r"NAMED\((\w+)\)", (here.parent / "support" / "error_names.cpp").read_text()))
    errors = {}
    for theirs, ours in lines_of(here / "errors.txt"):
        if not set(ours.split()) <= known:
            raise ValueError(f"errors.txt: {theirs}: no such Err")
        errors[f":{theirs}:"] = [f":{name}:" for name in ours.split()]
    return errors


def config(backend: str, faults: bool = False) -> dict[str, dict]:
    disabled = {pattern: each.reason for each in expectations(backend)
                if not (faults and each.kind == "fails") for pattern in each.patterns}
    return {"DisabledTests": disabled, "ErrorMap": error_map()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("backend", choices=all_backends())
    parser.add_argument("--faults", action="store_true")
    options = parser.parse_args()
    print(json.dumps(config(options.backend, options.faults), indent=1))
