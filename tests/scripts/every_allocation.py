# Every single allocation on the interpreter's heap fails: the n-th, alone or with all later ones, for every n, until the operation
# needs no more. The result is a MemoryError (or the operation works without it), the libraries keep no block for it, and the next
# attempt, with the same objects, works. out_of_memory.py has a heap that is really full.
from support import *

try:
    import faults
except ImportError:
    skip("an interpreter without faults (tools/build-micropython --faults)")

pem, key, ca = contents("p256.crt.pem"), contents("p256.key.pem"), contents("ca.pem")
own, own_key = contents("client.crt.pem"), contents("client.key.pem")
text = bytes(range(256)) * 80

# A library itself may lose up to three blocks (tests/support/library_losses.hpp), at so many places of both sides.
MOST_LOST, MOST_LOSSES = 3, 24


def attempt(n, for_good, operation):
    """(whether the n-th allocation was reached, what the operation returned: None where it raised MemoryError)"""
    result = None
    faults.fail(n, for_good)
    try:
        result = operation()
    except MemoryError:
        pass
    finally:
        count = faults.stop()
    return count >= n, result


def blocks():
    gc.collect()
    return faults.blocks()


def for_every_allocation(what, check, library_loses=False):
    """check(n, for_good) returns whether the n-th was reached."""
    attempts = 0
    for for_good in (False, True):
        before, losses = blocks(), 0
        n = 1
        while check(n, for_good):
            lost = blocks() - before
            if library_loses and 0 < lost <= MOST_LOST:
                losses += 1
                before += lost
                assert losses <= MOST_LOSSES, (what, n)
            else:
                assert lost <= 0, (what, n, for_good, lost)
            n += 1
            assert n < 100000
        attempts += n
    print(what, attempts)


# --- Settings of contexts, and what opens them ---


def made(kind):
    return lambda: ussl.SSLContext(kind)


def settings_of(kind):
    """Each call that changes a setting of a context."""
    server = kind == ussl.PROTOCOL_TLS_SERVER
    calls = [
        lambda c: c.set_cert_key(pem, key) if server else c.set_cert_key(own, own_key),
        lambda c: c.load_cert_chain(certs + "p256.crt.pem", certs + "p256.key.pem"),
        lambda c: c.load_verify_locations(cadata=ca),
        lambda c: c.load_verify_locations(cafile=certs + "ca.pem"),
        lambda c: c.set_ciphers(c.get_ciphers()),
    ]
    if ussl.HAS_ALPN:
        calls.append(lambda c: c.set_alpn_protocols(["h2", "http/1.1"]))
    if ussl.HAS_PINS:
        calls.append(lambda c: c.set_pins(["ab" * 32, b"x" * 32]))
        calls.append(lambda c: c.set_pins(None))
    if ussl.HAS_PSK:
        calls.append(lambda c: setattr(c, "psk_identity", bytearray(b"me")))
        calls.append(lambda c: setattr(c, "psk_key", bytearray(b"k" * 32)))
    if server and ussl.HAS_SERVER_NAMES:
        calls.append(lambda c: c.add_cert_key(pem, key))
        calls.append(lambda c: setattr(c, "server_name_callback", lambda name: None))
    return calls


def check_contexts():
    for kind in (ussl.PROTOCOL_TLS_CLIENT, ussl.PROTOCOL_TLS_SERVER):
        name = "client" if kind == ussl.PROTOCOL_TLS_CLIENT else "server"
        for_every_allocation(name + " context made", lambda n, good: attempt(n, good, made(kind))[0])
        context = ussl.SSLContext(kind)
        for i, call in enumerate(settings_of(kind)):

            def check(n, for_good):
                reached, _ = attempt(n, for_good, lambda: call(context))
                call(context)
                return reached

            for_every_allocation("%s setting %d" % (name, i), check)


def check_opening():
    """The first session opens a context."""
    for side in (0, 1):
        make = (client_context, server_context)[side]
        arguments = ({"server_hostname": "localhost"}, {"server_side": True})[side]

        def check(n, for_good):
            context = make()
            a, b = pipes()
            reached, stream = attempt(n, for_good, lambda: context.wrap_socket(a, do_handshake=False, **arguments))
            if stream is None:
                assert reached
                stream = context.wrap_socket(a, do_handshake=False, **arguments)
            stream.close()
            assert a.closed == 1
            return reached

        for_every_allocation(("client", "server")[side] + " context and session opened", check)


class Driving(Pipe):
    """A blocking client's: the server makes a step while the client waits for it."""

    server = None

    def readinto(self, buf):
        if not self.received and self.server is not None:
            step(self.server)
        return super().readinto(buf)

    def ioctl(self, request, arg):
        return arg if request == 3 else super().ioctl(request, arg)


def check_wrapping():
    """The handshake within wrap_socket(). If it fails the stream still belongs to the script."""
    client, server = client_context(), server_context()

    def connect(n, for_good):
        a, b = pipes(Driving)
        a.server = server.wrap_socket(b, server_side=True, do_handshake=False)
        try:
            reached, stream = attempt(n, for_good, lambda: client.wrap_socket(a, server_hostname="localhost"))
        except OSError as e:
            # The server met it, or had a wrong value from the client for it.
            assert n, e.args
            reached, stream = True, None
        if stream is None:
            assert reached and a.closed == 0, n
        else:
            assert stream.version() is not None
            stream.close()
            assert a.closed == 1
        a.server.close()
        return reached

    def check(n, for_good):
        reached = connect(n, for_good)
        connect(0, False)
        return reached

    for _ in range(2):
        check(0, False)
    for_every_allocation("wrap_socket", check, differs("arithmetic-allocates"))


# --- Sessions ---


def shake_hands(c, s, surfaced):
    """Whether both completed. MemoryErrors are counted; a side that has failed stays failed."""
    ended = [None, None]
    for _ in range(16):
        for i in (0, 1):
            if ended[i] is not None:
                continue
            try:
                step((c, s)[i])
            except MemoryError:
                surfaced[0] += 1
            except OSError as e:
                ended[i] = e.args
    if ended[0] or ended[1]:
        # A side that has failed reports it again; its peer reports the alert, or what was wrong for lack of memory.
        assert surfaced[0] > 0, ended
        return False
    return c.cipher() is not None and s.cipher() is not None


def new_session(client, server):
    c, s, a, b = connect(client, server)
    transfer(s, c, b"data")
    session = c.session
    c.close()
    s.close()
    return session


def check_handshakes(name, wrap, check_whole, loses=False, datagrams=False):
    """wrap() returns the result of wrap_both(); check_whole(c, s) looks at a connection. A datagram that finds no memory counts as
    lost: it would be sent again."""

    def check(n, for_good):
        c, s, a, b = wrap()
        surfaced = [0]
        reached, whole = attempt(n, for_good, lambda: shake_hands(c, s, surfaced))
        assert reached or whole, (n, surfaced)
        if surfaced[0] == 0 and whole is not None and not datagrams:
            assert whole, n
        if whole:
            check_whole(c, s)
        c.close()
        s.close()
        assert a.closed == b.closed == 1
        del c, s, a, b
        # The next attempt works.
        c, s, a, b = wrap()
        surfaced[0] = 0
        assert shake_hands(c, s, surfaced) and surfaced[0] == 0
        check_whole(c, s)
        assert s.write(b"works") == 5 and c.read(10) == b"works"
        c.close()
        s.close()
        return reached

    for _ in range(2):
        check(0, False)  # now the contexts have what they keep
    for_every_allocation(name + " handshake", check, loses)


def check_data(name, client, server):
    """In an established connection: writing and reading, queries, closing."""

    def move(source, sink, got):
        at = 0
        for _ in range(40):
            n = source.write(memoryview(text)[at:at + 9000]) if at < len(text) else 0
            at += n or 0
            for _ in range(3):
                n = sink.readinto(into)
                if n:
                    got.extend(memoryview(into)[:n])
            if at == len(text) == len(got):
                break
        return at

    into = bytearray(17000)

    def check_moving(n, for_good):
        c, s, a, b = connect(client, server)
        source, sink = ((c, s), (s, c))[n % 2]
        got = bytearray()
        reached, taken = attempt(n, for_good, lambda: move(source, sink, got))
        assert text[:len(got)] == got
        if taken is not None and not reached:
            assert len(got) == len(text) == taken
        c.close()
        s.close()
        assert a.closed == b.closed == 1
        return reached

    def ask(c):
        assert c.cipher()[0] and c.version()
        assert c.getpeercert(True)[0] == 0x30
        assert c.session is None or len(c.session) > 20
        assert c.selected_alpn_protocol() is None
        if ussl.HAS_EXPORTER:
            assert len(c.export_keying_material("label", 64)) == 64
        return True

    asked = connect(client, server)

    def check_asking(n, for_good):
        reached, answered = attempt(n, for_good, lambda: ask(asked[0]))
        assert reached or answered
        assert ask(asked[0])
        return reached

    def check_closing(n, for_good):
        c, s, a, b = connect(client, server)
        reached, _ = attempt(n, for_good, lambda: c.close())
        c.close()
        # Whether the close_notify has left or memory was short of it: an end, or what would block.
        try:
            assert not s.read(1)
        except OSError as e:
            assert False, e.args
        s.close()
        assert a.closed == b.closed == 1
        return reached

    for_every_allocation(name + " data", check_moving)
    for_every_allocation(name + " questions", check_asking)
    for_every_allocation(name + " close", check_closing)
    connect(client, server)


def check_version(version):
    name = "TLS 1.%d" % (3 if version == ussl.TLSv1_3 else 2)
    client, server = client_context(), server_context()
    client.set_cert_key(own, own_key)
    server.load_verify_locations(cadata=ca)
    for context in (client, server):
        context.maximum_version = version
        context.minimum_version = version
        # Python code called by the library.
        context.verify_callback = lambda certificate, depth: 0
        if ussl.HAS_KEY_LOG:
            context.keylog_callback = lambda line: None
    if ussl.HAS_SERVER_NAMES:
        server.server_name_callback = lambda name: None

    def resumed():
        # A session may not be resumed again after a connection that failed (RFC 5246, 7.2.2).
        session = new_session(client, server)
        a, b = pipes()
        c = client.wrap_socket(a, server_hostname="localhost", do_handshake=False, session=session)
        return c, server.wrap_socket(b, server_side=True, do_handshake=False), a, b

    def check_full(c, s):
        assert not s.session_reused and s.getpeercert(True)[0] == 0x30

    def check_resumed(c, s):
        assert c.session_reused and s.session_reused

    loses = differs("loses-blocks", version)
    check_handshakes(name, lambda: wrap_both(client, server), check_full, loses)
    if ussl.HAS_RESUMPTION:
        check_handshakes(name + " resumed", resumed, check_resumed, loses)
    check_data(name, client, server)

    if ussl.HAS_PSK:
        client, server = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT), ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
        client.maximum_version = client.minimum_version = version
        client.psk_identity, client.psk_key = b"me", b"k" * 32
        server.server_psk_keys = {b"me": b"k" * 32}

        def check_psk(c, s):
            assert s.getpeercert(True) is None is c.getpeercert(True)

        check_handshakes(name + " PSK", lambda: wrap_both(client, server), check_psk, loses)


def check_datagrams():
    client, server = ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT), ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)
    client.load_verify_locations(cadata=ca)
    server.set_cert_key(pem, key)

    def wrap():
        one, other = [], []
        a, b = Datagrams(one, other), Datagrams(other, one)
        c = client.wrap_socket(a, server_hostname="localhost", do_handshake=False)
        return c, server.wrap_socket(b, server_side=True, do_handshake=False, client_id=b"me"), a, b

    check_handshakes("DTLS", wrap, lambda c, s: None, datagrams=True)


for _ in range(2):
    connect()
check_contexts()
check_opening()
check_wrapping()
check_version(ussl.TLSv1_2)
if ussl.HAS_TLS1_3:
    check_version(ussl.TLSv1_3)
if ussl.HAS_DTLS:
    check_datagrams()
