# Where memory runs out there is a MemoryError, at whatever point, and nothing is lost by it.
from support import *

if pycopy:
    skip("Pycopy's collector keeps what stale words on the stack point to: the ballast")

pem, key, ca = contents("p256.crt.pem"), contents("p256.key.pem"), contents("ca.pem")


def one():
    server, client = ussl.SSLContext(), ussl.create_default_context(ca)
    server.set_cert_key(pem, key)
    c, s, a, b = connect(client, server)
    transfer(c, s, b"data" * 200)
    c.close()
    s.close()


def fill(left):
    """Takes all memory but about `left` bytes, and what is fragmented."""
    ballast = []
    size = 65536
    gc.collect()
    while size >= 256:
        if gc.mem_free() - size < left:
            size //= 2
            continue
        try:
            ballast.append(bytearray(size))
        except MemoryError:
            size //= 2
    return ballast


def used():
    gc.collect()
    return gc.mem_alloc()


def works(left):
    ballast = fill(left)
    try:
        one()
        return 1
    except MemoryError:
        return 0
    finally:
        ballast = None
        gc.collect()


one()
before = used()
outcomes, grown = [0, 0], 0
left = 2000
while left < 200000:
    outcomes[works(left)] += 1
    left += 3500
one()
assert outcomes[0] > 3 and outcomes[1] > 3, outcomes
grown = used() - before
assert grown < 60000, grown
