# Each attribute and each argument with each odd value: the result is the same on every backend. The table below has a line for
# each; an attribute or argument without a line fails.
from support import *

if pycopy:
    skip("Pycopy converts arguments by rules of its own")

pem, key = contents("p256.crt.pem"), contents("p256.key.pem")
anchor = contents("ca.pem")

odd = (None, -1, 5, 1 << 70, 0.5, float("nan"), "", "x", "x\0y", b"", b"x", bytearray(3), [], [1], [""], (), {}, object,
       lambda *a: 0, b"\0" * 200000, True)
names = "None -1 5 2**70 0.5 nan '' 'x' NUL b'' b'x' array [] [1] [''] () {} object lambda 200KB True"

# The name, the roles, the feature that it needs, and the results of the values of `odd`, in their order:
#   ok         the handshake works
#   T V O A    TypeError, ValueError, OverflowError, AttributeError
#   1002       OSError with this number
#   wV w1002   the same from wrap_socket() instead of the setter; h: from the handshake
#   1068/1049  the errors of the handshake, on the client and on the server
# xN: N times.
table = """
check_hostname both: okx21
verify_time both: okx21
check_purpose both: okx21
check_key_strength both: okx21
check_signature_strength both HAS_SHA1_SIGNATURES: okx21
check_constraints both HAS_LENIENT_PATHS: okx21
check_critical_extensions both HAS_LENIENT_PATHS: okx21
verify_callback_may_accept both: okx21
verify_callback client HAS_VERIFY_CALLBACK: ok Tx16 hT ok Tx2
verify_callback server HAS_VERIFY_CALLBACK: ok Tx16 okx2 Tx2
server_name_callback both HAS_SERVER_NAMES: ok Tx16 okx2 Tx2
sign_callback both HAS_SIGN_CALLBACK: ok Tx16 okx2 Tx2
keylog_callback both HAS_KEY_LOG: ok Tx16 hT ok Tx2
server_psk_keys both HAS_PSK: ok Tx15 ok Tx4
verify_mode client: T Vx2 O Tx16 ok
verify_mode server: T Vx2 O Tx16 w1030
minimum_version both: T Vx2 O Tx16 V
maximum_version both: T Vx2 O Tx16 V
handshake_timeout both HAS_HANDSHAKE_TIMEOUT: ok V ok O ok V Tx14 ok
resumption both HAS_RESUMPTION: okx21
suppress_ragged_eofs both: okx21
session_cache_size both: T V ok O Tx16 ok
session_lifetime both HAS_RESUMPTION: ok V ok O Tx16 ok
ticket_keys both HAS_TICKET_KEYS: ok Tx11 ok T V ok Tx5
verify_callback_version both HAS_VERIFY_CALLBACK: ok Tx8 okx2 Tx8 ok T
max_fragment_length both HAS_MAX_FRAGMENT_LENGTH: ok Vx2 O Tx16 V
record_size_limit both HAS_RECORD_SIZE_LIMIT: ok Vx2 O Tx16 V
datagram_size both HAS_DTLS: ok Vx2 O Tx16 V
connection_id_size both HAS_CONNECTION_ID: ok Vx2 O Tx16 V
psk_identity client HAS_PSK: ok Tx5 V wVx2 V wVx2 Tx7 V T
psk_identity server HAS_PSK: ok Tx5 V okx2 V okx2 Tx7 V T
psk_key client HAS_PSK: ok Tx5 V wVx2 V wVx2 Tx7 V T
psk_key server HAS_PSK: ok Tx5 V okx2 V okx2 Tx7 V T
set_cert_key(cert) both: V Tx5 1010x6 Tx7 1010 T
set_cert_key(key) both: V Tx5 1011x6 Tx7 1011 T
add_cert_key(cert) client HAS_SERVER_NAMES: Vx21
add_cert_key(cert) server HAS_SERVER_NAMES: V Tx5 1010x6 Tx7 1010 T
add_cert_key(key) client HAS_SERVER_NAMES: Vx21
add_cert_key(key) server HAS_SERVER_NAMES: V Tx5 1011x6 Tx7 1011 T
load_cert_chain(certfile) both: V Tx5 2x3 1010x3 Tx7 1010 T
load_cert_chain(keyfile) both: 1011 Tx5 2x3 1011x3 Tx7 1011 T
load_verify_locations(cafile) both: Tx6 2x3 1032x3 Tx7 1032 T
load_verify_locations(cadata) both: Tx6 1032x6 Tx7 1032 T
load_default_certs(purpose) client: okx21
set_default_verify_paths(purpose) client: okx21
roots both: Ax21
set_alpn_protocols(names) both HAS_ALPN: Tx12 ok T V ok Tx5
set_pins(digests) both HAS_PINS: ok Tx11 ok T V ok Tx5
set_ciphers(list) both: Tx6 Vx3 Tx3 V T Vx2 Tx5
wrap_socket(server_side) client: ok wVx5 ok wVx2 ok wVx2 ok wVx2 okx2 wVx4
wrap_socket(server_side) server: okx21
wrap_socket(server_hostname) client: w1031 wTx5 wV 1045/1068 wVx2 1045/1068 wTx8 wV wT
wrap_socket(server_hostname) server: ok wTx5 wVx5 wTx8 wV wT
wrap_socket(do_handshake) both: ok w1080x5 ok w1080x2 ok w1080x2 ok w1080x2 okx2 w1080x4
wrap_socket(do_handshake_on_connect) client: ok 1080/Nonex5 ok 1080/Nonex2 ok 1080/Nonex2 ok 1080/Nonex2 okx2 1080/Nonex4
wrap_socket(do_handshake_on_connect) server: ok None/1080x5 ok None/1080x2 ok None/1080x2 ok None/1080x2 okx2 None/1080x4
wrap_socket(session) client HAS_RESUMPTION: ok wTx5 okx6 wTx7 ok wT
wrap_socket(session) server HAS_RESUMPTION: ok wVx20
wrap_socket(client_id) both: ok wVx20
wrap_socket(connection_id) both HAS_CONNECTION_ID: ok wTx5 ok wVx2 ok wVx2 wTx7 wV wT
wrap_socket(suppress_ragged_eofs) both: okx21
ussl.SSLContext(protocol) client: T Vx2 O Tx16 wV
ussl.create_default_context(cafile) client: ok Tx5 2x3 1032x3 Tx7 1032 T
ussl.create_default_context(cadata) client: ok Tx5 1032x6 Tx7 1032 T
ussl.wrap_socket(server_side) client: ok wVx5 ok wVx2 ok wVx2 ok wVx2 okx2 wVx4
ussl.wrap_socket(server_side) server: 1063/1063 okx5 1063/1063 okx2 1063/1063 okx2 1063/1063 okx2 1063/1063x2 okx4
ussl.wrap_socket(key) client: ok wTx5 wVx6 wTx7 wV wT
ussl.wrap_socket(key) server: wTx6 wVx6 wTx7 wV wT
ussl.wrap_socket(cert) client: ok wTx20
ussl.wrap_socket(cert) server: wTx6 wVx6 wTx7 wV wT
ussl.wrap_socket(cert_reqs) client: ok wVx2 wO wTx16 ok
ussl.wrap_socket(cert_reqs) server: ok wVx2 wO wTx16 w1030
ussl.wrap_socket(cadata) both: ok wTx5 wVx6 wTx7 wV wT
ussl.wrap_socket(server_hostname) client: ok wTx5 wV ok wVx2 ok wTx8 wV wT
ussl.wrap_socket(server_hostname) server: ok wTx5 wVx5 wTx8 wV wT
ussl.wrap_socket(do_handshake) both: ok w1080x5 ok w1080x2 ok w1080x2 ok w1080x2 okx2 w1080x4
ussl.wrap_socket(suppress_ragged_eofs) both: okx21
ussl.key_pin(certificate) both: Tx6 1010x6 Tx7 1010 T
ussl.make_certificate(key) both HAS_MAKE_CERTIFICATES: Tx6 1011x6 Tx7 1011 T
ussl.make_certificate(names) both HAS_MAKE_CERTIFICATES: Tx12 V T Vx2 Tx5
ussl.make_certificate(days) both HAS_MAKE_CERTIFICATES: T V ok O Tx16 ok
ussl.make_certificate(not_before) both HAS_MAKE_CERTIFICATES: ok V ok V Tx17
ussl.make_certificate_request(key) both HAS_MAKE_CERTIFICATES: Tx6 1011x6 Tx7 1011 T
ussl.make_certificate_request(names) both HAS_MAKE_CERTIFICATES: Tx12 V T Vx2 Tx5
ussl.reserve(n) both: T V ok O Tx16 ok
ussl.reserve(size) both: ok V ok O Tx16 ok
"""

# The largest allowed value of each limit, and one more.
limits = (
    ("set_alpn_protocols(names)", "HAS_ALPN", ["x" * 255], "ok"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["x" * 256], "V"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["a\0b"], "V"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["h2", "\0"], "V"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["x" * 255, "y" * 255], "ok"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["x" * 255, "y" * 254, "z"], "V"),
    ("set_alpn_protocols(names)", "HAS_ALPN", ["h2"] * 300, "V"),
    ("set_pins(digests)", "HAS_PINS", ["0" * 63], "V"),
    ("set_pins(digests)", "HAS_PINS", ["0" * 65], "V"),
    ("set_pins(digests)", "HAS_PINS", [b"0" * 31], "V"),
    ("set_pins(digests)", "HAS_PINS", [b"0" * 33], "V"),
    ("handshake_timeout", "HAS_HANDSHAKE_TIMEOUT", 1000000, "ok"),
    ("handshake_timeout", "HAS_HANDSHAKE_TIMEOUT", 1000001, "V"),
    ("session_cache_size", "HAS_RESUMPTION", 0x1000001, "V"),
    ("session_lifetime", "HAS_RESUMPTION", 604800, "ok"),
    ("session_lifetime", "HAS_RESUMPTION", 604801, "V"),
    ("ticket_keys", "HAS_TICKET_KEYS", [b"k" * 32, "0" * 64], "ok"),
    ("ticket_keys", "HAS_TICKET_KEYS", [b"k" * 31], "V"),
    ("ticket_keys", "HAS_TICKET_KEYS", [b"k" * 32] * 3, "V"),
    ("psk_key", "HAS_PSK", b"k" * 49, "V"),
    ("psk_identity", "HAS_PSK", b"i" * 129, "V"),
    ("set_cert_key(cert)", "HAS_CLIENT_CERTIFICATES", pem + contents("inter.pem") * 10, "ok"),
    ("set_cert_key(cert)", "HAS_CLIENT_CERTIFICATES", pem + contents("inter.pem") * 11, "V"),
    ("set_ciphers(list)", "HAS_TLS1_2", ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] * 300, "ok"),
)

kinds = {TypeError: "T", ValueError: "V", OverflowError: "O", AttributeError: "A"}


def told(e):
    assert e.args and e.args[0] not in ("", None), e
    assert type(e) is not OSError or (e.args[0] != 1099 and (e.args[0] < 1000 or e.args[1])), e
    return kinds.get(type(e)) or str(e.args[0])


def outcome(what, role, value):
    """A result in the table's words."""
    own, peer = (client_context, server_context)[role == "server"](), (server_context, client_context)[role == "server"]()
    name, argument = (what[:-1] if what[-1] == ")" else what + "(").split("(")
    a, b = pipes()
    wrap = {"server_side": True} if role == "server" else {"server_hostname": "localhost"}
    wrap["do_handshake"] = False
    module = name[:5] == "ussl."
    a.at_end = argument[:12] == "do_handshake" and bool(value)  # otherwise it would wait
    try:
        if module and name != "ussl.wrap_socket":
            made = getattr(ussl, name[5:])
            if name == "ussl.make_certificate":
                result = made(**dict({"key": key, "names": ["localhost"], "days": 1}, **{argument: value}))
            elif name == "ussl.make_certificate_request":
                result = made(*((value, ["localhost"]) if argument == "key" else (key, value)))
            elif name == "ussl.reserve":
                made(*((value,) if argument == "n" else (1, value)))
                result = made(0)
            else:
                result = made(value) if name != "ussl.create_default_context" else made(**{argument: value})
            if not isinstance(result, ussl.SSLContext):
                return "ok"
            own = result
        elif name == "wrap_socket" or module:
            wrap[argument] = value
            if module and role == "server":
                wrap.update({key_: wrap.get(key_, good) for key_, good in (("cert", pem), ("key", key))})
        elif not argument:
            setattr(own, name, value)
        elif name in ("set_cert_key", "add_cert_key"):
            getattr(own, name)(*((value, key) if argument == "cert" else (pem, value)))
        elif name == "load_cert_chain":
            own.load_cert_chain(value, key) if argument == "certfile" else own.load_cert_chain(pem, value)
        elif name == "load_verify_locations":
            own.load_verify_locations(**{argument: value})
        else:
            getattr(own, name)(value)
    except tuple(kinds) + (OSError,) as e:
        return told(e)
    try:
        o = (ussl if name == "ussl.wrap_socket" else own).wrap_socket(a, **wrap)
    except tuple(kinds) + (OSError,) as e:
        return "w" + told(e)
    p = peer.wrap_socket(b, **({"server_hostname": "localhost"} if role == "server" else {"server_side": True}),
                         do_handshake=False)
    try:
        errors = handshake_errors(*((o, p) if role == "client" else (p, o)))
    except TypeError as e:  # of a callback's
        return "h" + told(e)
    finally:
        a.at_end = False
        o.close()
        p.close()
    return "ok" if errors == [None, None] else "/".join([str(e and e[0]) for e in errors])


def walk():
    """Differences between the results and the table."""
    for line in table.strip().split("\n"):
        row, expected = line.split(":")
        what, role, needs = (row.split() + [""])[:3]
        words = []
        for word in expected.split():
            word = word.split("x")
            words += word[:1] * int((word + ["1"])[1])
        assert len(words) == len(odd), line
        if needs and not getattr(ussl, needs):
            continue  # module.py tests it
        for value, name, word in zip(odd, names.split(), words):
            for side in ("client", "server") if role == "both" else (role,):
                got = outcome(what, side, value)
                if got != word:
                    yield "%s = %s on a %s: %s, not %s" % (what, name, side, got, word)
    for what, needs, value, word in limits:
        for side in ("client", "server"):
            got = outcome(what, side, value) if getattr(ussl, needs) else word
            if got != word:
                yield "%s = %s on a %s: %s, not %s" % (what, repr(value)[:60], side, got, word)


def in_sources():
    """The keyword arguments of the module's functions."""
    lib = [path for path in sys.path if path.endswith("scripts/lib")][0]
    functions = {"create_default_context": "ussl.create_default_context", "wrap_socket": "ussl.wrap_socket",
                 "context_wrap_socket": "wrap_socket", "context_load_cert_chain": "load_cert_chain",
                 "context_load_verify_locations": "load_verify_locations", "make_certificate": "ussl.make_certificate"}
    for source in ("context", "module", "make_certificate"):
        with open(lib + "/../../../bindings/micropython/src/" + source + ".cpp") as f:
            function = None
            for line in f:
                if line[:14] == "mp_obj_t ussl_":
                    function = line[14:].split("(")[0]
                if line.strip()[:9] == "{MP_QSTR_" and "MP_ARG_" in line:
                    yield "%s(%s)" % (functions[function], line.strip()[9:].split(",")[0])


def not_in_table():
    whats = [line.split()[0] for line in table.strip().split("\n")]
    methods = [what.split("(")[0] for what in whats]
    for name in dir(client_context()):
        if name[:2] != "__" and name not in methods and name != "get_ciphers":
            yield "SSLContext." + name
    for name in dir(ussl):  # datagram_server.py tests DatagramServer's
        if name[:2] == "__" or name in ("make_key", "memory") or name[:4] in ("HAS_", "CERT", "PROT", "TLSv", "back", "Data"):
            continue
        if "ussl." + name not in methods:
            yield "ussl." + name
    for argument in in_sources():
        if argument not in whats:
            yield argument


troubles = list(not_in_table()) + list(walk())
for trouble in troubles:
    print(trouble)
assert not troubles
