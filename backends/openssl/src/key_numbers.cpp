#include "key_numbers.hpp"

#include "hooks.hpp"

#include <algorithm>
#include <bit>
#include <openssl/core_names.h>

namespace ussl::openssl {

void KeyNumbers::add(const char* name, Bytes big_endian) {
    std::uint8_t* const at = bytes_ + used_;
    fit_ = fit_ && big_endian.size() <= room - used_;
    if (!fit_) return;
    std::reverse_copy(big_endian.begin(), big_endian.end(), at);
    if constexpr (std::endian::native == std::endian::big) std::reverse(at, at + big_endian.size());
    used_ += big_endian.size();
    list_[count_++] = OSSL_PARAM_construct_BN(name, at, big_endian.size());
}

void KeyNumbers::add(const x509::PublicKey& key) {
    if (key.kind == x509::KeyKind::rsa) {
        add(OSSL_PKEY_PARAM_RSA_N, key.modulus);
        add(OSSL_PKEY_PARAM_RSA_E, key.exponent);
        return;
    }
    // OpenSSL only reads them.
    auto* const group = const_cast<char*>(key.kind == x509::KeyKind::ec_p384 ? "P-384" : "P-256");
    auto* const point = const_cast<std::uint8_t*>(key.point.data());
    list_[count_++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0);
    list_[count_++] =
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, key.point.size());
}

OwnedKey KeyNumbers::make_key(x509::KeyKind kind, int selection) {
    list_[count_] = OSSL_PARAM_construct_end();
    EVP_PKEY* made = nullptr;
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(
        library_context(), kind == x509::KeyKind::rsa ? "RSA" : "EC", nullptr);
    if (fit_ && context != nullptr && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &made, selection, list_);
    EVP_PKEY_CTX_free(context);
    return OwnedKey(made);
}

} // namespace ussl::openssl
