"""What each switch costs: see tools/size-report --switches.

Toggles each switch in `full` and in `smallest`, and measures the firmware's client again. docs/sizes.json gets the figures of each
image, including the unchanged ones: a cost is the difference of two rows."""

import argparse
import functools
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Optional

import size_report
from arguments import names
from marked import rewrite
from size_report import BACKENDS, ROOT, TARGETS, Row, read_json, run, write_json
from switch_table import OPTIONS, Row as Switch, table

BASES = ["full", "smallest"]
LEFT_OUT = {"client": "the measured program is a client", "hosted": "there is no operating system on these boards"}
# A build without one has the other, or it could do nothing.
INSTEAD = {"certificates": "psk", "psk": "certificates"}
CACHE = ROOT / "build" / "switch-costs"
DIRECTORIES = ["core", "backends/{backend}", "examples/firmware", "subprojects/packagefiles/{backend}"]
FILES = ["meson.build", "meson_options.txt", "cross/{target}.ini", "subprojects/{backend}.wrap"]


def switches() -> list[Switch]:
    return [row for row in table() if row.section == OPTIONS and row.name and row.is_boolean and row.short not in LEFT_OUT]


def is_on(switch: Switch, profile: str) -> bool:
    """Whether the switch is on in firmware with this profile."""
    return switch.default_in(table()[0].words.index(profile)) == "1"


def turned_over(switch: Switch, base: str) -> dict[str, bool]:
    """The changes of a base that toggle a switch, with switches that it needs, or that need it, and theirs."""
    on = not is_on(switch, base)
    changes = {switch.short: on}
    for other in switches():
        if is_on(other, base) != on and (other.short in switch.needs if on else switch.short in other.needs):
            changes |= {name: value for name, value in turned_over(other, base).items() if name not in changes}
        elif not on and other.short == INSTEAD.get(switch.short) and not is_on(other, base):
            changes[other.short] = True
    return changes


def is_possible(switch: Switch, can: list[str]) -> bool:
    needed = [switch.short, *switch.needs, INSTEAD.get(switch.short)]
    return not any(row.by == "library" and row.short in needed and row.capability not in can for row in switches())


def variants(can: list[str], base: str) -> list[dict[str, bool]]:
    """The changes of the base for a backend with these capabilities, the switch itself first. The first one changes nothing."""
    return [{}, *(turned_over(switch, base) for switch in switches() if is_possible(switch, can))]


def key_of(row: Row) -> tuple[str, str, str, str]:
    return row["target"], row["backend"], row["profile"], next(iter(row["changes"]), "")


def cost(rows: dict[tuple[str, str, str, str], Row], key: tuple[str, str, str, str], figure: str) -> Optional[int]:
    """The figure with the switch on, less the one with it off. None: not measured."""
    row, base = rows.get(key), rows.get((*key[:3], ""))
    if row is None or base is None:
        return None
    more: int = value_of(row, figure) - value_of(base, figure)
    return more if row["changes"][key[3]] else -more


def value_of(row: Row, figure: str) -> int:
    value: int = row["static_ram"] + row["heap_peak"] + row["stack"] if figure == "RAM" else row[figure]
    return value


def fingerprint(target: str, backend: str) -> str:
    """A digest of all sources of the images."""
    def named(patterns: list[str]) -> list[str]:
        return [pattern.format(target=target, backend=backend) for pattern in patterns]
    listed = run(["git", "ls-files", "--cached", "--others", "--exclude-standard", *named(DIRECTORIES)]).split()
    compiler = "riscv64-unknown-elf-g++" if target == "rv32imac" else "arm-none-eabi-g++"
    state = hashlib.sha256(run([compiler, "--version"]).encode())
    for name in sorted(name for name in [*listed, *named(FILES)] if not name.endswith(".md")):
        path = ROOT / name
        state.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return state.hexdigest()


def measured(target: str, backend: str, base: str, changes: dict[str, bool]) -> Row:
    """Builds in one directory for each base, so that a variant compiles only the files that the switch changes. One processor is
    enough: a thread measures each base."""
    directory = ROOT / "build" / f"switches-{target}-{backend}-{base}"
    if not (directory / "build.ninja").exists():
        size_report.configure(directory, target, [backend], size_report.records_of(base), [f"-Dprofile={base}"])
    values = {switch.short: changes.get(switch.short) for switch in switches()}
    run(["meson", "configure", str(directory),
         *(f"-D{name}={'auto' if value is None else str(value).lower()}" for name, value in values.items())])
    programs = size_report.link(directory, [backend], "-j1")
    found = size_report.figures(programs, target, base, backend, has_certificates=changes.get("certificates", True))
    return {**found, "changes": changes}


class Progress:
    """Counts what several threads have measured."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = self.built = self.failed = 0
        self.start = time.monotonic()
        self.is_stopped = False
        self.lock = threading.Lock()

    def line(self, name: str, row: Row, is_new: bool) -> None:
        with self.lock:
            self.done += 1
            self.built += is_new
            left = (time.monotonic() - self.start) / 60 / max(self.built, 1) * (self.total - self.done)
            print(f"{self.done}/{self.total} {name}: {row['image']} bytes" +
                  (f", {left:.0f} minutes left" if self.built else ""), flush=True)

    def failure(self, name: str, error: BaseException) -> None:
        with self.lock:
            self.done += 1
            self.failed += 1
            print(f"FAIL {name}: {error}", flush=True)


def measured_all(target: str, backend: str, base: str, progress: Progress) -> list[Row]:
    """The rows of a base and of all its variants; those in the cache are not built again."""
    rows: list[Row] = []
    state = fingerprint(target, backend)
    for changes in variants(capabilities(backend), base):
        if progress.is_stopped:
            break
        name = f"{target} {backend} {base} " + (",".join(f"{s}={str(on).lower()}" for s, on in changes.items()) or "as it is")
        entry = CACHE / hashlib.sha256(f"{state} {name}".encode()).hexdigest()
        is_new = not entry.exists()
        if is_new:
            try:
                entry.write_text(json.dumps(measured(target, backend, base, changes)))
            except (SystemExit, subprocess.SubprocessError) as error:
                progress.failure(name, error)
                continue
        rows.append(json.loads(entry.read_text()))
        progress.line(name, rows[-1], is_new)
    return rows


@functools.cache
def capabilities(backend: str) -> list[str]:
    """The library's capabilities: a switch for one that it lacks has no effect, and no cost."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.cpp").write_text("""\
#include <ussl/selected_backend.hpp>
#include <cstdio>
int main() {
    for (const ussl::CapabilityName& capability : ussl::capability_names)
        if (ussl::selected::capabilities.*capability.member) std::puts(capability.name.data());
}
""")
        run(["g++", "-std=c++20", *(f"-D{switch.name}=1" for switch in switches()), "-Icore/include",
             f"-Ibackends/{backend}/include", f"-Ibackends/{backend}/selected", "-o", f"{folder}/main", f"{folder}/main.cpp"])
        return run([f"{folder}/main"]).split()


def markdown(rows: list[Row], can: dict[str, list[str]]) -> str:
    """A table for each measured target, with cells of flash / RAM."""
    known = {key_of(row): row for row in rows}
    text = ""
    for target in [name for name in TARGETS if any(row["target"] == name for row in rows)]:
        backends = [name for name in BACKENDS if any(row["target"] == target and row["backend"] == name for row in rows)]
        columns = [(base, backend) for base in BASES for backend in backends]
        text += f"### {target}\n\n| switch | " + " | ".join(f"in `{base}`, {backend}" for base, backend in columns) + " |\n"
        text += "|---|" + "--:|" * len(columns) + "\n"
        for switch in switches():
            cells = []
            for base, backend in columns:
                key = (target, backend, base, switch.short)
                flash, ram = cost(known, key, "image"), cost(known, key, "RAM")
                with_others = len(known[key]["changes"]) > 1 if key in known else False
                cells.append("–" if not is_possible(switch, can[backend])
                             else "" if flash is None else f"{flash} / {ram}{' *' if with_others else ''}")
            text += f"| `{switch.short}` | " + " | ".join(cells) + " |\n"
        text += "\n"
    return text


def document(rows: list[Row]) -> None:
    """Writes the documents. Rows that were not measured now stay as they are in docs/sizes.json. An unchanged base is an image like
    any other."""
    size_report.document([{name: value for name, value in row.items() if name != "changes"} for row in rows if not row["changes"]])
    docs = ROOT / "docs"
    parts = read_json(docs / "sizes.json")
    known = {key_of(row): row for row in [*parts.get("switches", []), *rows]}
    parts["capabilities"] = {backend: capabilities(backend) for backend in BACKENDS}
    order = [(target, backend, base, next(iter(changes), "")) for target in TARGETS for backend in BACKENDS
             for base in BASES for changes in variants(parts["capabilities"][backend], base)]
    parts["switches"] = [known[key] for key in order if key in known]
    write_json(docs / "sizes.json", parts)
    rewrite(docs / "sizes.md", "switches", markdown(parts["switches"], parts["capabilities"]))


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/size-report --switches")
    parser.add_argument("--switches", action="store_true")
    parser.add_argument("--target", type=names(TARGETS), default=["cortex-m4", "cortex-m0plus"])
    parser.add_argument("--backend", type=names(BACKENDS), default=BACKENDS)
    options = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    work = [(target, backend, base) for target in options.target for backend in options.backend for base in BASES]
    progress = Progress(sum(len(variants(capabilities(backend), base)) for _, backend, base in work))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            rows = [row for part in pool.map(measured_all, *zip(*work), repeat(progress)) for row in part]
        except KeyboardInterrupt:
            print("stopped: the next run goes on from here", flush=True)
            progress.is_stopped = True
            return 1
    document(rows)
    print(f"{len(rows)} passed, {progress.failed} failed")
    return 1 if progress.failed else 0


if __name__ == "__main__":
    sys.exit(main())
