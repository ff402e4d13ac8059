# A DTLS server with many clients on one UDP socket. It answers CoAP's GETs, and sends everything else back.
#
#   micropython dtls_server.py PORT CERTIFICATE KEY [IDENTITY PSK_IN_HEX]

import asyncio
import binascii
import socket
import sys

import ussl

IDLE = 60_000  # milliseconds until a silent client is dropped


async def readable(stream):
    yield asyncio.core._io_queue.queue_read(stream)


def answer(datagram):
    """Acknowledges a confirmable GET, with the request's token (RFC 7252, 3); returns any other datagram as it is."""
    if datagram[0] & 0xf0 != 0x40 or len(datagram) < 4 or datagram[1] != 1:
        return datagram
    token = datagram[4:4 + (datagram[0] & 15)]
    return bytes((0x60 | len(token), 0x45)) + datagram[2:4] + token + b"\xffhello"


async def serve_client(tls, address):
    try:
        while True:
            await asyncio.wait_for_ms(readable(tls), IDLE)
            datagram = tls.recv(1500)
            if datagram == b"":
                break
            if datagram is not None:
                print("received", len(datagram), "bytes")
                tls.send(answer(datagram))
    except (OSError, asyncio.TimeoutError) as error:  # this client failed, the others go on
        print("connection failed:", error)
    finally:
        tls.close()  # makes room for another client


async def main(port, certificate, key, identity=None, psk=None):
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)
    context.load_cert_chain(certificate, key)
    if identity:
        context.server_psk_keys = {identity.encode(): binascii.unhexlify(psk)}
    context.handshake_timeout = 30
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    server = ussl.DatagramServer(sock, context, max_clients=100)
    print("listening on port", port)
    while True:
        await readable(server)
        tls, address = server.accept()
        print("client:", tls.cipher()[0])
        asyncio.create_task(serve_client(tls, address))


asyncio.run(main(*sys.argv[1:]))
