#pragma once

#include "ussl/backend/alpn_table.hpp"
#include "ussl/backend/engine.hpp"
#include "ussl/wolfssl.hpp"

#include "internals.hpp"
#include "library.hpp"

namespace ussl::wolfssl {

struct Traits::ContextEngine {
    ContextEngine() = default;
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Err start(const ContextConfig& config, const Environment& environment);

    const Environment* environment = nullptr;
    WOLFSSL_CTX* library = nullptr;
#if USSL_ALPN
    AlpnTable alpn;
#endif
    // The caller's, in place.
#if USSL_SERVER_NAMES || USSL_SIGN_CALLBACK
    Credential credential;
#endif
    std::span<const Credential> more_credentials;
#if USSL_PSK
    PreSharedKey psk;
    PskCallback psk_callback;
#endif
#if USSL_KEY_LOG
    KeyLog key_log;
#endif
#if USSL_MAX_FRAGMENT_LENGTH
    std::uint16_t max_fragment_length = 0;
#endif
    // more_credentials, each in a context of its own; null: none.
    WOLFSSL_CTX** more = nullptr;
    bool resumption = false;
#if USSL_DTLS
    std::uint8_t cookie_key[30]; // HMAC-SHA256; two bytes of time follow
#endif
    // As on the wire.
    unsigned lowest_version = 0, highest_version = 0;

private:
    Err read_credentials(const ContextConfig& config);
    Err read_credential(WOLFSSL_CTX* into, const Credential& credential);
    Err read_key(WOLFSSL_CTX* into, const Bytes& der, const Bytes& certified);
    Err set_psk(const ContextConfig& config);
    Err set_suites(std::span<const std::uint16_t> numbers);
    Err set_resumption(const ContextConfig& config);

    bool initialised_ = false;
#if USSL_RESUMPTION && USSL_SERVER
    internals::Tickets tickets_;
#endif
};

} // namespace ussl::wolfssl
