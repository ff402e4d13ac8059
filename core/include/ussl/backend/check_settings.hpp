// The checks of settings, which every backend makes before its library sees anything. ContextOf and
// SessionOf make them; adapters do not.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/usable_suites.hpp"

namespace ussl {

// The checks of settings that are the same on every backend: roles, versions and features against
// `capabilities`, that what verification needs is there, certificates, keys, ALPN names' lengths,
// suites. The adapter reads an own key again by x509::parse_private_key(), gives its library the
// numbers, and is left with what that must say: whether an elliptic curve's key belongs to the
// certificate's point. Notes in `keys` which kinds of own keys there are.
Error check_config(const ContextConfig& config, const Environment& environment,
                   const Capabilities& capabilities, std::span<const std::uint16_t> suites,
                   OwnKeys& keys);

// The checks of a peer's identity: syntax, and that what verification needs is there.
Err check_peer_identity(const SessionSetup& setup);

// Takes the peer over into a context's setup, as a session is to expect it, and checks it; with the
// time where certificates are judged by it.
Err expect_peer(SessionSetup& setup, const PeerIdentity& peer, const Environment& environment);

// Reads the time. Err::clock_not_set when there is none, or one before earliest_time.
Err read_clock(const Environment& environment, UnixTime& now);

} // namespace ussl
