#!/usr/bin/python3
"""Runs each measured program of tools/bench once: they work, and both of a backend agree on the cipher suite.

    run.py CERTS WITH_USSL LIBRARY_ALONE"""

import subprocess
import sys

OPERATIONS = ["handshake", "data:1000"]


def suite(program: str, operation: str, certs: str) -> str:
    done = subprocess.run([program, operation, "1", certs], capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    return lines[0] if done.returncode == 0 and lines else f"status {done.returncode}: {done.stdout}{done.stderr}"


def main() -> int:
    certs, *programs = sys.argv[1:]
    failed = 0
    for operation in OPERATIONS:
        ours, alone = (suite(program, operation, certs) for program in programs)
        if not ours.startswith("suite ") or ours != alone:
            failed += 1
            print(f"FAIL {operation}: with ussl {ours}, the library alone {alone}")
    print(f"{len(OPERATIONS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
