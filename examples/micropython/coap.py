# CoAP (RFC 7252) over a DTLS connection, for both roles at once: a LwM2M device answers requests on the connection that it has
# registered with. Without block-wise transfer. coap_client.py, lwm2m_client.py and lwm2m_server.py import it.

import asyncio
import binascii
import os
import socket

import ussl

GET, POST, PUT, DELETE = 1, 2, 3, 4
CREATED, DELETED, CHANGED, CONTENT = 0x41, 0x42, 0x44, 0x45
BAD_REQUEST, BAD_OPTION, NOT_FOUND, NOT_ALLOWED, NOT_ACCEPTABLE = 0x80, 0x82, 0x84, 0x85, 0x86
CONFIRMABLE, NON_CONFIRMABLE, ACKNOWLEDGEMENT, RESET = 0, 1, 2, 3
URI_HOST, OBSERVE, URI_PORT, LOCATION_PATH, URI_PATH, CONTENT_FORMAT, URI_QUERY, ACCEPT = 3, 6, 7, 8, 11, 12, 15, 17
UNDERSTOOD = (URI_HOST, URI_PORT, URI_PATH, URI_QUERY, ACCEPT)  # of the critical options, which have odd numbers (5.4.1)
TEXT, LINK_FORMAT, SENML_JSON = 0, 40, 110

# RFC 7252, 4.8, in milliseconds; PATIENCE is our own: how long to wait for an answer that the peer has promised.
ACK_TIMEOUT, MAX_RETRANSMIT, PATIENCE = 2000, 4, 60_000
LARGEST = 1152  # bytes of a message (4.6)
REMEMBERED = 8  # message IDs of the peer, to recognise repeated ones (4.5)


def name_of(code):
    return "%d.%02d" % (code >> 5, code & 31)


def number(value):
    """The contents of an option that is a number (3.2)."""
    size = 0
    while value >> 8 * size:
        size += 1
    return value.to_bytes(size, "big")


def options_of(path):
    """Uri-Path and Uri-Query of "/a/b?x=1&y=2"."""
    path, _, query = path.partition("?")
    return [(URI_PATH, part.encode()) for part in path.split("/") if part] + \
        [(URI_QUERY, part.encode()) for part in query.split("&") if part]


class Message:
    def __init__(self, kind, code, message_id=0, token=b"", options=(), payload=b""):
        self.kind, self.code, self.message_id, self.token = kind, code, message_id, token
        self.options, self.payload = options, payload

    def values(self, option):
        return [value for n, value in self.options if n == option]

    def value(self, option):
        """The number in an option; None: it is not there."""
        found = self.values(option)
        return int.from_bytes(found[0], "big") if found else None

    def is_understood(self):
        return all([n & 1 == 0 or n in UNDERSTOOD for n, _ in self.options])

    def path(self):
        return "/" + "/".join([part.decode() for part in self.values(URI_PATH)])

    def encode(self):
        out = bytearray((0x40 | self.kind << 4 | len(self.token), self.code)) + self.message_id.to_bytes(2, "big") + self.token
        last = 0
        # The order of repeated ones counts, and MicroPython's sort is not stable.
        for _, (n, value) in sorted(enumerate(self.options), key=lambda each: (each[1][0], each[0])):
            nibbles, extended = 0, b""
            for field in (n - last, len(value)):  # 3.1: 0 to 12, or 13 and a byte, or 14 and two bytes
                nibble = field if field < 13 else 13 if field < 269 else 14
                extended += b"" if nibble < 13 else (field - 13).to_bytes(1, "big") if nibble == 13 else \
                    (field - 269).to_bytes(2, "big")
                nibbles = nibbles << 4 | nibble
            out += bytes((nibbles,)) + extended + value
            last = n
        return bytes(out + b"\xff" + self.payload if self.payload else out)


def decode(datagram):
    """A Message. ValueError: malformed (3)."""
    size = datagram[0] & 15 if datagram else 0
    if len(datagram) < 4 + size or datagram[0] >> 6 != 1 or size > 8:
        raise ValueError("not a CoAP message")
    message = Message(datagram[0] >> 4 & 3, datagram[1], int.from_bytes(datagram[2:4], "big"), datagram[4:4 + size], [])
    at, n = 4 + size, 0
    if message.code == 0 and len(datagram) != 4:  # 4.1
        raise ValueError("an empty message with contents")
    while at < len(datagram):
        first, at = datagram[at], at + 1
        if first == 0xff:
            message.payload, at = datagram[at:], len(datagram)
            if not message.payload:
                raise ValueError("no payload behind its marker")
            break
        fields = []
        for nibble in (first >> 4, first & 15):
            if nibble == 15:
                raise ValueError("a reserved length")
            more = nibble - 12 if nibble > 12 else 0
            fields.append(int.from_bytes(datagram[at:at + more], "big") + (nibble, 13, 269)[more])
            at += more
        n += fields[0]
        message.options.append((n, datagram[at:at + fields[1]]))
        at += fields[1]
    if at > len(datagram):
        raise ValueError("cut short")
    return message


async def readable(stream):
    yield asyncio.core._io_queue.queue_read(stream)


class Exchange:
    """A request that waits for its answer."""

    def __init__(self, message):
        self.message, self.answer, self.acknowledged, self.refused = message, None, False, False
        self.news = asyncio.Event()

    def take(self, message):
        self.acknowledged = True
        self.refused = message.kind == RESET or not message.is_understood()
        if message.code and message.token == self.message.token and not self.refused:
            self.answer = message
        self.news.set()


class Endpoint:
    """Over a connection that does not block. `serve(request)` returns the answer to a request, without waiting: a code, or (code,
    options, payload)."""

    def __init__(self, tls, serve=lambda request: NOT_FOUND):
        self.tls, self.serve = tls, serve
        self.last_id = int.from_bytes(os.urandom(2), "big")
        self.exchanges = []
        self.observed = {}  # token: called with each notification
        self.answered = []  # (message ID, answer), the newest last
        self.heard = asyncio.Event()  # something has come; or this is the end

    def next_id(self):
        self.last_id = (self.last_id + 1) & 0xffff
        return self.last_id

    async def run(self):
        """Until the peer closes the connection, or it fails."""
        try:
            while True:
                await readable(self.tls)
                datagram = self.tls.recv(LARGEST + 1)
                if datagram == b"":
                    return
                if datagram and len(datagram) <= LARGEST:
                    try:
                        message = decode(datagram)
                    except ValueError:
                        continue  # 4.2, 4.3: it may be ignored
                    self.heard.set()
                    self.receive(message)
        finally:
            self.heard.set()

    def receive(self, message):
        if message.kind >= ACKNOWLEDGEMENT:
            for exchange in self.exchanges:
                if exchange.message.message_id == message.message_id:
                    exchange.take(message)
        elif 0 < message.code < 32:
            self.answer(message)
        elif message.code == 0:
            self.reply(message, RESET)  # a ping (4.3)
        else:  # an answer that comes by itself (5.2.2, 5.2.3), or a notification (RFC 7641)
            known = message.token in self.observed
            for exchange in self.exchanges:
                if exchange.message.token == message.token:
                    exchange.take(message)
                    known = True
                    break
            else:
                if known:
                    self.observed[message.token](message)
            if message.kind == CONFIRMABLE or not known:
                self.reply(message, ACKNOWLEDGEMENT if known else RESET)

    def reply(self, message, kind):
        """Empty."""
        self.tls.send(Message(kind, 0, message.message_id).encode())

    def answer(self, request):
        for message_id, datagram in self.answered:
            if message_id == request.message_id:  # repeated: our answer was lost (4.5)
                self.tls.send(datagram)
                return
        try:
            answer = self.serve(request) if request.is_understood() else BAD_OPTION
        except ValueError:
            answer = BAD_REQUEST
        code, options, payload = answer if isinstance(answer, tuple) else (answer, (), b"")
        with_it = request.kind == CONFIRMABLE
        datagram = Message(ACKNOWLEDGEMENT if with_it else NON_CONFIRMABLE, code,
                           request.message_id if with_it else self.next_id(), request.token, options, payload).encode()
        self.answered = self.answered[1 - REMEMBERED:] + [(request.message_id, datagram)]
        self.tls.send(datagram)

    async def request(self, code, path, payload=b"", options=(), observer=None):
        """The answer, a Message. Datagrams may be lost, so the request is repeated until the peer acknowledges it."""
        message = Message(CONFIRMABLE, code, 0, os.urandom(4), options_of(path) + list(options), payload)
        if observer:
            message.options.append((OBSERVE, b""))  # RFC 7641, 2: register
        answer = await self.exchange(message)
        if observer and answer.value(OBSERVE) is not None:
            self.observed[message.token] = observer
        return answer

    async def notify(self, token, sequence, options, payload):
        """A notification, until the peer has it. False: it wants no more (RFC 7641, 3.6)."""
        message = Message(CONFIRMABLE, CONTENT, 0, token, [(OBSERVE, number(sequence))] + list(options), payload)
        return not (await self.exchange(message, False)).refused

    async def exchange(self, message, is_request=True):
        message.message_id = self.next_id()
        exchange = Exchange(message)
        self.exchanges.append(exchange)
        try:
            delay = ACK_TIMEOUT + os.urandom(1)[0] * ACK_TIMEOUT // 512  # ACK_RANDOM_FACTOR: up to 1.5
            for _ in range(1 + MAX_RETRANSMIT):
                self.tls.send(message.encode())
                if await self.news(exchange, delay):
                    break
                delay *= 2
            while not exchange.answer and exchange.acknowledged and not exchange.refused and is_request:
                if not await self.news(exchange, PATIENCE):  # empty: the answer comes later (5.2.2)
                    break
        finally:
            self.exchanges.remove(exchange)
        if not is_request and exchange.acknowledged:
            return exchange
        if not exchange.answer:
            raise OSError("the peer has refused the message" if exchange.refused else "no answer")
        return exchange.answer

    @staticmethod
    async def news(exchange, milliseconds):
        try:
            await asyncio.wait_for_ms(exchange.news.wait(), milliseconds)
        except asyncio.TimeoutError:
            return False
        exchange.news.clear()
        return True


def client_context(identity, key):
    """By a pre-shared key in hexadecimal; if that is "-", `identity` is a file of authorities that the server's is one of."""
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
    if key == "-":
        context.load_verify_locations(identity)
    else:
        context.psk_identity, context.psk_key = identity.encode(), binascii.unhexlify(key)
    if ussl.HAS_CONNECTION_ID:
        context.connection_id_size = 0  # RFC 9146: we send the server's ID, if it has one, and need none ourselves
    context.handshake_timeout = 30
    return context


def connect(context, host, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.connect(socket.getaddrinfo(host, int(port))[0][-1])
        tls = context.wrap_socket(sock, server_hostname=host)
        tls.setblocking(False)
        return tls
    except OSError:
        sock.close()
        raise
