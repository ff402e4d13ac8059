# What is in the module, and what is not.
from support import *

name, version = ussl.backend
assert name in ("mbedtls", "wolfssl", "bearssl") and version[0].isdigit(), ussl.backend
assert isinstance(ussl.backend, tuple)

assert (ussl.CERT_NONE, ussl.CERT_OPTIONAL, ussl.CERT_REQUIRED) == (0, 1, 2)
assert (ussl.PROTOCOL_TLS_CLIENT, ussl.PROTOCOL_TLS_SERVER) == (0, 1)
assert (ussl.TLSv1_2, ussl.TLSv1_3) == (0x0303, 0x0304)

has = [n for n in dir(ussl) if n.startswith("HAS_")]
assert len(has) >= 14
for n in has:
    assert getattr(ussl, n) in (True, False) and isinstance(getattr(ussl, n), bool), n
for n in ("CLIENT", "SERVER", "TLS1_2", "TLS1_3", "ECDSA_P256", "ECDSA_P384", "RSA", "RSA_PSS_CERTIFICATES",
          "CHACHA20_POLY1305", "X25519", "ALPN", "CLIENT_CERTIFICATES", "DTLS", "PSK"):
    assert "HAS_" + n in has, n
assert ussl.HAS_CLIENT and ussl.HAS_SERVER and ussl.HAS_TLS1_2 and ussl.HAS_ECDSA_P256
assert not ussl.HAS_DTLS and not ussl.HAS_PSK
assert ussl.HAS_TLS1_3 == (name != "bearssl")

# Errors are OSError. What no backend has yet is not there at all.
for n in ("SSLError", "PROTOCOL_DTLS_CLIENT", "PROTOCOL_DTLS_SERVER"):
    assert not hasattr(ussl, n), n
context = ussl.SSLContext()
for n in ("psk_identity", "verify_callback", "sign_callback", "get_ciphers", "set_ciphers"):
    assert not hasattr(context, n), n


def set_unknown():
    context.verify_callback = None


raises(AttributeError, set_unknown)
c, s, a, b = connect()
for n in ("recv", "send", "listen", "accept", "session"):
    assert not hasattr(c, n), n
for n in ("read", "readinto", "readline", "write", "setblocking", "close", "ioctl", "cipher", "version", "getpeercert",
          "selected_alpn_protocol"):
    assert hasattr(c, n), n
raises_code(UNSUPPORTED, ussl.SSLContext, 2)  # DTLS
