#!/usr/bin/python3
"""Certificates for the firmware examples: make_material.py OUTPUT-DIRECTORY

Writes material.hpp (DER, as arrays that stay in flash) and, for a server on the host, server.pem with its key and
chain. Everything is ECDSA on secp256r1: an authority, a good server, an expired one, and one of an unknown authority.
For builds without certificates, server.psk has an identity and a pre-shared key, in hexadecimal."""

import datetime
import os
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
DAY = datetime.timedelta(days=1)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, issuer_key, days, extensions):
    builder = (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(NOW + days[0] * DAY).not_valid_after(NOW + days[1] * DAY))
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, hashes.SHA256())


def key_usage(signs_certificates):
    return x509.KeyUsage(digital_signature=not signs_certificates, content_commitment=False, key_encipherment=False,
                         data_encipherment=False, key_agreement=False, key_cert_sign=signs_certificates,
                         crl_sign=False, encipher_only=False, decipher_only=False)


def authority(text):
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate(text, key, text, key, (-1, 3650),
                            [(x509.BasicConstraints(True, None), True), (key_usage(True), True)])


def server(issuer, issuer_key, days=(-1, 3650)):
    key = ec.generate_private_key(ec.SECP256R1())
    return key, certificate("server", key, issuer, issuer_key, days,
                            [(key_usage(False), True),
                             (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
                             (x509.SubjectAlternativeName([x509.DNSName("test.example")]), False)])


def array(label, data):
    return f"inline constexpr std::uint8_t {label}[] = {{{','.join(str(byte) for byte in data)}}};\n"


def main():
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    ca_key, ca = authority("ussl firmware CA")
    stranger_key, _ = authority("another CA")
    good_key, good = server("ussl firmware CA", ca_key)
    made = {"good": (good_key, good), "expired": server("ussl firmware CA", ca_key, (-30, -2)),
            "untrusted": server("another CA", stranger_key)}
    der, pem = serialization.Encoding.DER, serialization.Encoding.PEM
    sec1 = (serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    seconds = int(NOW.replace(tzinfo=datetime.timezone.utc).timestamp())
    text = ("// Made by make_material.py.\n#pragma once\n\n#include <cstdint>\n\nnamespace material {\n\n"
            f"inline constexpr std::int64_t now = {seconds};\n" + array("authority", ca.public_bytes(der)))
    for label, (key, cert) in made.items():
        text += array(label, cert.public_bytes(der)) + array(label + "_key", key.private_bytes(der, *sec1))
    identity, key = b"board 1", os.urandom(16)
    text += array("psk_identity", identity) + array("psk", key)
    (directory / "server.psk").write_text(f"{identity.hex()} {key.hex()}\n")
    (directory / "server.pem").write_bytes(good_key.private_bytes(pem, *sec1) + good.public_bytes(pem))
    (directory / "material.hpp").write_text(text + "\n} // namespace material\n")


main()
