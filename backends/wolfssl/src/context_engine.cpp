#include "context_engine.hpp"

#include "hooks.hpp"
#include "internals.hpp"
#include "session_engine.hpp"

#include "ussl/x509/certificate.hpp"

#include <cstring>

namespace ussl::wolfssl {
namespace {

// wolfSSL has methods for single versions, and one for all, which can be raised from below: the one
// for TLS 1.3 alone cannot tell a peer that is too old from one that is broken.
WOLFSSL_METHOD* choose_method(const ContextConfig& config) {
    const bool client = config.role == Role::client;
#if USSL_TLS1_3
    if (config.max_version != Version::tls1_2) {
#if USSL_CLIENT
        if (client) return wolfTLS_client_method();
#endif
#if USSL_SERVER
        if (!client) return wolfTLS_server_method();
#endif
    }
#endif
#if USSL_CLIENT
    if (client) return wolfTLSv1_2_client_method();
#endif
#if USSL_SERVER
    if (!client) return wolfTLSv1_2_server_method();
#endif
    return nullptr;
}

int verify_mode(const ContextConfig& config) {
    // What a client checks is in the verify callback in either mode.
    if (config.role == Role::client || config.verify == Verify::none) return WOLFSSL_VERIFY_NONE;
    return config.verify == Verify::required
               ? WOLFSSL_VERIFY_PEER | WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT
               : WOLFSSL_VERIFY_PEER;
}

// Bundles of anchors have old members that cannot be read: one that can be is enough.
Err check_anchors(std::span<const Bytes> anchors) {
    if (anchors.empty()) return Err::none;
    for (const Bytes& anchor : anchors) {
        x509::Certificate certificate;
        if (x509::parse(anchor, certificate)) return Err::none;
    }
    return Err::bad_certificate;
}

} // namespace

Traits::ContextEngine::~ContextEngine() {
    if (library != nullptr) wolfSSL_CTX_free(library);
    if (initialised_) wolfSSL_Cleanup();
}

Error Traits::ContextEngine::start(const ContextConfig& config, const Environment& env) {
    if (!config.suites.empty()) return {Err::unsupported};
    const Entered entered(env);
    environment = &env;
    alpn = config.alpn;
    if (const Err error = check_anchors(config.trust_anchors); error != Err::none) return {error};
    if (const int code = wolfSSL_Init(); code != WOLFSSL_SUCCESS) return {Err::internal, 0, code};
    initialised_ = true;
    library = wolfSSL_CTX_new(choose_method(config));
    if (library == nullptr)
        return {entered.lacking() != Err::none ? entered.lacking() : Err::no_memory};
    if (config.min_version == Version::tls1_3) wolfSSL_CTX_SetMinVersion(library, WOLFSSL_TLSV1_3);
    wolfSSL_CTX_set_group_messages(library);
    wolfSSL_CTX_set_verify(library, verify_mode(config), SessionEngine::verify);
    wolfSSL_CTX_SetIORecv(library, SessionEngine::receive);
    wolfSSL_CTX_SetIOSend(library, SessionEngine::send);
#if USSL_SERVER && USSL_ALPN
    if (config.role == Role::server && !alpn.empty()) {
        // Called between the ClientHello and the choice of a name, SNI or not.
        wolfSSL_CTX_set_servername_callback(library, [](WOLFSSL* ssl, int*, void* context) {
            internals::keep_preferred_alpn_name(ssl, static_cast<ContextEngine*>(context)->alpn);
            return 0;
        });
        wolfSSL_CTX_set_servername_arg(library, this);
    }
#endif
    if (!takes_credentials(capabilities) || config.credential.chain.empty()) return {};
    Error error = read_credential(config.credential);
    if (error.code != Err::none && entered.lacking() != Err::none) error.code = entered.lacking();
    return error;
}

Error Traits::ContextEngine::read_credential(const Credential& credential) {
#if USSL_RSA
    // Weak keys are the peer's to refuse, by its rules.
    wolfSSL_CTX_SetMinRsaKey_Sz(library, RSA_MIN_SIZE);
#endif
    const Error error = read_chain(credential.chain);
    if (error.code != Err::none) return error;
    const Bytes key = credential.private_key;
    const int read = wolfSSL_CTX_use_PrivateKey_buffer(
        library, key.data(), static_cast<long>(key.size()), WOLFSSL_FILETYPE_ASN1);
    if (read != WOLFSSL_SUCCESS) return {Err::bad_private_key, 0, read};
    const int matches = wolfSSL_CTX_check_private_key(library);
    if (matches != WOLFSSL_SUCCESS) return {Err::key_mismatch, 0, matches};
    return {};
}

// wolfSSL wants the certificates one behind the other, and copies them.
Error Traits::ContextEngine::read_chain(std::span<const Bytes> chain) {
    std::size_t size = 0;
    for (const Bytes& certificate : chain)
        size += certificate.size();
    auto* const joined = static_cast<std::uint8_t*>(ussl_wolfssl_allocate(size));
    if (joined == nullptr) return {Err::no_memory};
    std::uint8_t* end = joined;
    for (const Bytes& certificate : chain) {
        std::memcpy(end, certificate.data(), certificate.size());
        end += certificate.size();
    }
    const int read = wolfSSL_CTX_use_certificate_chain_buffer_format(
        library, joined, static_cast<long>(size), WOLFSSL_FILETYPE_ASN1);
    ussl_wolfssl_release(joined);
    if (read != WOLFSSL_SUCCESS) return {Err::bad_certificate, 0, read};
    return {};
}

} // namespace ussl::wolfssl
