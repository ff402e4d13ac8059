#!/usr/bin/python3
"""A TLS 1.2 server with a pre-shared key, for run_serial.py: `openssl s_server` has no suite of RFC 8442.

  psk_server.py PORT KEY-FILE [--records SIZE]

KEY-FILE has the identity and the key, in hexadecimal. Sends each line back, turned round, in records of at most SIZE bytes. Only
for tests: it serves one client at a time, and does not check what well-behaved clients never do. RFC 4279, 5246, 5288, 5489, 5746,
6655, 7627, 8422, 8442."""

import argparse
import hashlib
import hmac
import os
import socket
import struct
from typing import Union

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, CLIENT_KEY_EXCHANGE, FINISHED = 1, 2, 12, 14, 16, 20
EXTENDED_MASTER_SECRET, RENEGOTIATION_INFO, SECP256R1 = 23, 0xff01, 23
EMPTY_RENEGOTIATION_INFO_SCSV = 0x00ff  # RFC 5746, 3.3
# Number: the AEAD, the size of its tag, and whether there is a key exchange.
SUITES = {0xd001: (AESGCM, 16, True), 0xd003: (AESCCM, 8, True), 0xd005: (AESCCM, 16, True),
          0x00a8: (AESGCM, 16, False), 0xc0a8: (AESCCM, 8, False), 0xc0a4: (AESCCM, 16, False)}


def u16(number):
    return struct.pack("!H", number)


def sized(body, length=2):
    return len(body).to_bytes(length, "big") + body


def prf(secret, label, seed, size):
    """RFC 5246, 5."""
    out, a = b"", label + seed
    while len(out) < size:
        a = hmac.digest(secret, a, "sha256")
        out += hmac.digest(secret, a + label + seed, "sha256")
    return out[:size]


class Reader:
    def __init__(self, data):
        self.data = data

    def bytes(self, count):
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def number(self, size):
        return int.from_bytes(self.bytes(size), "big")

    def vector(self, length):
        return self.bytes(self.number(length))


class Keys:
    """One direction's keys."""

    def __init__(self, aead, tag, key, salt):
        self.aead: Union[AESGCM, AESCCM] = AESGCM(key) if aead is AESGCM else AESCCM(key, tag_length=tag)
        self.tag, self.salt, self.sequence = tag, salt, 0

    def next_data(self, kind, size):
        number = struct.pack("!Q", self.sequence)
        self.sequence += 1
        return number, number + bytes([kind]) + u16(0x0303) + u16(size)

    def seal(self, kind, body):
        number, data = self.next_data(kind, len(body))
        return number + self.aead.encrypt(self.salt + number, body, data)

    def open(self, kind, body):
        _, data = self.next_data(kind, len(body) - 8 - self.tag)
        return self.aead.decrypt(self.salt + body[:8], body[8:], data)


class Server:
    def __init__(self, sock, identity, key, records):
        self.sock, self.identity, self.key, self.records = sock, identity, key, records
        self.sending = self.receiving = None
        self.transcript = self.messages = b""

    def send(self, kind, body):
        sealed = self.sending.seal(kind, body) if self.sending else body
        self.sock.sendall(bytes([kind]) + u16(0x0303) + sized(sealed))

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.sock.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        header = self.exactly(5)
        kind, body = header[0], self.exactly(int.from_bytes(header[3:], "big"))
        return kind, self.receiving.open(kind, body) if self.receiving else body

    def say(self, kind, body):
        message = bytes([kind]) + sized(body, 3)
        self.transcript += message
        self.send(HANDSHAKE, message)

    def hear(self, wanted):
        """The body of a message of the handshake."""
        while len(self.messages) < 4 or len(self.messages) < 4 + int.from_bytes(self.messages[1:4], "big"):
            kind, body = self.receive()
            if kind == CHANGE_CIPHER_SPEC:
                self.receiving = self.next_receiving
            elif kind == HANDSHAKE:
                self.messages += body
            else:
                raise EOFError(f"a record of type {kind}: {body!r}")
        size = 4 + int.from_bytes(self.messages[1:4], "big")
        message, self.messages = self.messages[:size], self.messages[size:]
        if message[0] != wanted:
            raise EOFError(f"message {message[0]}, not {wanted}")
        before, self.transcript = self.transcript, self.transcript + message
        return message[4:], before

    def handshake(self):
        hello = Reader(self.hear(CLIENT_HELLO)[0])
        hello.bytes(2)
        client_random = hello.bytes(32)
        hello.vector(1)
        offered = [number for number, in struct.iter_unpack("!H", hello.vector(2))]
        number = next(number for number in offered if number in SUITES)
        hello.vector(1)
        extensions, asked = Reader(hello.vector(2)), set()
        while extensions.data:
            asked.add(extensions.number(2))
            extensions.vector(2)
        extended = EXTENDED_MASTER_SECRET in asked
        renegotiation = RENEGOTIATION_INFO in asked or EMPTY_RENEGOTIATION_INFO_SCSV in offered
        aead, tag, exchanges = SUITES[number]
        server_random = os.urandom(32)
        answers = u16(RENEGOTIATION_INFO) + sized(b"\0") if renegotiation else b""
        answers += u16(EXTENDED_MASTER_SECRET) + sized(b"") if extended else b""
        self.say(SERVER_HELLO, u16(0x0303) + server_random + sized(b"", 1) + u16(number) + b"\0" + sized(answers))
        if exchanges:  # RFC 5489, 2
            private = ec.generate_private_key(ec.SECP256R1())
            point = private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
            self.say(SERVER_KEY_EXCHANGE, sized(b"") + b"\3" + u16(SECP256R1) + sized(point, 1))
        self.say(SERVER_HELLO_DONE, b"")
        exchange = Reader(self.hear(CLIENT_KEY_EXCHANGE)[0])
        if exchange.vector(2) != self.identity:
            raise EOFError("another identity")
        secret = bytes(len(self.key))  # RFC 4279, 2
        if exchanges:
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), exchange.vector(1))
            secret = private.exchange(ec.ECDH(), theirs)
        secret = sized(secret) + sized(self.key)
        seed = hashlib.sha256(self.transcript).digest() if extended else client_random + server_random
        master = prf(secret, b"extended master secret" if extended else b"master secret", seed, 48)
        block = Reader(prf(master, b"key expansion", server_random + client_random, 40))
        keys = [block.bytes(16), block.bytes(16)]
        self.next_receiving, sending = (Keys(aead, tag, key, block.bytes(4)) for key in keys)
        verify, before = self.hear(FINISHED)
        if verify != prf(master, b"client finished", hashlib.sha256(before).digest(), 12):
            raise EOFError("another Finished")
        self.send(CHANGE_CIPHER_SPEC, b"\1")
        self.sending = sending
        self.say(FINISHED, prf(master, b"server finished", hashlib.sha256(self.transcript).digest(), 12))

    def answer(self):
        line = b""
        while True:
            kind, body = self.receive()
            if kind == ALERT:
                return
            line += body
            while b"\n" in line:
                one, line = line.split(b"\n", 1)
                reply = one[::-1] + b"\n"
                for at in range(0, len(reply), self.records):
                    self.send(DATA, reply[at:at + self.records])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("key_file")
    parser.add_argument("--records", type=int, default=2048)
    options = parser.parse_args()
    with open(options.key_file) as file:
        identity, key = (bytes.fromhex(word) for word in file.read().split())
    with socket.create_server(("127.0.0.1", options.port)) as listener:
        while True:
            with listener.accept()[0] as sock:
                server = Server(sock, identity, key, options.records)
                try:
                    server.handshake()
                    server.answer()
                    server.send(ALERT, b"\1\0")
                except (EOFError, OSError) as end:
                    print(f"ended: {end}", flush=True)


if __name__ == "__main__":
    main()
