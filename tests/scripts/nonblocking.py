# Non-blocking sockets with poll, both ends in one process.
from support import *

READ, WRITE = select.POLLIN, select.POLLOUT
# Pycopy polls the socket below.
pollable = not pycopy


def ready(s, events):
    if not pollable:
        sleep_ms(50)  # time for data in transit
        return events
    p = select.poll()
    p.register(s, events)
    found = p.poll(0)
    return found[0][1] if found else 0


def nothing(got):  # None; or, on Pycopy, a code for the direction that is needed
    return got is None or (isinstance(got, int) and got < 0)


def sides():
    l = listener()
    a, b = socket_pair(l)
    l.close()
    for end in (a, b):  # small buffers that fill soon: SO_SNDBUF and SO_RCVBUF
        end.setsockopt(socket.SOL_SOCKET, 7, 20000)
        end.setsockopt(socket.SOL_SOCKET, 8, 20000)
    a.setblocking(False)
    b.setblocking(False)
    return a, b


a, b = sides()
c = client_context().wrap_socket(a, server_hostname="localhost", do_handshake=False)
s = server_context().wrap_socket(b, server_side=True, do_handshake=False)
c.setblocking(False)
s.setblocking(False)

# A client begins, a server waits, whatever the script asks for.
if pollable:
    assert ready(c, READ) == READ and ready(c, WRITE) == WRITE
    assert ready(s, READ) == 0 and ready(s, WRITE) == 0
assert nothing(s.read(1)) and nothing(s.write(b"x"))
assert nothing(c.read(1))
if pollable:
    assert ready(c, READ | WRITE) == 0  # its flight is sent, now it waits
    assert ready(s, WRITE) == WRITE
steps = 0
while c.cipher() is None or s.cipher() is None:
    for end in (c, s):
        if ready(end, READ):
            assert nothing(end.read(1))
    steps += 1
    assert steps < 1000
c.read(1)  # session tickets
if pollable:
    assert ready(c, READ | WRITE) == WRITE and ready(s, READ | WRITE) == WRITE

# Plain bytes left of a record count as readable, although the socket has none.
assert c.write(b"0123456789") == 10
while not ready(s, READ):
    pass
assert s.read(4) == b"0123"
if pollable:
    assert ready(s, READ) == READ
    assert ready(s, READ | WRITE) == READ | WRITE
assert s.read(4) == b"4567" and s.read(4) == b"89"
if pollable:
    assert ready(s, READ) == 0
assert nothing(s.read(4))

# Two records that come together.
c.write(b"one")
c.write(b"two")
while not ready(s, READ):
    pass
got = b""
while len(got) < 6:
    assert ready(s, READ)
    part = s.read(2)
    got += part if isinstance(part, bytes) else b""
assert got == b"onetwo"

# Full: fewer bytes are taken than offered, then none. All taken bytes arrive.
block = bytes(range(256)) * 2000
taken = 0
while True:
    n = c.write(memoryview(block)[taken:])
    if nothing(n):
        break
    taken += n
    assert taken < len(block), "the socket never fills"
if pollable:
    assert ready(c, WRITE) == 0
assert nothing(c.write(b"x"))
got = 0
while got < taken:
    part = s.read(65536)
    if isinstance(part, bytes):
        assert part == block[got:got + len(part)]
        got += len(part)
    if pollable and ready(c, READ) & READ:
        assert nothing(c.read(1))  # sends the rest of the taken bytes
    elif not pollable:
        c.read(1)
assert got == taken

# Once everything was reported as taken, close() loses nothing, without waiting.
length = 300000
at = got = 0


def receive(most):
    """False at the end."""
    global got
    part = s.read(most)
    if isinstance(part, bytes):
        assert part == block[got:got + len(part)]
        got += len(part)
    return part != b""


while at < length:
    n = c.write(memoryview(block)[at:length])
    if not nothing(n):
        at += n
    elif got < length:
        receive(1000)
c.close()
while receive(65536):
    pass
assert got == length, (got, length)
if pollable:
    assert ready(s, READ) & READ  # an end does not have to be waited for
s.close()
if pollable:
    assert s.ioctl(3, 1) == 0x20  # MP_STREAM_POLL_NVAL

# Truncation is visible in poll as well.
a, b = sides()
c = client_context().wrap_socket(a, server_hostname="localhost", do_handshake=False)
c.read(1)
b.close()
while not ready(c, READ):
    pass
raises(OSError, c.read, 1)
if pollable:
    assert ready(c, READ) & READ and ready(c, WRITE) & WRITE
raises(OSError, c.read, 1)
c.close()

# With do_handshake=True a non-blocking socket's handshake is waited for.
in_background("echo_server.py", 1)
raw = connect_patiently()
raw.setblocking(False)
c = client_context().wrap_socket(raw, server_hostname="localhost")
assert c.cipher() is not None
c.close()
