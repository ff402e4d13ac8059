// The fields of a certificate that the rules need (RFC 5280), as views into its DER.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/time.hpp"

#include <cstdint>

namespace ussl::x509 {

enum class KeyKind : std::uint8_t { other, rsa, ec_p256, ec_p384, ec_p521 };

// The kinds of signature, by strength. weak_hash: MD2 to SHA-1, with any key. `other`: no backend
// can check it.
enum class SignatureKind : std::uint8_t { other, weak_hash, rsa_pkcs1, rsa_pss, ecdsa };

// The hashes that a backend may support. SHA-224 is not among them: half of the libraries lack it.
enum class HashKind : std::uint8_t { other, sha1, sha256, sha384, sha512 };

// RFC 5280, 4.2.1.3: the first byte of the BIT STRING.
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

// Declare it with {}, which clears it as a whole: `Certificate c;` clears each member separately.
struct Certificate {
    Bytes to_be_signed;       // TBSCertificate, DER with tag
    Bytes signature_value;    // without the count of unused bits
    Bytes issuer;             // Name, DER with tag
    Bytes subject;            // Name, DER with tag
    Bytes subject_public_key; // SubjectPublicKeyInfo, DER with tag
    Bytes subject_alt_name;   // contents of the GeneralNames; empty: no extension
    Bytes name_constraints;   // contents of the NameConstraints; empty: no extension
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
    // Has a critical extension other than key usage, subjectAltName, basic constraints, name
    // constraints and extended key usage. RFC 5280, 4.2 demands that it is refused.
    bool has_unknown_critical = false;
};

// A SubjectPublicKeyInfo, as views into it.
struct PublicKey {
    KeyKind kind = KeyKind::other;
    Bytes modulus; // RSA: big-endian, perhaps with a leading zero byte
    Bytes exponent;
    Bytes point; // elliptic curves: uncompressed (SEC 1, 2.3.3)
};

// Reads a SubjectPublicKeyInfo including its tag. false: malformed. A well-formed key of an unknown
// kind is KeyKind::other. The views point into `info`.
bool parse_public_key(const Bytes& info, PublicKey& out);

// Size of the key in bits: of RSA's modulus, or of the curve's field by the length of the point. 0:
// unknown.
std::uint16_t key_bits(const PublicKey& key);

// Reads a certificate. false: malformed, or an extension is repeated (RFC 5280, 4.2). Whether it is
// valid is for PathCheck to decide. The views point into `der`.
bool parse(const Bytes& der, Certificate& out);

// Only the subject of a certificate: Name, DER including its tag. Empty: it cannot be read.
Bytes subject_of(const Bytes& der);

// As subject_of(): the SubjectPublicKeyInfo, DER with tag.
Bytes subject_public_key_of(const Bytes& der);

// As subject_public_key_of(), but empty if parse() would fail. In builds without the rules parse()
// is not linked, and this is subject_public_key_of().
Bytes readable_public_key_of(const Bytes& der);

// Whether a signature is encoded as RFC 3279, 2.2.3 and RFC 8422, 5.4 demand: a DER SEQUENCE of two
// positive INTEGERs. `order_size`: bytes of the curve's order. Some libraries also take other
// encodings.
bool is_ecdsa_signature(const Bytes& signature, std::size_t order_size);

// Whether a signature is encoded for this key: by RSA it is as long as the modulus (RFC 8017, 8.1.2
// and 8.2.2), otherwise as above.
bool is_encoded_for(const Certificate& key, const Bytes& signature);

// Whether `der` is exactly one DER SEQUENCE, as certificates and keys in DER are, and PEM is not.
bool is_der_sequence(const Bytes& der);

} // namespace ussl::x509
