"""OpenSSL's s_server and s_client."""

import re
import tempfile
from contextlib import ExitStack

from bad_network import BadNetwork
from programs import Failure, Process, free_port, tail
from ussl_programs import KEYS, PSK, UsslPrograms

# Suites with AES-CCM, by OpenSSL's and IANA's names: with a certificate, with a pre-shared key, in TLS 1.3.
CCM = {"ECDHE-ECDSA-AES128-CCM": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
       "ECDHE-ECDSA-AES128-CCM8": "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"}
CCM_PSK = {"PSK-AES128-CCM": "TLS_PSK_WITH_AES_128_CCM", "PSK-AES128-CCM8": "TLS_PSK_WITH_AES_128_CCM_8"}
CCM_1_3 = {"TLS_AES_128_CCM_SHA256": "TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256": "TLS_AES_128_CCM_8_SHA256"}
# Signatures of TLS 1.2 (RFC 5246, 7.4.1.4.1), by OpenSSL's names.
SIGNATURES = {"rsa": ("RSA+SHA256", "RSA+SHA384", "RSA+SHA512"), "p256": ("ECDSA+SHA256", "ECDSA+SHA384", "ECDSA+SHA512")}
BY_PSS = ("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512")  # RFC 8446, 4.2.3


class OpenSsl(UsslPrograms):
    def openssl_server(self, leaf, version, own, *more):
        inter, anchor = KEYS[leaf]
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1",
                   "-tls" + version.replace(".", "_"), "-cert", self.file(leaf + ".crt.der"), "-certform", "DER",
                   "-key", self.file(leaf + ".key.pem"), "-cert_chain", self.file(inter + ".pem")]
        if own:
            command += ["-Verify", "3", "-verify_return_error", "-CAfile", self.file("ca.pem")]
        with Process([*command, *more]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            self.run_client(port, version, anchor, b"hello\n", b"olleh", until="olleh\n", own=own)

    def openssl_x25519(self, version):
        """Many times, as a key share that is wrong only now and then breaks only some connections."""
        count = 16
        command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", str(count), "-groups", "X25519",
                   "-tls" + version.replace(".", "_"), "-cert", self.file("p256.crt.der"), "-certform", "DER",
                   "-key", self.file("p256.key.pem"), "-cert_chain", self.file("inter.pem")]
        with Process(command) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            for _ in range(count):
                self.run_client(port, version, "ca", b"hello\n", b"olleh", until="olleh\n")

    def openssl_updates_keys(self, key):
        """The server sends a KeyUpdate, and requests one ("K") or not ("k") (RFC 8446, 4.6.3)."""
        with Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-tls1_3", "-msg",
                      "-cert", self.file("p256.crt.der"), "-certform", "DER", "-key", self.file("p256.key.pem"),
                      "-cert_chain", self.file("inter.pem")]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, "--name", "localhost", "--ca", self.file("ca.pem"), "--version", "1.3",
                          "--request", b"hello\n".hex(), "--until", "goodbye"]) as client:
                server.wait_for(rb"hello\n")
                for i in range(3):
                    server.send(key + b"\n")
                    # Its own KeyUpdate, not an answer: until it is out, s_server takes further input for a part of the command.
                    server.wait_for(b"(?s)(>>>[^\n]*, KeyUpdate.*){%d}" % (i + 1))
                server.send(b"goodbye\n")
                client.wait_for(rb"end ok 0 ")
                answer = rb"<<< TLS 1.3, Handshake \[[^]]*\], KeyUpdate"
                if key == b"K":
                    server.wait_for(answer)
                elif re.search(answer, server.output):
                    raise Failure(f"a KeyUpdate that was not requested: {tail(server.output)}")

    def openssl_client_updates_keys(self, key):
        with self.with_server("p256", "1.3") as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-tls1_3", "-CAfile",
                          self.file("ca.pem")]) as client:
                client.wait_for(rb"Verify return code: 0")
                for i in range(3):
                    client.send(b"hello %d\n" % i)
                    client.wait_for(b"echo: hello %d" % i)
                    client.send(key + b"\n")
                    client.wait_for(b"(?s)(KEYUPDATE.*){%d}" % (i + 1))
                client.send(b"bye\n")
                client.wait_for(rb"echo: bye")
            self.check_server(server, "1.3")

    def openssl_client(self, leaf, version, own, *more):
        with self.with_server(leaf, version, "ca" if own else None) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            command = ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", "localhost",
                       "-verify_hostname", "localhost", "-verify_return_error", "-quiet",
                       "-CAfile", self.file(KEYS[leaf][1] + ".pem"), "-tls" + version.replace(".", "_")]
            if own:
                command += ["-cert", self.file(own + ".crt.der"), "-certform", "DER", "-key", self.file(own + ".key.pem"),
                            "-cert_chain", self.file("inter.pem")]
            with Process([*command, *more]) as client:
                client.send(b"hello\nbye\n")
                client.wait_for(rb"echo: hello\necho: bye\n")
                if client.finish() != 0:
                    raise Failure(tail(client.output))
            self.check_server(server, version)

    def openssl_distrusts(self, version):
        """The server reports the number of the client's alert."""
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
        """A client requests renegotiation in TLS 1.2: it is refused."""
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
        """A server sends HelloRequest: there is no second handshake; the connection ends, or continues unchanged."""
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
        """Sessions of a server with tickets, or with session IDs only."""
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
            # RFC 6066, 3: not resumed under another name. The backend decides what happens instead.
            self.check_resumed(server, count)

    @staticmethod
    def check_resumed(process, count):
        lines = re.findall(rb"resumed|established TLS", process.output)
        if lines[:2 * count - 1] != [b"established TLS"] + [b"resumed", b"established TLS"] * (count - 1) or \
                b"resumed" in lines[2 * count - 1:]:
            raise Failure(tail(process.output))

    def openssl_datagram_server(self, leaf, own, cookies):
        """DTLS 1.2. With -listen OpenSSL sends a cookie, and continues when the client returns it (RFC 6347, 4.2.1)."""
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

    def openssl_datagram_client(self, leaf, own, mtu=None, seed=None):
        """`mtu`: the largest packet that OpenSSL sends; the smallest value splits its ClientHello. `seed`: for a bad network."""
        with self.with_server(leaf, "1.2", "ca" if own else None, datagram=True) as server, ExitStack() as stack:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            if seed:
                port = str(stack.enter_context(BadNetwork(int(port), seed)).port)
            command = ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-servername", "localhost", "-dtls1_2",
                       "-verify_hostname", "localhost", "-verify_return_error", "-quiet",
                       "-CAfile", self.file(KEYS[leaf][1] + ".pem")]
            if own:
                command += ["-cert", self.file(own + ".crt.der"), "-certform", "DER", "-key", self.file(own + ".key.pem"),
                            "-cert_chain", self.file("inter.pem")]
            if mtu:
                command += ["-mtu", str(mtu)]
            with Process(command) as client:
                if seed:
                    server.wait_for(rb"established")
                    stack.close()
                    return  # data may be lost
                client.send(b"hello\n")
                client.wait_for(rb"echo: hello\n")
                client.send(b"bye\n")
                client.wait_for(rb"echo: bye\n")
                server.finish()
                self.check_datagrams(server, rb"port", rb"end ok 0 ")

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

    @staticmethod
    def only(suite):
        """From 3.2 on, OpenSSL allows tags of 8 bytes only at security level 0."""
        return ["-ciphersuites", suite, "-cipher", "ALL:@SECLEVEL=0"] if suite in CCM_1_3 else ["-cipher", suite + ":@SECLEVEL=0"]

    def openssl_server_of_suite(self, version, suite, iana):
        own: list[object] = ["-nocert", "-psk", PSK, "-psk_identity", "ussl"] if suite in CCM_PSK else [
            "-cert", self.file("p256.crt.der"), "-certform", "DER", "-key", self.file("p256.key.pem"), "-cert_chain",
            self.file("inter.pem")]
        theirs: list[object] = ["--psk", PSK] if suite in CCM_PSK else ["--name", "localhost", "--ca", self.file("ca.pem")]
        with Process(["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-naccept", "1", *own, *self.only(suite),
                      "-tls" + version.replace(".", "_")]) as server:
            port = server.wait_for(rb"ACCEPT \S*:(\d+)")[1].decode()
            with Process([self.client, "--port", port, *theirs, "--version", version, "--request", b"hello\n".hex(),
                          "--until", "olleh\n"]) as client:
                client.finish()
                if f"established TLSv{version} {iana} ".encode() not in client.output or b"olleh" not in client.output:
                    raise Failure(tail(client.output))

    def openssl_client_of_suite(self, version, suite, iana):
        own: list[object] = ["--psk", PSK] if suite in CCM_PSK else [
            "--cert", self.file("p256.crt.pem"), "--key", self.file("p256.key.pem")]
        theirs: list[object] = ["-psk", PSK, "-psk_identity", "ussl"] if suite in CCM_PSK else ["-CAfile", self.file("ca.pem")]
        with Process([self.server, *own, "--version", version]) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-quiet", *theirs, *self.only(suite),
                          "-tls" + version.replace(".", "_")]) as client:
                client.send(b"hello\nbye\n")
                client.wait_for(rb"echo: hello\necho: bye\n")
                client.finish()
            server.finish()
            if f"established TLSv{version} {iana} ".encode() not in server.output:
                raise Failure(tail(server.output))

    def openssl(self):
        if self.can("--suite", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"):
            suites = [("1.2", CCM), *([("1.2", CCM_PSK)] if self.keys else []),
                      *([("1.3", CCM_1_3)] if "1.3" in self.versions else [])]
            for version, suite, iana in [(version, *names) for version, list in suites for names in list.items()]:
                self.case(f"to openssl s_server, {iana}", self.openssl_server_of_suite, version, suite, iana)
                self.case(f"from openssl s_client, {iana}", self.openssl_client_of_suite, version, suite, iana)
        for leaf, client in (("rsa", "client-rsa"), ("p256", "client")):
            # TLS 1.3 needs RSASSA-PSS: a library without it has none in TLS 1.2.
            for one in SIGNATURES[leaf] + (BY_PSS if leaf == "rsa" and "1.3" in self.versions else ()):
                self.case(f"to openssl s_server, TLS 1.2, both sign by {one}", self.openssl_server, leaf, "1.2", client,
                          "-sigalgs", one, "-client_sigalgs", one)
                self.case(f"from openssl s_client, TLS 1.2, both sign by {one}", self.openssl_client, leaf, "1.2", client,
                          "-sigalgs", one)
        for version in self.versions:
            if self.resumes:
                for ticket in (True, False):
                    self.case(f"to openssl s_server, resumed, {'ticket' if ticket else 'no ticket'}, TLS {version}",
                              self.openssl_is_resumed, version, ticket)
                self.case(f"from openssl s_client that resumes, TLS {version}", self.openssl_resumes, version)
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"TLS {version}, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to openssl s_server, {what}", self.openssl_server, leaf, version, own)
                    self.case(f"from openssl s_client, {what}", self.openssl_client, leaf, version, own)
            self.case(f"to openssl s_server, X25519 many times, TLS {version}", self.openssl_x25519, version)
            self.case(f"from openssl s_client that does not trust the server, TLS {version}", self.openssl_distrusts, version)
            self.case(f"to an untrusted openssl s_server, TLS {version}", self.openssl_is_distrusted, version)
        if "1.3" in self.versions:
            for command, what in ((b"k", "updates its keys"), (b"K", "updates its keys and requests the same")):
                self.case(f"to openssl s_server that {what}", self.openssl_updates_keys, command)
                self.case(f"from openssl s_client that {what}", self.openssl_client_updates_keys, command)
        if self.keys:
            for version in self.versions:
                self.case(f"to openssl s_server, pre-shared key, TLS {version}", self.openssl_psk_server, version)
                for key, what, good in ((PSK, "pre-shared key", True), (PSK[2:] + "77", "a wrong pre-shared key", False)):
                    self.case(f"from openssl s_client, {what}, TLS {version}", self.openssl_psk_client, version, key, good)
        if self.datagrams:
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"DTLS 1.2, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to openssl s_server, {what}", self.openssl_datagram_server, leaf, own, False)
                    self.case(f"from openssl s_client, {what}", self.openssl_datagram_client, leaf, own)
            self.case("to openssl s_server with cookies, DTLS 1.2", self.openssl_datagram_server, "p256", None, True)
            self.case("from openssl s_client in packets of 256 bytes, DTLS 1.2", self.openssl_datagram_client,
                      "rsa-chain", "client", 256)
            for seed in (1, 3):
                self.case(f"from openssl s_client over a bad network, seed {seed}, DTLS 1.2", self.openssl_datagram_client,
                          "rsa-chain", "client", None, seed)
        self.case("openssl s_client renegotiates", self.openssl_renegotiates)
        self.case("openssl s_server requests renegotiation", self.openssl_asks_for_renegotiation)
