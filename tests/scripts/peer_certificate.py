# getpeercert(True): the peer's own certificate, DER, verified or not.
from support import *

for context in (client_context(), ussl.SSLContext()):
    c, s, a, b = connect(context)
    assert c.getpeercert(True) == contents("p256.crt.der")
    assert s.getpeercert(True) is None
    raises(NotImplementedError, c.getpeercert)
    raises(NotImplementedError, c.getpeercert, False)
    c.write(b"data")
    s.read(4)
    s.close()
    c.read(1)
    assert c.getpeercert(True) == contents("p256.crt.der")  # until it is closed

# It explains a failed verification.
c, s, a, b = wrap_both(client_context(), server_context("wronghost"))
handshake_errors(c, s)
assert c.getpeercert(True) == contents("wronghost.crt.der")
