# A WebSocket client (RFC 6455) over TLS that never hangs: sends a text and prints what comes back.
#
#   micropython websocket_client.py HOST PORT PATH CAFILE TEXT... [--name NAME]
#
# NAME: the one in the server's certificate, if it is not HOST.

import binascii
import os
import struct
import sys
import time

import ussl
from timed_stream import TimedStream

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
LAST, MASKED = 0x80, 0x80
HEAD = 4096  # the longest head of the server's first answer, in bytes


def sha1(data):
    """A server uses it to show that it speaks WebSocket; nothing depends on its security. Firmware often lacks hashlib.sha1."""
    def left(x, n):
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF

    hash = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    data += b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("!Q", 8 * len(data))
    for at in range(0, len(data), 64):
        w = list(struct.unpack("!16I", data[at:at + 64]))
        for i in range(64):
            w.append(left(w[i + 13] ^ w[i + 8] ^ w[i + 2] ^ w[i], 1))
        a, b, c, d, e = hash
        for i in range(80):
            f, k = ((b & c | ~b & d, 0x5A827999), (b ^ c ^ d, 0x6ED9EBA1), (b & c | b & d | c & d, 0x8F1BBCDC),
                    (b ^ c ^ d, 0xCA62C1D6))[i // 20]
            a, b, c, d, e = (left(a, 5) + f + e + k + w[i]) & 0xFFFFFFFF, a, left(b, 30), c, d
        hash = [(x + y) & 0xFFFFFFFF for x, y in zip(hash, (a, b, c, d, e))]
    return struct.pack("!5I", *hash)


class WebSocket:
    def __init__(self, context, host, port=443, path="/", name=None, longest=65536):
        """`longest`: the longest message that is accepted, in bytes."""
        self.longest, self.parts, self.kind, self.code = longest, None, None, None
        self.stream = TimedStream(context, host, port, name)
        try:
            self.open(path, name or host, port)
        except BaseException:
            self.stream.close()
            raise

    def open(self, path, host, port):
        key = binascii.b2a_base64(os.urandom(16)).strip()
        self.stream.write(b"GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n" % (path.encode(), host.encode(), port, key))
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):  # byte by byte: frames follow at once
            head += self.stream.exactly(1)
            if len(head) > HEAD:
                raise ValueError("the answer has too long a head")
        lines = bytes(head).split(b"\r\n")
        status = lines[0].split(None, 2)
        if len(status) < 2 or status[1] != b"101":
            raise ValueError("no WebSocket is there: %s" % lines[0])
        headers = {}
        for line in lines[1:]:
            field, _, value = line.partition(b":")
            headers[field.lower()] = value.strip()
        digest = sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
        if headers.get(b"sec-websocket-accept") != binascii.b2a_base64(digest).strip():
            raise ValueError("the server answers another request")

    def frame(self, kind, data):
        length = len(data)
        if length < 126:
            head = bytes([LAST | kind, MASKED | length])
        elif length < 65536:
            head = struct.pack("!BBH", LAST | kind, MASKED | 126, length)
        else:
            head = struct.pack("!BBQ", LAST | kind, MASKED | 127, length)
        mask = os.urandom(4)  # clients must mask each frame with a new mask
        masked = bytearray(data)
        for i in range(length):
            masked[i] ^= mask[i & 3]
        self.stream.write(head + mask + masked)

    def send(self, message):
        """A str or bytes."""
        if self.code is not None:
            raise OSError("the WebSocket is closed")
        if isinstance(message, str):
            self.frame(TEXT, message.encode())
        else:
            self.frame(BINARY, message)

    def ping(self):
        self.frame(PING, b"")

    def read_frame(self):
        """(kind, whether it is the last of its message, data)."""
        first, length = self.stream.exactly(2)
        kind, last = first & 15, bool(first & LAST)
        if first & 0x70 or length & MASKED or (kind >= CLOSE and (not last or length > 125)):
            self.fail(1002)
        if length == 126:
            length, = struct.unpack("!H", self.stream.exactly(2))
        elif length == 127:
            length, = struct.unpack("!Q", self.stream.exactly(8))
        if length + sum(map(len, self.parts or ())) > self.longest:
            self.fail(1009)
        return kind, last, self.stream.exactly(length)

    def fail(self, code):
        """The server breaks the protocol: tells it so, and closes."""
        self.frame(CLOSE, struct.pack("!H", code))
        self.code = code
        raise ValueError("the server breaks the protocol: code %d" % code)

    def receive(self, milliseconds):
        """The next message, a str or bytes. None: none came in that time, or the server has closed and `code` says why.
        OSError: the connection was cut."""
        deadline = time.ticks_add(time.ticks_ms(), milliseconds)
        while self.code is None:
            if not self.stream.wait(max(time.ticks_diff(deadline, time.ticks_ms()), 0)):
                return None
            kind, last, data = self.read_frame()
            if kind == CLOSE:
                if len(data) == 1:
                    self.fail(1002)
                self.code = struct.unpack("!H", data)[0] if len(data) > 1 else 1005
                self.frame(CLOSE, data[:2])  # the answer that RFC 6455, 5.5.1 requires
            elif kind == PING:  # also between the frames of a message
                self.frame(PONG, data)
            elif kind == PONG:
                pass
            elif (kind == CONTINUATION) == (self.parts is None) or kind > BINARY:
                self.fail(1002)
            else:
                if kind != CONTINUATION:
                    self.kind, self.parts = kind, []
                self.parts.append(data)
                if last:
                    message, self.parts = b"".join(self.parts), None
                    return message.decode() if self.kind == TEXT else message
        return None

    def close(self, milliseconds=2000):
        """Sends a close frame and waits for the server's; drops messages that come before it."""
        try:
            if self.code is None:
                self.frame(CLOSE, struct.pack("!H", 1000))
                deadline = time.ticks_add(time.ticks_ms(), milliseconds)
                while self.code is None and time.ticks_diff(deadline, time.ticks_ms()) > 0:
                    self.receive(time.ticks_diff(deadline, time.ticks_ms()))
        except (OSError, ValueError):
            pass  # the connection ends anyway
        finally:
            self.stream.close()


if __name__ == "__main__":
    words = sys.argv[1:]
    name = None
    if "--name" in words:
        at = words.index("--name")
        name, words = words[at + 1], words[:at]
    host, port, path, cafile = words[:4]
    websocket = WebSocket(ussl.create_default_context(cafile), host, int(port), path, name)
    try:
        for word in words[4:]:
            websocket.send(word)
            message = websocket.receive(5000)
            print("no answer" if message is None else message if isinstance(message, str) else "%d bytes" % len(message))
    finally:
        websocket.close()
    print("closed with code", websocket.code)
