# Trust without certificates of one's own: the host's roots (the runner sets them: SSL_CERT_FILE), those that a firmware was built
# with, and root bundles that a script loads.
from support import *

BUNDLE, BUILT_IN = contents("roots.bin"), ussl.SSLContext().roots


def is_trusted(context, server="p256", hostname="localhost"):
    c, s, a, b = wrap_both(context, server_context(server), hostname)
    errors = handshake_errors(c, s)
    if errors[0] is None:
        transfer(c, s, b"data")
        return True
    assert errors[0][0] == 1042, errors
    return False


if sys.argv[5:] == ["without"]:  # in the process below
    for make in (ussl.create_default_context, lambda: ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)):
        e = raises_code(1030, make().wrap_socket, pipes()[0], server_hostname="localhost")
        assert e.args[1].startswith("no trust anchors: load CA certificates to verify against: "), e.args
    raises_code(1030, ussl.wrap_socket, pipes()[0], cert_reqs=ussl.CERT_REQUIRED, server_hostname="localhost")
    context = ussl.SSLContext()
    raises_code(1030, context.load_default_certs)
    assert context.verify_mode == ussl.CERT_NONE, "what has failed changes nothing"
    context.load_verify_locations(cadata=BUNDLE)
    assert is_trusted(context)
    sys.exit(0)


# --- What the device trusts ---

def by_default(context):
    """The host's roots end one server's path, and not another's."""
    assert context.verify_mode == ussl.CERT_REQUIRED
    assert is_trusted(context) and not is_trusted(context, "expired-ca")


by_default(ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT))
by_default(ussl.create_default_context())
context = ussl.SSLContext()
context.verify_mode = ussl.CERT_REQUIRED
by_default(context)
for name in ("load_default_certs", "set_default_verify_paths"):
    context = ussl.SSLContext()
    assert getattr(context, name)() is None
    by_default(context)
context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
context.load_default_certs(0)  # CPython's purpose
by_default(context)

# The name is checked as usual, and without one there is no connection.
c, s, a, b = wrap_both(ussl.create_default_context(), server_context("wronghost"))
assert handshake_errors(c, s)[0][0] == 1045
raises_code(1031, ussl.create_default_context().wrap_socket, pipes()[0])

# A script that sets anchors trusts only these, unless it asks for the others.
context = client_context("p384-ca")
assert not is_trusted(context)
context.load_default_certs()
assert is_trusted(context)
# A server does not trust public roots for its clients unless it is asked to.
context = server_context()
context.verify_mode = ussl.CERT_REQUIRED
raises_code(1030, context.wrap_socket, pipes()[0], server_side=True)

a, b = pipes()
c = ussl.wrap_socket(a, cert_reqs=ussl.CERT_REQUIRED, server_hostname="localhost", do_handshake=False)
handshake(c, server_context().wrap_socket(b, server_side=True, do_handshake=False))

# --- Without any ---

if BUILT_IN is not None:  # by tools/test, from the same file: the firmware's take precedence
    assert BUILT_IN[0] == contents("bundle.pem").count(b"BEGIN CERTIFICATE"), BUILT_IN
else:
    words = ["SSL_CERT_FILE=" + certs + "none", interpreter, sys.argv[0], certs, str(port), backend or "''", "x", "without"]
    assert os.system(" ".join(words)) == 0

# --- Bundles that a script loads ---

for source in (dict(cafile=certs + "roots.bin"), dict(cadata=BUNDLE), dict(cadata=bytearray(BUNDLE)),
               dict(cadata=memoryview(BUNDLE))):
    context = ussl.SSLContext()
    context.load_verify_locations(**source)
    assert context.verify_mode == ussl.CERT_REQUIRED
    count, day = context.roots
    assert count == 14 and len(day) == 10 and day > "2023-01-01", context.roots
    assert is_trusted(context) and is_trusted(context, "p384-chain") == ussl.HAS_ECDSA_P384
    assert not is_trusted(context, "untrusted")
    if ussl.HAS_RSA:
        assert is_trusted(context, "rsa-chain")

# Several bundles add up, also with certificates.
context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cadata=contents("debian.bin"))
assert not is_trusted(context)
context.load_verify_locations(cadata=BUNDLE)
assert is_trusted(context) and not is_trusted(context, "untrusted") and context.roots[0] == 14
context.load_verify_locations(cadata=contents("other-ca.der"))
assert is_trusted(context) and is_trusted(context, "untrusted")

# A damaged one is refused, and those loaded before stay.
damaged = bytearray(BUNDLE)
damaged[len(damaged) // 2] ^= 1
for wrong in (BUNDLE[:-1], BUNDLE[:10], BUNDLE[:4], BUNDLE + b"\0", bytes(damaged)):
    e = raises_code(1019, context.load_verify_locations, cadata=wrong)
    assert "damaged" in e.args[1]
assert is_trusted(context)

# A bytearray is copied; a memoryview is used in place, and must not change. If it does, nothing worse happens than an error.
changing = bytearray(BUNDLE)
copied, viewed = ussl.SSLContext(), ussl.SSLContext()
copied.load_verify_locations(cadata=changing)
viewed.load_verify_locations(cadata=memoryview(changing))
for i in range(len(changing)):
    changing[i] = 0xff
assert is_trusted(copied) and not is_trusted(viewed)
raises(AttributeError, setattr, viewed, "roots", None)

# Bytes are not copied.
gc.collect()
before = gc.mem_alloc()
context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(cadata=BUNDLE)
gc.collect()
assert gc.mem_alloc() - before < 1000, gc.mem_alloc() - before

# --- asyncio's ssl=True: its server_hostname is the host that was asked for ---

try:
    import asyncio
    import ssl
except ImportError:
    asyncio = None
if asyncio and ssl is ussl:
    async def serve(reader, writer):
        writer.write(b"echo " + await reader.readline())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def ask(host):
        reader, writer = await asyncio.open_connection(host, port, ssl=True)
        writer.write(b"hello\n")
        await writer.drain()
        answer = await reader.readline()
        writer.close()
        await writer.wait_closed()
        return answer

    async def refuses(host, code):
        try:
            await ask(host)
        except OSError as e:
            assert e.args[0] == code, e.args
        else:
            assert False, "verified"

    async def main():
        for leaf, host, other, why in (("ip", "127.0.0.1", "localhost", 1045), ("p256", "localhost", "127.0.0.1", 1045),
                                       ("expired-ca", None, "localhost", 1042)):
            server = await asyncio.start_server(serve, "127.0.0.1", port, ssl=server_context(leaf))
            if host:
                assert await ask(host) == b"echo hello\n"
            await refuses(other, why)
            server.close()
            await server.wait_closed()

    asyncio.run(main())
