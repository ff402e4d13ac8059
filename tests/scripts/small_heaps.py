# Connections in a row in a heap that has just enough memory for one: gc.collect() is never called.
from support import *

if pycopy:
    skip("Pycopy's collector keeps what stale words on the stack point to: connections that are over")

KB = 1024
SLACK = 12 * KB  # at most: fragments between garbage when a connection begins, and blocks that stale words on the stack point to
versions = [ussl.TLSv1_2, ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [ussl.TLSv1_2]
pem, key, ca = contents("p256.crt.pem"), contents("p256.key.pem"), contents("ca.pem")


def one(version, manner):
    cc.maximum_version = version
    c, s, a, b = connect(cc, sc)
    assert c.write(b"ping") == 4 and s.read(4) == b"ping" and s.write(b"pong") == 4 and c.read(4) == b"pong"
    if manner == "closed":
        c.close()
        s.close()


def in_a_heap_of(size):
    """Takes the rest, in pieces, so that the free memory may be in pieces, too."""
    gc.collect()
    rest, piece = [], gc.mem_free()
    while piece >= KB:
        try:
            if gc.mem_free() - size < piece:
                raise MemoryError
            rest.append(bytearray(piece))
        except MemoryError:
            piece //= 2
    return rest


def works(size, version):
    hog = in_a_heap_of(size)  # noqa: F841 (it takes the rest)
    gc.collect()
    try:
        one(version, "closed")
        return True
    except MemoryError:
        return False


for version in versions:
    sc, cc = ussl.SSLContext(), ussl.create_default_context(ca)
    sc.set_cert_key(pem, key)
    one(version, "closed")
    few, enough = 16 * KB, 512 * KB
    assert works(enough, version)
    while enough - few > KB:
        middle = (few + enough) // 2
        if works(middle, version):
            enough = middle
        else:
            few = middle
    hog = in_a_heap_of(enough + SLACK)
    for manner in ("closed", "dropped"):
        for i in range(30):
            one(version, manner)
    hog = None
    print("TLS 1.%d: %d KB" % (version - 0x301, enough // KB))
