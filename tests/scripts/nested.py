# Callbacks that use other connections: whatever happens to those, the calling connection goes on, and can be resumed later.
from support import *

WRONG_HOST, KEY_MISMATCH = 1045, 1012


def completes():
    c, s, a, b = connect(client_context(), server_context(), "test.example")
    transfer(c, s, b"nested")
    c.close()
    s.close()


def is_refused():
    c, s, a, b = wrap_both(client_context(), server_context("wronghost"))
    assert handshake_errors(c, s)[0][0] == WRONG_HOST


def context_is_refused():
    server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    raises_code(KEY_MISMATCH, server.set_cert_key, contents("p256.crt.pem"), contents("client.key.pem"))


def raises_within():
    client = client_context()
    client.verify_callback = lambda certificate, depth: 1 // 0
    c, s, a, b = wrap_both(client, server_context())
    raises(ZeroDivisionError, handshake, c, s)


def same_contexts():
    c, s, a, b = connect(client, server)
    transfer(c, s, b"nested")
    c.close()
    s.close()


def closes_earlier():
    for c, s, a, b in earlier:
        c.close()
        s.close()


def collects_earlier():
    earlier.clear()
    gc.collect()


busy = False
calls = 0


def visit():
    global busy, calls
    if not busy:
        busy = True
        calls += 1
        errand()
        busy = False


def on_verify(certificate, depth):
    if depth == 0:
        visit()
    return 0


def on_server_name(name):
    visit()
    return 0


def on_line(line):
    visit()


class Keys:
    def get(self, identity):
        visit()
        return b"0123456789abcdef"


def with_key(client, server):
    client.psk_identity, client.psk_key = b"sensor", b"0123456789abcdef"
    server.server_psk_keys = Keys()


def asks_client(client, server):
    server.load_verify_locations(cadata=contents("ca.pem"))
    client.set_cert_key(contents("client.crt.pem"), contents("client.key.pem"))
    server.verify_callback = on_verify


callers = []
if ussl.HAS_VERIFY_CALLBACK:
    callers.append(lambda client, server: setattr(client, "verify_callback", on_verify))
    if ussl.HAS_CLIENT_CERTIFICATES:
        callers.append(asks_client)
if ussl.HAS_SERVER_NAMES:
    callers.append(lambda client, server: setattr(server, "server_name_callback", on_server_name))
if ussl.HAS_KEY_LOG:
    callers.append(lambda client, server: setattr(client, "keylog_callback", on_line))
    callers.append(lambda client, server: setattr(server, "keylog_callback", on_line))
if ussl.HAS_PSK:
    callers.append(with_key)

errands = [completes, is_refused, context_is_refused, same_contexts, closes_earlier, collects_earlier]
if ussl.HAS_VERIFY_CALLBACK:
    errands.append(raises_within)

for version in [ussl.TLSv1_2] + ([ussl.TLSv1_3] if ussl.HAS_TLS1_3 else []):
    for caller in callers:
        for errand in errands:
            earlier = [connect()]
            calls = 0
            if caller is with_key:  # and nothing else to verify
                client, server = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT), ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
            else:
                client, server = client_context(), server_context()
            client.minimum_version = client.maximum_version = version
            client.check_hostname = False
            caller(client, server)
            # A name that no certificate is for, so that the callback is called.
            hostname = "elsewhere.example"
            c, s, a, b = connect(client, server, hostname)
            transfer(c, s, b"from the client")
            transfer(s, c, b"from the server")
            assert calls != 0, (version, caller, errand)
            if ussl.HAS_RESUMPTION and caller is not with_key:
                a, b = pipes()
                again = client.wrap_socket(a, server_hostname=hostname, do_handshake=False, session=c.session)
                peer = server.wrap_socket(b, server_side=True, do_handshake=False)
                handshake(again, peer)
                transfer(again, peer, b"resumed")
                assert again.session_reused and peer.session_reused, (version, caller, errand)
                again.close()
                peer.close()
            c.close()
            s.close()
