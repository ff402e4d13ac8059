# record_size_limit: each end says how long the records may be that it receives, and the other keeps to it.
from support import *

if not ussl.HAS_RECORD_SIZE_LIMIT:
    skip("no record size limit")  # module.py shows that it is refused


class Wire(Pipe):
    """Keeps what was sent."""

    def __init__(self, received, sent):
        super().__init__(received, sent)
        self.seen = bytearray()

    def write(self, buf):
        n = super().write(buf)
        if n:
            self.seen.extend(memoryview(buf)[:n])
        return n


def longest(data):
    """The largest encrypted record of a stream, in TLS 1.3 among those that look like data."""
    size, at = 0, 0
    while at < len(data):
        length = data[at + 3] << 8 | data[at + 4]
        if data[at] == 23:
            size = max(size, length)
        at += 5 + length
    return size


default = connect()[0].max_fragment_length()
for limit in (600, 1000, 4096):
    if limit > default:
        continue
    for of_client in (True, False):
        client, server = client_context(), server_context()
        one = client if of_client else server
        one.record_size_limit = limit
        assert one.record_size_limit == limit
        c, s, a, b = connect(client, server, kind=Wire)
        # A client that offers both versions announces one number, of which TLS 1.3 counts the record's type.
        assert c.max_fragment_length() == s.max_fragment_length() in (limit - 1, limit)
        source, sink, pipe = (s, c, b) if of_client else (c, s, a)
        pipe.seen = bytearray()
        transfer(source, sink, bytes(range(256)) * 40)
        assert limit - 20 < longest(pipe.seen) <= limit + 24, longest(pipe.seen)
        transfer(sink, source, bytes(range(256)) * 40)
client.record_size_limit = None
assert client.record_size_limit is None
assert connect(client)[0].max_fragment_length() == default
for wrong in (0, 1, 63, 16385, 65536, -512):
    raises(ValueError, setattr, client, "record_size_limit", wrong)
raises(TypeError, setattr, client, "record_size_limit", "512")
