#!/usr/bin/python3
"""Whether sessions and contexts are called directly (ussl/interface.hpp), by the symbols of programs or objects.

  direct_calls.py [--nm NM] direct|virtual PATH...

direct   no table of virtual functions of ussl is there: nothing can be called through one
virtual  the other way, for a build with several backends: shows that the above can fail

A path is a program, an object, or a folder of objects. Prints 'N passed, N failed'."""

import argparse
import subprocess
import sys
from pathlib import Path

TABLE = "_ZTVN4ussl"  # vtable for ussl::
SESSIONS = "_ZN4ussl9SessionOfI"  # ussl::SessionOf<


def symbols(nm, path):
    files = sorted(path.rglob("*.o")) if path.is_dir() else [path]
    out = subprocess.run([nm, *map(str, files)], capture_output=True, text=True, check=True).stdout if files else ""
    return [line.split()[-1] for line in out.splitlines() if line.strip()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", default="nm")
    parser.add_argument("expected", choices=["direct", "virtual"])
    parser.add_argument("path", nargs="+", type=Path)
    options = parser.parse_args()
    failed = 0
    for path in options.path:
        names = symbols(options.nm, path)
        tables = sorted({name for name in names if name.startswith(TABLE)})
        complaint = ""
        if not any(name.startswith(SESSIONS) for name in names):
            complaint = "holds no session: stripped, or not of ussl"
        elif options.expected == "direct" and tables:
            complaint = "has " + ", ".join(tables)
        elif options.expected == "virtual" and not tables:
            complaint = "has no table of virtual functions"
        if complaint:
            print(f"FAIL {path}: {complaint}")
            failed += 1
    print(f"{len(options.path) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
