// Whether a certificate is for the host that was asked for (RFC 9525).
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/session.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl::x509 {

// Matches `peer` against the GeneralNames of a subjectAltName (Certificate::subject_alt_name):
//
//   * a DNS name against dNSName only, an address against iPAddress only; the subject's common
//     name never counts;
//   * ASCII letters without regard to case; one trailing dot of the reference name is ignored;
//   * "*" only as the whole left-most label, for exactly one label, and only where at least two
//     labels follow it ("*.test" matches nothing).
bool matches(const Bytes& subject_alt_name, const PeerIdentity& peer);

// The next name in a subjectAltName that could identify a host, to tell people which names a
// certificate has. `rest` starts as Certificate::subject_alt_name and loses what was read.
struct AltName {
    enum class Kind : std::uint8_t { none, dns_name, ip_address };
    Kind kind = Kind::none; // none: no more names
    Bytes value;            // text without terminator, or 4 or 16 bytes
};
AltName next_alt_name(Bytes& rest);

// ASCII letters are the same in both cases, all else byte by byte: as names are compared.
bool equal_ignoring_case(const Bytes& a, const Bytes& b);

// Whether `name` can stand as a DNS name in SNI and certificates: labels of 1 to 63 letters,
// digits, hyphens and underscores, 253 characters at most, one trailing dot allowed; not an IP
// address.
bool is_dns_name(std::string_view name);

// Whether it is of that form, where the text of an IPv4 address is, too: what a client may ask a
// server for. RFC 6066, 3 has no addresses and no trailing dot there, but clients send them.
bool is_host_name(std::string_view name);

// Reads an IP address in text form: IPv4 as four decimal numbers, IPv6 in the forms of RFC
// 4291, 2.2, without zone. Returns how many bytes of `out` it has (4 or 16), 0 when the text is
// none.
std::size_t parse_ip_address(std::string_view text, std::uint8_t (&out)[16]);

} // namespace ussl::x509
