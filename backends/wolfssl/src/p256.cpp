// The arithmetic for keys and certificates made on the device (ussl/make_certificate.hpp).
#include "hooks.hpp"
#include "library.hpp"

#include "ussl/backend/p256_of.hpp"
#include "ussl/wolfssl.hpp"

#if USSL_MAKE_CERTIFICATES

#include <wolfssl/wolfcrypt/ecc.h>

namespace ussl::wolfssl {
namespace {

// A key, from its private half.
class Key {
public:
    explicit Key(const std::uint8_t (&scalar)[32]) {
        started_ = acquire_library() == WOLFSSL_SUCCESS;
        made_ = started_ && wc_ecc_init(&key_) == 0;
        good_ = made_ && wc_InitRng(&random_) == 0 && wc_ecc_set_rng(&key_, &random_) == 0 &&
                wc_ecc_import_private_key_ex(scalar, sizeof scalar, nullptr, 0, &key_,
                                             ECC_SECP256R1) == 0;
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() {
        if (made_) {
            wc_ecc_free(&key_);
            wc_FreeRng(&random_);
        }
        if (started_) release_library();
    }

    bool write_point(std::uint8_t (&point)[65]) {
        word32 size = sizeof point;
        return good_ && wc_ecc_make_pub_ex(&key_, nullptr, &random_) == 0 &&
               wc_ecc_export_x963(&key_, point, &size) == 0;
    }

    std::size_t sign(const std::uint8_t (&digest)[32], std::uint8_t (&signature)[72]) {
        word32 size = sizeof signature;
        return good_ && wc_ecc_sign_hash(digest, sizeof digest, signature, &size, &random_,
                                         &key_) == 0
                   ? size
                   : 0;
    }

private:
    ecc_key key_;
    WC_RNG random_{};
    bool started_ = false, made_ = false, good_ = false;
};

} // namespace

const P256& p256() {
    static constexpr P256 self = p256_of<Key>(backend);
    return self;
}

} // namespace ussl::wolfssl

#endif
