"""Builds the fuzz targets and runs them, as tools/fuzz says."""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
from typing import Optional

from arguments import names
from backends import all_backends, with_sources

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, "build", "fuzz")
BACKENDS = all_backends()
READERS = ["x509", "identity", "pem", "roots"]  # core's: they need no backend
WITH_BACKEND = ["session", "records", "credentials", "resumption"]
FLAGS = "-fsanitize=fuzzer-no-link -gline-tables-only"  # lines for stacks, without what a debugger needs
SANITIZERS = {
    # Memory that a library keeps until the end (tables, the fuzzer's own contexts) is not a leak.
    "ASAN_OPTIONS": "detect_leaks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def build(backend: str, targets: list[str]) -> dict[str, str]:
    """A build directory for each backend; its library is built for the fuzzer, too."""
    directory = os.path.join(OUT, backend)
    if not os.path.exists(os.path.join(directory, "build.ninja")):
        print(f"building the library for {backend}", flush=True)
        subprocess.run([os.path.join(ROOT, "tools", "sources"), *with_sources([backend]), "doctest"], check=True,
                       stdout=subprocess.DEVNULL)
        cache = "ccache " if shutil.which("ccache") else ""
        quietly(["meson", "setup", directory, ROOT, "--wrap-mode=forcefallback", f"-Dtls_backend={backend}",
                 "-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1", "-Ddebug=false",
                 f"-Dc_args={FLAGS}", f"-Dcpp_args={FLAGS}"], {"CC": cache + "clang", "CXX": cache + "clang++"})
    programs = {target: os.path.join(directory, "tests", "fuzz", f"ussl-fuzz-{target}") for target in targets}
    quietly(["ninja", "-C", directory, "tests/certs/manifest.txt",
             *(os.path.relpath(program, directory) for program in programs.values())])
    return programs


def build_interpreter(backend: str) -> str:
    interpreter = os.path.join(OUT, f"micropython-{backend}")
    quietly([os.path.join(ROOT, "tools", "build-micropython"), backend, "--sanitize", "--output", interpreter])
    return interpreter


def quietly(command: list[str], environment: Optional[dict[str, str]] = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        sys.exit("\n".join(done.stdout.splitlines()[-20:]) + f"\n{command[0]} failed")


def libfuzzer(program: str, target: str, name: str, seconds: int) -> list[str]:
    found = os.path.join(OUT, "corpus", name)
    os.makedirs(found, exist_ok=True)
    # A handshake touches some ten thousand edges, so weighing inputs by rare edges takes nine tenths of the time; and inputs that
    # grow slowly end before an edit is in them.
    return [program, "-entropic=0", "-len_control=0", f"-max_total_time={seconds}", "-timeout=10", "-max_len=4096",
            f"-artifact_prefix={OUT}/failed-{name}-", found, os.path.join(ROOT, "tests", "fuzz", "corpus", target)]


def run(name: str, command: list[str]) -> bool:
    """True if the fuzzer found nothing."""
    log = os.path.join(OUT, f"{name}.log")
    with open(log, "w+", errors="replace") as out:
        status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                env={**os.environ, **SANITIZERS}).returncode
        out.seek(0)
        lines = out.read().splitlines()
    done = [line for line in lines if re.match(r"Done \d+", line)]
    print(f"{'ok  ' if status == 0 else 'FAIL'} {name:<22} {done[-1] if done else ''}", flush=True)
    if status:
        print("\n".join("     | " + line for line in lines[-30:]), flush=True)
    return status == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/fuzz")
    every = [*READERS, *WITH_BACKEND, "binding"]
    parser.add_argument("targets", nargs="*", metavar="TARGET", choices=[*every, []])
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--backend", type=names(BACKENDS), default=BACKENDS)
    options = parser.parse_args()
    targets = [target for target in every if target in options.targets] or every
    os.makedirs(OUT, exist_ok=True)

    seconds = max(1, round(options.minutes * 60))
    share = max(1, seconds // len(options.backend))
    runs = []
    readers = [target for target in READERS if target in targets]
    with_backend = [target for target in WITH_BACKEND if target in targets]
    for backend in options.backend:
        wanted = with_backend + (readers if backend == options.backend[0] else [])
        for target, program in (build(backend, wanted) if wanted else {}).items():
            name, time_for_it = (target, seconds) if target in READERS else (f"{target}-{backend}", share)
            runs.append((name, libfuzzer(program, target, name, time_for_it)))
    if "binding" in targets:
        certs = os.path.join(OUT, "certs")
        quietly([sys.executable, "tests/certs/make.py", "--output", certs])
        for backend in options.backend:
            runs.append((f"binding-{backend}", [
                sys.executable, os.path.join(ROOT, "tests", "fuzz", "binding_runs.py"), "--interpreter", build_interpreter(backend),
                "--certs", certs, "--seconds", str(share), "--seed", str(int(time.time()))]))

    print(f"{len(runs)} runs, {seconds} s a target", flush=True)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda one: run(*one), runs))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
