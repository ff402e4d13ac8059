// The arithmetic for keys and certificates made on the device (ussl/make_certificate.hpp).
#include "hooks.hpp"
#include "library.hpp"

#include "ussl/openssl.hpp"

#if USSL_MAKE_CERTIFICATES

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>

namespace ussl::openssl {
namespace {

using OwnedGroup = std::unique_ptr<EC_GROUP, Freeing<EC_GROUP_free>>;
using OwnedPoint = std::unique_ptr<EC_POINT, Freeing<EC_POINT_free>>;
using OwnedNumber = std::unique_ptr<BIGNUM, Freeing<BN_clear_free>>;
using OwnedParameters = std::unique_ptr<OSSL_PARAM, Freeing<OSSL_PARAM_free>>;
using OwnedBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freeing<OSSL_PARAM_BLD_free>>;
using OwnedKeyContext = std::unique_ptr<EVP_PKEY_CTX, Freeing<EVP_PKEY_CTX_free>>;

OwnedNumber number_of(const std::uint8_t (&scalar)[32]) {
    BIGNUM* const room = BN_secure_new(); // its arithmetic is constant-time
    return OwnedNumber(room != nullptr ? BN_bin2bn(scalar, sizeof scalar, room) : nullptr);
}

bool public_point(const std::uint8_t (&scalar)[32], std::uint8_t (&point)[65]) {
    const OwnedNumber number = number_of(scalar);
    const OwnedGroup group(
        EC_GROUP_new_by_curve_name_ex(library_context(), nullptr, NID_X9_62_prime256v1));
    const OwnedPoint own(group ? EC_POINT_new(group.get()) : nullptr);
    return number && own &&
           EC_POINT_mul(group.get(), own.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
           EC_POINT_point2oct(group.get(), own.get(), POINT_CONVERSION_UNCOMPRESSED, point,
                              sizeof point, nullptr) == sizeof point;
}

OwnedKey key_of(const std::uint8_t (&scalar)[32]) {
    const OwnedNumber number = number_of(scalar);
    const OwnedBuilder builder(OSSL_PARAM_BLD_new());
    if (!number || !builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) !=
            1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) != 1)
        return nullptr;
    const OwnedParameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const OwnedKeyContext context(EVP_PKEY_CTX_new_from_name(library_context(), "EC", nullptr));
    EVP_PKEY* made = nullptr;
    if (parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1)
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_KEYPAIR, parameters.get());
    return OwnedKey(made);
}

std::size_t sign(const std::uint8_t (&scalar)[32], const std::uint8_t (&digest)[32],
                 std::uint8_t (&signature)[72]) {
    const OwnedKey key = key_of(scalar);
    const OwnedKeyContext context(
        key ? EVP_PKEY_CTX_new_from_pkey(library_context(), key.get(), nullptr) : nullptr);
    std::size_t size = sizeof signature;
    return context && EVP_PKEY_sign_init(context.get()) == 1 &&
                   EVP_PKEY_sign(context.get(), signature, &size, digest, sizeof digest) == 1
               ? size
               : 0;
}

} // namespace

const P256& p256() {
    static constexpr P256 self{backend, public_point, sign};
    return self;
}

} // namespace ussl::openssl

#endif
