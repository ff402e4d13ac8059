#pragma once

#include "library.hpp"

#include "ussl/x509/certificate.hpp"
#include "ussl/x509/private_key.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::openssl {

// The numbers of one key in OpenSSL's form, and OpenSSL's key of them. Its decoders would take 1.5
// million instructions for a public key in DER. Wiped by the destructor.
class KeyNumbers {
public:
    KeyNumbers() = default;
    KeyNumbers(const KeyNumbers&) = delete;
    KeyNumbers& operator=(const KeyNumbers&) = delete;
    ~KeyNumbers() { wipe(bytes_, sizeof bytes_); }

    void add(const char* name, Bytes big_endian);
    // RSA's modulus and exponent, or a curve and the point.
    void add(const x509::PublicKey& key);

    // Null: no memory, or they are no key of this kind. `selection`: EVP_PKEY_PUBLIC_KEY or
    // EVP_PKEY_KEYPAIR.
    OwnedKey make_key(x509::KeyKind kind, int selection);

private:
    // RSA: two numbers as long as the modulus, and at most six of half that length, including the
    // public exponent.
    static constexpr std::size_t room = (2 * 2 + 6) * x509::max_own_rsa_bits / 2 / 8;

    std::uint8_t bytes_[room]; // in the processor's byte order
    std::size_t used_ = 0;
    OSSL_PARAM list_[9];
    std::size_t count_ = 0;
    bool fit_ = true; // core/ refuses all others before
};

} // namespace ussl::openssl
