#!/usr/bin/python3
"""Makes the certificates and keys of the tests: make.py --output DIR.

Writes into DIR:
    NAME.pem, NAME.der                    each authority
    NAME.crt.pem, NAME.crt.der            each leaf: its chain without the anchor, leaf first; the leaf alone
    NAME.key.pem, NAME.key.der            its key in PKCS#8
    NAME.key.trad.pem, NAME.key.trad.der  its key in SEC1 or PKCS#1
    NAME.pin                              of authorities and leaves: SHA-256 of the SubjectPublicKeyInfo
    bundle.pem                            many anchors
    roots.der, roots.bin                  anchors of every kind, and their root bundle
    debian.der, debian.bin                Debian's anchors, if they are installed, and their root bundle
    own/                                  see own_keys.py
    manifest.txt                          a line for each leaf

Certificates are valid from yesterday for ten years, unless their name says otherwise."""

import argparse
import datetime
import hashlib
import ipaddress
import ssl
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

import own_keys
from der import elements, tlv

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "tools" / "lib"))
import root_bundle  # noqa: E402

DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")

NOW = datetime.datetime.utcnow().replace(microsecond=0)
DAY = datetime.timedelta(days=1)
NORMAL = (NOW - DAY, NOW + 3650 * DAY)
PAST = (NOW - 400 * DAY, NOW - DAY)
FUTURE = (NOW + 3650 * DAY, NOW + 3700 * DAY)

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH
HOSTS = [x509.DNSName("localhost"), x509.DNSName("test.example")]


def p256():
    return ec.generate_private_key(ec.SECP256R1())


def p384():
    return ec.generate_private_key(ec.SECP384R1())


def rsa2048():
    return rsa.generate_private_key(65537, 2048)


def name(common_name):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ussl tests"),
                      x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def signed_otherwise(certificate, algorithm, sign):
    """The same certificate with a signature algorithm that cryptography does not offer."""
    tbs = elements(elements(certificate.public_bytes(serialization.Encoding.DER))[0])
    tbs[2] = algorithm
    body = tlv(0x30, *tbs)
    return x509.load_der_x509_certificate(
        tlv(0x30, body, algorithm, tlv(0x03, b"\0", sign(body))))


SHA1_RSA = bytes.fromhex("300d06092a864886f70d0101050500")
SHA1_ECDSA = bytes.fromhex("300906072a8648ce3d0401")
SHA256_RSA_PSS = bytes.fromhex(
    "304106092a864886f70d01010a3034a00f300d06096086480165030402010500"
    "a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120")


class Authority:
    def __init__(self, common_name, key, issuer=None, validity=NORMAL, path_length=None, is_ca=True, key_usage=True,
                 extensions=()):
        self.name, self.key, self.issuer = name(common_name), key, issuer
        signer = issuer or self
        builder = (x509.CertificateBuilder().subject_name(self.name).issuer_name(signer.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(validity[0]).not_valid_after(validity[1])
                   .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()),
                                  critical=False)
                   .add_extension(usage(not key_usage, key_usage), critical=True))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        self.certificate = builder.sign(signer.key, digest(signer.key))

    def chain(self):
        """This certificate and its issuers, without the anchor."""
        return [self.certificate] + self.issuer.chain() if self.issuer else []


def digest(key):
    return hashes.SHA384() if getattr(key, "key_size", 0) == 384 else hashes.SHA256()


def usage(sign, cert_sign=False, encipher=False):
    return x509.KeyUsage(digital_signature=sign, content_commitment=False, key_encipherment=encipher,
                         data_encipherment=False, key_agreement=not (sign or cert_sign or encipher),
                         key_cert_sign=cert_sign, crl_sign=cert_sign, encipher_only=False, decipher_only=False)


class Maker:
    def __init__(self, directory):
        self.directory = directory
        self.manifest, self.certificates, self.keys = [], {}, {}

    def write(self, file_name, data):
        (self.directory / file_name).write_bytes(data)

    def authority(self, file_name, *args, **kwargs):
        made = Authority(file_name, *args, **kwargs)
        self.write(file_name + ".pem", pem(made.certificate))
        self.write(file_name + ".der", der(made.certificate))
        self.pin(file_name, made.key)
        return made

    def leaf(self, file_name, issuer, key, sans=HOSTS, purposes=(SERVER,), validity=NORMAL, common_name=None,
             key_usage=None, extensions=(), sign_again=None, damage=False, self_signed=False, subject=None):
        subject = subject or name(common_name or file_name)
        signer = key if self_signed else issuer.key
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(subject if self_signed else issuer.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(validity[0]).not_valid_after(validity[1])
                   .add_extension(x509.BasicConstraints(False, None), critical=True)
                   .add_extension(key_usage or usage(True, encipher=isinstance(key, rsa.RSAPrivateKey)), critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
                   .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
                                  critical=False))
        if sans:
            builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        certificate = builder.sign(signer, digest(signer))
        if sign_again:
            certificate = signed_otherwise(certificate, *sign_again)
        data = der(certificate)
        if damage:  # in the signature's last byte
            data = data[:-1] + bytes([data[-1] ^ 1])
            certificate = x509.load_der_x509_certificate(data)
        chain = [certificate] + ([] if self_signed else issuer.chain())
        self.write(file_name + ".crt.pem", b"".join(pem(c) for c in chain))
        self.write(file_name + ".crt.der", data)
        self.pin(file_name, key)
        self.key(file_name, key)
        self.manifest.append(file_name)
        self.certificates[file_name], self.keys[file_name] = certificate, key
        return certificate

    def pin(self, file_name, key):
        info = key.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.SubjectPublicKeyInfo)
        self.write(file_name + ".pin", hashlib.sha256(info).digest())

    def key(self, file_name, key):
        forms = {"": serialization.PrivateFormat.PKCS8}
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            forms[".trad"] = serialization.PrivateFormat.TraditionalOpenSSL
        for infix, form in forms.items():
            for suffix, encoding in (("pem", serialization.Encoding.PEM), ("der", serialization.Encoding.DER)):
                self.write(f"{file_name}.key{infix}.{suffix}",
                           key.private_bytes(encoding, form, serialization.NoEncryption()))


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def der(certificate):
    return certificate.public_bytes(serialization.Encoding.DER)


def write_roots(maker, name, certificates):
    maker.write(f"{name}.der", b"".join(certificates))
    maker.write(f"{name}.bin", root_bundle.write(root_bundle.readable(certificates), int(NOW.timestamp())))


def make_leaves(maker, ca, inter):
    """Valid servers, then servers that break one rule each, then clients."""
    key, rsa_key, rsa_ca_key = p256(), rsa2048(), rsa2048()
    maker.leaf("p256", inter, key)
    maker.leaf("p384", inter, p384())
    maker.leaf("rsa", inter, rsa_key)
    rsa_ca = maker.authority("rsa-ca", rsa_ca_key)
    rsa_inter = maker.authority("rsa-inter", rsa2048(), rsa_ca)
    maker.leaf("rsa-chain", rsa_inter, rsa_key)
    p384_inter = maker.authority("p384-inter", p384(), maker.authority("p384-ca", p384()))
    maker.leaf("p384-chain", p384_inter, p384())
    pss = (SHA256_RSA_PSS, lambda body: rsa_ca_key.sign(
        body, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()))
    maker.leaf("rsa-pss", rsa_ca, rsa_key, sign_again=pss)
    maker.leaf("direct", ca, key)  # no intermediate
    maker.leaf("ip", inter, key,
               [x509.IPAddress(ipaddress.ip_address(a)) for a in ("127.0.0.1", "::1")])
    maker.leaf("wildcard", inter, key, [x509.DNSName("*.wild.example")])
    maker.leaf("noeku", inter, key, purposes=())
    maker.leaf("anyeku", inter, key, purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))
    maker.leaf("other-p256", inter, p256(), [x509.DNSName("other.example")])

    maker.leaf("expired", inter, key, validity=PAST)
    maker.leaf("future", inter, key, validity=FUTURE)
    maker.leaf("wronghost", inter, key, [x509.DNSName("wrong.example")])
    maker.leaf("cn-only", inter, key, None, common_name="localhost")
    maker.leaf("clientonly", inter, key, purposes=(CLIENT,))
    maker.leaf("agree-only", inter, key, key_usage=usage(False))
    maker.leaf("rsa1024", inter, rsa.generate_private_key(65537, 1024))
    maker.leaf("rsa1024-expired", inter, rsa.generate_private_key(65537, 1024), validity=PAST)
    maker.leaf("sha1-rsa", rsa_ca, rsa_key, sign_again=(
        SHA1_RSA, lambda body: rsa_ca_key.sign(body, padding.PKCS1v15(), hashes.SHA1())))
    maker.leaf("sha1-ecdsa", inter, key, sign_again=(
        SHA1_ECDSA, lambda body: inter.key.sign(body, ec.ECDSA(hashes.SHA1()))))
    maker.leaf("selfsigned", None, key, self_signed=True)
    maker.leaf("badsignature", inter, key, damage=True)
    maker.leaf("critical-unknown", inter, key, extensions=[
        (x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True)])
    maker.leaf("unknown-extension", inter, key, extensions=[
        (x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), False)])
    other_ca = maker.authority("other-ca", p256())
    maker.leaf("untrusted", maker.authority("other-inter", p256(), other_ca), key)
    maker.leaf("expired-inter", maker.authority("inter-expired", p256(), ca, PAST), key)
    maker.leaf("expired-ca", maker.authority("ca-expired", p256(), validity=PAST), key)
    maker.leaf("inter-not-ca", maker.authority("not-ca", p256(), ca, is_ca=False, key_usage=False), key)
    maker.leaf("inter-no-sign", maker.authority("no-sign", p256(), ca, key_usage=False), key)
    limited = maker.authority("limited", p256(), ca, path_length=0)
    maker.leaf("path-length", maker.authority("below-limited", p256(), limited), key)
    maker.leaf("constrained", maker.authority("constrained-ca", p256(), ca, extensions=[
        (x509.NameConstraints([x509.DNSName("example")], None), True)]), key)
    # Not critical, against RFC 5280, 4.2.1.10, so that every library loads it as its own.
    maker.leaf("constrained-softly", Authority("soft-ca", p256(), ca, extensions=[
        (x509.NameConstraints([x509.DNSName("example")], None), False)]), key)
    maker.leaf("p521", inter, ec.generate_private_key(ec.SECP521R1()))

    maker.leaf("rsa2047", inter, rsa.generate_private_key(65537, 2047))
    maker.leaf("rsa3072", inter, rsa.generate_private_key(65537, 3072))

    maker.leaf("client", inter, p256(), None, (CLIENT,))
    maker.leaf("client-p384", inter, p384(), None, (CLIENT,))
    maker.leaf("client-rsa", inter, rsa2048(), None, (CLIENT,))
    maker.leaf("client-expired", inter, key, None, (CLIENT,), validity=PAST)
    maker.leaf("client-untrusted", other_ca, key, None, (CLIENT,))
    maker.leaf("client-rsa1024", inter, rsa.generate_private_key(65537, 1024), None, (CLIENT,))
    return other_ca


def make_described(maker, issuer, key):
    """A leaf with all fields that getpeercert() shows, and described.txt with CPython's result."""
    text = x509.NameAttribute
    subject = x509.Name([
        x509.RelativeDistinguishedName([text(NameOID.COUNTRY_NAME, "DE")]),
        x509.RelativeDistinguishedName([text(NameOID.DOMAIN_COMPONENT, "example")]),
        x509.RelativeDistinguishedName([text(NameOID.ORGANIZATION_NAME, "Straße & Söhne"),
                                        text(NameOID.ORGANIZATIONAL_UNIT_NAME, "two in one")]),
        x509.RelativeDistinguishedName([text(NameOID.COMMON_NAME, "дом", _ASN1Type.BMPString)]),
        x509.RelativeDistinguishedName([text(NameOID.EMAIL_ADDRESS, "a@test.example")]),
        x509.RelativeDistinguishedName([text(ObjectIdentifier("1.3.6.1.4.1.99999.300"), "by number")])])
    names = HOSTS + [x509.RFC822Name("a@test.example"), x509.UniformResourceIdentifier("coap://test.example/")] + [
        x509.IPAddress(ipaddress.ip_address(a)) for a in ("192.0.2.1", "2001:db8::abcd")] + [
        x509.RegisteredID(ObjectIdentifier("1.2.3"))]
    maker.leaf("described", issuer, key, names, validity=(datetime.datetime(2001, 2, 3, 4, 5, 6),
                                                          datetime.datetime(2104, 2, 29, 23, 59, 59)), subject=subject)
    # ssl has no public function for it.
    described = ssl._ssl._test_decode_cert(str(maker.directory / "described.crt.pem"))  # type: ignore[attr-defined]
    described["subjectAltName"] = tuple(pair for pair in described["subjectAltName"] if pair[0] != "Registered ID")
    maker.write("described.txt", repr(described).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", required=True, type=Path, metavar="DIR")
    directory = parser.parse_args().output
    directory.mkdir(parents=True, exist_ok=True)
    maker = Maker(directory)
    ca = maker.authority("ca", p256())
    inter = maker.authority("inter", p256(), ca)
    other_ca = make_leaves(maker, ca, inter)
    make_described(maker, inter, maker.keys["p256"])

    encrypted = p256().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                     serialization.BestAvailableEncryption(b"secret"))
    maker.write("encrypted.key.pem", encrypted)
    key = maker.keys["p256"]
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    maker.write("request.der", request.public_bytes(serialization.Encoding.DER))
    maker.write("request.pem", request.public_bytes(serialization.Encoding.PEM))
    maker.write("public.der", key.public_key().public_bytes(serialization.Encoding.DER,
                                                            serialization.PublicFormat.SubjectPublicKeyInfo))
    maker.write("pkcs12.der", pkcs12.serialize_key_and_certificates(
        None, key, maker.certificates["p256"], None, serialization.NoEncryption()))
    own_keys.make(directory, maker.certificates["p256"], inter.key,
                  keys={name: maker.keys[name] for name in ("p256", "p384", "rsa")},
                  others={name: maker.keys[leaf] for name, leaf in
                          (("p256", "other-p256"), ("p384", "client-p384"), ("rsa", "client-rsa"))},
                  rsa_leaves={name: maker.keys[name] for name in ("rsa1024", "rsa2047", "rsa3072")})
    crowd = [Authority(f"root {i}", (rsa2048 if i % 10 == 0 else p384 if i % 3 == 0 else p256)()) for i in range(30)]
    roots = [a.certificate for a in crowd[:15]] + [ca.certificate] + [a.certificate for a in crowd[15:]]
    maker.write("bundle.pem", b"".join(pem(c) for c in roots + [other_ca.certificate]))
    anchors = [(maker.directory / f"{name}.der").read_bytes() for name in
               ("ca", "rsa-ca", "p384-ca", "inter", "ca-expired", "limited", "constrained-ca", "selfsigned.crt", "p521.crt",
                "rsa3072.crt", "rsa1024.crt", "ip.crt", "critical-unknown.crt")]
    write_roots(maker, "roots", anchors + [der(Authority("ca", p256()).certificate)])
    write_roots(maker, "debian", root_bundle.certificates_in(DEBIAN.read_bytes()) if DEBIAN.exists() else [])
    maker.write("manifest.txt", "".join(f"{n}\n" for n in maker.manifest).encode())


if __name__ == "__main__":
    main()
