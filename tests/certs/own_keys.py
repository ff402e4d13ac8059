"""Own keys: a row for each allowed form and for each kind of damage.

Writes own/ROW.key.der; own/CERTIFICATE.crt.der for certificates that are not leaves of make.py; and own/keys.txt with a line for
each row: its name, the certificate's file, and two error numbers: core/'s verdict on the pair, and the result of opening a context.
They differ if only a library can decide: whether an elliptic curve's private number belongs to its point."""

from math import gcd

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from der import NULL, elements, integer, oid, seq, tlv

# Numbers of ussl/error.hpp.
GOOD, UNSUPPORTED, BAD_CERTIFICATE, BAD, MISMATCH, ENCRYPTED, WEAK = 0, 1002, 1010, 1011, 1012, 1018, 1047
RSA, EC = oid("1.2.840.113549.1.1.1"), oid("1.2.840.10045.2.1")
CURVES = {"p256": oid("1.2.840.10045.3.1.7"), "p384": oid("1.3.132.0.34")}
ORDERS = {"p256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
          "p384": 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973}
ATTRIBUTES = tlv(0xa0, seq(oid("2.5.29.15"), tlv(0x31, tlv(3, b"\x07\x80"))))


class Table:
    def __init__(self, directory, like, issuer_key):
        self.directory, self.like, self.issuer_key = directory, like, issuer_key
        self.lines, self.made = [], {}

    def row(self, name, certificate, der, verdict, opened=None):
        (self.directory / f"{name}.key.der").write_bytes(der)
        self.lines.append(f"{name} {self.made.get(certificate, certificate)} {verdict} {opened or verdict}\n")

    def certificate(self, name, subject_public_key):
        """A certificate like the given one for another public key, even one that cryptography would refuse."""
        tbs = elements(elements(self.like.public_bytes(serialization.Encoding.DER))[0])
        tbs[6] = subject_public_key
        body = seq(*tbs)
        signature = self.issuer_key.sign(body, ec.ECDSA(hashes.SHA256()))
        self.made[name] = "own/" + name
        (self.directory / f"{name}.crt.der").write_bytes(seq(body, tbs[2], tlv(3, b"\0", signature)))


def pkcs8(algorithm, key, version=0, more=b""):
    return seq(integer(version), seq(*algorithm), tlv(4, key), more)


def public_key_field(bits):
    return tlv(0x81, b"\0", bits)


def der_of(key, encryption=None):
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                             encryption or serialization.NoEncryption())


# --- RSA ---

NAMES = ["n", "e", "d", "p", "q", "dp", "dq", "iq"]
THIRD_PRIME = seq(seq(*[integer(3)] * 3))


def numbers_of(p, q, e, d):
    return dict(n=p * q, e=e, d=d, p=p, q=q, dp=d % (p - 1), dq=d % (q - 1), iq=pow(q, -1, p))


def made_up(p_bits, q_bits, e=65537):
    """A consistent set of numbers whose factors need not be prime: no test signs with them, and they are quick to make."""
    def factor(bits, start):
        value = (1 << bits) - start
        while True:
            try:
                pow(e, -1, value - 1)
                return value
            except ValueError:
                value -= 2
    p, q = factor(p_bits, 1), factor(q_bits, 1 << 20 | 1)
    while True:
        try:
            return numbers_of(p, q, e, pow(e, -1, (p - 1) * (q - 1)))
        except ValueError:
            q = factor(q_bits, (1 << q_bits) - q + 2)


def pkcs1(numbers, encode=integer, version=0, names=None, more=b""):
    return seq(integer(version), *(encode(numbers[name]) for name in names or NAMES), more)


def with_zeros(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 4, "big"))


def without_sign(value):
    """As by encoders that ignore the sign bit."""
    return tlv(2, value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rsa_public(numbers):
    return seq(integer(numbers["n"]), integer(numbers["e"]))


def rsa_info(numbers):
    return seq(seq(RSA, NULL), tlv(3, b"\0", rsa_public(numbers)))


def rsa_forms(table, good, other):
    key = pkcs1(good)
    public = public_key_field(rsa_public(good))
    for name, der in {
            "pkcs1": key,
            "pkcs8": pkcs8([RSA, NULL], key),
            "pkcs8-no-null": pkcs8([RSA], key),
            "pkcs8-attributes": pkcs8([RSA, NULL], key, more=ATTRIBUTES),
            "pkcs8-no-attribute": pkcs8([RSA, NULL], key, more=tlv(0xa0)),
            "pkcs8-v2": pkcs8([RSA, NULL], key, 1),
            "pkcs8-v2-public": pkcs8([RSA, NULL], key, 1, public),
            "pkcs8-v2-attributes-public": pkcs8([RSA], key, 1, ATTRIBUTES + public),
            "pkcs8-v1-public": pkcs8([RSA, NULL], key, 0, public),
            "zeros": pkcs8([RSA, NULL], pkcs1(good, with_zeros))}.items():
        table.row("rsa-" + name, "rsa", der, GOOD)
    table.row("rsa-pkcs8-v2-public-of-another", "rsa",
              pkcs8([RSA, NULL], key, 1, public_key_field(rsa_public(other))), MISMATCH)
    for name, field in {"no-key": b"rubbish", "empty": b""}.items():
        table.row("rsa-pkcs8-v2-public-" + name, "rsa", pkcs8([RSA, NULL], key, 1, public_key_field(field)), MISMATCH)
    for name, der in {
            "pkcs8-v3": pkcs8([RSA, NULL], key, 2),
            "pkcs8-unused-bits": pkcs8([RSA, NULL], key, 1, tlv(0x81, b"\1\2")),
            "pkcs8-attributes-behind": pkcs8([RSA, NULL], key, 1, public + ATTRIBUTES),
            "pkcs8-broken-attributes": pkcs8([RSA, NULL], key, 0, tlv(0xa0, b"\x30\x7f")),
            "pkcs8-public-twice": pkcs8([RSA, NULL], key, 1, public + public),
            "pkcs8-of-sec1": pkcs8([EC, CURVES["p256"]], key),
            "pkcs8-curve": pkcs8([RSA, CURVES["p256"]], key),
            "pkcs8-sequence": pkcs8([RSA, seq()], key),
            "pkcs8-number": pkcs8([RSA, integer(0)], key),
            "pkcs8-null-twice": pkcs8([RSA, NULL, NULL], key),
            "pkcs1-v2": pkcs1(good, version=2),
            "multi-prime-of-two": pkcs1(good, version=1),
            "multi-prime-v1": pkcs1(good, more=THIRD_PRIME),
            "pkcs1-seven-numbers": pkcs1(good, names=NAMES[:-1]),
            "pkcs1-nine-numbers": pkcs1(good, names=NAMES + ["e"]),
            "longer": key + b"\0",
            "longer-within": seq(*elements(key), b"\0"),
            "only-public": rsa_public(good),
            "cut": key[:-1]}.items():
        table.row("rsa-" + name, "rsa", der, BAD)
    table.row("rsa-multi-prime", "rsa", pkcs1(good, version=1, more=THIRD_PRIME), UNSUPPORTED)


def rsa_damages(table, good, other):
    p, q, d = good["p"], good["q"], good["d"]
    phi = (p - 1) * (q - 1)
    for name, changed in {
            "swapped-primes": numbers_of(q, p, good["e"], d),
            "d-modulo-phi": {**good, "d": pow(good["e"], -1, phi)}}.items():
        table.row("rsa-" + name, "rsa", pkcs1(changed), GOOD)
    damages = {"first-bit": lambda v: v ^ 1, "second-bit": lambda v: v ^ 2, "bit-64": lambda v: v ^ 1 << 64,
               "last-bit": lambda v: v ^ 1 << (v.bit_length() - 1), "zero": lambda v: 0, "one": lambda v: 1,
               "longer": lambda v: v | 1 << 2100, "much-longer": lambda v: v | 1 << 70000}
    for number in NAMES:
        for damage, change in damages.items():
            value = change(good[number])
            if value == good[number]:
                continue
            verdict = MISMATCH if number in "ne" else UNSUPPORTED if number in "pq" and "longer" in damage else BAD
            table.row(f"rsa-{number}-{damage}", "rsa", pkcs1({**good, number: value}), verdict)
        table.row(f"rsa-{number}-of-another", "rsa", pkcs1({**good, number: other[number]}),
                  GOOD if other[number] == good[number] else MISMATCH if number == "n" else BAD)
        if good[number].bit_length() % 8 == 0:
            table.row(f"rsa-{number}-negative", "rsa", seq(integer(0), *(
                (without_sign if name == number else integer)(good[name]) for name in NAMES)), BAD)
    other_e = next(e for e in range(3, phi, 2) if gcd(e, phi) == 1)
    for name, changed in {
            "dp-not-reduced": {"dp": good["dp"] + p - 1}, "dq-not-reduced": {"dq": good["dq"] + q - 1},
            "iq-not-reduced": {"iq": good["iq"] + p}, "iq-of-p": {"iq": pow(p, -1, q)},
            "swapped-primes-old-iq": {"p": q, "q": p, "dp": good["dq"], "dq": good["dp"]},
            "swapped-exponents": {"dp": good["dq"], "dq": good["dp"]},
            "d-for-another-e": {"d": pow(other_e, -1, phi)},
            "no-crt": {name: 0 for name in NAMES[3:]}}.items():
        table.row("rsa-" + name, "rsa", pkcs1({**good, **changed}), BAD)
    for name, primes in {"one-and-n": (1, p * q), "n-and-one": (p * q, 1)}.items():
        table.row("rsa-primes-" + name, "rsa", pkcs1({**good, "p": primes[0], "q": primes[1]}), UNSUPPORTED)


def known_primes(bits=2048):
    """Two primes of 2,048 or 4,096 bits, from RFC 3526 (3 and 5) and RFC 7919 (A.1 and A.3): generating them takes seconds."""
    more_than_pi, more_than_e = {2048: (124476, 560316), 4096: (240904, 5736041)}[bits]
    one = 1 << bits - 130 + 64  # with bits to spare

    def arctangent(x):  # of 1/x
        term, total, k = one // x, 0, 1
        while term:
            total += (term // k) * (1 if k % 4 == 1 else -1)
            term, k = term // (x * x), k + 2
        return total
    pi = 4 * (4 * arctangent(5) - arctangent(239)) >> 64
    term, e, k = one, 0, 1
    while term:
        e, term, k = e + term, term // k, k + 1
    e >>= 64
    outer = (1 << bits) - (1 << bits - 64) - 1
    return outer + (pi + more_than_pi << 64), outer + (e + more_than_e << 64)


def rsa_sizes(table, leaves):
    for bits in (512, 1016, 1023):
        small = made_up((bits + 1) // 2, bits // 2)
        table.certificate(f"rsa{bits}", rsa_info(small))
        table.row(f"rsa-{bits}-bits", f"rsa{bits}", pkcs1(small), WEAK)
    for bits in (4097, 4104, 5120, 6144, 8192):
        large = made_up((bits + 1) // 2, bits // 2)
        table.certificate(f"rsa{bits}", rsa_info(large))
        table.row(f"rsa-{bits}-bits", f"rsa{bits}", pkcs8([RSA, NULL], pkcs1(large)), UNSUPPORTED)
    for name, numbers in {"unlike-primes": made_up(1124, 924), "long-exponent": made_up(1024, 1024, (1 << 1031) - 1)}.items():
        table.certificate("rsa-" + name, rsa_info(numbers))
        table.row("rsa-" + name, "rsa-" + name, pkcs1(numbers), UNSUPPORTED)
    square = {**made_up(1024, 1024)}
    square.update(q=square["p"], dq=square["dp"], n=square["p"] ** 2)
    table.certificate("rsa-square", rsa_info(square))
    table.row("rsa-square", "rsa-square", pkcs1(square), BAD)
    one = {**made_up(1024, 1024), "e": 1, "d": 1, "dp": 1, "dq": 1}
    table.certificate("rsa-exponent-one", rsa_info(one))
    # A context refuses the certificate before it reads the key. core/ alone finds that the key belongs to no certificate.
    table.row("rsa-exponent-one", "rsa-exponent-one", pkcs1(one), MISMATCH, BAD_CERTIFICATE)
    p, q = known_primes()
    largest = numbers_of(p, q, 65537, pow(65537, -1, (p - 1) * (q - 1)))
    table.certificate("rsa4096", rsa_info(largest))
    table.row("rsa-4096-bits", "rsa4096", pkcs1(largest), GOOD)
    for name, key in leaves.items():
        table.row(f"rsa-{key.key_size}-bits", name, der_of(key), GOOD)


# --- Elliptic curves ---

def sec1(number, curve=b"", point=None, version=1):
    return seq(integer(version), tlv(4, number), tlv(0xa0, curve) if curve else b"",
               tlv(0xa1, tlv(3, b"\0", point)) if point is not None else b"")


def points(key):
    """Uncompressed, compressed, and hybrid (X9.62, 4.3.6)."""
    encode = key.public_key().public_bytes
    whole = encode(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    short = encode(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return whole, short, bytes([short[0] + 4]) + whole[1:]


def ec_rows(table, name, key, other):
    curve, order = CURVES[name], ORDERS[name]
    size = key.key_size // 8
    d = key.private_numbers().private_value
    number = d.to_bytes(size, "big")
    whole, short, hybrid = points(key)
    algorithm = [EC, curve]
    for form, der in {
            "sec1": sec1(number, curve, whole), "sec1-no-public": sec1(number, curve),
            "sec1-compressed": sec1(number, curve, short),
            "pkcs8": pkcs8(algorithm, sec1(number, point=whole)), "pkcs8-curve-twice": pkcs8(algorithm, sec1(number, curve, whole)),
            "pkcs8-curve-within": pkcs8([EC], sec1(number, curve, whole)),
            "pkcs8-no-public": pkcs8(algorithm, sec1(number)), "pkcs8-compressed": pkcs8(algorithm, sec1(number, point=short)),
            "pkcs8-attributes": pkcs8(algorithm, sec1(number), more=ATTRIBUTES),
            "pkcs8-v2-public": pkcs8(algorithm, sec1(number), 1, public_key_field(whole)),
            "pkcs8-v2-compressed": pkcs8(algorithm, sec1(number), 1, public_key_field(short)),
            "pkcs8-v2-all": pkcs8(algorithm, sec1(number, curve, whole), 1, ATTRIBUTES + public_key_field(whole)),
            "zeros": sec1(bytes(7) + number, curve)}.items():
        table.row(f"{name}-{form}", name, der, GOOD)
    theirs, their_short, _ = points(other)
    turned = bytes([short[0] ^ 1]) + short[1:]  # the negated point
    for form, point in {"of-another": theirs, "of-another-compressed": their_short, "negative": turned, "hybrid": hybrid,
                        "infinite": b"\0", "empty": b"", "cut": whole[:-1], "longer": whole + b"\0"}.items():
        table.row(f"{name}-public-{form}", name, sec1(number, curve, point), MISMATCH)
        table.row(f"{name}-v2-public-{form}", name, pkcs8(algorithm, sec1(number), 1, public_key_field(point)), MISMATCH)
    for form, value in {"zero": 0, "order": order, "order-and-one": order + 1, "highest": 256 ** size - 1,
                        "longer": d + order if d + order >= 256 ** size else d | 1 << 8 * size}.items():
        length = max(size, (value.bit_length() + 7) // 8)
        table.row(f"{name}-number-{form}", name, sec1(value.to_bytes(length, "big"), curve), BAD)
    for form, value in {"another": d ^ 2, "negative": order - d, "one": 1, "highest-in-range": order - 1}.items():
        table.row(f"{name}-number-{form}", name, sec1(value.to_bytes(size, "big"), curve), GOOD, MISMATCH)
    table.row(f"{name}-number-short", name, sec1(b"\5", curve), GOOD, MISMATCH)
    other_curve = CURVES["p384" if name == "p256" else "p256"]
    for form, der in {
            "no-curve": sec1(number, point=whole), "no-number": sec1(b"", curve), "sec1-v0": sec1(number, curve, version=0),
            "sec1-v2": sec1(number, curve, version=2), "pkcs8-two-curves": pkcs8(algorithm, sec1(number, other_curve)),
            "sec1-curve-null": sec1(number, NULL), "sec1-public-nothing": seq(*elements(sec1(number, curve)), tlv(0xa1)),
            "pkcs8-null-behind-curve": pkcs8(algorithm + [NULL], sec1(number)),
            "pkcs8-null-and-curve-within": pkcs8([EC, NULL], sec1(number, curve)),
            "pkcs8-no-curve": pkcs8([EC, NULL], sec1(number)), "pkcs8-of-pkcs1": pkcs8([RSA, NULL], sec1(number, curve)),
            "longer": sec1(number, curve) + b"\0", "cut": sec1(number, curve)[:-1]}.items():
        table.row(f"{name}-{form}", name, der, BAD)
    numbers = seq(integer(1))  # SpecifiedECDomain, or as much of it as counts
    for form, der in {"sec1-curve-by-numbers": sec1(number, numbers),
                      "pkcs8-curve-by-numbers": pkcs8([EC, numbers], sec1(number))}.items():
        table.row(f"{name}-{form}", name, der, UNSUPPORTED)


def short_number(table):
    """A key whose number begins with zeros, encoded with and without them."""
    key = ec.derive_private_key(0x1234567890abcdef, ec.SECP256R1())
    table.certificate("short", key.public_key().public_bytes(serialization.Encoding.DER,
                                                             serialization.PublicFormat.SubjectPublicKeyInfo))
    table.row("short-number", "short", sec1(bytes.fromhex("1234567890abcdef"), CURVES["p256"]), GOOD)
    table.row("short-number-padded", "short", der_of(key), GOOD)


def foreign(table, keys):
    """Keys of another kind than the certificate's, and encrypted keys."""
    secret = serialization.BestAvailableEncryption(b"secret")
    others = {"p521": ec.generate_private_key(ec.SECP521R1()), "secp256k1": ec.generate_private_key(ec.SECP256K1()),
              "ed25519": ed25519.Ed25519PrivateKey.generate()}
    for name in ("p256", "p384", "rsa"):
        for kind, key in {**keys, **others}.items():
            if kind != name:
                table.row(f"{kind}-for-{name}", name, der_of(key), MISMATCH)
        table.row(f"{name}-encrypted", name, der_of(keys[name], secret), ENCRYPTED)
    pss = oid("1.2.840.113549.1.1.10")
    table.row("pss-for-rsa", "rsa", pkcs8([pss], pkcs1(rsa_numbers_of(keys["rsa"]))), MISMATCH)


def rsa_numbers_of(key):
    private = key.private_numbers()
    return numbers_of(private.p, private.q, private.public_numbers.e, private.d)


def make(directory, like, issuer_key, keys, others, rsa_leaves):
    """`keys`: of the leaves p256, p384 and rsa; `others`: further keys of these kinds; `rsa_leaves`: leaves of other sizes."""
    directory = directory / "own"
    directory.mkdir(exist_ok=True)
    table = Table(directory, like, issuer_key)
    good, other = rsa_numbers_of(keys["rsa"]), rsa_numbers_of(others["rsa"])
    rsa_forms(table, good, other)
    rsa_damages(table, good, other)
    rsa_sizes(table, rsa_leaves)
    for name in ("p256", "p384"):
        ec_rows(table, name, keys[name], others[name])
        table.row(f"{name}-of-another", name, der_of(others[name]), MISMATCH)
    table.row("rsa-of-another", "rsa", der_of(others["rsa"]), MISMATCH)
    short_number(table)
    foreign(table, keys)
    (directory / "keys.txt").write_text("".join(table.lines))
