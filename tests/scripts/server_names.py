# Several certificates of a server, selected by the name that the client requests.
from support import *

if not ussl.HAS_SERVER_NAMES:
    skip("one certificate only")  # module.py shows that more are refused

UNKNOWN_NAME = 1070


def pair(name):
    return contents(name + ".crt.pem"), contents(name + ".key.pem")


server = server_context("p256")  # localhost, test.example
assert server.add_cert_key(*pair("wildcard")) == 1  # *.wild.example
assert server.add_cert_key(*pair("wronghost")) == 2
any_name = client_context()
any_name.check_hostname = False


def shown(hostname, server=server):
    c, s, a, b = connect(any_name, server, hostname)
    return c.getpeercert(True)


p256, wildcard, wronghost = [contents(name + ".crt.der") for name in ("p256", "wildcard", "wronghost")]
for hostname, certificate in (("localhost", p256), ("test.example", p256), ("a.wild.example", wildcard),
                              ("A.Wild.Example", wildcard), ("wild.example", p256), ("b.a.wild.example", p256),
                              ("unknown.example", p256), (None, p256), ("127.0.0.1", p256)):
    assert shown(hostname) == certificate, hostname
# The name is verified against the certificate that is shown.
connect(client_context(), server, "a.wild.example")
c, s, a, b = wrap_both(client_context(), server, "unknown.example")
assert handshake_errors(c, s)[0][0] == 1045

# The handler chooses for names that no certificate is for.
asked = []


def choose(name):
    asked.append(name)
    return answer


server.server_name_callback = choose
for answer, certificate in ((0, p256), (1, wildcard), (2, wronghost)):
    assert shown("unknown.example") == certificate
assert asked and set(asked) == {"unknown.example"}, asked
del asked[:]
answer = 2
assert shown("localhost") == p256 and not asked
assert shown(None) == wronghost and set(asked) == {None}, asked
for answer in (None, -1, 3, 1000):
    c, s, a, b = wrap_both(any_name, server, "unknown.example")
    errors = handshake_errors(c, s)
    assert errors[1] == (UNKNOWN_NAME, "client asked for a server name that is not served here"), errors
    assert errors[0][0] == 1068 and "112" in errors[0][1], errors


# Invalid host names do not reach it: the client is refused, with an OSError, whatever the bytes are.
def sized(data):
    return len(data).to_bytes(2, "big") + data


def hello(extension):
    extensions = b"\0\0" + sized(extension) + b"\0\x0a\0\4\0\2\0\x17" + b"\0\x0d\0\4\0\2\4\3"
    message = b"\3\3" + b"r" * 32 + b"\0" + b"\0\2\xc0\x2b" + b"\1\0" + sized(extensions)
    return b"\x16\3\1" + sized(b"\1\0" + sized(message))


answer = 0
for name in (b"\xff\xfe", b"caf\xc3\xa9", b"a\0b", b"\0", b"x" * 300, b"a b", b"."):
    a, b = pipes()
    b.received.extend(hello(sized(b"\0" + sized(name))))
    del asked[:]
    raises_code(UNKNOWN_NAME, server.wrap_socket, b, server_side=True)
    assert not asked and bytes(a.received[-2:]) == b"\x02\x70", (name, asked)
for extension in (b"", sized(b""), sized(b"\0" + sized(b"")), sized(b"\xff" + sized(b"\xff")),
                  sized(b"\0" + sized(b"x")) + b"\xff"):
    for context in (server, server_context("p256")):
        a, b = pipes()
        b.received.extend(hello(extension))
        raises_code(1064, context.wrap_socket, b, server_side=True)
        assert bytes(a.received[-2:]) == b"\x02\x32", extension


# Its exceptions surface in the server.
class Own(Exception):
    pass


exception = Own()


def fail(name):
    raise exception


server.server_name_callback = fail
c, s, a, b = wrap_both(any_name, server, "unknown.example")
step(c)
surfaces(exception, s)
server.server_name_callback = None
assert shown("unknown.example") == p256

# Bad input changes nothing.
pem, key = pair("p256")
raises(ValueError, server.add_cert_key, pem, None)
raises(ValueError, server.add_cert_key, None, key)
raises(TypeError, server.add_cert_key, pem, 5)
raises(TypeError, server.add_cert_key, pem)
raises_code(1011, server.add_cert_key, pem, b"rubbish")
raises_code(1010, server.add_cert_key, b"rubbish", key)
raises(ValueError, client_context().add_cert_key, pem, key)
assert shown("a.wild.example") == wildcard
a, b = pipes()
raises_code(1012, server_context().add_cert_key, pem, contents("other-p256.key.pem"))
alone = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
alone.add_cert_key(pem, key)
try:
    alone.wrap_socket(a, server_side=True)
    assert False
except (ValueError, OSError):
    pass
assert not a.sent
