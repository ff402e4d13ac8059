# get_ciphers() and set_ciphers(), with IANA's names and with those that MicroPython's own module has.
from support import *

client, server = client_context(), server_context()
all_names = client.get_ciphers()
assert isinstance(all_names, list) and len(all_names) >= 4
assert all(name.startswith("TLS_") and "-" not in name for name in all_names), all_names
assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in all_names
assert ("TLS_AES_128_GCM_SHA256" in all_names) == ussl.HAS_TLS1_3
assert any("CHACHA20" in name for name in all_names) == ussl.HAS_CHACHA20_POLY1305
assert any("CCM" in name for name in all_names) == ussl.HAS_AES_CCM
assert any("PSK" in name for name in all_names) == ussl.HAS_PSK
assert ussl.SSLContext().get_ciphers() == all_names == server.get_ciphers()


def version_of(name):
    return "TLSv1.2" if "_WITH_" in name else "TLSv1.3"


def with_dashes(name):
    """In the form of MicroPython's own module."""
    name = name.replace("_", "-")
    return name if "-WITH-" in name else "TLS1-3-" + name[4:]


certificates = ["p256"] + (["rsa"] if ussl.HAS_RSA else [])
for certificate in certificates:
    for name in all_names:
        if "PSK" in name or ("_RSA_" if certificate == "p256" else "_ECDSA_") in name:
            continue
        # Set on only one side, the list decides; in every form of names and lists.
        for given in ([name], (name,), name, [with_dashes(name)], with_dashes(name), [name, name]):
            for side in (0, 1):
                contexts = [client_context(), server_context(certificate)]
                contexts[side].set_ciphers(given)
                assert contexts[side].get_ciphers()[0] == name
                c, s, a, b = connect(*contexts)
                assert c.cipher() == s.cipher() == (name, version_of(name)), (c.cipher(), given)
                if given != [name]:
                    break  # one side is enough

# A str with colons is a list; the order is kept.
two = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"
client.set_ciphers(two)
assert client.get_ciphers() == ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
client.set_ciphers(all_names)
assert client.get_ciphers() == all_names
connect(client, server)

# Nothing in common is an error on both sides.
client, server = client_context(), server_context()
client.set_ciphers("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
server.set_ciphers("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
c, s, a, b = wrap_both(client, server)
errors = handshake_errors(c, s)
assert errors[0][0] in (1068, 1061) and errors[1][0] == 1061, errors

# A wrong suite is an error at once, with the name, and changes nothing.
for wrong in (["BAR"], "BAR", "", [""], ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "x"], two + ":", ":" + two,
              two.replace(":", ";"), "TLS_RSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-GCM-SHA256", [], ()):
    e = raises(ValueError, client.set_ciphers, wrong)
assert raises(ValueError, client.set_ciphers, ["BAR"]).args[0] == "unknown cipher suite: BAR"
for wrong in (None, 5, [5], [None], [two.split(":")]):
    raises(TypeError, client.set_ciphers, wrong)
for name, has in (("TLS_AES_128_GCM_SHA256", ussl.HAS_TLS1_3), ("TLS_PSK_WITH_AES_128_GCM_SHA256", ussl.HAS_PSK)):
    if not has:
        e = raises_code(UNSUPPORTED, client.set_ciphers, [name])
        assert e.args[1].endswith(": " + name), e.args
assert client.get_ciphers() == ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]

# Versions without a suite are not offered; a list that leaves no version is an error before a byte is sent.
if ussl.HAS_TLS1_3:
    client = client_context()
    client.set_ciphers("TLS_AES_128_GCM_SHA256")
    client.maximum_version = ussl.TLSv1_2
    a, b = pipes()
    e = raises(ValueError, client.wrap_socket, a, server_hostname="localhost")
    assert "set_ciphers" in e.args[0] and not a.sent, e.args
    client.maximum_version = ussl.TLSv1_3
    assert connect(client)[0].version() == "TLSv1.3"
    server = server_context()
    server.maximum_version = ussl.TLSv1_2
    c, s, a, b = wrap_both(client, server)
    assert handshake_errors(c, s)[1][0] == (1061 if differs("suite-before-version") else 1060)
