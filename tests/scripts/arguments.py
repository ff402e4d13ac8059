# Wrong arguments are TypeError or ValueError, before a byte is sent.
from support import *

a, b = pipes()
context = client_context()
good = dict(server_hostname="localhost")

raises(TypeError, context.wrap_socket)
for stream in (None, 1, "x", object(), []):
    raises(TypeError, context.wrap_socket, stream, **good)
raises(TypeError, context.wrap_socket, a, server_hostname=1)
raises(TypeError, context.wrap_socket, a, server_hostname=["localhost"])
raises(TypeError, context.wrap_socket, a, unknown=1)
raises(TypeError, context.wrap_socket, a, False, "localhost", False, True)  # keyword only
for host in ("", "has space", "a..b", ".", "-" * 64, "x" * 300, "*.example", "1.2.3.4.5", "host:443", "[::1]",
             "caf\u00e9.example", "nul\0l"):
    raises(ValueError, context.wrap_socket, a, server_hostname=host)
raises(ValueError, context.wrap_socket, a, server_side=True, **good)
raises(ValueError, server_context().wrap_socket, a, **good)

raises(TypeError, ussl.SSLContext, "client")
raises(TypeError, ussl.SSLContext, 0, 1)
for protocol in (4, -1, 99):
    raises(ValueError, ussl.SSLContext, protocol)


def set_to(name, value):
    setattr(context, name, value)


for mode in (-1, 3, 100):
    raises(ValueError, set_to, "verify_mode", mode)
raises(TypeError, set_to, "verify_mode", "none")
for version in (0, 0x0301, 0x0302, 0x0305):
    raises(ValueError, set_to, "minimum_version", version)
    raises(ValueError, set_to, "maximum_version", version)
raises(TypeError, set_to, "maximum_version", "TLSv1.2")
assert context.verify_mode == ussl.CERT_REQUIRED

pem, key = contents("p256.crt.pem"), contents("p256.key.pem")
raises(ValueError, context.set_cert_key, pem, None)
raises(ValueError, context.set_cert_key, None, key)
raises(TypeError, context.set_cert_key, pem, 1)
raises(TypeError, context.set_cert_key, 1, key)
raises(TypeError, context.set_cert_key, pem)
raises(OSError, context.load_cert_chain, certs + "p256.crt.pem", None)  # there is no key in it, either
raises(TypeError, context.load_cert_chain)
raises(TypeError, context.load_cert_chain, keyfile=key)
raises(TypeError, context.load_cert_chain, pem, key, None)
raises(OSError, context.load_cert_chain, "/no/such/file", key)
raises(TypeError, context.load_verify_locations)
raises(TypeError, context.load_verify_locations, cadata=1)
raises(OSError, context.load_verify_locations, "/no/such/file")
raises(TypeError, ussl.wrap_socket, a, cert=pem)
raises(TypeError, ussl.wrap_socket, a, key=key)
raises(ValueError, ussl.wrap_socket, a, cert_reqs=5)
raises(TypeError, ussl.wrap_socket)
raises(TypeError, ussl.wrap_socket, 5)
raises(TypeError, ussl.create_default_context, 5)

raises_code(1013, ussl.SSLContext().wrap_socket, a, server_side=True)  # a server without certificate
raises_code(1013, ussl.wrap_socket, a, server_side=True)

assert not a.sent and a.closed == 0 and a.writes == 0
