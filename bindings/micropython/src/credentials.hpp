// A script's certificates and keys, converted to DER that stays in place.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <span>

namespace ussl::binding {

// Certificates in DER. Lives in the interpreter's memory and never changes. DER in a script's bytes
// object is used in place: in flash, for example.
struct CertificateList {
    const CertificateList* previous; // keeps alive what its items point into
    mp_obj_t given;                  // the object that holds the own items, or
    std::uint8_t* decoded;           // the memory that does
    std::size_t count;
    Bytes items[1]; // `count` of them, those of `previous` first
    std::span<const Bytes> all() const { return {items, count}; }
};

// From a buffer with PEM (any number of certificates; other blocks are skipped) or with DER (one
// certificate after the other). Raises if it holds none or is damaged; `bad` is the error for DER.
CertificateList* load_certificates(mp_obj_t buffer, const CertificateList* previous,
                                   Err bad = Err::bad_certificate);

// A private key in DER. Its finaliser wipes decoded bytes; a script's buffer stays the script's.
struct PrivateKey {
    mp_obj_base_t base;
    mp_obj_t given;
    Bytes der;
    std::size_t decoded_size;
    std::uint8_t decoded[1];
};

PrivateKey* load_private_key(mp_obj_t buffer);

// A pre-shared key or its identity, any bytes. Copied, and wiped at the end, unless they are in a
// bytes object.
PrivateKey* load_secret(mp_obj_t buffer);

// A chain and its key.
struct OwnCredential {
    const CertificateList* chain; // null: there is none
    const PrivateKey* key;        // null: sign_callback signs
};

struct OwnCredentials {
    std::size_t count;
    OwnCredential items[1];
};
OwnCredentials* append(const OwnCredentials* before, const OwnCredential& credential);

// The contents of a file if `source` is a str, its path; otherwise `source` itself.
mp_obj_t contents_of(mp_obj_t source);

// A chain and its key, each from a file or a buffer, as by contents_of(). Bytes that were read from
// a file are wiped after use. `key`: None if sign_callback signs; null if it is in the same PEM
// text as the chain, before or after it.
OwnCredential load_credential_from(mp_obj_t certificates, mp_obj_t key);

} // namespace ussl::binding
