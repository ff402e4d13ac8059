// Maps a library's error numbers to Err, as a list: each Err, followed by the numbers that mean it.
// For numbers that are negative and fit 16 bits; an Err is positive. A switch takes four times the
// flash.
//
//   constexpr std::int16_t table[] = {
//       codes_for(Err::no_memory), MEMORY_ERROR, MEMORY_E,
//       codes_for(Err::no_randomness), RNG_FAILURE_E,
//   };
//   static_assert(has_each_once(table));
#pragma once

#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace ussl {

constexpr std::int16_t codes_for(Err error) { return static_cast<std::int16_t>(error); }

// Whether no number is in `table` twice. (A switch would reject that, too.)
constexpr bool has_each_once(std::span<const std::int16_t> table) {
    for (std::size_t i = 0; i < table.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (table[i] == table[j]) return false;
    return true;
}

// The meaning of `code` by such a table; meanings may be any positive numbers. 0: not in the table.
int find_meaning(const std::int16_t* table, std::size_t size, int code);

// `otherwise`: for numbers that are not in `table`.
template<std::size_t size>
Err find_error(const std::int16_t (&table)[size], int code, Err otherwise) {
    const int meaning = find_meaning(table, size, code);
    return meaning != 0 ? static_cast<Err>(meaning) : otherwise;
}

// What the library was doing when it failed.
enum class During : std::uint8_t {
    own_work,         // no peer has an influence on it
    peer_message,     // parsing or using it
    peer_certificate, // the Certificate message
    peer_signature,   // of the handshake
};

// For numbers that are in no table. A peer chooses the values that a library computes with, and can
// provoke any of its errors: those are never Err::internal.
constexpr Err unlisted_error(During what) {
    switch (what) {
    case During::own_work: return Err::internal;
    case During::peer_message: return Err::bad_message;
    case During::peer_certificate: return Err::bad_peer_certificate;
    case During::peer_signature: break;
    }
    return Err::bad_signature;
}

} // namespace ussl
