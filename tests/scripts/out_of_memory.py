# A heap that is full except for so many bytes: there is a MemoryError or everything works, whatever the amount, and nothing leaks.
# every_allocation.py lets each single allocation fail, whatever its size.
from support import *

if pycopy:
    skip("Pycopy's collector keeps what stale words on the stack point to: the ballast")

try:
    from faults import blocks  # blocks of the libraries
except ImportError:
    def blocks():
        return 0

pem, key, ca = contents("p256.crt.pem"), contents("p256.key.pem"), contents("ca.pem")
UNIT = 32  # the smallest piece of the heap in bytes, on a 64-bit machine
ENOUGH = 448 * 1024
versions = [ussl.TLSv1_2, ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [ussl.TLSv1_2]


def one(version):
    server, client = ussl.SSLContext(), ussl.create_default_context(ca)
    server.set_cert_key(pem, key)
    server.maximum_version = version
    c, s, a, b = connect(client, server)
    transfer(c, s, b"data" * 200)
    c.close()
    s.close()


def fill(left):
    """Takes all memory but `left` bytes in one piece."""
    gc.collect()
    gc.disable()  # a collection would find nothing more
    hole = bytearray(left) if left > 0 else None
    ballast = None
    size = 65536
    while size >= UNIT:
        try:
            ballast = [bytearray(size), ballast]
        except MemoryError:
            size //= 2
    hole = None  # noqa: F841 (it is free from here on)
    gc.enable()
    gc.collect()
    return ballast


def works(left, version):
    ballast = fill(left)
    try:
        one(version)
        return True
    except MemoryError:
        return False
    finally:
        ballast = None  # noqa: F841 (it is free from here on)


# Takes the rest for good: a small heap is searched faster.
rest = bytearray(max(gc.mem_free() - ENOUGH - 20000, 1))
for version in versions:
    one(version)
    one(version)
    before, held = used(), blocks()
    # tests/support/library_losses.hpp: wherever memory ends in that place.
    most_lost = 3 if differs("loses-blocks", version) else 0
    # What is lost cuts the heap in pieces, each time that memory ends there: not every amount is tried then.
    # (every_allocation.py fails each of its allocations.)
    step = 16 * UNIT if most_lost else UNIT
    left, in_a_row, attempts = 0, 0, [0, 0]
    # Until one more KB makes no difference.
    while in_a_row < 32:
        good = works(left, version)
        attempts[good] += 1
        in_a_row = in_a_row + 1 if good else 0
        left += step
        gc.collect()
        assert left < ENOUGH, left
        lost = blocks() - held
        assert lost <= most_lost, (version, left, lost)
        held += max(lost, 0)
    grown = growth(before, 60000, lambda: one(version))
    assert grown < 60000, grown
    print(version, attempts, left)
