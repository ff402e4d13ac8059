# The signatures that programs for MicroPython's ssl.py, its module tls, CPython and Pycopy call: each by name and by position, as
# in docs/coming-from.md.
from support import *

ca, cert, key = certs + "ca.pem", certs + "p256.crt.pem", certs + "p256.key.pem"
together = "together.pem"  # in the runner's own folder
with open(together, "wb") as f:
    f.write(contents("p256.crt.pem") + contents("p256.key.pem"))

# load_cert_chain
for args, kwargs in (((cert, key), {}), ((), dict(certfile=cert, keyfile=key)), ((cert,), dict(keyfile=key)),
                     ((contents("p256.crt.pem"), contents("p256.key.der")), {}),
                     ((contents("p256.crt.pem") + contents("p256.key.pem"),), {}),
                     ((together,), {}), ((together, None), {}), ((), dict(certfile=together))):
    server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(*args, **kwargs)
    connect(client_context(), server)
os.remove(together)

# load_verify_locations, create_default_context
for args, kwargs in (((ca,), {}), ((), dict(cafile=ca)), ((), dict(cadata=contents("ca.pem"))), ((None, contents("ca.pem")), {}),
                     ((ca, contents("other-ca.pem")), {})):
    client = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(*args, **kwargs)
    connect(client, server_context())
    client = ussl.create_default_context(*args, **kwargs)
    assert client.verify_mode == ussl.CERT_REQUIRED and client.check_hostname
    connect(client, server_context())
raises(OSError, ussl.create_default_context, cafile="/no/such/file")
raises_code(1032, ussl.create_default_context, cadata=b"\x30\x00")
raises(TypeError, ussl.create_default_context, cadata=5)
raises(TypeError, ussl.create_default_context, ca, None, None)
connect(ussl.create_default_context(contents("ca.pem")), server_context())  # contents instead of a path


# wrap_socket of a context: MicroPython's and CPython's order, and Pycopy's.
def wrapped(*args, **kwargs):
    a, b = pipes()
    s = server_context().wrap_socket(b, True, False)  # MicroPython: server_side, do_handshake_on_connect
    c = client_context().wrap_socket(a, *args, **kwargs)
    handshake(c, s)


for args, kwargs in (((False, False, "localhost"), {}),                # MicroPython's ssl.py
                     ((False, False), dict(server_hostname="localhost")),
                     ((), dict(server_side=False, do_handshake_on_connect=False, server_hostname="localhost")),
                     ((False,), dict(do_handshake_on_connect=False, suppress_ragged_eofs=True, server_hostname="localhost",
                                     session=None)),                   # CPython
                     ((False, "localhost", False), {}),                # Pycopy
                     ((), dict(server_hostname="localhost", do_handshake=False))):
    wrapped(*args, **kwargs)
a, b = pipes()
raises(TypeError, client_context().wrap_socket, a, False, False, "localhost", True)
raises(TypeError, client_context().wrap_socket, a, False, False, "localhost", server_hostname="localhost")
raises(TypeError, client_context().wrap_socket, a, False, False, True)  # CPython's fourth is a keyword here
raises_code(1031, client_context().wrap_socket, a, False, False)
assert not a.sent
# The third, not the second, decides whether the handshake starts at once: with a peer that is gone.
for shakes in (False, True):
    a, b = pipes()
    a.at_end = True
    try:
        client_context().wrap_socket(a, False, shakes, "localhost")
        assert not shakes and not a.sent
    except OSError:
        assert shakes and a.sent

# ssl.wrap_socket(sock, server_side, key, cert, cert_reqs, cadata, server_hostname, do_handshake)
a, b = pipes()
s = ussl.wrap_socket(b, True, contents("p256.key.pem"), contents("p256.crt.pem"), ussl.CERT_NONE, None, None, False)
c = ussl.wrap_socket(a, False, None, None, ussl.CERT_REQUIRED, contents("ca.pem"), "localhost", False)
handshake(c, s)

# What has another name here.
context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
for name in ("_context", "ecdsa_sign_callback", "load_dh_params", "set_npn_protocols", "options"):
    assert not hasattr(context, name), name
