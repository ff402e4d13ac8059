// Own private keys: read as views into their DER, and checked, before a library sees them. What is
// refused here is refused by every backend, with the same error.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl::x509 {

// Bits of an own RSA key's modulus: what every library can sign with, in TLS 1.2 and 1.3. A smaller
// one is Err::weak_key, a larger one Err::unsupported.
constexpr unsigned min_own_rsa_bits = 1024;
constexpr unsigned max_own_rsa_bits = 4096;

// Views into the DER that was read. Numbers are big-endian.
struct PrivateKey {
    KeyKind kind = KeyKind::other;
#if USSL_RSA
    // RFC 8017, A.1.2, without leading zeros; a number that is zero is empty.
    Bytes modulus, public_exponent, private_exponent;
    Bytes prime1, prime2, exponent1, exponent2, coefficient;
#endif
    Bytes scalar;         // of elliptic curves: at most as many bytes as the curve's order has
    Bytes public_key;     // RFC 5915, 3: a point, in whatever form; null where it is absent
    Bytes public_key_too; // RFC 5958, 2: the contents of a subjectPublicKey; null where absent
};

// Reads PKCS#8 with or without attributes, version 1 or 2 (RFC 5208, RFC 5958), SEC1's ECPrivateKey
// (RFC 5915) and PKCS#1's RSAPrivateKey (RFC 8017, A.1.2). A key of another kind than this build
// knows is KeyKind::other.
//
// Err::encrypted_private_key: an EncryptedPrivateKeyInfo. Err::unsupported: more than two primes,
// or a curve that is given by its numbers instead of its name. Err::bad_private_key: all else that
// is none of these.
Err parse_private_key(const Bytes& der, PrivateKey& out);

// Whether a key is sound, and the one of a certificate with this SubjectPublicKeyInfo, which is
// of a kind that the build knows. What is left to a library: whether an elliptic curve's scalar
// belongs to the certificate's point (Err::key_mismatch).
//
// Err::key_mismatch: the key is another, or says that it is. Err::weak_key, Err::unsupported: the
// size of an RSA key, or primes that are not each half as long as the modulus.
// Err::bad_private_key: numbers that do not belong together, so that a signature by the Chinese
// remainder theorem would be wrong, and give a prime away (Boneh, DeMillo, Lipton 1997); a scalar
// out of range.
//
// What it does with secret numbers depends on their lengths alone. For RSA it takes 1.5 KB of
// stack, and wipes it.
Err check_private_key(const PrivateKey& key, const Bytes& subject_public_key);

// Whether 0 < `scalar` < the order of the curve, ec_p256 or (where the build knows it) ec_p384.
// `scalar`: big-endian, at most as long as the order. The same instructions for all of one length.
bool is_private_scalar(KeyKind curve, const Bytes& scalar);

} // namespace ussl::x509
