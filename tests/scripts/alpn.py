# ALPN (RFC 7301).
from support import *

context = ussl.SSLContext()
if not ussl.HAS_ALPN:
    raises_code(UNSUPPORTED, context.set_alpn_protocols, ["h2"])
    sys.exit(0)


def agree(of_client, of_server):
    cc, sc = client_context(), server_context()
    if of_client is not None:
        cc.set_alpn_protocols(of_client)
    if of_server is not None:
        sc.set_alpn_protocols(of_server)
    c, s, a, b = wrap_both(cc, sc)
    assert c.selected_alpn_protocol() is None
    errors = handshake_errors(c, s)
    if errors == [None, None]:
        assert c.selected_alpn_protocol() == s.selected_alpn_protocol()
        return c.selected_alpn_protocol()
    assert errors[0] is None or errors[0][0] == 1068
    return errors[1][0]


assert agree(["h2", "http/1.1"], ["h2", "http/1.1"]) == "h2"
assert agree(["h2", "http/1.1"], ["http/1.1"]) == "http/1.1"
assert agree(("http/1.1", "h2"), ("h2", "http/1.1")) == "h2"  # the server's preference
assert agree([b"mqtt"], ["mqtt"]) == "mqtt"
assert agree([b"\xfa\xfa", "h2"], ["none", b"\xfa\xfa"]) == b"\xfa\xfa"  # not valid as a str
assert agree(["\xe9"], ["\xe9"]) == "\xe9"
assert agree(["x" * 255], ["x" * 255]) == "x" * 255
assert agree(None, ["h2"]) is None
assert agree(["h2"], None) is None
assert agree([], ["h2"]) is None
assert agree(["spdy"], ["h2"]) == 1062

for bad in ([""], ["x" * 256], ["h2", ""]):
    raises(ValueError, context.set_alpn_protocols, bad)
for bad in (None, 1, [1], [bytearray(b"h2")]):
    raises(TypeError, context.set_alpn_protocols, bad)

# Later changes of the script's list have no effect.
names = ["one", "two"]
cc, sc = client_context(), server_context()
cc.set_alpn_protocols(names)
sc.set_alpn_protocols(["two"])
names[1] = "three"
c, s, a, b = connect(cc, sc)
assert c.selected_alpn_protocol() == "two"
