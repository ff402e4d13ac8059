#!/usr/bin/python3
"""Finds the backends: each is a folder of backends/ and a word in meson_options.txt.

  backends.py                      prints the names of all, the default of most tools
  backends.py NAME...              prints these, if they exist
  backends.py --firmware           prints those for firmware: the library is a subproject
  backends.py --firmware NAME...   prints those of the named ones that are for firmware

A backend's tools.json, in its folder, has the other facts that tools need.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def all_backends() -> list[str]:
    """In the order of Meson's option, and of tables."""
    text = (ROOT / "meson_options.txt").read_text()
    option = re.search(r"option\('tls_backend'.*?choices: \[(.*?)\]", text)
    names = re.findall(r"'(\w+)'", option[1]) if option else []
    folders = {folder.name for folder in (ROOT / "backends").iterdir() if folder.is_dir()}
    if folders != set(names):
        sys.exit(f"backends: {', '.join(sorted(folders ^ set(names)))}: only in one of backends/ and meson_options.txt")
    return names


def is_for_firmware(name: str) -> bool:
    return (ROOT / "subprojects" / f"{name}.wrap").exists()


def with_sources(names: Iterable[str]) -> list[str]:
    """Those whose library tools/sources fetches. The others use the system's."""
    return [name for name in names if is_for_firmware(name)]


def older_versions(names: Iterable[str]) -> list[str]:
    """The oldest supported releases, as names for tools/sources: X-VERSION."""
    return [wrap.stem for name in names for wrap in sorted((ROOT / "subprojects").glob(f"{name}-*.wrap"))]


def facts(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "backends" / name / "tools.json").read_text())


def why_left_out(name: str, what: str) -> str:
    """The reason why a tool leaves this backend out; without a reason it must not."""
    return facts(name)["left_out"][what]


def main(words: list[str]) -> None:
    firmware = "--firmware" in words
    names = [word for word in words if not word.startswith("-")] or all_backends()
    for name in names:
        if name not in all_backends():
            sys.exit(f"no backend '{name}': {', '.join(all_backends())}")
    print(*(with_sources(names) if firmware else names))


if __name__ == "__main__":
    main(sys.argv[1:])
