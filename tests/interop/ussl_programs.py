"""The programs ussl_client.cpp and ussl_server.cpp, and checks of their results."""

import re
from pathlib import Path
from typing import Optional, Union

from programs import Cases, Failure, Process, tail

# For each leaf of make.py: its intermediate, and its anchor.
KEYS = {"p256": ("inter", "ca"), "p384": ("inter", "ca"), "p384-chain": ("p384-inter", "p384-ca"),
        "rsa": ("inter", "ca"), "rsa-chain": ("rsa-inter", "rsa-ca")}
PSK = bytes(range(1, 33)).hex()  # known to both as "ussl"


class UsslPrograms(Cases):
    def __init__(self, build: Path, backend: str) -> None:
        super().__init__(backend)
        self.certs = build / "tests" / "certs"
        self.client = build / "tests" / "interop" / f"ussl-client-{backend}"
        self.server = build / "tests" / "interop" / f"ussl-server-{backend}"
        # If the library lacks a version, the tool's context does not open.
        self.versions = [v for v in ("1.2", "1.3") if self.can("--version", v)]
        self.resumes = self.can("--resume", 1)
        self.datagrams = self.can("--datagram", 1)
        self.keys = self.can("--psk", PSK)
        self.limits = self.can("--limit", 512)

    def can(self, *options: object) -> bool:
        with Process([self.client, "--name", "localhost", "--port", "1", *options]) as probe:
            probe.finish()
            return b"not supported" not in probe.output

    def file(self, name: str) -> Path:
        return self.certs / name

    def run_client(self, port: Union[int, str], version: str, anchor: str, request: bytes, expected: bytes,
                   until: Optional[str] = None, own: Optional[str] = None, name: str = "localhost", limit: int = 0) -> None:
        command = [self.client, "--port", port, "--name", name, "--ca", self.file(anchor + ".pem"),
                   "--version", version, "--request", request.hex()]
        if until:
            command += ["--until", until]
        if limit:
            command += ["--limit", limit]
        if own:
            command += ["--cert", self.file(own + ".crt.pem"), "--key", self.file(own + ".key.pem")]
        with Process(command) as client:
            client.finish()
            if f"established TLSv{version} TLS_".encode() not in client.output:
                raise Failure(tail(client.output))
            if not re.search(expected, client.output):
                raise Failure(f"no {expected!r}: {tail(client.output)}")
            if not re.search(rb"end (ok|closed) 0 " if until else rb"end closed 0 ", client.output):
                raise Failure(f"it did not end with close_notify: {tail(client.output)}")

    def with_server(self, leaf: str, version: str, anchor: Optional[str] = None, resume: Optional[int] = None,
                    datagram: bool = False, limit: int = 0) -> Process:
        command = [self.server, "--cert", self.file(leaf + ".crt.pem"), "--key", self.file(leaf + ".key.pem"),
                   "--version", version]
        if anchor:
            command += ["--ca", self.file(anchor + ".pem")]
        if resume:
            command += ["--resume", resume]
        if datagram:
            command += ["--datagram", "1"]
        if limit:
            command += ["--limit", limit]
        return Process(command)

    def check_server(self, server: Process, version: str) -> None:
        server.finish()
        if f"established TLSv{version} TLS_".encode() not in server.output:
            raise Failure(tail(server.output))

    def datagram_client(self, port: int, anchor: str, until: str, own: Optional[str]) -> list[object]:
        command = [self.client, "--port", port, "--name", "localhost", "--ca", self.file(anchor + ".pem"), "--datagram", "1",
                   "--request", b"hello\n".hex(), "--until", until]
        if own:
            command += ["--cert", self.file(own + ".crt.pem"), "--key", self.file(own + ".key.pem")]
        return command

    @staticmethod
    def check_datagrams(process: Process, *expected: bytes) -> None:
        for pattern in (rb"established TLSv1.2 TLS_", *expected):
            if not re.search(pattern, process.output):
                raise Failure(f"no {pattern!r}: {tail(process.output)}")
