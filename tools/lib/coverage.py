"""The figures of tools/coverage: what gcc counted, as gcov tells it."""

import collections
import json
import os
import subprocess
import sys


def counted_lines(directory, root):
    """{file: {line: times}}, over all objects: a line of a header was run if it was run anywhere."""
    files = collections.defaultdict(dict)
    counts = [os.path.join(folder, name) for folder, _, names in os.walk(directory) for name in names
              if name.endswith(".gcda")]
    for at in range(0, len(counts), 20):
        told = subprocess.run(["gcov", "--json-format", "--stdout", *counts[at:at + 20]], cwd=directory, text=True,
                              capture_output=True, check=True).stdout
        for text in told.splitlines():
            for entry in json.loads(text)["files"]:
                path = os.path.relpath(os.path.join(directory, entry["file"]), root)
                if not path.startswith(("core/", "backends/")):
                    continue
                lines = files[path]
                for line in entry["lines"]:
                    number = line["line_number"]
                    lines[number] = max(lines.get(number, 0), line["count"])
    return files


def ranges(numbers):
    """12, 14-17, ..."""
    out = []
    for number in sorted(numbers):
        if out and out[-1][1] == number - 1:
            out[-1][1] = number
        else:
            out.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in out)


def main():
    directory, root = map(os.path.abspath, sys.argv[1:3])
    options = sys.argv[3:]
    parts = collections.defaultdict(lambda: [0, 0])
    for path, lines in sorted(counted_lines(directory, root).items()):
        part = "core" if path.startswith("core/") else "/".join(path.split("/")[:2])
        missed = [number for number, count in lines.items() if count == 0]
        parts[part][0] += len(lines) - len(missed)
        parts[part][1] += len(lines)
        if missed and "--missed" in options:
            print(f"{path}: {ranges(missed)}")
    for part, (run, there) in sorted(parts.items()):
        print(f"{part:<18} {100 * run / there:5.1f} %  {run} of {there} lines")


if __name__ == "__main__":
    main()
