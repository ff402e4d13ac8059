"""The linters of tools/lint. Each is one stage; its rules are in a file at the top of the tree: .clang-format, .clang-tidy,
.flake8, mypy.ini, .shellcheckrc.

They check the files that git knows or would add; a file's language follows from its name or its first line. A Python file for hosts
begins with #! or its docstring, one for MicroPython with a comment."""

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence

from backends import all_backends, with_sources
from stages import BUILD, LOGS, ROOT, Run, backend_options, bring_sources

PROCESSORS = os.cpu_count() or 1


def files(*patterns: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns], cwd=ROOT,
                            text=True, capture_output=True, check=True).stdout
    return sorted(name for name in set(listed.split("\0")) if os.path.isfile(os.path.join(ROOT, name)))


def first_line(name: str) -> str:
    with open(os.path.join(ROOT, name), errors="replace") as file:
        return file.readline(200)


def is_python(name: str, first: str) -> bool:
    return name.endswith(".py") or re.match(r"#!.*\bpython", first) is not None


def is_for_hosts(first: str) -> bool:
    """`first`: the first line of a Python file."""
    return first.startswith(("#!", '"""'))


def is_shell(name: str, first: str) -> bool:
    return name.endswith(".sh") or re.match(r"#!.*\b(ba|da)?sh$|# shellcheck shell=", first) is not None


def by_folder(names: Sequence[str]) -> list[list[str]]:
    """For mypy a file's name is its module's name, and some folders share names."""
    folders: dict[str, list[str]] = {}
    for name in names:
        folders.setdefault(os.path.dirname(name), []).append(name)
    return list(folders.values())


def check(run: Run, tool: str, commands: Sequence[Sequence[str]], hint: str, at_once: int = 1) -> None:
    """One stage: passes if all commands succeed."""
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        done = list(pool.map(lambda command: subprocess.run(command, cwd=ROOT, text=True, capture_output=True), commands))
    wrong = [one.stdout + one.stderr for one in done if one.returncode]
    good = bool(done) and not wrong
    run.count(tool, int(good), int(not good), time.monotonic() - start, hint, "".join(wrong))


def compile_commands(backends: list[str]) -> str:
    """A build directory in which nothing is built; configured anew each time, as the list of sources may have changed."""
    directory = os.path.join(BUILD, "lint")
    older = ["-Dlibrary_version=oldest"] if bring_sources(with_sources(backends)) else []
    again = ["--reconfigure"] if os.path.exists(os.path.join(directory, "build.ninja")) else []
    with open(os.path.join(LOGS, "configure-lint.log"), "w") as log:
        subprocess.run(["meson", "setup", *again, directory, *backend_options(backends), *older, "-Dtests=false"], cwd=ROOT,
                       stdout=log, stderr=log)
    return directory


def lint(run: Run, backends: list[str], quick: bool) -> None:
    """`backends`: clang-tidy checks their adapters, and needs their libraries' headers. `quick`: without clang-tidy."""
    known = [(name, first_line(name)) for name in files()]
    python = [(name, first) for name, first in known if is_python(name, first)]
    # The binding's C files and headers are in MicroPython's style: its scanners read them.
    check(run, "clang-format", [["clang-format", "--dry-run", "-Werror",
                                 *files("*.cpp", "*.hpp", "core/*.h", "backends/*.h")]], "clang-format -i on what it names")
    check(run, "flake8", [["flake8", *(name for name, _ in python)]], "see .flake8")
    check(run, "mypy", [["mypy", *names] for names in by_folder([name for name, first in python if is_for_hosts(first)])],
          "see mypy.ini")
    check(run, "shellcheck", [["shellcheck", *(name for name, first in known if is_shell(name, first))]], "see .shellcheckrc")
    if not quick:
        directory = compile_commands(backends)
        sources = files("core/*.cpp", *(f"backends/{name}/src/*.cpp" for name in backends))
        check(run, "clang-tidy", [["clang-tidy", "-p", directory, "--quiet", name] for name in sources], "see .clang-tidy",
              PROCESSORS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/lint")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    os.makedirs(LOGS, exist_ok=True)
    run = Run()
    lint(run, all_backends(), options.quick)
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
