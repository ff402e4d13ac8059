# DTLS: datagrams that keep their boundaries, get lost and are sent again.
from support import *

if not ussl.HAS_DTLS:
    skip("no DTLS")  # module.py shows that it is refused


def client_dtls():
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
    context.load_verify_locations(cadata=contents("ca.pem"))
    return context


def server_dtls():
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)
    context.set_cert_key(contents("p256.crt.pem"), contents("p256.key.pem"))
    return context


def link(client=None, server=None, hostname="localhost"):
    one, other = [], []
    a, b = Datagrams(one, other), Datagrams(other, one)
    c = (client or client_dtls()).wrap_socket(a, server_hostname=hostname, do_handshake=False)
    s = (server or server_dtls()).wrap_socket(b, server_side=True, do_handshake=False, client_id=b"10.0.0.1:5")
    return c, s, a, b


def shake(c, s, patience=400):
    for _ in range(patience):
        step(c)
        step(s)
        if c.cipher() is not None and s.cipher() is not None:
            return
        sleep_ms(10)
    assert False, "no end of the handshake"


c, s, a, b = link()
shake(c, s)
assert c.version() == s.version() == "TLSv1.2" or c.version() == "DTLSv1.2", c.version()
assert c.getpeercert(True) == contents("p256.crt.der")
# Each send is a datagram, each recv gives one.
assert c.send(b"one") == 3 and c.send(b"two, longer") == 11
assert s.recv(100) == b"one" and s.recv(100) == b"two, longer"
assert s.recv(100) is None
c.sendall(b"all")
buffer = bytearray(10)
assert s.recv_into(buffer) == 3 and buffer[:3] == b"all"
assert s.write(b"stream names, too") == 17 and c.read(100) == b"stream names, too"
# Lost ones stay lost, repeated ones come once, invalid ones are dropped.
a.drop = (a.count,)
c.send(b"lost")
c.send(b"kept")
b.received.append(b.received[-1])
b.received.append(b"rubbish")
b.received.append(b"\x17\xfe\xfd" + bytes(20))
assert s.recv(100) == b"kept"
assert s.recv(100) is None
c.close()
assert s.recv(100) == b""
s.close()
assert a.closed == b.closed == 1

# One read is one datagram, with every method; bytes that do not fit into the buffer are dropped.
c, s, a, b = link()
shake(c, s)
for read in (s.recv, s.read):
    for text in (b"0123456789", b"abc"):
        c.send(text)
    assert [read(4) for _ in range(3)] == [b"0123", b"abc", None]
for read_into in (s.recv_into, s.readinto):
    for text in (b"one", b"two, longer", b"three"):
        c.send(text)
    assert read_into(buffer) == 3 and read_into(buffer) == 10 and buffer == b"two, longe"
    assert read_into(buffer, 2) == 2 and buffer[:2] == b"th"
    assert read_into(buffer) is None
raises(ValueError, s.recv)
raises(ValueError, s.read)
raises_code(1002, s.readline)
# Several records in a datagram: poll reports each.
for text in (b"one", b"two", b"three"):
    c.send(text)
b.received[:] = [b"".join(b.received)]
for text in (b"one", b"two", b"three"):
    assert s.ioctl(3, 1) == 1
    assert s.recv(100) == text
assert s.ioctl(3, 1) == 0

# One send is one datagram, or an error that names the limit and changes nothing.
for size in (None, 256, 600, 4000):
    client = client_dtls()
    assert client.datagram_size is None
    client.datagram_size = size
    assert client.datagram_size == size
    c, s, a, b = link(client)
    shake(c, s)
    del b.received[:]
    most = c.max_fragment_length()
    assert c.send(bytes(most)) == most
    assert [len(datagram) for datagram in b.received] == [size or 1232]
    for method in (c.send, c.write, c.sendall):
        error = raises_code(1004, method, bytes(most + 1))
        assert str(most) in error.args[1], error.args
    assert len(b.received) == 1
    assert s.recv(5000) == bytes(most)
    c.send(b"goes on")
    assert s.recv(100) == b"goes on"
for wrong in (0, 255, 16385, -1):
    raises(ValueError, setattr, client, "datagram_size", wrong)
raises(ValueError, setattr, client_context(), "datagram_size", 1000)


# A datagram that the stream refuses is reported once, and forgotten.
class Narrow(Datagrams):
    limit = 10000
    error = 0

    def write(self, buf):
        if len(buf) > self.limit:
            raise OSError(90)
        if self.error:
            error, self.error = self.error, 0
            raise OSError(error)
        return super().write(buf)


for code in (90, 101, 105, 111):
    one, other = [], []
    stream = Narrow(one, other)
    c = client_dtls().wrap_socket(stream, server_hostname="localhost", do_handshake=False)
    s = server_dtls().wrap_socket(Datagrams(other, one), server_side=True, do_handshake=False, client_id=b"x")
    shake(c, s)
    del other[:]
    if code == 90:
        stream.limit = 600
    else:
        stream.error = code
    raises_code(code, c.send, bytes(900))
    assert c.send(b"next") == 4
    assert s.recv(1000) == b"next" and s.recv(1000) is None
    s.send(b"back")
    assert c.recv(1000) == b"back"
    c.close()
    assert s.recv(100) == b""

# A client that starts again from the same address is noticed; the connection goes on.
c, s, a, b = link()
shake(c, s)
assert s.peer_restarts is False
again = client_dtls().wrap_socket(Datagrams([], other), server_hostname="localhost", do_handshake=False)
del other[:]
step(again)
b.received.extend(other)
assert s.recv(100) is None
assert s.peer_restarts is True
c.send(b"goes on")
assert s.recv(100) == b"goes on"

# Any datagram of the handshake may get lost.
for end in (0, 1):
    for lost in range(3):
        c, s, a, b = link()
        (a, b)[end].drop = (lost,)
        shake(c, s)
        c.send(b"through")
        assert s.recv(100) == b"through"

# poll reports when something must be sent again.
c, s, a, b = link()
step(c)
sent = len(b.received)
del b.received[:]
for _ in range(400):
    if c.ioctl(3, 1):
        break
    sleep_ms(10)
step(c)
assert len(b.received) >= 1
shake(c, s)

# A handshake without an answer ends at its time limit.
client = client_dtls()
client.handshake_timeout = 0.2
one, other = [], []
raises_code(1069, client.wrap_socket, Datagrams(one, other), server_hostname="localhost")

# The verdict is the same as in TLS.
c, s, a, b = link(hostname="other.example")
errors = handshake_errors(c, s)
assert errors[0][0] == 1045, errors

# Servers need client_id; clients do not.
stream = Datagrams([], [])
for wrong in (None, 4, b"", b"x" * 129):
    raises_code(1000, server_dtls().wrap_socket, stream, do_handshake=False, client_id=wrong)
raises(ValueError, client_dtls().wrap_socket, stream, server_hostname="localhost", client_id=b"x")
raises(ValueError, server_context().wrap_socket, pipes()[0], server_side=True, client_id=b"x")
if ussl.HAS_TLS1_3:
    context = client_dtls()
    assert context.maximum_version == ussl.TLSv1_2
    context.minimum_version = ussl.TLSv1_3
    raises(ValueError, context.wrap_socket, stream, server_hostname="localhost")
assert not stream.sent

# Over UDP, blocking sockets, in two processes.
if not pycopy:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(address())
    in_background("dtls_client.py", "x")
    context = server_dtls()
    first, peer = udp.recvfrom(2000)
    udp.connect(peer)  # the client sends its first datagram again
    s = context.wrap_socket(udp, server_side=True, client_id=bytes(peer))
    for i in range(4):
        got = s.recv(100) if i % 2 else bytes(buffer[: s.recv_into(buffer)])
        assert got == b"ping %d" % i, got
        s.send(b"pong %d" % i)
    assert s.recv(100) == b""
    s.close()
