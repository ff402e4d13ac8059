// The arithmetic for keys and certificates made on the device (ussl/make_certificate.hpp).
#include "hooks.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/p256_of.hpp"
#include "ussl/mbedtls.hpp"

#if USSL_MAKE_CERTIFICATES

#include <mbedtls/ecdsa.h>

namespace ussl::mbedtls {
namespace {

// A key pair, from its private half.
class Key {
public:
    explicit Key(const std::uint8_t (&scalar)[32]) {
        mbedtls_ecdsa_init(&pair_);
        good_ = mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, &pair_, scalar, sizeof scalar) == 0;
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { mbedtls_ecdsa_free(&pair_); }

    bool write_point(std::uint8_t (&point)[65]) {
        mbedtls_ecp_group& group = pair_.MBEDTLS_PRIVATE(grp);
        mbedtls_ecp_point& own = pair_.MBEDTLS_PRIVATE(Q);
        std::size_t size = 0;
        return good_ &&
               mbedtls_ecp_mul(&group, &own, &pair_.MBEDTLS_PRIVATE(d), &group.G, random_bytes,
                               environment()) == 0 &&
               mbedtls_ecp_point_write_binary(&group, &own, MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                              point, sizeof point) == 0;
    }

    std::size_t sign(const std::uint8_t (&digest)[32], std::uint8_t (&signature)[72]) {
        std::size_t size = 0;
        return good_ && mbedtls_ecdsa_write_signature(&pair_, MBEDTLS_MD_SHA256, digest,
                                                      sizeof digest, signature, sizeof signature,
                                                      &size, random_bytes, environment()) == 0
                   ? size
                   : 0;
    }

private:
    static void* environment() { return const_cast<Environment*>(Operation::environment()); }

    mbedtls_ecdsa_context pair_;
    bool good_;
};

} // namespace

const P256& p256() {
    static constexpr P256 self = p256_of<Key>(backend);
    return self;
}

} // namespace ussl::mbedtls

#endif
