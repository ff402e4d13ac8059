#pragma once

#include "ussl/backend/alpn_table.hpp"
#include "ussl/backend/engine.hpp"
#include "ussl/backend/own_credentials.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/mbedtls.hpp"

#include "cookies.hpp"
#if USSL_CERTIFICATES
#include "own_credential.hpp"
#endif
#include "tickets.hpp"

#include <mbedtls/ssl.h>

// Whether the build can use own credentials: takes_credentials().
#define USSL_MBEDTLS_CREDENTIALS (USSL_CERTIFICATES && (USSL_SERVER || USSL_CLIENT_CERTIFICATES))

namespace ussl::mbedtls {

struct Traits::ContextEngine {
    ContextEngine();
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Err start(const ContextConfig& config, const Environment& environment);

    const Environment& environment() const { return *environment_; }
    const mbedtls_ssl_config& settings() const { return settings_; }
#if USSL_PSK
    const PskCallback& psk_callback() const { return psk_callback_; }
#endif
#if USSL_KEY_LOG
    const KeyLog& key_log() const { return key_log_; }
#endif
#if USSL_MBEDTLS_CREDENTIALS
    const Credential& credential() const { return credential_; }
    // Numbers as of choose_credential().
    OwnCredential& own(std::size_t number) { return own_[number]; }
#endif

#if USSL_RESUMPTION && USSL_SERVER
    Tickets& tickets() { return tickets_; }
#endif
    // Whether sessions of this version and suite may be resumed.
    bool allows(int version, int suite) const;
    bool resumes() const { return resumes_; }

private:
    Err set_defaults(const ContextConfig& config);
    Err set_psk(const ContextConfig& config);
    Err set_callbacks(const ContextConfig& config);
    Err read_credentials(const ContextConfig& config);
    Err limit_fragments(const ContextConfig& config);
#if USSL_CERTIFICATES
    Err name_anchors(std::span<const Bytes> anchors);
    void name_anchor(std::size_t index, Bytes subject);
#endif
    Err set_alpn(std::span<const std::string_view> names);

    const Environment* environment_ = nullptr;
    bool psa_acquired_ = false;
    bool resumes_ = false;
#if USSL_PSK
    PskCallback psk_callback_;
#endif
#if USSL_RESUMPTION && USSL_SERVER
    Tickets tickets_;
#endif
#if USSL_DTLS && USSL_SERVER
    Cookies cookies_;
#endif
    mbedtls_ssl_config settings_;
    int suites_[UsableSuites::most + 1] = {}; // 0 at the end
#if USSL_KEY_LOG
    KeyLog key_log_;
#endif
#if USSL_MBEDTLS_CREDENTIALS
    Credential credential_;
    OwnCredentials<OwnCredential> own_;
#endif
#if USSL_CERTIFICATES
    mbedtls_x509_crt* anchor_names_ = nullptr; // on a server, for its CertificateRequest
#endif
#if USSL_ALPN
    AlpnTable alpn_;
#endif
};

} // namespace ussl::mbedtls
