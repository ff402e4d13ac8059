"""Stages of tools/test and tools/lint: running and counting them, and the builds' options."""

import json
import os
import re
import subprocess
import threading
import time
from typing import Optional

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build")
LOGS = os.path.join(BUILD, "logs")

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed", re.M)
DOCTEST = re.compile(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")


class Run:
    """Counts results, and prints one line for each stage. Lanes share it."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.complaints: list[str] = []
        self.lock = threading.Lock()

    def count(self, stage: str, passed: int, failed: int, seconds: float, detail: str = "", output: str = "") -> None:
        """`output`: the stage's; if something failed, the end of the part that did not pass is shown."""
        mark = "ok  " if failed == 0 else "FAIL"
        with self.lock:
            self.passed += passed
            self.failed += failed
            print(f"{mark} {stage:<52} {passed:5} passed {failed:3} failed {seconds:6.0f} s", flush=True)
            if failed:
                told = [line for line in output.splitlines() if not line.startswith("ok ")]
                self.complaints.append("\n  ".join([f"{stage}: {detail}", *[line for line in told if "FAIL" in line][:3]]))
                for line in told[-25:]:
                    print("       | " + line, flush=True)

    def command(self, stage: str, command: list[str], env: Optional[dict[str, str]] = None, counted: bool = True) -> bool:
        """Runs a command with a log of its own. Uncounted commands (builds) count only if they fail."""
        start = time.monotonic()
        log = os.path.join(LOGS, re.sub(r"\W+", "-", stage).strip("-") + ".log")
        with open(log, "w+", errors="replace") as out:
            code = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=ROOT,
                                  env={**os.environ, **(env or {})}).returncode
            out.seek(0)
            text = out.read()
        seconds = time.monotonic() - start
        if not counted and code == 0:
            with self.lock:
                print(f"     {stage:<52} {'':24} {seconds:6.0f} s", flush=True)
            return True
        passed, failed = counts_in(text) if counted else (0, 0)
        if code != 0 and failed == 0:
            failed = 1
        if code == 0 and passed + failed == 0:
            failed = 1  # a suite that ran no test has not passed
        self.count(stage, passed, failed, seconds, f"see {os.path.relpath(log, ROOT)}", text)
        return failed == 0


def counts_in(text: str) -> tuple[int, int]:
    found = COUNTS.findall(text) + DOCTEST.findall(text)
    return sum(int(p) for p, _ in found), sum(int(f) for _, f in found)


def bring_sources(names: list[str]) -> list[str]:
    """Brings the sources in; returns the names that got an older version instead."""
    subprocess.run([os.path.join(ROOT, "tools", "sources"), *names], check=True)
    try:
        with open(os.path.join(ROOT, "subprojects", "packagecache", "chosen.json")) as chosen:
            return [name for name, how in json.load(chosen).items() if name in names and how["served_by"] != name]
    except OSError:
        return []


def backend_options(backends: list[str]) -> list[str]:
    return [f"-Dtls_backend={backends[0]}", f"-Dextra_backends={','.join(backends[1:])}",
            "--wrap-mode=forcefallback", "-Dwerror=true"]
