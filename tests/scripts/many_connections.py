# 500 connections in a row, closed, or resumed and dropped by one end or both: memory does not grow.
from support import *

sc, cc = server_context(), client_context()


def one(i, closes, session):
    a, b = pipes()
    c = cc.wrap_socket(a, server_hostname="localhost", do_handshake=False, session=session)
    s = sc.wrap_socket(b, server_side=True, do_handshake=False)
    handshake(c, s)
    assert c.write(b"ping %d\n" % i) > 0
    assert s.readline() == b"ping %d\n" % i
    assert s.write(b"pong") == 4
    assert c.read(4) == b"pong"
    session = c.session
    if "c" in closes:
        c.close()
        assert s.read(1) == b""
    if "s" in closes:
        s.close()
    return session


for closes in ("cs", "s", ""):
    for i in range(500):
        if i == 10:
            before = used()
        if closes == "cs" or i % 10 == 0:
            session = None
        session = one(i, closes, session)
    session = None
    grown = used() - before
    assert grown < 10000, (closes, grown)
