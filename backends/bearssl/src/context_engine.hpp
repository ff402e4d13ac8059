#pragma once

#include "ussl/bearssl.hpp"

#include "chain_validator.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

struct Traits::ContextEngine {
    ContextEngine() = default;
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Error start(const ContextConfig& config, const Environment& environment);

    // Gives an engine the own certificate, key, ALPN names and, on a server, the request for the
    // client's certificate.
    void configure(br_ssl_client_context& client) const;
    void configure(br_ssl_server_context& server) const;

    const Environment* environment = nullptr;

private:
    Err read_anchors(const ContextConfig& config);
    Err read_credential(const Credential& credential);
    Err check_key_pair(Bytes certificate) const;
    Err copy_alpn(std::span<const std::string_view> names);
    void configure(br_ssl_engine_context& engine) const;

    Verify verify_{};
    br_x500_name* anchor_names_ = nullptr; // of a server that asks for certificates
    std::size_t anchor_count_ = 0;
    br_x509_certificate* chain_ = nullptr; // views into the caller's DER
    std::size_t chain_length_ = 0;
    br_skey_decoder_context* key_ = nullptr; // holds the decoded private key
    const char** alpn_names_ = nullptr;      // with the texts behind them, in one piece
    std::size_t alpn_count_ = 0;
};

} // namespace ussl::bearssl
