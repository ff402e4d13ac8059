#!/usr/bin/python3
"""Hostile peers against ussl's test client and server, both roles, on one backend:

    run.py --build DIR --backend NAME [--only TEXT] [--table]

--build: a Meson build directory with the backend. --only: cases whose name contains TEXT. --table: prints the cases and the
expected outcomes, and runs nothing. Whatever a peer does, the program must end by itself, in time, without a crash, without
Err::internal, and within a limit of memory; each case has its other requirements. The last line is 'N passed, N failed'."""

import argparse
import concurrent.futures
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Optional

here = Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "certs")]

import forged  # noqa: E402, F401 (its cases join those of cases.py)
from cases import ALL, BOTH, CASES, LIMIT, PSK, RESUMPTION, Expect  # noqa: E402
from kit import MAX_RESIDENT, Kit  # noqa: E402
from tamper import ACTIONS, CHANGE_CIPHER_SPEC, tampered  # noqa: E402

INTERNAL = 1099
BACKENDS = here.parents[1] / "backends"


def read_differences(backend):
    """{(role, version, case): the outcome, as in outcomes.txt} where a backend differs according to its differences.txt. An entry
    that is no longer true fails."""
    differences = {}
    for line in (BACKENDS / backend / "differences.txt").read_text().splitlines():
        words = line.partition(" : ")[0].split(" ", 4)
        if words[0] == "hostile":
            _, role, version, outcome, name = words
            differences[(role, version.replace("any", ""), name)] = outcome
    return differences


def read_outcomes(backend, library, versions):
    """{(role, version, case): the outcome} according to outcomes.txt here and the backend's own, which takes precedence. Empty if
    the library's version is another than the file's."""
    outcomes: dict[tuple[str, str, str], str] = {}
    for file in (here / "outcomes.txt", BACKENDS / backend / "tests" / "outcomes.txt"):
        for line in file.read_text().splitlines():
            if line.startswith("library ") and not library.startswith(line.removeprefix("library ")):
                return {}
            if not line or line.startswith(("#", "library ")):
                continue
            word, where, name = line.split("| ")
            for role, _, version in (one.partition("-") for one in where.split()):
                if (version or "1.3") in versions:
                    outcomes[(role, version, name)] = word.strip()
    return outcomes


def library_of(build, backend):
    """The library's version."""
    told = subprocess.run([build / f"capabilities-{backend}"], check=True, text=True, capture_output=True).stdout
    return told.splitlines()[0].split()[-1]


def word_for(outcome, expect):
    """The outcome in the words of outcomes.txt."""
    word = {"closed": "lives", "ok": "lives", "truncated": "cut"}.get(outcome.status, str(outcome.error))
    return f"{word}/{outcome.alert_heard()}" if expect.alerts and outcome.status == "failed" else word


def is_known(outcome, word):
    """Whether the outcome matches this word. If the word has no alert, any alert matches."""
    error, _, alert = word.partition("/")
    return error == word_for(outcome, Expect(True, ())) and (not alert or alert == str(outcome.alert_heard()))


def complaint(outcome, expect, role):
    """What is wrong with this outcome; empty: nothing."""
    if outcome.hung:
        return "hangs"
    if outcome.status == "crashed":
        return f"crashed: {outcome.output[-800:]}"
    if outcome.error == INTERNAL:
        return f"Err::internal: {outcome.output[-300:]}"
    if outcome.resident > MAX_RESIDENT:
        return f"took {outcome.resident} KiB"
    if "end" not in outcome.output:
        return f"no end reported: {outcome.output[-300:]}"
    if outcome.status in ("ok", "closed"):
        answered = (outcome.received == b"answer" if role == "client" else outcome.peer == b"echo: hello\n")
        if not expect.alive:
            return "passed for good"
        return "" if answered else "no answer"
    if expect.alive and not expect.errors:
        return "refused"
    if role == "client" and expect.statuses == ("failed",) and outcome.received not in (b"",):
        return f"believed {outcome.received[:40]!r}"
    if outcome.status not in expect.statuses:
        return f"{outcome.status}, not {' or '.join(expect.statuses)}"
    if outcome.error not in expect.errors:
        return f"error {outcome.error}, not of {expect.errors}"
    if expect.alerts and outcome.alert_heard() not in expect.alerts:
        return f"the peer did not get an alert of {expect.alerts}"
    return ""


class Runner:
    def __init__(self, kit, outcomes):
        self.kit, self.passed, self.failed = kit, 0, 0
        self.outcomes = outcomes
        self.worst, self.longest = 0, 0
        self.differences = read_differences(kit.backend)
        self.stale = dict(self.differences)

    def tell(self, name, role, version, outcome, wrong, seconds):
        self.worst, self.longest = max(self.worst, outcome.resident), max(self.longest, seconds)
        known = self.differences.get((role, version, name))
        self.stale.pop((role, version, name), None)
        good = not wrong if known is None else is_known(outcome, known)
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        if not good:
            print(f"FAIL {self.kit.backend} {role} {version or 'any'}: {name}: {wrong or 'the known difference is gone'}"
                  f"\n     {outcome}", flush=True)

    def one(self, row):
        name, role, version, make, expect, options = row
        start = time.monotonic()
        outcome = self.kit.against(role, make(self.kit, role, version), version, options=options)
        wrong = complaint(outcome, expect, role)
        usual = self.outcomes.get((role, version, name))
        if not wrong and usual not in (None, word_for(outcome, expect)):
            wrong = f"{word_for(outcome, expect)}, but outcomes.txt has {usual}"
        return name, role, version, outcome, wrong, time.monotonic() - start

    def tampered(self, role, version, action):
        """Changes every record of a connection in turn."""
        results: list[tuple] = []
        seen: dict[str, Optional[int]] = {}
        at = 1
        while True:
            start = time.monotonic()
            outcome = self.kit.against(role, tampered(self.kit, role, version, at, action, seen), version)
            changed = seen.get("changed")
            if changed is None:
                if outcome.status not in ("ok", "closed"):
                    results.append((f"nothing {action}", role, version, outcome, "fails by itself", 0))
                return results
            # TLS 1.3 ignores ChangeCipherSpec (RFC 8446, 5).
            harmless = changed == CHANGE_CIPHER_SPEC and version == "1.3"
            # The last record that matters may be the last of all.
            errors = (1040, 1041, 1042, 1060, 1061, 1063, 1064, 1065, 1066, 1067, 1068, 1072, 1073, 1080)
            last = "end" in action or action in ("replayed", "swapped") or action.startswith("behind")
            expect = Expect(harmless or last, errors, ("failed", "truncated"))
            wrong = complaint(outcome, expect, role)
            if wrong.startswith("believed") and outcome.received in (b"", b"answer"):
                wrong = ""  # it was read before the change
            results.append((f"record {at} {action}", role, version, outcome, wrong, time.monotonic() - start))
            at += 1


def refuses(kit, version, options=()):
    """Whether the backend lacks this feature: then the context does not open."""
    return "not supported" in kit.against_server(lambda sock: None, version, options).output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path)
    parser.add_argument("--backend")
    parser.add_argument("--only", default="")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1))
    options = parser.parse_args()
    if options.table:
        for name, role, version, _, expect, _ in CASES:
            what = ["lives on"] if expect.alive else []
            what += [f"{'/'.join(expect.statuses)} with {', '.join(map(str, expect.errors))}"] if expect.errors else []
            print(f"{role} {version or 'any'}: {name}: {' or '.join(what)}")
        return 0
    kit = Kit(options.build.resolve(), options.backend)
    versions = [version for version in ALL if not refuses(kit, version)]
    runner = Runner(kit, read_outcomes(options.backend, library_of(options.build, options.backend), versions))
    lacking = [feature for feature in (LIMIT, PSK, RESUMPTION) if refuses(kit, "1.2", feature)]
    rows = [row for row in CASES if options.only in row[0] and (row[2] or "1.3") in versions and row[5] not in lacking]
    tampers = [(role, version, action) for role in BOTH for version in versions for action in [*ACTIONS, "swapped"]
               if options.only in action]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(runner.one, rows):
            runner.tell(*result)
        for results in pool.map(lambda row: runner.tampered(*row), tampers):
            for result in results:
                runner.tell(*result)
    if not options.only:
        gone = list(runner.stale)
        gone += set(runner.outcomes) - {(role, version, name) for name, role, version, *_ in CASES}
        for key in gone:
            print("FAIL the case does not exist any more:", key)
            runner.failed += 1
    print(f"{kit.backend}: at most {runner.worst} KiB resident, {runner.longest:.1f} s in one case")
    print(f"{runner.passed} passed, {runner.failed} failed")
    return 1 if runner.failed else 0


if __name__ == "__main__":
    sys.exit(main())
