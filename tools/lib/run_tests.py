"""The matrix of tools/test: which builds, which suites, and one count over all.

A stage is a name and a command. Its result is in its output: doctest's summary, or a line 'N passed, N failed'. A stage that
fails without a count is one failure, so that a stage that did not run never counts as passed. When the tests are built, two lanes
run side by side: stages with interpreters and peers, which wait a great deal, and stages with builds of their own, which do not.
Stages that need no other come last, in the lane that is free.
"""

import argparse
import concurrent.futures
import functools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

from backends import all_backends, facts, older_versions, with_sources
from lint import lint
from size_report import with_cache
from stages import BUILD, LOGS, ROOT, Run, backend_options, bring_sources, counts_in

BACKENDS = all_backends()
FUZZ = os.path.join(ROOT, "tools", "fuzz")
SUITES = ["unit", "conformance", "interop", "lwip"]
VERDICTS = "verdicts"  # without sanitizers: the readers of certificates have them in the stage 'files of others', and in fuzzing
THROUGH_C = "c"  # conformance again, which with sanitizers would take as long as everything else together
Stage = Callable[[], object]
PYTHON = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else sys.executable


def configure_and_build(run: Run, name: str, options: list[str], compiler: Optional[str] = None,
                        suites: Sequence[str] = ()) -> Optional[str]:
    """A Meson build directory; an existing one is reused if its options are the same. `suites`: builds only what these need."""
    directory = os.path.join(BUILD, name)
    stamp = os.path.join(directory, "options.txt")
    wanted = shlex.join(options + [compiler or "gcc"])
    known = open(stamp).read() if os.path.exists(stamp) else None
    cache = "ccache " if shutil.which("ccache") else ""
    env = {"CC": cache + "clang", "CXX": cache + "clang++"} if compiler == "clang" else {}
    if known != wanted:
        command = ["meson", "setup", directory] + options
        if os.path.exists(os.path.join(directory, "build.ninja")):
            command.append("--wipe")
        if not run.command(f"configure {name}", command, env=env, counted=False):
            return None
        with open(stamp, "w") as out:
            out.write(wanted)
    command = ["ninja", "-C", directory, *needed_by(directory, suites)]
    return directory if run.command(f"build {name}", command, counted=False) else None


def needed_by(directory: str, suites: Sequence[str]) -> list[str]:
    """Targets for ninja. Without suites the list is empty: ninja then builds everything."""
    def told(what: str) -> Any:
        with open(os.path.join(directory, "meson-info", f"intro-{what}.json")) as file:
            return json.load(file)
    files = {target["id"]: target["filename"] for target in told("targets")}
    tests = [test for test in told("tests") if {suite.split(":")[-1] for suite in test["suite"]} & set(suites)]
    return sorted({os.path.relpath(name, directory) for test in tests for target in test["depends"] for name in files[target]})


def meson_suites(run: Run, name: str, directory: str, suites: Sequence[str], tests: Sequence[str] = ()) -> None:
    """Runs each Meson test of the suites, or those with these names, as a stage, with the counts that it prints."""
    command = ["meson", "test", "-C", directory, "--no-rebuild", "--timeout-multiplier", "4", *tests]
    for suite in suites:
        command += ["--suite", suite]
    log = os.path.join(directory, "meson-logs", "testlog.json")
    if os.path.exists(log):
        os.remove(log)
    with open(os.path.join(LOGS, f"meson-test-{name}.log"), "w") as out:
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    if not os.path.exists(log):
        run.count(f"{name}: {', '.join(suites)}", 0, 1, 0, f"meson ran no test; see build/logs/meson-test-{name}.log")
        return
    for line in open(log, errors="replace"):
        test = json.loads(line)
        text = (test.get("stdout") or "") + (test.get("stderr") or "")
        passed, failed = counts_in(text)
        bad = test["result"] not in ("OK", "EXPECTEDFAIL")
        if (bad and failed == 0) or passed + failed == 0:
            failed += 1
        title = re.sub(r"^ussl:", "", test["name"])
        run.count(f"{name}: {title}", passed, failed, test["duration"],
                  f"see {os.path.relpath(log, ROOT)} ({test['result']})", text)


def build_and_test(run: Run, name: str, options: list[str], suites: Sequence[str], compiler: Optional[str] = None,
                   tests: Sequence[str] = ()) -> None:
    directory = configure_and_build(run, name, options, compiler, suites)
    if directory:
        meson_suites(run, name, directory, suites, tests)


def interpreter_of(backend: str) -> str:
    """The one of most stages: with the tests' module `faults`."""
    return os.path.join(BUILD, f"micropython-{backend}-faults")


def scripts(run: Run, stage: str, interpreter: str, backend: str, certs: str, *chosen: str) -> None:
    """tests/scripts in an interpreter: all of them, or those chosen."""
    run.command(stage, [PYTHON, "tests/scripts/run.py", "--interpreter", interpreter, "--backend", backend, "--certs", certs,
                        *chosen])


def interpreter_scripts(run: Run, backend: str, certs: str) -> None:
    if run.command(f"build MicroPython {backend}", [os.path.join(ROOT, "tools", "build-micropython"), backend, "--faults"],
                   counted=False):
        run.command(f"direct calls in the binding {backend}",
                    [PYTHON, "tests/direct_calls.py", "direct", os.path.join(BUILD, f"mp-{backend}-faults")])
        scripts(run, f"scripts {backend}", interpreter_of(backend), backend, certs)


def older_interpreter(run: Run, backend: str, certs: str, version: str) -> None:
    """Of an older MicroPython, as users build it: without the tests' module."""
    interpreter = os.path.join(BUILD, f"micropython-{backend}-{version}")
    if run.command(f"build MicroPython {version} {backend}",
                   [os.path.join(ROOT, "tools", "build-micropython"), backend, "--version", version, "--output", interpreter],
                   counted=False):
        scripts(run, f"scripts-{version} {backend}", interpreter, backend, certs)


def has_tap_devices() -> bool:
    """Whether this user may make a tap device in a network namespace; containers often have none."""
    program = shutil.which("ip", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return program is not None and subprocess.run(
        ["unshare", "-n", *([] if os.geteuid() == 0 else ["-r"]), program, "tuntap", "add", "dev", "ussl0", "mode", "tap"],
        capture_output=True).returncode == 0


def built_in_roots(run: Run, backend: str, certs: str) -> None:
    """An interpreter with built-in public roots, which replace a host's."""
    interpreter = os.path.join(BUILD, f"micropython-{backend}-roots")
    if run.command(f"build MicroPython {backend} with roots",
                   [os.path.join(ROOT, "tools", "build-micropython"), backend, "--roots", os.path.join(certs, "bundle.pem")],
                   counted=False):
        scripts(run, f"roots {backend}", interpreter, backend, certs, "tests/scripts/roots.py")


def examples(run: Run, backend: str, certs: str) -> None:
    """Stages with other projects' programs. interpreter_scripts() has built the interpreter."""
    run.command(f"examples {backend}",
                [PYTHON, "tests/interop/examples.py", "--interpreter", interpreter_of(backend), "--backend", backend,
                 "--certs", certs])


def profiles(run: Run, backends: list[str]) -> None:
    """Builds with less than everything: they link, what is left works, and missing features are unsupported."""
    configure_and_build(run, "profile-smallest", [*backend_options(backends), "-Dprofile=smallest", "-Doptimization=0"])
    build_and_test(run, "profile-both", [*backend_options(backends), "-Dprofile=both", "-Dlocks=true", "-Daes_ccm=true",
                                         "-Doptimization=0"], ["unit", "conformance"])
    with_keys = [name for name in backends if "psk" not in facts(name).get("lacks_profiles", [])]
    if with_keys:
        build_and_test(run, "profile-psk", [*backend_options(with_keys), "-Dprofile=psk", "-Doptimization=0"], ["conformance"])
        # A library may leave out more with the server than its client needs without certificates.
        configure_and_build(run, "profile-psk-client", [*backend_options(with_keys), "-Dprofile=psk", "-Dserver=false",
                                                        "-Ddtls=false", "-Doptimization=0"])


def size_explorer(run: Run) -> None:
    """The page of tools/size-report --page, in a browser."""
    ready = subprocess.run([PYTHON, "tests/explorer/run.py", "--ready"], cwd=ROOT, capture_output=True, text=True)
    if ready.returncode:
        print(f"skip size explorer: {ready.stderr.strip().splitlines()[0]}", flush=True)
        return
    run.command("size explorer, in a browser", [PYTHON, "tests/explorer/run.py"])


def firmware(run: Run, backends: list[str]) -> None:
    """Runs the programs of examples/firmware/ on an emulated Cortex-M4."""
    backends = with_sources(backends)
    if not backends:
        return

    def options(name: str, chosen: list[str] = backends) -> list[str]:
        return ["--cross-file", "cross/cortex-m4.ini", *with_cache(Path(BUILD, name), "cortex-m4"), "--buildtype=minsize",
                *backend_options(chosen), "-Dtests=false", "-Dfirmware=true", "-Dmalloc=false"]

    name, small_records = "test-cortex-m4", ["-Drecord_input=2048", "-Drecord_output=2048"]
    directory = configure_and_build(run, name, [*options(name), "-Dlocks=true", "-Dprofile=both", *small_records])
    if directory:
        meson_suites(run, name, directory, ["firmware"])
    # With the default sizes: memory for a long record is allocated when it comes.
    build_and_test(run, "test-long-records", [*options("test-long-records"), "-Dprofile=client"], ["long-records"])
    with_keys = [name for name in backends if "psk" not in facts(name).get("lacks_profiles", [])]
    for name, ecdhe in (("test-psk", "true"), ("test-bare-psk", "false")):
        if with_keys:
            build_and_test(run, name, [*options(name, with_keys), "-Dprofile=psk", f"-Decdhe_psk={ecdhe}", *small_records],
                           ["firmware"])


def sizes(run: Run, backends: list[str]) -> None:
    if with_sources(backends):
        size_explorer(run)
        run.command("sizes within their budgets",
                    [os.path.join(ROOT, "tools", "size-report"), "--check", "--profile", "smallest,unverified",
                     "--backend", ",".join(with_sources(backends))])


def interpreters_and_peers(run: Run, options: argparse.Namespace, tests: str) -> None:
    """Stages that need only the build of the tests, or one of MicroPython."""
    backends, certs = options.backends, os.path.join(tests, "tests", "certs")
    if backends == BACKENDS and not options.oldest_only:
        run.command("capability table", [os.path.join(ROOT, "tools", "capability-table"), "--check", "--build", tests])
    for backend in backends:
        interpreter_scripts(run, backend, certs)
    if options.quick:
        return
    taps = has_tap_devices()
    if not taps:
        print("skip lwIP and others: no tap device on this machine; the suite lwip has tested lwIP with itself", flush=True)
    for backend in backends:
        run.command(f"peers {backend}", [PYTHON, "tests/interop/peers.py", "--build", tests, "--backend", backend])
        if taps:
            run.command(f"lwIP and others {backend}", [PYTHON, "tests/lwip/peers.py", "--build", tests, "--backend", backend])
        run.command(f"bad paths {backend}", [PYTHON, "tests/interop/bad_paths.py", "--build", tests, "--backend", backend])
        run.command(f"resumptions {backend}", [PYTHON, "tests/interop/resumptions.py", "--build", tests, "--backend", backend])
        run.command(f"hostile peers {backend}", [PYTHON, "tests/hostile/run.py", "--build", tests, "--backend", backend])
        examples(run, backend, certs)
    # The coverage variant would need builds of its own: run tools/peer-tests without --variant.
    run.command("MicroPython's own tests", [os.path.join(ROOT, "tools", "peer-tests"), *backends, "--variant", "standard",
                                            "--faults"])
    run.command("embedded roots", [PYTHON, "tests/interop/embedded_roots.py", "--interpreter", interpreter_of(backends[0]),
                                   "--certs", certs])
    built_in_roots(run, backends[0], certs)
    run.command("MicroPython on a board", [os.path.join(ROOT, "tools", "micropython-size"), "--both", *with_sources(backends)])
    older_interpreter(run, backends[0], certs, "1.25.0")
    run.command("fuzzing of the binding, one minute", [FUZZ, "binding", "--backend", (with_sources(backends) or backends)[-1]])


def other_builds(run: Run, options: argparse.Namespace, base: list[str]) -> None:
    """Stages with builds of their own: sanitizers, the oldest libraries, fewer features, firmware."""
    backends = options.backends
    # The libraries' own C with the address sanitizer alone, in half the time: the fuzzers watch it with both.
    build_and_test(run, "test-sanitized", base + ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Daes_ccm=true",
                                                  "-Dc_args=-fno-sanitize=undefined"], SUITES, "clang")
    if backends == BACKENDS:
        run.command("files of others, sanitized", [os.path.join(ROOT, "tools", "corpus"), "--debian", "openssl,gnutls28"])
    run.command("threads, sanitized", [os.path.join(ROOT, "tools", "test-threads"), *backends])
    with_older = [name for name in backends if older_versions([name])]
    if with_older and not options.oldest_only:
        # With all backends: so the compiler's cache has the tests' objects.
        build_and_test(run, "test-oldest", [*backend_options(backends), "-Dlibrary_version=oldest"], ["conformance"],
                       tests=[f"conformance {name}{part}" for name in with_older for part in ("", ", faults")])
    profiles(run, backends)
    firmware(run, backends)


def independent(run: Run, backends: list[str]) -> list[Stage]:
    """Stages that share no build with others."""
    def stage(name: str, *command: str) -> Stage:
        return functools.partial(run.command, name, [*command, *backends])
    return [
        stage("ways to embed it", os.path.join(ROOT, "tools", "test-embedding"), "--quick"),
        stage("each switch alone", PYTHON, "tests/embedding/single_switches.py"),
        stage("neighbours", PYTHON, "tests/embedding/neighbours.py"),
        functools.partial(run.command, "odd values of switches", [PYTHON, "tests/embedding/odd_switches.py"]),
        functools.partial(sizes, run, backends),
        functools.partial(run.command, "fuzzing, half a minute each",
                          [FUZZ, "x509", "identity", "pem", "session", "records", "credentials", "resumption", "--minutes", "0.5",
                           "--backend", ",".join(backends)]),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools/test")
    parser.add_argument("backends", nargs="*", metavar="BACKEND", choices=[*BACKENDS, []])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.backends = [name for name in BACKENDS if name in options.backends] or BACKENDS
    os.makedirs(LOGS, exist_ok=True)
    run = Run()
    start = time.monotonic()

    stand_ins = bring_sources([*with_sources(options.backends), "doctest", "lwip", "micropython"])
    options.oldest_only = any(name in stand_ins for name in options.backends)
    old = older_versions(options.backends)
    if old and not options.quick and not options.oldest_only:
        bring_sources(old)
    base = [*backend_options(options.backends), "-Dlwip=true", *(["-Dlibrary_version=oldest"] if options.oldest_only else [])]

    lint(run, options.backends, options.quick)
    run.command("tools, unit tests", [PYTHON, "tests/tools/run.py"])
    run.command("reference, and links", [os.path.join(ROOT, "tools", "docs")])
    lanes: list[Stage] = [] if options.quick else [functools.partial(other_builds, run, options, base)]
    tests = configure_and_build(run, "test", base)
    if tests:
        suites = [*SUITES, VERDICTS, THROUGH_C]
        if run.command("build tools/bench's programs", ["ninja", "-C", tests, "bench-programs"], counted=False):
            suites.append("bench")
        meson_suites(run, "test", tests, suites)
        lanes.append(functools.partial(interpreters_and_peers, run, options, tests))
    if not options.quick:
        lanes += independent(run, options.backends)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for lane in [pool.submit(lane) for lane in lanes]:
            lane.result()

    for complaint in run.complaints:
        print("failed:", complaint)
    print(f"{time.monotonic() - start:.0f} s in all")
    print(f"{run.passed} passed, {run.failed} failed")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
