# A transport that ends without close_notify: an error within the handshake; afterwards it is reported after all data.
from support import *

TEXT = "connection was cut (no close_notify)"

# In the handshake: after each number of bytes of the server's flight.
c, s, a, b = wrap_both(client_context(), server_context())
step(c)
step(s)
length = len(a.received)
for cut in range(0, length, 97):
    c, s, a, b = wrap_both(client_context(), server_context())
    step(c)
    step(s)
    a.received[:] = a.received[:cut]
    a.at_end = True
    assert raises_code(TRUNCATED, step, c).args[1] == TEXT
    raises_code(TRUNCATED, c.write, b"x")
    c.close()


# After it, between records and within one: every reading call delivers whole records, and then reports the end.
def readinto(stream, n):
    buffer = bytearray(n)
    count = stream.readinto(buffer)
    return count if count is None else bytes(buffer[:count])


READS = {
    "read()": lambda c: c.read(),
    "read(n)": lambda c: c.read(4096),
    "read(-1)": lambda c: c.read(-1),
    "readinto(b)": lambda c: readinto(c, 4096),
    "readline()": lambda c: c.readline(),
    "readline(n)": lambda c: c.readline(4096),
    "ioctl, then read()": lambda c: (c.ioctl(3, 1), c.read())[1],
}


def cut_connection(suppress, how, cut, data=b"whole"):
    """A client whose server has gone, after `data` and a record that is `cut` bytes too short (None: there is none)."""
    context, more = client_context(), {}
    if how == "context":
        context.suppress_ragged_eofs = suppress
    elif how == "argument":
        more["suppress_ragged_eofs"] = suppress
    assert context.suppress_ragged_eofs == (suppress if how == "context" else True)
    a, b = pipes()
    c = context.wrap_socket(a, server_hostname="localhost", do_handshake=False, **more)
    s = server_context().wrap_socket(b, server_side=True, do_handshake=False)
    handshake(c, s)
    assert c.truncated is None and s.truncated is None
    if data:
        s.write(data)
    if cut is not None:
        s.write(b"cut")
        a.received[:] = a.received[:-cut]
    a.at_end = True
    return c, s


for name, read in READS.items():
    for cut in (None, 1, 10):
        for how in ("default", "context", "argument"):
            c, s = cut_connection(True, how, cut)
            assert read(c) == b"whole", name
            for _ in range(3):
                assert read(c) == b"", name
                assert c.truncated is True
            assert c.ioctl(3, 5) == 5  # there is nothing to wait for
            raises_code(TRUNCATED, c.write, b"x")
            c.close()
            assert c.truncated is True
        for how in ("context", "argument"):
            c, s = cut_connection(False, how, cut)
            assert read(c) == b"whole", name
            for _ in range(3):
                assert raises_code(TRUNCATED, read, c).args[1] == TEXT
                assert c.truncated is True
            raises_code(TRUNCATED, c.write, b"x")
            c.close()
    # No data had come; and an orderly end, whatever is suppressed.
    c, s = cut_connection(False, "context", None, b"")
    raises_code(TRUNCATED, read, c)
    for suppress in (True, False):
        c, s = cut_connection(suppress, "context", None)
        s.close()
        assert read(c) == b"whole"
        assert read(c) == b"" and read(c) == b""
        assert c.truncated is False
        c.close()
        assert c.truncated is False

# Lines one by one, and an unreadable record after them: also reported after them.
c, s = cut_connection(False, "context", 2, b"one\ntwo\nrest")
assert [c.readline(), c.readline(), c.readline()] == [b"one\n", b"two\n", b"rest"]
raises_code(TRUNCATED, c.readline)
for name, read in READS.items():
    c, s, a, b = connect()
    s.write(b"whole")
    s.write(b"damaged")
    a.received[-1] ^= 1
    assert read(c) == b"whole", name
    raises_code(1066, read, c)
    raises_code(1066, read, c)
    assert c.truncated is True
# Closed by this side before the peer had ended: unknown.
c, s, a, b = connect()
c.close()
assert c.truncated is None

# The module's function has the argument, too.
for suppress in (True, False):
    a, b = pipes()
    c = ussl.wrap_socket(a, do_handshake=False, cert_reqs=ussl.CERT_NONE, suppress_ragged_eofs=suppress)
    handshake(c, server_context().wrap_socket(b, server_side=True, do_handshake=False))
    a.at_end = True
    if suppress:
        assert c.read() == b"" and c.truncated
    else:
        raises_code(TRUNCATED, c.read)

# Not TLS at all, and tampered bytes.
c, s, a, b = wrap_both(client_context(), server_context())
b.received.extend(b"GET / HTTP/1.1\r\n\r\n")
assert raises_code(1065, step, s).args[1] == "peer does not speak TLS"
c, s, a, b = connect()
c.write(b"intact")
b.received[-1] ^= 1
assert raises_code(1066, s.read, 6).args[1] == "peer sent data that fails its integrity check"
raises_code(1066, s.read, 6)
e = raises_code(1068, c.read, 1)
assert e.args[1] == "peer sent alert 20: bad record MAC", e.args
