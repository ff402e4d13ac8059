"""Writes the page of tools/size-report --page: docs/sizes.json and tools/lib/explorer/ in one file of HTML.

npm installs the packages of tools/lib/explorer/package.json into build/explorer; esbuild makes one script of them. The page itself
loads nothing."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from size_report import BACKENDS, BOARDS, FACTS, LAYERS, ROOT, TARGETS, read_json
from switch_costs import INSTEAD, is_on, switches
from switch_table import table

SOURCES = ROOT / "tools" / "lib" / "explorer"
CORES = {"cortex-m0plus": "Cortex-M0+", "cortex-m3": "Cortex-M3", "cortex-m4": "Cortex-M4", "cortex-m33": "Cortex-M33",
         "rv32imac": "RV32IMAC"}


class Missing(Exception):
    """A program that is needed to make the page is missing."""


def npm_packages(sources: Path, directory: Path) -> Path:
    """Installs the packages of a package.json; returns node_modules. Raises Missing."""
    wanted = (sources / "package.json").read_text()
    stamp = directory / "installed.json"
    if not stamp.exists() or stamp.read_text() != wanted:
        npm = shutil.which("npm")
        if not npm:
            raise Missing("there is no npm: install Debian's package of that name, or Node.js")
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "package.json").write_text(wanted)
        done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--no-package-lock"], cwd=directory,
                              capture_output=True, text=True)
        if done.returncode:
            raise Missing(f"npm cannot install what {sources.relative_to(ROOT)}/package.json names:\n{done.stderr[-2000:]}")
        stamp.write_text(wanted)
    return directory / "node_modules"


def npm_of_page() -> Path:
    return npm_packages(SOURCES, ROOT / "build" / "explorer")


def data() -> dict[str, Any]:
    profiles = table()[0].words
    measured = read_json(ROOT / "docs" / "sizes.json")
    return {
        "images": measured["images"], "switches": measured["switches"], "capabilities": measured["capabilities"],
        "profiles": profiles, "layers": LAYERS, "backends": BACKENDS,
        "titles": {name: FACTS[name]["title"] for name in BACKENDS},
        "colours": {name: FACTS[name]["colour"] for name in BACKENDS},
        "targets": {name: {"title": f"{CORES[name]} ({BOARDS[name][0][0]})", "mhz": BOARDS[name][0][1]} for name in TARGETS},
        "table": [{"name": row.short, "title": row.title, "needs": row.needs,
                   "instead": [INSTEAD[row.short]] if row.short in INSTEAD else [],
                   "capability": row.capability, "library": row.by == "library",
                   "on": [is_on(row, profile) for profile in profiles]} for row in switches()],
    }


def page() -> str:
    modules = npm_of_page()
    script = subprocess.run(
        [str(modules / ".bin" / "esbuild"), str(SOURCES / "page.js"), "--bundle", "--minify", "--format=iife", "--target=es2022",
         "--charset=utf8"], env={"NODE_PATH": str(modules), "PATH": "/usr/local/bin:/usr/bin:/bin"}, check=True, text=True,
        stdout=subprocess.PIPE).stdout
    html = (SOURCES / "page.html").read_text()
    for mark, text in {"/* page.css */": (SOURCES / "page.css").read_text(), "/* data */": json.dumps(data()),
                       "/* page.js */": script}.items():
        # The text must not end its own element.
        html = html.replace(mark, text.replace("</", "<\\/"))
    return html


def main() -> None:
    parser = argparse.ArgumentParser(prog="tools/size-report --page")
    parser.add_argument("--page", nargs="?", type=Path, const=ROOT / "build" / "sizes.html", metavar="FILE")
    options = parser.parse_args()
    try:
        text = page()
    except Missing as missing:
        sys.exit(str(missing))
    options.page.parent.mkdir(parents=True, exist_ok=True)
    options.page.write_text(text)
    print(f"{options.page}: {options.page.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
