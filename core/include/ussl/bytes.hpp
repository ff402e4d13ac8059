// Views of bytes. A view never owns memory: each function that takes one says how long it must stay
// valid.
#pragma once

#include "ussl/features.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ussl {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// The bytes of a text, without a terminating NUL.
inline Bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// By reference: most of the views that are compared lie in memory.
bool equal(const Bytes& a, const Bytes& b);

// CRC-32 (ISO-HDLC, as in zip) of `bytes`, which follow bytes with the checksum `before`. It
// detects damage, not manipulation.
std::uint32_t crc32(const Bytes& bytes, std::uint32_t before = 0);

// Overwrites `secret` with zeros; the compiler does not optimise it away.
void wipe(void* secret, std::size_t size);
inline void wipe(MutableBytes secret) { wipe(secret.data(), secret.size()); }

} // namespace ussl
