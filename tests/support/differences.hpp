// Where a library differs from the others and no adapter can correct it. Tests know these
// differences by name. Each backend's folder has a file differences.txt with its own ones, where
// they hold, and why. A test that asks for one expects the other outcome where it holds, so that an
// entry that is no longer true fails.
#pragma once

#include "support/backends.hpp"

#include "ussl/protocol.hpp"

#include <span>
#include <string_view>

namespace ussl::test {

enum class Difference {
    unknown_groups_pass,               // a ClientHello with unknown groups only is not refused
    alert_level_counts,                // in TLS 1.3 a warning is not an error
    plain_alert_is_unexpected,         // one without encryption, within an encrypted handshake
    unknown_psk_has_nothing_in_common, // is handshake_failure
    psk_client_asks_for_certificates,  // a client that can judge none
    session_named_without_resumption,  // a server gives resumption data that nobody keeps
    sessions_by_id_only,               // a client takes no tickets, a server keeps sessions
    resumption_keeps_fragment_length,  // a session is not resumed with another one
    message_header_in_one_record,      // four bytes of a handshake message must not be split
    sends_what_it_takes,               // no larger records than it takes itself
    arithmetic_allocates,              // thousands of times
    loses_blocks,                      // when memory ends: see library_losses.hpp
    traffic_secrets_stay,              // in memory that the library has freed
    certificate_usage_is_checked,      // of the own certificate: one that may not sign is not shown
    psk_identities_end_at_nul, // they are C's strings: a client's that has one is unsupported
    suite_before_version,      // a server with neither in common tells of the suite
    server_names_are_checked,  // by a server that has nothing to choose, too
    clients_order_counts,      // of suites, to a server
    signer_for_all_or_none,    // of a server's credentials
    tls1_2_sees_no_versions,   // a server of TLS 1.2 alone goes by the hello's oldest field
    datagrams_hold_less,       // 12 bytes, unless they are of the least size
    cookies_have_32_bytes,     // at most, that a client takes
    limits_from_512_bytes,     // smaller record size limits are not answered, nor always kept
    fragments_before_limits,   // a server grants a fragment length, and no record size limit then
};

// Whether the backend has the difference in this version (none: in any version).
bool differs(const BackendUnderTest& backend, Difference what, Version version = Version::none);

// All names, as in differences.txt, in the order of Difference.
std::span<const std::string_view> difference_names();

} // namespace ussl::test
