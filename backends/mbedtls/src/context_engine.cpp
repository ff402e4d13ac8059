#include "context_engine.hpp"

#include "errors.hpp"
#include "hooks.hpp"
#include "session_engine.hpp"

#include "ussl/backend/context_impl.hpp"
#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/memory.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/x509/path_check.hpp"

#include <algorithm>
#include <cstring>

namespace ussl::mbedtls {
namespace {

constexpr std::uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
#if USSL_P384
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
#endif
#if USSL_X25519 && USSL_TLS1_3
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
#endif
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

#if USSL_CERTIFICATES
// For handshakes and certificates alike. In TLS 1.2 the number of ecdsa_secp521r1_sha512 leaves the
// curve open; in TLS 1.3 it is there for certificates, as no key is on that curve. RSA with PKCS#1
// comes before PSS, for servers that follow the client's order with keys that cannot pad by PSS.
// TLS 1.3 knows only PSS (RFC 8446, 4.2.3).
constexpr std::uint16_t signature_algorithms[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
#if USSL_P384
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
#endif
#if USSL_P384 || USSL_RSA // with SHA-512
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512,
#endif
#if USSL_RSA
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
#if USSL_TLS1_3
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
#endif
#endif
    MBEDTLS_TLS1_3_SIG_NONE,
};
#endif

mbedtls_ssl_protocol_version number_of(Version version) {
    return static_cast<mbedtls_ssl_protocol_version>(version); // as on the wire
}

} // namespace

Traits::ContextEngine::ContextEngine() { mbedtls_ssl_config_init(&settings_); }

Traits::ContextEngine::~ContextEngine() {
    mbedtls_ssl_config_free(&settings_);
#if USSL_CERTIFICATES
    if (features::server) ussl::release(anchor_names_);
#endif
    if (psa_acquired_) release_psa();
}

Err Traits::ContextEngine::start(const ContextConfig& config, const Environment& environment) {
    environment_ = &environment;
    resumes_ = config.resumption;
    if (const Err error = acquire_psa(); error != Err::none) return error;
    psa_acquired_ = true;

    Err error = set_defaults(config);
    if (error == Err::none && !config.credential.chain.empty()) error = read_credentials(config);
    if (error == Err::none) error = limit_fragments(config);
    if (error == Err::none && has_psk(config)) error = set_psk(config);
#if USSL_CERTIFICATES
    if (features::verification && error == Err::none &&
        asks_for_certificate(config.role, config.verify))
        error = name_anchors(config.trust_anchors);
#endif
    if (error == Err::none && !config.alpn.empty()) error = set_alpn(config.alpn);
    return error;
}

Err Traits::ContextEngine::set_defaults(const ContextConfig& config) {
    const int endpoint = is_server(config.role) ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
    if (const int code = mbedtls_ssl_config_defaults(
            &settings_, endpoint,
            config.datagram ? MBEDTLS_SSL_TRANSPORT_DATAGRAM : MBEDTLS_SSL_TRANSPORT_STREAM,
            MBEDTLS_SSL_PRESET_DEFAULT);
        code != 0)
        return material_error(code, Err::internal);

    mbedtls_ssl_conf_rng(&settings_, random_bytes, const_cast<Environment*>(environment_));
    mbedtls_ssl_conf_min_tls_version(&settings_, number_of(lowest_version(config)));
    mbedtls_ssl_conf_max_tls_version(&settings_, number_of(highest_version(config)));
    std::copy(config.suites.begin(), config.suites.end(), suites_);
    mbedtls_ssl_conf_ciphersuites(&settings_, suites_);
    mbedtls_ssl_conf_groups(&settings_, groups);
#if USSL_CERTIFICATES
    mbedtls_ssl_conf_sig_algs(&settings_, signature_algorithms);
#endif
    // The session judges the peer's certificates by core/'s rules. With "optional" a server asks
    // for one, and continues whatever the library thinks of it.
    mbedtls_ssl_conf_authmode(&settings_, asks_for_certificate(config.role, config.verify)
                                              ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                              : MBEDTLS_SSL_VERIFY_NONE);
#if USSL_TLS1_3
    const bool has_certificate = !is_server(config.role) || !config.credential.chain.empty();
    int modes = 0;
    if (has_certificate && uses_certificates(config))
        modes |= MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL;
    if (has_psk(config) || config.resumption)
        modes |= MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL;
    mbedtls_ssl_conf_tls13_key_exchange_modes(&settings_, modes);
#endif
#if defined(MBEDTLS_SSL_SESSION_TICKETS) && defined(MBEDTLS_SSL_CLI_C)
    mbedtls_ssl_conf_session_tickets(&settings_, config.resumption
                                                     ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                     : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#if USSL_TLS1_3
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &settings_, config.resumption ? MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED
                                      : MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_DISABLED);
#endif
#endif
#if USSL_DTLS && USSL_CONNECTION_ID && defined(USSL_MBEDTLS_CONFIG_H)
    static_assert(MBEDTLS_SSL_CID_IN_LEN_MAX == max_connection_id &&
                  MBEDTLS_SSL_CID_OUT_LEN_MAX == max_connection_id);
    if (const int code = mbedtls_ssl_conf_cid(&settings_, config.connection_id_size,
                                              MBEDTLS_SSL_UNEXPECTED_CID_IGNORE);
        code != 0)
        return material_error(code, Err::internal);
#endif
    if (const Err error = set_callbacks(config); error != Err::none) return error;
        // A system's library may have further features.
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    mbedtls_ssl_conf_renegotiation(&settings_, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
    return Err::none;
}

Err Traits::ContextEngine::set_psk(const ContextConfig& config) {
#if USSL_PSK
    int code = 0;
#if USSL_SERVER
    psk_callback_ = config.psk_callback;
    if (psk_callback_.find != nullptr)
        mbedtls_ssl_conf_psk_cb(&settings_, SessionEngine::on_psk, nullptr);
#endif
    const PreSharedKey& psk = config.psk;
    if (!psk.key.empty())
        code = mbedtls_ssl_conf_psk(&settings_, psk.key.data(), psk.key.size(), psk.identity.data(),
                                    psk.identity.size());
    return code == 0 ? Err::none : material_error(code, Err::invalid_argument);
#else
    static_cast<void>(config);
    return Err::unsupported;
#endif
}

Err Traits::ContextEngine::set_callbacks([[maybe_unused]] const ContextConfig& config) {
    Err error = Err::none;
#if USSL_KEY_LOG
    key_log_ = config.key_log;
#endif
#if USSL_SERVER
    if (!is_server(config.role)) return Err::none;
#if USSL_SERVER_NAMES
    mbedtls_ssl_conf_cert_cb(&settings_, SessionEngine::on_server_name);
#endif
#if USSL_RESUMPTION
    if (config.resumption) error = tickets_.start(settings_, config, *environment_);
#endif
#if USSL_DTLS
    if (config.datagram && error == Err::none) error = cookies_.start(settings_, *environment_);
#endif
#endif
    return error;
}

Err Traits::ContextEngine::read_credentials([[maybe_unused]] const ContextConfig& config) {
#if USSL_MBEDTLS_CREDENTIALS
    credential_ = config.credential;
    const Err error = own_.read(config, [this](OwnCredential& one, const Credential& credential) {
        return one.read(credential, *environment_);
    });
    if (error != Err::none) return error;
    const int code = mbedtls_ssl_conf_own_cert(&settings_, &own(0).chain(), &own(0).key());
    return code == 0 ? Err::none : material_error(code, Err::internal);
#else
    return Err::unsupported;
#endif
}

Err Traits::ContextEngine::limit_fragments([[maybe_unused]] const ContextConfig& config) {
#if USSL_MAX_FRAGMENT_LENGTH
    const auto number = static_cast<unsigned char>(fragment_number(config.max_fragment_length));
    const int code = mbedtls_ssl_conf_max_frag_len(&settings_, number);
    if (code != 0) return material_error(code, Err::unsupported); // longer than the build's records
#endif
    return Err::none;
}

#if USSL_CERTIFICATES

// Anchors stay in the caller's DER and are searched there.
Err Traits::ContextEngine::name_anchors([[maybe_unused]] std::span<const Bytes> anchors) {
#if USSL_SERVER
    if (anchors.empty()) return Err::none; // there may be pins instead
    anchor_names_ = allocate_for<mbedtls_x509_crt>(anchors.size());
    if (anchor_names_ == nullptr) return Err::no_memory;
    std::memset(static_cast<void*>(anchor_names_), 0, anchors.size() * sizeof *anchor_names_);
    std::size_t count = 0;
    x509::AnchorNames names(capabilities);
    for (const Bytes& der : anchors) {
        const Bytes name = names.next(der);
        if (!name.empty()) name_anchor(count++, name);
    }
    mbedtls_ssl_conf_dn_hints(&settings_, anchor_names_);
#endif
    return Err::none;
}

// RFC 5246, 7.4.4: the names that a server accepts. The library takes them as certificates, of
// which it uses only the name and whether there is a version.
void Traits::ContextEngine::name_anchor(std::size_t index, Bytes subject) {
    mbedtls_x509_crt& certificate = anchor_names_[index];
    certificate.version = 3;
    certificate.subject_raw.p = const_cast<unsigned char*>(subject.data());
    certificate.subject_raw.len = subject.size();
    if (index != 0) anchor_names_[index - 1].next = &certificate;
}

#endif

Err Traits::ContextEngine::set_alpn(std::span<const std::string_view> names) {
#if USSL_ALPN
    if (!alpn_.set(names)) return Err::no_memory;
    const int code = mbedtls_ssl_conf_alpn_protocols(&settings_, alpn_.data());
    return code == 0 ? Err::none : material_error(code, Err::invalid_argument);
#else
    static_cast<void>(names);
    return Err::unsupported;
#endif
}

bool Traits::ContextEngine::allows(int version, int suite) const {
    if (version < settings_.MBEDTLS_PRIVATE(min_tls_version) ||
        version > settings_.MBEDTLS_PRIVATE(max_tls_version))
        return false;
    for (const int* listed = suites_; *listed != 0; ++listed)
        if (*listed == suite) return true;
    return false;
}

} // namespace ussl::mbedtls

template class ussl::ContextOf<ussl::mbedtls::Traits>;
