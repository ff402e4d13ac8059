// Which suites, and so which versions, a context can negotiate with its settings: decided once, in
// order, before an adapter sees them. An adapter translates their numbers.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/suites.hpp"

#include <iterator>

namespace ussl {

inline bool has_psk(const ContextConfig& config) {
    return features::psk && (!config.psk.key.empty() || config.psk_callback.find != nullptr);
}

// Whether there is something to judge a peer's certificates by, or no need to: a server that
// verifies nobody shows its own. Else only a pre-shared key verifies the peer. A client that has
// one, and nothing to judge by, would have it for nothing if any certificate did as well.
inline bool uses_certificates(const ContextConfig& config) {
    return (config.verify == Verify::none && is_server(config.role)) ||
           has_anchors_or_pins(config) || !has_psk(config);
}

struct UsableSuites {
    static constexpr std::size_t most = std::size(suites_in_list);

    std::uint16_t numbers[most];
    std::size_t count = 0;

    std::span<const std::uint16_t> list() const { return {numbers, count}; }
};

// Kinds of own keys, of all credentials.
struct OwnKeys {
    bool rsa = false, ecdsa = false;
};

// Fills `usable` from the suites of settings that were checked, or from `all` of a backend, in
// their order, each once, and points config.suites there. Left out are those that can come to
// nothing: of TLS 1.3 where that is not spoken; with a pre-shared key where there is none; with
// certificates where a peer's could not be judged, or where a server has no key of that kind. Those
// of TLS 1.2 stay in a list for TLS 1.3: a server that knows no more then finds a suite, and
// answers with its version rather than with handshake_failure.
//
// Narrows the versions to those that have a suite. Err::invalid_argument: there is none.
Err choose_suites(ContextConfig& config, std::span<const std::uint16_t> all, OwnKeys own,
                  UsableSuites& usable);

} // namespace ussl
