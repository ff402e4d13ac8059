# What a stream's own methods raise surfaces in the script, the same object, and the session can still be closed.
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


exceptions = [Own("mine", 1), ValueError("v"), OSError(111), KeyboardInterrupt(), MemoryError("m"), StopIteration(2)]

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
    def readinto(self, buf):
        return -104 if self.at_end else super().readinto(buf)


c, s, a, b = connect(kind=Numbered)
a.at_end = True
raises_code(104, c.read, 1)
a.at_end = False
transfer(s, c, b"it goes on")

# A stream that lies about how much it moved does no harm.
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
