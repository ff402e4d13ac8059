#pragma once

#include "ussl/wolfssl.hpp"

#include "library.hpp"

namespace ussl::wolfssl {

struct Traits::ContextEngine {
    ContextEngine() = default;
    ContextEngine(const ContextEngine&) = delete;
    ContextEngine& operator=(const ContextEngine&) = delete;
    ~ContextEngine();

    Error start(const ContextConfig& config, const Environment& environment);

    const Environment* environment = nullptr;
    WOLFSSL_CTX* library = nullptr;
    std::span<const std::string_view> alpn; // the caller's, which stays in place

private:
    Error read_credential(const Credential& credential);
    Error read_chain(std::span<const Bytes> chain);

    bool initialised_ = false;
};

} // namespace ussl::wolfssl
