// The arithmetic for keys and certificates made on the device (ussl/make_certificate.hpp).
#include "implementations.hpp"

#include "ussl/bearssl.hpp"

#if USSL_MAKE_CERTIFICATES

#include <cstring>

namespace ussl::bearssl {
namespace {

br_ec_private_key key_of(const std::uint8_t (&scalar)[32]) {
    return {BR_EC_secp256r1, const_cast<std::uint8_t*>(scalar), sizeof scalar};
}

bool public_point(const std::uint8_t (&scalar)[32], std::uint8_t (&point)[65]) {
    const br_ec_private_key key = key_of(scalar);
    std::uint8_t room[BR_EC_KBUF_PUB_MAX_SIZE];
    if (br_ec_compute_pub(elliptic_curves(), nullptr, room, &key) != sizeof point) return false;
    std::memcpy(point, room, sizeof point);
    return true;
}

// With a deterministic nonce (RFC 6979), which needs no randomness.
std::size_t sign(const std::uint8_t (&scalar)[32], const std::uint8_t (&digest)[32],
                 std::uint8_t (&signature)[72]) {
    const br_ec_private_key key = key_of(scalar);
    return br_ecdsa_sign_asn1_get_default()(elliptic_curves(), &br_sha256_vtable, digest, &key,
                                            signature);
}

} // namespace

const P256& p256() {
    static constexpr P256 self{backend, public_point, sign};
    return self;
}

} // namespace ussl::bearssl

#endif
