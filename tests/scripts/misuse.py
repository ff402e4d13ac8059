# Every use in every state of a socket, and every two uses in a row: a result, or an exception that a script can catch, never a
# crash; afterwards the socket closes, once. The collector runs in between.
from support import *


def fresh():
    return wrap_both(client_context(), server_context())


def at_start(role):
    return fresh()


def in_handshake(role):
    c, s, a, b = fresh()
    step(c)
    step(s)
    return c, s, a, b


def opened(role):
    return connect()


def with_data(role):
    c, s, a, b = connect()
    (s if role == 0 else c).write(b"waiting\n")
    return c, s, a, b


def peer_closed(role):
    c, s, a, b = connect()
    (s if role == 0 else c).close()
    return c, s, a, b


def truncated(role):
    c, s, a, b = connect()
    (a if role == 0 else b).at_end = True
    try:
        (c if role == 0 else s).read(1)
    except OSError:
        pass
    return c, s, a, b


def failed(role):
    c, s, a, b = fresh()
    (a if role == 0 else b).received.extend(b"HTTP/1.0 400 Bad Request\r\n")
    try:
        (c if role == 0 else s).read(1)
    except OSError:
        pass
    return c, s, a, b


def closed(role):
    c, s, a, b = connect()
    (c if role == 0 else s).close()
    return c, s, a, b


def deleted(role):
    c, s, a, b = connect()
    (c if role == 0 else s).__del__()
    return c, s, a, b


states = (at_start, in_handshake, opened, with_data, peer_closed, truncated, failed, closed, deleted)
uses = {
    "read(1)": lambda s: s.read(1),
    "read(0)": lambda s: s.read(0),
    "read()": lambda s: s.read(),
    "read(-1)": lambda s: s.read(-1),
    "readinto": lambda s: s.readinto(bytearray(3)),
    "readinto nothing": lambda s: s.readinto(bytearray(0)),
    "readinto bytes": lambda s: s.readinto(b"constant"),
    "readline": lambda s: s.readline(),
    "write": lambda s: s.write(b"x"),
    "write nothing": lambda s: s.write(b""),
    "write a number": lambda s: s.write(7),
    "setblocking": lambda s: s.setblocking(False),
    "cipher": lambda s: s.cipher(),
    "version": lambda s: s.version(),
    "getpeercert": lambda s: s.getpeercert(True),
    "selected_alpn_protocol": lambda s: s.selected_alpn_protocol(),
    "poll": lambda s: s.ioctl(3, 5),
    "ioctl": lambda s: s.ioctl(99, 0),
    "fileno": lambda s: s.fileno(),
    "str": lambda s: str(s),
    "enter": lambda s: s.__enter__(),
    "del": lambda s: s.__del__(),
    "close": lambda s: s.close(),
    "no such thing": lambda s: s.no_such_thing,
    "collect": lambda s: gc.collect(),
}
expected = (OSError, TypeError, ValueError, AttributeError, MemoryError, NotImplementedError)
# These do not affect the others: tried first, and not in pairs.
harmless = ("str", "no such thing", "fileno", "write a number", "readinto bytes", "enter", "ioctl", "read(-1)")
count = 0


def use(name, s):
    global count
    count += 1
    try:
        uses[name](s)
    except expected:
        pass


for role in (0, 1):
    for state in states:
        c, s, a, b = state(role)
        mine, stream = ((c, a), (s, b))[role]
        for name in uses:
            if name not in ("del", "close"):
                use(name, mine)
        mine.close()
        mine.close()
        assert stream.closed == 1, (state.__name__, stream.closed)
        # In pairs: each state in the role where differences are likelier.
        if state is opened or role == 1:
            continue
        for first in uses:
            if first in harmless:
                continue
            c, s, a, b = state(role)
            mine, stream = c, a
            use(first, mine)
            for second in uses:
                use(second, mine)
            mine.close()
            assert stream.closed == 1, (state.__name__, first)
            c = s = mine = None
        gc.collect()

# A context is used, changed and dropped while its connections live.
server, client = server_context(), client_context()
c, s, a, b = connect(client, server)
certificate = c.getpeercert(True)
for late in (lambda: client.load_verify_locations(cadata=contents("ca.pem")),
             lambda: server.set_cert_key(contents("p256.crt.pem"), contents("p256.key.pem")),
             lambda: client.load_verify_locations(cadata=b"rubbish"),
             lambda: server.set_cert_key(b"rubbish", b"rubbish")):
    try:
        late()
    except expected:
        pass
    transfer(c, s, b"still the same")
server = client = None
gc.collect()
junk = [bytearray(500) for _ in range(50)]
transfer(s, c, b"and now")
c.close()
s.close()
c = s = a = b = None
gc.collect()
assert certificate is None or bytes(certificate[:1]) == b"\x30"
assert count > 1500, count
