// What the rules need to know of a certificate (RFC 5280), as views into its DER.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/time.hpp"

#include <cstdint>

namespace ussl::x509 {

enum class KeyKind : std::uint8_t { other, rsa, ec_p256, ec_p384, ec_p521 };

// What a signature's strength depends on. weak_hash: MD2 to SHA-1, whatever the key. `other` has no
// backend.
enum class SignatureKind : std::uint8_t { other, weak_hash, rsa_pkcs1, rsa_pss, ecdsa };

// Those that a backend may be able to check. SHA-224 is not among them: half of the libraries lack
// it.
enum class HashKind : std::uint8_t { other, sha1, sha256, sha384, sha512 };

// RFC 5280, 4.2.1.3, as the first byte of the BIT STRING has them.
enum KeyUsage : std::uint16_t {
    digital_signature = 0x80,
    key_encipherment = 0x20,
    key_agreement = 0x08,
    key_cert_sign = 0x04,
    any_key_usage = 0xffff, // extension absent
};

// RFC 5280, 4.2.1.12.
enum ExtendedKeyUsage : std::uint8_t {
    server_auth = 1 << 0,
    client_auth = 1 << 1,
    any_extended_key_usage = 0xff, // extension absent, or anyExtendedKeyUsage in it
};

// To be declared with {}, which clears it at once: `Certificate c;` clears each member by itself.
struct Certificate {
    Bytes to_be_signed;       // TBSCertificate, DER with tag
    Bytes signature_value;    // without the count of unused bits
    Bytes issuer;             // Name, DER with tag
    Bytes subject;            // Name, DER with tag
    Bytes subject_public_key; // SubjectPublicKeyInfo, DER with tag
    Bytes subject_alt_name;   // contents of the GeneralNames; empty where the extension is absent
    Bytes name_constraints;   // contents of the NameConstraints; empty where they are absent
    UnixTime not_before = 0;
    UnixTime not_after = 0;
    std::uint32_t path_length = 0; // UINT32_MAX: no limit
    std::uint16_t key_bits = 0;    // of an RSA modulus, or of a curve's field
    std::uint16_t key_usage = 0;
    std::uint8_t extended_key_usage = 0;
    KeyKind key = KeyKind::other;
    SignatureKind signature = SignatureKind::other;
    HashKind hash = HashKind::other; // of the signature
    bool is_ca = false;
    // A critical extension other than key usage, subjectAltName, basic constraints, name
    // constraints and extended key usage. RFC 5280, 4.2 has it refused.
    bool has_unknown_critical = false;
};

// A SubjectPublicKeyInfo, as views into it.
struct PublicKey {
    KeyKind kind = KeyKind::other;
    Bytes modulus; // of RSA: big-endian, a leading zero byte possible
    Bytes exponent;
    Bytes point; // of elliptic curves: as in SEC 1, 2.3.3, uncompressed
};

// Reads a SubjectPublicKeyInfo with its tag. False when it is malformed; a well-formed key of a
// kind that is not known here is KeyKind::other. The views point into `info`.
bool parse_public_key(const Bytes& info, PublicKey& out);

// Bits of the key: of RSA's modulus, or of the curve's field as the length of the point shows it.
// 0 where that is not known.
std::uint16_t key_bits(const PublicKey& key);

// Reads a certificate. False when it is malformed or has an extension twice (RFC 5280, 4.2).
// Whether it is any good is for PathCheck to say. The views point into what `der` points to.
bool parse(const Bytes& der, Certificate& out);

// The subject alone of what may be a certificate: Name, DER with tag. Empty where it cannot be
// read.
Bytes subject_of(const Bytes& der);

// As subject_of(): the SubjectPublicKeyInfo, DER with tag.
Bytes subject_public_key_of(const Bytes& der);

// The same, of what parse() reads; empty for all else. Without the rules parse() is not linked, and
// this is subject_public_key_of().
Bytes readable_public_key_of(const Bytes& der);

// Whether `der` is one DER SEQUENCE from its first to its last byte: what a certificate or a key
// in DER is, and PEM is not.
bool is_der_sequence(const Bytes& der);

} // namespace ussl::x509
