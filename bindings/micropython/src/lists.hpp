// Converts a script's lists for contexts. The results live in the interpreter's memory and never
// change.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace ussl::binding {

// Protocol names for ALPN, as views into `given`.
struct ProtocolNames {
    mp_obj_t given; // a tuple of str or bytes
    std::size_t count;
    std::string_view names[1]; // `count` of them
    std::span<const std::string_view> all() const { return {names, count}; }
};
ProtocolNames* load_protocol_names(mp_obj_t names);

// SHA-256 digests of keys: 32 bytes each, or a hexadecimal str.
struct Digests {
    std::size_t count;
    std::uint8_t* bytes;
    Bytes items[1];
    std::span<const Bytes> all() const { return {items, count}; }
};
// Pins. Null for None and for an empty list.
Digests* load_digests(mp_obj_t digests);
// Ticket keys, which have the same length.
Digests* load_ticket_keys(mp_obj_t keys);

// Cipher suites, the preferred one first.
struct SuiteNumbers {
    std::size_t count;
    std::uint16_t items[1];
    std::span<const std::uint16_t> all() const { return {items, count}; }
};
// From a list, or a str separated by colons, of IANA names or MicroPython's spelling of them.
SuiteNumbers* load_suites(mp_obj_t names);

// The IANA names of `suites`, or of all suites of the backend, as a list.
mp_obj_t suite_names(const SuiteNumbers* suites);

} // namespace ussl::binding
