#!/usr/bin/python3
"""Runs ussl's client, with a stored session, against nginx, GnuTLS and OpenSSL after a change: the server was restarted, stores
sessions in another way or not at all, has another version or certificate; or the client has other settings.

A stored session never makes things worse. If the handshake fails without it, it fails with it, with the same error. If the
handshake completes without it, it completes with it, at the latest at the second attempt. If nothing has changed, the session is
resumed, 300 times in a row.

Prints a line for each case; ends with 'N passed, N failed'. A missing program is a failure, unless --peers leaves it out."""

import argparse
import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple, Optional

from programs import Failure, Nginx, Process, free_port
from ussl_programs import KEYS, UsslPrograms

PEERS = ["nginx", "gnutls", "openssl"]
PROGRAMS = {"nginx": ["nginx"], "gnutls": ["gnutls-serv"], "openssl": ["openssl"]}
PACKAGES = {"nginx": "nginx-light", "gnutls": "gnutls-bin", "openssl": "openssl"}
# A server with a cache gives sessions an ID. If a client offers a ticket of TLS 1.2, it declines with an ID of its own (RFC 5077,
# 3.4).
MODES = ["tickets", "cache", "neither"]
CACHE_BESIDE_TICKETS = {"nginx": False, "gnutls": False, "openssl": True}
PEER_ALERT = 1068
# The server that the client meets the second time, and its certificate. It has no session of the first one; the client trusts only
# one authority.
INSTANCES = {"first": "p256", "restarted": "p256", "with another certificate": "p384", "of another authority": "p384-chain"}
IN_A_ROW = 300
REQUEST = b"GET / HTTP/1.0\r\n\r\n".hex()


class Server(NamedTuple):
    program: str
    mode: str
    version: str
    instance: str
    port: int

    def __str__(self) -> str:
        return f"{self.program}, {self.mode}, TLS {self.version}"

    def leaf(self) -> str:
        return INSTANCES[self.instance]

    def keeps_sessions(self) -> bool:
        return self.mode == "tickets" or (self.mode == "cache" and (self.program, self.version) != ("gnutls", "1.3"))

    def gives_sessions_to(self, takes_tickets: bool) -> bool:
        return self.keeps_sessions() and (self.mode != "tickets" or takes_tickets or CACHE_BESIDE_TICKETS[self.program])


class Connection(NamedTuple):
    established: bool
    resumed: bool
    code: int  # the error's number; a server's missing close_notify does not count


class Change(NamedTuple):
    """The client's settings in the first connection, and in the later ones."""
    name: str
    before: list[object]
    after: list[object]
    resumed: Optional[bool]  # True: it must be; False: it must not be; None: both are allowed


class Tests(UsslPrograms):
    def __init__(self, build: Path, backend: str, long: bool, folder: Path) -> None:
        super().__init__(build, backend)
        self.long = long
        differences = (Path(__file__).resolve().parents[2] / "backends" / backend / "differences.txt").read_text()
        self.takes_tickets = "\nsessions-by-id-only" not in differences
        self.folder = folder
        self.processes = contextlib.ExitStack()
        self.servers: list[Server] = []
        self.known: dict[tuple[Server, str], Connection] = {}
        self.stored: dict[tuple[Server, str], Path] = {}

    # --- Servers ---

    def start_nginx(self) -> None:
        settings = {"tickets": "ssl_session_cache off; ssl_session_tickets on;",
                    "cache": "ssl_session_cache shared:{name}:1m; ssl_session_tickets off;",
                    "neither": "ssl_session_cache off; ssl_session_tickets off;"}
        blocks = [f"""server {{
            listen 127.0.0.1:{server.port} ssl; ssl_certificate {self.file(server.leaf() + '.crt.pem')};
            ssl_certificate_key {self.file(server.leaf() + '.key.pem')}; ssl_protocols TLSv{server.version};
            {settings[server.mode].format(name=f'port{server.port}')} location / {{ return 200 "hello"; }} }}"""
                  for server in self.servers]
        prefix = self.folder / "nginx"
        prefix.mkdir()
        self.processes.enter_context(Nginx(str(prefix), blocks)).wait_until_it_serves()

    def start_gnutls(self) -> None:
        settings = {"tickets": ["--nodb"], "cache": ["--noticket"], "neither": ["--noticket", "--nodb"]}
        for server in self.servers:
            self.processes.enter_context(Process([
                "gnutls-serv", "--http", "--quiet", "--port", server.port, "--disable-client-cert", *settings[server.mode],
                "--priority", f"NORMAL:-VERS-ALL:+VERS-TLS{server.version}", "--x509certfile",
                self.file(server.leaf() + ".crt.pem"), "--x509keyfile", self.file(server.leaf() + ".key.pem")
            ])).wait_for(rb"listening on IPv4.*done")

    def start_openssl(self) -> None:
        settings: dict[str, list[object]] = {"tickets": [], "cache": ["-no_ticket"],
                                             "neither": ["-no_ticket", "-no_cache", "-num_tickets", 0]}
        for server in self.servers:
            self.processes.enter_context(Process([
                "openssl", "s_server", "-accept", f"127.0.0.1:{server.port}", "-www", f"-tls{server.version.replace('.', '_')}",
                "-cert", self.file(server.leaf() + ".crt.der"), "-certform", "DER", "-key",
                self.file(server.leaf() + ".key.pem"), "-cert_chain", self.file(KEYS[server.leaf()][0] + ".pem"),
                *settings[server.mode]])).wait_for(rb"ACCEPT")

    # --- Connections ---

    def connect(self, server: Server, options: list[object], session: Optional[Path], times: int = 1) -> list[Connection]:
        defaults: dict[object, object] = {"--name": "localhost", "--ca": self.file("ca.pem")}
        defaults.update(zip(options[::2], options[1::2]))
        command: list[object] = [self.client, "--port", server.port, "--request", REQUEST, "--deadline", 10, "--resume", times]
        for pair in defaults.items():
            command += pair
        if session:
            command += ["--session", session]
        output = subprocess.run([str(word) for word in command], capture_output=True, timeout=600).stderr
        found = re.findall(rb"(resumed\n)?(established .*\n)?end (\w+) (\d+) alert", output)
        if len(found) != times:
            raise Failure(output.decode(errors="replace")[-300:])
        return [Connection(bool(established), bool(resumed), 0 if end == b"truncated" and established else int(code))
                for resumed, established, end, code in found]

    def without_session(self, server: Server, options: list[object]) -> Connection:
        key = (server, str(options))
        if key not in self.known:
            self.known[key] = self.connect(server, options, None)[0]
        return self.known[key]

    def session_with(self, server: Server, options: list[object]) -> Path:
        """A copy of the session that a client stored after a connection with these settings."""
        key = (server, str(options))
        if key not in self.stored:
            file = self.folder / f"session-{len(self.stored)}"
            if not self.connect(server, options, file)[0].established:
                raise Failure(f"no connection to {server}")
            if not file.stat().st_size:
                raise Failure(f"{server} gave no session to resume")
            self.stored[key] = file
        return Path(shutil.copy(self.stored[key], self.folder / "session"))

    def check(self, first: Server, then: Server, change: Change) -> None:
        reference = self.without_session(then, change.after)
        connections = self.connect(then, change.after, self.session_with(first, change.before), 2)
        # A client may offer only the version of its session: a server without that version refuses the first attempt.
        if (first.version, then.version) == ("1.2", "1.3") and connections[0] == Connection(False, False, PEER_ALERT):
            del connections[0]
        for connection in connections:
            if connection._replace(resumed=False) != reference:
                raise Failure(f"{connections}; without a session: {reference}")
        if change.resumed is not None and connections[0].resumed != change.resumed:
            raise Failure(f"{connections[0]}; resumed should be {change.resumed}")

    def many(self, server: Server) -> None:
        connections = self.connect(server, [], None, IN_A_ROW + 1)
        if [c for c in connections[1:] if not c.resumed or c.code]:
            raise Failure(f"{sum(each.resumed for each in connections)} of {IN_A_ROW} resumed, errors "
                          f"{({each.code for each in connections})}")

    # --- What changes ---

    def own_changes(self, server: Server) -> list[Change]:
        suites = {"1.2": "TLS_ECDHE_ECDSA_WITH_{}", "1.3": "TLS_{}"}[server.version]
        changes = [Change("nothing", [], [], True),
                   Change("to another name of the certificate", [], ["--name", "test.example"], False),
                   Change("to a name that is not in the certificate", [], ["--name", "other.example"], False),
                   Change("to another trust anchor", [], ["--ca", self.file("rsa-ca.pem")], False),
                   Change("to a new verify callback that accepts", [], ["--callback", 1], False),
                   Change("to a new verify callback that refuses", [], ["--callback", 0], False),
                   Change("nothing, with a verify callback of the same version", ["--callback", 1, "--callback-version", "a"],
                          ["--callback", 1, "--callback-version", "a"], True),
                   Change("to a verify callback of another version that refuses", ["--callback", 1, "--callback-version", "a"],
                          ["--callback", 0, "--callback-version", "b"], False),
                   Change("to an own certificate", [],
                          ["--cert", self.file("client.crt.pem"), "--key", self.file("client.key.pem")], None),
                   Change("to ALPN", [], ["--alpn", "http/1.1"], None)]
        changes += [Change(f"to the suite {suite} alone", [], ["--suite", suites.format(suite)], None)
                    for suite in ("AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256")]
        changes += [Change(f"to TLS {version} alone", [], ["--version", version], None) for version in self.versions]
        return changes

    def is_near(self, first: Server, then: Server) -> bool:
        """At most one thing has changed, apart from a restart."""
        changes = [first.version != then.version, first.mode != then.mode, first.leaf() != then.leaf()]
        return sum(changes) <= 1

    def run(self, program: str) -> None:
        start = {"nginx": self.start_nginx, "gnutls": self.start_gnutls, "openssl": self.start_openssl}[program]
        self.servers = [Server(program, mode, version, instance, free_port()) for version in self.versions
                        for mode in MODES for instance in (INSTANCES if mode != "neither" else ["first"])]
        most = "tickets" if self.takes_tickets else "cache"  # tested with all changes even without --long
        with self.processes:
            start()
            for first in self.servers:
                if first.instance != "first" or not first.gives_sessions_to(self.takes_tickets):
                    continue
                if self.long or first.mode == most:
                    for change in self.own_changes(first):
                        self.case(f"{first}; client changes {change.name}", self.check, first, first, change)
                for then in self.servers:
                    if then != first and (self.long or self.is_near(first, then)):
                        self.case(f"{first}; then {then}, {then.instance}", self.check, first, then,
                                  Change("server", [], [], False))
                if self.long or (program == "nginx" and first.mode == most):
                    self.case(f"{first}; {IN_A_ROW} times in a row", self.many, first)

    def nginx(self) -> None:
        self.run("nginx")

    def gnutls(self) -> None:
        self.run("gnutls")

    def openssl(self) -> None:
        self.run("openssl")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--build", required=True, type=Path, help="Meson build directory with the backend in it")
    parser.add_argument("--backend", required=True)
    parser.add_argument("--peers", default=",".join(PEERS), help="peer programs, separated by commas")
    parser.add_argument("--long", action="store_true",
                        help="each change with each server that gives sessions, each pair of servers of a program, "
                             f"{IN_A_ROW} in a row with each")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tests = Tests(options.build.resolve(), options.backend, options.long, Path(folder))
        return tests.run_peers(options.peers, PROGRAMS, PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
