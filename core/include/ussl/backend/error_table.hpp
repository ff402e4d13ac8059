// What a library's error numbers mean here, as a list: each Err and behind it the numbers that
// stand for it. For numbers that are negative and fit 16 bits: an Err is told from them by its
// sign. A switch takes four times the flash.
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

// Whether no number stands in `table` twice, as a switch would not have it either.
constexpr bool has_each_once(std::span<const std::int16_t> table) {
    for (std::size_t i = 0; i < table.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (table[i] == table[j]) return false;
    return true;
}

// What `code` means by a table of this form, with whatever positive numbers for meanings. 0: it is
// not in there.
int find_meaning(const std::int16_t* table, std::size_t size, int code);

// `otherwise` for what is not in `table`.
template<std::size_t size>
Err find_error(const std::int16_t (&table)[size], int code, Err otherwise) {
    const int meaning = find_meaning(table, size, code);
    return meaning != 0 ? static_cast<Err>(meaning) : otherwise;
}

// What a library was at when it failed.
enum class During : std::uint8_t {
    own_work,         // which no peer has a hand in
    peer_message,     // reading it, or using what it brought
    peer_certificate, // the one message of this name
    peer_signature,   // of the handshake
};

// What a number means that no table has. A peer chooses the values that a library computes with,
// and may so lead to any number of it: those are never Err::internal.
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
