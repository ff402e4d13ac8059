#!/usr/bin/python3
"""Whether ussl works beside its neighbours: other copies of its libraries, other backends, programs with other switches.

  tests/embedding/neighbours.py BACKEND...

Installs each backend into one prefix, as an archive and as a shared library, and then, through pkg-config:
  symbols    every visible symbol has the prefix ussl_ or is in namespace ussl, in archives, in shared libraries, in programs
  copies     a program that also has the system's copy of the library, archive or shared, linked before or after: both work
  switches   a program that was compiled with one switch other than the library's, or with libc++, does not link, and the
             linker's message names the switch

The backend's folder describes the system's copy of its library: neighbour.c and tools.json. Needs those copies, libc++, clang and
python3-cryptography. Prints 'N passed, N failed'."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tools/lib"))
from backends import all_backends, facts, why_left_out  # noqa: E402
from switch_table import CONDITIONS, MODULE, table  # noqa: E402

FACTS = {name: facts(name) for name in all_backends()}
# Names that a prefix of ours must hide.
THEIRS = re.compile("ussl_|" + "|".join(fact["symbols"] for fact in FACTS.values() if "symbols" in fact))
OURS = re.compile(r"ussl_\w+|_ZNK?4ussl\w+|_ZTVN4ussl\w+")
CACHE = ["ccache"] if shutil.which("ccache") else []
passed = failed = 0


def check(what, complaint):
    global passed, failed
    if complaint:
        failed += 1
        print(f"FAIL {what}: {complaint}")
    else:
        passed += 1


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)


def do(*command, **options):
    done = run(*command, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout[-4000:]}\n0 passed, 1 failed")
    return done.stdout


def symbols(path, *options):
    """The defined names of a file that are visible outside."""
    lines = [line.split() for line in do("nm", "--defined-only", *options, path).splitlines()]
    return {words[2] for words in lines if len(words) == 3 and words[1] in "TDBRVWuGSC"}


class Prefix:
    """Installs every backend by `meson install`, with one kind of library."""

    def __init__(self, work, kind, backends):
        self.kind, self.path = kind, work / kind
        for backend in backends:
            # Beside the build of the tests, and like it: so the compiler's cache has the library's objects, for both kinds.
            build = ROOT / "build" / f"neighbours-{kind}-{backend}"
            shutil.rmtree(build, ignore_errors=True)
            do("meson", "setup", build, ROOT, "--prefix", self.path, "--libdir", "lib", "--wrap-mode=forcefallback",
               f"-Dtls_backend={backend}", "-Dtests=false", f"-Ddefault_library={kind}", cwd=work)
            do("meson", "install", "-C", build, env={**os.environ, "CCACHE_NOHASHDIR": "1"})

    def flags(self, backend, what):
        static = ["--static"] if self.kind == "static" else []
        flags = do("pkg-config", what, *static, f"ussl-{backend}",
                   env={**os.environ, "PKG_CONFIG_PATH": str(self.path / "lib/pkgconfig")}).split()
        return flags + ([f"-Wl,-rpath,{self.path}/lib"] if what == "--libs" and self.kind == "shared" else [])


def check_symbols(work, prefix, backend):
    name = f"{backend}, {prefix.kind}"
    library = prefix.path / "lib" / ("libussl-" + backend + (".a" if prefix.kind == "static" else ".so"))
    foreign = sorted(found for found in symbols(library, *(["-g"] if prefix.kind == "static" else ["-D"]))
                     if not OURS.fullmatch(found))
    check(f"{name}: symbols", ", ".join(foreign[:20]))
    # The names that a library could reach in a program that exports everything.
    program = work / f"hello-{prefix.kind}-{backend}"
    do(*CACHE, "g++", "-std=c++20", *prefix.flags(backend, "--cflags"), "-c", HERE / "hello.cpp", "-o", f"{program}.o")
    do("g++", f"{program}.o", "-rdynamic", *prefix.flags(backend, "--libs"), "-o", program)
    foreign = sorted(found for found in symbols(program, "-D") if THEIRS.match(found))
    check(f"{name}: symbols of a program", ", ".join(foreign[:20]))
    done = run(program)
    check(f"{name}: a program, by pkg-config", "" if done.returncode == 4 and done.stdout.startswith(backend) else done.stdout)


def check_copies(work, prefix, backend, objects):
    ours = prefix.flags(backend, "--libs")
    flags = prefix.flags(backend, "--cflags")
    program = work / f"neighbours-{prefix.kind}-{backend}"
    do(*CACHE, "g++", "-std=c++20", *flags, f"-I{work}", "-c", HERE / "neighbours.cpp", "-o", f"{program}.o")
    for kind in ("static", "dynamic"):
        theirs = [f"-Wl,-B{kind}", *(f"-l{library}" for library in FACTS[backend]["neighbour"]), "-Wl,-Bdynamic"]
        for order, libraries in (("ours first", ours + theirs), ("theirs first", theirs + ours)):
            what = f"{backend}, {prefix.kind}: with the system's, {kind}, {order}"
            done = run("g++", f"{program}.o", objects[backend], *libraries, "-lm", "-o", program)
            if done.returncode == 0:
                done = run(program)
            check(what, done.stdout[-1000:] if done.returncode != 0 else "")


def check_switches(work, prefix, backend, only=None):
    flags = prefix.flags(backend, "--cflags")
    libraries = prefix.flags(backend, "--libs")
    # The full profile's definitions: a program has these if it was compiled without the flags.
    rows = [row for row in table() if row.values not in ("", "name") and row.section != MODULE and row.name != "USSL_PROFILE"]
    # Conditions hold on a host, whose value is the first of two.
    words = {"host": "0", **dict.fromkeys(CONDITIONS, "1")}
    defaults = {row.name: words.get(row.default[-1], row.default[-1].split("/")[0]) for row in rows}
    library = {**defaults, **dict(re.findall(r"-D(USSL_\w+)=(\d+)", " ".join(flags)))}

    def linked(compiler, *more):
        return run(*CACHE, *compiler, "-std=c++20", "-w", *flags, *more, "-c", HERE / "hello.cpp", "-o", work / "other.o"), \
            run(*compiler, work / "other.o", *libraries, "-o", work / "other")

    compiled, done = linked(["g++"])
    check(f"{backend}, {prefix.kind}: the same switches", compiled.stdout + done.stdout if done.returncode else "")
    for switch, value in sorted(library.items()):
        if only and switch not in only:
            continue
        other = 1 - int(value) if value in "01" else int(value) // 2
        compiled, done = linked(["g++"], f"-U{switch}", f"-D{switch}={other}")
        named = "library_must_be_built_with_the_same_switches" in done.stdout and \
            f"_{switch.removeprefix('USSL_')}_{other}_" in done.stdout
        refused = done.returncode != 0 and named if compiled.returncode == 0 else "#error" in compiled.stdout
        check(f"{backend}, {prefix.kind}: {switch}={other}", "" if refused
              else f"the linker says {compiled.stdout + done.stdout or 'nothing'}")
    compiled, done = linked(["clang++", "-stdlib=libc++"])
    check(f"{backend}, {prefix.kind}: libc++", "" if compiled.returncode == 0 and done.returncode != 0 and "libcxx" in done.stdout
          else f"the linker says {compiled.stdout + done.stdout or 'nothing'}")


def main():
    backends = sys.argv[1:]
    if not backends or not set(backends) <= set(FACTS):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        do("/usr/bin/python3", ROOT / "examples/firmware/make_material.py", work)
        objects = {}
        for backend in backends:
            if "neighbour" in FACTS[backend]:
                objects[backend] = work / f"neighbour-{backend}.o"
                do("gcc", "-Wall", "-Wextra", f"-I{HERE}", "-c", ROOT / "backends" / backend / "tests" / "neighbour.c",
                   "-o", objects[backend])
            else:
                print(f"{backend}: no copy beside it: {why_left_out(backend, 'neighbour')}")
        for kind in ("static", "shared"):
            prefix = Prefix(work, kind, backends)
            for backend in backends:
                check_symbols(work, prefix, backend)
                if backend in objects:
                    check_copies(work, prefix, backend, objects)
            check_switches(work, prefix, backends[0], ["USSL_SERVER"] if kind == "shared" else None)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
