# A CoAP client over DTLS with a pre-shared key, as in sensors (RFC 7252): PUTs a value, and GETs it from the server.
#
#   micropython coap_client.py HOST PORT PATH IDENTITY PSK_IN_HEX [TEXT]
#
# PATH may end with ?QUERY. TEXT: PUT this first.

import binascii
import os
import select
import socket
import sys
import time

import ussl

GET, PUT = 1, 3
CONFIRMABLE, ACKNOWLEDGEMENT, RESET = 0, 2, 3
URI_PATH, URI_QUERY = 11, 15
# RFC 7252, 4.8, in milliseconds; PATIENCE is our own: how long to wait for an answer that the server has promised.
ACK_TIMEOUT, MAX_RETRANSMIT, PATIENCE = 2000, 4, 60_000


def head_of(kind, code, message_id, token=b""):
    return bytes((0x40 | kind << 4 | len(token), code)) + message_id + token


def options_of(path):
    """RFC 7252, 3.1. Each part of the path must have less than 269 bytes."""
    path, _, query = path.partition("?")
    parts = [(URI_PATH, part) for part in path.split("/") if part] + [(URI_QUERY, query)] * bool(query)
    text, last = b"", 0
    for number, part in parts:
        part = part.encode()
        size = bytes((len(part),)) if len(part) < 13 else bytes((13, len(part) - 13))
        text += bytes((number - last << 4 | size[0],)) + size[1:] + part
        last = number
    return text


def payload_of(rest):
    """The payload behind an answer's options. IndexError if they are malformed."""
    at = 0
    while at < len(rest) and rest[at] != 0xff:
        delta, size = rest[at] >> 4, rest[at] & 15
        at += (1, 2, 3, 1)[delta - 12] if delta > 12 else 1
        if size == 13:
            size, at = rest[at] + 13, at + 1
        elif size == 14:
            size, at = (rest[at] << 8 | rest[at + 1]) + 269, at + 2
        at += size
    return rest[at + 1:]


class CoapClient:
    """One request at a time."""

    def __init__(self, context, host, port=5684):
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            sock.connect(socket.getaddrinfo(host, port)[0][-1])
            self.tls = context.wrap_socket(sock)
        except OSError:
            sock.close()
            raise
        self.tls.setblocking(False)
        self.poll = select.poll()
        self.poll.register(self.tls, select.POLLIN)
        self.message_id = int.from_bytes(os.urandom(2), "big")

    def request(self, method, path, payload=b""):
        """The answer's code and payload. Datagrams may be lost, so the request is repeated until the server acknowledges it."""
        self.message_id = (self.message_id + 1) & 0xffff
        own, token = self.message_id.to_bytes(2, "big"), os.urandom(4)
        message = head_of(CONFIRMABLE, method, own, token) + options_of(path) + (b"\xff" + payload if payload else b"")
        delay = ACK_TIMEOUT + os.urandom(1)[0] * ACK_TIMEOUT // 512
        due, sends = time.ticks_ms(), 1 + MAX_RETRANSMIT
        while True:
            left = time.ticks_diff(due, time.ticks_ms())
            if left <= 0:
                if sends == 0:
                    raise OSError("no answer")
                self.tls.send(message)
                due, delay, sends = time.ticks_add(time.ticks_ms(), delay), 2 * delay, sends - 1
                continue
            datagram = self.tls.recv(1152) if self.poll.poll(left) else None
            if datagram == b"":
                raise OSError("the server has closed the connection")
            if datagram is None or len(datagram) < 4 or datagram[0] >> 6 != 1:
                continue
            kind, code, about = datagram[0] >> 4 & 3, datagram[1], datagram[2:4]
            behind = 4 + (datagram[0] & 15)
            if kind >= ACKNOWLEDGEMENT and about != own:
                continue  # belongs to an earlier request
            if kind == RESET:
                raise OSError("the server has refused the request")
            if kind == ACKNOWLEDGEMENT and code == 0:  # empty: the answer comes later (5.2.2)
                due, sends = time.ticks_add(time.ticks_ms(), PATIENCE), 0
                continue
            known = datagram[4:behind] == token
            if kind == CONFIRMABLE:
                self.tls.send(head_of(ACKNOWLEDGEMENT if known else RESET, 0, about))
            if known:
                try:
                    return code, payload_of(datagram[behind:])
                except IndexError:
                    raise OSError("an answer with malformed options")

    def close(self):
        self.tls.close()


def main(host, port, path, identity, key, text=None):
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
    context.psk_identity, context.psk_key = identity.encode(), binascii.unhexlify(key)
    context.handshake_timeout = 30
    client = CoapClient(context, host, int(port))
    try:
        print("connected", client.tls.cipher()[0])
        for method, payload in ([(PUT, text.encode())] if text else []) + [(GET, b"")]:
            code, answer = client.request(method, path, payload)
            print("%d.%02d" % (code >> 5, code & 31), answer.decode())
    finally:
        client.close()


main(*sys.argv[1:])
