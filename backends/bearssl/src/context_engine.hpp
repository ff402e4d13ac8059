#pragma once

#include "ussl/backend/engine.hpp"
#include "ussl/backend/own_credentials.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/bearssl.hpp"

#include "chain_validator.hpp"
#include "own_credential.hpp"
#include "session_cache.hpp"

#include "ussl/backend/alpn_table.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

struct Traits::ContextEngine {
    ContextEngine() = default;
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Err start(const ContextConfig& config, const Environment& environment);

    // Sets an engine's suites, ALPN names and, on a server, the CertificateRequest.
    void configure(br_ssl_client_context& client) const;
    void configure(br_ssl_server_context& server) const;

    // The first is ContextConfig::credential; empty: none.
    std::span<const OwnCredential> credentials() const {
#if USSL_SERVER || USSL_CLIENT_CERTIFICATES
        return credentials_.all();
#else
        return {};
#endif
    }

    const Environment* environment = nullptr;
    SessionCache* cache = nullptr; // on a server with resumption
    KeyLog key_log;
    std::uint16_t max_fragment_length = 0; // that a client asks for

private:
    Err name_anchors(const ContextConfig& config);
    Err read_credentials(const ContextConfig& config);
    void configure(br_ssl_engine_context& engine) const;

    Verify verify_{};
    br_x500_name* anchor_names_ = nullptr; // on a server that asks for certificates
    std::size_t anchor_count_ = 0;
#if USSL_SERVER || USSL_CLIENT_CERTIFICATES
    OwnCredentials<OwnCredential> credentials_;
#endif
    UsableSuites suites_;
#if USSL_ALPN
    AlpnTable alpn_names_;
#endif
};

} // namespace ussl::bearssl
