#pragma once

#include "ussl/backend/engine.hpp"
#include "ussl/mbedtls.hpp"

#include "suites.hpp"

#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>

namespace ussl::mbedtls {

struct Traits::ContextEngine {
    ContextEngine();
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Error start(const ContextConfig& config, const Environment& environment);

    const Environment& environment() const { return *environment_; }
    const mbedtls_ssl_config& settings() const { return settings_; }
    const PskCallback& psk_callback() const { return psk_callback_; }

private:
    Error set_defaults(const ContextConfig& config);
    Err set_suites(const ContextConfig& config);
    Error set_psk(const ContextConfig& config);
    Error read_credential(const Credential& credential);
    Error read_anchors(const ContextConfig& config);
    void name_anchor(std::size_t index, Bytes subject);
    Error set_alpn(std::span<const std::string_view> names);

    const Environment* environment_ = nullptr;
    bool psa_acquired_ = false;
    PskCallback psk_callback_;
    mbedtls_ssl_config settings_;
    int suites_[max_suites + 1]; // ended by 0
    mbedtls_x509_crt chain_;
    mbedtls_pk_context key_;
    mbedtls_x509_crt* anchor_names_ = nullptr; // on a server, for its request
    const char** alpn_ = nullptr;              // with the texts behind the pointers, in one piece
};

} // namespace ussl::mbedtls
