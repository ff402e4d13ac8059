#!/usr/bin/python3
"""Tests of the page that tools/size-report --page writes, in a headless Chromium: see page.mjs.

  run.py [FILTER]   FILTER: only tests whose name has this in it
  run.py --ready    whether what it needs is here, or can be installed: exit 0, or the reason

Pictures of the page come into build/explorer/. Ends with 'N passed, N failed'."""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools" / "lib"))
sys.dont_write_bytecode = True

import size_page  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("filter", nargs="?", default="")
    parser.add_argument("--ready", action="store_true")
    options = parser.parse_args()
    browser = shutil.which("chromium") or sys.exit("there is no chromium: install Debian's package of that name")
    try:
        size_page.npm_of_page()
        modules = size_page.npm_packages(HERE, ROOT / "build" / "explorer-test")
    except size_page.Missing as missing:
        sys.exit(str(missing))
    if options.ready:
        return 0
    page = ROOT / "build" / "explorer" / "sizes.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(size_page.page())
    return subprocess.run(["node", str(HERE / "page.mjs"), str(page), options.filter], cwd=ROOT,
                          env={**os.environ, "MODULES": str(modules), "CHROMIUM": browser}).returncode


if __name__ == "__main__":
    sys.exit(main())
