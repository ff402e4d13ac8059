# Exceptions of a stream's own methods surface in the script, the same object, and the session can still be closed.
from support import *


class Fragile(Pipe):
    read_raises = write_raises = ioctl_raises = close_raises = None

    def readinto(self, buf):
        if self.read_raises is not None:
            raise self.read_raises
        return super().readinto(buf)

    def write(self, buf):
        if self.write_raises is not None:
            raise self.write_raises
        return super().write(buf)

    def ioctl(self, request, arg):
        if request == 3 and self.ioctl_raises is not None:
            raise self.ioctl_raises
        if request == 4 and self.close_raises is not None:
            self.closed += 1
            raise self.close_raises
        return super().ioctl(request, arg)


class Own(Exception):
    pass


def caught(function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except BaseException as e:
        return e
    assert False, "nothing was raised"


# ETIMEDOUT is the stream's own time limit: the connection goes on, as after any other exception.
exceptions = [Own("mine", 1), ValueError("v"), OSError(110), KeyboardInterrupt(), MemoryError("m"), StopIteration(2)]

for exception in exceptions:
    # In the handshake of wrap_socket.
    a, b = pipes(Fragile)
    a.write_raises = exception
    assert caught(client_context().wrap_socket, a, server_hostname="localhost") is exception
    assert a.closed == 0
    a.write_raises, a.read_raises = None, exception
    assert caught(client_context().wrap_socket, a, server_hostname="localhost") is exception
    assert a.closed == 0

    # Later; the session goes on when the stream does.
    c, s, a, b = wrap_both(client_context(), server_context(), kind=Fragile)
    a.read_raises = exception
    assert caught(c.read, 1) is exception
    a.read_raises, a.write_raises = None, exception
    b.write_raises = exception
    caught(s.read, 1)
    b.write_raises = a.write_raises = None
    handshake(c, s)
    a.read_raises = exception
    assert caught(c.read, 1) is exception
    assert caught(c.readline) is exception
    assert caught(c.readinto, bytearray(3)) is exception
    a.read_raises = None
    a.write_raises = exception
    assert caught(c.write, b"kept") is exception
    a.write_raises = None
    transfer(s, c, b"down")
    assert s.read(100) == b"kept"  # it had been accepted
    transfer(c, s, b"up" * 5000)

    # close() closes the stream, once, and then raises what the stream raised.
    a.write_raises = exception
    assert caught(c.close) is exception
    assert a.closed == 1
    c.close()
    assert a.closed == 1
    b.close_raises = exception
    assert caught(s.close) is exception
    s.close()
    assert b.closed == 1

# In poll: an ioctl that cannot poll counts as ready, another exception surfaces.
c, s, a, b = connect(kind=Fragile)
a.ioctl_raises = Own("poll")
assert caught(c.ioctl, 3, 1) is a.ioctl_raises
assert caught(c.write, b"x" * 600) is a.ioctl_raises
a.ioctl_raises = None
c.close()


# Errors by number keep it.
class Numbered(Fragile):
    read_fails = write_fails = drained_fails = 0
    drained_raises = None  # raised when everything has been read

    def readinto(self, buf):
        if not self.received and self.drained_raises:
            raise self.drained_raises
        return -self.read_fails or (not self.received and -self.drained_fails) or super().readinto(buf)

    def write(self, buf):
        return -self.write_fails or super().write(buf)


c, s, a, b = connect(kind=Numbered)
a.read_fails = 110
raises_code(110, c.read, 1)
a.read_fails = 0
transfer(s, c, b"it goes on")


# Other errors are permanent, by number or raised: every later call reports the first one, even if the stream ends or works again.
# Data that had come before are delivered first.
def fail(stream, raising, direction, code):
    if raising:
        setattr(stream, direction + "_raises", code and OSError(code, "by the stream"))
    else:
        setattr(stream, direction + "_fails", code)


for raising in (False, True):
    for then_ends in (False, True):
        c, s, a, b = connect(kind=Numbered)
        s.write(b"before\n")
        fail(a, raising, "write", 104)
        e = raises_code(104, c.write, b"lost")
        assert not raising or e is a.write_raises
        fail(a, raising, "write", 0)
        a.at_end = then_ends
        raises_code(104, c.write, b"x")
        assert c.read(100) == b"before\n"
        for call in (c.read, c.readline, lambda: c.read(5), lambda: c.readinto(bytearray(5)), lambda: c.write(b"x" * 600)):
            raises_code(104, call)
        assert c.ioctl(3, 5) == 5 and c.truncated
        c.close()  # it has been reported

        for read in (lambda: c.read(), lambda: c.read(100), lambda: c.readinto(bytearray(100)), lambda: c.readline()):
            c, s, a, b = connect(kind=Numbered)
            s.write(b"before")
            fail(a, raising, "drained", 104)
            assert read() in (b"before", 6)
            raises_code(104, read)
            fail(a, raising, "drained", 0)
            a.at_end = then_ends
            raises_code(104, read)
            raises_code(104, c.write, b"x")
            c.close()

    # In the handshake. An end that follows does not hide it.
    a, b = pipes(Numbered)
    fail(a, raising, "write", 111)
    a.at_end = True
    raises_code(111, client_context().wrap_socket, a, server_hostname="localhost")
    c, s, a, b = wrap_both(client_context(), server_context(), kind=Numbered)
    fail(a, raising, "write", 111)
    a.at_end = True
    for call in (c.write, c.write):
        raises_code(111, call, b"x")
    raises_code(111, c.read, 1)
    c.close()

    # close() reports once that data which it had taken are lost, and closes the stream anyway.
    c, s, a, b = connect(kind=Numbered)
    a.room = 0
    while c.write(b"x" * 400) is not None:
        pass
    a.room = 10
    assert c.write(b"x" * 400) is None  # taken in part
    fail(a, raising, "write", 32)
    a.room = None
    raises_code(32, c.close)
    assert a.closed == 1
    c.close()
    # If only close_notify is not sent, nothing is lost; unless an exception was the reason.
    c, s, a, b = connect(kind=Numbered)
    fail(a, raising, "write", 32)
    if raising:
        assert caught(c.close) is a.write_raises
    else:
        c.close()
    assert a.closed == 1


# A stream that returns a wrong count does no harm.
class Liar(Fragile):
    lies = False

    def readinto(self, buf):
        return len(buf) + 1 if self.lies else super().readinto(buf)

    def write(self, buf):
        return len(buf) + 1 if self.lies else super().write(buf)


c, s, a, b = connect(kind=Liar)
a.lies = True
raises(OSError, c.read, 1)
raises(OSError, c.write, b"x" * 20000)
c.close()


# A stream without ioctl.
class Bare(io.IOBase):
    def __init__(self, a, b):
        self.pipe = Pipe(a, b)

    def readinto(self, buf):
        return self.pipe.readinto(buf)

    def write(self, buf):
        return self.pipe.write(buf)


c, s, a, b = connect(kind=Bare)
transfer(c, s, b"bare" * 300)
raises(AttributeError, c.close)
c.close()


# A stream that calls back.
class Caller(Fragile):
    tls = None
    seen = None

    def readinto(self, buf):
        if self.tls is not None:
            self.seen = []
            for use in (self.tls.close, lambda: self.tls.read(1), lambda: self.tls.write(b"x"), self.tls.cipher):
                try:
                    use()
                    self.seen.append(None)
                except OSError as e:
                    self.seen.append(e.args[0])
        return super().readinto(buf)


c, s, a, b = connect(kind=Caller)
a.tls = c
assert c.read(1) is None
assert a.seen == [INVALID_STATE] * 4, a.seen
a.tls = None
transfer(s, c, b"still there")
c.close()
