"""Builds certificates byte by byte, so that any field can be wrong.

Keys and signatures come from python3-cryptography. The encoding is done here, as a library would refuse invalid fields."""

import datetime
import hashlib
import ipaddress
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional, Union

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

sys.path.append(str(Path(__file__).resolve().parents[1] / "certs"))
from der import NULL, integer, oid, seq, tlv  # noqa: E402
from own_keys import ORDERS, known_primes  # noqa: E402


# --- Names, times, extensions ---

def name(common_name: str, tag: int = 0x0c) -> bytes:
    """A Name. `tag`: the string type (0x0c UTF8String, 0x13 PrintableString)."""
    return seq(tlv(0x31, seq(oid("2.5.4.10"), tlv(0x0c, b"ussl verdicts"))),
               tlv(0x31, seq(oid("2.5.4.3"), tlv(tag, common_name.encode()))))


EMPTY_NAME = seq()


def time(moment: Union[bytes, datetime.datetime]) -> bytes:
    """A time in the form of RFC 5280, 4.1.2.5; raw bytes stay as they are."""
    if isinstance(moment, bytes):
        return moment
    if moment.year < 2050:
        return tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())
    return tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def extension(identifier: str, value: bytes, critical: bool = False) -> bytes:
    return seq(oid(identifier), b"\1\1\xff" if critical else b"", tlv(4, value))


KEY_USAGE = ["sign", "non_repudiation", "encipher", "data_encipher", "agree", "cert_sign", "crl_sign", "encipher_only",
             "decipher_only"]


def key_usage(*usages: str, critical: bool = True) -> bytes:
    bits = 0
    for usage in usages:
        bits |= 1 << KEY_USAGE.index(usage)
    top = max((bits.bit_length(), 1))
    size = (top + 7) // 8
    value = int("".join(str(bits >> i & 1) for i in range(size * 8)), 2).to_bytes(size, "big")
    return extension("2.5.29.15", tlv(3, bytes([size * 8 - top]), value), critical)


PURPOSES = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2", "code": "1.3.6.1.5.5.7.3.3",
            "ocsp": "1.3.6.1.5.5.7.3.9", "any": "2.5.29.37.0", "private": "1.3.6.1.4.1.99999.1"}


def extended_key_usage(*purposes: str, critical: bool = False) -> bytes:
    return extension("2.5.29.37", seq(*(oid(PURPOSES[p]) for p in purposes)), critical)


def basic_constraints(ca: bool, path_length: Optional[int] = None, critical: bool = True) -> bytes:
    return extension("2.5.29.19", seq(b"\1\1\xff" if ca else b"", b"" if path_length is None else integer(path_length)),
                     critical)


def dns(text: Union[str, bytes]) -> bytes:
    return tlv(0x82, text if isinstance(text, bytes) else text.encode())


def ip(text: Union[str, bytes]) -> bytes:
    return tlv(0x87, text if isinstance(text, bytes) else ipaddress.ip_address(text).packed)


def uri(text: str) -> bytes:
    return tlv(0x86, text.encode())


def email(text: str) -> bytes:
    return tlv(0x81, text.encode())


def subject_alt_name(*names: bytes, critical: bool = False) -> bytes:
    return extension("2.5.29.17", seq(*names), critical)


def name_constraints(permitted: Sequence[bytes] = (), excluded: Sequence[bytes] = (), critical: bool = True) -> bytes:
    def subtrees(tag: int, bases: Sequence[bytes]) -> bytes:
        return tlv(tag, *(seq(base) for base in bases)) if bases else b""
    return extension("2.5.29.30", seq(subtrees(0xa0, permitted), subtrees(0xa1, excluded)), critical)


# --- Keys and signatures ---

CURVES: dict[str, Any] = {
    "p192": ec.SECP192R1, "p224": ec.SECP224R1, "p256": ec.SECP256R1, "p384": ec.SECP384R1, "p521": ec.SECP521R1,
    "k256": ec.SECP256K1, "b256": ec.BrainpoolP256R1}

Key = Any  # a private key, whatever its kind


class Keys:
    """Private keys by name: "p256:someone", "rsa2048:other", "ed25519:x". EC keys are derived from their names; RSA keys take time
    to make, and are stored in a directory."""

    def __init__(self, directory: Union[str, Path]) -> None:
        self.directory = Path(directory)
        self.made: dict[str, Key] = {}

    def __getitem__(self, key_name: str) -> Key:
        if key_name not in self.made:
            self.made[key_name] = self.make(key_name)
        return self.made[key_name]

    def make(self, key_name: str) -> Key:
        kind = key_name.split(":")[0]
        if kind in CURVES:
            return curve_key(key_name)
        seed = hashlib.sha256(key_name.encode()).digest()
        if kind == "ed25519":
            return ed25519.Ed25519PrivateKey.from_private_bytes(seed)
        bits = int(kind[3:])
        if bits == 8192:  # quick to make, and always the same
            return rsa_key(*known_primes(bits // 2))
        path = self.directory / (key_name.replace(":", "-") + ".key")
        if path.exists():
            return serialization.load_der_private_key(path.read_bytes(), None)
        key = rsa.generate_private_key(65537, bits)
        path.write_bytes(private_der(key))
        return key


def curve_key(key_name: str) -> Key:
    seed = hashlib.sha256(key_name.encode()).digest()
    return ec.derive_private_key(int.from_bytes(seed[:23], "big"), CURVES[key_name.split(":")[0]]())


def info_with_numbers(key_name: str) -> bytes:
    """A key of P-256 with explicit curve parameters instead of the curve's name (SEC 1, C.2; values from SEC 2, 2.4.2)."""
    p = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
    b = bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b")
    base = bytes.fromhex("036b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    domain = seq(integer(1), seq(oid("1.2.840.10045.1.1"), integer(p)), seq(tlv(4, (p - 3).to_bytes(32, "big")), tlv(4, b)),
                 tlv(4, base), integer(ORDERS["p256"]), integer(1))
    point = curve_key(key_name).public_key().public_bytes(serialization.Encoding.X962,
                                                          serialization.PublicFormat.UncompressedPoint)
    return seq(seq(oid("1.2.840.10045.2.1"), domain), tlv(3, b"\0", point))


def rsa_key(p: int, q: int, e: int = 65537) -> Key:
    d = pow(e, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p),
                                 rsa.RSAPublicNumbers(e, p * q)).private_key()


def private_der(key: Key) -> bytes:
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def public_info(key: Key) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


HASHES: dict[str, Any] = {
    "md5": hashes.MD5, "sha1": hashes.SHA1, "sha224": hashes.SHA224, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
    "sha512": hashes.SHA512}
RSA_ARC = {"md5": 4, "sha1": 5, "sha224": 14, "sha256": 11, "sha384": 12, "sha512": 13}
ECDSA_ARC = {"sha1": "1", "sha224": "3.1", "sha256": "3.2", "sha384": "3.3", "sha512": "3.4"}
HASH_OID = {"sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4", "sha256": "2.16.840.1.101.3.4.2.1",
            "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}


def pss_algorithm(digest: str, salt: int, default_encoding: bool = False) -> bytes:
    if default_encoding:  # the default is SHA-1
        return seq(oid("1.2.840.113549.1.1.10"), seq())
    hash_id = seq(oid(HASH_OID[digest]), NULL)
    return seq(oid("1.2.840.113549.1.1.10"),
               seq(tlv(0xa0, hash_id), tlv(0xa1, seq(oid("1.2.840.113549.1.1.8"), hash_id)),
                   tlv(0xa2, integer(salt))))


def signer(key: Key, scheme: str) -> tuple[bytes, Callable[[bytes], bytes]]:
    """(AlgorithmIdentifier, signing function) for a key and a scheme: "sha256", "pss-sha256", "pss-sha256/20" (bytes of salt), …"""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return seq(oid("1.3.101.112")), key.sign
    digest, _, salt = scheme.removeprefix("pss-").partition("/")
    algorithm = HASHES[digest]()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return seq(oid("1.2.840.10045.4." + ECDSA_ARC[digest])), lambda tbs: key.sign(tbs, ec.ECDSA(algorithm))
    if scheme.startswith("pss-"):
        salt_size = int(salt or algorithm.digest_size)
        scheme_padding = padding.PSS(padding.MGF1(algorithm), salt_size)
        return pss_algorithm(digest, salt_size, digest == "sha1"), lambda tbs: key.sign(tbs, scheme_padding, algorithm)
    return (seq(oid(f"1.2.840.113549.1.1.{RSA_ARC[digest]}"), NULL),
            lambda tbs: key.sign(tbs, padding.PKCS1v15(), algorithm))


def certificate(*, subject: bytes, issuer: bytes, info: bytes, sign_with: Key, scheme: str,
                not_before: Union[bytes, datetime.datetime], not_after: Union[bytes, datetime.datetime],
                extensions: Sequence[bytes], version: int = 2, serial: Optional[int] = None,
                algorithm: Optional[bytes] = None, inner_algorithm: Optional[bytes] = None,
                damage_tbs: Optional[Callable[[bytes], bytes]] = None,
                damage: Optional[Callable[[bytes], bytes]] = None, extra_fields: bytes = b"") -> bytes:
    """A certificate in DER. `damage_tbs` changes the bytes before they are signed, `damage` the signed certificate."""
    usual, sign = signer(sign_with, scheme)
    algorithm = algorithm or usual
    if serial is None:
        serial = int.from_bytes(hashlib.sha256(subject + info + b"".join(extensions)).digest()[:8], "big") | 1
    tbs = seq(tlv(0xa0, integer(version)) if version else b"", integer(serial), inner_algorithm or algorithm, issuer,
              seq(time(not_before), time(not_after)), subject, info, extra_fields,
              tlv(0xa3, seq(*extensions)) if extensions else b"")
    if damage_tbs:
        tbs = damage_tbs(tbs)
    der = seq(tbs, algorithm, tlv(3, b"\0", sign(tbs)))
    return damage(der) if damage else der


UTC = datetime.timezone.utc
