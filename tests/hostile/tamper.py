"""A proxy between ussl's test programs and an honest peer (Python's ssl, which is OpenSSL) that changes one record on its way to
ussl: every record of the connection in turn."""

import select
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Optional

from kit import Act, Kit

# Seconds without a byte after which nothing more will come: from an honest peer, which may have to wait for a processor, and after
# a change.
PATIENCE = 10.0
QUIET = 0.4
CHANGE_CIPHER_SPEC = 20


def flip(record: bytes) -> list[Optional[bytes]]:
    return [record[:-1] + bytes([record[-1] ^ 1])]


def flip_first(record: bytes) -> list[Optional[bytes]]:
    return [record[:5] + bytes([record[5] ^ 1]) + record[6:]] if len(record) > 5 else flip(record)


# The changes: the records that are passed on instead of this record and its successor (None: not there yet).
ACTIONS: dict[str, Callable[[bytes], list[Optional[bytes]]]] = {
    "flipped in its last byte": flip,
    "flipped in its first byte": flip_first,
    "dropped": lambda record: [],
    "replayed": lambda record: [record, record],
    "cut by a byte": lambda record: [record[:3] + (len(record) - 6).to_bytes(2, "big") + record[5:-1]],
    "of another type": lambda record: [bytes([24]) + record[1:]],
    "behind a forged alert": lambda record: [b"\x15\3\3\0\2\2\x28", record],
    "behind a forged close_notify": lambda record: [b"\x15\3\3\0\2\1\0", record],
    "behind forged data": lambda record: [b"\x17\3\3\0\5hello", record],
    "before an end": lambda record: [record, None],
    "instead of an end within it": lambda record: [record[:len(record) // 2], None],
}


class Tamperer:
    """Passes records from `source` to `sink`, the `at`-th one changed, and the other direction unchanged."""

    def __init__(self, source: socket.socket, sink: socket.socket, at: int, action: str) -> None:
        self.source, self.sink, self.at, self.action = source, sink, at, action
        self.records = 0
        self.changed: Optional[int] = None  # the type of the changed record

    def run(self) -> None:
        waiting = b""
        swapped: Optional[bytes] = None
        while True:
            ready, _, _ = select.select([self.source, self.sink], [], [], PATIENCE if self.changed is None else QUIET)
            if not ready:
                return
            if self.sink in ready:
                data = self.sink.recv(65536)
                if not data:
                    return
                self.source.sendall(data)
            if self.source not in ready:
                continue
            data = self.source.recv(65536)
            if not data:
                return
            waiting += data
            while len(waiting) >= 5 and len(waiting) >= 5 + int.from_bytes(waiting[3:5], "big"):
                size = 5 + int.from_bytes(waiting[3:5], "big")
                record, waiting = waiting[:size], waiting[size:]
                self.records += 1
                if self.action == "swapped" and self.records == self.at:
                    swapped, self.changed = record, record[0]
                    continue
                out: list[Optional[bytes]] = [record]
                if self.action == "swapped" and swapped:
                    out, swapped = [record, swapped], None
                elif self.records == self.at:
                    self.changed = record[0]
                    out = ACTIONS[self.action](record)
                for one in out:
                    if one is None:
                        return
                    self.sink.sendall(one)


def honest_server(kit: Kit, version: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(kit.certs / "p256.crt.pem", kit.certs / "p256.key.pem")
    return pinned(context, version)


def honest_client(kit: Kit, version: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(kit.certs / "ca.pem")
    return pinned(context, version)


def pinned(context: ssl.SSLContext, version: str) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = \
        ssl.TLSVersion.TLSv1_2 if version == "1.2" else ssl.TLSVersion.TLSv1_3
    return context


def tampered(kit: Kit, role: str, version: str, at: int, action: str, seen: dict[str, Optional[int]]) -> Act:
    """The peer's function of a socket: an honest peer behind a proxy. Returns the answer that the honest peer got. `seen` gets the
    number of records and the type of the changed one."""
    answer: list[bytes] = []

    def honest(inner: socket.socket) -> None:
        inner.settimeout(5)
        try:
            if role == "client":
                with honest_server(kit, version).wrap_socket(inner, server_side=True) as tls:
                    if tls.recv(100) == b"hello\n":
                        tls.sendall(b"answer")
                    tls.unwrap()
            else:
                with honest_client(kit, version).wrap_socket(inner, server_hostname="localhost") as tls:
                    tls.sendall(b"hello\n")
                    answer.append(tls.recv(100))
                    tls.unwrap()
        except (OSError, ValueError):
            pass
        finally:
            inner.close()

    def act(sock: socket.socket) -> bytes:
        near, far = socket.socketpair()
        peer = threading.Thread(target=honest, args=(far,))
        peer.start()
        tamperer = Tamperer(near, sock, at, action)
        try:
            tamperer.run()
        finally:
            seen["records"], seen["changed"] = tamperer.records, tamperer.changed
            near.close()
            peer.join()
        return b"".join(answer)
    return act
