// What an engine is told of its session: settings that were checked.
#pragma once

#include "ussl/context.hpp"
#include "ussl/features.hpp"
#include "ussl/session.hpp"
#include "ussl/x509/path_check.hpp"

namespace ussl {

// Of a context's settings that were checked. A constant where there is one role only.
constexpr bool is_server(Role role) {
    return features::server && (!features::client || role == Role::server);
}

// Of ContextConfig::datagram_size: where it is 0, and when a flight was lost twice.
inline constexpr std::uint16_t usual_datagram_size = 1280 - 40 - 8, safe_datagram_size = 508;

// Seconds: ContextConfig::session_lifetime, or what it is where the program does not say.
constexpr std::uint32_t session_lifetime(const ContextConfig& config) {
    if (config.session_lifetime != 0) return config.session_lifetime;
    return is_server(config.role) ? default_server_session_lifetime : max_session_lifetime;
}

// When the peer of a session was verified: in the full handshake that it goes back to, however
// often it was resumed since.
struct Verified {
    UnixTime at = 0;            // 0: there was no clock
    UnixTime until = INT64_MAX; // the end of the shortest validity of the peer's path
};

// What a session needs to know besides its context.
// What a switch of the build leaves no choice of is a constant, and takes neither memory nor code.
struct SessionSetup {
#if USSL_CLIENT && USSL_SERVER
    Role role;
#else
    static constexpr Role role = features::server ? Role::server : Role::client;
#endif
    Verify verify;
    bool keep_peer_certificate;
#if USSL_DTLS
    bool datagram;
    std::uint16_t datagram_size; // not 0
#else
    static constexpr bool datagram = false;
#endif
#if USSL_PSK
    bool has_psk; // a peer with the key needs no certificate
#else
    static constexpr bool has_psk = false;
#endif
    x509::Expectations expectations; // identity.sni included
#if USSL_RESUMPTION
    std::span<const Bytes> own_chain; // as a client who it is, these two
    Bytes psk_identity;
    Bytes resumption;               // the engine's own, out of its frame; empty: a full handshake
    std::uint32_t session_lifetime; // seconds; of a server, or of what a client stores
    Verified verified;              // in this handshake, if it is a full one
#else
    static constexpr Bytes resumption{};
    static constexpr std::uint32_t session_lifetime = 0;
#endif
#if USSL_SERVER_NAMES
    // Of a server, for choose_credential().
    std::span<const Credential> more_credentials;
    ServerNameCallback server_name_callback;
#endif

    // Takes over what concerns sessions. Left to do: expectations.can and sha256.
    void set(const ContextConfig& config);
};

// Whether only a pre-shared key can be what verifies the peer: there are no anchors or pins to
// judge a certificate by.
inline bool has_only_psk(const SessionSetup& setup) {
    const x509::Expectations& expected = setup.expectations;
    return setup.has_psk && !has_anchors(expected) && expected.pins.empty();
}

// Whether a certificate can be.
inline bool judges_certificates(const SessionSetup& setup) {
    return setup.verify != Verify::none && !has_only_psk(setup);
}

} // namespace ussl
