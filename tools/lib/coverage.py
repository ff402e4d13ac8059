"""The figures of tools/coverage, from gcov."""

import collections
import json
import os
import subprocess
import sys
from collections.abc import Iterable


def add_counted_lines(files: dict[str, dict[int, int]], directory: str, root: str) -> None:
    """Adds to {file: {line: times}} over all objects: a header's line was run if it was run in any of them."""
    counts = [os.path.join(folder, name) for folder, _, names in os.walk(directory) for name in names
              if name.endswith(".gcda")]
    for at in range(0, len(counts), 20):
        told = subprocess.run(["gcov", "--json-format", "--stdout", *counts[at:at + 20]], cwd=directory, text=True,
                              capture_output=True, check=True).stdout
        for text in told.splitlines():
            told_of = json.loads(text)
            for entry in told_of["files"]:
                path = os.path.relpath(os.path.join(told_of["current_working_directory"], entry["file"]), root)
                if not path.startswith(("core/", "backends/", "bindings/")):
                    continue
                lines = files[path]
                for line in entry["lines"]:
                    number = line["line_number"]
                    lines[number] = max(lines.get(number, 0), line["count"])


def ranges(numbers: Iterable[int]) -> str:
    """12, 14-17, ..."""
    out: list[list[int]] = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in out)


def main() -> None:
    root, *directories = [os.path.abspath(word) for word in sys.argv[1:] if not word.startswith("--")]
    files: dict[str, dict[int, int]] = collections.defaultdict(dict)
    for directory in directories:
        add_counted_lines(files, directory, root)
    parts: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    for path, lines in sorted(files.items()):
        part = "core" if path.startswith("core/") else "/".join(path.split("/")[:2])
        missed = [number for number, count in lines.items() if count == 0]
        parts[part][0] += len(lines) - len(missed)
        parts[part][1] += len(lines)
        if missed and "--missed" in sys.argv:
            print(f"{path}: {ranges(missed)}")
    for part, (run, there) in sorted(parts.items()):
        print(f"{part:<18} {100 * run / there:5.1f} %  {run} of {there} lines")


if __name__ == "__main__":
    main()
