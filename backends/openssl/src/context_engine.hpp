#pragma once

#include "ussl/backend/engine.hpp"
#include "ussl/backend/own_credentials.hpp"
#include "ussl/backend/ticket_keys.hpp"
#include "ussl/openssl.hpp"

#include "own_credential.hpp"

#include <memory>

namespace ussl::openssl {

struct Traits::ContextEngine {
    ContextEngine() = default;
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Err start(const ContextConfig& config, const Environment& environment);

    // Whether a session of this version and suite may be resumed.
    bool allows(const SSL_SESSION& session) const;

    SSL_CTX* library = nullptr;
    OwnCredentials<OwnCredential> own;
    Credential credential;
    PreSharedKey psk;
    PskCallback psk_callback;
    KeyLog key_log;
    Bytes alpn; // names preceded by their lengths (RFC 7301, 3.1)
    std::uint8_t max_fragment = TLSEXT_max_fragment_length_DISABLED; // that a client asks for
    bool resumption = false;
    const Environment* environment = nullptr;
#if USSL_RESUMPTION && USSL_SERVER
    mutable TicketKeys ticket_keys;
#endif

private:
    Err set_up(const ContextConfig& config);
    Err set_suites(const ContextConfig& config);
    Err read_credentials(const ContextConfig& config);
    Err name_anchors(std::span<const Bytes> anchors);
    Err copy_alpn(std::span<const std::string_view> names);
};

} // namespace ussl::openssl
