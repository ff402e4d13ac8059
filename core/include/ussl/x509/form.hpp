// Recognises other structures in DER, for errors such as "this is a private key".
#pragma once

#include "ussl/bytes.hpp"

#include <cstdint>
#include <string_view>

namespace ussl::x509 {

enum class Form : std::uint8_t {
    unknown, // none of these, or not DER
    certificate,
    request,               // PKCS#10 (RFC 2986)
    public_key,            // SubjectPublicKeyInfo
    private_key,           // PKCS#8, PKCS#1 or SEC 1
    encrypted_private_key, // EncryptedPrivateKeyInfo (RFC 5958, 3)
    pkcs12,                // RFC 7292
};

// Decides by the first elements; the rest may be damaged.
Form form_of(const Bytes& der);

// With its article: "a private key". Empty for `unknown`.
std::string_view name_of(Form form);

} // namespace ussl::x509
