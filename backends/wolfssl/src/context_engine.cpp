#include "context_engine.hpp"

#include "hooks.hpp"
#include "internals.hpp"
#include "psk.hpp"
#include "session_engine.hpp"
#include "signing.hpp"

#include "ussl/backend/context_impl.hpp"
#include "ussl/backend/memory.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/backend/usable_suites.hpp"

#include <algorithm>

namespace ussl::wolfssl {
namespace {

Err failed(Err why, int code) {
    Operation::note_library_error(code);
    return why;
}

// wolfSSL has methods for single versions, and one for all, whose minimum can be raised. The method
// for TLS 1.3 alone cannot distinguish an old peer from a broken one.
WOLFSSL_METHOD* choose_method(const ContextConfig& config) {
    const bool client = !is_server(config.role);
#if USSL_DTLS
    if (config.datagram) {
#if USSL_CLIENT
        if (client) return wolfDTLSv1_2_client_method();
#endif
#if USSL_SERVER
        if (!client) return wolfDTLSv1_2_server_method();
#endif
    }
#endif
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

#if USSL_CERTIFICATES
int verify_mode(const ContextConfig& config) {
    if (!asks_for_certificate(config.role, config.verify)) return WOLFSSL_VERIFY_NONE;
    if (!needs_certificate(config.role, config.verify)) return WOLFSSL_VERIFY_PEER;
    return WOLFSSL_VERIFY_PEER |
           (config.psk_callback.find != nullptr ? WOLFSSL_VERIFY_FAIL_EXCEPT_PSK
                                                : WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT);
}

// Whether a private key belongs to a point, by wolfSSL's own function; 5.7.2 has it without a heap
// argument.
[[maybe_unused]] int belongs_to(Bytes point, Bytes key,
                                int check(const byte*, word32, const byte*, word32, Key_Sum)) {
    return check(key.data(), static_cast<word32>(key.size()), point.data(),
                 static_cast<word32>(point.size()), ECDSAk);
}
[[maybe_unused]] int belongs_to(Bytes point, Bytes key,
                                int check(const byte*, word32, const byte*, word32, Key_Sum,
                                          void*)) {
    return check(key.data(), static_cast<word32>(key.size()), point.data(),
                 static_cast<word32>(point.size()), ECDSAk, nullptr);
}
#endif

} // namespace

Traits::ContextEngine::~ContextEngine() {
    if (takes_credentials(capabilities)) {
        if (more != nullptr)
            for (std::size_t i = 0; i < more_credentials.size(); ++i)
                if (more[i] != nullptr) wolfSSL_CTX_free(more[i]);
        ussl::release(more);
    }
    if (library != nullptr) wolfSSL_CTX_free(library);
    if (initialised_) release_library();
}

Err Traits::ContextEngine::start(const ContextConfig& config, const Environment& env) {
    environment = &env;
#if USSL_ALPN
    if (!alpn.set(config.alpn)) return Err::no_memory;
#endif
#if USSL_SERVER_NAMES || USSL_SIGN_CALLBACK
    credential = config.credential;
#endif
#if USSL_PSK
    psk = config.psk;
    psk_callback = config.psk_callback;
#endif
#if USSL_KEY_LOG
    key_log = config.key_log;
#endif
#if USSL_MAX_FRAGMENT_LENGTH
    max_fragment_length = config.max_fragment_length;
#endif
    if (const int code = acquire_library(); code != WOLFSSL_SUCCESS)
        return failed(Err::internal, code);
    initialised_ = true;
    library = wolfSSL_CTX_new(choose_method(config));
    if (library == nullptr) return Operation::resource_error_or(Err::no_memory);
    if (features::tls1_3 && config.min_version == Version::tls1_3)
        wolfSSL_CTX_SetMinVersion(library, WOLFSSL_TLSV1_3);
    if (features::dtls && config.datagram)
        lowest_version = highest_version = DTLS1_2_VERSION;
    else {
        lowest_version = static_cast<unsigned>(ussl::lowest_version(config));
        highest_version = static_cast<unsigned>(ussl::highest_version(config));
    }
    wolfSSL_CTX_set_group_messages(library);
#if USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION)
    // RFC 8446, 4.2.9: no PSK without forward secrecy. (A server would refuse clients that offer
    // it.)
    if (!is_server(config.role)) wolfSSL_CTX_only_dhe_psk(library);
#endif
    if (const Err error = set_resumption(config); error != Err::none)
        return Operation::resource_error_or(error);
#if USSL_DTLS
    // Smaller sizes than wolfSSL's own: see DatagramCutter.
    if (config.datagram_size > WOLFSSL_MAX_MTU)
        wolfSSL_CTX_dtls_set_mtu(library, config.datagram_size);
    if (config.datagram && is_server(config.role) &&
        !env.random(env.user, MutableBytes{cookie_key}))
        return Err::no_randomness;
#endif
#if USSL_CERTIFICATES
    wolfSSL_CTX_set_verify(library, verify_mode(config), nullptr);
#endif
    wolfSSL_CTX_SetIORecv(library, SessionEngine::receive);
    wolfSSL_CTX_SetIOSend(library, SessionEngine::send);
#if USSL_SERVER && (USSL_ALPN || USSL_SERVER_NAMES)
    if (is_server(config.role)) {
        // Called after the ClientHello and before all choices, with or without SNI.
        wolfSSL_CTX_set_servername_callback(library, SessionEngine::client_hello);
        wolfSSL_CTX_set_servername_arg(library, this);
    }
#endif
    Err error = Err::none;
#if USSL_WOLFSSL_CREDENTIALS
    if (!config.credential.chain.empty()) error = read_credentials(config);
#endif
    if (error == Err::none) error = set_psk(config);
    if (error == Err::none) error = set_suites(config.suites);
    return error != Err::none ? Operation::resource_error_or(error) : error;
}

Err Traits::ContextEngine::set_resumption([[maybe_unused]] const ContextConfig& config) {
#if USSL_RESUMPTION
    resumption = config.resumption;
#if USSL_SERVER
    if (!is_server(config.role)) return Err::none;
    if (resumption) {
        const Err error = tickets_.keys.start(config, *environment, Traits::backend());
        if (error != Err::none) return error;
        internals::use_tickets(library, tickets_);
        const std::uint32_t lifetime = tickets_.keys.lifetime();
        wolfSSL_CTX_set_TicketHint(library, static_cast<int>(lifetime));
        internals::set_session_lifetime(library, lifetime);
    } else {
        wolfSSL_CTX_NoTicketTLSv12(library);
#if USSL_TLS1_3
        wolfSSL_CTX_no_ticket_TLSv13(library);
#endif
    }
#endif
#endif
    return Err::none;
}

Err Traits::ContextEngine::set_psk([[maybe_unused]] const ContextConfig& config) {
#if USSL_PSK
    if (!config.psk.key.empty()) return psk::offer(library, *this);
    if (config.psk_callback.find != nullptr) psk::accept(library, *this);
#endif
    return Err::none;
}

Err Traits::ContextEngine::set_suites(std::span<const std::uint16_t> numbers) {
    if (!internals::clear_suites(library)) return Err::no_memory;
    for (const std::uint16_t number : numbers)
        internals::add_suite(library, number);
    return Err::none;
}

#if USSL_WOLFSSL_CREDENTIALS
Err Traits::ContextEngine::read_credentials(const ContextConfig& config) {
    const Err error = read_credential(library, config.credential);
    if (error != Err::none || config.more_credentials.empty()) return error;
    const std::size_t count = config.more_credentials.size();
    more = allocate_for<WOLFSSL_CTX*>(count);
    if (more == nullptr) return Err::no_memory;
    std::fill(more, more + count, nullptr);
    more_credentials = config.more_credentials;
    const bool has_signer = config.credential.signer.sign != nullptr;
    for (std::size_t i = 0; i < count; ++i) {
        const Credential& own = more_credentials[i];
        // wolfSSL calls a signer for all signatures or for none.
        if ((own.signer.sign != nullptr) != has_signer) return Err::unsupported;
        more[i] = wolfSSL_CTX_new(choose_method(config));
        if (more[i] == nullptr) return Err::no_memory;
        const Err bad = read_credential(more[i], own);
        if (bad != Err::none) return bad;
    }
    return Err::none;
}

Err Traits::ContextEngine::read_credential(WOLFSSL_CTX* into, const Credential& own) {
#if USSL_RSA
    // The peer refuses weak keys, by its own rules.
    wolfSSL_CTX_SetMinRsaKey_Sz(into, RSA_MIN_SIZE);
#endif
    x509::Certificate leaf{};
    x509::parse(own.chain.front(), leaf); // core has read it already
    if (!internals::show_certificates(into, own.chain, leaf.key)) return Err::no_memory;
    if (own.signer.sign != nullptr) {
#if USSL_SIGN_CALLBACK
        signing::use(into, leaf);
#endif
        return Err::none;
    }
    return read_key(into, own.private_key, leaf.subject_public_key);
}

// check_config() has checked the key, except the point of an elliptic curve.
Err Traits::ContextEngine::read_key(WOLFSSL_CTX* into, const Bytes& der, const Bytes& certified) {
    x509::PrivateKey key;
    x509::PublicKey own;
    x509::parse_private_key(der, key);
    x509::parse_public_key(certified, own);
#if USSL_RSA && !defined(WOLFSSL_SP_MATH_ALL)
    if (key.kind == x509::KeyKind::rsa && key.modulus.size() != 256 && key.modulus.size() != 384 &&
        key.modulus.size() != 512)
        return Err::unsupported;
#endif
    const Bytes written = internals::use_private_key(into, key);
    if (written.empty()) return Err::no_memory;
    constexpr int pair = 1;
    const int matches =
        key.kind == x509::KeyKind::rsa ? pair : belongs_to(own.point, written, wc_CheckPrivateKey);
    return matches == pair ? Err::none : failed(Err::key_mismatch, matches);
}
#endif

} // namespace ussl::wolfssl

template class ussl::ContextOf<ussl::wolfssl::Traits>;
