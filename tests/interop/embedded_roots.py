#!/usr/bin/python3
"""Tests the output of tools/embed-roots: its header compiles in C and C++ and needs no code at start-up; the Python module verifies
connections, and its certificates are not copied. Ends with 'N passed, N failed'."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
IN_CPP = """\
#include "roots.hpp"
#include "roots.hpp"
static_assert(std::size(roots::all) == 2 && roots::all[0].size() == sizeof(roots::ca));
static_assert(roots::ca[0] == 0x30 && roots::all[1].front() == 0x30);
const ussl::Bytes* anchors() { return roots::all; }
"""
IN_C = """\
#include "roots.hpp"
unsigned char first(void) { return ca[0] + p384_ca[sizeof(p384_ca) - 1]; }
"""
IN_PYTHON = """\
from support import *
import roots
sc, context = server_context(), ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
gc.collect()
before = gc.mem_alloc()
context.load_verify_locations(cadata=roots.ALL)
gc.collect()
grown = gc.mem_alloc() - before
assert grown < len(roots.ALL) // 2, grown
c, s, a, b = connect(context, sc)
transfer(c, s, b"data")
c, s, a, b = connect(context, server_context("p384-chain"))
transfer(c, s, b"data")
assert handshake_errors(*wrap_both(context, server_context("untrusted"))[:2])[0][0] == 1042
print("%d bytes of certificates, %d bytes of memory" % (len(roots.ALL), grown))
"""


class Tests:
    def __init__(self):
        self.passed = self.failed = 0

    def case(self, name, command, **kwargs):
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **kwargs)
        self.check(name, done.returncode == 0, done.stdout + done.stderr)
        return done.stdout

    def check(self, name, good, why):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} {name}{'' if good else ': ' + why}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--interpreter", required=True, type=Path)
    parser.add_argument("--certs", required=True, type=Path, help="the output of tests/certs/make.py")
    options = parser.parse_args()
    tests = Tests()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bundle = folder / "bundle.pem"
        bundle.write_text("".join((options.certs / f"{name}.pem").read_text() for name in ("ca", "p384-ca", "other-ca")))
        tool: list[object] = [ROOT / "tools" / "embed-roots", "--bundle", bundle]
        tests.case("two roots of three", [*tool, "--header", folder / "roots.hpp", "--module", folder / "roots.py", "CA",
                                          "p384-ca"])
        unclear = subprocess.run([*map(str, tool), "--header", folder / "other.hpp", "ussl tests"], capture_output=True, text=True)
        tests.check("an ambiguous name is refused", unclear.returncode and "3 roots" in unclear.stderr, unclear.stderr)
        for name, text, command in (("C", IN_C, ["gcc", "-std=c99", "-x", "c"]),
                                    ("C++", IN_CPP, ["g++", "-std=gnu++20", "-fno-exceptions", "-fno-rtti"])):
            source = folder / ("source." + ("c" if name == "C" else "cpp"))
            source.write_text(text)
            tests.case(f"{name} compiles it", [*command, "-Wall", "-Wextra", "-Werror", "-Os", "-fno-pic", "-I", folder, "-I",
                                               ROOT / "core" / "include", "-c", source, "-o", folder / "object.o"])
            sections = tests.case(f"{name}: sections", ["objdump", "-h", folder / "object.o"])
            sizes = {line.split()[1]: int(line.split()[2], 16) for line in sections.splitlines() if line.split()[:1] and
                     line.split()[0].isdigit()}
            made = {name: size for name, size in sizes.items() if size and name.startswith((".data", ".bss", ".init", ".ctors"))
                    and not name.startswith(".data.rel.ro")}
            tests.check(f"{name}: all data are read-only, no code runs at start-up", not made, str(made))
        script = folder / "script.py"
        script.write_text(IN_PYTHON)
        environment = dict(os.environ, MICROPYPATH=f"{folder}:{ROOT / 'tests' / 'scripts' / 'lib'}:.frozen")
        print(tests.case("the interpreter verifies against the module, without a copy of it",
                         [options.interpreter.resolve(), script, f"{options.certs.resolve()}/", "0", "", "x"],
                         env=environment), end="")
    print(f"{tests.passed} passed, {tests.failed} failed")
    return 1 if tests.failed else 0


if __name__ == "__main__":
    sys.exit(main())
