# Two ends of a connection in memory, contexts on certificates of tests/certs/make.py, and a connection over them: what the
# measured scripts share. They run with either module: `ussl`, or MicroPython's own `tls`.

import io

MP_STREAM_POLL = 3


class End(io.IOBase):
    """One end of a pipe in memory, non-blocking: what it writes, the other reads."""

    def __init__(self):
        self.incoming = bytearray()
        self.other = None
        self.writes = 0

    def readinto(self, buffer):
        if not self.incoming:
            return None
        size = min(len(buffer), len(self.incoming))
        buffer[:size] = self.incoming[:size]
        self.incoming = self.incoming[size:]
        return size

    def write(self, data):
        self.writes += 1
        self.other.incoming += data
        return len(data)

    def ioctl(self, request, argument):
        return argument if request == MP_STREAM_POLL else 0


def content(folder, name):
    with open(folder + "/" + name, "rb") as file:
        return file.read()


def contexts(module, folder, version=None, credential="p256"):
    """A client that verifies, and a server. The intermediate is the anchor, so that one certificate is sent and one
    signature on it is checked: the built-in module takes no chain in DER."""
    client = module.SSLContext(module.PROTOCOL_TLS_CLIENT)
    client.verify_mode = module.CERT_REQUIRED
    client.load_verify_locations(content(folder, "inter.der"))
    server = module.SSLContext(module.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(content(folder, credential + ".crt.der"), content(folder, credential + ".key.der"))
    if version:
        client.maximum_version = client.minimum_version = getattr(module, version)
    return client, server


def pipe():
    near, far = End(), End()
    near.other, far.other = far, near
    return near, far


def connect(client_context, server_context, near, far):
    """Both ends, with a byte sent by the client and read by the server."""
    client = client_context.wrap_socket(near, server_hostname="localhost", do_handshake_on_connect=False)
    server = server_context.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
    sent = got = None
    while not got:
        if not sent:
            sent = client.write(b"x")
        got = server.read(1)
    assert got == b"x"
    return client, server
