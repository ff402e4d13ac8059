// The arithmetic of ussl/make_certificate.hpp, from a library's key.
#pragma once

#include "ussl/make_certificate.hpp"

namespace ussl {

// `Key` is constructed from a private number; its write_point() and sign() work as those of P256.
// Its destructor wipes it.
template<class Key>
constexpr P256 p256_of(const Backend& (*backend)()) {
    return {backend,
            [](const std::uint8_t(&scalar)[32], std::uint8_t(&point)[65]) {
                return Key(scalar).write_point(point);
            },
            [](const std::uint8_t(&scalar)[32], const std::uint8_t(&digest)[32],
               std::uint8_t(&signature)[72]) { return Key(scalar).sign(digest, signature); }};
}

} // namespace ussl
