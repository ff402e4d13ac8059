// A trust anchor: the end of a path.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::x509 {

struct TrustAnchor {
    // The fields that the rules use. They ignore its issuer and its signature.
    Certificate certificate{};
    // The whole certificate, DER, for the verify callback. Empty: not available. Then `checksum` is
    // its crc32(), and a certificate from the peer is this anchor if the checksum and all fields
    // that the rules use are equal. (A forged certificate with this checksum is of no use without
    // the anchor's private key.)
    Bytes der;
#if USSL_ANCHOR_SOURCE
    std::uint32_t checksum = 0;
    // For parts that find() cannot point to in place: as large as the key of an RSA root.
    static constexpr std::size_t room_size = 552;
    std::uint8_t room[room_size];
#endif
};

// For sources with whole certificates: points the anchor to `der`. false: it cannot be read.
inline bool read_anchor(const Bytes& der, TrustAnchor& out) {
    out.der = der;
    return parse(der, out.certificate);
}

} // namespace ussl::x509
