# After close() everything is an OSError, never a crash. Before the handshake there is nothing to report yet.
from support import *


def uses(s):
    return (lambda: s.read(1), lambda: s.readinto(bytearray(1)), lambda: s.readline(), lambda: s.read(),
            lambda: s.write(b"x"), lambda: s.setblocking(False), lambda: s.cipher(), lambda: s.version(),
            lambda: s.getpeercert(True), lambda: s.selected_alpn_protocol(), lambda: s.fileno(),
            lambda: s.ioctl(1, 0))


c, s, a, b = wrap_both(client_context(), server_context())
for end in (c, s):
    assert end.cipher() is None and end.version() is None and end.getpeercert(True) is None
    assert end.selected_alpn_protocol() is None
    end.setblocking(False)
# Closed before a byte went out.
c.close()
assert a.closed == 1 and a.writes == 0
for use in uses(c):
    raises_code(EBADF, use)
c.close()
assert a.closed == 1
assert c.ioctl(3, 5) == 0x20  # MP_STREAM_POLL_NVAL
# The transport does not report it; its end does.
b.at_end = True
raises_code(TRUNCATED, s.read, 1)
raises_code(TRUNCATED, s.write, b"x")
s.close()
assert b.closed == 1

c, s, a, b = connect()
c.close()
c.close()
with s:
    assert s.read(1) == b""
assert a.closed == 1 and b.closed == 1
for end in (c, s):
    for use in uses(end):
        raises_code(EBADF, use)

# Dropped by hand, as the collector would do it: the stream stays open.
c, s, a, b = connect()
c.__del__()
c.__del__()
for use in uses(c):
    raises_code(EBADF, use)
assert a.closed == 0
c.close()
c.close()
assert a.closed == 1

# A context manager closes it, whatever happens inside.
c, s, a, b = connect()
try:
    with c as same:
        assert same is c
        raise ValueError("within")
except ValueError:
    pass
assert a.closed == 1
