# 500 connections in a row: memory stays where it is.
from support import *

sc, cc = server_context(), client_context()


def used():
    gc.collect()
    return gc.mem_alloc()


def one(i):
    c, s, a, b = connect(cc, sc)
    assert c.write(b"ping %d\n" % i) > 0
    assert s.readline() == b"ping %d\n" % i
    c.close()
    assert s.read(1) == b""
    s.close()


for i in range(10):
    one(i)
before = used()
for i in range(490):
    one(i)
grown = used() - before
assert grown < 10000, grown
