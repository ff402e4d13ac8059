#!/usr/bin/python3
"""Looks up each link of the pages, and of the reference where tools/docs has built it: the file is there, and its anchor.

  tests/docs/links.py [--reference FOLDER]

Links to other hosts are not followed. Pictures that are drawn from text show what the text says, and what a page calls a program
of the tree is one. Ends with 'N passed, N failed'."""

import argparse
import re
import subprocess
import sys
import urllib.parse
from html.parser import HTMLParser
from pathlib import Path
from typing import Optional

sys.path.append(str(Path(__file__).resolve().parent))
from pages import ROOT, anchors, links, pages  # noqa: E402

PICTURES = ROOT / "docs/pictures"


class Checks:
    """A file counts once, however much is looked up for it."""

    def __init__(self) -> None:
        self.good: dict[str, bool] = {}

    def check(self, file: str, good: bool, complaint: str) -> None:
        self.good[file] = self.good.get(file, True) and good
        if not good:
            print(f"FAIL {file}: {complaint}")


class Html(HTMLParser):
    """Targets and anchors of one file of the reference."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        for key, value in attrs:
            if value and (key == "id" or (tag == "a" and key == "name")):
                self.anchors.add(value)
            if value and (key == "href" or (key == "src" and tag != "script") or (key == "data" and tag == "object")):
                self.targets.append(value)


def is_elsewhere(target: str) -> bool:
    return bool(re.match(r"[a-z]+:", target))


def check_pages(checks: Checks) -> None:
    known = {page: anchors(page.read_text()) for page in pages()}
    for page in known:
        for line, target in links(page.read_text()):
            if is_elsewhere(target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / urllib.parse.unquote(name)).resolve() if name else page
            name = str(page.relative_to(ROOT))
            checks.check(name, file.exists(), f"line {line}: {target}: there is no such file")
            if anchor and file in known:
                checks.check(name, anchor in known[file], f"line {line}: {target}: there is no such heading")


def check_programs(checks: Checks) -> None:
    """`tools/…` in a page's code."""
    for page in pages():
        if page.name == "CHANGELOG.md":  # it names those that went, too
            continue
        for name in sorted(set(re.findall(r"(?<![\w/.<>])tools/[a-z](?:[\w./-]*\w)?", page.read_text()))):
            checks.check(str(page.relative_to(ROOT)), (ROOT / name).exists(), f"{name}: there is no such program")


def texts(svg: str) -> list[str]:
    return sorted(re.findall(r"<(?:text|title)[^>]*>([^<]*)<", svg))


def check_pictures(checks: Checks) -> None:
    """Drawn anew, they have the same texts: their places may differ from one Graphviz to the next."""
    sources = sorted(PICTURES.glob("*.dot"))
    checks.check("docs/pictures", bool(sources), "there is no picture")
    for source in sources:
        drawn = subprocess.run(["dot", "-Tsvg", source], check=True, capture_output=True, text=True).stdout
        picture = source.with_suffix(".svg")
        checks.check(str(picture.relative_to(ROOT)), picture.exists() and texts(drawn) == texts(picture.read_text()),
                     f"it is not what {source.name} says: tools/docs --pictures")
    for picture in sorted(PICTURES.glob("*.svg")):
        checks.check(str(picture.relative_to(ROOT)), picture.with_suffix(".dot").exists(), "it has no source")


def check_reference(checks: Checks, folder: Path) -> None:
    known = {file: Html(file.read_text()) for file in sorted(folder.resolve().glob("*.html"))}
    checks.check(str(folder), len(known) > 20, "no reference")
    for file, html in known.items():
        for target in sorted(set(html.targets)):
            # Doxygen names the section of private classes at the head of a page, and leaves it out below.
            if is_elsewhere(target) or target in ("#", "#nested-classes"):
                continue
            name, _, anchor = target.partition("#")
            there = (file.parent / urllib.parse.unquote(name.split("?")[0])).resolve() if name else file
            checks.check(file.name, there.exists(), f"{target}: there is no such file")
            if anchor and there in known:
                good = urllib.parse.unquote(anchor) in known[there].anchors
                checks.check(file.name, good, f"{target}: there is no such anchor")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path)
    options = parser.parse_args()
    checks = Checks()
    check_pages(checks)
    check_programs(checks)
    check_pictures(checks)
    if options.reference:
        check_reference(checks, options.reference)
    passed = sum(checks.good.values())
    print(f"{passed} passed, {len(checks.good) - passed} failed")
    return passed != len(checks.good)


if __name__ == "__main__":
    sys.exit(main())
