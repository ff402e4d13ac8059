// Whether a certificate is valid for a host (RFC 9525).
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/session.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl::x509 {

// Matches `peer` against the GeneralNames of a subjectAltName (Certificate::subject_alt_name):
//
//   * a DNS name against dNSName only, an address against iPAddress only; the subject's common name
//     never counts;
//   * ASCII letters match in either case; a trailing dot of the reference name is ignored;
//   * "*" is a wildcard only as the whole left-most label. It stands for exactly one label, and at
//     least two labels must follow it ("*.test" matches nothing).
bool matches(const Bytes& subject_alt_name, const PeerIdentity& peer);

// The next name in a subjectAltName that can identify a host, to show people which names a
// certificate has. Start with `rest` as Certificate::subject_alt_name; each call removes what it
// read.
struct AltName {
    enum class Kind : std::uint8_t { none, dns_name, ip_address };
    Kind kind = Kind::none; // none: no more names
    Bytes value;            // text without terminator, or 4 or 16 bytes
};
AltName next_alt_name(Bytes& rest);

// Compares as names are compared: ASCII letters match in either case, other bytes must be equal.
bool equal_ignoring_case(const Bytes& a, const Bytes& b);

// Whether `name` can be a DNS name in SNI and certificates: labels of 1 to 63 letters, digits,
// hyphens and underscores, at most 253 characters, perhaps a trailing dot; not an IP address.
bool is_dns_name(std::string_view name);

// The same, but IPv4 addresses are allowed: the names that a client may ask a server for. RFC 6066,
// 3 allows neither addresses nor a trailing dot there, but clients send them.
bool is_host_name(std::string_view name);

// Parses an IP address: IPv4 as four decimal numbers, IPv6 in the forms of RFC 4291, 2.2, without
// zone. Returns the number of bytes in `out`, 4 or 16; 0: not an address.
std::size_t parse_ip_address(std::string_view text, std::uint8_t (&out)[16]);

} // namespace ussl::x509
