#!/usr/bin/python3
"""Whether each switch can be toggled alone: in `smallest`, and in `full`, on every backend whose library supports it; and whether
each profile's engines fit their rooms on 32 bits.

  tests/embedding/single_switches.py [BACKEND...]

Compiles, without making code, the adapter's files that use the switch (all of them for `certificates`), with the flags that
tools/source-list prints. Those of one variant are one unit, so that their headers are parsed once; if that has errors, they are
compiled one by one. The engines for 32 bits are compiled with two boards' compilers. tools/size-report --switches builds and runs
the same variants for a board, which takes two hours. Prints 'N passed, N failed'."""

import concurrent.futures
import functools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lib"))
sys.dont_write_bytecode = True
from backends import all_backends, facts, with_sources  # noqa: E402
from switch_costs import BASES, capabilities, variants  # noqa: E402
from switch_table import table  # noqa: E402

WARNINGS = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
HOST = ["g++", *WARNINGS]
CORTEX = ["arm-none-eabi-g++", "-mcpu=cortex-m0plus", "-mthumb", *WARNINGS]
# Another C library, whose headers include less of each other. C++'s are the Cortex's, as in cross/rv32imac.ini.
RISC_V = ["riscv64-unknown-elf-g++", "-march=rv32imac", "-mabi=ilp32", "--specs=picolibc.specs", "-nostdinc++",
          *(word for path in sorted(Path("/usr/include/newlib/c++").glob("*"))[-1:]
            for word in ("-isystem", str(path), "-isystem", str(path / "arm-none-eabi/thumb/v6-m/nofp"))), *WARNINGS]


def flags(backend: str, folder: str, hosted: bool) -> list[str]:
    """The output of tools/source-list, which writes the names' header into the folder."""
    command = [str(ROOT / "tools" / "source-list"), backend, f"USSL_HOSTED={int(hosted)}"]
    listed = subprocess.run(command, cwd=folder, check=True, text=True, stdout=subprocess.PIPE).stdout
    option = {"include": "-I", "include-library": "-isystem", "define-library": "-D", "preinclude-library": "-include"}
    pairs = [line.split(" ", 1) for line in listed.splitlines()]
    return [word for kind, value in pairs if kind in option for word in (option[kind], value)]


Variant = tuple[list[Path], str, dict[str, bool]]  # files, a profile and its changes


def variants_of(backend: str) -> list[Variant]:
    texts = {path: path.read_text() for path in sorted((ROOT / "backends" / backend / "src").glob("*.cpp"))}

    def files(changes: dict[str, bool]) -> list[Path]:
        # Without certificates the library's own structures are others, also in files that do not name the switch.
        return [path for path, text in texts.items()
                if "certificates" in changes or any(f"USSL_{name.upper()}" in text for name in changes)]
    found = [(files(changes), base, changes) for base in BASES for changes in variants(capabilities(backend), base)]
    return [variant for variant in found if variant[0]]


def engines_of(backend: str) -> list[Variant]:
    """What has a size in each profile: as it is, and without the switches that take the most of it."""
    changes: list[dict[str, bool]] = [{}, {"server": False}, {"resumption": False}]
    profiles = [profile for profile in table()[0].words if profile not in facts(backend).get("lacks_profiles", [])]
    return [([ROOT / "backends" / backend / "src" / f"{engine}_engine.cpp"], profile, change)
            for profile in profiles for change in changes for engine in ("session", "context")]


def compile_with(command: list[str], variant: Variant) -> str:
    """The compiler's errors."""
    paths, base, changes = variant
    switches = [f"-DUSSL_{name.upper()}={int(on)}" for name, on in changes.items()]
    done = subprocess.run([*command, f"-DUSSL_PROFILE={base}", *switches, "-x", "c++", "-"], capture_output=True, text=True,
                          input="".join(f'#include "{path}"\n' for path in paths))
    if done.returncode == 0:
        return ""
    if len(paths) > 1:  # a name may have two meanings in one unit
        return "; ".join(filter(None, (compile_with(command, ([path], base, changes)) for path in paths)))
    return paths[0].name + ": " + ("; ".join(re.findall(r"error: .*", done.stderr)[:2]) or done.stderr[-300:])


def main() -> int:
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for backend in with_sources(sys.argv[1:] or all_backends()):
            engines = engines_of(backend)
            plain = [one for one in engines if not one[2]]
            for hosted, command, work in ((True, HOST, variants_of(backend)), (False, CORTEX, engines), (False, RISC_V, plain)):
                command = command + flags(backend, folder, hosted)
                for (_, base, changes), wrong in zip(work, pool.map(functools.partial(compile_with, command), work)):
                    passed, failed = passed + (not wrong), failed + bool(wrong)
                    if wrong:
                        print(f"FAIL {base} with {changes}, {command[0]}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
