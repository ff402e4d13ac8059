# DatagramServer: many clients on one socket, first a cookie, then a connection for each.
from support import *

if not ussl.HAS_DTLS:
    assert not hasattr(ussl, "DatagramServer")
    skip("no DTLS")

POLL, READ, WRITE, NOT_VALID = 3, 1, 4, 32
EAGAIN = 11
KEYS = {b"sensor": b"0123456789abcdef"}


class Network:
    """A server's UDP socket, and the clients' ends of it."""

    def __init__(self):
        self.to_server, self.to_client, self.closed = [], {}, 0

    def client(self, address):
        self.to_client[address] = []
        return Client(self, address)


class Socket(io.IOBase):
    def __init__(self, net):
        self.net, self.refuses, self.errors = net, False, []

    def recvfrom(self, size):
        assert self.net.to_server, "nothing to be read"
        address, datagram = self.net.to_server.pop(0)
        if self.errors:
            raise self.errors.pop()
        return datagram[:size], address

    def sendto(self, datagram, address):
        if self.refuses:
            raise OSError(90)
        if address in self.net.to_client:
            self.net.to_client[address].append(bytes(datagram))
        return len(datagram)

    def readinto(self, buffer):
        assert False

    def write(self, data):
        assert False

    def ioctl(self, request, arg):
        if request == POLL:
            return arg & ((READ if self.net.to_server else 0) | WRITE)
        if request == 4:
            self.net.closed += 1
        return 0


class Client(io.IOBase):
    """The stream under a client's connection."""

    def __init__(self, net, address):
        self.net, self.address = net, address

    def readinto(self, buffer):
        waiting = self.net.to_client[self.address]
        if not waiting:
            return None
        datagram = waiting.pop(0)
        buffer[:len(datagram)] = datagram
        return len(datagram)

    def write(self, data):
        self.net.to_server.append((self.address, bytes(data)))
        return len(data)

    def ioctl(self, request, arg):
        if request == POLL:
            return arg & ((READ if self.net.to_client[self.address] else 0) | WRITE)
        return 0


def server_context():
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)
    if ussl.HAS_PSK:
        context.server_psk_keys = KEYS
    else:
        context.set_cert_key(contents("p256.crt.pem"), contents("p256.key.pem"))
    return context


def connect(net, address, key=b"0123456789abcdef"):
    """A client that has not sent anything yet."""
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
    if ussl.HAS_PSK:
        context.verify_mode = ussl.CERT_NONE
        context.psk_identity, context.psk_key = b"sensor", key
        return context.wrap_socket(net.client(address), do_handshake=False)
    context.load_verify_locations(cadata=contents("ca.pem"))
    return context.wrap_socket(net.client(address), server_hostname="localhost", do_handshake=False)


def accept(server, *clients):
    """Runs until the server has a connection."""
    for _ in range(200):
        for client in clients:
            step(client)
        if server.ioctl(POLL, READ):
            return server.accept()
    assert False, "nobody comes"


def served(net, server, address):
    client = connect(net, address)
    connection, who = accept(server, client)
    assert who == address
    while client.cipher() is None:
        step(client)
    return client, connection


def talk(client, connection, text=b"hello"):
    client.send(text)
    assert connection.recv(100) == text
    connection.send(text + b" back")
    assert client.recv(100) == text + b" back"


net = Network()
server = ussl.DatagramServer(Socket(net), server_context(), max_clients=4)
server.setblocking(False)
raises_code(EAGAIN, server.accept)
assert server.ioctl(POLL, READ) == 0

# Each client has its own connection; addresses are the socket's.
pairs = [served(net, server, address) for address in (("10.0.0.1", 1), ("10.0.0.1", 2), ("fe80::1", 3, 0, 0), "text")]
for i, (client, connection) in enumerate(pairs):
    talk(client, connection, b"client %d" % i)
for i, (client, connection) in enumerate(pairs):
    client.send(b"all at once %d" % i)
for i, (client, connection) in reversed(list(enumerate(pairs))):
    assert connection.ioctl(POLL, READ) & READ
    assert connection.recv(100) == b"all at once %d" % i
    assert connection.recv(100) is None
    assert connection.ioctl(POLL, READ) == 0

# There is room for four. Closing one makes room.
late = connect(net, ("10.0.0.9", 9))
for _ in range(20):
    step(late)
    assert server.ioctl(POLL, READ) == 0
assert late.cipher() is None
client, connection = pairs.pop()
connection.close()
assert client.recv(100) == b""
for _ in range(400):  # until it repeats its unanswered message
    step(late)
    if server.ioctl(POLL, READ):
        break
    sleep_ms(10)
connection, who = server.accept()
assert who == ("10.0.0.9", 9)
while late.cipher() is None:
    step(late)
talk(late, connection)
pairs.append((late, connection))

# A client that starts again from its address is served, and its old connection ends.
old_client, old = pairs[0]
client, connection = served(net, server, ("10.0.0.1", 1))
talk(client, connection)
raises(OSError, old.recv, 100)
raises(OSError, old.send, b"x")
old.close()
talk(client, connection)
pairs[0] = client, connection

# Unverified clients get a cookie each, and nothing else; nothing changes for the others.
stranger = connect(net, "stranger")
step(stranger)
hello = net.to_server.pop()[1]
gc.collect()
before = gc.mem_alloc()
for i in range(2000):
    forged = bytearray(hello)
    forged[30:34] = bytes((i >> 8, i & 255, 1, 2))
    net.to_client["flood"] = answers = []
    net.to_server.append(("flood" if i % 2 else ("10.0.0.1", 2), bytes(forged)))
    assert server.ioctl(POLL, READ) == 0
    assert i % 2 == 0 or len(answers) == 1 and len(answers[0]) < len(forged)
del net.to_client["flood"], net.to_client["stranger"]
net.to_client[("10.0.0.1", 2)].clear()
gc.collect()
assert gc.mem_alloc() < before + 2000, gc.mem_alloc() - before
for client, connection in pairs:
    talk(client, connection)

# Unreadable datagrams, and datagrams for nobody.
for junk in (b"", b"\0", bytes(100), b"\xff" * 1700, hello[:20], hello[:40]):
    net.to_server.append(("nobody", junk))
    net.to_server.append((("10.0.0.1", 2), junk))
assert server.ioctl(POLL, READ) == 0
for client, connection in pairs:
    talk(client, connection)

# An error of the socket is reported, except one about an answer to an unverified client.
sock = Socket(net)
other = ussl.DatagramServer(sock, server_context())
other.setblocking(False)
sock.errors.append(OSError(5))
net.to_server.append(("x", hello))
raises_code(5, other.accept)
sock.refuses = True
net.to_server.append(("x", hello))
raises_code(EAGAIN, other.accept)
assert not net.to_server
sock.refuses = False

# A handshake that fails ends nothing else.
if ussl.HAS_PSK:
    wrong = connect(net, "wrong", b"another key of 16")
    for _ in range(40):
        try:
            step(wrong)
        except OSError:
            pass
        assert other.ioctl(POLL, READ) == 0
    client, connection = served(net, other, "right")
    talk(client, connection)

# Calls within a callback of the handshake are refused, and do no harm.
if ussl.HAS_PSK:
    refused = []

    class Keys:
        def get(self, identity):
            refused.append(raises_code(INVALID_STATE, other.accept))
            return KEYS[bytes(identity)]

    context = server_context()
    context.server_psk_keys = Keys()
    other = ussl.DatagramServer(Socket(net), context)
    client, connection = served(net, other, "callback")
    talk(client, connection)
    assert refused

# Connection IDs (RFC 9146): a client whose address changes keeps its connection.
first_net = net
if ussl.HAS_CONNECTION_ID:
    net = Network()
    context = server_context()
    context.connection_id_size = 5
    moving = ussl.DatagramServer(Socket(net), context, max_clients=3)
    moving.setblocking(False)

    def connect_with_id(address):
        context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
        context.connection_id_size = 0
        if ussl.HAS_PSK:
            context.verify_mode = ussl.CERT_NONE
            context.psk_identity, context.psk_key = b"sensor", KEYS[b"sensor"]
            return context.wrap_socket(net.client(address), do_handshake=False)
        context.load_verify_locations(cadata=contents("ca.pem"))
        return context.wrap_socket(net.client(address), server_hostname="localhost", do_handshake=False)

    def served_with_id(address):
        client = connect_with_id(address)
        connection, who = accept(moving, client)
        assert who == address == connection.client_address
        while client.cipher() is None:
            step(client)
        return client, connection

    class Moved:
        """Puts what a client sends under another address."""

        def __init__(self, old, new):
            self.old, self.new = old, new
            net.to_client.setdefault(new, [])

        def __call__(self):
            for i, (address, datagram) in enumerate(net.to_server):
                if address == self.old:
                    net.to_server[i] = (self.new, datagram)

        def back(self):
            net.to_client[self.old] += net.to_client[self.new]
            net.to_client[self.new].clear()

    client, connection = served_with_id("first")
    assert len(connection.connection_id) == 5 and connection.peer_connection_id is None
    assert client.peer_connection_id == connection.connection_id and client.connection_id is None
    talk(client, connection)
    assert connection.is_newest and not client.is_newest
    move = Moved("first", "elsewhere")
    client.send(b"moved")
    repeated = [net.to_server[-1][1]]
    move()
    assert connection.recv(100) == b"moved"
    assert connection.client_address == "elsewhere"
    connection.send(b"there")
    assert not net.to_client["first"]
    move.back()
    assert client.recv(100) == b"there"

    # Nobody else moves it: repeated, damaged and unauthentic datagrams.
    for datagram in repeated + [repeated[0][:-1] + b"x", repeated[0][:16] + bytes(40)]:
        net.to_server.append(("thief", datagram))
        assert connection.recv(100) is None
        assert connection.client_address == "elsewhere"
    # Its old address is free for another client; its new one, too, and it goes on.
    others = [served_with_id(address) for address in ("first", "elsewhere")]
    for other_client, other_connection in others:
        talk(other_client, other_connection, b"another")
    client.send(b"still me")
    move()
    assert connection.recv(100) == b"still me" and connection.client_address == "elsewhere"
    connection.send(b"yes")
    # Both clients hear it; only one can read it.
    net.to_client["first"].append(net.to_client["elsewhere"][-1])
    assert others[1][0].recv(100) is None
    net.to_client["first"].clear()
    # All places are taken.
    late = connect_with_id("late")
    for _ in range(20):
        step(late)
        assert moving.ioctl(POLL, READ) == 0
    connection.close()
    for _ in range(400):
        step(late)
        if moving.ioctl(POLL, READ):
            break
        sleep_ms(10)
    assert moving.accept()[1] == "late"
    # A client without connection IDs is served as before.
    others[0][1].close()
    client, connection = served(net, moving, "plain")
    assert connection.connection_id is None and client.peer_connection_id is None
    talk(client, connection)
    moving.close()
    assert others[1][0].recv(100) == b""

    # The arguments of wrap_socket().
    context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
    context.verify_mode = ussl.CERT_NONE
    for size, wrong in ((None, b"x"), (0, b"x"), (3, b"xx"), (3, b"xxxx"), (3, b"")):
        context.connection_id_size = size
        raises(ValueError, context.wrap_socket, net.client("x"), do_handshake=False, connection_id=wrong)
    raises(TypeError, context.wrap_socket, net.client("x"), do_handshake=False, connection_id=5)
    context.wrap_socket(net.client("x"), do_handshake=False, connection_id=bytearray(b"abc"))
    for size in (-1, 33, 255):
        raises(ValueError, setattr, context, "connection_id_size", size)
    for size in (0, 32, None):
        context.connection_id_size = size
        assert context.connection_id_size == size
    raises(ValueError, setattr, ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT), "connection_id_size", 0)
else:
    raises_code(UNSUPPORTED, setattr, ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT), "connection_id_size", 0)

net = first_net

# close() sends it to all that were accepted, and closes the socket.
server.close()
assert net.closed == 1
for client, connection in pairs:
    assert client.recv(100) == b""
    raises(OSError, connection.recv, 100)
raises_code(9, server.accept)
assert server.ioctl(POLL, READ) == NOT_VALID
server.close()
with other:
    pass
assert net.closed == 2

# Not a server.
net = Network()
context = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT)
raises(ValueError, ussl.DatagramServer, Socket(net), context)
raises(ValueError, ussl.DatagramServer, Socket(net), ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER))
raises(TypeError, ussl.DatagramServer, Socket(net), None)
raises(TypeError, ussl.DatagramServer, None, server_context())
raises(TypeError, ussl.DatagramServer, Socket(net))
for n in (0, -1):
    raises(ValueError, ussl.DatagramServer, Socket(net), server_context(), max_clients=n)
raises_code(1013, ussl.DatagramServer, Socket(net), ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER))
