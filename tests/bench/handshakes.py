# Makes COUNT verified handshakes, both ends in this process over streams in memory, with the module
# named first: `ussl`, or MicroPython's own `tls`. Run under a tool that counts instructions; see
# tools/compare-handshake.
#
#   micropython handshakes.py MODULE COUNT CERTIFICATES [VERSION]
#
# VERSION: TLSv1_2 or TLSv1_3, with ussl only.

import io
import sys

module = __import__(sys.argv[1])
count = int(sys.argv[2])
folder = sys.argv[3]

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


def content(name):
    with open(folder + "/" + name, "rb") as file:
        return file.read()


# The intermediate is the anchor, so that one certificate is sent and one signature is checked: the
# built-in module takes no chain in DER.
client_context = module.SSLContext(module.PROTOCOL_TLS_CLIENT)
client_context.verify_mode = module.CERT_REQUIRED
client_context.load_verify_locations(content("inter.der"))
server_context = module.SSLContext(module.PROTOCOL_TLS_SERVER)
server_context.load_cert_chain(content("p256.crt.der"), content("p256.key.der"))

if len(sys.argv) > 4:
    client_context.maximum_version = client_context.minimum_version = getattr(module, sys.argv[4])

for _ in range(count):
    near, far = End(), End()
    near.other, far.other = far, near
    client = client_context.wrap_socket(near, server_hostname="localhost", do_handshake_on_connect=False)
    server = server_context.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
    sent = got = None
    while not got:
        if not sent:
            sent = client.write(b"x")
        got = server.read(1)
    assert got == b"x"
    # The client's last write carried the byte.
    version, writes = client.cipher()[1], (near.writes - 1, far.writes)
    client.close()
    server.close()

print("%d handshakes, %s, %s, writes %d + %d" % ((count, module.__name__, version) + writes))
