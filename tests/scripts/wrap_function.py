# The module's own wrap_socket().
from support import *

cert, key = contents("p256.crt.pem"), contents("p256.key.pem")


def both(client, server):
    a, b = pipes()
    return (ussl.wrap_socket(a, do_handshake=False, **client),
            ussl.wrap_socket(b, server_side=True, cert=cert, key=key, do_handshake=False, **server))


c, s = both({}, {})  # nothing is verified
handshake(c, s)
transfer(c, s, b"data")

c, s = both(dict(server_hostname="anything.example"), {})
handshake(c, s)

# Trust anchors turn verification on ...
c, s = both(dict(cadata=contents("ca.pem"), server_hostname="localhost"), {})
handshake(c, s)
c, s = both(dict(cadata=contents("other-ca.pem"), server_hostname="localhost"), {})
assert handshake_errors(c, s)[0][0] == 1042
raises_code(1031, both, dict(cadata=contents("ca.pem")), {})
# ... unless the script sets it.
c, s = both(dict(cadata=contents("other-ca.pem"), cert_reqs=ussl.CERT_NONE), {})
handshake(c, s)
raises_code(1030, both, {}, dict(cert_reqs=ussl.CERT_REQUIRED))

# A server that requests certificates.
if ussl.HAS_CLIENT_CERTIFICATES:
    wanted = dict(cert_reqs=ussl.CERT_REQUIRED, cadata=contents("ca.pem"))
    c, s = both(dict(cert=contents("client.crt.pem"), key=contents("client.key.pem")), wanted)
    handshake(c, s)
    assert s.getpeercert(True) == contents("client.crt.der")
    c, s = both({}, wanted)
    assert handshake_errors(c, s)[1][0] == 1040

# By position, as in Pycopy and MicroPython.
a, b = pipes()
s = ussl.wrap_socket(b, True, key, cert, ussl.CERT_NONE, None, None, False)
c = ussl.wrap_socket(a, False, None, None, ussl.CERT_REQUIRED, contents("ca.pem"), "localhost", False)
handshake(c, s)
transfer(s, c, b"data" * 1000)

# Unreadable values are a ValueError, as in MicroPython; useless ones a TypeError.
for bad in (dict(key=b"no key", cert=cert), dict(key=key, cert=b"no certificate"), dict(cadata=b"no certificate")):
    raises(ValueError, ussl.wrap_socket, pipes()[0], **bad)
for bad in (dict(key=1, cert=cert), dict(key=key), dict(cert=cert)):
    raises(TypeError, ussl.wrap_socket, pipes()[0], **bad)

# A server without a certificate waits, and raises when a client comes.
a, b = pipes()
s = ussl.wrap_socket(b, server_side=True, do_handshake=False)
assert s.read(1) is None
assert s.write(b"data") is None
c = ussl.wrap_socket(a, do_handshake=False)
step(c)
raises_code(1013, s.read, 1)
