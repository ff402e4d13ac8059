# handshake_timeout, in seconds: for the whole handshake, however slowly the peer sends.
from support import *

try:
    from time import ticks_ms, ticks_diff
except ImportError:
    from utime import ticks_ms, ticks_diff

TIMEOUT = 1069

context = client_context()
assert context.handshake_timeout is None
for value in (1, 30, 0.25, 1000000):
    context.handshake_timeout = value
    assert context.handshake_timeout == value
context.handshake_timeout = None
assert context.handshake_timeout is None
for wrong in (0, -1, -0.5, 0.0, 1e12, 1 << 40, float("nan"), float("inf")):
    raises(ValueError, setattr, context, "handshake_timeout", wrong)
for wrong in ("1", b"", []):
    raises(TypeError, setattr, context, "handshake_timeout", wrong)


def timed(function, *args, **kwargs):
    start = ticks_ms()
    e = raises_code(TIMEOUT, function, *args, **kwargs)
    assert e.args[1] == "handshake took longer than handshake_timeout allows", e.args
    return ticks_diff(ticks_ms(), start)


client, server = client_context(), server_context()
client.handshake_timeout = server.handshake_timeout = 0.3

# A handshake in time is not affected, nor are calls after it.
c, s, a, b = connect(client, server)
sleep_ms(400)
transfer(c, s, b"later" * 1000)

# A stream that does not block and stays silent: wrap_socket gives up by itself.
for context, arguments in ((client, dict(server_hostname="localhost")), (server, dict(server_side=True))):
    a, b = pipes()
    assert 250 < timed(context.wrap_socket, a, **arguments) < 5000
    assert a.closed == 0

# Step by step: poll reports readiness when the time is over, and the next step raises the error.
c, s, a, b = wrap_both(client, server)
step(c)
if not pycopy:
    assert c.ioctl(3, 1) == 0
sleep_ms(400)
assert c.ioctl(3, 1) == 1
raises_code(TIMEOUT, c.read, 1)
raises_code(TIMEOUT, c.write, b"x")
c.close()
assert a.closed == 1

# A blocking socket with a silent peer, and one whose peer drips a byte at a time.
l = listener()
if not pycopy:  # its sockets cannot be polled for readability
    raw, peer = socket_pair(l)
    took = timed(client.wrap_socket, raw, server_hostname="localhost")
    assert 250 < took < 5000, took
    raw.close()
    peer.close()
    raw, peer = socket_pair(l)
    took = timed(server.wrap_socket, peer, server_side=True)
    assert 250 < took < 5000, took
    raw.close()
    peer.close()


class Dripping(io.IOBase):
    def __init__(self):
        self.left = bytes([22, 3, 3, 64, 0]) + bytes(16384)
        self.at = 0

    def readinto(self, buf):
        sleep_ms(20)
        buf[0] = self.left[self.at]
        self.at += 1
        return 1

    def write(self, buf):
        return len(buf)

    def ioctl(self, request, arg):
        return arg if request == 3 else 0


took = timed(client.wrap_socket, Dripping(), server_hostname="localhost")
assert 250 < took < 5000, took

# After the handshake a blocking socket blocks as usual: late data are not lost.
raw, peer = socket_pair(l)
peer.setblocking(False)
s = server.wrap_socket(peer, server_side=True, do_handshake=False)


class Helped(io.IOBase):
    """The client's stream; the server works whenever the client looks."""

    def readinto(self, buf):
        step(s)
        return raw.readinto(buf)

    def write(self, buf):
        return raw.write(buf)

    def ioctl(self, request, arg):
        if request == 3:
            step(s)
        return raw.ioctl(request, arg) if hasattr(raw, "ioctl") else arg


if not pycopy:
    raw.setblocking(False)
    c = client.wrap_socket(Helped(), server_hostname="localhost")
    assert c.version() is not None
raw.close()
peer.close()
l.close()
