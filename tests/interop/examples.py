#!/usr/bin/python3
"""Runs the programs of examples/micropython in a real interpreter against other programs: nginx, mosquitto, curl, OpenSSL,
libcoap, GnuTLS and a browser. Prints a line for each case; ends with 'N passed, N failed'. A missing program is a failure, unless
--peers leaves it out."""

import argparse
import contextlib
import hashlib
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from doubtful_servers import Answers, Relay, WebSockets
from programs import SECONDS, Cases, Failure, Nginx, Process, find, free_port, tail

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/docs"))
from pages import block  # noqa: E402

EXAMPLES = ROOT / "examples/micropython"
# The groups of cases: the programs that each needs, and their packages.
NEEDED: dict[str, tuple[list[str], str]] = {
    "readme": (["openssl"], "openssl"),
    "nginx": (["nginx"], "nginx-light"),
    "requests": ([], ""),
    "update": (["nginx"], "nginx-light"),
    "mosquitto": (["mosquitto"], "mosquitto"),
    "websocket": ([], ""),
    "clients": (["curl", "openssl"], "curl openssl"),
    "own": (["curl", "openssl", "chromium", "certutil"], "curl openssl chromium libnss3-tools"),
    "asyncio": (["openssl"], "openssl"),
    "datagrams": (["coap-client-openssl", "coap-client-gnutls", "coap-server-openssl", "coap-server-gnutls", "coap-rd-openssl",
                   "coap-rd-gnutls", "openssl", "gnutls-cli"], "libcoap3-bin openssl gnutls-bin"),
    "browser": (["chromium", "certutil", "dumpcap", "tshark"], "chromium libnss3-tools tshark"),
    "capture": (["dumpcap", "tshark"], "tshark"),
}
KEYS = ["p256", "rsa"]  # ECDSA and RSA
MEBIBYTES = 20
MESSAGES = 1000


@contextlib.contextmanager
def captured(port, folder):
    """Captures the traffic of a local port during a `with` block; yields the file."""
    file = f"{folder}/{port}.pcapng"
    with Process([find("dumpcap"), "-i", "lo", "-f", f"tcp port {port}", "-w", file]) as dumpcap:
        dumpcap.wait_for(rb"File: ")
        yield file
        time.sleep(1)  # the kernel delivers packets in batches
        dumpcap.process.send_signal(signal.SIGINT)
        dumpcap.finish()


class Nat:
    """A UDP port that forwards to `port` from an address of its own, and takes another one when it has forgotten that."""

    def __init__(self, port):
        self.to = ("127.0.0.1", port)
        self.near = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.near.bind(("127.0.0.1", 0))
        self.port = self.near.getsockname()[1]
        self.far, self.client, self.ends = self.new(), None, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @staticmethod
    def new():
        far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        far.bind(("127.0.0.1", 0))
        return far

    def forget(self):
        self.far, _ = self.new(), self.far.close()

    def run(self):
        while not self.ends:
            far = self.far
            with contextlib.suppress(OSError, ValueError):
                for source in select.select([self.near, far], [], [], 0.05)[0]:
                    if source is self.near:
                        datagram, self.client = source.recvfrom(65536)
                        far.sendto(datagram, self.to)
                    elif self.client:
                        self.near.sendto(source.recv(65536), self.client)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends = True
        self.thread.join()
        self.near.close()
        self.far.close()


class Tests(Cases):
    def __init__(self, interpreter, backend, certs):
        super().__init__(backend)
        self.interpreter, self.certs = interpreter, certs
        facts = self.run([interpreter, "-c",
                          "import ussl; print(ussl.backend[0], ussl.HAS_TLS1_3, ussl.HAS_X25519MLKEM768, ussl.HAS_DTLS, "
                          "ussl.HAS_CONNECTION_ID)"]).split()
        if facts[0] != backend:
            raise SystemExit(f"examples: {interpreter} has the backend {facts[0]}, not {backend}")
        self.versions = ["1.2", "1.3"] if facts[1] == "True" else ["1.2"]
        self.has_hybrid = facts[2] == "True"
        self.has_datagrams = facts[3] == "True"
        self.has_connection_ids = facts[4] == "True"

    def file(self, name):
        return str(self.certs / name)

    @staticmethod
    def run(command, seconds=SECONDS, works=True, **kwargs):
        """The output of a program that ends by itself."""
        try:
            done = subprocess.run([str(word) for word in command], capture_output=True, timeout=seconds,
                                  stdin=subprocess.DEVNULL, **kwargs)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"does not end: {tail(late.stdout or b'')}") from None
        output = (done.stdout + done.stderr).decode(errors="replace")
        if (done.returncode == 0) != works:
            raise Failure(f"status {done.returncode}: {tail(done.stdout + done.stderr)}")
        return output

    def example(self, name, *args, **kwargs):
        return self.run([self.interpreter, EXAMPLES / name, *args], **kwargs)

    @staticmethod
    def expect(text, pattern):
        if not re.search(pattern, text):
            raise Failure(f"no {pattern!r}: {tail(text.encode())}")

    # --- README's script, as printed except for the host ---

    def readme_is_served(self, leaf, works, pattern):
        port = free_port()
        serve = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", self.file(f"{leaf}.crt.pem"), "-cert_chain",
                 self.file(f"{leaf}.crt.pem"), "-key", self.file(f"{leaf}.key.pem"), "-www"]
        script = block(ROOT / "README.md", "python", {"example.com": "localhost", "443": str(port)})
        with Process(serve) as server:
            server.wait_for(b"ACCEPT")
            self.expect(self.run([self.interpreter, "-c", script], works=works, cwd=self.certs), pattern)  # has ca.pem

    def readme(self):
        self.case("README's script fetches a page", self.readme_is_served, "p256", True, r"TLSv1\.\d TLS_\w+ b'HTTP/1.0 200 ok")
        self.case("README's script refuses a certificate for another name", self.readme_is_served, "other-p256", False,
                  r"OSError: \(1045,")

    # --- nginx ---

    def get(self, port, version):
        said = self.example("https_get.py", "127.0.0.1", port, "/", self.file("ca.pem"), "localhost")
        self.expect(said, r"200 OK")
        self.expect(said, rf"TLSv{re.escape(version)}, \w+, verified as localhost")

    def download(self, port, digest, *own):
        said = self.example("https_download.py", "127.0.0.1", port, "/big", self.file("ca.pem"), "localhost",
                            *map(self.file, own), seconds=120)
        self.expect(said, r"200 OK")
        self.expect(said, rf"{MEBIBYTES << 20} bytes, SHA-256 {digest}")

    def refused_without_certificate(self, port):
        # nginx completes the handshake and reports the missing certificate in HTTP.
        said = self.example("https_download.py", "127.0.0.1", port, "/", self.file("ca.pem"), "localhost")
        self.expect(said, r"400 Bad Request")

    def by_name(self, port, name):
        said = self.example("https_download.py", "127.0.0.1", port, "/", self.file("ca.pem"), name)
        self.expect(said, r"200 OK")
        self.expect(said, f"SHA-256 {hashlib.sha256(name.encode()).hexdigest()}")

    def unknown_name(self, port):
        # nginx sends the first server's certificate, which is for other names.
        said = self.example("https_get.py", "127.0.0.1", port, "/", self.file("ca.pem"), "unknown.example", works=False)
        self.expect(said, r"OSError: \(1045, 'certificate is for another host: it is for localhost")

    def nginx(self):
        names = {"localhost": "p256", "other.example": "other-p256", "any.wild.example": "wildcard"}
        with tempfile.TemporaryDirectory() as prefix:
            content = random.Random(1).randbytes(MEBIBYTES << 20)
            (Path(prefix) / "big").write_bytes(content)
            digest = hashlib.sha256(content).hexdigest()
            ports, servers = {}, []
            for version in self.versions:
                for leaf in KEYS:
                    for own in (False, True):
                        port = ports[version, leaf, own] = free_port()
                        servers.append(self.nginx_server(port, leaf, f"TLSv{version}", prefix, "localhost", own))
            several = free_port()
            for name, leaf in names.items():
                servers.append(self.nginx_server(several, leaf, "TLSv1.2 TLSv1.3", prefix, name))
            with Nginx(prefix, servers) as server:
                try:
                    server.wait_until_it_serves()
                except Failure as failure:
                    self.case("nginx starts", self.fail, failure)
                    return
                for (version, leaf, own), port in ports.items():
                    what = f"TLS {version}, {leaf}"
                    if own:
                        self.case(f"{MEBIBYTES} MiB from nginx with a client certificate, {what}", self.download, port,
                                  digest, "client.crt.pem", "client.key.pem")
                        self.case(f"nginx refuses without a client certificate, {what}", self.refused_without_certificate,
                                  port)
                    else:
                        self.case(f"a page from nginx, {what}", self.get, port, version)
                        self.case(f"{MEBIBYTES} MiB from nginx, {what}", self.download, port, digest)
                for name in names:
                    self.case(f"nginx has several names: {name}", self.by_name, several, name)
                self.case("nginx has several names: an unknown one", self.unknown_name, several)

    def nginx_server(self, port, leaf, protocols, prefix, name, own=False):
        verify = f"ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate {self.file('ca.pem')};"
        return f"""
            server {{
                listen 127.0.0.1:{port} ssl;
                server_name {name};
                ssl_certificate {self.file(leaf + '.crt.pem')};
                ssl_certificate_key {self.file(leaf + '.key.pem')};
                ssl_protocols {protocols};
                {verify if own else ''}
                location / {{ return 200 "{name}"; }}
                location = /big {{ root {prefix}; }}
            }}"""

    # --- mosquitto ---

    def mqtt(self, leaf):
        port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write(f"""allow_anonymous true
listener {port} 127.0.0.1
certfile {self.file(leaf + '.crt.pem')}
keyfile {self.file(leaf + '.key.pem')}
cafile {self.file('ca.pem')}
require_certificate true
""")
            config.flush()
            os.chmod(config.name, 0o644)
            with Process([find("mosquitto"), "-v", "-c", config.name]) as broker:
                broker.wait_for(rb"mosquitto version .* running")
                said = self.example("mqtt_client.py", "127.0.0.1", port, self.file("ca.pem"), self.file("client.crt.pem"),
                                    self.file("client.key.pem"), MESSAGES, "localhost", seconds=120)
                self.expect(said, rf"connected: TLSv{re.escape(self.versions[-1])}, ")
                self.expect(said, rf"{MESSAGES} messages published and received")
                broker.wait_for(rb"Received DISCONNECT")

    def mosquitto(self):
        for leaf in KEYS:
            self.case(f"{MESSAGES} messages through mosquitto, {leaf}", self.mqtt, leaf)
        self.case("mqtt_reconnect.py, the broker is killed twice", self.reconnects)

    def reconnects(self):
        """The broker is killed twice while messages pass through it, and once falls silent: all messages arrive, and the
        subscription is renewed."""
        port, count = free_port(), 12
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write(f"""allow_anonymous true
listener {port} 127.0.0.1
certfile {self.file('p256.crt.pem')}
keyfile {self.file('p256.key.pem')}
cafile {self.file('ca.pem')}
require_certificate true
""")
            config.flush()
            os.chmod(config.name, 0o644)
            seen = b""
            with contextlib.ExitStack() as stack:
                client: Any = None
                for until, silent in ((3, False), (6, True), (count - 1, False)):
                    with Process([find("mosquitto"), "-v", "-c", config.name]) as broker:
                        broker.wait_for(rb"mosquitto version .* running")
                        if client is None:
                            client = stack.enter_context(Process([
                                self.interpreter, EXAMPLES / "mqtt_reconnect.py", "127.0.0.1", port, self.file("ca.pem"),
                                self.file("client.crt.pem"), self.file("client.key.pem"), count, "localhost"]))
                        client.wait_for(rb"acknowledged %d\n" % until)
                        if silent:
                            lost = client.output.count(b"connection lost")
                            broker.process.send_signal(signal.SIGSTOP)
                            client.wait_for(rb"(?s)(connection lost.*){%d}" % (lost + 1))
                        elif until == count - 1:
                            code = client.finish()
                    seen += broker.output
                self.expect(client.output.decode(), rf"{count} messages acknowledged, \d+ came back, 3 connections")
                if code:
                    raise Failure(tail(client.output))
                identifiers = set(re.findall(rb"Received PUBLISH from ussl-reliable \(d\d, q1, r0, m(\d+), 'ussl/example'", seen))
                if len(identifiers) != count:
                    raise Failure(f"the brokers have seen {len(identifiers)} messages")

    # --- a WebSocket server ---

    def speaks(self, path, words, pattern, works=True):
        with WebSockets(self.certs) as server:
            said = self.example("websocket_client.py", "127.0.0.1", server.port, path, self.file("ca.pem"), *words, "--name",
                                "localhost", works=works)
        self.expect(said, pattern)
        if works and server.errors:
            raise Failure("; ".join(server.errors))

    def sizes(self):
        """Messages at the limits of each form of length (RFC 6455, 5.2)."""
        with WebSockets(self.certs) as server:
            said = self.run([self.interpreter, "-c", f"""
import sys
sys.path.insert(0, {str(EXAMPLES)!r})
from websocket_client import *
websocket = WebSocket(ussl.create_default_context({self.file('ca.pem')!r}), "127.0.0.1", {server.port}, "/echo", "localhost", 70000)
for size in (0, 1, 125, 126, 65535, 65536):
    websocket.ping()
    for message in ("x" * size, b"y" * size):
        websocket.send(message)
        assert websocket.receive(5000) == message, size
assert websocket.receive(50) is None and websocket.code is None  # nothing more
websocket.close()
print("closed with code", websocket.code)
"""])
        self.expect(said, r"^closed with code 1000\n$")
        if server.errors:
            raise Failure("; ".join(server.errors))

    def websocket(self):
        self.case("websocket_client.py, messages of every length", self.sizes)
        self.case("websocket_client.py, short messages", self.speaks, "/echo", ["hello", "", "long " * 40],
                  r"^hello\n\n(long ){40}\nclosed with code 1000\n$")
        self.case("websocket_client.py, a fragmented message with a Ping in between", self.speaks, "/fragments", ["hello", "again"],
                  r"^hello\nagain\nclosed with code 1000\n$")
        self.case("websocket_client.py, 60000 bytes", self.speaks, "/big", ["60000"], r"^60000 bytes\n")
        self.case("websocket_client.py refuses a message that is too long", self.speaks, "/big", ["70000"], r"code 1009", False)
        self.case("websocket_client.py, the connection is cut", self.speaks, "/cut", ["hello"], r"OSError: \(1080,", False)
        self.case("websocket_client.py refuses masked frames", self.speaks, "/masked", ["hello"], r"code 1002", False)
        self.case("websocket_client.py, the server closes", self.speaks, "/bye", ["hello"],
                  r"^no answer\nclosed with code 1001\n$")
        self.case("websocket_client.py refuses the answer to another request", self.speaks, "/another", [], r"answers another",
                  False)
        self.case("websocket_client.py, no WebSocket", self.speaks, "/absent", [], r"404 Not Found", False)

    # --- HTTP requests, against servers that keep the rules and servers that break them ---

    def asks(self, answers, code, works=True, pattern="", leaf="p256"):
        """The output of `code`, which can use `url`, `context` and everything in https_requests.py."""
        with Answers(self.certs, answers, leaf) as server:
            said = self.run([self.interpreter, "-c", f"""
import sys
sys.path.insert(0, {str(EXAMPLES)!r})
from https_requests import *
context = ussl.create_default_context({self.file('ca.pem')!r})
url = "https://localhost:{server.port}"
{code}
"""], works=works)
        self.expect(said, pattern)
        if server.errors:
            raise Failure("; ".join(server.errors))
        return server.requests

    def posts(self):
        made, = self.asks([(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nmade", True)],
                          "r = post(url + '/new', b'x' * 100000, {'X-Kind': 'test'}, context=context)\n"
                          "print(r.status, r.content())", True, r"^201 b'made'\n$")
        head, _, body = made.partition(b"\r\n\r\n")
        if b"\r\nX-Kind: test" not in head or body != b"x" * 100000:
            raise Failure(f"unexpected request: {head!r}")

    def redirected(self):
        def to(where):
            return f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode(), True

        show = "r = get(url, {'Authorization': 'secret', 'Range': 'bytes=0-'}, context=context)\nprint(r.status, r.content())"
        with Answers(self.certs, [(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", True)]) as other:
            first, second = self.asks([to("/next"), to(f"https://localhost:{other.port}/third?x=1")], show, True, r"^200 b'ok'\n$")
        third, = other.requests
        if not first.startswith(b"GET / HTTP/1.1\r\n") or not second.startswith(b"GET /next HTTP/1.1\r\n") \
                or not third.startswith(b"GET /third?x=1 HTTP/1.1\r\n"):
            raise Failure(f"unexpected redirections: {first!r} {second!r} {third!r}")
        if b"secret" not in second or b"secret" in third or b"Range" not in third:
            raise Failure("the headers went to another host")
        for where in ("http://localhost/", "ftp://x", "https://localhost/\rX: y", "elsewhere"):
            self.asks([to(where)], show, False, r"ValueError: no URL of https")
        self.asks([to("/")] * 6, show, False, r"ValueError: too many redirections")

    def requests(self):
        show = "r = get(url, context=context)\nprint(r.status, r.content())"
        ok, chunked = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        for name, answer, notified, code, pattern in (
                ("a length", ok + b"Content-Length: 5\r\n\r\nhello", True, show, r"^200 b'hello'\n$"),
                ("a length, no close_notify", ok + b"Content-Length: 5\r\n\r\nhello", False, show, r"^200 b'hello'\n$"),
                ("more than its length", ok + b"Content-Length: 5\r\n\r\nhello again", True, show, r"^200 b'hello'\n$"),
                ("no length", ok + b"\r\nhello", True, show, r"^200 b'hello'\n$"),
                ("chunks", chunked + b"3;x=y\r\nhel\r\nA\r\nlo, world.\r\n0\r\nX: y\r\n\r\n", True, show,
                 r"^200 b'hello, world\.'\n$"),
                ("no content", b"HTTP/1.1 204 No Content\r\n\r\n", False, show, r"^204 b''\n$"),
                ("HEAD", ok + b"Content-Length: 5\r\n\r\n", False,
                 "r = request('HEAD', url, context=context)\nprint(r.status, r.content())", r"^200 b''\n$"),
                ("a limit", ok + b"Content-Length: 5\r\n\r\nhello", True,
                 "r = get(url, context=context)\nprint(r.content(limit=5))", r"^b'hello'\n$")):
            self.case(f"https_requests.py, {name}", self.asks, [(answer, notified)], code, True, pattern)
        for name, answer, notified, pattern in (
                ("no length", ok + b"\r\nhello", False, r"OSError: \(1080,"),
                ("a length", ok + b"Content-Length: 6\r\n\r\nhello", False, r"OSError: \(1080,"),
                ("a length, by close_notify", ok + b"Content-Length: 6\r\n\r\nhello", True, r"OSError: the answer is cut short"),
                ("chunks", chunked + b"5\r\nhello\r\n", False, r"OSError: \(1080,"),
                ("chunks, by close_notify", chunked + b"5\r\nhello\r\n", True, r"ValueError: the answer ends too soon"),
                ("head", ok + b"Content-Length: 5\r\n", False, r"OSError: \(1080,")):
            self.case(f"https_requests.py notices a truncated answer: {name}", self.asks, [(answer, notified)], show, False,
                      pattern)
        for name, answer, pattern in (
                ("another protocol", b"220 mail.example ESMTP\r\n", "the answer is not HTTP"),
                ("a negative length", ok + b"Content-Length: -5\r\n\r\n", "ValueError: "),
                ("a length in words", ok + b"Content-Length: five\r\n\r\n", "ValueError: "),
                ("a line that never ends", ok + b"X: " + b"y" * 5000, "a line that is too long"),
                ("headers that never end", ok + b"X: y\r\n" * 200, "too many headers")):
            self.case(f"https_requests.py refuses {name}", self.asks, [(answer, True)], show, False, pattern)
        self.case("https_requests.py, a POST", self.posts)
        self.case("https_requests.py, redirections", self.redirected)
        self.case("https_requests.py refuses a certificate for another name", self.asks, [], show, False, r"OSError: \(1045,",
                  "other-p256")
        self.case("https_requests.py refuses an untrusted server", self.asks, [],
                  f"get(url, context=ussl.create_default_context({self.file('other-ca.pem')!r}))", False, r"OSError: \(1042,")

    # --- a firmware update over connections that break ---

    def updated(self, port, folder, content, limits, digest=None, before=None, works=True, path="/firmware"):
        """Runs ota_download.py through a relay; returns the bytes of each connection. The file must be there if it `works`, and
        no other."""
        digest = digest or hashlib.sha256(content).hexdigest()
        target = Path(folder) / "app.bin"
        part = Path(folder) / f"app.bin.{digest[:8]}"
        if before is not None:
            part.write_bytes(before)
        with Relay(port, list(limits)) as relay:
            said = self.example("ota_download.py", f"https://localhost:{relay.port}{path}", digest, target, self.file("ca.pem"),
                                works=works)
        if target.exists() != works or (works and target.read_bytes() != content):
            raise Failure(f"the wrong file, or none where one is due: {tail(said.encode())}")
        if part.exists():
            raise Failure("the partial file was left behind")
        if works:
            target.unlink()
        return relay.passed

    def update(self):
        content = random.Random(2).randbytes(300_000)

        def broken():
            passed = self.updated(port, folder, content, [(100_000, False), (20_000, True), (2_000, False), (500, True)])
            if len(passed) != 5 or sum(passed) > len(content) + 40_000:
                raise Failure(f"requests bytes that it has: {passed}")

        def restarted():
            passed = self.updated(port, folder, content, [], before=content[:290_000])
            if passed != [passed[0]] or passed[0] > 20_000:
                raise Failure(f"requests bytes that it has: {passed}")

        with tempfile.TemporaryDirectory() as prefix, tempfile.TemporaryDirectory() as folder:
            (Path(prefix) / "firmware").write_bytes(content)
            (Path(prefix) / "whole").write_bytes(content)
            port = free_port()
            with Nginx(prefix, [f"""
                    server {{
                        listen 127.0.0.1:{port} ssl;
                        ssl_certificate {self.file('p256.crt.pem')};
                        ssl_certificate_key {self.file('p256.key.pem')};
                        location / {{ root {prefix}; }}
                        location = /whole {{ root {prefix}; max_ranges 0; }}
                    }}"""]) as server:
                try:
                    server.wait_until_it_serves()
                except Failure as failure:
                    self.case("nginx starts", self.fail, failure)
                    return
                self.case("ota_download.py continues after broken connections", broken)
                self.case("ota_download.py continues after a restart", restarted)
                self.case("ota_download.py, the whole file was there already", self.updated, port, folder, content, [], None,
                          content)
                self.case("ota_download.py, a server without range requests", self.updated, port, folder, content,
                          [(100_000, False)], None, None, True, "/whole")
                self.case("ota_download.py does not install a file with another SHA-256", self.updated, port, folder, content,
                          [(100_000, False)], "00" * 32, None, False)
                self.case("ota_download.py does not install a file with a wrong beginning", self.updated, port, folder, content,
                          [], None, bytes(1000), False)
                self.case("ota_download.py, the server lacks the file", self.updated, port, folder, content, [], None, None, False,
                          "/absent")

    # --- curl and OpenSSL as clients ---

    def serving(self, port, leaf, count):
        return Process([self.interpreter, EXAMPLES / "https_server.py", port, self.file(leaf + ".crt.pem"),
                        self.file(leaf + ".key.pem"), count])

    def curl(self, leaf, version):
        limit = ["--tlsv1.3"] if version == "1.3" else ["--tls-max", "1.2"]
        port = free_port()
        with self.serving(port, leaf, 1) as server:
            server.wait_for(rb"listening")
            said = self.run(["curl", "--silent", "--show-error", "--cacert", self.file("ca.pem"), *limit,
                             "--connect-to", f"localhost:{port}:127.0.0.1:{port}", f"https://localhost:{port}/",
                             "--write-out", "%{http_code} %{ssl_verify_result}"])
            self.expect(said, rf"Hello from {self.backend}[^\n]*\n200 0")

    def s_client(self, leaf, version):
        port = free_port()
        with self.serving(port, leaf, 1) as server:
            server.wait_for(rb"listening")
            with Process(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
                          "-verify_hostname", "localhost", "-CAfile", self.file("ca.pem"), "-verify_return_error",
                          f"-tls{version.replace('.', '_')}", "-ign_eof"]) as client:
                client.send(b"GET / HTTP/1.0\r\n\r\n")
                client.wait_for(rb"Hello from " + self.backend.encode())
                if client.finish() or b"Verify return code: 0 (ok)" not in client.output:
                    raise Failure(tail(client.output))

    def clients(self):
        for version in self.versions:
            for leaf in KEYS:
                self.case(f"curl from https_server.py, TLS {version}, {leaf}", self.curl, leaf, version)
                self.case(f"openssl s_client from https_server.py, TLS {version}, {leaf}", self.s_client, leaf, version)

    # --- a device that makes its own certificate ---

    @contextlib.contextmanager
    def own_certificate(self, folder, count, names=("localhost", "127.0.0.1")):
        """(port, pin) of a server that makes its own certificate."""
        port = free_port()
        with Process([self.interpreter, EXAMPLES / "own_certificate.py", port, folder, *names, "--count", count]) as server:
            pin = server.wait_for(rb"pin ([0-9a-f]{64})\n")[1].decode()
            server.wait_for(rb"listening")
            yield port, pin

    def own_is_what_openssl_makes_of_it(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.own_certificate(folder, 1):
                pass
            pem = f"{folder}/cert.pem"
            for name in (["-verify_hostname", "localhost"], ["-verify_ip", "127.0.0.1"]):
                self.run(["openssl", "verify", "-x509_strict", "-check_ss_sig", "-purpose", "sslserver", "-CAfile", pem, *name,
                          pem])
            said = self.run(["openssl", "x509", "-in", pem, "-noout", "-text", "-certopt", "no_sigdump,no_pubkey"])
            for pattern in (r"Version: 3 ", r"Issuer: CN = localhost\n", r"Subject: CN = localhost\n", r"critical\n +CA:FALSE",
                            r"Key Usage: critical\n +Digital Signature\n", r"DNS:localhost, IP Address:127.0.0.1\n"):
                self.expect(said, pattern)
            key, request = f"{folder}/key.der", f"{folder}/request.der"
            self.run([self.interpreter, "-c", f"import ussl; key = open({key!r}, 'rb').read(); open({request!r}, 'wb').write("
                      "ussl.make_certificate_request(key, ['device.example.org', '192.0.2.1']))"])
            said = self.run(["openssl", "req", "-inform", "DER", "-in", request, "-verify", "-noout", "-text"])
            self.expect(said, r"verify OK")
            self.expect(said, r"DNS:device.example.org, IP Address:192.0.2.1\n")

    def own_with_clients(self, version):
        limit = ["--tlsv1.3"] if version == "1.3" else ["--tls-max", "1.2"]
        with tempfile.TemporaryDirectory() as folder, self.own_certificate(folder, 3) as (port, _):
            for host in ("localhost", "127.0.0.1"):
                said = self.run(["curl", "--silent", "--show-error", "--cacert", f"{folder}/cert.pem", *limit,
                                 "--connect-to", f"{host}:{port}:127.0.0.1:{port}", f"https://{host}:{port}/"])
                self.expect(said, f"Hello from {self.backend}")
            with Process(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-verify_hostname", "localhost", "-CAfile",
                          f"{folder}/cert.pem", "-verify_return_error", f"-tls{version.replace('.', '_')}", "-ign_eof"]) as client:
                client.send(b"GET / HTTP/1.0\r\n\r\n")
                client.wait_for(rb"Hello from " + self.backend.encode())

    def own_by_first_use(self):
        def fetch(port, **kwargs):
            return self.example("trust_on_first_use.py", "127.0.0.1", port, "/", pins, "localhost", **kwargs)

        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as pins:
            with self.own_certificate(folder, 4) as (port, pin):
                self.expect(fetch(port), rf"^learned {pin}\nHTTP/1.0 200 OK\n$")
                self.expect(fetch(port), r"^HTTP/1.0 200 OK\n$")
            # The same device with a new certificate, after a restart; then another device at its address.
            stored = next(Path(pins).iterdir())
            os.unlink(f"{folder}/cert.der")
            with self.own_certificate(folder, 1) as (port, again):
                if again != pin:
                    raise Failure("the key has changed with a restart")
                stored.rename(Path(pins) / f"localhost_{port}.pin")
                self.expect(fetch(port), r"^HTTP/1.0 200 OK\n$")
            with tempfile.TemporaryDirectory() as other, self.own_certificate(other, 1) as (second, _):
                (Path(pins) / f"localhost_{port}.pin").rename(Path(pins) / f"localhost_{second}.pin")
                self.expect(fetch(second, works=False), r"OSError: \(1050, ")

    def own_with_browser(self):
        with tempfile.TemporaryDirectory() as home, self.own_certificate(home, 20) as (port, _):
            database = Path(home) / ".pki" / "nssdb"
            database.mkdir(parents=True)
            self.run(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"])
            environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
            page = [*self.BROWSER, f"--user-data-dir={home}/profile", "--dump-dom", f"https://localhost:{port}/"]
            if "Hello from" in self.run(page, seconds=120, env=environment):
                raise Failure("the browser trusts an unknown certificate")
            self.run(["certutil", "-d", f"sql:{database}", "-A", "-t", "P,,", "-n", "device", "-i", f"{home}/cert.pem"])
            self.expect(self.run(page, seconds=120, env=environment), rf"<p>Hello from {self.backend} ")

    def own(self):
        self.case("own_certificate.py, checked by OpenSSL", self.own_is_what_openssl_makes_of_it)
        for version in self.versions:
            self.case(f"curl and openssl s_client trust own_certificate.py, TLS {version}", self.own_with_clients, version)
        self.case("trust_on_first_use.py learns, remembers, and refuses another device", self.own_by_first_use)
        self.case("Chromium trusts own_certificate.py once its certificate is imported", self.own_with_browser)

    # --- asyncio ---

    def asyncio_echo(self):
        port = free_port()
        with Process([self.interpreter, EXAMPLES / "asyncio_echo.py", "serve", port, self.file("p256.crt.pem"),
                      self.file("p256.key.pem")]) as server:
            server.wait_for(rb"listening")
            with Process(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet", "-verify_return_error",
                          "-CAfile", self.file("ca.pem"), "-verify_hostname", "localhost"]) as other:
                other.send(b"first\n")  # stays connected
                other.wait_for(rb"(?m)^first")
                said = self.example("asyncio_echo.py", "ask", "127.0.0.1", port, self.file("ca.pem"), "hello", "localhost")
                self.expect(said, r"^hello\n$")
                other.send(b"second\n")
                other.wait_for(rb"(?m)^second")

    def asyncio(self):
        self.case("asyncio_echo.py, two clients at once", self.asyncio_echo)

    # --- DTLS ---

    def one_socket(self):
        """Clients of three libraries, with certificates and with keys, all at once on one socket."""
        port, key = free_port(), "0123456789abcdef"
        by_certificate = ["-CAfile", self.file("ca.pem"), "-verify_hostname", "localhost", "-verify_return_error"]
        by_key = ["-psk", key.encode().hex(), "-psk_identity", "sensor", "-cipher", "PSK"]
        to = f"127.0.0.1:{port}"
        gnutls = ["gnutls-cli", "--udp", "127.0.0.1", "--port", port, "--x509cafile", self.file("ca.pem"), "--sni-hostname",
                  "localhost", "--verify-hostname", "localhost", "--priority", "NORMAL:-VERS-ALL:+VERS-DTLS1.2"]
        openssl = ["openssl", "s_client", "-dtls1_2", "-quiet", "-connect", to]
        with contextlib.ExitStack() as stack:
            def started(command):
                return stack.enter_context(Process(command))

            server = started([self.interpreter, EXAMPLES / "dtls_server.py", port, self.file("p256.crt.pem"),
                              self.file("p256.key.pem"), "sensor", key.encode().hex()])
            server.wait_for(rb"listening")
            talkers = [started(openssl + by_certificate), started(openssl + by_key), started(gnutls)]
            for i in range(3):
                for n, talker in enumerate(talkers):
                    if i == 0 and talker is talkers[2]:
                        talker.wait_for(rb"Handshake was completed")
                    talker.send(b"hello %d of %d\n" % (i, n))
                for n, talker in enumerate(talkers):
                    talker.wait_for(rb"(?m)^hello %d of %d" % (i, n))
                for library in ("openssl", "gnutls"):
                    said = self.run([f"coap-client-{library}", "-m", "get", "-u", "sensor", "-k", key, f"coaps://{to}/x"])
                    self.expect(said, r"^hello\n$")
            said = self.run(["coap-client-openssl", "-m", "get", "-B", "2", "-u", "sensor", "-k", "another key",
                             f"coaps://{to}/x"])
            if "hello" in said:
                raise Failure("it answers a client with a wrong key")
            talkers[0].send(b"still there\n")
            talkers[0].wait_for(rb"(?m)^still there")

    KEY = "0123456789abcdef"  # known as "sensor"

    def coap(self, library, by_key):
        """Stores a value and reads it back; then a separate response after the acknowledgement (RFC 7252, 5.2.2)."""
        port = free_port()
        own = ["-k", self.KEY] if by_key else ["-c", self.file("ip.crt.pem"), "-j", self.file("ip.key.pem"), "-n"]
        credential = ["sensor", self.KEY.encode().hex()] if by_key else [self.file("inter.pem"), "-"]
        with Process([f"coap-server-{library}", "-A", "127.0.0.1", "-p", port, "-v", "7", *own]) as server:
            server.wait_for(rb"(?i)created DTLS *endpoint")
            client = [self.interpreter, EXAMPLES / "coap_client.py", "127.0.0.1", port + 1]
            said = self.run([*client, "example_data", *credential, "23.5 degrees"])
            suite = "PSK" if by_key else "ECDHE_ECDSA"
            # Debian 12's libcoap, 4.3.1, has no connection IDs.
            self.expect(said, rf"^connected TLS_{'.*' if by_key else ''}{suite}\w*\n2\.0[14] \n2\.05 23\.5 degrees\n$")
            self.expect(self.run([*client, "async?1", *credential]), r"\n2\.05 done\n$")
            self.expect(self.run([*client, "nowhere", *credential]), r"\n4\.04 ")
            if not by_key:
                said = self.run([*client, "x", self.file("rsa-ca.pem"), "-"], works=False)
                self.expect(said, r"OSError: \(1042,")

    # --- LwM2M ---

    def lwm2m_server(self, port):
        return Process([self.interpreter, EXAMPLES / "lwm2m_server.py", port, "sensor", self.KEY.encode().hex(),
                        self.file("ip.crt.pem"), self.file("ip.key.pem"), self.file("inter.pem")])  # libcoap sends no chain

    def lwm2m_client(self, port, seconds, by_key):
        own = ["sensor", self.KEY.encode().hex()] if by_key else \
            [self.file("ca.pem"), "-", self.file("client.crt.pem"), self.file("client.key.pem")]
        return Process([self.interpreter, EXAMPLES / "lwm2m_client.py", "127.0.0.1", port, "dev", seconds, *own])

    def lwm2m(self, by_key):
        """A device behind a NAT, which forgets it in the middle."""
        port = free_port()
        with self.lwm2m_server(port) as server, Nat(port) as nat:
            server.wait_for(rb"listening")
            with self.lwm2m_client(nat.port, 12, by_key) as client:
                server.wait_for(rb"connected TLS_\w+" + (rb" with a connection ID\n" if self.has_connection_ids else rb"\n"))
                server.wait_for(rb"registered dev at /rd/1 for 60 </>;rt=\"oma.lwm2m\";ct=110,</1/0>,</3/0>,</3303/0>\n")
                server.wait_for(rb"device dev 2.05 \[.*\"vs\": ?\"ussl\"")
                server.wait_for(rb"temperature dev 2.05 2\d\.[05]\n")
                server.wait_for(rb"updated dev 30\n(?:.*\n)*?lifetime dev 2.04\n|lifetime dev 2.04\n(?:.*\n)*?updated dev 30\n")
                client.wait_for(rb"update 2.04\n")
                server.wait_for(rb"notified dev 2\d\.[05]\n")
                if self.has_connection_ids:
                    nat.forget()
                    server.wait_for(rb"moved dev\nnotified dev 2\d\.[05]\nnotified dev 2\d\.[05]\n")
                client.wait_for(rb"ended 2.02\n")
                server.wait_for(rb"ended dev\n")
                client.finish()

    def lwm2m_to_libcoap(self, library):
        """To its resource directory (RFC 9176), which knows the registration of LwM2M as far as it goes. That of Debian 12's
        libcoap, 4.3.1, frees memory twice when a registration ends: the device is stopped before that."""
        port = free_port()
        with Process([f"coap-rd-{library}", "-A", "127.0.0.1", "-p", port, "-k", self.KEY, "-v", "7"]) as server:
            server.wait_for(rb"(?i)created DTLS *endpoint")
            with self.lwm2m_client(port + 1, 60, True) as client:
                client.wait_for(rb"registered /rd/[\w-]+\n")
                said = self.run(["coap-client-openssl", "-m", "get", "-u", "sensor", "-k", self.KEY,
                                 f"coaps://127.0.0.1:{port + 1}/.well-known/core"])
                self.expect(said, r"</rd/[\w-]+>")

    def lwm2m_from_libcoap(self, library, by_key):
        port = free_port()
        own = ["-u", "sensor", "-k", self.KEY] if by_key else \
            ["-c", self.file("client.crt.pem"), "-j", self.file("client.key.pem"), "-R", self.file("ca.pem")]
        with self.lwm2m_server(port) as server:
            server.wait_for(rb"listening")

            def ask(method, path, *more):
                return self.run([f"coap-client-{library}", "-m", method, "-B", "10", "-v", "7", *own, *more,
                                 f"coaps://127.0.0.1:{port}{path}"])
            said = ask("post", "/rd?ep=peer&lt=90&lwm2m=1.1&b=U", "-t", "40", "-e", "</3/0>")
            self.expect(said, r"2\.01[^\n]*Location-Path:rd, Location-Path:1")
            server.wait_for(rb"registered peer at /rd/1 for 90 </3/0>\n")
            self.expect(ask("post", "/rd?lt=90"), r"4\.00")  # no name
            self.expect(ask("post", "/rd?ep=x&lt=many"), r"4\.00")
            self.expect(ask("get", "/nowhere"), r"4\.04")
            self.expect(ask("get", "/rd", "-O", "2049,x"), r"4\.02")  # a critical option that nobody knows (RFC 7252, 5.4.1)

    def datagrams(self):
        if self.has_datagrams:
            for library in ("openssl", "gnutls"):
                for by_key in (True, False):
                    how = "pre-shared key" if by_key else "certificates"
                    self.case(f"coap_client.py, libcoap's server on {library}, {how}", self.coap, library, by_key)
                    self.case(f"lwm2m_server.py, libcoap's client on {library}, {how}", self.lwm2m_from_libcoap, library, by_key)
                self.case(f"lwm2m_client.py, libcoap's resource directory on {library}", self.lwm2m_to_libcoap, library)
            for by_key in (True, False):
                self.case("lwm2m_client.py and lwm2m_server.py, " + ("pre-shared key" if by_key else "certificates") +
                          (", from another address in the middle" if self.has_connection_ids else ""), self.lwm2m, by_key)
            self.case("dtls_server.py, five clients on one socket", self.one_socket)

    # --- a browser ---

    BROWSER = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]

    def chromium(self, leaf):
        port = free_port()
        with tempfile.TemporaryDirectory() as home, self.serving(port, leaf, 20) as server:
            server.wait_for(rb"listening")
            database = Path(home) / ".pki" / "nssdb"
            database.mkdir(parents=True)
            self.run(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"])
            self.run(["certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", "ussl tests", "-i", self.file("ca.pem")])
            browser = [*self.BROWSER, f"--user-data-dir={home}/profile", "--dump-dom"]
            environment = dict(os.environ, HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
            with captured(port, home) as capture:
                said = self.run([*browser, f"https://localhost:{port}/"], seconds=120, env=environment)
            self.expect(said, rf"<p>Hello from {self.backend} ")
            if self.has_hybrid:
                groups = self.run(["tshark", "-r", capture, "-d", f"tcp.port=={port},tls", "-Y", "tls.handshake.type == 2",
                                   "-T", "fields", "-e", "tls.handshake.extensions_key_share_group"])
                self.expect(groups, r"(?m)^4588$")  # X25519MLKEM768
            # A name that is not in the certificate: the page does not load.
            said = self.run([*browser, "--host-resolver-rules=MAP wrong.example 127.0.0.1", f"https://wrong.example:{port}/"],
                            seconds=120, env=environment)
            if "Hello from" in said:
                raise Failure("the browser accepted a certificate for another host")

    def browser(self):
        for leaf in KEYS:
            self.case(f"Chromium loads a page from https_server.py, {leaf}", self.chromium, leaf)

    # --- Wireshark decrypts a capture ---

    def decrypted(self):
        port = free_port()
        with tempfile.TemporaryDirectory() as folder:
            keys = f"{folder}/keys"
            with self.serving(port, "p256", 1) as server:
                server.wait_for(rb"listening")
                with captured(port, folder) as capture:
                    self.example("key_log.py", "127.0.0.1", port, "/", self.file("ca.pem"), keys, "localhost")
            tshark = ["tshark", "-r", capture, "-d", f"tcp.port=={port},tls", "-q", "-z", "follow,tls,ascii,0"]
            hello = f"Hello from {self.backend}"
            if hello in self.run(tshark):
                raise Failure("the page is readable without keys")
            self.expect(self.run([*tshark, "-o", f"tls.keylog_file:{keys}"]), hello)

    def capture(self):
        self.case(f"tshark decrypts a connection with its key log, TLS {self.versions[-1]}", self.decrypted)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--interpreter", required=True, type=Path)
    parser.add_argument("--backend", required=True)
    parser.add_argument("--certs", required=True, type=Path, help="the output of tests/certs/make.py")
    parser.add_argument("--peers", default=",".join(NEEDED), help="groups of cases, separated by commas")
    options = parser.parse_args()
    tests = Tests(options.interpreter.resolve(), options.backend, options.certs.resolve())
    return tests.run_peers(options.peers, {peer: programs for peer, (programs, _) in NEEDED.items()},
                           {peer: packages for peer, (_, packages) in NEEDED.items()})


if __name__ == "__main__":
    sys.exit(main())
