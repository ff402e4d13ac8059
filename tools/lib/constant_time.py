"""Compares memcheck's reports on secrets, which it takes for undefined, with the lists of known places. See tools/constant-time."""

import collections
import fnmatch
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from typing import Iterator, NamedTuple, Optional

import backends

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CASES = ["an ECDSA key", "an RSA key", "ephemeral and traffic keys", "a pre-shared key", "a resumed session"]
KINDS = ["public", "blinded", "secret"]
# The program's allocator and C's functions: their caller is the place.
NOT_A_PLACE = re.compile(r"vg_replace|/(heap|hooks)\.(cpp|hpp)$|explicit_bzero|/(bits|doctest)/")


class Frame(NamedTuple):
    function: str
    path: str

    def __str__(self) -> str:
        return f"{os.path.basename(self.path)}:{self.function}"


class Finding(NamedTuple):
    """A place, and its callers, innermost first."""
    what: str  # branch or address
    frames: tuple[Frame, ...]

    @property
    def place(self) -> tuple[str, str]:
        return self.what, str(self.frames[0])


@dataclass
class Known:
    """A line `KIND FILE:FUNCTION [< CALLER] : REASON`; * stands for anything."""
    kind: str
    place: str
    caller: str
    reason: str
    explains: set[str] = field(default_factory=set)

    def matches(self, finding: Finding) -> bool:
        return (fnmatch.fnmatchcase(str(finding.frames[0]), self.place) and
                (not self.caller or any(fnmatch.fnmatchcase(frame.function, self.caller) for frame in finding.frames[1:])))


def known_in(text: str) -> list[Known]:
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\w+) (\S+)(?: < (\S+))? : (.+)", line)
        if not match or match[1] not in KINDS:
            raise ValueError(f"not `{'|'.join(KINDS)} FILE:FUNCTION [< CALLER] : REASON`: {line}")
        found.append(Known(match[1], match[2], match[3] or "", match[4]))
    return found


def bare(function: str) -> str:
    """A function's name without arguments, ABI tags and an optimizer's suffixes."""
    function = re.sub(r"\[abi:[^\]]*\]|\.(constprop|part|isra|cold)\.\d+", "", function).replace("(anonymous namespace)::", "")
    return function.split("(")[0].split(" [")[0]


def findings_in(xml: str) -> Iterator[Finding]:
    for error in ElementTree.fromstring(xml).iter("error"):
        stack = error.find("stack")
        if stack is None:
            continue
        frames = [Frame(bare(frame.findtext("fn") or "?"), f"{frame.findtext('dir')}/{frame.findtext('file')}")
                  for frame in stack.iter("frame") if frame.findtext("file")]
        while len(frames) > 1 and NOT_A_PLACE.search(frames[0].path):
            frames.pop(0)
        if frames:
            what = {"UninitCondition": "branch", "UninitValue": "address"}.get(error.findtext("kind") or "", "other")
            yield Finding(what, tuple(frames))


def explained_by(finding: Finding, known: list[Known]) -> Optional[Known]:
    return next((entry for entry in known if entry.matches(finding)), None)


def watch(program: str, backend: str, case: str) -> list[Finding]:
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "memcheck.xml")
        subprocess.run(["valgrind", "--xml=yes", "--xml-file=" + log, "--read-inline-info=yes", "--num-callers=40",
                        "--error-limit=no", program, f"--test-case=?{backend}? {case}"], check=True, capture_output=True)
        with open(log, encoding="utf-8") as text:
            return list(findings_in(text.read()))


def lists_of(backend: str) -> Optional[list[Known]]:
    path = os.path.join(ROOT, "backends", backend, "tests/constant_time.txt")
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as text:
        return known_in(text.read())


def main(directory: str, names: list[str]) -> int:
    program = os.path.join(directory, "tests/constant_time/ussl-constant-time")
    with open(os.path.join(ROOT, "tests/constant_time/known.txt"), encoding="utf-8") as text:
        ours = known_in(text.read())
    passed = failed = 0
    for backend in names or backends.all_backends():
        theirs = lists_of(backend)
        if theirs is None:
            print(f"skipped: {backend}, which has no tests/constant_time.txt")
            continue
        for case in CASES:
            shown: set[tuple[str, str]] = set()
            places: dict[str, set[tuple[str, str]]] = collections.defaultdict(set)
            for finding in watch(program, backend, case):
                entry = explained_by(finding, ours + theirs)
                own = "/subprojects/" not in finding.frames[0].path
                if entry:
                    entry.explains.add(case)
                places["unknown" if entry is None else ("ours, " if own else "") + entry.kind].add(finding.place)
                if entry is None and finding.place not in shown:
                    shown.add(finding.place)
                    print(f"     {finding.what} in {' < '.join(str(frame) for frame in finding.frames[:4])}")
            unknown = bool(places["unknown"])
            passed, failed = passed + (not unknown), failed + unknown
            told = ", ".join(f"{len(found)} {kind}" for kind, found in sorted(places.items()) if found)
            print(f"{'FAIL' if unknown else 'ok  '} {backend}, {case}: {told or 'nothing'}", flush=True)
        for entry in theirs:
            if not entry.explains and ".S:" not in entry.place:  # the processor decides which assembly runs
                print(f"FAIL {backend}: no finding matches this entry: {entry.kind} {entry.place} {entry.caller}: {entry.reason}")
                failed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
