// Own private keys: read as views into their DER, and checked before a library sees them. Every
// backend refuses the same keys, with the same error.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl::x509 {

// Size of an own RSA key, in bits: every library can sign with it in TLS 1.2 and 1.3. Smaller keys
// are Err::weak_key, larger ones Err::unsupported.
constexpr unsigned min_own_rsa_bits = 1024;
constexpr unsigned max_own_rsa_bits = 4096;

// Views into the DER. Numbers are big-endian.
struct PrivateKey {
    KeyKind kind = KeyKind::other;
#if USSL_RSA
    // RFC 8017, A.1.2, without leading zeros; zero is empty.
    Bytes modulus, public_exponent, private_exponent;
    Bytes prime1, prime2, exponent1, exponent2, coefficient;
#endif
    Bytes scalar;         // elliptic curves: at most as many bytes as the order of the curve
    Bytes public_key;     // RFC 5915, 3: a point in any form; null: absent
    Bytes public_key_too; // RFC 5958, 2: the contents of subjectPublicKey; null: absent
};

// Reads PKCS#8 with or without attributes, version 1 or 2 (RFC 5208, RFC 5958), SEC1 ECPrivateKey
// (RFC 5915) and PKCS#1 RSAPrivateKey (RFC 8017, A.1.2). RSA's parameters are NULL or absent; those
// of elliptic curves are the name of the curve, or absent if the key contains it. A key that this
// build does not know is KeyKind::other.
//
// Err::encrypted_private_key: an EncryptedPrivateKeyInfo. Err::unsupported: more than two primes,
// or a curve given by parameters instead of its name. Err::bad_private_key: anything else.
Err parse_private_key(const Bytes& der, PrivateKey& out);

// Whether a key is sound and belongs to a certificate with this SubjectPublicKeyInfo, of a kind
// that the build knows. One check is left to the library: whether the scalar of an elliptic curve
// belongs to the certificate's point (Err::key_mismatch).
//
// Err::key_mismatch: the key is another one, or claims to be. Err::weak_key, Err::unsupported: the
// size of an RSA key, or primes that are not half as long as the modulus. Err::bad_private_key: a
// scalar out of range, or numbers that do not belong together: a signature by the Chinese remainder
// theorem would be wrong then and reveal a prime (Boneh, DeMillo, Lipton 1997).
//
// Runs in constant time: its instructions and addresses depend on the lengths of secret numbers
// only. For RSA it takes 1.5 KB of stack, and wipes it.
Err check_private_key(const PrivateKey& key, const Bytes& subject_public_key);

// Whether 0 < `scalar` < the order of the curve: ec_p256, or ec_p384 if the build has it. `scalar`:
// big-endian, at most as long as the order. In constant time for each length.
bool is_private_scalar(KeyKind curve, const Bytes& scalar);

} // namespace ussl::x509
