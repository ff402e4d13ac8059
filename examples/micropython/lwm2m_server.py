# A server of Lightweight M2M 1.1, as small as it can be: devices register over CoAP and DTLS, by pre-shared key or certificate;
# it reads each one's device object, observes its temperature, and sets how long its registration lasts. Needs coap.py.
#
#   micropython lwm2m_server.py PORT IDENTITY PSK_IN_HEX [CERTIFICATE KEY CA_FILE]
#
# CA_FILE: devices without a key must have a certificate of one of these authorities.

import asyncio
import binascii
import socket
import sys

import coap
import ussl

SILENT = 120  # seconds after which a device is dropped


class Registration:
    """A device's connection, and what it has registered."""

    last = 0

    def __init__(self, tls, address):
        self.tls, self.address = tls, address
        self.endpoint = coap.Endpoint(tls, self.serve)
        self.name = self.place = None
        self.managing = None

    def serve(self, request):
        path = request.path()
        query = dict([(part.decode() + "=").split("=")[:2] for part in request.values(coap.URI_QUERY)])
        if request.code == coap.POST and path == "/rd":
            if not query.get("ep") or not 0 < int(query.get("lt", "86400")) < 1 << 32:
                return coap.BAD_REQUEST
            Registration.last += 1
            self.name, self.place = query["ep"], "/rd/%d" % Registration.last
            print("registered", self.name, "at", self.place, "for", query.get("lt"), request.payload.decode())
            self.managing = asyncio.create_task(self.manage())
            return coap.CREATED, [(coap.LOCATION_PATH, part.encode()) for part in self.place.split("/")[1:]], b""
        if path != self.place:
            return coap.NOT_FOUND
        if request.code == coap.POST:
            print("updated", self.name, query.get("lt", ""))
            return coap.CHANGED
        if request.code == coap.DELETE:
            print("ended", self.name)
            self.place = None
            return coap.DELETED
        return coap.NOT_ALLOWED

    def notified(self, message):
        if ussl.HAS_CONNECTION_ID and self.tls.client_address != self.address:
            self.address = self.tls.client_address
            print("moved", self.name)
        print("notified", self.name, message.payload.decode())

    async def manage(self):
        try:
            answer = await self.endpoint.request(coap.GET, "/3/0", options=[(coap.ACCEPT, coap.number(coap.SENML_JSON))])
            print("device", self.name, coap.name_of(answer.code), answer.payload.decode())
            answer = await self.endpoint.request(coap.GET, "/3303/0/5700", observer=self.notified)
            print("temperature", self.name, coap.name_of(answer.code), answer.payload.decode())
            answer = await self.endpoint.request(coap.PUT, "/1/0/1", b"30")
            print("lifetime", self.name, coap.name_of(answer.code))
        except OSError as error:
            print("no answer from", self.name, error)

    async def run(self):
        receiving = asyncio.create_task(self.endpoint.run())
        try:
            while not receiving.done():
                self.endpoint.heard.clear()
                await asyncio.wait_for(self.endpoint.heard.wait(), SILENT)
            await receiving  # raises what ended it
        except (OSError, asyncio.TimeoutError) as error:
            print("connection failed:", error)
        finally:
            for task in (receiving, self.managing):
                if task:
                    task.cancel()
            self.tls.close()  # makes room for another device


async def main(port, identity, key, certificate=None, own_key=None, authorities=None):
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)
    context.server_psk_keys = {identity.encode(): binascii.unhexlify(key)}
    if certificate:
        context.load_cert_chain(certificate, own_key)
        context.load_verify_locations(authorities)
    if ussl.HAS_CONNECTION_ID:
        context.connection_id_size = 8
    context.handshake_timeout = 30
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    server = ussl.DatagramServer(sock, context, max_clients=100)
    print("listening on port", port)
    while True:
        await coap.readable(server)
        tls, address = server.accept()
        has_id = ussl.HAS_CONNECTION_ID and tls.connection_id
        print("connected", tls.cipher()[0] + (" with a connection ID" if has_id else ""))
        asyncio.create_task(Registration(tls, address).run())


asyncio.run(main(*sys.argv[1:]))
