// Certificates and keys as scripts give them, turned into DER that stays in place.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <span>

namespace ussl::binding {

// Certificates, DER. Lives in the interpreter's memory and is never changed once made. DER that
// a script gives as bytes is used in place: in flash, if it is there.
struct CertificateList {
    const CertificateList* previous; // keeps alive what the items before the own ones point into
    mp_obj_t given;                  // the object that the own items point into, or
    std::uint8_t* decoded;           // the memory that they do
    std::size_t count;
    Bytes items[1]; // `count` of them, those of `previous` first
    std::span<const Bytes> all() const { return {items, count}; }
};

// From a buffer with PEM (any number of certificates; other blocks are skipped, whatever is in
// them) or with DER (one certificate after the other). Raises where it holds none or is damaged,
// `bad` where that is no matter of PEM.
CertificateList* load_certificates(mp_obj_t buffer, const CertificateList* previous,
                                   Err bad = Err::bad_certificate);

// A private key, DER. Its finaliser wipes what was decoded; a buffer that a script gave is its own.
struct PrivateKey {
    mp_obj_base_t base;
    mp_obj_t given;
    Bytes der;
    std::size_t decoded_size;
    std::uint8_t decoded[1];
};

PrivateKey* load_private_key(mp_obj_t buffer);

// A pre-shared key or its identity, any bytes. Copied, and wiped at the end, unless they are in a
// script's own bytes object.
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

// The contents of a file where `source` is a str, the path; else `source` itself.
mp_obj_t contents_of(mp_obj_t source);

// A chain and its key, each from a file or a buffer as contents_of() tells them apart. What was
// read from a file is wiped once all is out of it. `key`: None where sign_callback signs; null
// where it stands beside the chain, before or behind it, in one PEM text.
OwnCredential load_credential_from(mp_obj_t certificates, mp_obj_t key);

} // namespace ussl::binding
