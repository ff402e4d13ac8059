// Which suites, and therefore which versions, a context can negotiate with its settings: decided
// once, before an adapter sees them. Adapters only translate the numbers.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/suites.hpp"

#include <algorithm>
#include <iterator>

namespace ussl {

inline bool has_psk(const ContextConfig& config) {
    return features::psk && (!config.psk.key.empty() || config.psk_callback.find != nullptr);
}

// Whether certificates can be used: there are anchors or pins, or none are needed, as on a server
// that verifies nobody. Otherwise only a pre-shared key verifies the peer; a client that has one
// and no anchors would gain nothing from it if any certificate were accepted as well.
inline bool uses_certificates(const ContextConfig& config) {
    return features::certificates && ((config.verify == Verify::none && is_server(config.role)) ||
                                      has_anchors_or_pins(config) || !has_psk(config));
}

struct UsableSuites {
    static constexpr std::size_t most =
        std::count_if(std::begin(suites_in_list), std::end(suites_in_list),
                      [](const SuiteInList& suite) { return suite.is_built; });

    std::uint16_t numbers[most];
    std::size_t count = 0;

    std::span<const std::uint16_t> list() const { return {numbers, count}; }
};

// Kinds of own keys in all credentials. tls1_2: the library can use one of them in TLS 1.2 only.
struct OwnKeys {
    bool rsa = false, ecdsa = false, tls1_2 = false;
};

// The versions of settings that choose_suites() has narrowed. Builds without TLS 1.3 have only one.
inline Version lowest_version(const ContextConfig& config) {
    return features::tls1_3 ? config.min_version : Version::tls1_2;
}
inline Version highest_version(const ContextConfig& config) {
    return features::tls1_3 ? config.max_version : Version::tls1_2;
}

// Fills `usable` with the usable suites of checked settings, or of `all`, in their order, without
// duplicates, and points config.suites to it. Suites that cannot be negotiated are left out: TLS
// 1.3 without that version, PSK without a key, certificates that could not be verified, or for
// which a server has no key. So are, in builds without certificates, suites without forward secrecy
// that the settings do not list. Suites of TLS 1.2 stay even for a context with TLS 1.3 only: so a
// server that knows only TLS 1.2 finds a suite and answers with its version instead of
// handshake_failure.
//
// Narrows the versions to those that have a suite, and to TLS 1.2 if a setting needs something that
// the backend has only there. Err::invalid_argument: there is no suite. Err::unsupported: the
// settings ask for TLS 1.3 only, and for something of TLS 1.2.
Err choose_suites(ContextConfig& config, std::span<const std::uint16_t> all,
                  const Capabilities& can, OwnKeys own, UsableSuites& usable);

} // namespace ussl
