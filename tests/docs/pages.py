#!/usr/bin/python3
"""What the pages of Markdown hold: code, headings, links.

  tests/docs/pages.py PAGE LANGUAGE [OLD=NEW...]   prints the one block of code in this language, with OLD replaced by NEW

A block that is not there, or there twice, is an error, and so is an OLD that does not occur."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?: {4}[^\n]*\n)+")
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)?$", re.M)
LINK = re.compile(r"(!?)\[((?:[^][]|\[[^][]*\])*)\]\(([^()\s]+)\)")


class Wrong(Exception):
    pass


def pages() -> list[Path]:
    """Of the tree, not of what is built or fetched."""
    return sorted(path for path in ROOT.rglob("*.md")
                  if not {"build", "subprojects"} & {part.split("-")[0] for part in path.relative_to(ROOT).parts[:1]})


def blocks(text: str, language: str) -> list[str]:
    return [code for kind, code in FENCE.findall(text) if kind == language]


def block(page: Path, language: str, substitutions: dict[str, str]) -> str:
    found = blocks(page.read_text(), language)
    if len(found) != 1:
        raise Wrong(f"{page.name} has {len(found)} blocks of {language}")
    for old, new in substitutions.items():
        if old not in found[0]:
            raise Wrong(f"{page.name}: no {old!r} in its {language}")
        found[0] = found[0].replace(old, new)
    return found[0]


def without_code(text: str) -> str:
    """The prose, on the same lines. Code within a line is blanked, as its brackets are not links."""
    def blank(match: re.Match[str]) -> str:
        return "\n" * match.group(0).count("\n")
    return INDENTED.sub(blank, FENCE.sub(blank, text))


def slug(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    plain = LINK.sub(r"\2", heading)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def anchors(text: str) -> set[str]:
    text = without_code(text)
    seen: dict[str, int] = {}
    found = set(re.findall(r'<a (?:name|id)="([^"]+)"', text))
    for heading in HEADING.findall(text):
        name = slug(heading)
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found


def links(text: str) -> Iterator[tuple[int, str]]:
    """(line, target) of each link and picture."""
    text = re.sub(r"`[^`\n]*`", lambda match: "x" * len(match.group(0)), without_code(text))
    for match in LINK.finditer(text):
        yield text.count("\n", 0, match.start()) + 1, match.group(3)


def main() -> int:
    page, language, *substitutions = sys.argv[1:]
    try:
        sys.stdout.write(block(Path(page), language, dict(word.split("=", 1) for word in substitutions)))
    except Wrong as why:
        sys.exit(str(why))
    return 0


if __name__ == "__main__":
    sys.exit(main())
