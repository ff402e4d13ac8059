# Contexts: both roles, settings that change, versions.
from support import *

# One context, both roles, as in Pycopy.
context = ussl.SSLContext()
context.set_cert_key(contents("p256.crt.pem"), contents("p256.key.pem"))
for _ in range(2):
    c, s, a, b = wrap_both(context, context, None)
    handshake(c, s)
    transfer(c, s, b"both roles")

# A later change affects new connections, not existing ones.
old = connect(context, context)
other = contents("other-ca.pem")
client = client_context()
pending = wrap_both(client, server_context())
client.check_hostname = False
late = wrap_both(client, server_context(), "elsewhere.example")
context.set_cert_key(contents("direct.crt.pem"), contents("direct.key.pem"))
gc.collect()
new = connect(client, context, "elsewhere.example")
assert new[0].getpeercert(True) == contents("direct.crt.der")
assert old[0].getpeercert(True) == contents("p256.crt.der")
handshake(*pending[:2])
handshake(*late[:2])
for c, s, a, b in (old, new, pending, late):
    transfer(c, s, b"up" * 3000)
    transfer(s, c, b"down" * 3000)
context = client = None
gc.collect()
for c, s, a, b in (old, new, pending, late):
    transfer(c, s, b"again" * 100)
    c.close()
    assert s.read(1) == b""
    s.close()

# The protocol decides which role a context has.
raises(ValueError, client_context().wrap_socket, Pipe(bytearray(), bytearray()), server_side=True)
a, b = pipes()
c = client_context().wrap_socket(a, server_hostname="localhost", do_handshake=False)
s = server_context().wrap_socket(b, do_handshake=False)  # as in MicroPython: server_side is understood
handshake(c, s)

# Versions.
context = ussl.SSLContext()
assert context.minimum_version == ussl.TLSv1_2
assert context.maximum_version == (ussl.TLSv1_3 if ussl.HAS_TLS1_3 else ussl.TLSv1_2)


def versions(low, high, make=client_context):
    context = make()
    if low:
        context.minimum_version = low
    if high:
        context.maximum_version = high
    return context


c, s, a, b = connect(versions(None, ussl.TLSv1_2))
assert c.version() == s.version() == "TLSv1.2"
assert c.cipher()[1] == "TLSv1.2"
c, s, a, b = connect(None, versions(None, ussl.TLSv1_2, server_context))
assert c.version() == "TLSv1.2"
if ussl.HAS_TLS1_3:
    for cc, sc in ((versions(ussl.TLSv1_3, None), server_context()),
                   (client_context(), versions(ussl.TLSv1_3, ussl.TLSv1_3, server_context))):
        c, s, a, b = connect(cc, sc)
        assert c.version() == s.version() == "TLSv1.3" and c.cipher()[0].startswith("TLS_")
        transfer(c, s, b"data" * 9000)
    c, s, a, b = wrap_both(versions(ussl.TLSv1_3, None), versions(None, ussl.TLSv1_2, server_context))
    at_client, at_server = handshake_errors(c, s)
    # One of the two notices, and sends the other an alert: which one is the library's choice.
    ours, theirs = sorted((at_client, at_server))
    assert ours == (1060, "no TLS version in common with the peer"), (at_client, at_server)
    assert theirs == (1068, "peer sent alert 70: protocol version"), (at_client, at_server)
    context = versions(ussl.TLSv1_3, ussl.TLSv1_2)
    raises(ValueError, context.wrap_socket, a, server_hostname="localhost")
else:
    for name in ("minimum_version", "maximum_version"):
        e = raises_code(UNSUPPORTED, setattr, context, name, ussl.TLSv1_3)
        assert e.args[1] == "not supported by this build: TLSv1.3", e.args
