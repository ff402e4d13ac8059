# Whatever a script passes: a clear error before a byte is sent, and the context works afterwards.
from support import *

pem, key = contents("p256.crt.pem"), contents("p256.key.pem")
anchor = contents("ca.pem")
huge = b"\0" * 200000


class Odd:
    """Not a buffer, list, number or callable."""


odd = (None, 5, -1, 1 << 70, 0.5, "", "x", b"", b"x", bytearray(3), [], [1], (), {}, object, Odd(), lambda *a: 0, huge,
       float("nan"), range(3), True)

client, server = client_context(), server_context()
any_error = (TypeError, ValueError, OSError, OverflowError)

# Every attribute accepts every value, or says what is wrong; afterwards its old value is valid again.
for context, other in ((client, server), (server, client)):
    for name in ("verify_mode", "check_hostname", "verify_time", "check_purpose", "check_key_strength",
                 "check_signature_strength", "check_constraints", "check_critical_extensions", "verify_callback",
                 "verify_callback_may_accept", "minimum_version", "maximum_version", "handshake_timeout", "psk_identity",
                 "psk_key", "server_psk_keys", "resumption", "session_cache_size", "sign_callback",
                 "server_name_callback", "max_fragment_length", "keylog_callback"):
        before = getattr(context, name, None)
        for value in odd:
            try:
                setattr(context, name, value)
            except any_error as e:
                assert e.args and (isinstance(e, OSError) or e.args[0]), (name, value)
            a, b = pipes()
            try:
                context.wrap_socket(a, server_hostname="localhost" if context is client else None, do_handshake=False)
            except any_error:
                pass
            assert not a.sent
        setattr(context, name, before)
    connect(client, server)

# An own certificate that has expired: an error before a byte is sent, and the context accepts a good one afterwards.
if ussl.HAS_CLIENT_CERTIFICATES:
    client = client_context()
    client.set_cert_key(contents("client-expired.crt.pem"), contents("client-expired.key.pem"))
    a, b = pipes()
    raises_code(1017, client.wrap_socket, a, server_hostname="localhost", do_handshake=False)
    assert not a.sent
    client.set_cert_key(contents("client.crt.pem"), contents("client.key.pem"))
    connect(client, server_context())

# Every method accepts every value, or says what is wrong. Successful calls are undone.
for name, count in (("set_cert_key", 2), ("load_cert_chain", 2), ("add_cert_key", 2), ("load_verify_locations", 1),
                    ("set_pins", 1), ("set_ciphers", 1), ("set_alpn_protocols", 1)):
    client, server = client_context(), server_context()
    for context in (client, server):
        for value in odd:
            for arguments in ((value,),) if count == 1 else ((value, value), (pem, value), (value, key)):
                try:
                    getattr(context, name)(*arguments)
                    assert name in ("set_pins", "set_alpn_protocols"), (name, arguments)
                except any_error:
                    pass
        if name == "set_pins":
            context.set_pins(None)
        if name == "set_alpn_protocols" and ussl.HAS_ALPN:
            context.set_alpn_protocols([])
        if context is server:
            server.verify_mode = ussl.CERT_NONE
    connect(client, server)

# Text around and between the blocks of PEM does no harm; text alone is an error.
server = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
server.set_cert_key(b"Subject: somebody\n" + pem + b"\nand so on\n\0\xff\n" + contents("inter.pem") + b"the end",
                    b"\r\n-- \n" + key)
connect(client, server)
for empty in (b"", b"\n", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
              b"-----BEGIN CERTIFICATE-----\n", b"-----END CERTIFICATE-----\n", b"no PEM at all", huge):
    raises(OSError, server.set_cert_key, empty, key)
    raises(OSError, server.set_cert_key, pem, empty)
    raises(OSError, client.load_verify_locations, cadata=empty)
connect(client, server)

# Half of a pair, missing files, a key of another certificate.
for half in ((pem, None), (None, key), (None, None)):
    raises(ValueError, server.set_cert_key, *half)
    # load_cert_chain() looks for the key in the certificate's text, too.
    raises(ValueError if half[0] is None else OSError, server.load_cert_chain, *half)
raises_code(2, server.load_cert_chain, "/no/such/file", certs + "p256.key.pem")
raises_code(2, server.load_cert_chain, certs + "p256.crt.pem", "/no/such/file")
raises_code(2, client.load_verify_locations, "/no/such/file")
connect(client, server)
for _ in range(3):
    raises_code(1012, server.set_cert_key, pem, contents("other-p256.key.pem"))
connect(client, server)

# wrap_socket itself.
for value in odd:
    for arguments in (dict(session=value), dict(client_id=value), dict(server_hostname=value)):
        if value is None:
            continue
        try:
            client.wrap_socket(a, do_handshake=False, **arguments)
            assert "session" in arguments or value in ("x", b"x"), arguments
        except any_error:
            pass
assert not a.sent
connect(client, server)
