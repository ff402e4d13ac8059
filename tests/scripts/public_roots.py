# Debian's bundle of public roots loads completely: each root alone, and all of them beside one's own. Prints how much memory it
# takes.
from support import *

try:
    with open("/etc/ssl/certs/ca-certificates.crt", "rb") as f:
        bundle = f.read()
except OSError:
    skip("no ca-certificates")

END = b"-----END CERTIFICATE-----\n"
if gc.mem_free() < 8 << 20:  # MicroPython's heap for hosts is 2 MB
    words = [interpreter, "-X", "heapsize=16M", sys.argv[0], certs, str(port), backend or "''", "x"]
    sys.exit(1 if os.system(" ".join(words)) else 0)

parts = [part + END for part in bundle.split(END) if b"BEGIN CERTIFICATE" in part]
assert len(parts) > 100, len(parts)


def used():
    gc.collect()
    return gc.mem_alloc()


def opened(*pems):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    for pem in pems:
        context.load_verify_locations(cadata=pem)
    a, b = pipes()
    c = context.wrap_socket(a, server_hostname="localhost", do_handshake=False)
    assert c.read(1) is None and a.sent, "no ClientHello"
    return context, c


for part in parts:  # a root that the backend cannot use would be an error here
    opened(part)

before = used()
context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cadata=bundle)
loaded = used() - before

# Among so many, the right one is found; without it, none is.
sc = server_context()
errors = handshake_errors(*wrap_both(context, sc)[:2])
assert errors[0][0] == 1042, errors
context.load_verify_locations(cadata=contents("ca.pem"))
c, s, a, b = connect(context, sc)
transfer(c, s, b"data" * 100)

print("NOTE: %d roots, %d bytes of PEM: %d bytes in memory" % (len(parts), len(bundle), loaded))
