# Pre-shared keys instead of certificates.
from support import *

if not ussl.HAS_PSK:
    skip("no pre-shared keys")  # module.py shows that they are refused

UNKNOWN_PSK, NO_SERVER_CERTIFICATE = 1071, 1013
identity, key = b"sensor-7", bytes(range(32))


def client_with(identity=identity, key=key):
    client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    client.psk_identity, client.psk_key = identity, key
    return client


def server_with(keys):
    server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    server.server_psk_keys = keys
    return server


def wrapped(client, server):
    a, b = pipes()
    # The key identifies the peer: no name is needed.
    return client.wrap_socket(a, do_handshake=False), server.wrap_socket(b, server_side=True, do_handshake=False), a, b


def connects(client, server):
    c, s, a, b = wrapped(client, server)
    handshake(c, s)
    transfer(c, s, b"shared" * 100)
    transfer(s, c, b"secret" * 100)
    assert c.getpeercert(True) is None and s.getpeercert(True) is None
    return c


versions = [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [])
for version in versions:
    client, server = client_with(), server_with({b"other": b"x" * 16, identity: key})
    client.minimum_version = client.maximum_version = version
    c = connects(client, server)
    assert c.version() == ("TLSv1.2" if version == ussl.TLSv1_2 else "TLSv1.3")
    if version == ussl.TLSv1_2:
        assert "PSK" in c.cipher()[0], c.cipher()


# Any object with get(); identities are bytes, of any value.
class Keys:
    asked = []

    def get(self, who):
        assert type(who) is bytes
        self.asked.append(who)
        return bytearray(key) if who == b"\xff\1\xfe" else None


connects(client_with(b"\xff\1\xfe"), server_with(Keys()))
assert Keys.asked and set(Keys.asked) == {b"\xff\1\xfe"}
nul = client_with(b"\xff\0\xfe"), server_with({b"\xff\0\xfe": key})
if differs("psk-identities-end-at-nul"):
    raises_code(UNSUPPORTED, wrapped, *nul)
else:
    connects(*nul)
for size in (1, 48):
    connects(client_with(b"i" * (128 if size == 48 else 1), b"k" * size), server_with({b"i": b"k", b"i" * 128: b"k" * 48}))
buffer = bytearray(key)
client = client_with(bytearray(identity), buffer)
buffer[:] = bytes(32)
assert client.psk_key == key and client.psk_identity == identity
connects(client, server_with({identity: key}))

# Another key, an unknown identity, an invalid key: refused, on both sides.
for client, server in ((client_with(), server_with({identity: b"another key"})), (client_with(b"who"), server_with({})),
                       (client_with(), server_with({identity: 12345})), (client_with(), server_with({identity: b""}))):
    c, s, a, b = wrapped(client, server)
    errors = handshake_errors(c, s)
    assert errors[0] is not None and errors[1] is not None, errors
    assert errors[1][0] in (UNKNOWN_PSK, 1066, 1061, 1068), errors
    assert c.cipher() is None


# Exceptions of get() surface.
class Failing:
    def get(self, who):
        raise exception


exception = KeyError("mine")
c, s, a, b = wrapped(client_with(), server_with(Failing()))
step(c)
surfaces(exception, s)

# Certificates do not replace a key.
c, s, a, b = wrap_both(client_context(), server_with({identity: key}))
errors = handshake_errors(c, s)
assert errors[0] is not None and errors[1] is not None, errors

# Bad input.
client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
for wrong in (b"", b"x" * 49):
    raises(ValueError, setattr, client, "psk_key", wrong)
for wrong in (b"", b"x" * 129):
    raises(ValueError, setattr, client, "psk_identity", wrong)
for wrong in (5, []):
    raises(TypeError, setattr, client, "psk_key", wrong)
    raises(TypeError, setattr, client, "psk_identity", wrong)
for wrong in (5, b"key", "key"):
    raises(TypeError, setattr, client, "server_psk_keys", wrong)
a, b = pipes()
for n, value in (("psk_key", key), ("psk_identity", identity)):
    client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    setattr(client, n, value)
    raises(ValueError, client.wrap_socket, a)
assert not a.sent
