#!/usr/bin/python3
"""Runs binding.py with one seed after another:

    binding_runs.py --interpreter PATH --certs DIR [--seconds N] [--seed FIRST]

Seeds count up from FIRST; a seed determines the calls. A process that dies, reports an error of its own, or does not end is a
finding: the program prints its last calls and the command that repeats it. The last line is 'Done N runs'."""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

SCRIPT = pathlib.Path(__file__).resolve().parent / "binding.py"
SCRIPTS = 25  # a process
PATIENCE = 300  # seconds for a process, which takes a few on an idle machine


def run(command, folder):
    """(the finding or None, output)"""
    # The interpreter scans its whole stack, which the address sanitizer would report; its heap is not a leak.
    environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0",
                       UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1")
    with open(os.path.join(folder, "output"), "w+b") as output:
        try:
            status = str(subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=folder,
                                        env=environment, timeout=PATIENCE).returncode)
        except subprocess.TimeoutExpired:
            status = "no end"
        output.seek(0)
        text = output.read().decode(errors="replace")
    return None if status == "0" else f"status {status}", text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interpreter", type=pathlib.Path, required=True)
    parser.add_argument("--certs", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    words = [str(options.interpreter.resolve()), str(SCRIPT), f"{options.certs.resolve()}/"]
    seed, calls, end = options.seed, 0, time.monotonic() + options.seconds
    with tempfile.TemporaryDirectory() as folder:
        while seed == options.seed or time.monotonic() < end:
            wrong, text = run([*words, str(seed), str(SCRIPTS)], folder)
            lines = text.splitlines()
            if wrong:
                print(*lines[-30:], sep="\n")
                scripts = [line.split()[1] for line in lines if line.startswith("script ")]
                again = [*words, scripts[-1] if scripts else str(seed), "1", "60", "trace"]
                print(f"{wrong} after {calls} calls; to repeat it, if this script suffices:", *again)
                return 1
            calls += int(lines[-1].split()[1])
            seed += SCRIPTS
    print(f"Done {seed - options.seed} runs, {calls} calls, in {options.seconds:.0f} second(s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
