#!/usr/bin/python3
"""Every way into other builds, each from a clean folder, on every backend: what tools/test-embedding runs.

  tests/embedding/ways.py [--quick] [BACKEND...]

Each way builds a user's small program, in C and C++, with warnings as errors, and runs it: it sends a ClientHello. Prints its size.
--quick leaves out the slow ones; tools/test uses it. Ends with 'N passed, N failed'."""

import argparse
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Optional, Union

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tools/lib"), str(ROOT / "tests/docs"), str(ROOT / "tests/interop"), str(ROOT / "tests/support")]
import pages  # noqa: E402
from backends import all_backends, facts, with_sources  # noqa: E402
from ports import free_port  # noqa: E402
from programs import Failure as Failed  # noqa: E402
from programs import Process  # noqa: E402

PYTHON = sys.executable
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
CACHE = ["ccache"] if shutil.which("ccache") else []
COMPILERS = {f"CMAKE_{language}_COMPILER_LAUNCHER": "ccache" for language in ("C", "CXX") if CACHE}
LAUNCHERS = [f"-D{name}={value}" for name, value in COMPILERS.items()]
# The libraries' speed does not matter here, and compiling without optimisation takes half the time.
FAST = ["-DCMAKE_C_FLAGS=-O1", "-DCMAKE_CXX_FLAGS=-O1"]
NEEDS_CXX20 = r"ussl's headers need C\+\+20"

Word = Union[str, Path]


def run(*command: Word, cwd: Optional[Path] = None, env: Optional[dict[str, str]] = None, fails: bool = False) -> str:
    """The command's output. `fails`: it must fail."""
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=cwd, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, env={**os.environ, "CCACHE_NOHASHDIR": "1", **(env or {})})
    if (done.returncode != 0) != fails:
        raise Failed(f"{shlex.join(words)}\nends with {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def says(text: str, pattern: str) -> None:
    if not re.search(pattern, " ".join(text.split())):
        raise Failed(f"nothing says /{pattern}/ in:\n{text[-3000:]}")


def copies(folder: Path, *names: Word) -> Path:
    """A user's folder with these files of tests/embedding/, or with those of a folder there."""
    folder.mkdir(parents=True)
    for path in [HERE / name for name in names]:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            shutil.copy(file, folder)
    return folder


class Ways:
    """All ways share one working folder, so that the next one can use what an earlier one has built."""

    def __init__(self, work: Path, quick: bool, backends: list[str]) -> None:
        self.work, self.quick, self.backends = work, quick, backends
        self.prefix = work / "prefix"
        self.passed = self.failed = 0

    def way(self, name: str, do: Callable[..., object], *arguments: Word) -> None:
        start = time.monotonic()
        try:
            detail = str(do(*arguments) or "")
            self.passed += 1
            mark = "ok  "
        except Failed as why:
            self.failed += 1
            mark, detail = "FAIL", f"\n{why}"
        print(f"{mark} {name:<52} {time.monotonic() - start:6.0f} s  {detail}", flush=True)

    def hello(self, backend: str, program: Path) -> str:
        """Runs the program, which must have the right backend; returns its size."""
        says(run(program), rf"^{backend}: a ClientHello of \d+ bytes, server 0")
        text = run("size", program).splitlines()[1].split()
        return f"{program.name} {int(text[0]) + int(text[1])} bytes"

    # --- CMake ---

    def cmake_project(self, backend: str) -> str:
        """add_subdirectory through FetchContent; then the same build for a project that is only in C."""
        folder = copies(self.work / f"cmake-{backend}", "parent-cmake", "hello.c", "hello.cpp")
        setup: list[Word] = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DUSSL={ROOT}",
                             f"-DUSSL_BACKEND={backend}", "-DUSSL_PROFILE=client", *LAUNCHERS, *FAST]
        run(*setup, "-DLANGUAGES=C;CXX")
        run("cmake", "--build", folder / "build")
        sizes = self.hello(backend, folder / "build/hello")
        run(*setup, "-DLANGUAGES=C")
        (folder / "build/hello-c").unlink()
        # Another language at the top uses another compiler for linking; nothing of ours is compiled again.
        built = run("cmake", "--build", folder / "build", "--target", "hello-c", "--verbose")
        says(built, r"/cc\b.* -o hello-c |/gcc\b.* -o hello-c ")
        needed = run("readelf", "-d", folder / "build/hello-c")
        if "libstdc++" in needed:
            raise Failed("a program in C needs libstdc++")
        return f"{sizes}, {self.hello(backend, folder / 'build/hello-c')}"

    def cmake_firmware(self, backend: str) -> str:
        """examples/cmake on the emulated board, with a server that it verifies."""
        build = self.work / f"firmware-{backend}"
        run("cmake", "-S", ROOT / "examples/cmake", "-B", build, "-G", "Ninja", "--toolchain", ROOT / "cross/cortex-m4.cmake",
            f"-DPython3_EXECUTABLE={PYTHON}", f"-DUSSL_BACKEND={backend}", "-DCMAKE_BUILD_TYPE=MinSizeRel", *LAUNCHERS)
        run("cmake", "--build", build)
        says(run(PYTHON, ROOT / "examples/firmware/run_serial.py", build / "server.pem", build / "client.elf"), "^olleh 1 passed")
        text = run("arm-none-eabi-size", build / "client.elf").splitlines()[1].split()
        return f"client.elf {int(text[0]) + int(text[1])} bytes of flash"

    def cmake_readme(self) -> str:
        """README's CMakeLists.txt with README's program, as printed there; then with those that trust a CA as docs/embedding.md
        has it, in C++ and in C, which get a page from the server of that page."""
        folder = self.work / "readme"
        folder.mkdir()
        readme, page = ROOT / "README.md", ROOT / "docs/embedding.md"
        listed = pages.block(readme, "cmake", {})
        for name, text in (("CMakeLists.txt", listed), ("client.cpp", pages.block(readme, "cpp", {}))):
            (folder / name).write_text(text)
        (folder / "ussl").symlink_to(ROOT)
        setup: list[Word] = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", *LAUNCHERS, *FAST]
        run(*setup)
        run("cmake", "--build", folder / "build")
        sizes = [f"client {(folder / 'build/client').stat().st_size} bytes"]

        commands, = (code for code in pages.blocks(page.read_text(), "sh") if "openssl s_server" in code)
        port = str(free_port())
        *making, serving = commands.replace("\\\n", "").replace("4433", port).splitlines()
        run("bash", "-euc", "\n".join(making), cwd=folder)
        with Process(shlex.split(serving), cwd=folder) as server:
            server.wait_for(b"ACCEPT")
            for language, file, header, replaced in (("cpp", "client.cpp", "pem_file.hpp", r".*anchor_source = .*\n"),
                                                     ("c", "client.c", "files.h", r".*ussl_config config = .*\n")):
                line, = re.findall(replaced, pages.block(readme, language, {}))
                transport, = re.findall(r'#include "socket_transport.*\n', pages.block(readme, language, {}))
                own_ca, = (code for code in pages.blocks(page.read_text(), language) if "ca.pem" in code)
                (folder / file).write_text(pages.block(readme, language, {
                    line: own_ca, transport: f'#include "{header}"\n{transport}',
                    "example.com": "localhost", '"443"': f'"{port}"'}))
                own = listed.replace("client.cpp", file).replace("examples/cpp", f"examples/{language}")
                (folder / "CMakeLists.txt").write_text(f"{own}target_compile_options(client PRIVATE {' '.join(STRICT)})\n")
                run("cmake", "--build", folder / "build", "--target", "client")
                says(run(folder / "build/client", cwd=folder), "^HTTP/1.0 200 ok")
                (folder / "ca.pem").rename(folder / "away.pem")
                says(run(folder / "build/client", cwd=folder, fails=True), "ca.pem: No such file .*no trust anchors")
                (folder / "away.pem").rename(folder / "ca.pem")
                sizes.append(f"with its own CA in {file[7:]} {(folder / 'build/client').stat().st_size} bytes")
        return ", ".join(sizes)

    def sizes(self, backend: str) -> None:
        """ussl_sizes.h in a debug build: the object with the numbers can be assembled there, too."""
        folder = self.work / f"sizes-{backend}"
        folder.mkdir()
        listed = [line.split(" ", 1) for line in run(ROOT / "tools/source-list", backend, cwd=folder).splitlines()]
        flags = [f"{'-I' if kind == 'include' else '-D'}{value}" for kind, value in listed if kind in ("include", "define")]
        run("arm-none-eabi-g++", "-std=gnu++20", "-mcpu=cortex-m0plus", "-mthumb", "-g", "-Os", "-fno-exceptions", "-fno-rtti",
            *flags, f"-I{ROOT}/bindings/c/include", "-c", ROOT / "bindings/c/src/sizes.cpp", "-o", "sizes.o", cwd=folder)
        run("cmake", "-DOBJECT=sizes.o", "-DOUTPUT=sizes.h", "-P", ROOT / "bindings/c/sizes.cmake", cwd=folder)
        says((folder / "sizes.h").read_text(), r"USSL_CONTEXT_SIZE \d+ #define USSL_SESSION_SIZE \d+ ")

    def quick_start(self, backend: str) -> str:
        """Every command of docs/quick-start.md, in an empty folder, except for those that bring packages and ussl; with another
        backend."""
        folder = self.work / f"quick-start-{backend}"
        folder.mkdir()
        (folder / "ussl").symlink_to(ROOT)
        page = (ROOT / "docs/quick-start.md").read_text()
        page = page.replace(re.findall(r"set\(USSL_BACKEND (\w+)\)", page)[0], backend)
        steps = re.findall(r"(?:^`([\w.]+)`:\n\n)?^```(\w+)\n(.*?)^```$", page, re.M | re.S)
        said, ran = "", 0
        for file, language, text in steps:
            if file:
                (folder / file).write_text(text)
            elif language == "sh":
                commands = "".join(line for line in re.findall(r"(?:.*\\\n)*.*\n", text)
                                   if not line.startswith(("sudo apt-get install ", "git clone ")))
                said = run("bash", "-euc", commands, cwd=folder, env=COMPILERS) if commands else said
                ran += commands.count("\n")
            elif language == "text" and said != text:
                raise Failed(f"the page shows\n{text}but the output is\n{said}")
        if ran < 8 or [language for _, language, _ in steps].count("text") < 2:
            raise Failed(f"the page has {ran} commands")
        size = run("arm-none-eabi-size", folder / "build/client.elf").splitlines()[1].split()
        return f"{ran} commands, client.elf {int(size[0]) + int(size[1])} bytes of flash"

    def cmake_says(self) -> None:
        """The messages that users get for mistakes. Nothing is built."""
        folder = copies(self.work / "cmake-says", "parent-cmake", "hello.c", "hello.cpp")
        firmware = with_sources(self.backends)
        last = f"-DUSSL_BACKEND={firmware[-1]}"
        told = [(["-DUSSL_BACKEND=none"], f"USSL_BACKEND=none: there is no such backend, only: {' '.join(sorted(all_backends()))}"),
                ([last, "-DUSSL_PROFILE=tiny"], "USSL_PROFILE=tiny: one of: psk smallest client client13 both full"),
                ([last, "-DUSSL_ALNP=1"], "USSL_ALNP: there is no such switch"),
                ([last, "-DUSSL_LIBRARY_DIR=/nowhere"], f"/nowhere is missing: run tools/sources {firmware[-1]}, or set USSL"),
                ([last, "-DUSSL_LIBRARY_DIR=/usr"], f"/usr holds none of the sources of {firmware[-1]}")]
        told += [([f"-DUSSL_BACKEND={name}", "-DUSSL_LIBRARY_TARGET=m"], "fixed when it is compiled. Give its sources")
                 for name in firmware if not project_of(name).exists()]
        told += [([f"-DUSSL_BACKEND={name}", "-DUSSL_HOSTED=0"], f"USSL_BACKEND={name} is for hosts")
                 for name in self.backends if name not in firmware]
        for number, (switches, answer) in enumerate(told):
            says(run("cmake", "-S", folder, "-B", folder / f"build-{number}", f"-DUSSL={ROOT}", "-DLANGUAGES=C;CXX", *switches,
                     fails=True), answer)
        # A compiler of C++17, whatever standard is requested.
        compiler = folder / "c++17"
        compiler.write_text('#!/bin/sh\nfor word; do shift; set -- "$@" "$(echo "$word" | sed "s/^-std=.*/-std=c++17/")"; done\n'
                            'exec c++ "$@"\n')
        compiler.chmod(0o755)
        run("cmake", "-S", folder, "-B", folder / "build-17", f"-DUSSL={ROOT}", "-DLANGUAGES=C;CXX",
            last, f"-DCMAKE_CXX_COMPILER={compiler}")
        says(run("make", "-C", folder / "build-17", "ussl_adapter", fails=True), NEEDS_CXX20)

    def cmake_target(self, backend: str) -> str:
        """A library that the project compiles itself."""
        folder = copies(self.work / f"target-{backend}", "parent-cmake", "hello.c", "hello.cpp")
        copies(folder / "library", project_of(backend))
        run("cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DUSSL={ROOT}", f"-DUSSL_BACKEND={backend}",
            "-DUSSL_PROFILE=client", "-DLANGUAGES=C;CXX", "-DWITH_TARGET=1",
            "-DUSSL_LIBRARY_TARGET=library", f"-DLIBRARY={sources_of(backend)}", *LAUNCHERS, *FAST)
        run("cmake", "--build", folder / "build")
        return self.hello(backend, folder / "build/hello")

    # --- Meson ---

    def meson_parent(self, backend: str, name: str = "", *options: Word, env: Optional[dict[str, str]] = None) -> Path:
        """A project around ussl, as from git; the library's sources belong to the parent. Returns its build folder."""
        folder = copies(self.work / f"meson-{backend}{name}", "parent-meson", "hello.c", "hello.cpp")
        (folder / "subprojects/ussl/subprojects").mkdir(parents=True)
        for part in ROOT.iterdir():
            if part.name not in ("subprojects", "build") and not part.name.startswith("."):
                (folder / "subprojects/ussl" / part.name).symlink_to(part)
        for wrap in [*(ROOT / "subprojects").glob("*.wrap"), ROOT / "subprojects/packagefiles"]:
            (folder / "subprojects/ussl/subprojects" / wrap.name).symlink_to(wrap)
        if backend in with_sources([backend]):
            (folder / "subprojects" / sources_of(backend).name).symlink_to(sources_of(backend))
        run("meson", "setup", folder / "build", folder, f"-Dwanted_backend={backend}", "--wrap-mode=forcefallback", "--libdir=lib",
            f"--prefix={self.prefix}", "--optimization=1", "-Ddebug=false", *options, env=env)
        return folder / "build"

    def meson_subproject(self, backend: str) -> str:
        """Also installed: see below."""
        build = self.meson_parent(backend)
        run("ninja", "-C", build)
        run("meson", "install", "-C", build, "--no-rebuild")
        return f"{self.hello(backend, build / 'hello')}, {self.hello(backend, build / 'hello-c')}"

    def meson_libcxx(self, backend: str) -> str:
        clang = {"CC": " ".join([*CACHE, "clang"]), "CXX": " ".join([*CACHE, "clang++", "-stdlib=libc++"])}
        build = self.meson_parent(backend, "-libcxx", env=clang)
        run("ninja", "-C", build)
        return self.hello(backend, build / "hello")

    def meson_says(self, backend: str) -> None:
        """Without network, and without the sources: the message says what to do."""
        folder = self.work / f"meson-{backend}-offline"
        try:
            self.meson_parent(backend, "-offline", "--wrap-mode=nodownload")
        except Failed as why:
            raise Failed(f"with its sources there is nothing to download: {why}") from why
        for link in folder.glob("subprojects/*"):
            if link.name != "ussl":
                link.unlink()
        says(run("meson", "setup", folder / "again", folder, f"-Dwanted_backend={backend}", "--wrap-mode=nodownload", fails=True),
             rf"no sources of {backend}.*tools/sources {backend}.*subprojects/packagecache")

    # --- Installed, by meson_subproject(): every backend in one prefix ---

    def pkg_config(self, what: str, package: str) -> list[str]:
        return run("pkg-config", what, "--static", package, env={"PKG_CONFIG_PATH": f"{self.prefix}/lib/pkgconfig"}).split()

    def installed(self, backend: str) -> None:
        """By pkg-config: then the headers are not system headers, and must not cause a warning."""
        flags, libraries = self.pkg_config("--cflags", f"ussl-{backend}"), self.pkg_config("--libs", f"ussl-{backend}")
        plus = self.pkg_config("--cflags", f"ussl-{backend}-c++")
        folder = self.work / f"installed-{backend}"
        folder.mkdir()
        for compiler in ("gcc", "clang"):
            run(compiler, "-std=c99", *STRICT, *flags, HERE / "hello.c", "-o", folder / "c", *libraries)
            self.hello(backend, folder / "c")
        for compiler in ("g++", "clang++"):
            run(compiler, *STRICT, *plus, HERE / "hello.cpp", "-o", folder / "cpp", *libraries)
            self.hello(backend, folder / "cpp")
            # Older C++ gets ussl.h, and a message about it.
            says(run(compiler, "-std=c++17", *flags, "-c", HERE / "hello.cpp", "-o", folder / "no.o", fails=True), NEEDS_CXX20)
            run(compiler, "-std=c++11", *STRICT, *flags, "-fsyntax-only", "-x", "c++", "-include", "ussl.h", os.devnull)

    def find_package(self, backend: str) -> str:
        folder = copies(self.work / f"find-{backend}", "parent-cmake", "hello.c", "hello.cpp")
        setup: list[Word] = ["cmake", "-S", folder, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}", "-DINSTALLED=1"]
        run(*setup, "-B", folder / "build", "-DLANGUAGES=C;CXX", f"-DUSSL_BACKEND={backend}")
        run("cmake", "--build", folder / "build")
        run(*setup, "-B", folder / "c", "-DLANGUAGES=C", f"-DUSSL_BACKEND={backend}")
        run("cmake", "--build", folder / "c")
        self.hello(backend, folder / "c/hello-c")
        says(run(*setup, "-B", folder / "no", "-DLANGUAGES=C", "-DUSSL_BACKEND=none", fails=True),
             "the backend none is not installed here, but: .*" + backend)
        return self.hello(backend, folder / "build/hello")

    # --- lwIP ---

    def lwip(self, backend: str) -> str:
        """lwIP's altcp_tls.h, by ussl::lwip: from a subfolder, and from the installation of meson_subproject()."""
        folder = copies(self.work / f"lwip-{backend}", "parent-lwip")
        said = []
        ways = {"subfolder": [f"-DUSSL={ROOT}"], "installed": ["-DINSTALLED=1", f"-DCMAKE_PREFIX_PATH={self.prefix}"]}
        for name, options in ways.items():
            run("cmake", "-S", folder, "-B", folder / name, "-G", "Ninja", f"-DLWIP={sources_of('lwip')}",
                f"-DARCH={ROOT}/tests/lwip", f"-DUSSL_BACKEND={backend}", "-DUSSL_PROFILE=client", *LAUNCHERS, *FAST, *options)
            run("cmake", "--build", folder / name)
            said.append(self.hello(backend, folder / name / "hello"))
        return ", ".join(said)

    # --- Your own builds, ports of MicroPython ---

    def source_list(self, backend: str) -> str:
        folder = copies(self.work / f"list-{backend}", "hello.cpp")
        lines = [line.split(" ", 1) for line in run(ROOT / "tools/source-list", backend, "USSL_PROFILE=client", "USSL_HOSTED=1",
                                                    cwd=folder).splitlines()]

        def words(kind: str, before: str) -> list[str]:
            return [word for key, value in lines if key == kind for word in [*before.split(), value]]
        flags = [*words("include", "-I"), *(f"-D{value}" for value in words("define", ""))]
        inner = [*words("include-library", "-isystem"), *(f"-D{value}" for value in words("define-library", "")),
                 *words("preinclude-library", "-include")]
        rules = [f"rule c\n  command = {shlex.join([*CACHE, 'cc', '-c', '-w', '-O1', *flags, *inner])} $in -o $out",
                 "rule cpp\n  command = " + shlex.join([*CACHE, "c++", "-c", "-O1", "-std=c++20", "-fno-exceptions", "-fno-rtti",
                                                       *flags, *inner]) + " $in -o $out",
                 f"rule link\n  command = c++ -std=c++20 {shlex.join(flags)} hello.cpp $in -o $out {shlex.join(words('link', ''))}"]
        objects = []
        for number, (kind, value) in enumerate(line for line in lines if line[0] in ("source", "source-library")):
            objects.append(f"{number}.o")
            rules.append(f"build {number}.o: {'cpp' if kind == 'source' else 'c'} {value}")
        rules.append(f"build hello: link {' '.join(objects)}")
        (folder / "build.ninja").write_text("\n".join(rules).replace("$PWD", str(folder)) + "\n")
        run("ninja", "-C", folder)
        return self.hello(backend, folder / "hello")

    def foreign(self, backend: str) -> str:
        """The archives of another copy, as a port may have them, linked as a whole."""
        return "-Wl,--whole-archive " + " ".join(f"-l:lib{name}.a" for name in facts(backend)["neighbour"]) + \
            " -Wl,--no-whole-archive -lm"

    def cmake_port(self, backend: str) -> str:
        folder = copies(self.work / f"port-{backend}", "port-cmake", "hello.cpp")
        chip = {f"{language}FLAGS": "-DFOR_CHIP" for language in ("C", "CXX", "ASM")}
        run("make", "-C", folder, f"USER_C_MODULES={ROOT}/bindings/micropython/micropython.cmake", f"USSL_BACKEND={backend}",
            "USSL_PROFILE=client", env={"FOREIGN": self.foreign(backend), **chip})
        # The flags for the chip, which SDKs have in CMAKE_C_FLAGS (esp32: -mlongcalls, -march), reach all sources of the archive.
        for source in json.loads((folder / "build/compile_commands.json").read_text()):
            says(source["command"], r" -DFOR_CHIP ")
        # The ports look for names without the module's flags.
        includes = [f"-I{ROOT}/{path}" for path in ("core/include", f"backends/{backend}/selected", f"backends/{backend}/include")]
        run("c++", "-std=gnu++17", "-E", "-DNO_QSTR", *includes, HERE / "hello.cpp", "-o", folder / "names")
        # In a build folder they stay as they were at first.
        run("make", "-C", folder, f"USER_C_MODULES={ROOT}/bindings/micropython/micropython.cmake",
            env={"FOREIGN": self.foreign(backend)})
        return ", ".join(self.hello(backend, program) for program in sorted(folder.glob("build/hello*")))

    def make_port(self, backend: str) -> str:
        """The port for hosts as in README, in the pinned tree. That may lack its submodules: without the modules that need them."""
        build = self.work / f"micropython-{backend}"
        printed, = (code for code in pages.blocks((ROOT / "README.md").read_text(), "sh") if "ports/unix" in code)
        make = printed[printed.index("make -C"):].replace("\\\n", "").replace("$PWD", str(ROOT))
        make = make.replace("-C micropython/", f"-C {sources_of('micropython')}/")
        run(*shlex.split(re.sub(r"(?<=USSL_BACKEND=)\w+", backend, make)), f"-j{os.cpu_count()}", f"BUILD={build}",
            "PROG=micropython", f"LDFLAGS_EXTRA={self.foreign(backend)}", f"PYTHON={PYTHON}",
            f"CC={' '.join([*CACHE, 'gcc'])}", f"CXX={' '.join([*CACHE, 'g++'])}", "FROZEN_MANIFEST=", "MICROPY_PY_BTREE=0",
            "MICROPY_PY_FFI=0", "USSL_PROFILE=client", f"CFLAGS_EXTRA=-include {HERE}/makers.h", cwd=ROOT)
        run(build / "micropython", "-c", "import ussl, ssl, tls; assert ssl.SSLContext is tls.SSLContext is ussl.SSLContext; "
            f"assert ussl.backend[0] == '{backend}' and not ussl.HAS_SERVER")
        return f"micropython {(build / 'micropython').stat().st_size} bytes"

    def random_of_port(self) -> None:
        """A port's mp_hal_get_random() that can be guessed is refused, whichever header declares it. The interpreter's headers are
        replaced by the few words that bindings/micropython/src/environment.cpp needs."""
        folder = self.work / "random"
        (folder / "py").mkdir(parents=True)
        for name in re.findall(r'#include "(py/\w+\.h)"', (ROOT / "bindings/micropython/src/compat.h").read_text()):
            (folder / name).write_text("")
        (folder / "py/mphal.h").write_text(
            "#pragma once\nstruct nlr_buf_t {};\nint nlr_push(nlr_buf_t*);\nvoid nlr_pop();\n"
            "uint64_t mp_hal_time_ns();\nuint32_t mp_hal_ticks_ms();\n"
            "#ifndef NONE\nvoid mp_hal_get_random(size_t, uint8_t*);\n#endif\n"
            "typedef void* mp_obj_t;\nstruct mp_obj_module_t { void* globals; };\n"
            "struct mp_buffer_info_t { void* buf; size_t len; };\nenum { MP_BUFFER_READ, MP_EIO, MP_QSTR_urandom };\n"
            "#define MP_OBJ_FROM_PTR(pointer) ((mp_obj_t)(pointer))\n#define MP_OBJ_NEW_QSTR(name) ((mp_obj_t)(size_t)(name))\n"
            "#define MP_OBJ_NEW_SMALL_INT MP_OBJ_NEW_QSTR\n"
            "mp_obj_t mp_obj_dict_get(mp_obj_t, mp_obj_t);\nmp_obj_t mp_call_function_1(mp_obj_t, mp_obj_t);\n"
            "void mp_get_buffer_raise(mp_obj_t, mp_buffer_info_t*, int);\nvoid mp_raise_OSError(int);\n")
        # Compiled, as -fsyntax-only warns of no unused function.
        command: list[Word] = ["c++", "-std=c++20", "-c", "-o", folder / "environment.o", "-Wall", "-Wextra", "-Werror",
                               f"-I{folder}", f"-I{ROOT}/core/include", "-DUSSL_HOSTED=0",
                               "-DMICROPY_ENABLE_FINALISER=1", "-DMICROPY_MODULE_BUILTIN_INIT=1", "-DMICROPY_OBJ_REPR_D=3",
                               ROOT / "bindings/micropython/src/environment.cpp"]
        board, qemu, samd, cc3200 = (f'-DMICROPY_PY_SYS_PLATFORM="{name}"' for name in ("pyboard", "qemu", "samd", "WiPy"))
        urandom = ["-DNONE", "-DMICROPY_PY_OS_URANDOM=1"]
        run(*command)
        for taken in ([board, "-DMICROPY_HW_ENABLE_RNG=1"], [samd, "-DMCU_SAMD51"], urandom, ["-DMICROPY_PY_OS_URANDOM=1"]):
            run(*command, *taken)
        for refused in (["-DNONE"], [*urandom, "-DMICROPY_HW_ENABLE_RNG=0"], [board, "-DMICROPY_HW_ENABLE_RNG=0"],
                        [samd, "-DMCU_SAMD21"], [qemu], [cc3200]):
            says(run(*command, *refused, fails=True), "no source of randomness: .* build with USSL_RANDOM=board_random")
        run(*command, qemu, "-DUSSL_RANDOM=board_random")

    def patch_of_port(self, name: str) -> str:
        """The patch for rp2: it applies; no image without ussl goes unnoticed; and nothing is left that links the port's own TLS,
        or defines its switch, whatever is requested."""
        port = sources_of(name) / "ports/rp2"
        copy = self.work / f"rp2-{name}"
        shutil.copytree(port, copy / "ports/rp2")
        run("patch", "-p1", "--fuzz=0", "-i", ROOT / "bindings/micropython/patches/rp2.patch", cwd=copy)
        texts = [(copy / "ports/rp2" / file).read_text() for file in ("CMakeLists.txt", "mpconfigport.h", "mbedtls/mbedtls_port.c")]
        for text, pattern in zip(texts, (r"if\(MICROPY_SSL_MBEDTLS\)\s+target_link_libraries\(\S+ micropy_lib_mbedtls\)\s+else",
                                         r"#ifndef MICROPY_SSL_MBEDTLS\s+#define MICROPY_SSL_MBEDTLS\s+\(1\)\s+#endif",
                                         r"#if MICROPY_SSL_MBEDTLS\s")):
            says(text, pattern)
        # Nothing that computes with that library remains without it.
        for module in re.findall(r"#define (MICROPY_PY_(?:HASHLIB|CRYPTOLIB)\w*)", texts[1]):
            says(texts[1], rf"#if !MICROPY_SSL_MBEDTLS ((?!#endif).)*#undef {module} ((?!#if).)*#endif")
        says(texts[0], r"if\(NOT TARGET usermod_ussl AND [^\n]+\s+message\(FATAL_ERROR")
        if texts[0].count("micropy_lib_mbedtls") != 1 or texts[1].count("MICROPY_SSL_MBEDTLS ") < 2:
            raise Failed("the port links or defines it elsewhere as well")
        return ""

    # --- The archive of a release ---

    def release(self, backend: str) -> str:
        """`meson dist`; a project gets its archive by a wrap."""
        build = self.work / "dist"
        run("meson", "setup", build, ROOT, f"-Dtls_backend={backend}", "-Dtests=false", "--wrap-mode=forcefallback")
        run("meson", "dist", "-C", build, "--no-tests", "--allow-dirty", "--formats", "xztar")
        archive, = (build / "meson-dist").glob("ussl-*.tar.xz")
        folder = copies(self.work / "wrapped", "parent-meson", "hello.c", "hello.cpp")
        cache = folder / "subprojects/packagecache"
        cache.mkdir(parents=True)
        shutil.copy(archive, cache)
        with tarfile.open(archive) as tar:
            top = tar.getnames()[0].split("/")[0]
        (folder / "subprojects/ussl.wrap").write_text(
            f"[wrap-file]\ndirectory = {top}\nsource_url = https://example.org/{archive.name}\nsource_filename = {archive.name}\n"
            f"source_hash = {hashlib.sha256(archive.read_bytes()).hexdigest()}\n[provide]\ndependency_names = ussl\n")
        (folder / "subprojects" / sources_of(backend).name).symlink_to(sources_of(backend))
        run("meson", "setup", folder / "build", folder, f"-Dwanted_backend={backend}", "--wrap-mode=forcefallback",
            "--optimization=1")
        run("ninja", "-C", folder / "build")
        return f"{archive.name} {archive.stat().st_size} bytes, {self.hello(backend, folder / 'build/hello')}"

    def all(self) -> None:
        firmware = with_sources(self.backends)
        for backend in self.backends:
            if not self.quick or backend not in firmware[:-1]:  # CMake once for each backend: as firmware, or in this way
                self.way(f"{backend}: CMake project, C++ and C", self.cmake_project, backend)
            self.way(f"{backend}: Meson subproject, unity, werror, c++17", self.meson_subproject, backend)
        for backend in firmware:
            self.way(f"{backend}: CMake firmware, in QEMU", self.cmake_firmware, backend)
        for backend in firmware[-1:] if self.quick else firmware:
            self.way(f"{backend}: sizes for C", self.sizes, backend)
        self.way("CMake project from README", self.cmake_readme)
        for backend in firmware[-1:] if self.quick else firmware:
            self.way(f"{backend}: quick start, in QEMU", self.quick_start, backend)
        for backend in self.backends:
            self.way(f"{backend}: installed, pkg-config, gcc and clang", self.installed, backend)
            self.way(f"{backend}: installed, find_package", self.find_package, backend)
            if not self.quick or backend in firmware[-1:]:
                self.way(f"{backend}: lwIP, in CMake", self.lwip, backend)
        if firmware:
            self.way("CMake: messages for mistakes", self.cmake_says)
        for backend in firmware:
            if not project_of(backend).exists():  # otherwise the system's copy could be used
                self.way(f"{backend}: Meson without network, its message", self.meson_says, backend)
        self.way("MicroPython: ports whose randomness can be guessed", self.random_of_port)
        if self.quick:
            return
        for backend in self.backends:
            self.way(f"{backend}: Meson subproject, clang, libc++", self.meson_libcxx, backend)
        for backend in firmware:
            if project_of(backend).exists():
                self.way(f"{backend}: CMake project with its own library", self.cmake_target, backend)
            self.way(f"{backend}: list of sources", self.source_list, backend)
            self.way(f"{backend}: MicroPython, make", self.make_port, backend)
            self.way(f"{backend}: CMake, as MicroPython's ports", self.cmake_port, backend)
        for name in ("micropython", "micropython-1.25"):
            self.way(f"{name}: patch of the port rp2", self.patch_of_port, name)
        if firmware:
            self.way(f"{firmware[-1]}: release archive and wrap", self.release, firmware[-1])


def project_of(backend: str) -> Path:
    """How a project may compile the library itself; there is none if it may not."""
    return ROOT / "backends" / backend / "tests/project"


def sources_of(name: str) -> Path:
    return Path(run(ROOT / "tools/sources", "--directory", name).strip())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("backends", nargs="*", metavar="BACKEND", choices=[*all_backends(), []])
    options = parser.parse_args()
    start = time.monotonic()
    # Clean folders with the same names each time, so that the compiler's cache is of use.
    work = ROOT / "build/embedding"
    shutil.rmtree(work, ignore_errors=True)
    ways = Ways(work, options.quick, options.backends or all_backends())
    ways.all()
    print(f"{(time.monotonic() - start) / 60:.1f} minutes")
    print(f"{ways.passed} passed, {ways.failed} failed")
    return ways.failed != 0


if __name__ == "__main__":
    sys.exit(main())
