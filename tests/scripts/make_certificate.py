# A key and a certificate that the device makes for itself, and a request: they work, and errors say what is impossible.
from support import *

if not ussl.HAS_MAKE_CERTIFICATES:
    for name in ("make_key", "make_certificate", "make_certificate_request"):
        assert not hasattr(ussl, name)
    skip("no make_certificates")

key = ussl.make_key()
assert isinstance(key, bytes) and len(key) == 121 and key != ussl.make_key()
certificate = ussl.make_certificate(key, ["localhost", "192.0.2.1"], 30)
assert isinstance(certificate, bytes)


def server(certificate=certificate, key=key):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    context.set_cert_key(certificate, key)
    return context


# It is its own anchor, only for its names.
client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
client.load_verify_locations(cadata=certificate)
for name in ("localhost", "192.0.2.1"):
    c, s, a, b = connect(client, server(), name)
    cert = c.getpeercert()
    assert c.getpeercert(True) == certificate
    assert cert["subject"] == cert["issuer"] == ((("commonName", "localhost"),),)
    assert cert["version"] == 3 and len(cert["serialNumber"]) == 32
    assert cert["subjectAltName"] == (("DNS", "localhost"), ("IP Address", "192.0.2.1"))
c, s, a, b = wrap_both(client, server(), "other.test")
assert handshake_errors(c, s)[0][0] == 1045
stranger = ussl.make_key()
c, s, a, b = wrap_both(client, server(ussl.make_certificate(stranger, ["localhost"], 30), stranger), "localhost")
assert handshake_errors(c, s)[0][0] == 1042

# Or it is known by its pin.
if ussl.HAS_PINS:
    pinning = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    pinning.set_pins([ussl.key_pin(certificate)])
    connect(pinning, server())
    # A new certificate for the same key has the same pin; one for a new key has another.
    connect(pinning, server(ussl.make_certificate(key, ["localhost"], 1)))
    other = ussl.make_key()
    c, s, a, b = wrap_both(pinning, server(ussl.make_certificate(other, ["localhost"], 1), other))
    assert handshake_errors(c, s)[0][0] == 1050

# Keys from files, PEM and DER; names in a tuple; keywords.
made = ussl.make_certificate(key=contents("p256.key.pem"), names=("localhost",), days=1)
connect_to = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
connect_to.load_verify_locations(cadata=made)
connect(connect_to, server(made, contents("p256.key.der")))
# A device without a clock sets the start itself.
started = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
made = ussl.make_certificate(key, ["localhost"], 36500, 1767225600)
started.load_verify_locations(cadata=made)
c, s, a, b = connect(started, server(made))
assert c.getpeercert()["notBefore"] == "Jan  1 00:00:00 2026 GMT"
assert c.getpeercert()["notAfter"] == "Dec  7 23:59:59 2125 GMT"

request = ussl.make_certificate_request(key, ["device.example.org", "*.example.org"])
assert isinstance(request, bytes) and b"*.example.org" in request
raises_code(1010, server, request)


# What cannot be made.
def says(kind, text, function, *args, **kwargs):
    assert text in str(raises(kind, function, *args, **kwargs)), text


for make in (lambda k, names: ussl.make_certificate(k, names, 1), ussl.make_certificate_request):
    says(ValueError, "at least one", make, key, [])
    for name in ("", "a b", "https://device", "device.local.", "1.2.3", "ger\u00e4t", "d\0e"):
        says(ValueError, "not a DNS name or an IP address", make, key, ["localhost", name])
    says(ValueError, "64 characters", make, key, ["a" * 60 + ".local"])
    for names in ("localhost", None, 5):
        raises(TypeError, make, key, names)
    raises(TypeError, make, key, [5])
    raises(TypeError, make, None, ["localhost"])
    raises_code(1011, make, b"", ["localhost"])
    raises_code(1011, make, key[:-1], ["localhost"])
    raises_code(1011, make, contents("p256.crt.pem"), ["localhost"])
    if ussl.HAS_RSA:
        e = raises_code(UNSUPPORTED, make, contents("rsa.key.der"), ["localhost"])
        assert "secp256r1" in e.args[1]
for days in (0, -1, 2912400, 1 << 40, -(1 << 40)):
    try:
        ussl.make_certificate(key, ["localhost"], days)
        assert False, days
    except ValueError as e:
        assert "days" in str(e)
    except OverflowError:
        assert days in (1 << 40, -(1 << 40))  # more than the processor's word
for start in (0, -1, 1 << 70):
    says(ValueError, "not_before", ussl.make_certificate, key, ["localhost"], 1, start)
raises(TypeError, ussl.make_certificate, key, ["localhost"], 1, "now")
raises(TypeError, ussl.make_certificate, key, ["localhost"])
raises(TypeError, ussl.make_certificate, key, ["localhost"], "1")
