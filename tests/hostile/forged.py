"""Signatures, keys, shares and Finished messages that are wrong, out of range or malformed, in both roles: further cases, in the
form of cases.py. A peer's input never leads to Err::internal, whatever a library's arithmetic does with it; and the peer gets the
reason (RFC 8446, 4.4.3 and 6.2)."""

import os

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from cases import (ALL, BAD_MESSAGE, BAD_PEER_CERTIFICATE, BAD_RECORD, BAD_SIGNATURE, BOTH, CLIENT, FAILURE, SERVER, UNTRUSTED,
                   Expect, case, peer_of, whole, with_members)
from der import NULL, elements, integer, oid, seq, tlv
from kit import ANCHORS
from minitls import FINISHED, message

UNSUPPORTED, WEAK_KEY = 1002, 1047
ILLEGAL_PARAMETER, DECODE_ERROR, DECRYPT_ERROR, BAD_CERTIFICATE = 47, 50, 51, 42
HANDSHAKE_FAILURE, UNSUPPORTED_CERTIFICATE, BAD_RECORD_MAC, UNKNOWN_CA = 40, 43, 20, 48

# A server that requires the client's certificate.
ASKS = ("--ca", ANCHORS)


def options(role):
    return ASKS if role == "server" else ()


def told(errors, *alerts):
    """Refused with one of these errors; the peer gets one of these alerts."""
    return Expect(False, errors if isinstance(errors, tuple) else (errors,), alerts=alerts)


# --- Keys and their certificates ---

def info_of(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def rsa_info(modulus, exponent, behind=b""):
    return seq(seq(oid("1.2.840.113549.1.1.1"), NULL), tlv(3, b"\0", seq(integer(modulus), integer(exponent)), behind))


def ec_info(point, curve="1.2.840.10045.3.1.7"):
    return seq(seq(oid("1.2.840.10045.2.1"), oid(curve)), tlv(3, b"\0", point))


def rsa_key(kit):
    return kit.authority.once("RSA", lambda: rsa.generate_private_key(65537, 2048))


def ec_key(kit):
    return kit.authority.once("EC", lambda: ec.generate_private_key(ec.SECP256R1()))


def leaf_of(kit, info):
    return [kit.authority.leaf(info)]


def forging(key_of, forge, info=None, scheme=None, suits=None, chain_of=leaf_of):
    """A peer with a certificate for this key (or for this SubjectPublicKeyInfo), which signs with `scheme`, if given, until a
    signature `suits`; `forge` changes it."""
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock)
            peer.key, peer.scheme = key_of(kit), scheme
            peer.chain = chain_of(kit, info or info_of(peer.key))
            peer.forge = lambda scheme, signature: forge(peer.key, scheme, signature)
            peer.suits = suits or peer.suits
            return whole(peer, role)
        return act
    return make


def for_both_roles(name, versions, expect, make):
    for role in BOTH:
        case(name, (role,), versions, expect, options(role))(make)


def good(key, scheme, signature):
    return scheme, signature


for kind, key_of in (("RSA", rsa_key), ("EC", ec_key)):
    for_both_roles(f"{kind} signature: a good one", ALL, Expect(True, ()), forging(key_of, good))


# --- Signatures ---

def instead(make):
    """Other bytes, with the same scheme."""
    return lambda key, scheme, signature: (scheme, make(key, signature))


def dss(r, s):
    return seq(integer(r), integer(s))


N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # order of secp256r1 (SEC 2, 2.4.2)

for name, signature in {
    "of another message": lambda key, signature: key.sign(b"another", ec.ECDSA(hashes.SHA256())),
    "r and s are 0": lambda key, signature: dss(0, 0),
    "r is 0": lambda key, signature: dss(0, decode_dss_signature(signature)[1]),
    "s is 0": lambda key, signature: dss(decode_dss_signature(signature)[0], 0),
    "r and s are 1": lambda key, signature: dss(1, 1),
    "r is the order": lambda key, signature: dss(N, decode_dss_signature(signature)[1]),
    "s is the order": lambda key, signature: dss(decode_dss_signature(signature)[0], N),
    "r and s are the order": lambda key, signature: dss(N, N),
    "r is more than the order": lambda key, signature: dss(decode_dss_signature(signature)[0] + N, 1),
    "r and s of 256 bits, all set": lambda key, signature: dss(2**256 - 1, 2**256 - 1),
    "r and s of 257 bits": lambda key, signature: dss(2**256, 2**256),
    "r and s of 400 bits": lambda key, signature: dss(2**400 - 3, 2**400 - 5),
    "r and s are negative": lambda key, signature: dss(-1, -2**255),
    "numbers without bytes": lambda key, signature: bytes.fromhex("300402000200"),
    "nothing": lambda key, signature: b"",
    "a byte": lambda key, signature: b"\x30",
    "an empty sequence": lambda key, signature: b"\x30\0",
    "one number": lambda key, signature: seq(integer(5)),
    "three numbers": lambda key, signature: seq(integer(5), integer(6), integer(7)),
    "no sequence": lambda key, signature: b"\x04" + signature[1:],
    "no numbers": lambda key, signature: seq(NULL, NULL),
    "bytes behind it": lambda key, signature: signature + b"\0\0",
    "cut by a byte": lambda key, signature: signature[:-1],
    "a length that overruns": lambda key, signature: b"\x30\x7f" + signature[2:],
    "a length of four bytes": lambda key, signature: b"\x30\x84\xff\xff\xff\xff" + signature[2:],
    "zeros": lambda key, signature: bytes(72),
    "random bytes": lambda key, signature: os.urandom(71),
    "of 256 bytes, like RSA's": lambda key, signature: os.urandom(256),
}.items():
    for_both_roles(f"EC signature: {name}", ALL, told(BAD_SIGNATURE, DECRYPT_ERROR), forging(ec_key, instead(signature)))


def numbers_like(encode):
    """The right numbers, in another encoding than DER."""
    return lambda key, signature: seq(*map(encode, decode_dss_signature(signature)))


def contents(number):
    return integer(number)[2:]


# RFC 8422, 5.4 requires DER. Some libraries take these for the signature that they would be.
NOT_DER = {
    "numbers with zeros in front": numbers_like(lambda number: tlv(2, bytes(20), contents(number))),
    "a number with a zero in front": lambda key, signature: seq(
        integer(decode_dss_signature(signature)[0]), tlv(2, b"\0", contents(decode_dss_signature(signature)[1]))),
    "numbers without the zero of their sign": numbers_like(lambda number: tlv(2, number.to_bytes(32, "big"))),
    "numbers with lengths of two bytes": numbers_like(
        lambda number: b"\2\x81" + bytes([len(contents(number))]) + contents(number)),
    "a sequence with a length of two bytes": lambda key, signature: b"\x30\x81" + signature[1:],
}


def has_high_bits(signature):
    """Whether DER puts a zero in front of both numbers."""
    return all(number >> 255 for number in decode_dss_signature(signature))


def issued_by_ec(change):
    """A peer with a certificate whose signature `change` changes."""
    def chain_of(kit, info):
        signature = b""
        while not signature or not has_high_bits(signature):
            body, algorithm, signed = elements(kit.authority.leaf(info))
            signature = signed[3:]  # behind tag, length and the count of unused bits
        return [seq(body, algorithm, tlv(3, b"\0", change(None, signature)))]
    return forging(ec_key, good, chain_of=chain_of)


for_both_roles("a certificate signed by ECDSA: as it is", ALL, Expect(True, ()), issued_by_ec(lambda key, signature: signature))
for name, change in NOT_DER.items():
    for_both_roles(f"EC signature: {name}", ALL, told(BAD_SIGNATURE, DECRYPT_ERROR),
                   forging(ec_key, instead(change), suits=has_high_bits))
    for_both_roles(f"a certificate signed by ECDSA: {name}", ALL, told(UNTRUSTED, UNKNOWN_CA), issued_by_ec(change))
# Longer than any key's: some libraries do not reach the signature.
TOO_LONG = told((BAD_SIGNATURE, BAD_MESSAGE), DECRYPT_ERROR, DECODE_ERROR)
for name, signature in {
    "r and s of 8,000 bits": dss(2**8000 - 3, 2**8000 - 5),
    "r of 60,000 bits": dss(2**60000 - 3, 1),
    "of 16,000 bytes": bytes(16000),
}.items():
    for_both_roles(f"EC signature: {name}", ALL, TOO_LONG, forging(ec_key, instead(lambda key, old, new=signature: new)))
for size in (2048, 16000):
    for_both_roles(f"RSA signature: of {size:,} bytes", ALL, TOO_LONG,
                   forging(rsa_key, instead(lambda key, old, size=size: os.urandom(size))))


def modulus(key):
    return key.public_key().public_numbers().n


for name, signature in {
    "of another message": lambda key, signature: key.sign(b"another", padding.PKCS1v15(), hashes.SHA256()),
    "0": lambda key, signature: bytes(256),
    "1": lambda key, signature: bytes(255) + b"\1",
    "2": lambda key, signature: bytes(255) + b"\2",
    "the modulus": lambda key, signature: modulus(key).to_bytes(256, "big"),
    "the modulus less one": lambda key, signature: (modulus(key) - 1).to_bytes(256, "big"),
    "the modulus more than it was": lambda key, signature: (int.from_bytes(signature, "big") + modulus(key)).to_bytes(257, "big"),
    "all bits set": lambda key, signature: b"\xff" * 256,
    "nothing": lambda key, signature: b"",
    "a byte": lambda key, signature: b"\1",
    "a byte too few": lambda key, signature: signature[1:],
    "a zero in front": lambda key, signature: b"\0" + signature,
    "a byte behind it": lambda key, signature: signature + b"\0",
    "of 512 bytes": lambda key, signature: os.urandom(512),
    "of 71 bytes, like ECDSA's": lambda key, signature: dss(5, 2**255),
}.items():
    for_both_roles(f"RSA signature: {name}", ALL, told(BAD_SIGNATURE, DECRYPT_ERROR), forging(rsa_key, instead(signature)))


# RFC 8017, 8.1.2 and 8.2.2: a signature is as long as the modulus. One number in 256 begins with a zero.

def has_zero_in_front(signature):
    return signature[0] == 0


def without_zero(signature):
    return signature[1:]


RSA_OID, SHA256_OID = "1.2.840.113549.1.1", seq(oid("2.16.840.1.101.3.4.2.1"), NULL)
RSA_ALGORITHMS = {  # the AlgorithmIdentifier (RFC 8017, A.2.3 and A.2.4), and how to sign
    "PKCS#1": (seq(oid(f"{RSA_OID}.11"), NULL), padding.PKCS1v15()),
    "RSASSA-PSS": (seq(oid(f"{RSA_OID}.10"), seq(tlv(0xA0, SHA256_OID), tlv(0xA1, seq(oid(f"{RSA_OID}.8"), SHA256_OID)),
                                                 tlv(0xA2, integer(32)))), padding.PSS(padding.MGF1(hashes.SHA256()), 32)),
}


def issued_by_rsa(algorithm, change):
    """A peer with a certificate of an authority with an RSA key, whose signature begins with a zero; `change` changes it."""
    def chain_of(kit, info):
        identifier, kind = RSA_ALGORITHMS[algorithm]
        issuer = kit.authority.certify("RSA authority", rsa_key(kit).public_key(), is_ca=True)
        parts = elements(elements(kit.authority.leaf(info))[0])
        parts[2], parts[3] = identifier, issuer.subject.public_bytes()
        signature = b"1"
        while not has_zero_in_front(signature):
            parts[1] = tlv(2, b"\1" + os.urandom(8))
            signature = rsa_key(kit).sign(seq(*parts), kind, hashes.SHA256())
        return [seq(seq(*parts), identifier, tlv(3, b"\0", change(signature))),
                issuer.public_bytes(serialization.Encoding.DER)]
    return forging(ec_key, good, chain_of=chain_of)


for algorithm in RSA_ALGORITHMS:
    takes = Expect(True, (UNSUPPORTED,) if algorithm == "RSASSA-PSS" else (), alerts=(UNSUPPORTED_CERTIFICATE,))
    for_both_roles(f"a certificate signed by {algorithm}: with its zero in front", ALL, takes, issued_by_rsa(algorithm, bytes))
    for_both_roles(f"a certificate signed by {algorithm}: without its zero in front", ALL,
                   told((UNTRUSTED, UNSUPPORTED) if algorithm == "RSASSA-PSS" else UNTRUSTED, UNKNOWN_CA, UNSUPPORTED_CERTIFICATE),
                   issued_by_rsa(algorithm, without_zero))

REFUSED_SIGNATURE = told((BAD_SIGNATURE, BAD_MESSAGE, FAILURE), DECRYPT_ERROR, ILLEGAL_PARAMETER, HANDSHAKE_FAILURE)
for_both_roles("RSASSA-PSS: without its zero in front", ALL, REFUSED_SIGNATURE,
               forging(rsa_key, instead(lambda key, signature: without_zero(signature)), scheme=0x0804, suits=has_zero_in_front))
for_both_roles("RSASSA-PSS: with its zero in front", ("1.3",), Expect(True, ()),
               forging(rsa_key, good, scheme=0x0804, suits=has_zero_in_front))

# RFC 8446, 4.4.3 and RFC 5246, 7.4.3: the algorithm must have been offered, and fit the key.
for name, scheme, key_of in (
    ("of RSA with an EC key", 0x0804, ec_key),
    ("of ECDSA with an RSA key", 0x0403, rsa_key),
    ("PKCS#1 with an EC key", 0x0401, ec_key),
    ("ECDSA with SHA-1", 0x0203, ec_key),
    ("PKCS#1 with SHA-1", 0x0201, rsa_key),
    ("PKCS#1 with MD5", 0x0101, rsa_key),
    ("Ed25519", 0x0807, ec_key),
    ("0", 0, ec_key),
    ("one that nobody knows", 0xFEFE, ec_key),
):
    for_both_roles(f"signature algorithm: {name}", ALL,
                   told((BAD_SIGNATURE, BAD_MESSAGE, FAILURE), ILLEGAL_PARAMETER, HANDSHAKE_FAILURE, DECRYPT_ERROR, DECODE_ERROR),
                   forging(key_of, lambda key, old, signature, scheme=scheme: (scheme, signature)))
# Each that an end offers in TLS 1.2 it verifies (RFC 5246, 7.4.1.4.1). RSASSA-PSS: RFC 8446, 4.2.3.
for name, scheme, key_of in (("PKCS#1 with SHA-384", 0x0501, rsa_key), ("PKCS#1 with SHA-512", 0x0601, rsa_key),
                             ("ECDSA with SHA-384 and P-256", 0x0503, ec_key), ("ECDSA with SHA-512", 0x0603, ec_key)):
    for_both_roles(f"a good signature by {name}", ("1.2",), Expect(True, ()), forging(key_of, good, scheme=scheme))
for name, scheme in (("256", 0x0804), ("384", 0x0805), ("512", 0x0806)):
    for_both_roles(f"a good signature by RSASSA-PSS with SHA-{name}", ("1.2",),
                   Expect(True, (BAD_SIGNATURE, BAD_MESSAGE, FAILURE)), forging(rsa_key, good, scheme=scheme))
    for_both_roles(f"RSASSA-PSS with SHA-{name}: of another message", ("1.2",),
                   REFUSED_SIGNATURE, forging(rsa_key, instead(lambda key, signature: key.sign(
                       b"another", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())), scheme=scheme))
# Valid signatures with schemes that are not allowed in TLS 1.3, or not with this curve (RFC 8446, 4.2.3).
for name, scheme, key_of in (("PKCS#1", 0x0401, rsa_key), ("ECDSA with SHA-384, which is secp384r1's", 0x0503, ec_key),
                             ("ECDSA with SHA-512, which is secp521r1's", 0x0603, ec_key)):
    for_both_roles(f"a good signature by {name}", ("1.3",), told((BAD_SIGNATURE, BAD_MESSAGE), ILLEGAL_PARAMETER, DECRYPT_ERROR),
                   forging(key_of, good, scheme=scheme))
# RFC 8446, 4.2.3: for keys that are only for RSASSA-PSS.
for_both_roles("signature algorithm: RSASSA-PSS with a key of its own", ALL,
               Expect(True, (BAD_SIGNATURE, BAD_MESSAGE, FAILURE),
                      alerts=(ILLEGAL_PARAMETER, HANDSHAKE_FAILURE, DECRYPT_ERROR, DECODE_ERROR)),
               forging(rsa_key, lambda key, scheme, signature: (0x0809, signature)))


# --- Certificates with broken keys ---

G = bytes.fromhex("046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e16"
                  "2bce33576b315ececbb6406837bf51f5")  # the generator (SEC 2, 2.4.2)
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF

# No library would accept such a key as its own, so a valid one signs: the signature does not count.
KEYS = {
    "EC key: off the curve": ec_info(G[:-1] + b"\xf4"),
    "EC key: compressed": ec_info(b"\3" + G[1:33]),
    "EC key: at infinity": ec_info(b"\0"),
    "EC key: 0, 0": ec_info(b"\4" + bytes(64)),
    "EC key: beyond the field": ec_info(b"\4" + b"\xff" * 64),
    "EC key: the field's prime": ec_info(b"\4" + P.to_bytes(32, "big") + G[33:]),
    "EC key: cut": ec_info(G[:-1]),
    "EC key: a byte too many": ec_info(G + b"\0"),
    "EC key: hybrid form": ec_info(b"\7" + G[1:]),
    "EC key: nothing": ec_info(b""),
    "RSA key: modulus 0": rsa_info(0, 65537),
    "RSA key: modulus 1": rsa_info(1, 65537),
    "RSA key: modulus negative": rsa_info(-(2**2047), 65537),
    "RSA key: nothing": seq(seq(oid("1.2.840.113549.1.1.1"), NULL), tlv(3, b"\0")),
    "RSA key: without an exponent": seq(seq(oid("1.2.840.113549.1.1.1"), NULL), tlv(3, b"\0", seq(integer(2**2047 + 1)))),
    "RSA key: random bytes": seq(seq(oid("1.2.840.113549.1.1.1"), NULL), tlv(3, b"\0", bytes(range(200)))),
    "RSA key: modulus even": rsa_info(2**2047, 65537),
    "RSA key: exponent 0": rsa_info(2**2047 + 1, 0),
    "RSA key: exponent 1": rsa_info(2**2047 + 1, 1),
    "RSA key: exponent even": rsa_info(2**2047 + 1, 4),
    "RSA key: exponent negative": rsa_info(2**2047 + 1, -3),
    "RSA key: exponent above the modulus": rsa_info(2**2047 + 1, 2**2100 + 1),
    "RSA key: exponent of 2,048 bits": rsa_info(2**2047 + 1, 2**2046 + 1),
    "RSA key: of 5,000 bits": rsa_info(2**4999 + 1, 65537),
    "RSA key: of 8,192 bits": rsa_info(2**8191 + 1, 65537),
    "RSA key: of 8,200 bits": rsa_info(2**8199 + 1, 65537),
    "RSA key: of 16,384 bits": rsa_info(2**16383 + 1, 65537),
    "RSA key: of 100,000 bits": rsa_info(2**99999 + 1, 65537),
    "EC key: of secp521r1": ec_info(b"\4" + bytes(131) + b"\1", "1.3.132.0.35"),
    "EC key: of secp256k1": ec_info(b"\4" + bytes(63) + b"\1", "1.3.132.0.10"),
    "EC key: of a curve that nobody knows": ec_info(G, "1.2.3.4.5"),
    "a key of Ed25519": seq(seq(oid("1.3.101.112")), tlv(3, b"\0" + bytes(32))),
    "a key of an algorithm that nobody knows": seq(seq(oid("1.2.3.4.5")), tlv(3, b"\0" + bytes(32))),
}
for name, info in KEYS.items():
    for_both_roles(name, ALL, told((BAD_PEER_CERTIFICATE, BAD_SIGNATURE, UNSUPPORTED, WEAK_KEY),
                                   BAD_CERTIFICATE, DECRYPT_ERROR, UNSUPPORTED_CERTIFICATE),
                   forging(rsa_key if "RSA" in name else ec_key, good, info))


# --- Shares ---

GROUPS = {"secp256r1": (23, 65), "secp384r1": (24, 97), "X25519": (29, 32)}  # number and size of a share


# RFC 8446, 4.2.8.2 and RFC 8422, 5.4.1: the right point, in another form (SEC 1, 2.3.3).
for name, form in {
    "compressed": lambda point: bytes([2 + point[-1] % 2]) + point[1:33],
    "in hybrid form": lambda point: bytes([6 + point[-1] % 2]) + point[1:],
}.items():
    case(f"share of secp256r1: {name}", BOTH, ALL,
         told((BAD_MESSAGE, FAILURE, BAD_RECORD), ILLEGAL_PARAMETER, DECODE_ERROR, HANDSHAKE_FAILURE, BAD_RECORD_MAC))(
             with_members(form=form))

ML_KEM = 1120  # bytes of the server's answer in X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem)
for curve, (group, size) in GROUPS.items():
    shares = {
        "nothing": b"",
        "a byte": b"\4",
        "a byte too few": os.urandom(size - 1),
        "a byte too many": bytes([4]) + bytes(size),
        "of 250 bytes": bytes(250),
    }
    if curve != "X25519":
        half = size // 2
        shares.update({
            "off the curve": b"\4" + bytes(size - 2) + b"\5",
            "0, 0": b"\4" + bytes(size - 1),
            "beyond the field": b"\4" + b"\xff" * (size - 1),
            "at infinity": b"\0",
            "at infinity, in full length": bytes(size),
            "compressed, in full length": b"\2" + os.urandom(size - 1),
            "hybrid form": b"\6" + os.urandom(size - 1),
        })
    for name, point in shares.items():
        case(f"share of {curve}: {name}", BOTH, ALL,
             told((BAD_MESSAGE, FAILURE, BAD_RECORD), ILLEGAL_PARAMETER, DECODE_ERROR, HANDSHAKE_FAILURE, BAD_RECORD_MAC))(
                 with_members(group=group, share=point))

for name, share in {
    "nothing": b"",
    "a byte too few": os.urandom(1215),
    "a byte too many": os.urandom(1217),
    "of X25519 alone": os.urandom(32),
    "numbers beyond the modulus": b"\xff" * 1152 + os.urandom(64),
    "zeros": bytes(1216),
}.items():
    case(f"share of X25519MLKEM768: {name}", SERVER, ("1.3",),
         told((BAD_MESSAGE, FAILURE), ILLEGAL_PARAMETER, DECODE_ERROR, HANDSHAKE_FAILURE))(with_members(group=4588, share=share))
for name, share in {
    "nothing": b"",
    "a byte too few": os.urandom(ML_KEM - 1),
    "a byte too many": os.urandom(ML_KEM + 1),
    "of X25519 alone": os.urandom(32),
    "zeros": bytes(ML_KEM),
}.items():
    case(f"share of X25519MLKEM768: {name}", CLIENT, ("1.3",),
         told((BAD_MESSAGE, FAILURE), ILLEGAL_PARAMETER, DECODE_ERROR, HANDSHAKE_FAILURE))(with_members(group=4588, share=share))
for group, name in ((0, "0"), (19, "secp192r1"), (25, "secp521r1"), (30, "x448"), (256, "ffdhe2048"), (0x2A2A, "GREASE"),
                    (0xFFFF, "65535")):
    case(f"share of a group that was not offered: {name}", CLIENT, ALL,
         told((BAD_MESSAGE, FAILURE), ILLEGAL_PARAMETER, HANDSHAKE_FAILURE))(
             with_members(group=group, share=os.urandom(66)))


# --- Finished ---

def finishing(body_of):
    def make(kit, role, version):
        def act(sock):
            peer = peer_of(kit, role, version, sock, lambda name, body: [message(FINISHED, body_of(body[4:]))]
                           if name == "Finished" else body)
            return whole(peer, role)
        return act
    return make


for name, body_of in {
    "of zeros": lambda body: bytes(len(body)),
    "of random bytes": lambda body: os.urandom(len(body)),
    "with another last byte": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
}.items():
    case(f"Finished {name}", BOTH, ALL, told(BAD_RECORD, DECRYPT_ERROR))(finishing(body_of))
for name, body_of in {
    "of nothing": lambda body: b"",
    "of a byte": lambda body: body[:1],
    "of 100 bytes": lambda body: bytes(100),
    "of 16,000 bytes": lambda body: bytes(16000),
}.items():
    case(f"Finished {name}", BOTH, ALL, told(BAD_MESSAGE, DECODE_ERROR))(finishing(body_of))
