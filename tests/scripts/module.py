# Which names the module has, and which not.
from support import *

name, version = ussl.backend
assert name.islower() and version[0].isdigit(), ussl.backend
assert isinstance(ussl.backend, tuple)

assert (ussl.CERT_NONE, ussl.CERT_OPTIONAL, ussl.CERT_REQUIRED) == (0, 1, 2)
assert (ussl.PROTOCOL_TLS_CLIENT, ussl.PROTOCOL_TLS_SERVER) == (0, 1)
assert (ussl.TLSv1_2, ussl.TLSv1_3) == (0x0303, 0x0304)

has = [n for n in dir(ussl) if n.startswith("HAS_")]
assert len(has) >= 24
for n in has:
    assert getattr(ussl, n) in (True, False) and isinstance(getattr(ussl, n), bool), n
for n in ("CLIENT", "SERVER", "TLS1_2", "CERTIFICATES", "TLS1_3", "ECDSA_P256", "ECDSA_P384", "RSA", "RSA_PSS_CERTIFICATES",
          "CHACHA20_POLY1305", "AES_CCM", "X25519", "ALPN", "CLIENT_CERTIFICATES", "DTLS", "PSK", "ECDHE_PSK_AES",
          "RESUMPTION", "SERVER_NAMES",
          "SIGN_CALLBACK", "MAKE_CERTIFICATES", "RSA_SIGNER_TLS1_3", "MAX_FRAGMENT_LENGTH", "MAX_FRAGMENT_LENGTH_TLS1_3",
          "RECORD_SIZE_LIMIT", "KEY_LOG", "EXPORTER", "X25519MLKEM768"):
    assert "HAS_" + n in has, n
assert ussl.HAS_CLIENT and ussl.HAS_SERVER and ussl.HAS_TLS1_2 and ussl.HAS_ECDSA_P256

# Errors are OSError. Features that this backend lacks have no names.
assert not hasattr(ussl, "SSLError")
for n, number in (("PROTOCOL_DTLS_CLIENT", 2), ("PROTOCOL_DTLS_SERVER", 3)):
    if ussl.HAS_DTLS:
        assert getattr(ussl, n) == number
    else:
        assert not hasattr(ussl, n), n
        raises_code(UNSUPPORTED, ussl.SSLContext, number)

# Settings that the backend lacks read as their defaults, and can only be set to None.
context = ussl.SSLContext()
key = b"k" * 16
for n, has_it, value in (("psk_identity", ussl.HAS_PSK, b"me"), ("psk_key", ussl.HAS_PSK, key),
                         ("server_psk_keys", ussl.HAS_PSK, {b"me": key}),
                         ("server_name_callback", ussl.HAS_SERVER_NAMES, lambda name: 0),
                         ("sign_callback", ussl.HAS_SIGN_CALLBACK, lambda scheme, digest: b""),
                         ("keylog_callback", ussl.HAS_KEY_LOG, print),
                         ("verify_callback", ussl.HAS_VERIFY_CALLBACK, lambda cert, depth: 0)):
    assert hasattr(context, n) == has_it, n
    if has_it:
        assert getattr(context, n) is None, n
        setattr(context, n, value)
        assert getattr(context, n) is value, n
    else:
        e = raises_code(UNSUPPORTED, setattr, context, n, value)
        assert e.args[1] == "not supported by this build: " + n, e.args
        assert not hasattr(context, n)
    setattr(context, n, None)
    if n not in ("psk_identity", "psk_key"):
        raises(TypeError if has_it else OSError, setattr, context, n, 5)
context = ussl.SSLContext()
assert context.resumption == ussl.HAS_RESUMPTION
assert context.max_fragment_length is None
if not ussl.HAS_MAX_FRAGMENT_LENGTH:
    raises_code(UNSUPPORTED, setattr, context, "max_fragment_length", 512)
assert context.record_size_limit is None
if not ussl.HAS_RECORD_SIZE_LIMIT:
    raises_code(UNSUPPORTED, setattr, context, "record_size_limit", 512)
if not ussl.HAS_HANDSHAKE_TIMEOUT:
    raises_code(UNSUPPORTED, setattr, context, "handshake_timeout", 1)
if not ussl.HAS_PINS:
    raises_code(UNSUPPORTED, context.set_pins, ["00" * 32])
if not ussl.HAS_RESUMPTION:
    raises_code(UNSUPPORTED, setattr, context, "resumption", True)
    raises_code(UNSUPPORTED, client_context().wrap_socket, pipes()[0], server_hostname="localhost", session=b"x")
if not ussl.HAS_SERVER_NAMES:
    raises_code(UNSUPPORTED, context.add_cert_key, contents("p256.crt.pem"), contents("p256.key.pem"))
raises(AttributeError, setattr, context, "no_such_setting", 1)
raises(AttributeError, getattr, context, "no_such_setting")

c, s, a, b = connect()
for n in ("recv", "send", "sendall", "listen", "accept"):
    assert not hasattr(c, n), n
for n in ("read", "readinto", "readline", "write", "setblocking", "close", "ioctl", "cipher", "version", "getpeercert",
          "selected_alpn_protocol", "session", "session_reused", "max_fragment_length", "export_keying_material"):
    assert hasattr(c, n), n
raises(AttributeError, setattr, c, "session", b"x")
if not ussl.HAS_EXPORTER:
    raises_code(UNSUPPORTED, c.export_keying_material, "EXPORTER-test", 16)
