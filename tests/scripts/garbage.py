# The collector may free objects in any order, also half-closed ones.
from support import *


def abandon(kind):
    c, s, a, b = wrap_both(client_context(), server_context())
    if kind == 0:
        return  # no handshake
    if kind == 1:
        step(c)
        step(s)
        return  # in the middle
    handshake(c, s)
    c.write(b"unread" * 100)
    if kind == 2:
        c.close()
    elif kind == 3:
        s.close()
    elif kind == 4:
        a.at_end = True
        assert c.read(1) == b"" and c.truncated


def abandon_all(times):
    for i in range(6 * times):
        abandon(i % 6)


abandon_all(1)
before = used()
abandon_all(10)
grown = growth(before, 20000, lambda: abandon_all(10))
assert grown < 20000, grown

# A socket keeps its context alive, and the settings with which it was wrapped.
sc, cc = server_context(), client_context()
c, s, a, b = wrap_both(cc, sc)
cc = sc = None
gc.collect()
trash = [bytes(range(256)) for _ in range(200)]
trash = None
gc.collect()
handshake(c, s)
transfer(c, s, b"alive" * 1000)

# The stream of a socket that nobody closed stays open: a script may still hold it.
c = None
gc.collect()
gc.collect()
assert a.closed == 0
s = None
gc.collect()
assert b.closed == 0


# Objects that refer to each other. (The collector looks at stacks conservatively: a few may stay.)
class Owner(Pipe):
    pass


def tangle():
    c, s, a, b = wrap_both(client_context(), server_context(), kind=Owner)
    a.owner, b.owner = c, s
    step(c)
    return c, s


before = used()
kept = tangle()
size = used() - before
kept = None
for _ in range(30):
    tangle()
assert used() - before < 5 * size, (used() - before, size)
