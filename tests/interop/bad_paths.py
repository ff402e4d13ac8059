#!/usr/bin/python3
"""Runs ussl's DTLS client and server against OpenSSL, GnuTLS and libcoap, through a proxy that loses, duplicates, delays and cuts
datagrams of the handshake. A seed makes a run repeatable. Prints a line for each case; ends with 'N passed, N failed'. A missing
program is a failure, unless --peers leaves it out."""

import argparse
import contextlib
import random
import select
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Callable, Iterator, Optional

import programs
from programs import Failure, Process, free_port, tail
from ussl_programs import KEYS, UsslPrograms

PEERS = ["openssl", "gnutls", "libcoap"]
PROGRAMS = {"openssl": ["openssl"], "gnutls": ["gnutls-cli", "gnutls-serv"],
            "libcoap": ["coap-client-openssl", "coap-server-openssl", "coap-server-gnutls"]}
PACKAGES = {"openssl": "openssl", "gnutls": "gnutls-bin", "libcoap": "libcoap3-bin"}
KEY = "0123456789abcdef"
HANDSHAKE = range(20, 23)  # record types that may be disturbed; application data passes
FATES = ["lost"] * 2 + ["twice"] * 2 + ["late"] * 2 + ["cut"] * 2 + ["through"] * 12
MOST = 16  # datagrams that may be disturbed; later ones pass, because GnuTLS's client gives up after 40 seconds
AT_ONCE = 12  # cases that run at the same time: they mostly wait

programs.SECONDS = 90  # each lost datagram costs a second or more


class Proxy:
    """A UDP port that forwards to `port` over a bad path."""

    def __init__(self, port: int, seed: Optional[int], cuts_answers: bool = True) -> None:
        """`seed`: None for a good path."""
        self.chance, self.left, self.cuts_answers = random.Random(seed), 0 if seed is None else MOST, cuts_answers
        self.near, self.far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.near.bind(("127.0.0.1", 0))
        self.far.connect(("127.0.0.1", port))
        self.port = self.near.getsockname()[1]
        self.client: Optional[tuple[str, int]] = None
        self.held: dict[socket.socket, tuple[float, bytes]] = {}
        self.ends = False
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self.ends = True
        self.thread.join()
        self.near.close()
        self.far.close()

    def _send(self, to: socket.socket, datagram: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # the datagram counts as lost
            if to is self.far:
                to.send(datagram)
            elif self.client:
                to.sendto(datagram, self.client)

    def _pass(self, to: socket.socket, datagram: bytes) -> None:
        fate = "through"
        if datagram and datagram[0] in HANDSHAKE and self.left > 0:
            self.left -= 1
            fate = self.chance.choice(FATES)
        if fate == "late" and to not in self.held:
            self.held[to] = (time.monotonic() + 0.3, datagram)
            return
        if fate == "cut" and (self.cuts_answers or to is self.far):
            datagram = datagram[:self.chance.randrange(len(datagram))]
        for _ in range({"lost": 0, "twice": 2}.get(fate, 1)):
            self._send(to, datagram)
        if to in self.held:
            self._send(to, self.held.pop(to)[1])

    def _run(self) -> None:
        while not self.ends:
            ready = select.select([self.near, self.far], [], [], 0.05)[0]
            for source in ready:
                with contextlib.suppress(ConnectionError):
                    if source is self.near:
                        datagram, self.client = source.recvfrom(65536)
                        self._pass(self.far, datagram)
                    else:
                        self._pass(self.near, source.recv(65536))
            for to, (due, datagram) in list(self.held.items()):
                if time.monotonic() > due:
                    del self.held[to]
                    self._send(to, datagram)


class Tests(UsslPrograms):
    def __init__(self, build: Path, backend: str, seeds: range) -> None:
        super().__init__(build, backend)
        self.seeds = seeds
        self.anchor = self.file(KEYS["p256"][1] + ".pem")

    @contextlib.contextmanager
    def path_to_ussl(self, seed: int, by_key: bool, cuts_answers: bool = True) -> Iterator[tuple[Process, int]]:
        """Yields ussl's server, and the proxy's port in front of it."""
        own: list[object] = ["--psk", KEY.encode().hex()] if by_key else \
            ["--cert", self.file("p256.crt.pem"), "--key", self.file("p256.key.pem")]
        with Process([self.server, "--datagram", "1", "--deadline", programs.SECONDS, *own]) as server, \
                Proxy(int(server.wait_for(rb"port (\d+)")[1]), seed, cuts_answers) as proxy:
            yield server, proxy.port

    @contextlib.contextmanager
    def path_from_ussl(self, port: int, seed: Optional[int], request: bytes, until: str, by_key: bool = False) -> Iterator[None]:
        """Runs ussl's client through the proxy."""
        own: list[object] = ["--psk", KEY.encode().hex()] if by_key else ["--ca", self.anchor]
        with Proxy(port, seed) as proxy, \
                Process([self.client, "--port", proxy.port, "--name", "localhost", "--datagram", "1", "--deadline",
                         programs.SECONDS, "--request", request.hex(), "--until", until, *own]) as client:
            yield
            client.finish()
            self.check_datagrams(client, until.encode(), rb"end ok 0 ")

    def echoes(self, client: Process) -> None:
        client.send(b"hello\n")
        client.wait_for(rb"echo: hello\n")

    # --- A method for each peer and role ---

    def from_openssl(self, seed: int) -> None:
        # Without -nbio it stops reading its input after a duplicate datagram.
        with self.path_to_ussl(seed, False) as (server, port), \
                Process(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-dtls1_2",
                         "-verify_hostname", "localhost", "-verify_return_error", "-quiet", "-nbio", "-CAfile",
                         self.anchor]) as client:
            server.wait_for(rb"established TLSv1.2 TLS_")
            self.echoes(client)

    def to_openssl(self, seed: int) -> None:
        port = free_port()
        with Process(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-dtls1_2", "-listen", "-naccept", "1", "-cert",
                      self.file("p256.crt.der"), "-certform", "DER", "-key", self.file("p256.key.pem"), "-cert_chain",
                      self.file(KEYS["p256"][0] + ".pem")]) as server:
            server.wait_for(rb"ACCEPT")
            with self.path_from_ussl(port, seed, b"hello\n", "goodbye"):
                server.wait_for(rb"hello\n")
                server.send(b"goodbye\n")

    def from_gnutls(self, seed: int) -> None:
        # After a cut record gnutls-cli does not retransmit its flight, and gives up after 40 seconds.
        with self.path_to_ussl(seed, False, cuts_answers=False) as (_, port), \
                Process(["gnutls-cli", "--udp", "127.0.0.1", "--port", port, "--sni-hostname", "localhost",
                         "--verify-hostname", "localhost", "--x509cafile", self.anchor, "--priority",
                         "NORMAL:-VERS-ALL:+VERS-DTLS1.2"]) as client:
            client.wait_for(rb"Handshake was completed")
            self.echoes(client)

    def to_gnutls(self, seed: int) -> None:
        port = free_port()
        with Process(["gnutls-serv", "--udp", "--echo", "--nodb", "--port", port, "--disable-client-cert", "--priority",
                      "NORMAL:-VERS-ALL:+VERS-DTLS1.2", "--x509certfile", self.file("p256.crt.pem"), "--x509keyfile",
                      self.file("p256.key.pem")]) as server:
            server.wait_for(rb"listening on IPv4.*done")
            with self.path_from_ussl(port, seed, b"hello\n", "hello"):
                pass

    def from_libcoap(self, seed: int) -> None:
        # ussl's program does not speak CoAP; examples.py tests whole requests.
        with self.path_to_ussl(seed, True) as (server, port), \
                Process(["coap-client-openssl", "-m", "get", "-B", programs.SECONDS, "-u", "ussl", "-k", KEY,
                         f"coaps://127.0.0.1:{port}/"]):
            server.wait_for(rb"established TLSv1.2 TLS_\w*PSK")

    def to_libcoap(self, seed: Optional[int], library: str = "openssl") -> None:
        port = free_port()
        with Process([f"coap-server-{library}", "-A", "127.0.0.1", "-p", port, "-k", KEY, "-v", "6"]) as server:
            time.sleep(0.5)
            if server.ended:
                raise Failure(tail(server.output))
            # A confirmable GET (RFC 7252, 3) of "/"; the answer contains text. DTLS is on the next port.
            with self.path_from_ussl(port + 1, seed, bytes((0x40, 1, 0x12, 0x34)), "libcoap", True):
                pass

    @staticmethod
    def told(failure: Optional[Failure]) -> None:
        if failure:
            raise failure

    def run(self, peer: str) -> None:
        if not self.datagrams:
            self.case(f"{peer}: a backend without datagrams refuses to open the context", self.told, None)
            return
        cases = [(f"{role} {peer}, seed {seed}", getattr(self, f"{role}_{peer}"), seed)
                 for seed in self.seeds for role in ("from", "to")
                 if self.keys or peer != "libcoap"]

        def attempt(case: tuple[str, Callable[[int], None], int]) -> Optional[Failure]:
            try:
                case[1](case[2])
            except Failure as failure:
                return failure
            return None

        with ThreadPoolExecutor(AT_ONCE) as pool:
            for case, failure in zip(cases, pool.map(attempt, cases)):
                self.case(case[0], self.told, failure)

    def openssl(self) -> None:
        self.run("openssl")

    def gnutls(self) -> None:
        self.run("gnutls")

    def libcoap(self) -> None:
        self.run("libcoap")
        if self.datagrams and self.keys:
            # It accepts only hellos that offer nothing but pre-shared keys, and gives up after a cut datagram.
            self.case("to libcoap on GnuTLS, over a good path", self.to_libcoap, None, "gnutls")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", required=True, type=Path, help="Meson build directory with the backend in it")
    parser.add_argument("--backend", required=True)
    parser.add_argument("--peers", default=",".join(PEERS), help="peer programs, separated by commas")
    parser.add_argument("--seeds", type=int, default=4, help="how many seeds to try for each peer and role")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    options = parser.parse_args()
    tests = Tests(options.build.resolve(), options.backend, range(options.first, options.first + options.seeds))
    return tests.run_peers(options.peers, PROGRAMS, PACKAGES)


if __name__ == "__main__":
    sys.exit(main())
