#!/usr/bin/python3
"""Runs README's programs, built from the page as it is printed, against OpenSSL's server. A line for each case; ends with
'N passed, N failed'.

They were compiled with HOST and PORT for example.com and 443, and trust the host's roots: SSL_CERT_FILE names the test's."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "interop"))
from programs import SECONDS, Cases, Failure, Process, find, free_port, tail  # noqa: E402


class Tests(Cases):
    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(options.backend)
        self.certs = options.certs

    def server(self, leaf: str) -> Process:
        self.port = free_port()
        return Process([find("openssl"), "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", self.certs / f"{leaf}.crt.pem",
                        "-cert_chain", self.certs / f"{leaf}.crt.pem", "-key", self.certs / f"{leaf}.key.pem", "-www"])

    def run(self, program: str, anchors: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run([program], capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL,
                              env={**os.environ, "PORT": str(self.port), "SSL_CERT_FILE": str(self.certs / anchors)})

    def fetches(self, program: str) -> None:
        done = self.run(program, "ca.pem")
        if done.returncode != 0 or not done.stdout.startswith(b"HTTP/1.0 200") or b"</HTML>" not in done.stdout.upper():
            raise Failure(f"status {done.returncode}: {tail(done.stdout + done.stderr)}")

    def refuses(self, program: str, anchors: str, why: bytes) -> None:
        done = self.run(program, anchors)
        if done.returncode != 1 or why not in done.stderr or done.stdout:
            raise Failure(f"status {done.returncode}: {tail(done.stdout + done.stderr)}")

    def all(self, programs: dict[str, str]) -> None:
        with self.server("p256") as server:
            server.wait_for(b"ACCEPT")
            for language, program in programs.items():
                self.case(f"README's program in {language} fetches a page", self.fetches, program)
                self.case(f"README's program in {language} refuses an unknown issuer", self.refuses, program, "other-ca.pem",
                          b"trust")
        with self.server("other-p256") as server:
            server.wait_for(b"ACCEPT")
            for language, program in programs.items():
                self.case(f"README's program in {language} refuses another name", self.refuses, program, "ca.pem", b"another host")
        for language, program in programs.items():
            self.case(f"README's program in {language} says that nobody answers", self.refuses, program, "ca.pem", b"no connection")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--backend", required=True)
    parser.add_argument("--certs", required=True, type=Path)
    parser.add_argument("programs", nargs="+", metavar="LANGUAGE=PROGRAM")
    options = parser.parse_args()
    tests = Tests(options)
    tests.all(dict(word.split("=", 1) for word in options.programs))
    print(f"{tests.passed} passed, {tests.failed} failed")
    return tests.failed != 0


if __name__ == "__main__":
    sys.exit(main())
