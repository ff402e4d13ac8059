#!/usr/bin/python3
"""Whether every way to build has a clear error for a wrong switch: an invalid value, an unknown name.

  tests/embedding/odd_switches.py

Meson, make (tools/source-list, and the makefile of MicroPython's ports), CMake, and the compiler, as in your own build. Prints
'N passed, N failed'."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Optional

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools/lib"))
from backends import all_backends, with_sources  # noqa: E402

BACKEND = with_sources(all_backends())[-1]  # any backend

Build = Callable[[Path, str, str], "subprocess.CompletedProcess[str]"]

# The setting, and the message. None: no error.
ONE_OF = r"{name}(=\S*)?: (one of: )?0 (or )?1\b"
SIZE = r"{name}(=\S*)?: a number of bytes, 512 to 16384"
NONE = r"{name}: there is no such switch; docs/switches.md has the list"
TABLE: list[tuple[str, str, Optional[str]]] = [
    ("USSL_PSK", "0", None),
    ("USSL_PSK", "1", None),
    ("USSL_PSK", "2", ONE_OF),
    ("USSL_PSK", "-1", ONE_OF),
    ("USSL_PSK", "01", ONE_OF),
    ("USSL_PSK", "yes", ONE_OF),
    ("USSL_PSK", "", ONE_OF),
    ("USSL_HOSTED", "2", ONE_OF),
    ("USSL_SEVERAL_BACKENDS", "yes", ONE_OF),
    ("USSL_PROFILE", "both", None),
    ("USSL_PROFILE", "tiny", r"USSL_PROFILE(=tiny)?: .*psk,? smallest,? client,? client13,? both,? (or )?full"),
    ("USSL_PROFILE", "", r"USSL_PROFILE=?: .*psk,? smallest,? client,? client13,? both,? (or )?full"),
    ("USSL_RECORD_INPUT", "512", None),
    ("USSL_RECORD_INPUT", "16384", None),
    ("USSL_RECORD_INPUT", "511", SIZE),
    ("USSL_RECORD_INPUT", "16385", SIZE),
    ("USSL_RECORD_INPUT", "-512", SIZE),
    ("USSL_RECORD_INPUT", "4K", SIZE),
    ("USSL_RECORD_INPUT", "", SIZE),
    ("USSL_FLIGHT_BUFFER", "255", r"USSL_FLIGHT_BUFFER(=255)?: a number of bytes, 256 to 65536"),
    ("USSL_INPUT_BUFFER", "63", r"USSL_INPUT_BUFFER(=63)?: a number of bytes, 64 to 65536"),
    ("USSL_ALNP", "1", NONE),
    ("USSL_RECORDS_INPUT", "4096", NONE),
]
# Meson's own messages, and its own names and values for some switches.
MESON: list[tuple[str, str, Optional[str]]] = [
    ("psk", "false", None),
    ("psk", "2", r'Value "2" .*for .*"psk" is not one of the choices.*"auto", "true", "false"'),
    ("psk", "", r'Value "" .*for .*"psk" is not one of the choices'),
    ("profile", "tiny", r'Value "tiny" .*for .*"profile" is not one of the choices.*"psk", "smallest", "client", "client13"'),
    ("record_input", "512", None),
    ("record_input", "511", r"record_input: 0, for the profile's, or at least 512"),
    ("record_input", "16385", r"16385 .*(maximum|more than).* 16384"),
    ("record_input", "4K", r"4K.* integer"),
    ("flight_buffer", "255", r"flight_buffer: 0, for the profile's, or at least 256"),
    ("input_buffer", "63", r"input_buffer: 0, for the profile's, or at least 64"),
    ("alnp", "true", r'[Uu]nknown option.*"?alnp"?'),
]


def run(work: Path, *command: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(word) for word in command], cwd=work, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def source_list(work: Path, name: str, value: str) -> "subprocess.CompletedProcess[str]":
    return run(work, ROOT / "tools/source-list", BACKEND, f"{name}={value}")


def port(work: Path, name: str, value: str) -> "subprocess.CompletedProcess[str]":
    """The module's part of a port's makefile: reads its variables, builds nothing."""
    (work / "Makefile").write_text(f"""\
TOP := .
USERMOD_DIR := {ROOT}/bindings/micropython
BUILD := build
SRC_USERMOD_LIB_C :=
include {ROOT}/bindings/micropython/micropython.mk
all: ; $(info $(CFLAGS_USERMOD)) @:
""")
    return run(work, "make", f"USSL_BACKEND={BACKEND}", f"{name}={value}")


def cmake(work: Path, name: str, value: str) -> "subprocess.CompletedProcess[str]":
    """Only the switches: no compiler runs."""
    (work / "port.cmake").write_text(f"""\
cmake_minimum_required(VERSION 3.13)
set(USSL_ROOT {ROOT})
set(USSL_VARIABLES "USSL_ROOT")
include({ROOT}/core/switches.cmake)
message(STATUS "${{USSL_DEFINITIONS}}")
""")
    return run(work, "cmake", f"-D{name}={value}", "-P", "port.cmake")


def compiler(work: Path, name: str, value: str) -> "subprocess.CompletedProcess[str]":
    (work / "one.c").write_text(f'#include "ussl/features.hpp"\ngiven = {name};\n')
    return run(work, "cc", f"-I{ROOT}/core/include", f"-D{name}={value}", "-E", "one.c")


def meson(work: Path, name: str, value: str) -> "subprocess.CompletedProcess[str]":
    return run(work, "meson", "setup", "build", ROOT, "--wrap-mode=forcefallback", f"-Dtls_backend={BACKEND}", "-Dtests=false",
               f"-D{name}={value}")


def main() -> int:
    passed = failed = 0

    # `good`: the output without an error.
    def judge(way: str, build: Build, good: str, rows: list[tuple[str, str, Optional[str]]]) -> None:
        nonlocal passed, failed
        for name, value, said in rows:
            with tempfile.TemporaryDirectory() as work:
                done = build(Path(work), name, value)
            text = " ".join(done.stdout.split())
            if (done.returncode != 0) == bool(said) and re.search((said or good).format(name=name, value=value), text):
                passed += 1
            else:
                failed += 1
                print(f"FAIL {way}: {name}={value}: {text[-400:]}")

    judge("make, tools/source-list", source_list, r"define {name}={value}\b", TABLE)
    judge("make, MicroPython", port, r"-D{name}={value}\b", TABLE)
    judge("CMake", cmake, r"-- {name}={value}\b", TABLE)
    # The compiler cannot know that another name was meant for a switch, and has its own words for things that are not numbers.
    judge("compiler", compiler, r"given = {value};", [row for row in TABLE if row[2] != NONE and row[1] not in ("4K", "-1")])
    judge("Meson", meson, r"{name} ?: {value}\b", MESON)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
