#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/usable_suites.hpp"

namespace ussl {

void SessionSetup::set(const ContextConfig& config) {
#if USSL_CLIENT && USSL_SERVER
    role = config.role;
    expectations.peer_role = config.role == Role::client ? Role::server : Role::client;
#endif
    verify = config.verify;
    keep_peer_certificate = config.keep_peer_certificate;
#if USSL_DTLS
    datagram = config.datagram;
    datagram_size = config.datagram_size != 0 ? config.datagram_size : usual_datagram_size;
#endif
#if USSL_CONNECTION_ID
    connection_id = config.connection_id;
    connection_id_size = config.connection_id_size;
#endif
#if USSL_RECORD_SIZE_LIMIT
    // A server that knows both extensions would ignore the one that was asked for (RFC 8449, 5).
    const bool has_other = config.max_fragment_length != 0 && config.record_size_limit == 0;
    record_size_limit =
        config.record_size_limit != 0 ? config.record_size_limit : std::uint16_t{USSL_RECORD_INPUT};
    if (datagram || has_other) record_size_limit = 0;
#endif
#if USSL_PSK
    has_psk = ussl::has_psk(config);
#endif
    expectations.policy = config.policy;
    expectations.trust_anchors = config.trust_anchors;
#if USSL_ANCHOR_SOURCE
    expectations.anchor_source = config.anchor_source;
#endif
#if USSL_PINS
    expectations.pins = config.pins;
#endif
#if USSL_VERIFY_CALLBACK
    expectations.verify_callback = config.verify_callback;
#endif
#if USSL_RESUMPTION
    session_lifetime = ussl::session_lifetime(config);
    own_chain = config.credential.chain;
    psk_identity = config.psk.identity;
#endif
#if USSL_SERVER_NAMES
    more_credentials = config.more_credentials;
    server_name_callback = config.server_name_callback;
#endif
}

} // namespace ussl
