# A stream is any object with the stream protocol: here everything passes through bytearrays.
from support import *

c, s, a, b = connect()
assert c.version() == s.version() and c.version() in ("TLSv1.2", "TLSv1.3")
assert c.version() == ("TLSv1.3" if ussl.HAS_TLS1_3 else "TLSv1.2")
suite, version = c.cipher()
assert suite.startswith("TLS_") and version == c.version() and s.cipher() == c.cipher()

# No data: None, not an end.
assert c.read(1) is None and c.readline() is None and c.readinto(bytearray(1)) is None

assert c.write(b"hello\nworld") == 11
assert s.readline() == b"hello\n"
buf = bytearray(b"........")
assert s.readinto(buf, 3) == 3 and bytes(buf) == b"wor....."
assert s.read(10) == b"ld"
assert s.write(bytearray(b"xabcx"), 1, 3) == 3 and c.read() == b"abc"
assert s.write(memoryview(b"view")) == 4 and c.read(4) == b"view"

# Much data, both ways at once.
up = bytes(range(256)) * 600
down = bytes(reversed(up))
for _ in range(2):
    transfer(c, s, up)
    transfer(s, c, down)
assert c.write(up) == len(up) and s.write(down) == len(down)
assert s.read(len(up)) == up and c.read(len(down)) == down

# One byte at a time.
for i in range(50):
    assert c.write(bytes([i])) == 1 and s.read(1) == bytes([i])

# close_notify is an end of file, again and again. In TLS 1.3 the other direction stays open.
c.close()
assert a.closed == 1
assert s.read(5) == b"" and s.read() == b"" and s.readline() == b"" and s.readinto(buf) == 0
if s.version() == "TLSv1.3":
    assert s.write(b"x") == 1
else:
    raises(OSError, s.write, b"x")
s.close()
assert b.closed == 1

# Data that came before the end is read first.
c, s, a, b = connect()
c.write(b"last words")
c.close()
assert s.read(100) == b"last words" and s.read(1) == b""

# Flights: one write sends everything that waits.
c, s, a, b = wrap_both(client_context(), server_context())
handshake(c, s)
assert a.writes <= 2 and b.writes <= 2, (a.writes, b.writes)

# The interpreter's own in-memory stream works, too. It has no server, so the client finds the end.
raises_code(TRUNCATED, client_context().wrap_socket, io.BytesIO(), server_hostname="localhost")
