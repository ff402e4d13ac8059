"""Hostile peers' actions, and a correct peer's reactions. Each row: name, role of ussl, versions, the peer's action, and the
outcome that it must have:

    refused(1065)      the connection fails with one of these errors of ussl/error.hpp; no byte of data is believed
    alive              the connection goes on, and the question is answered
    either(1063)       the RFCs allow both: alive, or refused with one of these errors
    cut                truncated: never an orderly end
    late               only the caller's deadline ends it

If more than one outcome is allowed, outcomes.txt, here and in the backend's folder, has the backend's own, with the reason."""

import hashlib
import hmac
import os
import socket
import struct
import time
from typing import Any

from minitls import (ALERT, CERTIFICATE, CHANGE_CIPHER_SPEC, CLIENT_HELLO, CLIENT_KEY_EXCHANGE, DATA, FINISHED, HANDSHAKE,
                     KEY_UPDATE, RSA_SUITE, SECP256R1, SERVER_HELLO, SERVER_HELLO_DONE, SUITES, TICKET, X25519, Client, Gone,
                     Server, alert, expand_label, extension, message, record, sized8, sized16, u8, u16, u24)

UNEXPECTED, BAD_MESSAGE, NOT_TLS, BAD_RECORD, TOO_LARGE, PEER_ALERT = 1063, 1064, 1065, 1066, 1067, 1068
VERSION, FAILURE, TRUNCATED, NO_MEMORY = 1060, 1061, 1080, 1003
BAD_PEER_CERTIFICATE, UNTRUSTED, WRONG_PURPOSE, UNKNOWN_PSK, BAD_SIGNATURE, MESSAGE_TOO_LARGE = 1041, 1042, 1046, 1071, 1072, 1073
ANY = (UNEXPECTED, BAD_MESSAGE, BAD_RECORD, TOO_LARGE, VERSION, FAILURE, BAD_PEER_CERTIFICATE, UNTRUSTED,
       BAD_SIGNATURE, MESSAGE_TOO_LARGE)


class Expect:
    def __init__(self, alive, errors, statuses=("failed",), alerts=()):
        self.alive, self.errors, self.statuses = alive, errors, statuses
        self.alerts = alerts  # the peer must get one of these alerts; empty: it is not checked


def refused(*errors):
    return Expect(False, errors)


def either(*errors):
    return Expect(True, errors)


alive = Expect(True, ())
cut = Expect(False, (TRUNCATED,), ("truncated",))
cut_or_refused = Expect(False, (TRUNCATED, *ANY), ("truncated", "failed"))
late = Expect(False, (110,), ("transport",))

# Options of the programs that not every backend has.
PSK, RESUMPTION = ("--psk", "6b" * 32), ("--resume", "1")
LIMIT = ("--limit", "600")
BOTH, CLIENT, SERVER = ("client", "server"), ("client",), ("server",)
ALL = ("1.2", "1.3")
CASES = []


def case(name, roles, versions, expect, options=()):
    """Registers a function of (kit, role, version) that returns the peer's function of a socket."""
    def add(make):
        for role in roles:
            for version in versions:
                CASES.append((name, role, version, make, expect, options))
        return make
    return add


def deadline(seconds):
    return ("--deadline", str(seconds))


# --- Not TLS, or not quite ---

def sends(data, linger=True):
    """A peer that sends just this; as a server it first waits for some input."""
    def act(sock):
        sock.sendall(data)
        heard = b""
        while linger:
            chunk = sock.recv(65536)
            if not chunk:
                break
            heard += chunk
        return heard
    return lambda kit, role, version: act


hello_1_2 = u16(0x0303) + b"r" * 32 + u8(0) + sized16(u16(0xC02B)) + sized8(u8(0))
usual = extension(10, sized16(u16(23))) + extension(11, sized8(u8(0))) + extension(13, sized16(u16(0x0403)))


def client_hello(extensions=usual, start=hello_1_2):
    return record(HANDSHAKE, message(CLIENT_HELLO, start + sized16(extensions)))


def server_hello(version, suite=0xC02B, extensions=extension(0xFF01, u8(0)), compression=0):
    return message(SERVER_HELLO, u16(version) + b"r" * 32 + u8(0) + u16(suite) + u8(compression) + sized16(extensions))


for name, data in {
    "random bytes": b"\x9d\x01\xfe" + bytes(i * 89 % 251 for i in range(4096)),
    "zeros": bytes(4096),
    "ones": b"\xff" * 4096,
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an HTTP answer": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "SMTP": b"220 mail.example ESMTP\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "SSLv2 ClientHello": b"\x80\x2e\x01\x00\x02" + bytes(41),
    "data before the handshake": record(DATA, b"hello\n"),
    "ChangeCipherSpec before the handshake": record(CHANGE_CIPHER_SPEC, b"\1"),
    "a record of type 0": record(0, b"hello"),
    "a record of version 2.0": record(HANDSHAKE, bytes(100), 0x0200),
    "a record of version 4.3": record(HANDSHAKE, bytes(100), 0x0403),
}.items():
    case(name, BOTH, ALL, refused(NOT_TLS))(sends(data))

case("an empty handshake record", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(sends(record(HANDSHAKE, b"") * 100))
case("10,000 empty handshake records", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(
    sends(record(HANDSHAKE, b"") * 10000))
case("empty records before the hello", BOTH, ALL, refused(*ANY))(sends(record(ALERT, b"") * 10000))
case("a record of 65535 bytes", BOTH, ALL, refused(TOO_LARGE))(sends(u8(HANDSHAKE) + u16(0x0303) + u16(65535) + bytes(65535)))
case("a record of 18433 bytes", BOTH, ALL, refused(TOO_LARGE, BAD_MESSAGE))(
    sends(u8(HANDSHAKE) + u16(0x0303) + u16(18433) + u8(1) + u24(18429) + bytes(18429)))
case("a message of 16 MB, announced", BOTH, ALL, refused(*ANY, NO_MEMORY))(
    sends(record(HANDSHAKE, u8(1) + u24(0xFFFFFF) + bytes(1000)) + record(HANDSHAKE, bytes(16000)) * 60))
case("10,000 warnings", BOTH, ALL, refused(*ANY, PEER_ALERT))(
    sends(alert(1, 112) * 10000))
case("an alert of one byte", BOTH, ALL, refused(*ANY, PEER_ALERT))(sends(record(ALERT, b"\2")))
case("an alert of three bytes", BOTH, ALL, refused(*ANY, PEER_ALERT))(sends(record(ALERT, b"\2\x28\0")))
# RFC 8446, 6: the level does not count, the description does. RFC 5246 leaves levels open.
case("an alert of level 0", BOTH, ("1.2",), Expect(False, (*ANY, PEER_ALERT, TRUNCATED), ("failed", "truncated")))(
    sends(alert(0, 40)))
case("an alert of level 0", BOTH, ("1.3",), refused(*ANY, PEER_ALERT))(sends(alert(0, 40)))
case("a fatal alert first", BOTH, ALL, refused(PEER_ALERT))(sends(alert(2, 40)))
case("close_notify first", BOTH, ALL, cut)(sends(alert(1, 0)))


# --- Hellos ---

def extended(extensions):
    return sends(client_hello(extensions))


names = b"".join(u8(0) + sized16(b"localhost") for _ in range(2))
for name, extensions, expect in (
    ("extensions: one twice", usual + extension(10, sized16(u16(23))), refused(*ANY)),
    ("extensions: an unknown one twice", usual + 2 * extension(0x6123, b""), refused(BAD_MESSAGE)),
    ("extensions: an empty protocol among others", usual + extension(16, sized16(sized8(b"a") + sized8(b"") + sized8(b"b"))),
     refused(BAD_MESSAGE)),
    ("extensions: 10,000 unknown ones", usual + b"".join(extension(0x5000 + i % 4096, b"") for i in range(4000)), either(*ANY)),
    ("extensions: one of 12 KB", usual + extension(0x6123, bytes(12000)), either(*ANY)),
    # A server with one name does not look at the client's, except for its form.
    ("extensions: a name of 300 bytes", usual + extension(0, sized16(u8(0) + sized16(b"a" * 300))), alive),
    ("extensions: a name that is no text", usual + extension(0, sized16(u8(0) + sized16(b"\xff\0\xfe"))), alive),
    ("extensions: an empty name", usual + extension(0, sized16(u8(0) + sized16(b""))), refused(BAD_MESSAGE)),
    ("extensions: two names", usual + extension(0, sized16(names)), refused(BAD_MESSAGE)),
    ("extensions: an empty list of names", usual + extension(0, sized16(b"")), refused(BAD_MESSAGE)),
    ("extensions: a length that overruns", usual + u16(0x6123) + u16(60000), refused(BAD_MESSAGE)),
    ("extensions: an empty list of groups", extension(10, sized16(b"")) + extension(13, sized16(u16(0x0403))), refused(*ANY)),
    ("extensions: an empty list of signature algorithms", extension(10, sized16(u16(23))) + extension(13, sized16(b"")),
     either(*ANY)),
    ("extensions: finished of a handshake before the first", usual + extension(0xFF01, sized8(bytes(12))), refused(*ANY)),
    # RFC 9155, 3: nothing is signed for a client that names no algorithm.
    ("extensions: no signature algorithms", extension(10, sized16(u16(23))) + extension(11, sized8(u8(0))), refused(FAILURE)),
    ("extensions: groups of odd length", extension(10, u16(3) + b"\0\x17\0") + extension(13, sized16(u16(0x0403))),
     refused(*ANY)),
):
    # If the server accepts it, it answers with a flight; then the client, which cannot go on, disconnects.
    case(name, SERVER, ("1.2",), Expect(False, (TRUNCATED, *expect.errors), ("truncated", "failed")) if expect.alive else expect)(
        (lambda data: lambda kit, role, version: lambda sock: sock.sendall(data) or half(sock))(client_hello(extensions)))


def half(sock):
    """Reads what comes within a moment, and disconnects."""
    sock.settimeout(0.3)
    try:
        while sock.recv(65536):
            pass
    except TimeoutError:
        pass


def downgraded(version):
    return sends(client_hello(start=u16(version) + hello_1_2[2:]))


case("a client of SSL 3.0", SERVER, ALL, refused(VERSION))(downgraded(0x0300))
case("a client of TLS 1.0", SERVER, ALL, refused(VERSION))(downgraded(0x0301))
case("a client of TLS 1.1", SERVER, ALL, refused(VERSION))(downgraded(0x0302))
case("a client of version 2.0", SERVER, ALL, refused(VERSION, BAD_MESSAGE))(downgraded(0x0200))
case("a client without suites", SERVER, ALL, refused(*ANY))(
    sends(client_hello(start=u16(0x0303) + b"r" * 32 + u8(0) + u16(0) + sized8(u8(0)))))
case("a client without the null compression", SERVER, ALL, refused(*ANY))(
    sends(client_hello(start=hello_1_2[:-2] + sized8(u8(1)))))
case("a client with a session identifier of 33 bytes", SERVER, ALL, refused(*ANY))(
    sends(client_hello(start=u16(0x0303) + b"r" * 32 + sized8(bytes(33)) + hello_1_2[35:])))
for number in (0x0300, 0x0301, 0x0302):
    case(f"a server that chooses {number:04x}", CLIENT, ALL, refused(VERSION))(
        sends(record(HANDSHAKE, server_hello(number, 0xC009))))
case("a server that chooses version 3.5", CLIENT, ALL, refused(VERSION, BAD_MESSAGE))(
    sends(record(HANDSHAKE, server_hello(0x0305))))
case("a server that chooses RC4", CLIENT, ALL, refused(BAD_MESSAGE, FAILURE, VERSION))(
    sends(record(HANDSHAKE, server_hello(0x0303, 0x0005))))
case("a server that compresses", CLIENT, ("1.2",), refused(BAD_MESSAGE, FAILURE))(
    sends(record(HANDSHAKE, server_hello(0x0303, compression=1))))
# As below: some notice the repetition, some stop at the empty certificate.
case("a server with an extension twice", CLIENT, ("1.2",), refused(*ANY, 1040))(
    sends(record(HANDSHAKE, server_hello(0x0303, extensions=extension(0xFF01, u8(0)) * 2) + message(CERTIFICATE, u24(0)))))
# Refused for its empty certificate, if a meaningless extension was skipped.
case("a server with an extension that was not asked for", CLIENT, ("1.2",), refused(*ANY, 1040))(
    sends(record(HANDSHAKE, server_hello(0x0303, extensions=extension(0x6123, b"x")) + message(CERTIFICATE, u24(0)))))


@case("a downgrade from TLS 1.3 to 1.2 that the server's random tells of", CLIENT, ("",), refused(BAD_MESSAGE, VERSION))
def _(kit, role, version):
    """RFC 8446, 4.1.3. `version`: the client speaks both."""
    def act(sock):
        peer = Server(sock, "1.2", chain(kit), kit.material("p256.key.pem"))
        setattr(peer, "make_random", lambda: os.urandom(24) + b"DOWNGRD\1")
        peer.handshake()
    return act


class Keyless(Server):
    """Has in ServerHello's first field what belongs into supported_versions, and then speaks TLS 1.3 without an agreed key. If a
    client believes it, anybody can compute its keys, which derive from no secret."""

    def handshake_1_2(self, start):
        self.version, session = "1.3", os.urandom(32)
        self.say("ServerHello", SERVER_HELLO, u16(0x0304) + self.server_random + sized8(session) + u16(SUITES["1.3"]) + u8(0))
        self.server_secret = bytes(32)
        self.main = hmac.digest(expand_label(bytes(32), b"derived", hashlib.sha256(b"").digest(), 32), bytes(32), "sha256")
        self.authenticate_1_3()
        self.application_keys()
        self.hear(FINISHED)
        self.sending, self.receiving = self.traffic(self.server_data), self.traffic(self.client_data)


@case("TLS 1.3 without keys: version 3.4 in ServerHello's first field", CLIENT, ("", "1.2"), refused(VERSION))
def _(kit, role, version):
    return lambda sock: whole(Keyless(sock, "1.2", chain(kit), kit.material("p256.key.pem")), role)


# --- With the right keys ---

def chain(kit):
    """p256's chain as DER: itself and the intermediate authority."""
    return [kit.material("p256.crt.der"), kit.material("inter.der")]


def peer_of(kit, role, version, sock, change=None, certificates=None):
    if role == "client":
        return Server(sock, version, certificates or chain(kit), kit.material("p256.key.pem"), change)
    return Client(sock, version, change)


def with_members(**members):
    """A peer with these attributes."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            for name, value in members.items():
                setattr(peer, name, value)
            return whole(peer, role)
        return act
    return make


def after_handshake(misbehave):
    """A peer that behaves until the handshake is over. Unless `misbehave` prevents it, data are exchanged then."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            peer.handshake()
            misbehave(peer, role)
            return converse(peer, role)
        return act
    return make


def converse(peer, role):
    """The end of a good conversation: the answer that the peer got."""
    if role == "client":
        question = peer.receive_data(6)
        peer.send_data(b"answer")
        peer.send(ALERT, u8(1) + u8(0))
        return question
    peer.send_data(b"hello\n")
    answer = peer.receive_data(12)
    peer.send(ALERT, u8(1) + u8(0))
    return answer


def changed(**changes):
    """A peer that changes messages of its handshake, each with a function of its bytes."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock, lambda name, body: changes[name](body) if name in changes else body)
            peer.handshake()
            return converse(peer, role)
        return act
    return make


case("nothing wrong at all", BOTH, ALL, alive)(after_handshake(lambda peer, role: None))


# --- record_size_limit (RFC 8449) ---

def limiting(*numbers, fragment=500, after=lambda peer: None):
    """A peer that announces these limits, keeps to the other end's, and looks whether its own is kept."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            extensions = b"".join(extension(28, number) for number in numbers)
            if role == "client":
                peer.more_answers = extensions
            else:
                peer.last_extensions = extensions
            if len(numbers) == 1 and len(numbers[0]) == 2:
                peer.limit = struct.unpack("!H", numbers[0])[0]
            peer.fragment = fragment
            peer.handshake()
            after(peer)
            return converse(peer, role)
        return act
    return make


for number in (64, 600, 16384, 65535):
    case(f"a record size limit of {number}", BOTH, ALL, alive, LIMIT)(limiting(u16(number)))
for name, numbers in {
    "of 63": (u16(63),),
    "of 0": (u16(0),),
    "that is empty": (b"",),
    "of one byte": (b"\xff",),
    "of three bytes": (u16(600) + b"\0",),
    "twice": (u16(600), u16(600)),
}.items():
    case("a record size limit " + name, BOTH, ALL, refused(BAD_MESSAGE), LIMIT)(limiting(*numbers))
case("a record longer than announced", BOTH, ALL, refused(TOO_LARGE), LIMIT)(
    limiting(u16(16384), after=lambda peer: peer.send(DATA, bytes(601))))
case("a record that is longer than announced by its padding", BOTH, ("1.3",), refused(TOO_LARGE), LIMIT)(
    limiting(u16(16384), after=lambda peer: peer.send(DATA, bytes(590), padding=11)))
case("certificates in a record longer than announced", CLIENT, ("1.3",), refused(TOO_LARGE), LIMIT)(
    limiting(u16(16384), fragment=16384))
case("certificates in a record longer than announced, in plain text", CLIENT, ("1.2",), alive, LIMIT)(
    limiting(u16(16384), fragment=16384))
case("certificates in a record longer than announced, to which the peer did not agree", CLIENT, ("1.3",), alive, LIMIT)(
    limiting(fragment=16384))


def repeat(count, kind, body):
    return after_handshake(lambda peer, role: [peer.send(kind, body) for _ in range(count)])


def repeat_in_one_write(count, kind, body):
    """Chance decides how much of a flood comes at once: the outcome must not depend on it."""
    return after_handshake(lambda peer, role: peer.raw(b"".join(peer.sending.seal(kind, body) for _ in range(count))))


case("an empty record of handshake", BOTH, ALL, either(*ANY))(repeat(1, HANDSHAKE, b""))
for name, flood in {"": repeat, ", in one write": repeat_in_one_write}.items():
    case("10,000 empty records of handshake" + name, BOTH, ALL, refused(*ANY))(flood(10000, HANDSHAKE, b""))
    case("10,000 empty records of data" + name, BOTH, ALL, refused(UNEXPECTED))(flood(10000, DATA, b""))
    case("10,000 warnings under the keys" + name, BOTH, ("1.2",), refused(*ANY, PEER_ALERT))(flood(10000, ALERT, u8(1) + u8(112)))
    case("10,000 warnings under the keys" + name, BOTH, ("1.3",), refused(PEER_ALERT))(flood(10000, ALERT, u8(1) + u8(112)))
    case("10,000 cancellations" + name, BOTH, ("1.3",), refused(*ANY, PEER_ALERT))(flood(10000, ALERT, u8(1) + u8(90)))
# The end does not excuse it.
case("33 empty records of data and the end in one write", BOTH, ("1.2",), refused(UNEXPECTED))(
    after_handshake(lambda peer, role: peer.raw(b"".join(peer.sending.seal(*one) for one in (
        *[(DATA, b"")] * 33, (ALERT, u8(1) + u8(0)))))))
case("an empty alert", BOTH, ALL, either(*ANY, PEER_ALERT))(repeat(1, ALERT, b""))
# As many as core accepts.
case("four warnings under the keys", BOTH, ("1.2",), alive)(repeat(4, ALERT, u8(1) + u8(112)))
case("four cancellations", BOTH, ("1.3",), alive)(repeat(4, ALERT, u8(1) + u8(90)))
case("32 empty records of data", BOTH, ALL, alive)(repeat(32, DATA, b""))
case("no_renegotiation as a warning", BOTH, ("1.2",), either(*ANY, PEER_ALERT))(repeat(1, ALERT, u8(1) + u8(100)))
case("a fatal alert under the keys", BOTH, ALL, refused(PEER_ALERT))(repeat(1, ALERT, u8(2) + u8(80)))
case("a record of unknown type", BOTH, ALL, refused(UNEXPECTED))(repeat(1, 99, b"hello"))
case("a long record of unknown type", BOTH, ALL, refused(UNEXPECTED, BAD_RECORD))(
    after_handshake(lambda peer, role: peer.raw(record(99, bytes(0x2cf3)))))


def to_the_end(peer):
    """RFC 8446, 6.2 and RFC 5246, 7.2.2: nothing follows a fatal alert, neither itself."""
    records = []
    while True:
        try:
            peer.receive_more()
            records.append("a record")
        except Gone as why:
            if not str(why).startswith("alert"):
                raise Gone(records[-1] if sum(one != "a record" for one in records) == 1 else f"{records}") from None
            records.append(str(why))


@case("a record of unknown type, and what comes until the end", BOTH, ALL, Expect(False, ANY, alerts=(10, 20, 47, 50)))
def _(kit, role, version):
    def act(sock):
        peer = peer_of(kit, role, version, sock)
        peer.handshake()
        peer.send(99, b"hello")
        return to_the_end(peer)
    return act


case("encrypted data whose record says handshake", BOTH, ("1.3",), refused(UNEXPECTED, BAD_RECORD))(
    after_handshake(lambda peer, role: peer.raw(peer.sending.seal(DATA, b"answer", outer=HANDSHAKE))))
case("ChangeCipherSpec after the handshake", BOTH, ALL, refused(*ANY))(repeat(1, CHANGE_CIPHER_SPEC, b"\1"))
case("a plain ChangeCipherSpec after the handshake", BOTH, ("1.3",), refused(UNEXPECTED))(
    after_handshake(lambda peer, role: peer.raw(record(CHANGE_CIPHER_SPEC, b"\1"))))
case("16384 bytes and padding", BOTH, ("1.3",), refused(TOO_LARGE))(
    after_handshake(lambda peer, role: peer.send(DATA, bytes(16384), padding=1)))
case("plain text of 16385 bytes", BOTH, ALL, refused(TOO_LARGE, BAD_RECORD, BAD_MESSAGE))(repeat(1, DATA, bytes(16385)))
case("a Finished too many", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD, FAILURE))(
    repeat(1, HANDSHAKE, message(FINISHED, bytes(12))))
case("an unknown handshake message", BOTH, ALL, refused(*ANY))(repeat(1, HANDSHAKE, message(99, b"x")))
case("a message of 16 MB, announced under the keys", BOTH, ALL, refused(*ANY, NO_MEMORY))(
    after_handshake(lambda peer, role: [peer.send(HANDSHAKE, (u8(TICKET) + u24(0xFFFFFF) if i == 0 else b"") + bytes(16000))
                                        for i in range(60)]))
case("a message in pieces of one byte", BOTH, ("1.3",), either(*ANY))(
    after_handshake(lambda peer, role: [peer.send(HANDSHAKE, bytes([one])) for one in message(99, bytes(100))]))
case("HelloRequest", CLIENT, ("1.2",), either(UNEXPECTED, FAILURE, PEER_ALERT))(repeat(1, HANDSHAKE, message(0, b"")))
case("10,000 HelloRequests", CLIENT, ("1.2",), refused(UNEXPECTED, FAILURE, PEER_ALERT))(
    repeat(10000, HANDSHAKE, message(0, b"")))
case("a ClientHello in the middle", SERVER, ALL, either(*ANY, PEER_ALERT))(
    repeat(1, HANDSHAKE, message(CLIENT_HELLO, hello_1_2 + sized16(usual))))
case("100 ClientHellos in the middle", SERVER, ALL, either(*ANY, PEER_ALERT))(
    repeat(100, HANDSHAKE, message(CLIENT_HELLO, hello_1_2 + sized16(usual))))


def ticket_of(size=64, lifetime=3600, nonce=b"n"):
    return message(TICKET, struct.pack("!II", lifetime, 7) + sized8(nonce) + sized16(bytes(size)) + sized16(b""))


ticket, lasting_ticket = ticket_of(), ticket_of(lifetime=7 * 24 * 3600 + 1)
case("a ticket", CLIENT, ("1.3",), alive)(repeat(1, HANDSHAKE, ticket))
case("1,000 tickets", CLIENT, ("1.3",), either(*ANY))(repeat(1000, HANDSHAKE, ticket))
case("a ticket of 16000 bytes", CLIENT, ("1.3",), either(*ANY, NO_MEMORY))(repeat(1, HANDSHAKE, ticket_of(15900)))
# RFC 8446, 4.6.1: no ticket may be valid for longer, and a nonce has up to 255 bytes.
case("a ticket for more than seven days", CLIENT, ("1.3",), either(BAD_MESSAGE))(repeat(1, HANDSHAKE, lasting_ticket))
case("a ticket to keep, for more than seven days", CLIENT, ("1.3",), refused(BAD_MESSAGE), RESUMPTION)(
    repeat(1, HANDSHAKE, lasting_ticket))
case("a ticket with a nonce of 255 bytes", CLIENT, ("1.3",), alive)(repeat(1, HANDSHAKE, ticket_of(nonce=bytes(255))))
# RFC 8446, 4.6.1 and 4.2.
case("a ticket of no bytes", CLIENT, ("1.3",), refused(BAD_MESSAGE))(repeat(1, HANDSHAKE, ticket_of(0)))
case("a ticket with an extension twice", CLIENT, ("1.3",), refused(BAD_MESSAGE))(
    repeat(1, HANDSHAKE, message(TICKET, ticket[4:-2] + sized16(extension(42, bytes(4)) * 2))))
case("a ticket to a server", SERVER, ("1.3",), refused(*ANY))(repeat(1, HANDSHAKE, ticket))
case("two tickets in one record", CLIENT, ("1.3",), alive)(repeat(1, HANDSHAKE, ticket + ticket_of(nonce=b"2")))
case("a ticket that is cut", CLIENT, ("1.3",), refused(BAD_MESSAGE))(repeat(1, HANDSHAKE, message(TICKET, bytes(5))))
case("a CertificateRequest after the handshake", CLIENT, ("1.3",), refused(*ANY))(
    repeat(1, HANDSHAKE, message(13, sized8(b"c") + sized16(extension(13, sized16(u16(0x0403)))))))
case("KeyUpdate with a value that is none", BOTH, ("1.3",), refused(*ANY))(repeat(1, HANDSHAKE, message(KEY_UPDATE, b"\7")))
case("a KeyUpdate that is too long", BOTH, ("1.3",), refused(*ANY))(repeat(1, HANDSHAKE, message(KEY_UPDATE, b"\0\0")))


def update_keys(times, asks):
    """RFC 8446, 4.6.3. If it requests an answer, one must come, from a server before its next data."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            peer.handshake()
            for _ in range(times):
                peer.update_keys(asks)
            if role == "server":
                answer = converse(peer, role)
                return answer if (peer.key_updates != 0) == asks else f"{peer.key_updates} KeyUpdates"
            question = peer.receive_data(6)  # it may have been sent before
            while asks and peer.key_updates == 0:
                peer.receive_more()
            peer.send_data(b"answer")
            peer.send(ALERT, u8(1) + u8(0))
            return question
        return act
    return make


case("a KeyUpdate", BOTH, ("1.3",), alive)(update_keys(1, False))
case("a KeyUpdate that asks for another", BOTH, ("1.3",), alive)(update_keys(1, True))
case("3 KeyUpdates that ask for others", BOTH, ("1.3",), alive)(update_keys(3, True))


def update_keys_in_one_write(times):
    """And data behind them, which do not excuse them."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            peer.handshake()
            records = b""
            for _ in range(times):
                records += peer.sending.seal(HANDSHAKE, message(KEY_UPDATE, b"\0"))
                peer.sending = peer.next_keys(not peer.is_server())
            peer.raw(records + peer.sending.seal(DATA, b"answer" if role == "client" else b"hello\n"))
            return peer.receive_data(6 if role == "client" else 12)
        return act
    return make


case("33 KeyUpdates and data in one write", BOTH, ("1.3",), refused(UNEXPECTED))(update_keys_in_one_write(33))


def in_one_write(*records):
    """And data behind them, which do not excuse them."""
    return after_handshake(lambda peer, role: peer.raw(b"".join(peer.sending.seal(*one) for one in (
        *records, (DATA, b"answer" if role == "client" else b"hello\n")))))


EMPTY, CANCELLATION, WARNING = (DATA, b""), (ALERT, u8(1) + u8(90)), (ALERT, u8(1) + u8(112))
case("33 empty records of data and data in one write", BOTH, ALL, refused(UNEXPECTED))(in_one_write(*[EMPTY] * 33))
case("5 warnings and data in one write", BOTH, ("1.2",), refused(UNEXPECTED))(in_one_write(*[WARNING] * 5))
case("5 cancellations and data in one write", BOTH, ("1.3",), refused(UNEXPECTED))(in_one_write(*[CANCELLATION] * 5))
# Neither kind excuses the other.
case("33 empty records of data, a cancellation among them, and data in one write", BOTH, ("1.3",), refused(UNEXPECTED))(
    in_one_write(*[EMPTY] * 20, CANCELLATION, *[EMPTY] * 13))
case("5 cancellations, empty records of data among them, and data in one write", BOTH, ("1.3",), refused(UNEXPECTED))(
    in_one_write(*[CANCELLATION, EMPTY] * 5))
case("a KeyUpdate with a byte behind it", BOTH, ("1.3",), refused(UNEXPECTED))(
    repeat(1, HANDSHAKE, message(KEY_UPDATE, b"\0") + b"\0"))
case("a record of nothing but padding", BOTH, ("1.3",), refused(UNEXPECTED))(repeat(1, 0, bytes(100)))
case("padding of 15000 bytes", BOTH, ("1.3",), alive)(
    after_handshake(lambda peer, role: peer.send(DATA, b"", padding=15000)))


def plain(data):
    return after_handshake(lambda peer, role: peer.raw(data))


case("a forged plain alert", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(plain(alert(2, 40)))
case("a forged plain close_notify", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(plain(alert(1, 0)))
case("a forged plain warning", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(plain(alert(1, 90)))
case("plain data after the handshake", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(
    plain(record(DATA, b"GET / HTTP/1.0\r\n\r\n")))
case("a plain handshake message after the handshake", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(
    plain(record(HANDSHAKE, message(0, b""))))
case("a record shorter than its tag", BOTH, ALL, refused(UNEXPECTED, BAD_MESSAGE, BAD_RECORD))(plain(record(DATA, b"xyz")))
case("a record of 65535 bytes after the handshake", BOTH, ALL, refused(TOO_LARGE))(
    plain(u8(DATA) + u16(0x0303) + u16(65535) + bytes(65535)))


def no_end(peer, role):
    """Everything was sent except close_notify."""
    if role == "client":
        peer.receive_data(6)
        peer.send_data(b"answer")
    else:
        peer.send_data(b"hello\n")
        peer.receive_data(12)
    raise Gone("hangs up")


case("an end without close_notify", BOTH, ALL, cut)(after_handshake(no_end))
case("the handshake and then an end", BOTH, ALL, cut)(after_handshake(lambda peer, role: hang_up(peer.sock)))


def hang_up(sock):
    sock.shutdown(socket.SHUT_WR)
    raise Gone("hangs up")


# Changed handshake messages. For each: left out, sent twice, emptied, cut, extended, damaged.
MESSAGES = {("client", "1.2"): ("ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone", "Finished"),
            ("server", "1.2"): ("ClientHello", "ClientKeyExchange", "Finished"),
            ("client", "1.3"): ("ServerHello", "EncryptedExtensions", "Certificate", "CertificateVerify", "Finished"),
            ("server", "1.3"): ("ClientHello", "Finished")}


def spoil(body):
    return body[:-1] + bytes([body[-1] ^ 1])


for what, change in {
    "twice": lambda body: [body, body],
    "empty": lambda body: [body[:1] + u24(0)],
    "cut by a byte": lambda body: [body[:1] + u24(len(body) - 5) + body[4:-1]],
    "grown by a byte": lambda body: [body[:1] + u24(len(body) - 3) + body[4:] + b"\0"],
    "of another type": lambda body: [u8(77) + body[1:]],
}.items():
    for (role, version), messages in MESSAGES.items():
        for name in messages:
            if (what, name) in (("cut by a byte", "ServerHelloDone"), ("empty", "ServerHelloDone")):
                continue  # it is empty
            case(f"{name} {what}", (role,), (version,), cut_or_refused)(changed(**{name: change}))
# A byte after the last message of a record, after which the keys change, or the handshake is over (RFC 8446, 5.1).
for name, version in ("Finished", "1.2"), ("Finished", "1.3"), ("ServerHelloDone", "1.2"):
    for role in (BOTH if name == "Finished" else CLIENT):
        for many in 1, 3, 100:
            case(f"{name} and {many} bytes more in its record", (role,), (version,),
                 refused(UNEXPECTED, BAD_MESSAGE, MESSAGE_TOO_LARGE))(
                changed(**{name: lambda body, many=many: body + many * u8(FINISHED)}))
for (role, version), messages in MESSAGES.items():
    for name in messages:
        # The messages that are left out here have no last byte, or none that matters.
        if name not in ("ServerHelloDone", "ClientHello", "EncryptedExtensions") and (name, version) != ("ServerHello", "1.2"):
            case(f"{name} spoilt", (role,), (version,), cut_or_refused)(changed(**{name: lambda body: [spoil(body)]}))
        if name not in ("ClientHello", "ServerHello", "ServerHelloDone"):  # nobody would go on
            case(f"{name} left out", (role,), (version,), cut_or_refused)(changed(**{name: lambda body: []}))


# RFC 5246, 7.2.1 and 6.2.1: there are no data before the keys, not even none.
@case("an empty record of data within the handshake", BOTH, ("1.2",), refused(UNEXPECTED, BAD_MESSAGE))
def _(kit, role, version):
    def act(sock):
        before = {"client": "ServerHelloDone", "server": "ClientKeyExchange"}[role]

        def change(name, body):
            if name == before:
                peer.raw(record(DATA, b""))
            return body
        peer = peer_of(kit, role, version, sock, change)
        return whole(peer, role)
    return act


# RFC 5246, 7.4.9: behind ChangeCipherSpec comes Finished.
@case("an empty record of data before Finished", BOTH, ("1.2",), refused(UNEXPECTED, BAD_MESSAGE))
def _(kit, role, version):
    def act(sock):
        def change(name, body):
            if name == "Finished":
                peer.send_data(b"")
            return body
        peer = peer_of(kit, role, version, sock, change)
        return whole(peer, role)
    return act


# RFC 5246, 7.4.2. All else is as the suite has it, so that the signature is good.
@case("a certificate of another kind than the suite", CLIENT, ("1.2",), refused(WRONG_PURPOSE, UNEXPECTED, BAD_MESSAGE))
def _(kit, role, version):
    def of_rsa(name, body):
        return body[:39] + u16(RSA_SUITE) + body[41:] if name == "ServerHello" else body
    return lambda sock: whole(peer_of(kit, role, version, sock, of_rsa), role)


@case("a chain of 100 certificates", CLIENT, ALL, either(*ANY, NO_MEMORY))
def _(kit, role, version):
    own, inter = chain(kit)
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[own, inter] + [inter] * 98), role)


@case("a chain of 100 certificates, the good ones at its end", CLIENT, ALL, either(*ANY, NO_MEMORY))
def _(kit, role, version):
    own, inter = chain(kit)
    other = kit.material("other-inter.der")
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[own] + [other] * 98 + [inter]), role)


@case("a chain of 2 MB", CLIENT, ALL, either(*ANY, NO_MEMORY))
def _(kit, role, version):
    own, inter = chain(kit)
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[own] + [inter] * 4000), role)


@case("an empty chain", CLIENT, ALL, refused(*ANY, 1040))
def _(kit, role, version):
    return lambda sock: whole(peer_of(kit, role, version, sock,
                                      lambda name, body: [message(CERTIFICATE, (u8(0) if version == "1.3" else b"") + u24(0))]
                                      if name == "Certificate" else body), role)


@case("an empty certificate in the chain", CLIENT, ALL, refused(*ANY))
def _(kit, role, version):
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[*chain(kit), b""]), role)


@case("rubbish in the chain", CLIENT, ALL, refused(*ANY))
def _(kit, role, version):
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[*chain(kit), os.urandom(400)]), role)


@case("a certificate of 16 KB that never ends", CLIENT, ALL, refused(*ANY))
def _(kit, role, version):
    return lambda sock: whole(peer_of(kit, role, version, sock, certificates=[b"\x30\x80" * 8000]), role)


def whole(peer, role):
    peer.handshake()
    return converse(peer, role)


# --- Shares ---

def with_share(share=None, group=X25519):
    """A peer that has no other group. `share`: instead of one whose secret it has."""
    return with_members(group=group, share=share)


# A client that offers no other group shows that it cannot verify the server's P-256 signature (RFC 8422, 5.1.1); some servers
# notice.
case("X25519", SERVER, ("1.2",), either(FAILURE))(with_share())
case("X25519", CLIENT, ALL, alive)(with_share())
case("X25519", SERVER, ("1.3",), alive)(with_share())
# RFC 7748, 6.1; RFC 8422, 5.11; RFC 8446, 7.4.2: the secret would be zero, whatever the other side's key. A server may go on with
# a secret of its own, and notice in Finished that the client's is another.
ORDER = 2 ** 255 - 19
for name, x in {
    "0": 0,
    "1": 1,
    "of order 8": 325606250916557431795983626356110631294008115727848805560023387167927233504,
    "another of order 8": 39382357235489614581723060781553021112529911719440698176882885853963445705823,
    "p - 1": ORDER - 1,
    "p": ORDER,
    "p + 1": ORDER + 1,
}.items():
    case(f"an X25519 share of low order: {name}", BOTH, ALL, refused(BAD_MESSAGE, BAD_RECORD, FAILURE))(
        with_share(x.to_bytes(32, "little")))
# RFC 8422, 5.4 and 5.11; RFC 8446, 4.2.8.2. The points are on the curve: the generators.
G_P256 = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce3357"
                       "6b315ececbb6406837bf51f5")
G_X25519 = u8(9) + bytes(31)
for group, what, point in ((SECP256R1, "secp256r1", G_P256), (X25519, "X25519", G_X25519)):
    for how, share in {"cut by a byte": point[:-1], "grown by a byte": point + b"\0", "of one byte": point[:1]}.items():
        errors = BAD_MESSAGE, BAD_RECORD, FAILURE
        # A server of TLS 1.3 sends this alert in plain text, without a ServerHello before it: the client has no keys to read more.
        for roles, versions, alerts in ((BOTH, ("1.2",), ()), (CLIENT, ("1.3",), ()), (SERVER, ("1.3",), (47, 50))):
            case(f"a share of {what} {how}", roles, versions, Expect(False, errors, alerts=alerts))(with_share(share, group))


# --- Keys that are changed too early ---

class AtOnce:
    """A socket that collects its output until input is needed."""

    def __init__(self, sock):
        self.sock, self.kept = sock, b""

    def sendall(self, data):
        self.kept += data

    def recv(self, size):
        kept, self.kept = self.kept, b""
        self.sock.sendall(kept)
        return self.sock.recv(size)


class Hasty(Server):
    """Sends its ChangeCipherSpec right after ServerHelloDone, and not again."""

    def say(self, name, kind, body):
        super().say(name, kind, body)
        if name == "ServerHelloDone":
            self.send(CHANGE_CIPHER_SPEC, b"\1")

    def change_keys_1_2(self):
        self.sending = self.next_sending


# The client has not sent its ClientKeyExchange and has no keys yet. It may go on, but only with the right ones.
@case("ChangeCipherSpec in one piece with ServerHelloDone", CLIENT, ("1.2",), either(UNEXPECTED))
def _(kit, role, version):
    def act(sock):
        at_once: Any = AtOnce(sock)
        peer = Hasty(at_once, version, chain(kit), kit.material("p256.key.pem"))
        question = whole(peer, role)
        sock.sendall(at_once.kept)
        return question
    return act


# RFC 7748, 5: the highest bit must be ignored.
def with_high_bit(peer):
    """A peer whose X25519 share has this bit set."""
    start = peer.start_share

    def start_share():
        share = start()
        return share[:-1] + bytes([share[-1] | 0x80])
    peer.group, peer.start_share = X25519, start_share
    return peer


@case("an X25519 share with its highest bit set", BOTH, ("1.3",), alive)
def _(kit, role, version):
    def act(sock):
        return whole(with_high_bit(peer_of(kit, role, version, sock)), role)
    return act


# --- Tickets and pre-shared keys that a server does not know ---

def saying_more(extensions):
    """A client whose hello ends with these extensions."""
    def make(kit, role, version):
        def act(sock):
            peer = Client(sock, version)
            peer.last_extensions = extensions
            return whole(peer, role)
        return act
    return make


def offering(*sizes):
    """Identities of these sizes (RFC 8446, 4.2.11). One may be another server's ticket that contains a client's certificates: it
    is skipped."""
    identities = b"".join(sized16(os.urandom(size)) + bytes(4) for size in sizes)
    binders = sized8(bytes(32)) * len(sizes)
    return saying_more(extension(45, sized8(u8(1))) + extension(41, sized16(identities) + sized16(binders)))


for sizes in ((32,), (256,), (700,), (10000,), (100,) * 100):
    name = f"{len(sizes)} of {sizes[0]} bytes"
    expect = either(BAD_MESSAGE) if max(sizes) > 768 else alive
    case(f"unknown tickets: {name}, resumption off", SERVER, ("1.3",), expect)(offering(*sizes))
    case(f"unknown tickets: {name}", SERVER, ("1.3",), expect, RESUMPTION)(offering(*sizes))
    # Here only the key verifies a client.
    case(f"unknown keys: {name}", SERVER, ("1.3",), refused(UNKNOWN_PSK, 1040, *ANY), PSK)(offering(*sizes))


for size in (1, 256, 2000, 10000):
    offer = saying_more(extension(35, os.urandom(size)))  # RFC 5077, 3.2
    case(f"an unknown ticket of {size} bytes, resumption off", SERVER, ("1.2",), alive)(offer)
    case(f"an unknown ticket of {size} bytes", SERVER, ("1.2",), alive, RESUMPTION)(offer)


def first_ticket(sock):
    """A connection of TLS 1.3, from which a client keeps ticket_age_add and the ticket (RFC 8446, 4.6.1)."""
    peer = Client(sock, "1.3")
    peer.last_extensions = extension(45, sized8(u8(1)))
    peer.handshake()
    body = peer.hear(TICKET)
    at = 9 + body[8]
    ticket = body[at + 2:at + 2 + struct.unpack("!H", body[at:at + 2])[0]]
    converse(peer, "server")
    return body[4:8], ticket


def with_changed_ticket(change, taken=False):
    """And a binder of zeros. A server that takes the ticket refuses it with decrypt_error (RFC 8446, 4.2.11); one that does not
    goes on with a full handshake."""
    def make(kit, role, version):
        def act(sock):
            age, ticket = first_ticket(sock)
            with socket.create_connection(sock.getpeername(), 10) as again:
                sock.shutdown(socket.SHUT_WR)
                second = Client(again, version)
                second.last_extensions = extension(45, sized8(u8(1))) + extension(
                    41, sized16(sized16(change(ticket)) + age) + sized16(sized8(bytes(32))))
                try:
                    answer = whole(second, role)
                except Gone as end:
                    answer = str(end)
                if not taken:
                    return answer
                return b"echo: hello\n" if answer == "alert 2 51" else f"the ticket was not taken: {answer}"
        return act
    return make


case("a ticket with a binder of zeros", SERVER, ("1.3",), alive, ("--resume", "2"))(
    with_changed_ticket(lambda ticket: ticket, taken=True))
# RFC 5077, 4: nothing in it may be changed.
for number in (0, 15, 16, 31, 33, 60, -33, -32, -17, -16, -1):
    case(f"a ticket whose byte {number} is changed", SERVER, ("1.3",), alive, ("--resume", "2"))(with_changed_ticket(
        lambda ticket, at=number: ticket[:at] + bytes([ticket[at] ^ 1]) + ticket[at:][1:]))


@case("a ticket of TLS 1.3 in TLS 1.2", SERVER, ("",), alive, ("--resume", "2"))
def _(kit, role, version):
    """Its session has no master secret: a peer that resumes it does so without a key."""
    def act(sock):
        _, ticket = first_ticket(sock)
        with socket.create_connection(sock.getpeername(), 10) as again:
            sock.shutdown(socket.SHUT_WR)
            second = Client(again, "1.2")
            second.last_extensions = extension(35, ticket)
            return whole(second, role)
    return act


def with_identity(size):
    """RFC 4279, 2: the identity in ClientKeyExchange."""
    def make(kit, role, version):
        def act(sock):
            peer = Client(sock, version)
            peer.suite = 0x00A8
            peer.say("ClientHello", CLIENT_HELLO, peer.hello())
            peer.hear(SERVER_HELLO_DONE)
            peer.say("ClientKeyExchange", CLIENT_KEY_EXCHANGE, sized16(bytes(size)))
            peer.send(CHANGE_CIPHER_SPEC, b"\1")
            peer.send(HANDSHAKE, bytes(40))
            return drain(sock)
        return act
    return make


case("an empty identity", SERVER, ("1.2",), refused(UNKNOWN_PSK, BAD_MESSAGE), PSK)(with_identity(0))
for size in (1, 128, 129, 2000, 10000):
    case(f"an unknown identity of {size} bytes", SERVER, ("1.2",), refused(UNKNOWN_PSK), PSK)(with_identity(size))


# --- Messages in pieces, and long ones ---

for size in (1, 3, 5, 50):
    case(f"handshake messages in records of {size}", BOTH, ALL, alive)(with_members(fragment=size))


def with_certificate(size):
    """A server whose certificate has so many names that it has `size` bytes."""
    def make(kit, role, version):
        own, key = kit.authority.once(("names", size), lambda: kit.authority.large_leaf(size))

        def act(sock):
            peer = Server(sock, version, [own], key)
            return whole(peer, role)
        return act
    return make


# More than a record, up to the largest message that a build accepts (USSL_HANDSHAKE_MESSAGE).
case("a certificate of 20,000 bytes", CLIENT, ALL, alive)(with_certificate(20000))
case("a certificate of 60,000 bytes", CLIENT, ALL, alive)(with_certificate(60000))
case("a certificate of 66,000 bytes", CLIENT, ALL, refused(MESSAGE_TOO_LARGE))(with_certificate(66000))


@case("a ClientHello of 60,000 bytes", SERVER, ALL, alive)
def _(kit, role, version):
    def act(sock):
        peer = Client(sock, version)
        peer.last_extensions = b"".join(extension(0x6123 + i, bytes(12000)) for i in range(5))
        return whole(peer, role)
    return act


# --- Must be ignored ---

@case("a client that may resume never offers a PSK without a key exchange", CLIENT, ("1.3",), alive, RESUMPTION)
def _(kit, role, version):
    """RFC 8446, 4.2.9: psk_ke has no forward secrecy."""
    def act(sock):
        peer = peer_of(kit, role, version, sock)
        answer = whole(peer, role)
        modes = peer.offered.get(45, b"")
        return answer if modes == sized8(u8(1)) else f"modes {modes!r}"
    return act


@case("ChangeCipherSpec right behind a HelloRetryRequest", SERVER, ("1.3",), alive)
def _(kit, role, version):
    """RFC 8446, D.4: before the client answers."""
    def act(sock):
        hellos = []

        def change(name, body):
            hellos.append(body)
            if name == "ClientHello" and len(hellos) == 2 and peer.exactly(6) != record(CHANGE_CIPHER_SPEC, b"\1"):
                raise Gone("no ChangeCipherSpec")
            return body
        peer = Client(sock, version, change)
        peer.shows_share = False
        return whole(peer, role)
    return act


unknown = [0x0A0A + 0x1010 * (i % 16) for i in range(64)]  # RFC 8701, 2
case("64 unknown signature algorithms in front", SERVER, ALL, alive)(with_members(algorithms=[*unknown, 0x0403]))
case("each known signature algorithm, the right one last", SERVER, ALL, alive)(
    with_members(algorithms=[0x0401, 0x0501, 0x0601, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0807, 0x0808, 0x0402, 0x0302,
                             0x0301, 0x0303, 0x0502, 0x0602, 0x0503, 0x0603, 0x0203, 0x0201, 0x0202, 0x0101, 0x0403]))
# RFC 8446, 4.2.9 and RFC 8701, 3.1.
case("unknown modes of pre-shared keys", SERVER, ("1.3",), alive)(
    with_members(last_extensions=extension(45, sized8(b"\x0b\x01\x2a\x49"))))
case("unknown modes of pre-shared keys, resumption on", SERVER, ("1.3",), alive, RESUMPTION)(
    with_members(last_extensions=extension(45, sized8(b"\x0b\x01\x2a\x49"))))
# RFC 8446, 4.1.2, 4.2.1 and D.2: none of this is a reason to refuse.
for number in 0x0304, 0x0305, 0x03FF:
    case(f"a hello of version {number:04x}", SERVER, ALL, alive)(
        changed(ClientHello=lambda body, number=number: body[:4] + u16(number) + body[6:]))
# RFC 5246, 7.4.1.2: not even the length of extensions has to be there.
case("a server's hello without extensions", CLIENT, ("1.2",), alive)(
    changed(ServerHello=lambda body: message(SERVER_HELLO, body[4:42])))
# RFC 8446, 4.2.1: supported_versions decides. D.5: SSL 3.0 MUST be refused.
for number, outcome in (0x0301, alive), (0x0302, alive), (0x0300, refused(VERSION, FAILURE)), (0, refused(VERSION)):
    case(f"a hello of version {number:04x} with supported_versions", SERVER, ("1.3",), outcome)(
        changed(ClientHello=lambda body, number=number: body[:4] + u16(number) + body[6:]))


def with_first_record(number):
    """RFC 8446, 5.1: the field MUST be ignored."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            raw: list[bytes] = []

            def change_first(data):
                sock.sendall(data if raw else data[:1] + u16(number) + data[3:])
                raw.append(data)
            peer.raw = change_first
            return whole(peer, role)
        return act
    return make


for number in 0x0300, 0x0301, 0x0304, 0x03FF:
    case(f"a first record of version {number:04x}", SERVER, ALL, alive)(with_first_record(number))


@case("an X25519 share with its highest bit set", BOTH, ("1.3",), alive)
def _(kit, role, version):
    """RFC 7748, 5: the bit is masked."""
    def act(sock):
        peer = peer_of(kit, role, version, sock)
        peer.group = X25519
        start = peer.start_share
        peer.start_share = lambda: (lambda share: share[:31] + u8(share[31] | 0x80))(start())
        return whole(peer, role)
    return act


# RFC 8446, 4.2.10: a server skips early data that it does not accept.
def with_early_data(early_hellos=1, **members):
    """Behind a ticket that nobody knows."""
    ticket = extension(45, sized8(b"\1")) + extension(41, sized16(sized16(b"t" * 64) + bytes(4)) + sized16(sized8(b"b" * 32)))
    return with_members(last_extensions=ticket, early_hellos=early_hellos, **members)


for count in 1, 8:
    records = [os.urandom(1000)] * count
    case(f"{count} records of early data", SERVER, ("1.3",), alive, RESUMPTION)(with_early_data(behind_hello=records))
    case(f"{count} records of early data before a HelloRetryRequest", SERVER, ("1.3",), alive, RESUMPTION)(
        with_early_data(behind_hello=records, shows_share=False))
    case(f"{count} records of early data behind a second hello", SERVER, ("1.3",), refused(BAD_RECORD, UNEXPECTED), RESUMPTION)(
        with_early_data(behind_second_hello=records, shows_share=False))
case("more early data than is skipped", SERVER, ("1.3",), refused(BAD_RECORD, UNEXPECTED), RESUMPTION)(
    with_early_data(behind_hello=[os.urandom(16384)] * 2))
case("more early data than is skipped before a HelloRetryRequest", SERVER, ("1.3",), refused(BAD_RECORD, UNEXPECTED), RESUMPTION)(
    with_early_data(behind_hello=[os.urandom(16384)] * 2, shows_share=False))
case("a second hello that offers early data", SERVER, ("1.3",), refused(BAD_MESSAGE), RESUMPTION)(
    with_early_data(2, shows_share=False))


# --- HelloRetryRequests ---

def with_cookie(size, group=SECP256R1):
    def make(kit, role, version):
        def act(sock):
            peer = Server(sock, version, chain(kit), kit.material("p256.key.pem"))
            peer.cookie, peer.group = os.urandom(size), group
            return whole(peer, role)
        return act
    return make


for size in (1, 300, 3000):
    case(f"a HelloRetryRequest with a cookie of {size} bytes", CLIENT, ("1.3",), alive)(with_cookie(size))
case("a HelloRetryRequest with a cookie and a group", CLIENT, ("1.3",), alive)(with_cookie(32, X25519))
case("a HelloRetryRequest with a cookie that fills a hello", CLIENT, ("1.3",), either(MESSAGE_TOO_LARGE))(with_cookie(60000))


# --- Slow and silent ones ---

@case("one byte at a time", BOTH, ALL, alive)
def _(kit, role, version):
    def act(sock):
        return whole(peer_of(kit, role, version, Dripping(sock, 0)), role)
    return act


@case("one byte in a tenth of a second", BOTH, ALL, late, deadline(1))
def _(kit, role, version):
    return lambda sock: whole(peer_of(kit, role, version, Dripping(sock, 0.1)), role)


case("a peer that says nothing", BOTH, ALL, late, deadline(1))(lambda kit, role, version: lambda sock: drain(sock))
case("a peer that stops within a record", BOTH, ALL, late, deadline(1))(
    lambda kit, role, version: lambda sock: sock.sendall(b"\x16\x03\x03\x01\x00\x01") or drain(sock))
case("a peer that ends at once", BOTH, ALL, cut)(lambda kit, role, version: lambda sock: None)
case("a half-open peer: it has ended, and still listens", BOTH, ALL, cut)(
    lambda kit, role, version: lambda sock: sock.shutdown(socket.SHUT_WR) or drain(sock))
case("a peer that resets", BOTH, ALL, Expect(False, (104, 32), ("transport",)))(
    lambda kit, role, version: lambda sock: reset(kit, role, version, sock))


class Dripping:
    """A socket that sends single bytes."""

    def __init__(self, sock, pause):
        self.sock, self.pause = sock, pause
        self.recv = sock.recv

    def sendall(self, data):
        for at in range(len(data)):
            self.sock.sendall(data[at:at + 1])
            if self.pause:
                time.sleep(self.pause)
                if self.heard_an_end():
                    raise Gone("the other side has ended")

    def heard_an_end(self):
        self.sock.setblocking(False)
        try:
            return self.sock.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        finally:
            self.sock.settimeout(10)


def drain(sock):
    while sock.recv(65536):
        pass


def reset(kit, role, version, sock):
    peer = peer_of(kit, role, version, sock)
    if role == "client":
        peer.handshake()
        peer.receive_data(6)
    else:
        peer.handshake()
        peer.send_data(b"hello\n")
        peer.receive_data(12)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    raise Gone("reset")
