#!/usr/bin/python3
"""Runs the C programs of examples/c/ against OpenSSL's. A line for each case; ends with 'N passed, N failed'."""

import argparse
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from programs import SECONDS, Cases, Failure, Process, find, free_port, tail


class Tests(Cases):
    def __init__(self, options):
        super().__init__(options.backend)
        self.get, self.echo, self.certs = options.get, options.echo, options.certs

    def server(self, *args):
        self.port = free_port()
        return Process([find("openssl"), "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", self.certs / "p256.crt.pem",
                        "-cert_chain", self.certs / "p256.crt.pem", "-key", self.certs / "p256.key.pem", *args])

    def fetch(self, host, anchors="ca.pem", port=None):
        return subprocess.run([self.get, host, str(port or self.port), "/", self.certs / anchors], capture_output=True,
                              timeout=SECONDS)

    def fetched(self, host, anchors="ca.pem"):
        done = self.fetch(host, anchors)
        if done.returncode != 0 or b"HTTP/1.0 200" not in done.stdout:
            raise Failure(f"status {done.returncode}: {tail(done.stdout + done.stderr)}")

    def refused(self, reason, host, anchors="ca.pem", port=None):
        done = self.fetch(host, anchors, port)
        if done.returncode != 1 or reason not in done.stderr or done.stdout:
            raise Failure(f"status {done.returncode}: {tail(done.stdout + done.stderr)}")

    @staticmethod
    def file(content):
        file = tempfile.NamedTemporaryFile()
        file.write(content)
        file.flush()
        return file

    def pages(self):
        with self.server("-www") as server:
            server.wait_for(b"ACCEPT")
            self.case("a page, by name", self.fetched, "localhost")
            self.case("an address that is not in the certificate", self.refused, b"(1045,", "127.0.0.1")
            self.case("an untrusted issuer", self.refused, b"(1042,", "localhost", "other-ca.pem")
            self.case("a file without certificates", self.refused, b"p256.key.pem: CERTIFICATE: not in this file", "localhost",
                      "p256.key.pem")
            self.case("a file that is not there", self.refused, b"none.pem: No such file", "localhost", "none.pem")
            with self.file((self.certs / "ca.pem").read_bytes()[:-40]) as cut:
                self.case("a damaged file", self.refused, f"{cut.name}: CERTIFICATE: PEM is damaged".encode(), "localhost",
                          cut.name)
        self.case("nobody listens", self.refused, b"connect: ", "localhost", "ca.pem", free_port())
        self.case("the listener does not speak TLS", self.no_tls)

    def no_tls(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = Process([self.get, "127.0.0.1", listener.getsockname()[1], "/", self.certs / "ca.pem"])
            with client, listener.accept()[0] as peer:
                peer.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
                client.wait_for(rb"\(1065,")

    def echoed(self, port, text):
        with Process([find("openssl"), "s_client", "-connect", f"127.0.0.1:{port}", "-quiet", "-CAfile",
                      self.certs / "ca.pem", "-verify_return_error", "-verify_hostname", "localhost"]) as client:
            client.send(text)
            client.wait_for(text.strip())

    def echoes(self):
        command = [self.echo, "0", self.certs / "p256.crt.pem", self.certs / "p256.key.pem"]
        with Process([*command, "4"]) as server:
            port = int(server.wait_for(rb"(\d+)\n").group(1))
            self.case("an echo", self.echoed, port, b"hello\n")
            self.case("a long message", self.echoed, port, b"0123456789" * 3000 + b"\n")
            with socket.create_connection(("127.0.0.1", port)) as stranger:
                stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.case("a client that does not speak TLS is reported", self.says, server, rb"client: .*\(1065,")
            self.case("the next client is served", self.echoed, port, b"still there\n")
            self.case("the server ends by itself", self.ends, server)
        wrong = [self.echo, "0", self.certs / "p256.crt.pem", self.certs / "client.key.pem"]
        self.case("the key of another certificate", self.not_started, wrong, rb"context: .*\(1012,")
        with self.file((self.certs / "p256.key.pem").read_bytes() * 2) as two:
            self.case("two keys", self.not_started, [*wrong[:3], two.name], rb"PRIVATE KEY: too many of them")
        self.case("no such file", self.not_started, [self.echo, "0", "none.pem", "none.pem"], rb"context: .*\(1013,")

    @staticmethod
    def says(server, pattern):
        server.wait_for(pattern)

    @staticmethod
    def ends(server):
        if server.finish() != 0:
            raise Failure(tail(server.output))

    @staticmethod
    def not_started(command, reason):
        with Process(command) as server:
            server.wait_for(reason)
            if server.finish() != 1:
                raise Failure(tail(server.output))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backend", required=True)
    parser.add_argument("--certs", required=True, type=Path)
    parser.add_argument("--get", required=True, help="examples/c/https_get.c, built")
    parser.add_argument("--echo", required=True, help="examples/c/echo_server.c, built")
    tests = Tests(parser.parse_args())
    tests.pages()
    tests.echoes()
    print(f"{tests.passed} passed, {tests.failed} failed")
    return tests.failed != 0


if __name__ == "__main__":
    sys.exit(main())
