# Connections that are refused, reset or cut: the system's own error, in every call, and no write succeeds any more. (Data that had
# come before: exceptions.py.)
import struct
from support import *

ECONNRESET, EPIPE, ECONNREFUSED = 104, 32, 111
SO_LINGER = 13
BROKEN = (ECONNRESET, EPIPE)

if pycopy:
    skip("its sockets have no setsockopt() for SO_LINGER")


def refused_socket():
    """Not blocking, to a port where nobody listens; the system has not reported it yet."""
    raw = socket.socket()
    raw.setblocking(False)
    try:
        raw.connect(socket.getaddrinfo("127.0.0.1", port + 1)[0][-1])
    except OSError:
        pass
    poller = select.poll()
    poller.register(raw, select.POLLOUT)
    assert poller.poll(5000)
    return raw


calls = {
    "read()": lambda c: c.read(),
    "read(n)": lambda c: c.read(10),
    "readinto(b)": lambda c: c.readinto(bytearray(10)),
    "readline()": lambda c: c.readline(),
    "write(b)": lambda c: c.write(b"x"),
    "write of much": lambda c: c.write(b"x" * 50000),
}
context = client_context()

for blocking in (False, True):
    for name, call in calls.items():
        raw = refused_socket()
        raw.setblocking(blocking)
        c = context.wrap_socket(raw, server_hostname="localhost", do_handshake=False)
        for _ in range(3):
            raises_code(ECONNREFUSED, call, c)
        for other in calls.values():
            raises_code(ECONNREFUSED, other, c)
        c.close()
    raw = refused_socket()
    raw.setblocking(blocking)
    raises_code(ECONNREFUSED, context.wrap_socket, raw, server_hostname="localhost")
    raw.close()

l = listener()


def connection(blocking):
    near, far = socket_pair(l)
    for raw in (near, far):
        raw.setblocking(False)
    c = context.wrap_socket(near, server_hostname="localhost", do_handshake=False)
    s = server_context().wrap_socket(far, server_side=True, do_handshake=False)
    for _ in range(200):
        step(c)
        step(s)
        if c.cipher() is not None and s.cipher() is not None:
            break
        sleep_ms(1)
    sleep_ms(2)
    step(c)  # session tickets
    c.setblocking(blocking)
    return c, s, far


def reset(far):
    far.setsockopt(socket.SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
    far.close()
    sleep_ms(5)


def code_of(call, c):
    e = raises(OSError, call, c)
    assert e.args[0] in BROKEN, e.args
    return e.args[0]


for blocking in (False, True):
    for name, call in calls.items():
        # The first call reports it, and so do all later ones; close() then has nothing to report.
        c, s, far = connection(blocking)
        reset(far)
        code = code_of(call, c)
        for other in calls.values():
            assert code_of(other, c) == code, (name, code)
        assert c.truncated is True
        poller = select.poll()
        poller.register(c, select.POLLIN | select.POLLOUT)
        assert poller.poll(0)
        c.close()

# A peer that closes its socket, and resets data that are sent afterwards.
for blocking in (False, True):
    c, s, far = connection(blocking)
    far.close()
    sleep_ms(5)
    successes = 0
    for _ in range(40):
        try:
            c.write(b"message")
        except OSError as e:
            assert e.args[0] in BROKEN, e.args
            break
        successes += 1
        sleep_ms(5)
    assert successes <= 1, successes  # the first one: the system took it and the peer refused it
    for _ in range(3):
        code_of(calls["write(b)"], c)
    code_of(calls["read(n)"], c)
    c.close()
l.close()

try:
    import asyncio
except ImportError:
    asyncio = None


async def streams():
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port + 1, ssl=context, server_hostname="localhost")
        writer.write(b"x")
        await writer.drain()
        assert False, "nobody listens"
    except OSError as e:
        assert e.args[0] == ECONNREFUSED, e.args
    in_background("echo_server.py", 4)
    connect_patiently().close()
    for read in (lambda reader: reader.read(-1), lambda reader: reader.read(100), lambda reader: reader.readline()):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(b"one\ncut\n")
        await writer.drain()
        assert await read(reader) == b"one\n"
        assert await read(reader) == b""
        assert reader.s.truncated
        writer.close()
        await writer.wait_closed()


if asyncio:
    asyncio.run(streams())
