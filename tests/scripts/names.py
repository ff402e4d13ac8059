# The names of CPython's ssl and MicroPython's tls and ssl, as in docs/coming-from.md: those with "yes" exist and work, those with
# "no" do not exist. Uses that the page calls refused are refused in that way. tests/tools/test_coming_from.py checks that the page
# has all names.
from support import *

lib = [path for path in sys.path if path.endswith("scripts/lib")][0]


def rows():
    """(section, names, what stands under "here") of each row of "Every name"."""
    section = None
    with open(lib + "/../../../docs/coming-from.md") as page:
        for line in page:
            if line.startswith("## "):
                begun = line == "## Every name\n"
                section = None
            elif line.startswith("### ") and begun:
                section = line[4:].strip()
            elif section and line.startswith("| `"):
                names, _, here = [cell.strip() for cell in line.split("|")[1:4]]
                yield section, [name.strip("` ") for name in names.split(",")], here


def modes():
    for mode in (ussl.CERT_NONE, ussl.CERT_OPTIONAL, ussl.CERT_REQUIRED):
        context = ussl.SSLContext()
        context.verify_mode = mode
        assert context.verify_mode == mode
    return True


def by_psk():
    key = b"k" * 16
    client, server = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT), ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    client.psk_identity, client.psk_key, server.server_psk_keys = b"me", key, {b"me": key}
    return connect(client, server)


def calls_back():
    depths, client = [], client_context()
    client.verify_callback = lambda certificate, depth: depths.append(depth)
    raises(TypeError, connect, client)  # None is not a verdict
    return depths


def limited(name, version):
    client = client_context()
    setattr(client, name, version)
    return getattr(client, name) == version and connect(client)[0].version()


def unchecked():
    client = client_context()
    client.check_hostname = False
    return connect(client, server_context("other-p256"))


def with_suite():
    client = client_context()
    suite = [name for name in client.get_ciphers() if "ECDSA" in name and "AES_128_GCM" in name][0]
    client.maximum_version = ussl.TLSv1_2
    client.set_ciphers([suite])
    return connect(client)[0].cipher() == (suite, "TLSv1.2")


def chain():
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certs + "p256.crt.pem", certs + "p256.key.pem")
    return connect(None, context)


def anchors():
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certs + "ca.pem")
    return connect(context)


def roots_of_host(name):
    context = ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
    getattr(context, name)()  # run.py has set some in the environment
    return True


def with_protocol():
    client, server = client_context(), server_context()
    client.set_alpn_protocols(["http/1.1"])
    server.set_alpn_protocols(["http/1.1"])
    return connect(client, server)[0].selected_alpn_protocol() == "http/1.1"


def talk(receive):
    c, s, a, b = connect()
    assert s.write(b"line\n") == 5
    return receive(c)


def into(c):
    buffer = bytearray(5)
    return c.readinto(buffer) == 5 and buffer == b"line\n"


def number():
    sock = socket.socket()
    try:
        client = client_context()
        return client.wrap_socket(sock, server_hostname="localhost", do_handshake=False).fileno() == sock.fileno()
    finally:
        sock.close()


def resumed():
    if not ussl.HAS_RESUMPTION:
        return True
    client, server = client_context(), server_context()
    c, s, a, b = connect(client, server)
    assert s.write(b"x") == 1 and c.read(1) == b"x"  # tickets come with the first data
    a, b = pipes()
    d = client.wrap_socket(a, server_hostname="localhost", do_handshake=False, session=c.session)
    t = server.wrap_socket(b, server_side=True, do_handshake=False)
    handshake(d, t)
    return not c.session_reused and d.session_reused


def closed():
    c, s, a, b = connect()
    c.close()
    return s.read(1) == b"" and a.closed == 1


WORKS = {
    "The module": {
        "SSLContext": ussl.SSLContext, "wrap_socket": lambda: ussl.wrap_socket(pipes()[0], do_handshake=False),
        "PROTOCOL_TLS_CLIENT": lambda: connect(client_context()), "PROTOCOL_TLS_SERVER": chain,
        "CERT_NONE": modes, "CERT_OPTIONAL": modes, "CERT_REQUIRED": modes,
        "create_default_context": lambda: connect(ussl.create_default_context(certs + "ca.pem")),
        "HAS_ALPN": lambda: ussl.HAS_ALPN in (True, False),
        "PROTOCOL_DTLS_CLIENT": lambda: ussl.SSLContext(ussl.PROTOCOL_DTLS_CLIENT),
        "PROTOCOL_DTLS_SERVER": lambda: ussl.SSLContext(ussl.PROTOCOL_DTLS_SERVER)},
    "SSLContext": {
        "verify_mode": modes, "load_cert_chain": chain, "load_verify_locations": anchors, "get_ciphers": with_suite,
        "set_ciphers": with_suite, "wrap_socket": connect, "check_hostname": unchecked,
        "minimum_version": lambda: limited("minimum_version", ussl.TLSv1_2),
        "maximum_version": lambda: limited("maximum_version", ussl.TLSv1_2) == "TLSv1.2",
        "load_default_certs": lambda: roots_of_host("load_default_certs"),
        "set_default_verify_paths": lambda: roots_of_host("set_default_verify_paths"),
        "set_alpn_protocols": lambda: not ussl.HAS_ALPN or with_protocol(),
        "verify_callback": calls_back, "psk_identity": by_psk, "psk_key": by_psk, "server_psk_keys": by_psk},
    "SSLSocket": {
        "read": lambda: talk(lambda c: c.read(5) == b"line\n"), "write": lambda: talk(lambda c: True), "close": closed,
        "setblocking": lambda: talk(lambda c: c.setblocking(False) is None), "cipher": lambda: len(connect()[0].cipher()) == 2,
        "getpeercert": lambda: connect()[0].getpeercert()["subjectAltName"], "fileno": number,
        "version": lambda: connect()[0].version().startswith("TLSv1."), "session": resumed, "session_reused": resumed,
        "selected_alpn_protocol": lambda: connect()[0].selected_alpn_protocol() is None, "readinto": lambda: talk(into),
        "readline": lambda: talk(lambda c: c.readline() == b"line\n"), "ioctl": lambda: talk(lambda c: c.ioctl(3, 1) == 1)},
}
objects = {"The module": ussl, "SSLContext": ussl.SSLContext(), "SSLSocket": connect()[0]}
seen = {section: set() for section in WORKS}
for section, names, here in rows():
    there = objects[section]
    word = here.replace(":", " ").replace(",", " ").split()[0]
    assert word in ("yes", "no", "with"), here
    expected = word == "yes" or (word == "with" and getattr(ussl, here.split("`")[1]))
    for name in names:
        if name.endswith("*"):
            assert word == "no" and not [n for n in dir(there) if n.startswith(name[:-1])], name
            continue
        assert hasattr(there, name) == expected, (section, name, here)
        if word == "no":
            raises(AttributeError, getattr, there, name)
            raises(AttributeError, setattr, there, name, 1)
        else:
            seen[section].add(name)
            if expected:
                assert WORKS[section][name](), (section, name)
for section in WORKS:
    assert seen[section] == set(WORKS[section]), (section, seen[section])


# "What is refused": the first column is code, the last the exception.
def refusals():
    with open(lib + "/../../../docs/coming-from.md") as page:
        begun = False
        for line in page:
            if line.startswith("#"):
                begun = line == "### What is refused\n"
            elif begun and line.startswith("| `"):
                code, _, here = [cell.strip() for cell in line.split("|")[1:4]]
                yield code.strip("`"), here


count = 0
for code, here in refusals():
    names = {"context": ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT), "SSLContext": ussl.SSLContext, "stream": pipes()[0],
             "cert": contents("p256.crt.pem"), "key": contents("p256.key.pem")}
    lacks = ("psk" in code and not ussl.HAS_PSK) or ("verify_callback" in code and not ussl.HAS_VERIFY_CALLBACK)
    kind, _, number = ("`OSError` 1002" if lacks else here).partition(" ")
    try:
        exec(code, names)
        raised = None
    except Exception as error:
        raised = error
    assert type(raised).__name__ == kind.strip("`") and (not number or raised.args[0] == int(number)), (code, here, raised)
    count += 1
assert count > 20
