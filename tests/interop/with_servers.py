"""Debian's nginx and mosquitto."""

import os
import tempfile

from programs import Failure, Nginx, Process, find, free_port
from ussl_programs import KEYS, UsslPrograms


class Servers(UsslPrograms):
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
