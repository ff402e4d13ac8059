# What the scripts share. Arguments of each script: folder of the certificates, a free port, the backend that is
# expected (or empty), and the interpreter's own command.

import sys

try:
    import io
    import os
    import select
    import socket
    from time import sleep_ms
    pycopy = False
except ImportError:  # Pycopy's names
    pycopy = True
    import uio as io
    import uos as os
    import uselect as select
    import usocket as socket
    from utime import sleep_ms
import gc
import ussl

certs = sys.argv[1]
port = int(sys.argv[2])
backend = sys.argv[3]
interpreter = sys.argv[4]

assert not backend or ussl.backend[0] == backend, ussl.backend

# Numbers of ussl/error.hpp.
INVALID_STATE = 1001
UNSUPPORTED = 1002
TRUNCATED = 1080
EBADF = 9


def skip(why):
    print("SKIP:", why)
    sys.exit(0)


def differs(what, version=None):
    """Whether this library differs in this way, by its differences.txt (tests/support/differences.hpp)."""
    lib = [path for path in sys.path if path.endswith("scripts/lib")][0]
    with open(lib + "/../../../backends/" + ussl.backend[0] + "/differences.txt") as f:
        for line in f:
            words = line.split(" : ")[0].split()
            if words[:1] != [what]:
                continue
            where = {word.startswith("TLS"): word for word in words[1:]}
            if version and where.get(True, "TLSv1.%d" % (version - 0x301)) != "TLSv1.%d" % (version - 0x301):
                continue
            if ussl.backend[1].startswith(where.get(False, "")):
                return True
    return False


def contents(name):
    with open(certs + name, "rb") as f:
        return f.read()


class Pipe(io.IOBase):
    """One end of an in-memory connection that never blocks. `received` and `sent` are bytearrays; the other end has them
    exchanged."""

    def __init__(self, received, sent):
        self.received = received
        self.sent = sent
        self.at_end = False
        self.closed = 0
        self.writes = 0
        self.room = None  # bytes that still fit; None: any number

    def readinto(self, buf):
        if not self.received:
            return 0 if self.at_end else None
        n = min(len(buf), len(self.received))
        buf[:n] = self.received[:n]
        self.received[:] = self.received[n:]
        return n

    def write(self, buf):
        n = len(buf)
        if self.room is not None:
            n = min(n, self.room)
            self.room -= n
            if n == 0:
                return None
        self.writes += 1
        self.sent.extend(memoryview(buf)[:n])
        return n

    def ioctl(self, request, arg):
        if request == 3:  # MP_STREAM_POLL
            readable = 1 if self.received or self.at_end else 0
            writable = 4 if self.room != 0 else 0
            return arg & (readable | writable)
        if request == 4:  # MP_STREAM_CLOSE
            self.closed += 1
            return 0
        return -22

    def setblocking(self, flag):
        pass


class Datagrams(io.IOBase):
    """One end of an in-memory link that never blocks. `received` and `sent` are lists of datagrams."""

    def __init__(self, received, sent):
        self.received = received
        self.sent = sent
        self.drop = ()  # numbers of the datagrams that get lost
        self.count = 0
        self.closed = 0

    def readinto(self, buf):
        if not self.received:
            return None
        datagram = self.received.pop(0)
        assert len(datagram) <= len(buf), "cut"
        buf[:len(datagram)] = datagram
        return len(datagram)

    def write(self, buf):
        if self.count not in self.drop:
            self.sent.append(bytes(buf))
        self.count += 1
        return len(buf)

    def ioctl(self, request, arg):
        if request == 3:
            return arg & ((1 if self.received else 0) | 4)
        if request == 4:
            self.closed += 1
        return 0


def pipes(kind=Pipe):
    a, b = bytearray(), bytearray()
    return kind(a, b), kind(b, a)


def server_context(name="p256"):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    context.set_cert_key(contents(name + ".crt.pem"), contents(name + ".key.pem"))
    context.verify_time = "expired" not in name and "future" not in name  # otherwise these are refused here
    return context


def client_context(anchor="ca"):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=contents(anchor + ".pem"))
    return context


def wrap_both(client, server, hostname="localhost", kind=Pipe):
    """Both ends of a connection, before the handshake, and the pipes below them."""
    a, b = pipes(kind)
    c = client.wrap_socket(a, server_hostname=hostname, do_handshake=False)
    s = server.wrap_socket(b, server_side=True, do_handshake=False)
    return c, s, a, b


def step(stream):
    """Advances a handshake; no data may have arrived yet."""
    got = stream.read(1)
    assert got is None or isinstance(got, int), got


def handshake(c, s):
    for _ in range(20):
        step(c)
        step(s)
        if c.cipher() is not None and s.cipher() is not None:
            step(c)  # takes in session tickets, which TLS 1.3 sends last
            return
    assert False, "no end of the handshake"


def connect(client=None, server=None, hostname="localhost", kind=Pipe):
    c, s, a, b = wrap_both(client or client_context(), server or server_context(), hostname, kind)
    handshake(c, s)
    return c, s, a, b


def handshake_errors(c, s):
    """(client's, server's) arguments of the OSError that each ends with; None: no error."""
    errors = [None, None]
    for _ in range(20):
        for i, end in enumerate((c, s)):
            if errors[i] is None:
                try:
                    step(end)
                except OSError as e:
                    errors[i] = e.args
    return errors


def raises(kind, function, *args, **kwargs):
    """The exception that the call must raise."""
    try:
        result = function(*args, **kwargs)
    except kind as e:
        assert type(e) is kind, (type(e), kind)
        return e
    assert False, "%r returned %r, not %s" % (function, result, kind.__name__)


def raises_code(code, function, *args, **kwargs):
    e = raises(OSError, function, *args, **kwargs)
    assert e.args[0] == code, e.args
    return e


def surfaces(exception, stream):
    """A callback of the stream's handshake raises it, and it surfaces unchanged."""
    try:
        for _ in range(5):
            step(stream)
    except Exception as e:
        assert e is exception, e
    else:
        assert False, "nothing raised"


def used():
    """Bytes of the heap in use."""
    gc.collect()
    gc.collect()  # the first one finalises objects that refer to others
    return gc.mem_alloc()


def growth(before, most, again):
    """By how many bytes the heap is larger than `before`. A word left on a stack may hold an object until it is overwritten: with
    more than `most` the work is done `again`, a few times. What is lost each time adds up."""
    grown = used() - before
    for _ in range(4):
        if grown >= most:
            again()
            grown = used() - before
    return grown


def transfer(source, sink, data):
    """All of `data` from one end to the other, both non-blocking."""
    view, got = memoryview(data), b""
    at = 0
    while len(got) < len(data):
        if at < len(data):
            n = source.write(view[at:])
            if n is not None and n > 0:
                at += n
        part = sink.read(20000)
        if isinstance(part, bytes):
            assert part, "unexpected end"
            got += part
    assert at == len(data) and got == bytes(data)


def address():
    return socket.getaddrinfo("127.0.0.1", port)[0][-1]


def listener():
    l = socket.socket()
    l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    l.bind(address())
    l.listen(5)
    return l


def socket_pair(l):
    """Two connected sockets in one process."""
    a = socket.socket()
    a.connect(address())
    return a, l.accept()[0]


def in_background(script, *args):
    """Starts a script of lib/ in another process. Its end is the runner's concern."""
    lib = [p for p in sys.path if p.endswith("lib")][0]
    words = [interpreter, lib + "/" + script, certs, str(port), "''", "x"] + [str(a) for a in args]
    assert os.system(" ".join(words) + " &") == 0


def connect_patiently():
    """To a server in another process that may not listen yet."""
    for _ in range(400):
        s = socket.socket()
        try:
            s.connect(address())
            return s
        except OSError:
            s.close()
            sleep_ms(25)
    assert False, "no server"
