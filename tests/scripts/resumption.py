# Resumed sessions: `session`, wrap_socket(session=...), session_reused.
from support import *

if not ussl.HAS_RESUMPTION:
    skip("no resumption")  # module.py shows that it is refused

versions = [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else [])


def contexts(version, name="p256"):
    client, server = client_context(), server_context(name)
    client.maximum_version = client.minimum_version = version
    return client, server


def wrapped(client, server, session=None, hostname="localhost"):
    a, b = pipes()
    return (client.wrap_socket(a, server_hostname=hostname, do_handshake=False, session=session),
            server.wrap_socket(b, server_side=True, do_handshake=False), a, b)


def session_of(client, server, session=None):
    """Makes a connection; returns (its session, whether it was resumed, bytes that the server sent)."""
    c, s, a, b = wrapped(client, server, session)
    handshake(c, s)
    transfer(s, c, b"first data")
    transfer(c, s, b"and back")
    assert c.session_reused == s.session_reused
    return c.session, c.session_reused


for version in versions:
    client, server = contexts(version)
    kept, reused = session_of(client, server)
    assert type(kept) is bytes and not reused, version
    # Also from a bytearray, and after the client has lost everything else.
    for session in (kept, bytearray(kept), memoryview(kept)):
        client, unused = contexts(version)
        again, reused = session_of(client, server, session)
        assert reused, (version, len(kept))
        kept = again or kept  # a ticket may be for a single use

    # The certificate is not requested again, so the callback is not called, either.
    client.verify_callback = lambda certificate, depth: 0
    session, reused = session_of(client, server, kept)
    assert not reused  # a new callback: what is trusted has changed
    client.verify_callback_version = b"1"
    session, reused = session_of(client, server, session)
    assert not reused
    client, unused = contexts(version)
    client.verify_callback, client.verify_callback_version = lambda certificate, depth: 0, b"1"
    session, reused = session_of(client, server, session)
    assert reused  # the same callback, by its version
    client.verify_callback_version = b"2"
    assert not session_of(client, server, session)[1]
    client.verify_callback = None

    # A session that does not fit is not used, and is no error: another name, other anchors, other rules, damaged data.
    c, s, a, b = wrapped(client, server, kept, "test.example")
    handshake(c, s)
    assert not c.session_reused
    strict = client_context()
    strict.load_verify_locations(cadata=contents("other-ca.pem"))
    c, s, a, b = wrapped(strict, server, kept)
    handshake(c, s)
    assert not c.session_reused
    for session in (b"", b"x", kept[:-1], kept[:40], bytes(len(kept)), kept + b"x", bytes([kept[0] ^ 1]) + kept[1:]):
        c, s, a, b = wrapped(client, server, session)
        handshake(c, s)
        assert not c.session_reused or session == kept + b"x", session[:10]
    # Anchors that do not verify the server's certificate, and a session from before they were set.
    wary = client_context("other-ca")
    wary.maximum_version = version
    c, s, a, b = wrapped(wary, server, kept)
    assert handshake_errors(c, s)[0][0] == 1042

    # Another server does not have its key.
    c, s, a, b = wrapped(client, server_context(), kept)
    handshake(c, s)
    assert not c.session_reused and not s.session_reused

    # Switched off on either side.
    client, server = contexts(version)
    client.resumption = False
    kept, reused = session_of(client, server)
    assert kept is None and not reused
    client, server = contexts(version)
    server.resumption = False
    kept, reused = session_of(client, server)
    if kept is not None:
        assert not session_of(client, server, kept)[1]

# Servers with the same keys resume each other's sessions.
if ussl.HAS_TICKET_KEYS:
    for version in versions:
        client, one = contexts(version)
        unused, two = contexts(version)
        unused, three = contexts(version)
        one.ticket_keys, two.ticket_keys, three.ticket_keys = [b"1" * 32], [b"2" * 32, b"1" * 32], [b"3" * 32]
        assert (one.ticket_keys, two.ticket_keys) == (1, 2)
        kept, reused = session_of(client, one)
        assert session_of(client, two, kept)[1] and not session_of(client, three, kept)[1]

# Before the handshake there is none; servers have none; a closed socket raises.
client, server = contexts(versions[-1])
c, s, a, b = wrapped(client, server)
assert c.session is None and not c.session_reused
handshake(c, s)
assert s.session is None
c.close()
raises_code(EBADF, lambda: c.session)
raises_code(EBADF, lambda: c.session_reused)
a, b = pipes()
for wrong in (5, [], object()):
    raises(TypeError, client.wrap_socket, a, server_hostname="localhost", session=wrong)
raises(ValueError, server.wrap_socket, a, server_side=True, session=b"x")
for wrong in (-1, 1 << 30):
    raises(ValueError, setattr, server, "session_cache_size", wrong)
assert not a.sent
