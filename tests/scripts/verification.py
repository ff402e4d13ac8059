# Defaults of verification, and one verdict on every backend: the same code and the same text.
from support import *

TEXTS = {
    1042: "certificate is not trusted: no valid path to a trust anchor",
    1043: "certificate has expired",
    1044: "certificate is not valid yet: is the clock right?",
    1046: "certificate does not allow this use",
    1047: "certificate's key is too weak",
    1048: "certificate is signed with a broken hash (MD5 or SHA-1)",
}
WRONG_HOST = "certificate is for another host: it is for "

# Server's certificate, server_hostname, code.
TABLE = (
    ("p256", "localhost", None),
    ("p256", "test.example", None),
    ("p256", "TEST.Example", None),
    ("p256", "test.example.", None),
    ("p384", "localhost", None),
    ("rsa", "localhost", None),
    ("direct", "localhost", None),
    ("noeku", "localhost", None),
    ("anyeku", "localhost", None),
    ("wildcard", "a.wild.example", None),
    ("wildcard", "wild.example", 1045),
    ("wildcard", "a.b.wild.example", 1045),
    ("ip", "127.0.0.1", None),
    ("ip", "::1", None),
    ("ip", "0:0:0:0:0:0:0:1", None),
    ("ip", "127.0.0.2", 1045),
    ("p256", "127.0.0.1", 1045),
    ("p256", "other.example", 1045),
    ("p256", "example", 1045),
    ("wronghost", "localhost", 1045),
    ("cn-only", "localhost", 1045),
    ("expired", "localhost", 1043),
    ("future", "localhost", 1044),
    ("clientonly", "localhost", 1046),
    ("untrusted", "localhost", 1042),
    ("selfsigned", "localhost", 1042),
    ("badsignature", "localhost", 1042),
)


def supported(name):
    return (ussl.HAS_RSA or "rsa" not in name) and (ussl.HAS_ECDSA_P384 or "384" not in name)


for name, host, code in TABLE:
    if not supported(name):
        continue
    c, s, a, b = wrap_both(client_context(), server_context(name), host)
    at_client, at_server = handshake_errors(c, s)
    where = (name, host, at_client, at_server)
    if code is None:
        assert at_client is None and at_server is None and c.cipher() is not None, where
        continue
    assert at_client is not None and at_client[0] == code, where
    if code == 1045:
        assert at_client[1].startswith("certificate is for another host: it "), where
    else:
        assert at_client[1] == TEXTS[code], where
    # The peer gets an alert. In TLS 1.3 it may have finished before.
    assert at_server is None or at_server[0] == 1068 and at_server[1].startswith("peer sent alert "), where
    # The same on each further call.
    raises_code(code, c.read, 1)
    raises_code(code, c.write, b"x")
    c.close()

# The text names the hosts of the certificate.
c, s, a, b = wrap_both(client_context(), server_context(), "other.example")
assert handshake_errors(c, s)[0][1] == WRONG_HOST + "localhost, test.example"
c, s, a, b = wrap_both(client_context(), server_context("ip"), "other.example")
text = handshake_errors(c, s)[0][1]
assert text.startswith(WRONG_HOST) and "127.0.0.1" in text and "0:0:0:0:0:0:0:1" in text, text
c, s, a, b = wrap_both(client_context(), server_context("cn-only"), "localhost")
assert handshake_errors(c, s)[0][1] == "certificate is for another host: it names no host"
# ... and which alert it was.
c, s, a, b = wrap_both(client_context("other-ca"), server_context())
for end in (c, s, c):
    try:
        step(end)
    except OSError:
        pass
e = raises_code(1068, lambda: [step(s) for _ in range(5)])
assert e.args[1] == "peer sent alert 48: unknown CA", e.args

# --- Defaults ---

anchor = contents("ca.pem")
assert ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT).verify_mode == ussl.CERT_REQUIRED
assert ussl.create_default_context().verify_mode == ussl.CERT_REQUIRED
assert ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER).verify_mode == ussl.CERT_NONE
context = ussl.SSLContext()
assert context.verify_mode == ussl.CERT_NONE and context.check_hostname and context.verify_time
context.load_verify_locations(cadata=anchor)
assert context.verify_mode == ussl.CERT_REQUIRED
context = ussl.SSLContext()
context.verify_mode = ussl.CERT_NONE
context.load_verify_locations(cadata=anchor)
assert context.verify_mode == ussl.CERT_NONE  # the script has set it
c, s, a, b = wrap_both(context, server_context("untrusted"), None)
handshake(c, s)
# Without verification no name is needed; a given one is still sent as SNI.
c, s, a, b = wrap_both(ussl.SSLContext(), server_context("expired"), "test.example")
handshake(c, s)

# If verification lacks something, wrap_socket raises before a byte is sent.
a, b = pipes()
e = raises_code(1031, client_context().wrap_socket, a)
assert e.args[1] == "no server_hostname: give the name to verify", e.args
context = server_context()
context.verify_mode = ussl.CERT_REQUIRED
e = raises_code(1030, context.wrap_socket, a, server_side=True)
assert e.args[1] == "no trust anchors: load CA certificates to verify against", e.args
assert not a.sent and a.closed == 0

# --- Checks switched off, each alone ---

context = client_context()
context.check_hostname = False
for host in (None, "other.example", "10.0.0.1"):
    c, s, a, b = wrap_both(context, server_context(), host)
    handshake(c, s)
c, s, a, b = wrap_both(context, server_context("expired"))
assert handshake_errors(c, s)[0][0] == 1043
c, s, a, b = wrap_both(context, server_context("untrusted"))
assert handshake_errors(c, s)[0][0] == 1042

context = client_context()
context.verify_time = False
for name in ("expired", "future"):
    c, s, a, b = wrap_both(context, server_context(name))
    handshake(c, s)
c, s, a, b = wrap_both(context, server_context("expired"), "other.example")
assert handshake_errors(c, s)[0][0] == 1045

# On a client optional is the same as required: servers always send a certificate.
context = client_context()
context.verify_mode = ussl.CERT_OPTIONAL
c, s, a, b = wrap_both(context, server_context("untrusted"))
assert handshake_errors(c, s)[0][0] == 1042
