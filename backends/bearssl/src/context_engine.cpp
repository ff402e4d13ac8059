#include "context_engine.hpp"

#include "implementations.hpp"

#include "ussl/backend/context_impl.hpp"
#include "ussl/backend/memory.hpp"
#include "ussl/x509/path_check.hpp"

#include <cstring>

namespace ussl::bearssl {

Traits::ContextEngine::~ContextEngine() {
    if (capabilities.resumption) SessionCache::release(cache);
    if (capabilities.server) ussl::release(anchor_names_);
}

Err Traits::ContextEngine::start(const ContextConfig& config, const Environment& from) {
    environment = &from;
    verify_ = config.verify;
    for (const std::uint16_t suite : config.suites)
        suites_.numbers[suites_.count++] = suite;
    key_log = config.key_log;
    max_fragment_length = config.max_fragment_length;
    Err error = name_anchors(config);
    if (error == Err::none) error = read_credentials(config);
#if USSL_ALPN
    if (error == Err::none && !alpn_names_.set(config.alpn)) error = Err::no_memory;
#endif
#if USSL_RESUMPTION
    if (error == Err::none && config.resumption && config.role == Role::server) {
        cache = SessionCache::make(config, from);
        if (cache == nullptr) error = Err::no_memory;
    }
#endif
    return error;
}

// Anchors stay in the caller's DER and are searched there.
Err Traits::ContextEngine::name_anchors(const ContextConfig& config) {
    if (!features::verification || !asks_for_certificate(config.role, config.verify))
        return Err::none;
    const std::size_t count = config.trust_anchors.size();
    anchor_names_ = allocate_for<br_x500_name>(count != 0 ? count : 1);
    if (anchor_names_ == nullptr) return Err::no_memory;
    // BearSSL asks for a certificate only if it has a name to send. Pins have none: use the empty
    // Name (RFC 5280, 4.1.2.4).
    static constexpr std::uint8_t empty_name[] = {0x30, 0x00};
    if (count == 0) anchor_names_[anchor_count_++] = {unconst(empty_name), sizeof empty_name};
    x509::AnchorNames names(capabilities);
    for (const Bytes& der : config.trust_anchors) {
        const Bytes name = names.next(der);
        if (!name.empty()) anchor_names_[anchor_count_++] = {unconst(name), name.size()};
    }
    return Err::none;
}

Err Traits::ContextEngine::read_credentials([[maybe_unused]] const ContextConfig& config) {
#if USSL_SERVER || USSL_CLIENT_CERTIFICATES
    if (!config.credential.chain.empty())
        return credentials_.read(config, [](OwnCredential& one, const Credential& credential) {
            return one.load(credential);
        });
#endif
    return Err::none;
}

void Traits::ContextEngine::configure(br_ssl_engine_context& engine) const {
    choose_implementations(engine, suites_.list());
    std::uint32_t flags = BR_OPT_NO_RENEGOTIATION;
#if USSL_ALPN
    if (alpn_names_.size() != 0) {
        br_ssl_engine_set_protocol_names(&engine, alpn_names_.data(), alpn_names_.size());
        flags |= BR_OPT_FAIL_ON_ALPN_MISMATCH;
    }
#endif
    br_ssl_engine_add_flags(&engine, flags);
}

void Traits::ContextEngine::configure(br_ssl_client_context& client) const {
    configure(client.eng);
}

void Traits::ContextEngine::configure(br_ssl_server_context& server) const {
    configure(server.eng);
    std::uint32_t flags = BR_OPT_ENFORCE_SERVER_PREFERENCES;
    if (!needs_certificate(Role::server, verify_)) flags |= BR_OPT_TOLERATE_NO_CLIENT_AUTH;
    br_ssl_engine_add_flags(&server.eng, flags);
    if (asks_for_certificate(Role::server, verify_))
        br_ssl_server_set_trust_anchor_names(&server, anchor_names_, anchor_count_);
}

} // namespace ussl::bearssl

template class ussl::ContextOf<ussl::bearssl::Traits>;
