# sign_callback: the private key is elsewhere. Here it is in the script, with an ECDSA of its own.
from support import *

if not ussl.HAS_SIGN_CALLBACK:
    skip("no sign_callback")  # module.py shows that it is refused

SIGNER_FAILED = 1016

# NIST P-256 (FIPS 186-4, D.1.2.3), in Jacobian coordinates. Not for use elsewhere: its time depends on the secret.
P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)


def double(point):
    x, y, z = point
    yy = y * y % P
    s = 4 * x * yy % P
    zz = z * z % P
    m = 3 * (x - zz) * (x + zz) % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - 8 * yy * yy) % P, 2 * y * z % P


def add_g(point):
    x, y, z = point
    if z == 0:
        return G[0], G[1], 1
    zz = z * z % P
    h = (G[0] * zz - x) % P
    r = (G[1] * zz * z - y) % P
    hh = h * h % P
    hhh = h * hh % P
    v = x * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - y * hhh) % P, z * h % P


def power(base, exponent, modulus):
    """pow(base, exponent, modulus), which not every interpreter has."""
    result = 1
    for bit in range(255, -1, -1):
        result = result * result % modulus
        if exponent >> bit & 1:
            result = result * base % modulus
    return result


def times_g(k):
    point = (1, 1, 0)
    for bit in range(255, -1, -1):
        point = double(point)
        if k >> bit & 1:
            point = add_g(point)
    x, y, z = point
    return x * power(z * z % P, P - 2, P) % P


def der_integer(value):
    data = value.to_bytes(32, "big")
    while data[0] == 0 and data[1] < 128:
        data = data[1:]
    if data[0] > 127:
        data = b"\0" + data
    return bytes([2, len(data)]) + data


traditional = contents("p256.key.trad.der")
at = traditional.find(b"\x04\x20")
d = int.from_bytes(traditional[at + 2:at + 34], "big")
calls = []


def random_number():
    with open("/dev/urandom", "rb") as file:  # Pycopy's os has no urandom()
        return int.from_bytes(file.read(32), "big") % (N - 1) + 1


def sign(scheme, digest):
    calls.append((scheme, digest))
    k = random_number()
    r = times_g(k) % N
    z = int.from_bytes(digest[:32], "big")
    s = power(k, N - 2, N) * (z + r * d) % N
    body = der_integer(r) + der_integer(s)
    return bytes([0x30, len(body)]) + body


def server_with(callback):
    server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    server.sign_callback = callback
    server.set_cert_key(contents("p256.crt.pem"), None)
    return server


versions = [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [])
for version in versions:
    client = client_context()
    client.maximum_version = version
    del calls[:]
    c, s, a, b = connect(client, server_with(sign))
    transfer(c, s, b"signed")
    assert len(calls) == 1, calls
    scheme, digest = calls[0]
    assert scheme in (0x0403, 0x0503, 0x0603) and len(digest) == {4: 32, 5: 48, 6: 64}[scheme >> 8], calls
    assert type(digest) is bytes

    # A signer that fails, or returns something else: the handshake fails on both sides.
    client = client_context()
    client.maximum_version = version
    for wrong, code in ((None, SIGNER_FAILED), (b"", SIGNER_FAILED), (bytes(5000), SIGNER_FAILED)):
        c, s, a, b = wrap_both(client, server_with(lambda scheme, digest: wrong))
        errors = handshake_errors(c, s)
        assert errors[1] == (SIGNER_FAILED, "sign_callback gave no signature"), errors
        assert errors[0] is not None and errors[0][0] == 1068, errors
    c, s, a, b = wrap_both(client, server_with(lambda scheme, digest: sign(scheme, bytes(32))))
    errors = handshake_errors(c, s)
    assert errors[0] is not None, errors


# An exception surfaces; a result of a wrong type is an exception.
class Own(Exception):
    pass


exception = Own()


def fail(scheme, digest):
    raise exception


for callback, kind in ((fail, Own), (lambda scheme, digest: 5, TypeError), (lambda: b"", TypeError)):
    c, s, a, b = wrap_both(client_context(), server_with(callback))
    caught = None
    try:
        for _ in range(10):
            step(c)
            step(s)
    except Exception as e:
        caught = e
    assert type(caught) is kind and (kind is not Own or caught is exception), caught

# A certificate without a key needs the callback.
server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
raises(ValueError, server.set_cert_key, contents("p256.crt.pem"), None)
server = server_with(sign)
server.sign_callback = None
a, b = pipes()
raises_code(1014, server.wrap_socket, a, server_side=True)
assert not a.sent
