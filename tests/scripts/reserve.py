# ussl.reserve(): connections in a row in a fragmented heap, with records of 16 KB; and the figures of ussl.memory().
from support import *

if pycopy:
    skip("Pycopy: the libraries' memory is malloc's, not the collector's")

KB = 1024
versions = [ussl.TLSv1_2, ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [ussl.TLSv1_2]
pem, key, ca = contents("p256.crt.pem"), contents("p256.key.pem"), contents("ca.pem")
sc, cc = ussl.SSLContext(), ussl.create_default_context(ca)
sc.set_cert_key(pem, key)
long, into = bytes(16 * KB), bytearray(16 * KB)


class Wire:
    def __init__(self):
        self.buffer = memoryview(bytearray(48 * KB))
        self.begin = self.end = 0


class FixedPipe(Pipe):
    """Allocates nothing for its contents."""

    def readinto(self, buf):
        wire = self.received
        n = min(len(buf), wire.end - wire.begin)
        if n == 0:
            return None
        buf[:n] = wire.buffer[wire.begin:wire.begin + n]
        wire.begin += n
        if wire.begin == wire.end:
            wire.begin = wire.end = 0
        return n

    def write(self, buf):
        wire = self.sent
        wire.buffer[wire.end:wire.end + len(buf)] = buf
        wire.end += len(buf)
        return len(buf)

    def ioctl(self, request, argument):
        return 0


wires = [(Wire(), Wire()), (Wire(), Wire())]


def begin(which=0):
    up, down = wires[which]
    up.begin = up.end = down.begin = down.end = 0
    c = cc.wrap_socket(FixedPipe(down, up), server_hostname="localhost", do_handshake=False)
    s = sc.wrap_socket(FixedPipe(up, down), server_side=True, do_handshake=False)
    handshake(c, s)
    return c, s


def one(manner="closed"):
    c, s = begin()
    sent = s.write(long)
    while sent:
        got = c.readinto(into)
        assert got and got <= sent, (got, sent)
        sent -= got
    assert c.write(b"ping") == 4 and s.read(4) == b"ping" and s.write(b"pong") == 4
    if manner == "closed":
        c.close()
        s.close()


def used():
    gc.collect()
    gc.collect()
    return gc.mem_alloc()


def cut_up(left):
    """Takes the heap in pieces of 1 KB, and frees some that are not adjacent."""
    gc.collect()
    kept = holes = None
    try:
        while True:
            kept = (bytearray(KB), kept)
            holes = (bytearray(KB), holes)
    except MemoryError:
        pass
    for _ in range(left // KB):
        holes = holes[1]
    return kept, holes


# Bad numbers, and more than the heap has.
for bad in (-1, 1 << 40 if sys.maxsize > 1 << 40 else 1 << 29):
    for arguments in ((bad,), (1, bad)):
        try:
            ussl.reserve(*arguments)
            print("taken:", arguments)
        except (ValueError, MemoryError, OverflowError):
            pass
raises(TypeError, ussl.reserve)
raises(TypeError, ussl.reserve, "1")
ussl.reserve(0)
assert ussl.memory()["reserved"] == 0

# All, or nothing.
for already in (0, 1):
    ussl.reserve(already, 8 * KB)
    before = used(), ussl.memory()["reserved"]
    raises(MemoryError, ussl.reserve, 1 << 20, 8 * KB)
    assert ussl.memory()["reserved"] == before[1] and used() - before[0] < KB, (before, ussl.memory())
ussl.reserve(0)

# The heap loses exactly the reserved bytes, and gets them back.
before = used()
ussl.reserve(2)
figures = ussl.memory()
assert figures["reserved"] == figures["free"] >= 2 * figures["connection"], figures
lost = used() - before
assert 0 <= lost - figures["reserved"] < KB, (lost, figures)
ussl.reserve(2)
assert 0 <= used() - before - figures["reserved"] < KB
ussl.reserve(1, 5000)
assert 5000 <= ussl.memory()["reserved"] < 5100
ussl.reserve(0)
assert ussl.memory()["reserved"] == 0 and used() - before < KB, used() - before

# The heap loses exactly the bytes that a session takes.
for cc.maximum_version in versions:
    one()
figures = ussl.memory()
assert 0 < figures["session"] <= figures["peak"] <= figures["connection"], figures
# No piece is larger than a record of 16 KB with its overhead.
assert figures["block"] < 17 * KB, figures
before = used()
c, s = begin()
both = used() - before
assert figures["session"] // 2 < both < 2 * figures["session"] + 16 * KB, (both, figures)
c.close()
s.close()
del c, s


# The reserve suffices for larger certificates, and for clients that show one.
def with_larger_certificates():
    global sc, cc
    few = sc, cc
    for name, anchor, own in (("rsa-chain", "rsa-ca", "client-rsa"), ("p384-chain", "p384-ca", "client-p384"),
                              ("rsa3072", "ca", "client")):
        for version in versions:
            sc, cc = server_context(name), client_context(anchor)
            sc.load_verify_locations(cadata=ca)
            sc.verify_mode = ussl.CERT_REQUIRED
            cc.load_cert_chain(contents(own + ".crt.pem"), contents(own + ".key.pem"))
            cc.minimum_version = cc.maximum_version = version
            one()
    sc, cc = few


ussl.reserve(2)
with_larger_certificates()
gc.collect()  # the context keeps what a library adds to a used key
figures = ussl.memory()
assert figures["peak"] <= figures["connection"] < 4 * figures["peak"], figures
assert figures["free"] == figures["reserved"], figures
ussl.reserve(0)


def overwrite_stack(depth=20):
    """The collector takes what earlier calls have left there for pointers, here to a session that was dropped."""
    return depth and overwrite_stack(depth - 1)


# In a fragmented heap, where new names would need memory.
hog = manner = i = first = raised = error = c = s = None
for cc.maximum_version in versions:
    ussl.reserve(2)
    one()
    hog = cut_up(96 * KB)
    for manner in ("closed", "dropped"):
        for i in range(20):
            try:
                one(manner)
            except MemoryError:  # a dropped session may stay
                overwrite_stack()
                gc.collect()
                one(manner)
    # Connections without a reserve need the heap, which has no room for the record: that is an error.
    gc.collect()
    first = begin(1)
    try:
        one()
        raised = None
    except MemoryError as error:
        raised = str(error)
    assert raised is not None and (not raised or "ussl.reserve()" in raised), raised
    first[0].close()
    first[1].close()
    first = None
    one()
    hog = None
    gc.collect()
    assert ussl.memory()["free"] == ussl.memory()["reserved"], ussl.memory()
    # A reserve in use is freed when its connection ends.
    c, s = begin()
    ussl.reserve(0)
    assert ussl.memory()["reserved"] > 0
    assert c.write(b"ping") == 4 and s.read(4) == b"ping"
    c.close()
    s.close()
    assert ussl.memory()["reserved"] == 0, ussl.memory()
print(ussl.memory())
