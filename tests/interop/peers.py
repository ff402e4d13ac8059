#!/usr/bin/python3
"""Runs ussl against other programs over loopback sockets: OpenSSL and GnuTLS in both roles, nginx and mosquitto as
servers. A line for each case; ends with 'N passed, N failed'. A program that is missing is a failure, unless --peers leaves
it out."""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

PEERS = ["openssl", "gnutls", "nginx", "mosquitto"]
PROGRAMS = {"openssl": ["openssl"], "gnutls": ["gnutls-cli", "gnutls-serv"], "nginx": ["nginx"], "mosquitto": ["mosquitto"]}
PACKAGES = {"openssl": "openssl", "gnutls": "gnutls-bin", "nginx": "nginx-light", "mosquitto": "mosquitto"}
# Leaf of make.py: what stands between it and its anchor, and the anchor.
KEYS = {"p256": ("inter", "ca"), "p384": ("inter", "ca"), "p384-chain": ("p384-inter", "p384-ca"),
        "rsa": ("inter", "ca"), "rsa-chain": ("rsa-inter", "rsa-ca")}
PSK = bytes(range(1, 33)).hex()  # known to both as "ussl"
SECONDS = 20  # a peer that hangs has failed


class Failure(Exception):
    pass


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A program whose output is gathered while it runs; ended when the case is over."""

    def __init__(self, command, **kwargs):
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, **kwargs)
        self.output = b""
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._gather, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        try:
            self.process.stdin.close()
        except BrokenPipeError:  # what was sent last found nobody
            pass
        self.reader.join()
        self.process.stdout.close()

    def _gather(self):
        while chunk := os.read(self.process.stdout.fileno(), 65536):
            with self.changed:
                self.output += chunk
                self.changed.notify_all()
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    ended = False

    def wait_for(self, pattern):
        """Waits until the output has a match, which it gives."""
        with self.changed:
            found = self.changed.wait_for(lambda: re.search(pattern, self.output) or self.ended, SECONDS)
            match = re.search(pattern, self.output)
        if not match:
            raise Failure(f"no {pattern!r} ({'ended' if found else 'timeout'}): {tail(self.output)}")
        return match

    def send(self, text):
        try:
            self.process.stdin.write(text)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its output tells why

    def finish(self):
        try:
            code = self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"does not end: {tail(self.output)}") from None
        self.reader.join()
        return code


class Nginx(Process):
    """nginx with these server blocks, and all its files below `prefix`."""

    def __init__(self, prefix, servers):
        (Path(prefix) / "nginx.conf").write_text(f"""
            daemon off; master_process off; pid {prefix}/pid; error_log stderr notice;
            events {{ }}
            http {{
                access_log off; client_body_temp_path {prefix}/body; proxy_temp_path {prefix}/proxy;
                fastcgi_temp_path {prefix}/fastcgi; uwsgi_temp_path {prefix}/uwsgi; scgi_temp_path {prefix}/scgi;
                {''.join(servers)}
            }}""")
        super().__init__([find("nginx"), "-p", prefix, "-c", "nginx.conf", "-e", "stderr"])

    def wait_until_it_serves(self):
        self.wait_for(rb"built by|start worker|using the \"epoll\"")


def tail(output):
    return output.decode(errors="replace").strip().replace("\n", " | ")[-300:]


class Tests:
    def __init__(self, build, backend):
        self.certs = build / "tests" / "certs"
        self.client = build / "tests" / "interop" / f"ussl-client-{backend}"
        self.server = build / "tests" / "interop" / f"ussl-server-{backend}"
        self.backend = backend
        # The tool refuses a version that the library lacks when its context opens.
        self.versions = [v for v in ("1.2", "1.3") if self.can("--version", v)]
        self.resumes = self.can("--resume", 1)
        self.datagrams = self.can("--datagram", 1)
        self.keys = self.can("--psk", PSK)
        self.passed = self.failed = 0

    def can(self, *options):
        with Process([self.client, "--name", "localhost", "--port", "1", *options]) as probe:
            probe.finish()
            return b"not supported" not in probe.output

    def case(self, name, body, *args):
        try:
            body(*args)
        except Failure as failure:
            self.failed += 1
            print(f"FAIL {self.backend}: {name}: {failure}", flush=True)
        else:
            self.passed += 1
            print(f"ok   {self.backend}: {name}", flush=True)

    def file(self, name):
        return self.certs / name

    # --- ussl's two programs ---

    def run_client(self, port, version, anchor, request, expected, until=None, own=None, name="localhost"):
        command = [self.client, "--port", port, "--name", name, "--ca", self.file(anchor + ".pem"),
                   "--version", version, "--request", request.hex()]
        if until:
            command += ["--until", until]
        if own:
            command += ["--cert", self.file(own + ".crt.pem"), "--key", self.file(own + ".key.pem")]
        with Process(command) as client:
            client.finish()
            if f"established TLSv{version} TLS_".encode() not in client.output:
                raise Failure(tail(client.output))
            if not re.search(expected, client.output):
                raise Failure(f"no {expected!r}: {tail(client.output)}")
            if not re.search(rb"end (ok|closed) 0 " if until else rb"end closed 0 ", client.output):
                raise Failure(f"no orderly end: {tail(client.output)}")

    def with_server(self, leaf, version, anchor=None, resume=None, datagram=False):
        command = [self.server, "--cert", self.file(leaf + ".crt.pem"), "--key", self.file(leaf + ".key.pem"),
                   "--version", version]
        if anchor:
            command += ["--ca", self.file(anchor + ".pem")]
        if resume:
            command += ["--resume", resume]
        if datagram:
            command += ["--datagram", "1"]
        return Process(command)

    def check_server(self, server, version):
        server.finish()
        if f"established TLSv{version} TLS_".encode() not in server.output:
            raise Failure(tail(server.output))

    # --- OpenSSL ---

    def openssl_server(self, leaf, version, own):
        inter, anchor = KEYS[leaf]
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1",
                   "-tls" + version.replace(".", "_"), "-cert", self.file(leaf + ".crt.der"), "-certform", "DER",
                   "-key", self.file(leaf + ".key.pem"), "-cert_chain", self.file(inter + ".pem")]
        if own:
            command += ["-Verify", "3", "-verify_return_error", "-CAfile", self.file("ca.pem")]
        with Process(command) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            self.run_client(port, version, anchor, b"hello\n", b"olleh", until="olleh\n", own=own)

    def openssl_x25519(self, version):
        """Many times: a key share that is wrong now and then is a connection that fails now and then."""
        count = 16
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", str(count), "-groups", "X25519",
                   "-tls" + version.replace(".", "_"), "-cert", self.file("p256.crt.der"), "-certform", "DER",
                   "-key", self.file("p256.key.pem"), "-cert_chain", self.file("inter.pem")]
        with Process(command) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            for _ in range(count):
                self.run_client(port, version, "ca", b"hello\n", b"olleh", until="olleh\n")

    def openssl_client(self, leaf, version, own):
        with self.with_server(leaf, version, "ca" if own else None) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            command = ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", "localhost",
                       "-verify_hostname", "localhost", "-verify_return_error", "-quiet",
                       "-CAfile", self.file(KEYS[leaf][1] + ".pem"), "-tls" + version.replace(".", "_")]
            if own:
                command += ["-cert", self.file(own + ".crt.der"), "-certform", "DER", "-key", self.file(own + ".key.pem"),
                            "-cert_chain", self.file("inter.pem")]
            with Process(command) as client:
                client.send(b"hello\nbye\n")
                client.wait_for(rb"echo: hello\necho: bye\n")
                if client.finish() != 0:
                    raise Failure(tail(client.output))
            self.check_server(server, version)

    def openssl_distrusts(self, version):
        """The client's alert reaches the server by its number."""
        with self.with_server("p256", version) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-verify_return_error",
                          "-CAfile", self.file("other-ca.pem"), "-tls" + version.replace(".", "_")]) as client:
                client.finish()
            server.finish()
            if b"end failed 1068 alert 48" not in server.output:
                raise Failure(tail(server.output))

    def openssl_is_distrusted(self, version):
        with Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1",
                      "-tls" + version.replace(".", "_"), "-cert", self.file("untrusted.crt.der"), "-certform", "DER",
                      "-key", self.file("untrusted.key.pem")]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, "--name", "localhost", "--ca", self.file("ca.pem"), "--version",
                          version, "--request", "00"]) as client:
                client.finish()
                if b"end failed 1042 " not in client.output:
                    raise Failure(tail(client.output))
            server.wait_for(rb"(?i)alert.*unknown.ca")

    def openssl_renegotiates(self):
        """A client that asks for renegotiation in the middle of TLS 1.2 gets none."""
        with self.with_server("p256", "1.2") as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-tls1_2", "-CAfile",
                          self.file("ca.pem")]) as client:
                client.wait_for(rb"Verify return code: 0")
                client.send(b"hello\n")
                client.wait_for(rb"echo: hello")
                client.send(b"R\n")
                client.wait_for(rb"(?i)no renegotiation|unexpected message|alert handshake failure")
            self.check_server(server, "1.2")
            if server.output.count(b"established") != 1:
                raise Failure(tail(server.output))

    def openssl_asks_for_renegotiation(self):
        """A server that sends HelloRequest gets no second handshake; the connection ends, or goes on as it was."""
        with Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-tls1_2",
                      "-cert", self.file("p256.crt.der"), "-certform", "DER", "-key", self.file("p256.key.pem"),
                      "-cert_chain", self.file("inter.pem")]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, "--name", "localhost", "--ca", self.file("ca.pem"),
                          "--version", "1.2", "--request", b"hello\n".hex(), "--until", "goodbye"]) as client:
                server.wait_for(rb"hello\n")
                handshakes = server.output.count(b"CIPHER is")
                server.send(b"r\n")
                server.wait_for(rb"SSL_do_handshake -> ")
                server.send(b"goodbye\n")
                client.wait_for(rb"end (ok 0|failed 1063|failed 1068 alert 40)")
                if server.output.count(b"CIPHER is") != handshakes:
                    raise Failure("renegotiated: " + tail(server.output))

    def openssl_is_resumed(self, version, ticket):
        """Sessions of a server that has tickets, or session IDs only."""
        count = 3
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", str(count),
                   "-tls" + version.replace(".", "_"), "-cert", self.file("p256.crt.der"), "-certform", "DER",
                   "-key", self.file("p256.key.pem"), "-cert_chain", self.file("inter.pem")]
        with Process(command if ticket else command + ["-no_ticket"]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, "--name", "localhost", "--ca", self.file("ca.pem"), "--version", version,
                          "--request", b"hello\n".hex(), "--until", "olleh\n", "--resume", count]) as client:
                client.finish()
                self.check_resumed(client, count)

    def openssl_resumes(self, version):
        count = 3
        with tempfile.NamedTemporaryFile() as session, self.with_server("p256", version, resume=count + 1) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            for i, name in enumerate(["localhost"] * count + ["test.example"]):
                with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", name,
                              "-verify_return_error", "-quiet", "-CAfile", self.file("ca.pem"),
                              "-tls" + version.replace(".", "_"), "-sess_out", session.name,
                              *(["-sess_in", session.name] if i else [])]) as client:
                    client.send(b"hello\nbye\n")
                    if i < count:
                        client.wait_for(rb"echo: hello\necho: bye\n")
                    client.finish()
            server.finish()
            # RFC 6066, 3: not under the name that came last. What it gets instead is the backend's.
            self.check_resumed(server, count)

    @staticmethod
    def check_resumed(process, count):
        lines = re.findall(rb"resumed|established TLS", process.output)
        if lines[:2 * count - 1] != [b"established TLS"] + [b"resumed", b"established TLS"] * (count - 1) or \
                b"resumed" in lines[2 * count - 1:]:
            raise Failure(tail(process.output))

    def openssl_datagram_server(self, leaf, own, cookies):
        """DTLS 1.2. OpenSSL listens, with -listen: sends a cookie and goes on once it has come back (RFC 6347, 4.2.1)."""
        port = free_port()
        inter, anchor = KEYS[leaf]
        command = ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-dtls1_2", "-naccept", "1", "-cert",
                   self.file(leaf + ".crt.der"), "-certform", "DER", "-key", self.file(leaf + ".key.pem"),
                   "-cert_chain", self.file(inter + ".pem")]
        if cookies:
            command += ["-listen"]
        if own:
            command += ["-Verify", "3", "-verify_return_error", "-CAfile", self.file("ca.pem")]
        with Process(command) as server:
            server.wait_for(rb"ACCEPT")
            with Process(self.datagram_client(port, anchor, "goodbye", own)) as client:
                server.wait_for(rb"hello\n")
                server.send(b"goodbye\n")
                client.finish()
                self.check_datagrams(client, rb"goodbye", rb"end ok 0 ")

    def openssl_datagram_client(self, leaf, own):
        with self.with_server(leaf, "1.2", "ca" if own else None, datagram=True) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            command = ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", "localhost", "-dtls1_2",
                       "-verify_hostname", "localhost", "-verify_return_error", "-quiet",
                       "-CAfile", self.file(KEYS[leaf][1] + ".pem")]
            if own:
                command += ["-cert", self.file(own + ".crt.der"), "-certform", "DER", "-key", self.file(own + ".key.pem"),
                            "-cert_chain", self.file("inter.pem")]
            with Process(command) as client:
                client.send(b"hello\n")
                client.wait_for(rb"echo: hello\n")
                client.send(b"bye\n")
                client.wait_for(rb"echo: bye\n")
                server.finish()
                self.check_datagrams(server, rb"port", rb"end ok 0 ")

    def datagram_client(self, port, anchor, until, own):
        command = [self.client, "--port", port, "--name", "localhost", "--ca", self.file(anchor + ".pem"), "--datagram", "1",
                   "--request", b"hello\n".hex(), "--until", until]
        if own:
            command += ["--cert", self.file(own + ".crt.pem"), "--key", self.file(own + ".key.pem")]
        return command

    @staticmethod
    def check_datagrams(process, *expected):
        for pattern in (rb"established TLSv1.2 TLS_", *expected):
            if not re.search(pattern, process.output):
                raise Failure(f"no {pattern!r}: {tail(process.output)}")

    def openssl_psk_server(self, version):
        with Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1", "-nocert", "-psk", PSK,
                      "-psk_identity", "ussl", "-tls" + version.replace(".", "_")]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, "--psk", PSK, "--version", version, "--request", b"hello\n".hex(),
                          "--until", "olleh\n"]) as client:
                client.finish()
                if not re.search(rb"established TLSv" + version.encode() + rb".*olleh|olleh.*established", client.output, re.S):
                    raise Failure(tail(client.output))

    def openssl_psk_client(self, version, key, good):
        with Process([self.server, "--psk", PSK, "--version", version]) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-quiet", "-psk", key, "-psk_identity",
                          "ussl", "-tls" + version.replace(".", "_")]) as client:
                client.send(b"hello\nbye\n")
                if good:
                    client.wait_for(rb"echo: hello\necho: bye\n")
                client.finish()
            server.finish()
            if (b"established" in server.output) != good:
                raise Failure(tail(server.output))

    def openssl(self):
        for version in self.versions:
            if self.resumes:
                for ticket in (True, False):
                    self.case(f"to openssl s_server that is resumed, {'ticket' if ticket else 'no ticket'}, TLS {version}",
                              self.openssl_is_resumed, version, ticket)
                self.case(f"from openssl s_client that resumes, TLS {version}", self.openssl_resumes, version)
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"TLS {version}, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to openssl s_server, {what}", self.openssl_server, leaf, version, own)
                    self.case(f"from openssl s_client, {what}", self.openssl_client, leaf, version, own)
            self.case(f"to openssl s_server, X25519 again and again, TLS {version}", self.openssl_x25519, version)
            self.case(f"from openssl s_client that distrusts, TLS {version}", self.openssl_distrusts, version)
            self.case(f"to openssl s_server that is distrusted, TLS {version}", self.openssl_is_distrusted, version)
        if self.keys:
            for version in self.versions:
                self.case(f"to openssl s_server, pre-shared key, TLS {version}", self.openssl_psk_server, version)
                for key, what, good in ((PSK, "pre-shared key", True), (PSK[2:] + "77", "another pre-shared key", False)):
                    self.case(f"from openssl s_client, {what}, TLS {version}", self.openssl_psk_client, version, key, good)
        if self.datagrams:
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"DTLS 1.2, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to openssl s_server, {what}", self.openssl_datagram_server, leaf, own, False)
                    self.case(f"from openssl s_client, {what}", self.openssl_datagram_client, leaf, own)
            self.case("to openssl s_server with cookies, DTLS 1.2", self.openssl_datagram_server, "p256", None, True)
        self.case("openssl s_client renegotiates", self.openssl_renegotiates)
        self.case("openssl s_server asks for renegotiation", self.openssl_asks_for_renegotiation)

    # --- GnuTLS ---

    @staticmethod
    def priority(version):
        return f"NORMAL:-VERS-ALL:+VERS-TLS{version}"

    def gnutls_server(self, leaf, version, own):
        port = free_port()
        command = ["gnutls-serv", "--echo", "--nodb", "--port", port, "--priority", self.priority(version),
                   "--x509certfile", self.file(leaf + ".crt.pem"), "--x509keyfile", self.file(leaf + ".key.pem")]
        command += ["--x509cafile", self.file("ca.pem"), "--require-client-cert", "--verify-client-cert"] if own else \
            ["--disable-client-cert"]
        with Process(command) as server:
            server.wait_for(rb"listening on IPv4.*done")
            self.run_client(port, version, KEYS[leaf][1], b"hello\n", b"hello", until="hello\n", own=own)

    def gnutls_client(self, leaf, version, own):
        with self.with_server(leaf, version, "ca" if own else None) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            command = ["gnutls-cli", "127.0.0.1", "--port", port, "--sni-hostname", "localhost",
                       "--verify-hostname", "localhost", "--x509cafile", self.file(KEYS[leaf][1] + ".pem"),
                       "--priority", self.priority(version)]
            if own:
                command += ["--x509certfile", self.file(own + ".crt.pem"), "--x509keyfile", self.file(own + ".key.pem")]
            with Process(command) as client:
                client.wait_for(rb"Handshake was completed")
                client.send(b"hello\nbye\n")
                client.wait_for(rb"echo: hello\necho: bye\n")
                client.wait_for(rb"Peer has closed the GnuTLS connection")
            self.check_server(server, version)

    def gnutls_datagram_server(self, leaf):
        port = free_port()
        with Process(["gnutls-serv", "--udp", "--echo", "--nodb", "--port", port, "--disable-client-cert", "--priority",
                      "NORMAL:-VERS-ALL:+VERS-DTLS1.2", "--x509certfile", self.file(leaf + ".crt.pem"), "--x509keyfile",
                      self.file(leaf + ".key.pem")]) as server:
            server.wait_for(rb"listening on IPv4.*done")
            with Process(self.datagram_client(port, KEYS[leaf][1], "hello", None)) as client:
                client.finish()
                self.check_datagrams(client, rb"hello", rb"end ok 0 ")

    def gnutls_datagram_client(self, leaf):
        with self.with_server(leaf, "1.2", datagram=True) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["gnutls-cli", "--udp", "127.0.0.1", "--port", port, "--sni-hostname", "localhost", "--verify-hostname",
                          "localhost", "--x509cafile", self.file(KEYS[leaf][1] + ".pem"), "--priority",
                          "NORMAL:-VERS-ALL:+VERS-DTLS1.2"]) as client:
                client.wait_for(rb"Handshake was completed")
                client.send(b"hello\n")
                client.wait_for(rb"echo: hello\n")
                client.send(b"bye\n")
                server.finish()
                self.check_datagrams(server, rb"end ok 0 ")

    def gnutls(self):
        if self.datagrams:
            for leaf in KEYS:
                self.case(f"to gnutls-serv, DTLS 1.2, {leaf}", self.gnutls_datagram_server, leaf)
                self.case(f"from gnutls-cli, DTLS 1.2, {leaf}", self.gnutls_datagram_client, leaf)
        for version in self.versions:
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"TLS {version}, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to gnutls-serv, {what}", self.gnutls_server, leaf, version, own)
                    self.case(f"from gnutls-cli, {what}", self.gnutls_client, leaf, version, own)

    # --- nginx ---

    def nginx(self):
        with tempfile.TemporaryDirectory() as prefix:
            ports, servers = {}, []
            for leaf in KEYS:
                for own in (None, "client"):
                    port = ports[leaf, own] = free_port()
                    verify = f"ssl_verify_client on; ssl_verify_depth 3; ssl_client_certificate {self.file('ca.pem')};"
                    servers.append(f"""
                        server {{
                            listen 127.0.0.1:{port} ssl;
                            ssl_certificate {self.file(leaf + '.crt.pem')};
                            ssl_certificate_key {self.file(leaf + '.key.pem')};
                            ssl_protocols TLSv1.2 TLSv1.3;
                            {verify if own else ''}
                            location / {{ return 200 "nginx: $ssl_protocol, client $ssl_client_verify\\n"; }}
                        }}""")
            with Nginx(prefix, servers) as server:
                try:
                    server.wait_until_it_serves()
                except Failure as failure:
                    self.case("nginx starts", self.fail, failure)
                    return
                for version in self.versions:
                    for (leaf, own), port in ports.items():
                        self.case(f"to nginx, TLS {version}, {leaf}{', client certificate' if own else ''}",
                                  self.run_client, port, version, KEYS[leaf][1],
                                  b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n",
                                  f"nginx: TLSv{version}, client {'SUCCESS' if own else 'NONE'}".encode(), None, own)

    @staticmethod
    def fail(failure):
        raise failure

    # --- mosquitto ---

    def mosquitto_case(self, leaf, version, own):
        port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
            config.write(f"""allow_anonymous true
listener {port} 127.0.0.1
certfile {self.file(leaf + '.crt.pem')}
keyfile {self.file(leaf + '.key.pem')}
cafile {self.file('ca.pem')}
require_certificate {'true' if own else 'false'}
tls_version tlsv{version}
""")
            config.flush()
            os.chmod(config.name, 0o644)
            with Process([find("mosquitto"), "-v", "-c", config.name]) as broker:
                broker.wait_for(rb"mosquitto version .* running")
                connect = bytes.fromhex("101000044d5154540402003c") + b"\0\4ussl"  # MQTT 3.1.1, clean session
                self.run_client(port, version, KEYS[leaf][1], connect, rb"\x20\x02\0\0", until="\x20", own=own)

    def mosquitto(self):
        for version in self.versions:
            for leaf in KEYS:
                for own in (None, "client"):
                    self.case(f"to mosquitto, TLS {version}, {leaf}{', client certificate' if own else ''}",
                              self.mosquitto_case, leaf, version, own)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path, help="Meson build directory with the backend in it")
    parser.add_argument("--backend", required=True)
    parser.add_argument("--peers", default=",".join(PEERS), help="which programs, separated by commas")
    options = parser.parse_args()
    tests = Tests(options.build.resolve(), options.backend)
    for peer in options.peers.split(","):
        missing = [program for program in PROGRAMS[peer] if not find(program)]
        if missing:
            tests.case(peer, tests.fail, Failure(f"{', '.join(missing)} not found: apt-get install {PACKAGES[peer]}"))
        else:
            getattr(tests, peer)()
    print(f"{tests.passed} passed, {tests.failed} failed")
    return 1 if tests.failed else 0


if __name__ == "__main__":
    sys.exit(main())
