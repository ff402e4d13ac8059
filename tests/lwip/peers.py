#!/usr/bin/python3
"""Runs lwIP's own programs over ussl, on a tap device in a network namespace, against nginx, OpenSSL, mosquitto, curl, and a mail
server in Python. Some cases have a network that loses one packet of 25.

Prints a line for each case; ends with 'N passed, N failed'. Without a tap device there is only one case, which fails."""

import argparse
import hashlib
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "interop"))
sys.dont_write_bytecode = True

from programs import SECONDS, Cases, Failure, Nginx, Process, find, tail  # noqa: E402

TAP, HOST, NODE = "ussl0", "192.0.2.1", "192.0.2.2"
LOSS = 25
LONG = bytes((i * 7 + i // 251) & 0xff for i in range(100000))


class MailServer(threading.Thread):
    """Accepts one mail over TLS."""

    def __init__(self, certs):
        super().__init__(daemon=True)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(certs / "p256.crt.pem", certs / "p256.key.pem")
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        self.mail = b""
        self.start()

    def run(self):
        with self.listener.accept()[0] as raw, self.context.wrap_socket(raw, server_side=True) as peer:
            peer.settimeout(SECONDS)
            stream = peer.makefile("rwb")

            def answer(text):
                stream.write(text + b"\r\n")
                stream.flush()
            answer(b"220 here")
            for line in stream:
                word = line.split()[0].upper()
                if word == b"DATA":
                    answer(b"354 go on")
                    for line in stream:
                        if line == b".\r\n":
                            break
                        self.mail += line
                answer(b"221 bye" if word == b"QUIT" else b"250 ok")
                if word == b"QUIT":
                    return


def run(*command, seconds=SECONDS):
    try:
        return subprocess.run(list(map(str, command)), capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{command[0]} does not end: {tail((late.stdout or b'') + (late.stderr or b''))}") from None


class Tests(Cases):
    def __init__(self, options):
        super().__init__(options.backend)
        self.node_program = options.build / "tests" / "lwip" / f"lwip-node-{options.backend}"
        self.certs = options.build / "tests" / "certs"

    def node(self, loss, *args):
        done = run(self.node_program, TAP, loss, *args, seconds=3 * SECONDS)
        return done.returncode, done.stdout, done.stderr

    def succeeds(self, loss, *args):
        code, output, said = self.node(loss, *args)
        if code != 0:
            raise Failure(f"status {code}: {tail(said)}")
        return output

    def ca(self):
        return self.certs / "ca.pem"

    def get(self, port, loss=0, path="/long"):
        body = self.succeeds(loss, "get", port, "localhost", self.ca(), path)
        if path == "/long" and hashlib.sha256(body).digest() != hashlib.sha256(LONG).digest():
            raise Failure(f"a wrong body of {len(body)} bytes")
        if not body:
            raise Failure("no body")

    def refused(self, code, port, name, ca):
        status, output, said = self.node(0, "get", port, name, self.certs / ca, "/long")
        if status != 1 or output or f"({code}," not in said.decode():
            raise Failure(f"status {status}: {tail(said)}")

    def http_client(self):
        with tempfile.TemporaryDirectory() as prefix:
            Path(prefix, "long").write_bytes(LONG)
            os.chmod(prefix, 0o755)
            with Nginx(prefix, [f"""server {{
                    listen {HOST}:8443 ssl; root {prefix}; ssl_certificate {self.certs}/p256.crt.pem;
                    ssl_certificate_key {self.certs}/p256.key.pem; }}"""]) as nginx:
                nginx.wait_until_it_serves()
                self.case("http_client, 100,000 bytes from nginx", self.get, 8443)
                self.case("http_client, 100,000 bytes from nginx, with loss", self.get, 8443, LOSS)
                self.case("http_client refuses an untrusted issuer", self.refused, 1042, 8443, "localhost", "other-ca.pem")
                self.case("http_client refuses a certificate for another name", self.refused, 1045, 8443, "example.org", "ca.pem")
        with Process([find("openssl"), "s_server", "-accept", f"{HOST}:8444", "-www", "-cert", self.certs / "rsa.crt.pem",
                      "-cert_chain", self.certs / "rsa.crt.pem", "-key", self.certs / "rsa.key.pem"]) as server:
            server.wait_for(b"ACCEPT")
            self.case("http_client and OpenSSL, RSA", self.get, 8444, 0, "/")

    def curl(self, path):
        done = run(find("curl"), "-sS", "--cacert", self.ca(), "--resolve", f"localhost:443:{NODE}", f"https://localhost{path}")
        if done.returncode != 0:
            raise Failure(tail(done.stderr))
        return done.stdout

    def fetched(self):
        if self.curl("/long") != LONG:
            raise Failure("another body")

    def in_a_row(self):
        for _ in range(5):
            if b"lwIP" not in self.curl("/index.html"):
                raise Failure("another page")

    def answers_openssl(self):
        with Process([find("openssl"), "s_client", "-connect", f"{NODE}:443", "-quiet", "-CAfile", self.ca(),
                      "-verify_return_error", "-verify_hostname", "localhost"]) as client:
            client.send(b"GET /index.html HTTP/1.0\r\n\r\n")
            client.wait_for(b"</html>")
            if client.finish() != 0:  # it ended with close_notify
                raise Failure(tail(client.output))

    def stays_up(self):
        with socket.create_connection((NODE, 443)) as stranger:
            stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
            stranger.settimeout(SECONDS)
            while stranger.recv(100):  # an alert, then the end
                pass
        for _ in range(6):
            with socket.create_connection((NODE, 443)) as stranger:
                stranger.sendall(b"\x16\x03\x01")
        self.fetched()

    def httpd(self):
        for loss in (0, LOSS):
            with Process([self.node_program, TAP, str(loss), "httpd", self.certs / "p256.crt.pem",
                          self.certs / "p256.key.pem"]) as server:
                server.wait_for(b"serving")
                what = ", with loss" if loss else ""
                self.case(f"curl, 100,000 bytes from httpd{what}", self.fetched)
                if not loss:
                    self.case("five pages in a row", self.in_a_row)
                    self.case("OpenSSL and httpd", self.answers_openssl)
                    self.case("after garbage and half handshakes httpd serves the next client", self.stays_up)

    def mqtt(self):
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write(f"allow_anonymous true\nlistener 8883 {HOST}\ncertfile {self.certs}/p256.crt.pem\n"
                         f"keyfile {self.certs}/p256.key.pem\n")
            config.flush()
            os.chmod(config.name, 0o644)
            with Process([find("mosquitto"), "-v", "-c", config.name]) as broker:
                broker.wait_for(rb"mosquitto version .* running")
                for loss in (0, LOSS):
                    self.case(f"mqtt, 40 messages through mosquitto{', with loss' if loss else ''}", self.succeeds, loss, "mqtt",
                              8883, "localhost", self.ca(), 40)
                self.case("mosquitto sees an orderly end", self.hears_of_the_end, broker)

    def hears_of_the_end(self, broker):
        broker.wait_for(b"Client lwip closed its connection")

    def smtp(self):
        server = MailServer(self.certs)

        def sent():
            self.succeeds(0, "smtp", server.port, "localhost", self.ca())
            if b"It is here." not in server.mail:
                raise Failure(f"a wrong mail: {tail(server.mail)}")
        self.case("smtp, a mail", sent)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--backend", required=True)
    parser.add_argument("--build", required=True, type=Path, help="of Meson, with -Dlwip=true")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.build = options.build.resolve()
    if not options.inside:
        root = [] if os.geteuid() == 0 else ["-r"]
        return subprocess.run(["unshare", "-n", *root, sys.executable, *sys.argv, "--inside"]).returncode
    tests = Tests(options)
    ip = find("ip") or "ip"
    for command in ("link set lo up", f"tuntap add dev {TAP} mode tap", f"addr add {HOST}/24 dev {TAP}", f"link set {TAP} up"):
        done = subprocess.run([ip, *command.split()], capture_output=True)
        if done.returncode != 0:
            tests.case("a tap device", tests.fail, Failure(tail(done.stderr)))
            break
    else:
        tests.http_client()
        tests.httpd()
        tests.mqtt()
        tests.smtp()
    print(f"{tests.passed} passed, {tests.failed} failed")
    return tests.failed != 0


if __name__ == "__main__":
    sys.exit(main())
