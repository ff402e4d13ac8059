#!/usr/bin/python3
"""Runs the scripts of this folder in a real interpreter, each in a process of its own:

    run.py --interpreter PATH [--backend NAME] [--certs DIR] [--timeout SECONDS] [script...]

--backend: the one that the interpreter must have. --certs: the output of tests/certs/make.py; default: makes it.
A script passes if it ends with status 0. One that only prints a line "SKIP: why" is skipped; lines "NOTE: …" are shown. The last
line is 'N passed, N failed'."""

import argparse
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "support"))

from ports import free_port  # noqa: E402


def run(command: list[str], environment: dict[str, str], timeout: float, folder: str) -> tuple[bool, str]:
    """(passed, last words) of one process and of what it has started."""
    process = subprocess.Popen(command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    try:
        output = process.communicate(timeout=timeout)[0].decode(errors="replace")
        return process.returncode == 0, output + ("" if process.returncode == 0 else f"status {process.returncode}\n")
    except subprocess.TimeoutExpired:
        return False, f"no end after {timeout} s\n"
    finally:
        try:
            os.killpg(process.pid, 9)
        except ProcessLookupError:
            pass
        process.wait()
        if process.stdout:
            process.stdout.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interpreter", required=True, help="what is put before the script, arguments included")
    parser.add_argument("--backend", default="")
    parser.add_argument("--certs", type=pathlib.Path)
    parser.add_argument("--timeout", type=float, default=400)
    parser.add_argument("scripts", nargs="*", type=pathlib.Path)
    options = parser.parse_args()

    interpreter = shlex.split(options.interpreter)
    interpreter[-1:] = [str(pathlib.Path(interpreter[-1]).resolve())]
    scripts = [path.resolve() for path in options.scripts] or sorted(HERE.glob("*.py"))
    scripts = [path for path in scripts if path.name != "run.py"]
    path = f"{HERE / 'lib'}:.frozen"
    environment = dict(os.environ, MICROPYPATH=path, PYCOPYPATH=path)
    passed, failed = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        certs = options.certs
        if certs is None:
            certs = pathlib.Path(folder) / "certs"
            subprocess.run([sys.executable, HERE.parent / "certs" / "make.py", "--output", certs], check=True)
        # The roots of this host, for what trusts those.
        environment["SSL_CERT_FILE"] = str(certs.resolve() / "bundle.pem")
        for script in scripts:
            start = time.monotonic()
            command = [*interpreter, script, f"{certs.resolve()}/", str(free_port()), options.backend,
                       " ".join(map(shlex.quote, interpreter))]
            good, output = run(list(map(str, command)), environment, options.timeout, folder)
            skipped = good and output.startswith("SKIP: ")
            passed, failed = passed + (good and not skipped), failed + (not good)
            word = "skip" if skipped else "ok  " if good else "FAIL"
            print(f"{word} {script.stem} ({time.monotonic() - start:.1f} s){' ' + output.strip() if skipped else ''}",
                  flush=True)
            if not good or output.startswith("NOTE: "):
                print(output, end="", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
