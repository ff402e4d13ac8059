"""Servers with faults that real ones show only by accident: truncated answers, a relay that breaks connections, and a WebSocket
server that checks each frame of its clients. Each runs in its own threads within a `with` block."""

import base64
import hashlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Optional, TypeVar

Itself = TypeVar("Itself", bound="Listener")
SECONDS = 20


class Listener:
    """Calls `serve(connection)` for each connection, in its own thread. Exceptions are collected in `errors`."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.errors: list[str] = []
        self.threads: list[threading.Thread] = []

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:  # closed
                return
            connection.settimeout(SECONDS)
            thread = threading.Thread(target=self._serve, args=[connection], daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                self.serve(connection)
        except Exception as error:  # noqa: BLE001 (the case reports it)
            self.errors.append(repr(error))

    def __enter__(self: Itself) -> Itself:
        self.accepting = threading.Thread(target=self._accept, daemon=True)
        self.accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.accepting.join(SECONDS)
        for thread in self.threads:
            thread.join(SECONDS)


class TlsListener(Listener):
    def __init__(self, certs: Path, leaf: str = "p256") -> None:
        super().__init__()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs / f"{leaf}.crt.pem", certs / f"{leaf}.key.pem")

    def talk(self, tls: ssl.SSLSocket) -> bool:
        """Whether it ends with close_notify."""
        raise NotImplementedError

    def serve(self, connection: socket.socket) -> None:
        try:
            tls = self.context.wrap_socket(connection, server_side=True)
        except (ssl.SSLError, ConnectionError):  # the client refuses the certificate
            return
        with tls:
            if self.talk(tls):
                try:
                    tls.unwrap()
                except (ssl.SSLError, OSError):  # the client has already gone
                    pass
            else:
                tls.shutdown(socket.SHUT_WR)


class Answers(TlsListener):
    """Answers requests in turn. Each answer: its bytes, and whether it ends with close_notify."""

    def __init__(self, certs: Path, answers: list[tuple[bytes, bool]], leaf: str = "p256") -> None:
        super().__init__(certs, leaf)
        self.answers = answers
        self.requests: list[bytes] = []

    def talk(self, tls: ssl.SSLSocket) -> bool:
        request = b""
        while b"\r\n\r\n" not in request and (data := tls.recv(4096)):
            request += data
        head, _, body = request.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += tls.recv(4096)
        self.requests.append(head + b"\r\n\r\n" + body)
        answer, notified = self.answers.pop(0)
        for at in range(0, len(answer), 7):  # in many records
            tls.sendall(answer[at:at + 7])
        return notified


class Relay(Listener):
    """Relays to another port of this machine. `limits` has a pair for each connection: after how many bytes from the server it
    breaks, and whether by a reset. Later connections do not break."""

    def __init__(self, port: int, limits: list[tuple[int, bool]]) -> None:
        super().__init__()
        self.to, self.limits = port, limits
        self.passed: list[int] = []  # bytes from the server, for each connection

    def serve(self, connection: socket.socket) -> None:
        limit, reset = self.limits.pop(0) if self.limits else (1 << 40, False)
        passed = 0
        with socket.create_connection(("127.0.0.1", self.to)) as server:
            while passed < limit:
                ready, _, _ = select.select([connection, server], [], [], SECONDS)
                if not ready:
                    break
                data = ready[0].recv(min(4096, limit - passed))
                if not data:
                    break
                if ready[0] is server:
                    connection.sendall(data)
                    passed += len(data)
                else:
                    server.sendall(data)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.passed.append(passed)


class WebSockets(TlsListener):
    """A WebSocket server (RFC 6455). The path selects its behaviour."""

    def frame(self, kind: int, data: bytes, last: bool = True, masked: bool = False) -> bytes:
        length = len(data)
        head = bytes([(0x80 if last else 0) | kind])
        bit = 0x80 if masked else 0
        if length < 126:
            head += bytes([bit | length])
        elif length < 65536:
            head += struct.pack("!BH", bit | 126, length)
        else:
            head += struct.pack("!BQ", bit | 127, length)
        return head + (b"\0\0\0\0" if masked else b"") + data

    def exactly(self, tls: ssl.SSLSocket, size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = tls.recv(size - len(data))
            if not part:
                raise EOFError("the client has gone without a Close")
            data += part
        return data

    def read(self, tls: ssl.SSLSocket) -> tuple[int, bytes]:
        first, second = self.exactly(tls, 2)
        if not second & 0x80:
            raise ValueError("the client's frame is not masked")
        length = second & 127
        if length > 125:
            size = 2 if length == 126 else 8
            length = int.from_bytes(self.exactly(tls, size), "big")
        mask = self.exactly(tls, 4)
        data = bytes(byte ^ mask[i & 3] for i, byte in enumerate(self.exactly(tls, length)))
        if first & 0x80 == 0:
            raise ValueError("the client has fragmented a message")
        return first & 15, data

    def talk(self, tls: ssl.SSLSocket) -> bool:
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.exactly(tls, 1)
        lines = head.split(b"\r\n")
        path = lines[0].split()[1].decode()
        fields = {field.lower(): value.strip() for field, _, value in (line.partition(b":") for line in lines[1:])}
        key = fields[b"sec-websocket-key"]
        if len(base64.b64decode(key)) != 16 or fields[b"sec-websocket-version"] != b"13":
            raise ValueError(f"not a WebSocket request: {head!r}")
        if path == "/absent":
            tls.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return True
        digest = hashlib.sha1((b"" if path == "/another" else key) + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
        # The first frame shares a record with the answer.
        tls.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    + base64.b64encode(digest) + b"\r\n\r\n" + self.frame(9, b"are you there?"))
        answers: dict[str, Callable[[ssl.SSLSocket, int, bytes], Optional[bool]]] = {
            "/echo": self.echo, "/fragments": self.fragments, "/big": self.big, "/cut": self.cut, "/masked": self.masked,
            "/bye": self.bye}
        pongs = 0
        while True:
            try:
                kind, data = self.read(tls)
            except EOFError:
                if path in ("/another", "/absent"):  # the client is right to leave
                    return True
                raise
            if kind == 8:
                if path != "/bye":
                    tls.sendall(self.frame(8, data))
                if not pongs:
                    raise ValueError("no Pong came")
                return True
            if kind == 9:
                tls.sendall(self.frame(10, data))
            elif kind == 10:
                pongs += 1
                if data not in (b"are you there?", b"still?"):
                    raise ValueError("the Pong's data differ from the Ping's")
            else:
                ended = answers[path](tls, kind, data)
                if ended is not None:
                    return ended

    def echo(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        tls.sendall(self.frame(kind, data))
        return None

    def fragments(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        middle = len(data) // 2
        frames = self.frame(kind, data[:middle], False) + self.frame(9, b"still?") + self.frame(0, data[middle:])
        for at in range(len(frames)):
            tls.sendall(frames[at:at + 1])
        return None

    def big(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        tls.sendall(self.frame(2, bytes(int(data))))
        return None

    def cut(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        tls.sendall(self.frame(kind, data)[:-1])
        return False

    def masked(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        tls.sendall(self.frame(kind, data, masked=True))
        return None

    def bye(self, tls: ssl.SSLSocket, kind: int, data: bytes) -> Optional[bool]:
        tls.sendall(self.frame(8, b"\x03\xe9"))
        return None
