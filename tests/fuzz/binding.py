# Random scripts: calls of the module from a grammar, in their own interpreter. Wrong types and orders; huge or negative sizes;
# callbacks and streams that raise, lie or call back; objects that are closed, half open or collected; no memory; and the collector
# at work in between.
#
#   micropython binding.py CERTS SEED SCRIPTS [STEPS [trace]]
#
# Every call returns, or raises one of the exceptions below; after each script an honest connection works. A seed determines the
# sequence of calls. tests/fuzz/binding_runs.py tries many seeds.
import gc
import io
import sys

import micropython
import ussl

certs, seed, scripts = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
steps = int(sys.argv[4]) if len(sys.argv) > 4 else 60
tracing = len(sys.argv) > 5


class Mark(Exception):
    """Raised by this script's callbacks and streams."""


expected = (OSError, TypeError, ValueError, AttributeError, MemoryError, NotImplementedError, OverflowError, RuntimeError,
            KeyError, IndexError, StopIteration, Mark)


def contents(name):
    with open(certs + name, "rb") as f:
        return f.read()


files = {name: contents(name) for name in (
    "ca.pem", "p256.crt.pem", "p256.key.pem", "p256.crt.der", "p256.key.der", "client.crt.pem", "client.key.pem",
    "expired.crt.pem", "expired.key.pem")}
state = 0


def below(n):
    """xorshift: the same on every interpreter."""
    global state
    state ^= (state << 13) & 0xFFFFFFFF
    state ^= state >> 17
    state ^= (state << 5) & 0xFFFFFFFF
    return state % n


def one_in(n):
    return below(n) == 0


def pick(choices):
    return choices[below(len(choices))]


# ---- Streams ----

class Pipe(io.IOBase):
    """One end of a non-blocking connection in memory. `mischief`: it may misbehave."""

    def __init__(self, received, sent):
        self.received, self.sent = received, sent
        self.at_end, self.mischief, self.patience = False, 0, 60

    def spoil(self):
        """A method's misbehaviour, if any: a list with its result. None: the method works."""
        if self.mischief == 0 or not one_in(6):
            return None
        kind = below(9)
        if kind == 0:
            raise OSError(pick((5, 11, 32, 104, 110, -1, 0, 1 << 40)))
        if kind == 1:
            raise Mark()
        if kind == 2:
            raise MemoryError
        if kind == 3:
            use_something()
            return None
        if kind == 4:
            gc.collect()
            return None
        if kind == 5:
            return [None]
        if self.mischief == 1:
            return [0]
        return [pick((-1, 1 << 20, "text", 1 << 70, b"bytes", -22, 2.5, [1]))]

    def readinto(self, buf):
        lie = self.spoil()
        if lie:
            return lie[0]
        if not self.received:
            self.patience -= 1
            if self.patience < 0:  # a reader of this pipe waits forever
                raise OSError(110)
            return 0 if self.at_end else None
        n = min(len(buf), len(self.received))
        buf[:n] = self.received[:n]
        self.received[:] = self.received[n:]
        return n

    def write(self, buf):
        lie = self.spoil()
        if lie:
            return lie[0]
        if len(self.sent) > 200000:
            return None
        self.sent.extend(buf)
        return len(buf)

    def ioctl(self, request, arg):
        lie = self.spoil()
        if lie:
            return lie[0]
        if request == 3:
            self.patience -= 1
            if self.patience < 0:
                raise OSError(110)
            return arg & ((1 if self.received or self.at_end else 0) | 4)
        return 0 if request == 4 else -22

    def setblocking(self, flag):
        self.spoil()

    def fileno(self):
        lie = self.spoil()
        return lie[0] if lie else 7


def pipes():
    a, b = bytearray(), bytearray()
    return Pipe(a, b), Pipe(b, a)


# ---- The objects of a script ----

contexts, sockets, streams, sessions = [], [], [], []
datagrams = []  # the contexts for DTLS


def forget():
    for things in (contexts, sockets, streams, sessions, datagrams):
        things.clear()


def keep(things, thing):
    if len(things) < 6:
        things.append(thing)
    else:
        things[below(6)] = thing


# ---- Values ----

def use_something():
    """Side effects of a callback."""
    if sockets and one_in(2):
        socket = pick(sockets)
        pick((lambda: socket.close(), lambda: socket.read(1), lambda: socket.write(b"x"), lambda: socket.cipher(),
              lambda: socket.__del__(), lambda: socket.getpeercert(True), lambda: socket.setblocking(False)))()
    elif contexts:
        context = pick(contexts)
        pick((lambda: context.set_pins(None), lambda: context.load_verify_locations(cadata=files["ca.pem"]),
              lambda: setattr(context, "verify_callback", None), lambda: setattr(context, "verify_mode", 0),
              lambda: context.set_cert_key(files["client.crt.pem"], files["client.key.pem"])))()


def callback():
    """A function that accepts any arguments, and returns or raises something from the grammar."""
    kind, result, depth = below(8), None, [0]
    if kind < 3:
        result = pick((0, 1, True, False, None, b"\x30\x00", -1))
    elif kind == 3:
        result = anything(2)

    def called(*arguments):
        depth[0] += 1
        if depth[0] > 20:
            return 0
        if kind == 4:
            raise pick((Mark, OSError, ValueError, MemoryError, StopIteration))
        if kind == 5:
            use_something()
        elif kind == 6:
            gc.collect()
            sessions.extend(arguments[:1]) if len(sessions) < 6 else None
        return result

    return called


class Keys:
    """A stand-in for a dict."""

    def get(self, identity):
        return pick((None, b"k" * 16, b"", b"k" * 100, 5, "text", bytearray(b"k" * 16)))


numbers = (0, 1, -1, 2, 3, 5, 7, 16, 100, 255, 256, 512, 771, 772, 4096, 20000, 65535, 65536, 1 << 30, 1 << 31, -(1 << 31),
           (1 << 32) - 1, 1 << 32, (1 << 62) - 1, -(1 << 62), 1 << 63, 1 << 64, -(1 << 70))
texts = ("", "localhost", "LOCALHOST.", "127.0.0.1", "::1", "x" * 300, "a.b", "nul\0l", "\xe9", "h2", "TLSv1.2",
         "TLS_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256:x",
         "no such file")


def some_bytes():
    kind = below(8)
    if kind == 0:
        return b""
    if kind == 1:
        return bytes([below(256) for _ in range(below(80))])
    data = files[pick(list(sorted(files)))]
    if kind == 2:
        damaged = bytearray(data)
        damaged[below(len(damaged))] ^= 1 << below(8)
        return bytes(damaged)
    if kind == 3:
        return data[:below(len(data))]
    if kind == 4:
        return bytearray(data)
    if kind == 5:
        return memoryview(data)
    if kind == 6:
        return bytes(below(70000))
    return data


def anything(depth=0):
    kind = below(16)
    if kind < 4:
        return pick(numbers)
    if kind == 4:
        return pick((None, True, False))
    if kind == 5:
        return pick((0.0, -1.5, 1e300, float("inf"), float("nan")))
    if kind == 6:
        return pick(texts)
    if kind < 9:
        return some_bytes()
    if kind < 11 and depth < 3:
        return pick((list, tuple))([anything(depth + 1) for _ in range(below(5))])
    if kind == 11 and depth < 3:
        return {pick(texts): anything(depth + 1), pick(numbers): anything(depth + 1), b"client": b"k" * 16}
    if kind == 12:
        return callback() if depth < 3 else object()
    if kind == 13:
        return pick((object(), Keys(), Keys, range(5), int, ussl, print))
    have = pick((contexts, sockets, streams, sessions))
    return pick(have) if have else None


# The usual values of each kind of parameter. Sometimes a parameter gets any value.
kinds = {
    "flag": lambda: pick((True, False)),
    "number": lambda: pick(numbers),
    "small": lambda: pick((0, 1, 2, 3, 100, 1000)),
    "mode": lambda: below(3),
    "version": lambda: pick((0x303, 0x304, None)),
    "protocol": lambda: below(4),
    "host": lambda: pick(("localhost", "localhost", "127.0.0.1", "other.example", None)),
    "names": lambda: pick((["h2", "http/1.1"], ["x"], [], ["y" * 255] * 3)),
    "suites": lambda: pick((["TLS_AES_128_GCM_SHA256"], ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"], texts[-3], [])),
    "pins": lambda: pick((None, [], [b"p" * 32], ["ab" * 32], [b"p" * 31])),
    "cert": lambda: pick((files["p256.crt.pem"], files["p256.crt.der"], files["client.crt.pem"], files["expired.crt.pem"])),
    "key": lambda: pick((files["p256.key.pem"], files["p256.key.der"], files["client.key.pem"], None)),
    "anchors": lambda: files["ca.pem"],
    "path": lambda: pick((certs + "ca.pem", certs + "p256.crt.pem", certs + "p256.key.pem", certs, "/no/such/file")),
    "bytes": some_bytes,
    "buffer": lambda: bytearray(below(3000)),
    "stream": lambda: pick(streams) if streams and one_in(3) else new_stream(),
    "session": lambda: pick(sessions) if sessions else b"",
    "callback": lambda: callback() if not one_in(4) else None,
    "keys": lambda: pick(({b"client": b"k" * 16}, Keys(), {}, None)),
    "secret": lambda: pick((b"k" * 16, b"client", None, b"")),
    "seconds": lambda: pick((None, 1, 0.01, 0.5, 0)),
    "fragment": lambda: pick((None, 512, 1024, 2048, 4096)),
    "label": lambda: pick(("EXPORTER-test", b"EXPORTER-test", "")),
}


def value(kind):
    return anything() if one_in(5) else kinds[kind]()


def new_stream():
    kind = below(8)
    if kind == 0:
        stream = io.BytesIO(some_bytes())
    elif kind == 1 and sockets:
        stream = pick(sockets)  # TLS within TLS, or within itself
    else:
        stream, other = pipes()
        if one_in(2):
            keep(streams, other)
        if one_in(2):
            stream.mischief = 1 + below(2)
    keep(streams, stream)
    return stream


attributes = {
    "verify_mode": "mode", "check_hostname": "flag", "verify_time": "flag", "check_purpose": "flag", "check_key_strength": "flag",
    "check_signature_strength": "flag", "check_constraints": "flag", "check_critical_extensions": "flag",
    "verify_callback": "callback", "verify_callback_may_accept": "flag",
    "minimum_version": "version", "maximum_version": "version", "handshake_timeout": "seconds",
    "psk_identity": "secret", "psk_key": "secret", "server_psk_keys": "keys", "resumption": "flag", "session_cache_size": "number",
    "sign_callback": "callback", "server_name_callback": "callback", "max_fragment_length": "fragment",
    "datagram_size": "fragment", "record_size_limit": "fragment", "connection_id_size": "small",
    "keylog_callback": "callback", "suppress_ragged_eofs": "flag",
}
# Name; kinds of the positional arguments; kinds of the keyword arguments.
of_contexts = (
    ("set_cert_key", ("cert", "key"), {}), ("add_cert_key", ("cert", "key"), {}), ("load_cert_chain", ("path", "path"), {}),
    ("load_cert_chain", ("cert", "key"), {}), ("load_verify_locations", ("path",), {}),
    ("load_verify_locations", (), {"cadata": "anchors"}),
    ("load_verify_locations", ("path",), {"cafile": "path", "cadata": "bytes"}),
    ("set_pins", ("pins",), {}), ("get_ciphers", (), {}), ("set_ciphers", ("suites",), {}), ("set_alpn_protocols", ("names",), {}),
)
of_sockets = (
    ("read", ("small",), {}), ("read", ("number",), {}), ("read", (), {}),
    ("readinto", ("buffer",), {}), ("readinto", ("buffer", "number"), {}), ("readline", (), {}), ("write", ("bytes",), {}),
    ("write", ("bytes", "number"), {}), ("write", ("bytes", "number", "number"), {}),
    ("setblocking", ("flag",), {}), ("close", (), {}), ("fileno", (), {}), ("cipher", (), {}), ("version", (), {}),
    ("getpeercert", ("flag",), {}), ("selected_alpn_protocol", (), {}), ("max_fragment_length", (), {}),
    ("export_keying_material", ("label", "small"), {}), ("export_keying_material", ("label", "number", "bytes"), {}),
    ("ioctl", ("small", "number"), {}), ("recv", ("small",), {}), ("recv_into", ("buffer",), {}), ("send", ("bytes",), {}),
    ("sendall", ("bytes",), {}), ("__enter__", (), {}), ("__exit__", ("flag", "flag", "flag"), {}), ("__del__", (), {}),
)
of_wrapping = {"server_side": "flag", "server_hostname": "host", "session": "session", "client_id": "secret",
               "connection_id": "secret", "suppress_ragged_eofs": "flag"}
of_module = {"key": "key", "cert": "cert", "cert_reqs": "mode", "cadata": "anchors", "server_side": "flag",
             "server_hostname": "host"}


# ---- Calls ----

calls = 0


def call(function, kinds_by_position, kinds_by_name, name):
    """One call with arguments from the grammar; None if it raised."""
    arguments = [value(kind) for kind in kinds_by_position]
    named = {key: value(kind) for key, kind in kinds_by_name.items()}
    if one_in(20):
        arguments.append(anything())
    if arguments and one_in(20):
        arguments.pop()
    if one_in(30):
        named[pick(("server_side", "cadata", "unknown"))] = anything()
    return attempt(lambda: function(*arguments, **named), name, arguments, named)


def attempt(what, name, *details):
    global calls
    calls += 1
    if tracing:
        print(name, *[short(detail) for detail in details])
    starve = one_in(25)
    try:
        if starve:
            micropython.heap_lock()
        return what()
    except expected as e:
        # Expected, unless it is an internal error: see below.
        error = e
    finally:
        if starve:
            micropython.heap_unlock()
    if isinstance(error, OSError) and error.args and error.args[0] == 1099:
        raise AssertionError("an internal error")
    return None


def short(detail):
    text = repr(detail)
    return text if len(text) < 300 else text[:300] + "..."


def has(thing, name):
    # hasattr() does not catch what a property raises.
    try:
        getattr(thing, name)
        return True
    except expected:
        return False


def wrapped(made):
    if made is not None:
        keep(sockets, made)


def new_context():
    protocol = value("protocol")
    made = attempt(lambda: ussl.SSLContext() if one_in(5) else ussl.SSLContext(protocol), "SSLContext", protocol)
    if made is None:
        return
    if protocol in (2, 3):
        datagrams.append(made)
    if one_in(2):
        attempt(lambda: made.load_verify_locations(cadata=files["ca.pem"]), "anchors")
    if one_in(2):
        attempt(lambda: made.set_cert_key(files["p256.crt.pem"], files["p256.key.pem"]), "p256")
    keep(contexts, made)


def set_attribute():
    if contexts:
        context, name = pick(contexts), pick(list(sorted(attributes)))
        given = value(attributes[name])
        attempt(lambda: setattr(context, name, given), "set", name, given)


def get_attribute():
    things = contexts + sockets
    if things:
        thing = pick(things)
        name = pick(list(sorted(attributes)) + ["session", "session_reused", "truncated", "no_such_thing", "__class__"])
        got = attempt(lambda: getattr(thing, name), "get", name)
        if name == "session" and got is not None:
            keep(sessions, got)


def use_one(things, methods):
    if things:
        name, by_position, by_name = pick(methods)
        thing = pick(things)
        if has(thing, name):
            call(getattr(thing, name), by_position, by_name, name)


def use_context():
    use_one(contexts, of_contexts)


def wrap():
    if not contexts:
        return
    named = {key: kind for key, kind in of_wrapping.items() if one_in(3)}
    named["do_handshake"] = "flag"
    context = pick(contexts)
    if any(context is one for one in datagrams):
        context.handshake_timeout = 0.02  # otherwise it retransmits for minutes
    wrapped(call(context.wrap_socket, ("stream",), named, "wrap_socket"))


def wrap_by_module():
    named = {key: kind for key, kind in of_module.items() if one_in(3)}
    named["do_handshake"] = "flag"
    wrapped(call(ussl.wrap_socket, ("stream",), named, "ussl.wrap_socket"))


def default_context():
    made = call(ussl.create_default_context, (), {"cadata": "anchors"}, "create_default_context")
    if made is not None:
        keep(contexts, made)


def both_ends():
    """A connection between two of the script's contexts, whatever their state."""
    if len(contexts) < 2:
        return
    ends = pipes()
    for end in ends:
        keep(streams, end)
    context = pick(contexts)
    wrapped(attempt(lambda: context.wrap_socket(ends[0], server_hostname="localhost", do_handshake=False), "client"))
    server = pick(contexts)
    wrapped(attempt(lambda: server.wrap_socket(ends[1], server_side=True, do_handshake=False), "server"))
    if one_in(3):
        honest_pair()


def honest_pair():
    """A connection that completes its handshake, so that later calls have something to break."""
    client, server = ussl.SSLContext(0), ussl.SSLContext(1)
    client.load_verify_locations(cadata=files["ca.pem"])
    server.set_cert_key(files["p256.crt.pem"], files["p256.key.pem"])
    a, b = pipes()
    c = client.wrap_socket(a, server_hostname="localhost", do_handshake=False)
    s = server.wrap_socket(b, server_side=True, do_handshake=False)
    for _ in range(below(8)):
        c.read(1)
        s.read(1)
    for things, thing in ((contexts, client), (contexts, server), (streams, a), (streams, b), (sockets, c), (sockets, s)):
        keep(things, thing)


def sized(data, size=2):
    return len(data).to_bytes(size, "big") + data


def foreign(longest=40):
    """Bytes that a peer may send: any, or almost a name."""
    if one_in(2):
        return bytes([below(256) for _ in range(below(longest))])
    start = pick((b"localhost", b"other.example", b"caf\xc3\xa9.example", b"h2", b"127.0.0.1", b"client"))
    text = bytearray(start * (1 + below(3)))
    for _ in range(below(3)):
        text[below(len(text))] = below(256)
    return bytes(text)


def foreign_hello():
    """A server with every callback that gets a client's bytes, and a client with random ones. The bytes reach the script only as
    valid arguments of its callbacks, or end in an OSError with one of our numbers."""
    asked = []

    def note(name):
        asked.append(name)
        return below(2)

    class Noting:
        def get(self, identity):
            asked.append(str(identity))
            return b"k" * 16

    server = ussl.SSLContext(1)
    server.set_cert_key(files["p256.crt.pem"], files["p256.key.pem"])
    if ussl.HAS_SERVER_NAMES:
        server.server_name_callback = note
    if ussl.HAS_PSK and one_in(2):
        server.server_psk_keys = Noting()
    if ussl.HAS_ALPN:
        server.set_alpn_protocols([b"\xff\xfe", "h2"])
    names = b"".join(b"\0" + sized(foreign()) for _ in range(1 + one_in(10)))
    protocols = b"".join(sized(pick((b"\xff\xfe", b"h2", foreign())), 1) for _ in range(1 + below(3)))
    extensions = b"\0\0" + sized(sized(names)) + b"\0\x10" + sized(sized(protocols))
    extensions += b"\0\x0a\0\4\0\2\0\x17" + b"\0\x0d\0\4\0\2\4\3"
    suites = b"\xc0\x2b"
    if one_in(2):  # TLS 1.3, and an identity
        suites += b"\x13\x01"
        extensions += b"\0\x2b\0\3\2\3\4" + b"\0\x33\0\2\0\0" + b"\0\x2d\0\2\1\1"
        extensions += b"\0\x29" + sized(sized(sized(foreign()) + b"\0\0\0\0") + sized(sized(bytes(32), 1)))
    message = b"\3\3" + bytes(32) + b"\0" + sized(suites) + b"\1\0" + sized(extensions)
    a, b = pipes()
    b.received.extend(b"\x16\3\1" + sized(b"\1\0" + sized(message)))
    s = server.wrap_socket(b, server_side=True, do_handshake=False)
    try:
        s.read(1)
    except OSError as e:
        assert 1060 <= e.args[0] < 1099, e.args
    except Exception as e:
        raise AssertionError(repr(e))
    for name in asked:
        assert name is None or isinstance(name, str), asked
    s.close()


def step_all():
    for socket in list(sockets):
        attempt(lambda: socket.read(1 + below(100)), "step")


def use_socket():
    use_one(sockets, of_sockets)


def damage():
    for stream in [s for s in streams if isinstance(s, Pipe)]:
        kind = below(12)
        if kind == 0 and stream.received:
            stream.received[below(len(stream.received))] ^= 1 << below(8)
        elif kind == 1:
            stream.received[:] = stream.received[below(20):]
        elif kind == 2:
            stream.received.extend(bytes([below(256) for _ in range(below(50))]))
        elif kind == 3:
            stream.at_end = not stream.at_end
        elif kind == 4:
            stream.mischief = below(3)
        elif kind == 5:
            stream.patience = 60


def collect():
    kind = below(4)
    if kind == 0:
        gc.threshold(pick((-1, 200, 2000)))
    elif kind == 1:
        things = pick((contexts, sockets, streams, sessions))
        if things:
            things.pop(below(len(things)))
    gc.collect()


def text_of_all():
    for thing in contexts + sockets:
        attempt(lambda: (repr(thing), hash(thing), thing == 1, bool(thing)), "text")


actions = ((new_context,) * 3 + (set_attribute,) * 6 + (get_attribute,) * 2 + (use_context,) * 5 + (wrap,) * 4 + (wrap_by_module,) +
           (default_context,) + (both_ends,) * 4 + (honest_pair,) * 2 + (step_all,) * 6 + (use_socket,) * 14 + (damage,) * 2 +
           (collect,) * 3 + (text_of_all,) + (foreign_hello,))


def check_that_all_is_well():
    client, server = ussl.SSLContext(0), ussl.SSLContext(1)
    client.load_verify_locations(cadata=files["ca.pem"])
    server.set_cert_key(files["p256.crt.pem"], files["p256.key.pem"])
    a, b = pipes()
    c = client.wrap_socket(a, server_hostname="localhost", do_handshake=False)
    s = server.wrap_socket(b, server_side=True, do_handshake=False)
    for _ in range(20):
        c.read(1)
        s.read(1)
        if c.cipher() and s.cipher():
            break
    c.write(b"question\n")
    assert s.readline() == b"question\n"
    s.write(b"answer\n")
    assert c.readline() == b"answer\n"
    c.close()
    assert s.read(1) == b""
    s.close()


for number in range(scripts):
    state = ((seed + number) * 2654435761 + 1) & 0xFFFFFFFF or 1
    print("script", seed + number)
    for _ in range(steps):
        action = pick(actions)
        try:
            action()
        except expected:
            pass
    for end in sockets:
        for _ in range(2):
            try:
                end.close()
            except expected:
                pass
    end = None
    forget()
    gc.threshold(-1)
    gc.collect()
    check_that_all_is_well()
    gc.collect()
print("calls", calls)
