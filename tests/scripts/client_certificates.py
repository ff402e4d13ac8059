# Client certificates: none, optional, required.
from support import *

if not ussl.HAS_CLIENT_CERTIFICATES:
    skip("no client certificates")


def server(mode):
    context = server_context()
    context.load_verify_locations(cadata=contents("ca.pem"))
    assert context.verify_mode == ussl.CERT_REQUIRED
    context.verify_mode = mode
    return context


def client(name):
    context = client_context()
    if name:
        context.load_cert_chain(certs + name + ".crt.pem", certs + name + ".key.pem")
        context.verify_time = "expired" not in name  # else it is refused here
    return context


def outcome(mode, name):
    c, s, a, b = wrap_both(client(name), server(mode))
    at_client, at_server = handshake_errors(c, s)
    if at_server is None:
        assert at_client is None, at_client
        transfer(c, s, b"data")
        certificate = s.getpeercert(True)
        shown = mode != ussl.CERT_NONE and name
        assert certificate == (contents(name + ".crt.der") if shown else None), (mode, name)
        return None
    assert at_client is None or at_client[0] == 1068, at_client
    return at_server[0]


for mode, name, code in (
        (ussl.CERT_NONE, None, None),
        (ussl.CERT_NONE, "client", None),
        (ussl.CERT_OPTIONAL, None, None),
        (ussl.CERT_OPTIONAL, "client", None),
        (ussl.CERT_OPTIONAL, "client-untrusted", 1042),
        (ussl.CERT_OPTIONAL, "client-expired", 1043),
        (ussl.CERT_REQUIRED, None, 1040),
        (ussl.CERT_REQUIRED, "client", None),
        (ussl.CERT_REQUIRED, "client-rsa", None),
        (ussl.CERT_REQUIRED, "client-untrusted", 1042),
        (ussl.CERT_REQUIRED, "client-expired", 1043),
        (ussl.CERT_REQUIRED, "p256", 1046)):  # for servers only
    if name is None or ussl.HAS_RSA or "rsa" not in name:
        got = outcome(mode, name)
        assert got == code, (mode, name, got)

# A client never has to have a name.
e = raises(ValueError, server(ussl.CERT_REQUIRED).wrap_socket, Pipe(bytearray(), bytearray()), server_side=True,
           server_hostname="localhost")
