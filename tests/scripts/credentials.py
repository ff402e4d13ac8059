# Certificates and keys in every form.
from support import *

try:
    from binascii import b2a_base64 as b64
except ImportError:
    from ubinascii import b2a_base64 as b64

BAD_CERTIFICATE, BAD_KEY, MISMATCH, BAD_PEM, ENCRYPTED, BAD_ANCHOR, WEAK = 1010, 1011, 1012, 1015, 1018, 1032, 1047
PEM = b"-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n"


def works(context, anchor=None):
    c, s, a, b = connect(anchor or client_context(), context)
    transfer(c, s, b"works")


names = ["p256"] + (["p384"] if ussl.HAS_ECDSA_P384 else []) + (["rsa"] if ussl.HAS_RSA else [])
for name in names:
    pem, der = contents(name + ".crt.pem"), contents(name + ".crt.der")
    chain = der + contents("inter.der")
    for key in (".key.pem", ".key.der", ".key.trad.pem", ".key.trad.der"):
        for kind in (bytes, bytearray, memoryview):
            for certificate in (pem, chain):
                context = ussl.SSLContext()
                context.set_cert_key(kind(certificate), kind(contents(name + key)))
                if kind is bytes or name == "p256":
                    works(context)

# A buffer that changes afterwards does not matter.
pem, der = bytearray(contents("p256.crt.der") + contents("inter.der")), bytearray(contents("p256.key.der"))
anchor = bytearray(contents("ca.der"))
context, client = ussl.SSLContext(), ussl.SSLContext(ussl.PROTOCOL_TLS_CLIENT)
context.set_cert_key(pem, der)
client.load_verify_locations(cadata=anchor)
for buffer in (pem, der, anchor):
    for i in range(len(buffer)):
        buffer[i] = 0
gc.collect()
works(context, client)

# Files by path, contents as bytes; the certificate and its key may share a text.
context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certs + "p256.crt.pem", certs + "p256.key.pem")
works(context)
context.load_cert_chain(contents("p256.crt.pem"), contents("p256.key.der"))
works(context)
both = contents("p256.key.pem") + b"text between\n" + contents("p256.crt.pem")
context.set_cert_key(both, both)
works(context)
context.set_cert_key(contents("p256.crt.pem") + b"\0", contents("p256.key.pem") + b"\0")
works(context)
context.set_cert_key(contents("p256.crt.pem").replace(b"\n", b"\r\n"), contents("p256.key.pem"))
works(context)

# In one text, in either order, given once; also in a file.
key = contents("p256.key.pem")
for both in (contents("p256.crt.pem") + key, key + contents("p256.crt.pem")):
    for given in (both, str(both, "ascii"), "both.pem"):
        if given == "both.pem":
            with open(given, "wb") as f:
                f.write(both)
        context = ussl.SSLContext(ussl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(given)
        works(context)
        context.load_cert_chain(certfile=given, keyfile=given)
        works(context)
context.load_cert_chain(certs + "p256.crt.pem", keyfile=certs + "p256.key.pem")
works(context)


def labelled(pem, label):
    return pem.replace(b"CERTIFICATE", label)


# Files with certificates may contain other things: boundaries are whole lines, and other blocks are skipped.
pem = contents("p256.crt.pem")
encrypted = (b"-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
             b"-----END EC PRIVATE KEY-----\n")
signature = b"-----BEGIN PGP SIGNATURE-----\n\nAAAA\n=abcd\n-----END PGP SIGNATURE-----\n"
for text in (labelled(pem, b"X509 CERTIFICATE"), labelled(pem, b"TRUSTED CERTIFICATE"), encrypted + pem, signature + pem,
             b"#" + pem.replace(b"\n", b"\n#") + b"\n" + pem, b"Between -----BEGIN CERTIFICATE----- and its end:\n" + pem,
             b"\xef\xbb\xbf" + pem, pem[:-1] + pem):
    context = ussl.SSLContext()
    context.set_cert_key(text, key)
    works(context)

# Trust anchors: one or many, PEM or DER, at once or one after the other.
for given in (dict(cadata=contents("ca.pem")), dict(cadata=contents("ca.der")), dict(cafile=certs + "ca.pem"),
              dict(cafile=certs + "ca.der"), dict(cadata=str(contents("ca.pem"), "ascii")),
              dict(cadata=contents("bundle.pem") + contents("ca.pem")),
              dict(cafile=certs + "other-ca.pem", cadata=contents("ca.pem"))):
    client = ussl.create_default_context()
    client.load_verify_locations(**given)
    works(server_context(), client)
client = ussl.create_default_context(contents("other-ca.pem"))
client.load_verify_locations(contents("ca.der"))
client.load_verify_locations(contents("other-ca.der"))
works(server_context(), client)

# An invalid one is an error when it is loaded, as far as that shows, and changes nothing.
context = server_context()
pem, key = contents("p256.crt.pem"), contents("p256.key.pem")
cut = pem[:len(pem) // 3]
raises_code(BAD_PEM, context.set_cert_key, cut, key)
raises_code(BAD_PEM, context.set_cert_key, key, key)  # PEM without a certificate
raises_code(BAD_PEM, context.set_cert_key, pem.replace(b"M", b"*"), key)
raises_code(BAD_KEY, context.set_cert_key, pem, pem)
raises_code(BAD_PEM, context.set_cert_key, pem, key[:60])
raises_code(BAD_CERTIFICATE, context.set_cert_key, b"", key)
raises_code(BAD_CERTIFICATE, context.set_cert_key, b"rubbish", key)
raises_code(BAD_CERTIFICATE, context.set_cert_key, contents("p256.crt.der")[:-1], key)
raises_code(BAD_KEY, context.set_cert_key, pem, b"")
raises_code(BAD_KEY, context.set_cert_key, pem, b"rubbish")
raises_code(BAD_ANCHOR, context.load_verify_locations, cadata=b"")
raises_code(BAD_ANCHOR, context.load_verify_locations, cadata=b"\x30\x03\x02\x01\x00")
raises_code(UNSUPPORTED, context.load_verify_locations, cadata=contents("p521.crt.der"))
raises_code(BAD_PEM, context.load_verify_locations, cadata=cut)
raises_code(BAD_KEY, context.load_cert_chain, pem)  # and without a key
raises_code(BAD_KEY, context.load_cert_chain, contents("p256.crt.der"))
raises_code(BAD_PEM, context.load_cert_chain, key)
raises_code(BAD_CERTIFICATE, context.set_cert_key, PEM % b64(contents("p256.crt.der") + b"\x30\0"), key)
# OpenSSL's settings after a certificate may forbid its use here.
e = raises_code(UNSUPPORTED, context.set_cert_key,
                labelled(PEM % b64(contents("p256.crt.der") + b"\x30\0"), b"TRUSTED CERTIFICATE"), key)
assert "TRUSTED CERTIFICATE" in e.args[1], e.args
for locked in (encrypted, key.replace(b"PRIVATE", b"ENCRYPTED PRIVATE")):
    for load in (lambda: context.set_cert_key(pem, locked), lambda: context.load_cert_chain(pem + locked),
                 lambda: context.load_cert_chain(locked + pem)):
        raises_code(ENCRYPTED, load)
assert context.verify_mode == ussl.CERT_NONE
works(context)

# So are pairs that do not belong together, or cannot be used: not with the first connection.
for bad_key, code in (("other-p256.key.pem", MISMATCH), ("rsa.key.pem", MISMATCH)):
    if "rsa" in bad_key and not ussl.HAS_RSA:
        continue
    raises_code(code, context.set_cert_key, pem, contents(bad_key))
    raises_code(code, context.load_cert_chain, pem, contents(bad_key))
raises_code(BAD_KEY, context.set_cert_key, pem, b"\x30\x03\x02\x01\x00")
raises_code(BAD_CERTIFICATE, context.set_cert_key, b"\x30\x03\x02\x01\x00", key)
e = raises_code(UNSUPPORTED, context.set_cert_key, contents("p521.crt.pem"), contents("p521.key.pem"))
assert "kind or size of key" in e.args[1], e.args
for certificate, own_key, code in (("p256", "p256-encrypted", ENCRYPTED), ("rsa", "rsa-dp-second-bit", BAD_KEY),
                                   ("own/rsa8192", "rsa-8192-bits", UNSUPPORTED), ("own/rsa512", "rsa-512-bits", WEAK)):
    raises_code(code, context.set_cert_key, contents(certificate + ".crt.der"), contents("own/" + own_key + ".key.der"))
works(context)

# The text says what was given instead of what, and which of several it was.
leaf, leaf_key, request = contents("p256.crt.der"), contents("p256.key.der"), contents("request.der")
inter = contents("inter.der")
for code, expected, load in (
        (BAD_CERTIFICATE, "it is a private key", lambda: context.set_cert_key(leaf_key, leaf)),
        (BAD_CERTIFICATE, "it is a certificate signing request", lambda: context.set_cert_key(request, leaf_key)),
        (BAD_CERTIFICATE, "it is a public key", lambda: context.set_cert_key(contents("public.der"), leaf_key)),
        (BAD_CERTIFICATE, "it is PKCS#12", lambda: context.set_cert_key(contents("pkcs12.der"), leaf_key)),
        (BAD_CERTIFICATE, "number 3 of 3: it is a private key",
         lambda: context.set_cert_key(leaf + inter + leaf_key, leaf_key)),
        (BAD_KEY, "it is a certificate", lambda: context.set_cert_key(leaf, leaf)),
        (BAD_KEY, "it is a public key", lambda: context.set_cert_key(leaf, contents("public.der"))),
        (BAD_PEM, "it holds PRIVATE KEY", lambda: context.set_cert_key(key, pem)),
        (BAD_PEM, "it holds CERTIFICATE REQUEST", lambda: context.set_cert_key(contents("request.pem"), key)),
        (BAD_KEY, "it holds CERTIFICATE", lambda: context.set_cert_key(pem, pem)),
        (BAD_ANCHOR, "trust anchor cannot be read: it is a certificate signing request",
         lambda: context.load_verify_locations(cadata=request)),
        (BAD_PEM, "it holds CERTIFICATE REQUEST", lambda: context.load_verify_locations(cadata=contents("request.pem"))),
        (BAD_ANCHOR, "it is a private key", lambda: context.load_verify_locations(cadata=leaf_key)),
        # An invalid one among good ones is not skipped silently.
        (BAD_ANCHOR, "number 2 of 3: it is a certificate signing request",
         lambda: context.load_verify_locations(cadata=leaf + request + leaf)),
        (BAD_ANCHOR, "number 1 of 2", lambda: context.load_verify_locations(cadata=b"\x30\0" + leaf)),
        (BAD_ANCHOR, "number 2 of 2", lambda: context.load_verify_locations(
            cadata=contents("ca.pem") + PEM % b64(b"\x30\0"))),
        # Nor one that ends too early, or whose text is damaged.
        (BAD_ANCHOR, "cannot be read: number 2", lambda: context.load_verify_locations(cadata=leaf + inter[:-1])),
        (BAD_CERTIFICATE, "cannot be read: number 3", lambda: context.set_cert_key(leaf + inter + inter[:-1], leaf_key)),
        (BAD_CERTIFICATE, "cannot be read: number 3", lambda: context.set_cert_key(leaf + inter + b"\0", leaf_key)),
        (BAD_CERTIFICATE, "cannot be read: number 2",
         lambda: context.set_cert_key(PEM % b64(leaf) + PEM % b64(inter[:-1]), leaf_key)),
        (BAD_CERTIFICATE, "cannot be read: number 2",
         lambda: context.set_cert_key(PEM % b64(leaf) + PEM % b64(inter + b"\0"), leaf_key)),
        (BAD_PEM, ": number 2", lambda: context.set_cert_key(PEM % b64(leaf) + PEM % b"AAAA*AAA\n", leaf_key)),
        (BAD_PEM, ": number 2", lambda: context.set_cert_key(PEM % b64(leaf) + PEM[:40], leaf_key)),
        (BAD_CERTIFICATE, "certificate cannot be read", lambda: context.set_cert_key(leaf[:-1], leaf_key))):
    e = raises_code(code, load)
    assert e.args[1].endswith(expected), (e.args, expected)
works(context)
