// Signatures of the handshake by a program's signer (Credential::signer): what it is asked for, and
// what is a signature, the same on every backend.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/callbacks.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstddef>

namespace ussl {

// The scheme of a signature of a handshake (RFC 8446, 4.2.3): in the upper byte the hash, in the
// lower one the kind, as in TLS 1.2 (RFC 5246, 7.4.1.4.1), but for those of RSASSA-PSS. `kind` is
// rsa_pkcs1, rsa_pss or ecdsa, `hash` SHA-256 or a longer one.
constexpr SignatureScheme scheme_of(x509::SignatureKind kind, x509::HashKind hash) {
    constexpr unsigned sha256 = 4, rsa = 1, ecdsa = 3, rsa_pss = 8;
    const unsigned number =
        sha256 + static_cast<unsigned>(hash) - static_cast<unsigned>(x509::HashKind::sha256);
    return static_cast<SignatureScheme>(kind == x509::SignatureKind::rsa_pss ? rsa_pss << 8 | number
                                        : kind == x509::SignatureKind::ecdsa ? number << 8 | ecdsa
                                                                             : number << 8 | rsa);
}

// Has the signer that keeps the key of `certificate` sign `digest`, to the front of `room`; the
// size of the digest says which hash it is of. `pads_by_pss`: where the key is RSA's (RFC 8446,
// 4.2.3: in TLS 1.3 it must). Returns the signature's size. 0: there is none, and
// Err::signer_failed is noted.
//
// What it gives must be a signature by its form: of RSA as long as the modulus, of an elliptic
// curve DER (RFC 3279, 2.2.3) with two numbers that are no longer than the curve's order. The
// signer is given room for the largest one of the key, and no more. Whether it is right is for the
// peer to find.
std::size_t ask_signer(const Signer& signer, const Bytes& certificate, bool pads_by_pss,
                       const Bytes& digest, MutableBytes room);

} // namespace ussl
