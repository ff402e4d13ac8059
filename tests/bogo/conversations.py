#!/usr/bin/python3
"""Runs two shims as BoringSSL's runner would, a client and a server, with this program between them.

    conversations.py SHIM --certs DIR [--tls13] [--dtls]

--tls13, --dtls: the shim's backend has it. Where it has not, the shim must say that it is not offered."""

import argparse
import contextlib
import select
import socket
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import config  # noqa: E402

NOT_OFFERED = 89
TIMEOUT = 60  # seconds for each step
TLS1_2, TLS1_3 = "771", "772"


class Shim:
    """A shim that has connected and sent its number."""

    def __init__(self, program, number, flags):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIMEOUT)
        port = self.listener.getsockname()[1]
        self.number = number
        self.process = subprocess.Popen([program, "-port", str(port), "-shim-id", str(number), *flags],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def accept(self):
        """The next connection. None: the shim ended instead."""
        while not select.select([self.listener], [], [], 0.05)[0]:
            if self.process.poll() is not None:
                return None
        connection = self.listener.accept()[0]
        connection.settimeout(TIMEOUT)
        told = connection.recv(8, socket.MSG_WAITALL)
        if int.from_bytes(told, "little") != self.number:
            raise ValueError(f"the shim's number is {told!r}")
        return connection

    def finish(self):
        """Its exit code, and what it said."""
        self.listener.close()
        said = self.process.communicate(timeout=TIMEOUT)[1].decode()
        return self.process.returncode, said


def relay(ends):
    """Until both have ended."""
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    while other:
        for end in select.select(list(other), [], [], TIMEOUT)[0] or sys.exit("conversations.py: silence"):
            data = b""
            with contextlib.suppress(ConnectionError):
                data = end.recv(65536)
            with contextlib.suppress(OSError):
                other[end].sendall(data) if data else other[end].shutdown(socket.SHUT_WR)
            if not data:
                del other[end]


def converse(program, client_flags, server_flags, connections=1):
    """The results of a client and a server: for each its exit code and its output."""
    shims = Shim(program, 1, client_flags), Shim(program, 2**40 + 2, ["-server", *server_flags])
    for _ in range(connections):
        ends = [shim.accept() for shim in shims]
        if None not in ends:
            relay(ends)
        for end in ends:
            if end is not None:
                end.close()
    return [shim.finish() for shim in shims]


class Case:
    def __init__(self, name, client=(), server=(), exits=(0, 0), says=("", ""), connections=1):
        self.name, self.client, self.server = name, client, server
        self.exits, self.says, self.connections = exits, says, connections

    def run(self, program, own):
        outcome = converse(program, ["-shim-writes-first", "-shim-shuts-down", *self.client],
                           [*own, *self.server], self.connections)
        return [f"exits with {code}, and says {said!r}" for (code, said), exits, says in zip(outcome, self.exits, self.says)
                if code != exits or says not in said]


def cases(tls13, dtls):
    def where(has):
        return (0, 0) if has else (NOT_OFFERED, NOT_OFFERED)

    only = ["-min-version", TLS1_3, "-expect-version", TLS1_3]
    older = ["-max-version", TLS1_2, "-expect-version", TLS1_2]
    twice = [*older, "-resume-count", "1"]
    mute = ["-check-close-notify"]
    return [
        Case("TLS 1.2", older, [*older, *mute]),
        Case("TLS 1.3", only, [*only, *mute], exits=where(tls13)),
        Case("one byte at a time", ["-async"], ["-async", *mute]),
        Case("records of many sizes", ["-write-different-record-sizes"], mute),
        Case("no explicit handshake", ["-implicit-handshake"], ["-implicit-handshake"]),
        Case("DTLS", ["-dtls"], ["-dtls", *mute], exits=where(dtls)),
        Case("resumption", twice, twice, connections=2),
        Case("no resumption, and it was expected", [*twice, "-no-ticket"], [*twice, "-on-resume-expect-session-miss"],
             exits=(1, 0), says=("session was not resumed", ""), connections=2),
        Case("ALPN", ["-advertise-alpn", "\x03foo\x03bar", "-expect-alpn", "bar"],
             ["-select-alpn", "bar", "-expect-alpn", "bar"]),
        Case("another suite than expected", [*older, "-expect-cipher", "49199"], older,
             exits=(1, 0), says=("cipher suite", "")),
        Case("no certificate", older, [*older, "-require-any-client-certificate"],
             exits=(1, 1), says=(":peer_alert:", ":no_peer_certificate:")),
        Case("a handshake that must fail", older, [*older, "-handshake-never-done"],
             exits=(0, 90)),
        Case("an unknown flag", ["-use-ussl"], ["-use-ussl"], exits=(NOT_OFFERED, NOT_OFFERED)),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shim")
    parser.add_argument("--certs", type=Path, required=True)
    parser.add_argument("--tls13", action="store_true")
    parser.add_argument("--dtls", action="store_true")
    options = parser.parse_args()
    own = ["-cert-file", str(options.certs / "p256.crt.pem"), "-key-file", str(options.certs / "p256.key.pem"),
           "-trust-cert", str(options.certs / "ca.pem")]
    passed = failed = 0
    for case in cases(options.tls13, options.dtls):
        wrong = case.run(options.shim, own)
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print("FAILED" if wrong else "passed", case.name, *wrong, sep=": ")
    for backend in config.all_backends():  # every line of the output is read
        config.config(backend)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
