# poll() reports readable exactly when the next read has an answer: data, the end, or an error. Over sockets, with both ends here.
from support import *

if pycopy:
    skip("poll() looks at the socket below")

READ, WRITE = select.POLLIN, select.POLLOUT
BAD_RECORD = 1066


def polled(s, events=READ, timeout=0):
    p = select.poll()
    p.register(s, events)
    found = p.poll(timeout)
    return found[0][1] if found else 0


def connected(version):
    """A client and a server, non-blocking, and the client's socket."""
    client, server = client_context(), server_context()
    for context in client, server:
        context.minimum_version = context.maximum_version = version
    l = listener()
    a, b = socket_pair(l)
    l.close()
    a.setblocking(False)
    b.setblocking(False)
    c = client.wrap_socket(a, server_hostname="localhost", do_handshake=False)
    s = server.wrap_socket(b, server_side=True, do_handshake=False)
    while c.cipher() is None or s.cipher() is None:
        for end in c, s:
            if end.cipher() is None:
                assert end.read(1) is None
    return c, s, a, b


def read_told(s, size):
    """Everything that is read by reading only when poll() says so, and how it ended: b"", an error's number, or None."""
    got = b""
    while polled(s, READ, 50):
        try:
            part = s.read(size)
        except OSError as e:
            return got, e.args[0]
        assert part is not None, "poll() promised something"
        if part == b"":
            return got, b""
        got += part
    assert s.read(size) is None, "poll() kept something back"
    return got, None


for version in [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else []):
    # The tickets of TLS 1.3 have come, and do not count as readable.
    c, s, a, b = connected(version)
    sleep_ms(20)
    assert polled(c, READ | WRITE) == WRITE and polled(s, READ | WRITE) == WRITE
    if version != ussl.TLSv1_2 and ussl.HAS_RESUMPTION:
        assert c.session is not None

    # Many records of a few bytes that come together; read in smaller and larger pieces.
    for count in 1, 2, 3, 10, 50:
        for size in 1, 2, 3, 7:
            for at in range(count):
                assert s.write(b"%02d" % at) == 2
            assert read_told(c, size) == (b"".join(b"%02d" % at for at in range(count)), None)

    # The beginning of a record does not count as readable.
    s.write(b"whole")
    b.write(b"\x17\x03\x03\x00")
    assert read_told(c, 5) == (b"whole", None)
    c.close()
    s.close()

    # After data, the end is reported, too.
    for end, told in ("close", b""), ("damaged", BAD_RECORD), ("alert", 1068):
        for count in 1, 3:
            for size in 1, 2:
                c, s, a, b = connected(version)
                for at in range(count):
                    assert s.write(b"%02d" % at) == 2
                if end == "close":
                    s.close()
                elif end == "damaged":
                    b.write(b"\x17\x03\x03\x00\x20" + bytes(32))
                else:
                    a.write(b"\x17\x03\x03\x00\x20" + bytes(32))
                    sleep_ms(5)
                    raises_code(BAD_RECORD, s.read, 1)
                got = read_told(c, size)
                assert got == (b"".join(b"%02d" % at for at in range(count)), told), (end, count, size, got)
                c.close()
                s.close()

    # A side that has not noticed the end answers. (A system resets a connection that is closed with unread bytes: tickets.)
    c, s, a, b = connected(version)
    sleep_ms(5)
    assert not polled(c)
    c.write(b"question")
    while not polled(s):
        pass
    c.close()
    assert s.read(8) == b"question"
    sleep_ms(5)
    assert s.write(b"answer") == 6
    s.close()

    # A side that has noticed it answers in TLS 1.3, where the other direction stays open; in 1.2 that is EPIPE.
    c, s, a, b = connected(version)
    sleep_ms(5)
    assert not polled(c)
    c.close()
    assert read_told(s, 1) == (b"", b"")
    assert polled(s) & READ and s.read(1) == b""
    if version == ussl.TLSv1_2:
        raises_code(32, s.write, b"answer")
    else:
        assert polled(s, READ | WRITE) & WRITE
        assert s.write(b"answer") == 6
    s.close()
