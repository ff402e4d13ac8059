"""A small TLS 1.2 and 1.3, in both roles, for peers that misbehave with the right keys: every message and every record can be
changed, left out, repeated or invented before it is encrypted. It does not check the other side's input.

One suite for each version, ECDHE with AES-128-GCM and SHA-256, and one group for each peer: secp256r1, or X25519 on request.
Certificates have keys of RSA or secp256r1. RFC 5246, 5288, 7748, 8422, 8446."""

import hashlib
import hmac
import os
import socket
import struct
from collections.abc import Callable, Sequence
from typing import Any, Optional, Union

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO, SERVER_HELLO, TICKET, ENCRYPTED_EXTENSIONS, CERTIFICATE = 1, 2, 4, 8, 11
SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST, SERVER_HELLO_DONE = 12, 13, 14
CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED, KEY_UPDATE = 15, 16, 20, 24
SUITES = {"1.2": 0xC02B, "1.3": 0x1301}
RSA_SUITE = 0xC02F  # of TLS 1.2, for a server with such a key
SECP256R1, X25519 = 23, 29
MESSAGE_HASH = 254
HELLO_RETRY_REQUEST = hashlib.sha256(b"HelloRetryRequest").digest()  # a ServerHello with this random (RFC 8446, 4.1.3)
Change = Callable[[str, bytes], Union[bytes, list[Optional[bytes]], None]]  # see Peer


def u8(n: int) -> bytes:
    return struct.pack("!B", n)


def u16(n: int) -> bytes:
    return struct.pack("!H", n)


def u24(n: int) -> bytes:
    return struct.pack("!I", n)[1:]


def sized8(body: bytes) -> bytes:
    return u8(len(body)) + body


def sized16(body: bytes) -> bytes:
    return u16(len(body)) + body


def sized24(body: bytes) -> bytes:
    return u24(len(body)) + body


def record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    return u8(kind) + u16(version) + sized16(body)


def message(kind: int, body: bytes) -> bytes:
    return u8(kind) + sized24(body)


def extension(kind: int, body: bytes) -> bytes:
    return u16(kind) + sized16(body)


def alert(level: int, description: int) -> bytes:
    return record(ALERT, u8(level) + u8(description))


def prf(secret: bytes, label: bytes, seed: bytes, size: int) -> bytes:
    """RFC 5246, 5."""
    out, a = b"", label + seed
    while len(out) < size:
        a = hmac.digest(secret, a, "sha256")
        out += hmac.digest(secret, a + label + seed, "sha256")
    return out[:size]


def expand_label(secret: bytes, label: bytes, context: bytes, size: int) -> bytes:
    """RFC 8446, 7.1."""
    info = u16(size) + sized8(b"tls13 " + label) + sized8(context)
    out, block, counter = b"", b"", 1
    while len(out) < size:
        block = hmac.digest(secret, block + info + u8(counter), "sha256")
        out, counter = out + block, counter + 1
    return out[:size]


class Gone(Exception):
    """The other side has ended the connection."""


class Keys:
    """One direction's keys."""

    def __init__(self, version: str, key: bytes, iv: bytes) -> None:
        self.version, self.aead, self.iv, self.sequence = version, AESGCM(key), iv, 0

    def seal(self, kind: int, body: bytes, padding: int = 0, outer: int = DATA) -> bytes:
        """A record. `outer`: in TLS 1.3 the type that everybody can see (RFC 8446, 5.2)."""
        number = struct.pack("!Q", self.sequence)
        self.sequence += 1
        if self.version == "1.2":
            return record(kind, number + self.aead.encrypt(
                self.iv + number, body, number + u8(kind) + u16(0x0303) + u16(len(body))))
        inner = body + u8(kind) + bytes(padding)
        header = u8(outer) + u16(0x0303) + u16(len(inner) + 16)
        return header + self.aead.encrypt(self.nonce(number), inner, header)

    def open(self, kind: int, body: bytes) -> tuple[int, bytes]:
        number = struct.pack("!Q", self.sequence)
        self.sequence += 1
        if self.version == "1.2":
            return kind, self.aead.decrypt(self.iv + body[:8], body[8:],
                                           number + u8(kind) + u16(0x0303) + u16(len(body) - 24))
        inner = self.aead.decrypt(self.nonce(number), body, u8(DATA) + u16(0x0303) + u16(len(body))).rstrip(b"\0")
        return inner[-1], inner[:-1]

    def nonce(self, number: bytes) -> bytes:
        return self.iv[:4] + bytes(a ^ b for a, b in zip(self.iv[4:], number))


class Peer:
    """The part that both roles share. `change(name, bytes)` may return other bytes for any handshake message before it is sent, a
    list of messages, or None to leave it out."""

    group = SECP256R1
    share: Optional[bytes] = None  # sent as the group's share, whatever happens; the secret is then taken to be zero
    fragment = 16384  # bytes of a handshake message in a record, at most
    chain: Sequence[bytes] = ()  # the certificates as DER; a client may have none
    key: Any = None  # the certificate's key, as an object

    def __init__(self, sock: socket.socket, version: str, change: Optional[Change] = None) -> None:
        self.sock, self.version, self.change = sock, version, change or (lambda name, body: body)
        self.sending: Optional[Keys] = None
        self.receiving: Optional[Keys] = None
        self.next_receiving: Optional[Keys] = None
        self.transcript, self.handshake_bytes, self.waiting = b"", b"", b""
        self.heard: set[int] = set()  # types of messages that came
        self.key_updates = 0  # that came
        self.limit = 0  # bytes of an encrypted record's contents that may come (RFC 8449); 0: any

    # --- Records ---

    def raw(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone(str(error)) from None

    def send(self, kind: int, body: bytes, padding: int = 0) -> None:
        if self.sending:
            self.raw(self.sending.seal(kind, body, padding))
        else:
            self.raw(record(kind, body))

    def send_data(self, body: bytes) -> None:
        self.send(DATA, body)

    def exactly(self, size: int) -> bytes:
        while len(self.waiting) < size:
            try:
                chunk = self.sock.recv(65536)
            except OSError as error:
                raise Gone(str(error)) from None
            if not chunk:
                raise Gone("end")
            self.waiting += chunk
        out, self.waiting = self.waiting[:size], self.waiting[size:]
        return out

    def receive(self) -> tuple[int, bytes]:
        """(type, plain text) of the next record; in TLS 1.3 change_cipher_spec is skipped."""
        while True:
            header = self.exactly(5)
            kind, body = header[0], self.exactly(struct.unpack("!H", header[3:])[0])
            if kind == CHANGE_CIPHER_SPEC and self.version == "1.3":
                continue
            if self.receiving and not (kind == ALERT and len(body) == 2):
                try:
                    kind, body = self.receiving.open(kind, body)
                except InvalidTag:
                    raise Gone("not under the keys of this moment") from None
                contents = struct.unpack("!H", header[3:])[0] - (24 if self.version == "1.2" else 16)
                if 0 < self.limit < contents:
                    raise Gone(f"a record of {contents} bytes")
            if kind == ALERT and body != b"\1\x64":  # except for no_renegotiation, as a warning
                raise Gone(f"alert {body[0]} {body[1]}")
            return kind, body

    def receive_data(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            out += self.receive_more()
        return out

    def receive_more(self) -> bytes:
        """The data of a record; empty: another record, such as a KeyUpdate."""
        kind, body = self.receive()
        if kind == HANDSHAKE and body[:1] == u8(KEY_UPDATE):
            self.receiving = self.next_keys(self.is_server())
            self.key_updates += 1
        return body if kind == DATA else b""

    # --- Handshake messages ---

    def say(self, name: str, kind: int, body: bytes) -> None:
        changed = self.change(name, message(kind, body))
        for one in changed if isinstance(changed, list) else [changed]:
            if one is None:
                continue
            self.transcript += one
            for at in range(0, max(len(one), 1), self.fragment):
                self.send(HANDSHAKE, one[at:at + self.fragment])

    def hear(self, *kinds: int) -> bytes:
        """The body of the next message of one of these kinds; others are skipped."""
        while True:
            while len(self.handshake_bytes) < 4 or \
                    len(self.handshake_bytes) < 4 + int.from_bytes(self.handshake_bytes[1:4], "big"):
                kind, body = self.receive()
                if kind == HANDSHAKE:
                    self.handshake_bytes += body
                elif kind == CHANGE_CIPHER_SPEC:
                    self.changed_keys()
            size = 4 + int.from_bytes(self.handshake_bytes[1:4], "big")
            one, self.handshake_bytes = self.handshake_bytes[:size], self.handshake_bytes[size:]
            self.before = self.transcript
            self.transcript += one
            self.heard.add(one[0])
            if one[0] in kinds:
                return one[4:]

    def changed_keys(self) -> None:
        if self.next_receiving is None:
            raise Gone("it changes to keys that were not negotiated")
        self.receiving = self.next_receiving

    # --- Keys ---

    def start_share(self) -> bytes:
        if self.share is not None:
            return self.share
        if self.group == X25519:
            self.private: Any = x25519.X25519PrivateKey.generate()
            return self.private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.private = ec.generate_private_key(ec.SECP256R1())
        return self.form(self.private.public_key().public_bytes(serialization.Encoding.X962,
                                                                serialization.PublicFormat.UncompressedPoint))

    def form(self, point: bytes) -> bytes:
        """The form in which a point of secp256r1 is sent."""
        return point

    def finish_share(self, point: bytes) -> None:
        if self.share is not None:
            self.shared = bytes(32)
        elif self.group == X25519:
            self.shared = self.private.exchange(x25519.X25519PublicKey.from_public_bytes(point))
        else:
            self.shared = self.private.exchange(ec.ECDH(),
                                                ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point))

    def is_server(self) -> bool:
        return isinstance(self, Server)

    def next_keys(self, of_client: bool) -> Keys:
        """RFC 8446, 7.2."""
        name = "client_data" if of_client else "server_data"
        setattr(self, name, expand_label(getattr(self, name), b"traffic upd", b"", 32))
        return self.traffic(getattr(self, name))

    def update_keys(self, asks: bool) -> None:
        self.send(HANDSHAKE, message(KEY_UPDATE, u8(asks)))
        self.sending = self.next_keys(not self.is_server())

    # --- Certificates ---

    @staticmethod
    def forge(scheme: int, signature: bytes) -> tuple[int, bytes]:
        """A scheme (RFC 8446, 4.2.3) and the bytes that are sent as its signature."""
        return scheme, signature

    # A scheme (RFC 8446, 4.2.3) to sign with instead of the key's usual one.
    scheme: Optional[int] = None

    @staticmethod
    def suits(signature: bytes) -> bool:
        """Whether it may be sent; if not, it is made again, which gives another one by RSASSA-PSS and ECDSA."""
        return True

    def has_rsa_key(self) -> bool:
        return isinstance(self.key, rsa.RSAPrivateKey)

    def signed(self, data: bytes) -> bytes:
        """RFC 5246, 4.7 and RFC 8446, 4.4.3."""
        usual = 0x0403 if not self.has_rsa_key() else 0x0401 if self.version == "1.2" else 0x0804
        scheme = self.scheme or usual
        by_pss = scheme >> 8 == 8
        chosen = {4: hashes.SHA256(), 5: hashes.SHA384(), 6: hashes.SHA512()}[scheme & 0xff if by_pss else scheme >> 8]
        kind = padding.PSS(padding.MGF1(chosen), padding.PSS.DIGEST_LENGTH) if by_pss else padding.PKCS1v15()
        how = (kind, chosen) if self.has_rsa_key() else (ec.ECDSA(chosen),)
        signature = self.key.sign(data, *how)
        while not self.suits(signature):
            signature = self.key.sign(data, *how)
        scheme, signature = self.forge(scheme, signature)
        return u16(scheme) + sized16(signature)

    def certificates(self) -> bytes:
        if self.version == "1.2":
            return sized24(b"".join(map(sized24, self.chain)))
        return sized8(b"") + sized24(b"".join(sized24(one) + sized16(b"") for one in self.chain))

    def certificate_verify(self, who: bytes) -> bytes:
        """RFC 8446, 4.4.3."""
        return self.signed(b" " * 64 + b"TLS 1.3, " + who + b" CertificateVerify\0" + hashlib.sha256(self.transcript).digest())

    # --- Keys of a version ---

    def keys_1_2(self, is_client: bool, client_random: bytes, server_random: bytes) -> None:
        self.master = prf(self.shared, b"master secret", client_random + server_random, 48)
        block = prf(self.master, b"key expansion", server_random + client_random, 40)
        pair = Keys("1.2", block[:16], block[32:36]), Keys("1.2", block[16:32], block[36:40])
        self.next_sending, self.next_receiving = pair if is_client else pair[::-1]

    def finished_1_2(self, is_client: bool, transcript: bytes) -> bytes:
        label = b"client finished" if is_client else b"server finished"
        return prf(self.master, label, hashlib.sha256(transcript).digest(), 12)

    def change_keys_1_2(self) -> None:
        self.send(CHANGE_CIPHER_SPEC, b"\1")
        self.sending = self.next_sending

    def secret(self, base: bytes, label: bytes) -> bytes:
        return expand_label(base, label, hashlib.sha256(self.transcript).digest(), 32)

    def handshake_keys(self) -> None:
        nothing = hashlib.sha256(b"").digest()
        early = hmac.digest(bytes(32), bytes(32), "sha256")
        base = hmac.digest(expand_label(early, b"derived", nothing, 32), self.shared, "sha256")
        self.main = hmac.digest(expand_label(base, b"derived", nothing, 32), bytes(32), "sha256")
        self.client_secret, self.server_secret = self.secret(base, b"c hs traffic"), self.secret(base, b"s hs traffic")

    def application_keys(self) -> None:
        self.client_data, self.server_data = self.secret(self.main, b"c ap traffic"), self.secret(self.main, b"s ap traffic")

    @staticmethod
    def traffic(secret: bytes) -> Keys:
        return Keys("1.3", expand_label(secret, b"key", b"", 16), expand_label(secret, b"iv", b"", 12))

    def finished_1_3(self, secret: bytes, transcript: bytes) -> bytes:
        return hmac.digest(expand_label(secret, b"finished", b"", 32), hashlib.sha256(transcript).digest(), "sha256")


class Server(Peer):
    more_answers = b""  # extensions of its ServerHello; of TLS 1.3, of its EncryptedExtensions
    cookie = b""  # requests a second hello with it, in a HelloRetryRequest (RFC 8446, 4.2.2)

    @staticmethod
    def make_random() -> bytes:
        return os.urandom(32)

    def __init__(self, sock: socket.socket, version: str, chain: Sequence[bytes], key: bytes,
                 change: Optional[Change] = None) -> None:
        super().__init__(sock, version, change)
        self.chain = chain
        self.key = serialization.load_pem_private_key(key, None)

    def hear_hello(self) -> tuple[bytes, bytes]:
        """Returns the session identifier and the suites."""
        hello = self.hear(CLIENT_HELLO)
        self.client_random = hello[2:34]
        session = hello[35:35 + hello[34]]
        at = 35 + len(session)
        suites = hello[at + 2:at + 2 + struct.unpack("!H", hello[at:at + 2])[0]]
        at += 2 + len(suites)
        at += 1 + hello[at]
        self.offered = {}
        at += 2
        while at + 4 <= len(hello):
            kind, size = struct.unpack("!HH", hello[at:at + 4])
            self.offered[kind] = hello[at + 4:at + 4 + size]
            at += 4 + size
        return session, suites

    def handshake(self) -> None:
        session, suites = self.hear_hello()
        # RFC 5746: only for clients that asked, by the extension or by the suite that stands for it.
        asked = 0xFF01 in self.offered or b"\0\xff" in [suites[i:i + 2] for i in range(0, len(suites), 2)]
        self.renegotiation_info = extension(0xFF01, u8(0)) if asked else b""
        self.server_random = self.make_random()
        if self.version == "1.2":
            session = b""  # repeated, it would mean resumption
        suite = RSA_SUITE if self.has_rsa_key() and self.version == "1.2" else SUITES[self.version]
        start = u16(0x0303) + self.server_random + sized8(session) + u16(suite) + u8(0)
        (self.handshake_1_2 if self.version == "1.2" else self.handshake_1_3)(start)

    def handshake_1_2(self, start: bytes) -> None:
        self.say("ServerHello", SERVER_HELLO, start + sized16(
            self.renegotiation_info + extension(11, sized8(u8(0))) + self.more_answers))
        self.say("Certificate", CERTIFICATE, self.certificates())
        curve = u8(3) + u16(self.group) + sized8(self.start_share())
        self.say("ServerKeyExchange", SERVER_KEY_EXCHANGE,
                 curve + self.signed(self.client_random + self.server_random + curve))
        self.say("ServerHelloDone", SERVER_HELLO_DONE, b"")
        exchange = self.hear(CLIENT_KEY_EXCHANGE)
        self.finish_share(exchange[1:])
        self.keys_1_2(False, self.client_random, self.server_random)
        self.hear(FINISHED)
        self.change_keys_1_2()
        self.say("Finished", FINISHED, self.finished_1_2(False, self.transcript))

    def offered_share(self) -> Optional[bytes]:
        shares, at = self.offered[51], 2
        while at < len(shares):
            group, size = struct.unpack("!HH", shares[at:at + 4])
            if group == self.group:
                return shares[at + 4:at + 4 + size]
            at += 4 + size
        return None

    def handshake_1_3(self, start: bytes) -> None:
        point = self.offered_share()
        if point is None or self.cookie:  # RFC 8446, 4.1.4 and 4.4.1
            self.transcript = message(MESSAGE_HASH, hashlib.sha256(self.transcript).digest())
            self.say("HelloRetryRequest", SERVER_HELLO, u16(0x0303) + HELLO_RETRY_REQUEST + start[34:] + sized16(
                extension(43, u16(0x0304)) + (extension(51, u16(self.group)) if point is None else b"") +
                (extension(44, sized16(self.cookie)) if self.cookie else b"")))
            self.hear_hello()
            if self.offered.get(44, b"") != (sized16(self.cookie) if self.cookie else b""):
                raise Gone("not the cookie that was sent")
            if point not in (None, self.offered_share()):
                raise Gone("another share, though no other group was asked for")
            point = self.offered_share()
        if point is None:
            raise Gone("the client has no share for this group")
        mine = self.start_share()
        self.finish_share(point)
        self.say("ServerHello", SERVER_HELLO, start + sized16(
            extension(43, u16(0x0304)) + extension(51, u16(self.group) + sized16(mine))))
        self.handshake_keys()
        self.sending, self.receiving = self.traffic(self.server_secret), self.traffic(self.client_secret)
        self.say("EncryptedExtensions", ENCRYPTED_EXTENSIONS, sized16(self.more_answers))
        self.authenticate_1_3()
        self.application_keys()
        self.sending = self.traffic(self.server_data)
        self.hear(FINISHED)
        self.receiving = self.traffic(self.client_data)

    def authenticate_1_3(self) -> None:
        self.say("Certificate", CERTIFICATE, self.certificates())
        self.say("CertificateVerify", CERTIFICATE_VERIFY, self.certificate_verify(b"server"))
        self.say("Finished", FINISHED, self.finished_1_3(self.server_secret, self.transcript))


class Client(Peer):
    """Shows its certificate, if it has one and the server asks. Answers a HelloRetryRequest with a share."""

    last_extensions = b""  # of its hellos
    early_hellos = 0  # how many of them offer early data: one, or none (RFC 8446, 4.1.2)
    algorithms: Sequence[int] = (0x0403, 0x0804, 0x0401)
    shows_share = True  # else its first hello has none, and asks for a HelloRetryRequest (RFC 8446, 4.1.4)
    behind_hello: Sequence[bytes] = ()  # records of early data that it sends after its hello
    behind_second_hello: Sequence[bytes] = ()  # where there never are any (RFC 8446, 4.2.10)
    suite: Optional[int] = None  # another than the version's

    def hello(self) -> bytes:
        extensions = (extension(10, sized16(u16(self.group))) + extension(11, sized8(u8(0))) +
                      extension(13, sized16(b"".join(map(u16, self.algorithms)))))
        mine = self.start_share()
        if self.version == "1.3":
            extensions += (extension(43, sized8(u16(0x0304))) +
                           extension(51, sized16(u16(self.group) + sized16(mine) if self.shows_share else b"")))
        if self.early_hellos > 0:
            self.early_hellos -= 1
            extensions += extension(42, b"")
        self.point = mine
        self.client_random = os.urandom(32)
        return (u16(0x0303) + self.client_random + sized8(os.urandom(32)) + sized16(u16(self.suite or SUITES[self.version])) +
                sized8(u8(0)) + sized16(extensions + self.last_extensions))

    def handshake(self) -> None:
        first = self.hello()
        self.say("ClientHello", CLIENT_HELLO, first)
        self.send_early(self.behind_hello)
        if not self.shows_share:
            self.say_again(first)
        hello = self.hear(SERVER_HELLO)
        self.server_random = hello[2:34]
        at = 35 + hello[34] + 3
        extensions = hello[at + 2:]
        if self.version == "1.2":
            self.handshake_1_2()
        else:
            self.handshake_1_3(extensions)

    def say_again(self, first: bytes) -> None:
        """RFC 8446, 4.1.2 and 4.4.1: but for the share it is the first hello."""
        start = self.transcript
        if self.hear(SERVER_HELLO)[2:34] != HELLO_RETRY_REQUEST:
            raise Gone("it does not ask for a share")
        self.transcript = message(MESSAGE_HASH, hashlib.sha256(start).digest()) + self.transcript[len(start):]
        self.shows_share = True
        self.say("ClientHello", CLIENT_HELLO, first[:67] + self.hello()[67:])
        self.send_early(self.behind_second_hello)

    def send_early(self, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            self.raw(record(DATA, body))

    def handshake_1_2(self) -> None:
        exchange = self.hear(SERVER_KEY_EXCHANGE)
        self.finish_share(exchange[4:4 + exchange[3]])
        self.hear(SERVER_HELLO_DONE)
        asked = CERTIFICATE_REQUEST in self.heard
        if asked:
            self.say("Certificate", CERTIFICATE, self.certificates())
        self.say("ClientKeyExchange", CLIENT_KEY_EXCHANGE, sized8(self.point))
        if asked and self.chain:
            self.say("CertificateVerify", CERTIFICATE_VERIFY, self.signed(self.transcript))
        self.keys_1_2(True, self.client_random, self.server_random)
        self.change_keys_1_2()
        self.say("Finished", FINISHED, self.finished_1_2(True, self.transcript))
        self.hear(FINISHED)

    def handshake_1_3(self, extensions: bytes) -> None:
        at = 0
        while at < len(extensions):
            kind, size = struct.unpack("!HH", extensions[at:at + 4])
            if kind == 51:
                self.finish_share(extensions[at + 8:at + 4 + size])
            at += 4 + size
        self.handshake_keys()
        self.sending, self.receiving = self.traffic(self.client_secret), self.traffic(self.server_secret)
        self.hear(FINISHED)
        self.application_keys()
        self.receiving = self.traffic(self.server_data)
        if CERTIFICATE_REQUEST in self.heard:
            self.say("Certificate", CERTIFICATE, self.certificates())
            if self.chain:
                self.say("CertificateVerify", CERTIFICATE_VERIFY, self.certificate_verify(b"client"))
        self.say("Finished", FINISHED, self.finished_1_3(self.client_secret, self.transcript))
        self.sending = self.traffic(self.client_data)
