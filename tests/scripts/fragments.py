# max_fragment_length: a client requests small records, and a server sends such.
from support import *

if not ussl.HAS_MAX_FRAGMENT_LENGTH:
    skip("no maximum fragment length")  # module.py shows that it is refused


def records(data):
    """Sizes of the records in a stream."""
    sizes, at = [], 0
    while at < len(data):
        size = data[at + 3] << 8 | data[at + 4]
        sizes.append(size)
        at += 5 + size
    return sizes


default = connect()[0].max_fragment_length()
assert default >= 512
for length in (512, 1024, 2048, 4096):
    client = client_context()
    client.max_fragment_length = length
    assert client.max_fragment_length == length
    c, s, a, b = connect(client)
    assert c.max_fragment_length() == s.max_fragment_length() == length
    for source, sink, pipe in ((s, c, b), (c, s, a)):
        n = source.write(bytes(10000))
        assert n and max(records(pipe.sent)) <= length + 64, records(pipe.sent)
        got = 0
        while got < n:
            part = sink.read(20000)
            if part:
                got += len(part)
    transfer(s, c, bytes(range(256)) * 80)
    transfer(c, s, bytes(range(256)) * 80)
client.max_fragment_length = None
assert client.max_fragment_length is None
assert connect(client)[0].max_fragment_length() == default
for wrong in (1, 511, 513, 8192, 16384, -512):
    raises(ValueError, setattr, client, "max_fragment_length", wrong)
raises(TypeError, setattr, client, "max_fragment_length", "512")
