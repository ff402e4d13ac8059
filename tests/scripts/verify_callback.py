# verify_callback(certificate, depth): the final decision, with MicroPython's convention: 0 accepts.
from support import *

REFUSED = 1049

seen = []


def keep(certificate, depth):
    seen.append((certificate, depth))
    return 0


# From the anchor down, as bytes that may be stored.
client = client_context()
client.verify_callback = keep
assert client.verify_callback is keep
c, s, a, b = connect(client)
assert [depth for _, depth in seen] == [2, 1, 0], seen
assert all(type(certificate) is bytes for certificate, _ in seen)
own, inter, anchor = [certificate for certificate, _ in reversed(seen)]
assert own == contents("p256.crt.der") == c.getpeercert(True)
assert inter == contents("inter.der") and anchor == contents("ca.der")
c.close()
s.close()
c = s = a = b = client = None
gc.collect()
trash = [bytes(range(256)) for _ in range(300)]
trash = None
gc.collect()
assert seen[2][0] == contents("p256.crt.der") and seen[0][0] == contents("ca.der")


def run_with(callback, name="p256", hostname="localhost", **settings):
    """How the client's handshake ends: None or the arguments of the OSError; then the server's."""
    client = client_context()
    client.verify_callback = callback
    for n in settings:
        setattr(client, n, settings[n])
    c, s, a, b = wrap_both(client, server_context(name), hostname)
    return handshake_errors(c, s)


# Every depth can refuse, and the peer gets an alert.
for at in (2, 1, 0):
    errors = run_with(lambda certificate, depth: depth == at)
    assert errors[0] == (REFUSED, "certificate was refused by verify_callback"), errors
    assert errors[1][0] == 1068, errors
for refusal in (1, -1, True, 1000):
    assert run_with(lambda certificate, depth: refusal)[0][0] == REFUSED
for acceptance in (0, False):
    assert run_with(lambda certificate, depth: acceptance) == [None, None]


# An exception surfaces, the same object, once the library has returned; so does a result of a wrong type.
class Own(Exception):
    pass


for exception in (Own("mine"), ValueError("v"), KeyboardInterrupt(), OSError(5), MemoryError("m"), StopIteration(1)):
    for at in (2, 0):

        def fail(certificate, depth):
            if depth == at:
                raise exception
            return 0

        client = client_context()
        client.verify_callback = fail
        c, s, a, b = wrap_both(client, server_context())
        caught = None
        for _ in range(20):
            try:
                step(c)
            except BaseException as e:
                caught = e
                break
            step(s)
        assert caught is exception, caught
        raises_code(REFUSED, c.read, 1)  # from now on
        c.close()
        assert a.closed == 1
        errors = handshake_errors(s, s)
        assert errors[0][0] == 1068, errors
for wrong in (None, "0", b"", [], 0.5):
    client = client_context()
    client.verify_callback = lambda certificate, depth: wrong
    c, s, a, b = wrap_both(client, server_context())
    raises(TypeError, lambda: [(step(c), step(s)) for _ in range(20)])
    assert c.cipher() is None
client = client_context()
client.verify_callback = lambda: 0
c, s, a, b = wrap_both(client, server_context())
raises(TypeError, lambda: [(step(c), step(s)) for _ in range(20)])

# In wrap_socket's own handshake.
if not pycopy:
    l = listener()
    raw, accepted = socket_pair(l)
    accepted.setblocking(False)
    s = server_context().wrap_socket(accepted, server_side=True, do_handshake=False)

    class Pump(io.IOBase):
        """A stream that lets the server work before each read."""

        def readinto(self, buf):
            step(s)
            return raw.readinto(buf)

        def write(self, buf):
            return raw.write(buf)

        def ioctl(self, request, arg):
            return 0

    raw.setblocking(False)
    exception = Own("in wrap_socket")

    def fail(certificate, depth):
        raise exception

    client = client_context()
    client.verify_callback = fail
    assert raises(Own, client.wrap_socket, Pump(), server_hostname="localhost") is exception
    raw.close()
    accepted.close()
    l.close()

# None switches it off; anything but a function is refused.
called = []
client = client_context()
client.verify_callback = lambda certificate, depth: called.append(depth) or 1
client.verify_callback = None
connect(client)
assert not called and client.verify_callback is None
for wrong in (1, "f", b"", []):
    raises(TypeError, setattr, client, "verify_callback", wrong)

# It is not called without verification, nor after a rule was broken: it can only refuse.
client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
client.verify_mode = ussl.CERT_NONE
client.verify_callback = lambda certificate, depth: called.append(depth) or 0
connect(client)
for name, hostname, code in (("expired", "localhost", 1043), ("untrusted", "localhost", 1042),
                             ("p256", "other.example", 1045)):
    errors = run_with(lambda certificate, depth: called.append(depth) or 0, name, hostname)
    assert errors[0][0] == code, errors
assert not called, called

# Unless a named setting lets it accept: then a third argument has the error, 0 for none.
for name, hostname, code in (("expired", "localhost", 1043), ("untrusted", "localhost", 1042),
                             ("p256", "other.example", 1045)):
    found = []
    settings = dict(verify_callback_may_accept=True)

    def accept(certificate, depth, error):
        found.append((depth, error))
        return 0

    assert run_with(accept, name, hostname, **settings) == [None, None]
    assert found == [(0, code)], found
    assert run_with(lambda certificate, depth, error: error, name, hostname, **settings)[0][0] == code
found = []
assert run_with(lambda certificate, depth, error: found.append((depth, error)) or 0, verify_callback_may_accept=True) \
    == [None, None]
assert found == [(2, 0), (1, 0), (0, 0)], found

# The callback may itself use TLS, with the same context, and change it: that affects later connections.
inner = []


def busy(certificate, depth):
    if depth == 0 and not inner:
        inner.append(1)
        c2, s2, a2, b2 = connect(client)
        transfer(c2, s2, b"within")
        client.verify_callback = None
        gc.collect()
    return 0


client = client_context()
client.verify_callback = busy
c, s, a, b = connect(client)
transfer(c, s, b"without")
assert inner == [1]


# The socket itself must not be used meanwhile.
def touch(certificate, depth):
    for use in (c.close, lambda: c.read(1), c.cipher):
        raises_code(INVALID_STATE, use)
    return 0


client = client_context()
client.verify_callback = touch
c, s, a, b = wrap_both(client, server_context())
handshake(c, s)

# Servers call it for clients.
if ussl.HAS_CLIENT_CERTIFICATES:
    server = server_context()
    server.load_verify_locations(cadata=contents("ca.pem"))
    depths = []
    server.verify_callback = lambda certificate, depth: depths.append(depth) or 0
    client = client_context()
    client.set_cert_key(contents("client.crt.pem"), contents("client.key.pem"))
    connect(client, server)
    assert depths[-1] == 0 and len(depths) >= 2, depths
    server.verify_callback = lambda certificate, depth: 1
    c, s, a, b = wrap_both(client, server)
    assert handshake_errors(c, s)[1][0] == REFUSED
