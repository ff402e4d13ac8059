"""The parts of pages that tools write: between '<!-- NAME: written by TOOL -->' and the next '<!-- end -->'."""

import re
from pathlib import Path


def _part(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {re.escape(name)}: .*? -->\n)(.*?)(<!-- end -->)", re.S)


def inside(page: str, name: str) -> str:
    found = _part(name).search(page)
    if not found:
        raise SystemExit(f"the page has no part '<!-- {name}: … -->' up to '<!-- end -->'")
    return found[2]


def with_inside(page: str, name: str, text: str) -> str:
    """The page with that text as the part."""
    inside(page, name)
    return _part(name).sub(lambda found: found[1] + text + found[3], page, count=1)


def rewrite(path: Path, name: str, text: str) -> None:
    """Writes that text as the part into the page's file."""
    path.write_text(with_inside(path.read_text(), name, text))
