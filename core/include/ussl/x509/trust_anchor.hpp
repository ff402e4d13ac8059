// A trust anchor as a path ends with it.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::x509 {

struct TrustAnchor {
    // What the rules look at; of its issuer and of its signature they see nothing.
    Certificate certificate{};
    // The whole certificate, DER, shown to the verify callback. Empty: there is none at hand. Then
    // `checksum` is crc32() of it, and one that the peer sends is this anchor where that and all
    // that the rules look at is equal. (Who makes another certificate with this checksum needs the
    // anchor's private key for it to be of use.)
    Bytes der;
#if USSL_ANCHOR_SOURCE
    std::uint32_t checksum = 0;
    // For what find() cannot point to where it lies: as much as the key of an RSA root takes.
    static constexpr std::size_t room_size = 552;
    std::uint8_t room[room_size];
#endif
};

// For sources that have whole certificates: takes over `der`, to which the anchor's views then
// point. False: it cannot be read.
inline bool read_anchor(const Bytes& der, TrustAnchor& out) {
    out.der = der;
    return parse(der, out.certificate);
}

} // namespace ussl::x509
