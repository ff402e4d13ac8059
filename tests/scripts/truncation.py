# A transport that ends without close_notify is an error, wherever it ends.
from support import *

TEXT = "connection was cut (no close_notify)"

# In the handshake: after every so many bytes of the server's flight.
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

# After it, between records and within one.
for cut in (None, -1, -10):
    c, s, a, b = connect()
    s.write(b"whole")
    if cut is not None:
        s.write(b"cut")
        a.received[:] = a.received[:cut]
    a.at_end = True
    assert c.read(5) == b"whole"
    assert raises_code(TRUNCATED, c.read, 1).args[1] == TEXT
    raises_code(TRUNCATED, c.read, 1)
    c.close()

# What is no TLS at all, and what was tampered with.
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
