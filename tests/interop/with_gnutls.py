"""GnuTLS's gnutls-serv and gnutls-cli."""

from programs import Process, free_port
from ussl_programs import KEYS, UsslPrograms


class GnuTls(UsslPrograms):
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

    # RFC 8449. Each end refuses records that are longer than it has announced.

    def gnutls_limited_server(self, version):
        port = free_port()
        with Process(["gnutls-serv", "--echo", "--nodb", "--port", port, "--priority", self.priority(version),
                      "--recordsize", "512", "--disable-client-cert", "--x509certfile", self.file("p256.crt.pem"),
                      "--x509keyfile", self.file("p256.key.pem")]) as server:
            server.wait_for(rb"listening on IPv4.*done")
            line = b"x" * 3000 + b"\n"
            self.run_client(port, version, "ca", line, line.strip(), until="xx\n", limit=600)

    def gnutls_limited_client(self, version):
        with self.with_server("p256", version, limit=600) as server:
            port = server.wait_for(rb"port (\d+)")[1].decode()
            with Process(["gnutls-cli", "127.0.0.1", "--port", port, "--sni-hostname", "localhost", "--verify-hostname",
                          "localhost", "--x509cafile", self.file("ca.pem"), "--priority", self.priority(version),
                          "--recordsize", "512"]) as client:
                client.wait_for(rb"Handshake was completed")
                client.send(b"x" * 508 + b"\n")  # of a longer line it sends one record; the answer takes two
                client.wait_for(rb"echo: x{508}\n")
                client.send(b"bye\n")
                client.wait_for(rb"echo: bye\n")
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
            if self.limits:
                self.case(f"to gnutls-serv, TLS {version}, short records", self.gnutls_limited_server, version)
                # In TLS 1.2 it also refuses records in plain text that are longer: our certificates.
                if version != "1.2":
                    self.case(f"from gnutls-cli, TLS {version}, short records", self.gnutls_limited_client, version)
            for leaf in KEYS:
                for own in (None, "client"):
                    what = f"TLS {version}, {leaf}{', client certificate' if own else ''}"
                    self.case(f"to gnutls-serv, {what}", self.gnutls_server, leaf, version, own)
                    self.case(f"from gnutls-cli, {what}", self.gnutls_client, leaf, version, own)
