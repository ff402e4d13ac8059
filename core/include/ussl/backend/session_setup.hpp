// What an engine knows about its session: settings that were checked.
#pragma once

#include "ussl/context.hpp"
#include "ussl/features.hpp"
#include "ussl/session.hpp"
#include "ussl/x509/path_check.hpp"

namespace ussl {

// Of checked settings. A constant in builds with one role.
constexpr bool is_server(Role role) {
    return features::server && (!features::client || role == Role::server);
}

// ContextConfig::datagram_size: the default, and the size after a flight was lost twice.
inline constexpr std::uint16_t usual_datagram_size = 1280 - 40 - 8, safe_datagram_size = 508;

// Seconds: ContextConfig::session_lifetime, or its default.
constexpr std::uint32_t session_lifetime(const ContextConfig& config) {
    if (config.session_lifetime != 0) return config.session_lifetime;
    return is_server(config.role) ? default_server_session_lifetime : max_session_lifetime;
}

// When the peer was verified: in the full handshake that the session goes back to, however often it
// was resumed since.
struct Verified {
    UnixTime at = 0;            // 0: without a clock
    UnixTime until = INT64_MAX; // when the first certificate of the peer's path expires
};

// What a session needs to know besides its context. Settings that the build's switches fix are
// constants, which take neither memory nor code.
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
#if USSL_CONNECTION_ID
    bool connection_id; // negotiated; the own one is in expectations.identity
    std::uint8_t connection_id_size;
#else
    static constexpr bool connection_id = false;
    static constexpr std::uint8_t connection_id_size = 0;
#endif
#if USSL_RECORD_SIZE_LIMIT
    std::uint16_t record_size_limit; // plain bytes; 0: neither announced nor read
#endif
#if USSL_PSK
    bool has_psk; // a peer that has the key needs no certificate
#else
    static constexpr bool has_psk = false;
#endif
    x509::Expectations expectations; // includes identity.sni
#if USSL_RESUMPTION
    std::span<const Bytes> own_chain; // of a client; these two are part of its identity
    Bytes psk_identity;
    Bytes resumption;               // the engine's data, without its frame; empty: full handshake
    std::uint32_t session_lifetime; // seconds: a server's, or for what a client stores
    Verified verified;              // by this handshake, if it is a full one
#else
    static constexpr Bytes resumption{};
    static constexpr std::uint32_t session_lifetime = 0;
#endif
#if USSL_SERVER_NAMES
    // Servers: for choose_credential().
    std::span<const Credential> more_credentials;
    ServerNameCallback server_name_callback;
#endif

    // Copies the settings for sessions. The caller still sets expectations.can and sha256.
    void set(const ContextConfig& config);
};

// Whether only a pre-shared key can verify the peer: there are no anchors or pins to judge a
// certificate by.
inline bool has_only_psk(const SessionSetup& setup) {
    const x509::Expectations& expected = setup.expectations;
    return setup.has_psk && !has_anchors(expected) && expected.pins.empty();
}

// Whether a certificate can verify the peer.
inline bool judges_certificates(const SessionSetup& setup) {
    return features::certificates && setup.verify != Verify::none && !has_only_psk(setup);
}

} // namespace ussl
