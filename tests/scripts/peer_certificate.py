# getpeercert(): the peer's own certificate, DER or CPython's dictionary; key_pin().
from support import *

# DER: verified or not.
for context in (client_context(), ussl.SSLContext()):
    c, s, a, b = connect(context)
    assert c.getpeercert(True) == contents("p256.crt.der")
    assert s.getpeercert(True) is None and s.getpeercert() is None
    c.write(b"data")
    s.read(4)
    s.close()
    c.read(1)
    assert c.getpeercert(True) == contents("p256.crt.der")  # until it is closed

# It explains a failed verification.
c, s, a, b = wrap_both(client_context(), server_context("wronghost"))
handshake_errors(c, s)
assert c.getpeercert(True) == contents("wronghost.crt.der")
assert c.getpeercert() == {}  # nothing is verified

# The dictionary equals CPython's for the certificate; without verification it is empty.
expected = eval(contents("described.txt"))
for mode in (ussl.CERT_REQUIRED, ussl.CERT_NONE):
    context = client_context()
    context.verify_mode = mode
    c, s, a, b = wrap_both(context, server_context("described"))
    assert c.getpeercert(False) is None  # it has not come yet
    handshake(c, s)
    assert c.getpeercert(True) == contents("described.crt.der")
    for got in (c.getpeercert(), c.getpeercert(False), c.getpeercert(binary_form=False)):
        if mode == ussl.CERT_NONE:
            assert got == {}
            continue
        for name in expected:
            assert got[name] == expected[name], (name, got[name], expected[name])
        assert len(got) == len(expected)

# Pins: of DER and of PEM, where the first certificate counts; in the form that set_pins() takes.
for name in ("p256", "rsa", "described"):
    pin = ussl.key_pin(contents(name + ".crt.der"))
    assert pin == contents(name + ".pin") == ussl.key_pin(contents(name + ".crt.pem"))
raises_code(1010, ussl.key_pin, contents("p256.key.der"))
raises_code(1010, ussl.key_pin, b"\x30\x00")
raises_code(1015, ussl.key_pin, contents("p256.key.pem"))
raises(TypeError, ussl.key_pin, None)

# Trust on first use: from then on the same key is expected.
first = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
first.verify_mode = ussl.CERT_NONE
c, s, a, b = connect(first)
if ussl.HAS_PINS:
    later = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    later.set_pins([ussl.key_pin(c.getpeercert(True))])
    connect(later)
    c, s, a, b = wrap_both(later, server_context("other-p256"))
    raises_code(1050, lambda: handshake(c, s))
