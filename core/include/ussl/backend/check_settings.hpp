// The checks of settings, before any library sees them. ContextOf and SessionOf call them; adapters
// do not.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/usable_suites.hpp"

namespace ussl {

// Checks what is the same on every backend: roles, versions and features against `capabilities`,
// whether verification has what it needs, certificates, keys, the lengths of ALPN names, suites.
// Notes in `keys` which kinds of own keys there are. The adapter parses an own key again with
// x509::parse_private_key() and gives its numbers to the library, which checks one thing more:
// whether an EC key matches the certificate's point.
Error check_config(const ContextConfig& config, const Environment& environment,
                   const Capabilities& capabilities, std::span<const std::uint16_t> suites,
                   OwnKeys& keys);

// Checks the peer's identity: its syntax, and whether verification has what it needs.
Err check_peer_identity(const SessionSetup& setup);

// Copies the peer into a session's setup and checks it; adds the time if certificates are verified
// with it.
Err expect_peer(SessionSetup& setup, const PeerIdentity& peer, const Environment& environment);

// Reads the time. Err::clock_not_set: there is none, or it is before earliest_time.
Err read_clock(const Environment& environment, UnixTime& now);

} // namespace ussl
