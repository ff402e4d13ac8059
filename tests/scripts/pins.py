# set_pins(): SHA-256 digests of SubjectPublicKeyInfos, with and without trust anchors.
from support import *

PIN_MISMATCH = 1050

try:
    import hashlib
except ImportError:
    import uhashlib as hashlib


def element(der, at):
    """(start of the contents, end) of the DER element at `at`."""
    size, start = der[at + 1], at + 2
    if size > 127:
        count = size & 127
        size = int.from_bytes(der[start:start + count], "big")
        start += count
    return start, start + size


def pin_of(name):
    """RFC 5280, 4.1: the seventh element of tbsCertificate, or the sixth without a version."""
    der = contents(name)
    at = element(der, element(der, 0)[0])[0]
    for _ in range(6 if der[at] == 0xa0 else 5):
        at = element(der, at)[1]
    return hashlib.sha256(der[at:element(der, at)[1]]).digest()


def hexadecimal(digest):
    return "".join("%02x" % byte for byte in digest)


own, inter, anchor = pin_of("p256.crt.der"), pin_of("inter.der"), pin_of("ca.der")
other = pin_of("other-ca.der")


def result(pins, anchors="ca", name="p256", hostname="localhost"):
    client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    if anchors:
        client.load_verify_locations(cadata=contents(anchors + ".pem"))
    client.set_pins(pins)
    c, s, a, b = wrap_both(client, server_context(name), hostname)
    error = handshake_errors(c, s)[0]
    return None if error is None else error[0]


# With anchors: the path must also contain one of them.
for pins in ([own], [inter], [anchor], [other, own], (bytearray(own),), [memoryview(inter)], [hexadecimal(own)],
             [hexadecimal(own).upper()]):
    assert result(pins) is None, pins
assert result([other]) == PIN_MISMATCH
assert result([bytes(32)] * 3) == PIN_MISMATCH
# The other rules hold as before.
assert result([own], "other-ca") == 1042
assert result([own], hostname="other.example") == 1045
assert result([own, pin_of("expired.crt.der")], name="expired") == 1043

# Without: a pinned key is the anchor.
for pins in ([own], [inter]):
    assert result(pins, None) is None, pins
assert result([other], None) in (PIN_MISMATCH, 1042)
assert result([own], None, hostname="other.example") == 1045

# Pins turn verification on, as anchors do, unless the script has set it.
context = ussl.SSLContext()
context.set_pins([own])
assert context.verify_mode == ussl.CERT_REQUIRED
context = ussl.SSLContext()
context.verify_mode = ussl.CERT_NONE
context.set_pins([other])
assert context.verify_mode == ussl.CERT_NONE
connect(context)

# None, or an empty list: no pins.
for nothing in (None, [], ()):
    client = client_context()
    client.set_pins([other])
    client.set_pins(nothing)
    connect(client)

# Later changes of the list have no effect.
pins = [bytearray(own)]
client = client_context()
client.set_pins(pins)
pins[0][:] = bytes(32)
pins.clear() if hasattr(pins, "clear") else pins.pop()
gc.collect()
connect(client)

client = client_context()
for wrong in ([own[:31]], [own + b"x"], [b""], ["zz" * 32], [hexadecimal(own)[:63]], [hexadecimal(own) + "0"], [""]):
    raises(ValueError, client.set_pins, wrong)
for wrong in (5, own, hexadecimal(own), [5], [None], [[own]]):
    raises(TypeError, client.set_pins, wrong)
connect(client)
