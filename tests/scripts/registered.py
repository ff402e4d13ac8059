# A firmware that has the module as ssl and tls, too (USSL_REGISTER_SSL=1): programs for these find their names.
from support import *

try:
    import ssl
    import tls
except ImportError:
    skip("not registered as ssl and tls")

assert ssl is tls is ussl or (ssl.SSLContext is tls.SSLContext is ussl.SSLContext)
assert ssl.PROTOCOL_TLS_CLIENT == 0 and ssl.PROTOCOL_TLS_SERVER == 1


# A layer over tls like the ssl modules that are written in Python.
class Layer:
    def __init__(self, protocol):
        self.below = tls.SSLContext(protocol)
        self.below.verify_mode = tls.CERT_NONE

    def load_cert_chain(self, certfile, keyfile):
        self.below.load_cert_chain(contents(certfile), contents(keyfile))

    def load_verify_locations(self, cadata):
        self.below.load_verify_locations(cadata)

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, server_hostname=None):
        return self.below.wrap_socket(sock, server_side=server_side, do_handshake_on_connect=do_handshake_on_connect,
                                      server_hostname=server_hostname)


server, client = Layer(tls.PROTOCOL_TLS_SERVER), Layer(tls.PROTOCOL_TLS_CLIENT)
server.load_cert_chain("p256.crt.der", "p256.key.der")
for anchor in (contents("ca.pem"), contents("ca.der"), str(contents("ca.pem"), "ascii")):
    client.load_verify_locations(anchor)
client.below.verify_mode = tls.CERT_REQUIRED
client.below.check_hostname = True
a, b = pipes()
server.below.load_cert_chain(contents("p256.crt.pem"), contents("p256.key.pem"))
c = client.wrap_socket(a, do_handshake_on_connect=False, server_hostname="localhost")
s = server.wrap_socket(b, server_side=True, do_handshake_on_connect=False)
handshake(c, s)
transfer(c, s, b"layered")

# asyncio accepts such a context.
try:
    import asyncio
except ImportError:
    print("NOTE: no asyncio: not tried with it")
    sys.exit()


async def serve(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()
    await writer.wait_closed()


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs + "p256.crt.pem", certs + "p256.key.pem")
    server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=context)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certs + "ca.pem")
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(b"hello\n")
    await writer.drain()
    assert await reader.readline() == b"hello\n"
    writer.close()
    await writer.wait_closed()
    server.close()
    await server.wait_closed()


asyncio.run(main())
