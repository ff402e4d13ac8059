// Handshake signatures by a program's signer (Credential::signer): what it must sign, and which
// results are accepted, the same on every backend.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/callbacks.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstddef>

namespace ussl {

// The scheme of a handshake signature (RFC 8446, 4.2.3): the hash in the upper byte and the kind in
// the lower one, as in TLS 1.2 (RFC 5246, 7.4.1.4.1), except for RSASSA-PSS. `kind` is rsa_pkcs1,
// rsa_pss or ecdsa; `hash` is SHA-256 or longer.
constexpr SignatureScheme scheme_of(x509::SignatureKind kind, x509::HashKind hash) {
    constexpr unsigned sha256 = 4, rsa = 1, ecdsa = 3, rsa_pss = 8;
    const unsigned number =
        sha256 + static_cast<unsigned>(hash) - static_cast<unsigned>(x509::HashKind::sha256);
    return static_cast<SignatureScheme>(kind == x509::SignatureKind::rsa_pss ? rsa_pss << 8 | number
                                        : kind == x509::SignatureKind::ecdsa ? number << 8 | ecdsa
                                                                             : number << 8 | rsa);
}

// Lets the signer for the key of `certificate` sign `digest` into the front of `room`. The size of
// the digest determines the hash. `pads_by_pss`: RSA keys use RSASSA-PSS (mandatory in TLS 1.3: RFC
// 8446, 4.2.3). Returns the size of the signature. 0: there is none, and Err::signer_failed is
// noted.
//
// The result must have the form of a signature: with RSA as long as the modulus; with elliptic
// curves DER (RFC 3279, 2.2.3) with two numbers no longer than the curve's order. The signer's
// buffer is exactly as large as the key's largest signature. The peer finds out whether the
// signature is right.
std::size_t ask_signer(const Signer& signer, const Bytes& certificate, bool pads_by_pss,
                       const Bytes& digest, MutableBytes room);

} // namespace ussl
