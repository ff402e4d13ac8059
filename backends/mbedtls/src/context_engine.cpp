#include "context_engine.hpp"

#include "errors.hpp"
#include "hooks.hpp"

#include <cstring>
#include <mbedtls/oid.h> // MBEDTLS_X509_EXT_* stand for names of this header

namespace ussl::mbedtls {
namespace {

// In order of preference; RFC 8446, B.4, RFC 5289 and RFC 7905. Those that this build of the
// library lacks are skipped by it.
constexpr int suites[] = {
#if USSL_TLS1_3
    0x1301, // TLS_AES_128_GCM_SHA256
    0x1302, // TLS_AES_256_GCM_SHA384
    0x1303, // TLS_CHACHA20_POLY1305_SHA256
#endif
    0xc02b, // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
    0xc02f, // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
    0xc02c, // TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    0xc030, // TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
    0xcca9, // TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256
    0xcca8, // TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256
    0,
};

constexpr std::uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
#if USSL_P384
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
#endif
#if USSL_TLS1_3
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
#endif
    MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

// RSA's PKCS#1 stands before PSS: mbedTLS 3.6.6 offers PSS and then refuses it of a server that
// chooses TLS 1.2, and servers follow the client's order. TLS 1.3 knows only PSS (RFC 8446, 4.2.3).
constexpr std::uint16_t signature_algorithms[] = {
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
#if USSL_P384
    MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
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

// Refuses nothing: what is too weak is decided, and named, by core/.
constexpr mbedtls_x509_crt_profile any_certificate{0xffffffff, 0xffffffff, 0xffffffff, 0};

mbedtls_ssl_protocol_version number_of(Version version) {
    return version == Version::tls1_3 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
}

Version highest() { return capabilities.tls1_3 ? Version::tls1_3 : Version::tls1_2; }

// Critical extensions that the library does not know: whether they are allowed is for the peer to
// say of own certificates, and for core/ of anchors.
int any_extension(void*, const mbedtls_x509_crt*, const mbedtls_x509_buf*, int,
                  const unsigned char*, const unsigned char*) {
    return 0;
}

// Certificates stay where they are: ContextConfig has them valid until close().
int append(mbedtls_x509_crt& list, Bytes der) {
    constexpr int in_place = 0;
    return mbedtls_x509_crt_parse_der_with_ext_cb(&list, der.data(), der.size(), in_place,
                                                  any_extension, nullptr);
}

} // namespace

Traits::ContextEngine::ContextEngine() {
    mbedtls_ssl_config_init(&settings_);
    mbedtls_x509_crt_init(&chain_);
    mbedtls_pk_init(&key_);
    mbedtls_x509_crt_init(&anchors_);
}

Traits::ContextEngine::~ContextEngine() {
    mbedtls_ssl_config_free(&settings_);
    mbedtls_x509_crt_free(&anchors_);
    mbedtls_pk_free(&key_);
    mbedtls_x509_crt_free(&chain_);
    allocator().release(alpn_);
    if (psa_acquired_) release_psa();
}

Error Traits::ContextEngine::start(const ContextConfig& config, const Environment& environment) {
    environment_ = &environment;
    begin_operation(environment);
    if (const Err error = acquire_psa(); error != Err::none) return {error};
    psa_acquired_ = true;

    Error error = set_defaults(config);
    if (error.code == Err::none && !config.credential.chain.empty())
        error = read_credential(config.credential);
    if (error.code == Err::none && config.verify != Verify::none)
        error = read_anchors(config.trust_anchors);
    if (error.code == Err::none && !config.alpn.empty()) error = set_alpn(config.alpn);
    return error;
}

Error Traits::ContextEngine::set_defaults(const ContextConfig& config) {
    const int endpoint =
        config.role == Role::client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER;
    if (const int code = mbedtls_ssl_config_defaults(
            &settings_, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
        code != 0)
        return material_error(code, Err::internal);

    mbedtls_ssl_conf_rng(&settings_, random_bytes, const_cast<Environment*>(environment_));
    mbedtls_ssl_conf_min_tls_version(
        &settings_,
        number_of(config.min_version == Version::none ? Version::tls1_2 : config.min_version));
    mbedtls_ssl_conf_max_tls_version(
        &settings_,
        number_of(config.max_version == Version::none ? highest() : config.max_version));
    mbedtls_ssl_conf_ciphersuites(&settings_, suites);
    mbedtls_ssl_conf_groups(&settings_, groups);
    mbedtls_ssl_conf_sig_algs(&settings_, signature_algorithms);
    mbedtls_ssl_conf_cert_profile(&settings_, &any_certificate);
    // Whatever is wrong with the peer's certificates is found in the session's verification
    // callback, not by the library: also that a certificate is missing.
    mbedtls_ssl_conf_authmode(&settings_, config.verify == Verify::none
                                              ? MBEDTLS_SSL_VERIFY_NONE
                                              : MBEDTLS_SSL_VERIFY_OPTIONAL);
#if USSL_TLS1_3
    mbedtls_ssl_conf_tls13_key_exchange_modes(&settings_,
                                              MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL);
#endif
    // A library of the system may have more than is used here.
#if defined(MBEDTLS_SSL_SESSION_TICKETS) && defined(MBEDTLS_SSL_CLI_C)
    mbedtls_ssl_conf_session_tickets(&settings_, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
#if defined(MBEDTLS_SSL_RENEGOTIATION)
    mbedtls_ssl_conf_renegotiation(&settings_, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
    return {};
}

Error Traits::ContextEngine::read_credential(const Credential& credential) {
    // RFC 5246, 7.4.2 and RFC 8446, 4.4.2: the message's header and, for each certificate, its
    // length and (in TLS 1.3) its extensions. The library sends it in one record.
    std::size_t message_size = 4 + 1 + 3;
    for (const Bytes& certificate : credential.chain) {
        message_size += 3 + certificate.size() + 2;
        const int code = append(chain_, certificate);
        if (code != 0) return material_error(code, Err::bad_certificate);
    }
    if (message_size > MBEDTLS_SSL_OUT_CONTENT_LEN) return {Err::unsupported};
    // What the own certificate may be used for is the peer's to judge. The library would not show
    // one that does not allow the use, and tell the peer that there is no suite in common.
    constexpr int usages = MBEDTLS_OID_X509_EXT_KEY_USAGE | MBEDTLS_OID_X509_EXT_EXTENDED_KEY_USAGE;
    chain_.MBEDTLS_PRIVATE(ext_types) &= ~usages;

    void* const random = const_cast<Environment*>(environment_);
    const Bytes key = credential.private_key;
    int code =
        mbedtls_pk_parse_key(&key_, key.data(), key.size(), nullptr, 0, random_bytes, random);
    if (code != 0) return material_error(code, Err::bad_private_key);
    code = mbedtls_pk_check_pair(&chain_.pk, &key_, random_bytes, random);
    if (code != 0) return material_error(code, Err::key_mismatch);
    code = mbedtls_ssl_conf_own_cert(&settings_, &chain_, &key_);
    return code == 0 ? Error{} : material_error(code, Err::internal);
}

// Bundles of public anchors hold some with keys that this build, or mbedTLS, does not know. They
// could not verify a peer's certificates anyway, so they are left out; but one at least must be of
// use.
Error Traits::ContextEngine::read_anchors(std::span<const Bytes> anchors) {
    Error error{Err::bad_certificate};
    for (const Bytes& anchor : anchors) {
        const int code = append(anchors_, anchor);
        if (code != 0) {
            const Error why = material_error(code, Err::bad_certificate);
            if (why.code != Err::bad_certificate) return why;
            error.library = code;
        }
    }
    if (anchors_.raw.p == nullptr) return error;
    mbedtls_ssl_conf_ca_chain(&settings_, &anchors_, nullptr);
    return {};
}

Error Traits::ContextEngine::set_alpn(std::span<const std::string_view> names) {
#if USSL_ALPN
    std::size_t size = (names.size() + 1) * sizeof(char*);
    for (const std::string_view name : names)
        size += name.size() + 1;
    alpn_ = static_cast<const char**>(allocator().allocate(size));
    if (alpn_ == nullptr) return {Err::no_memory};

    char* text = reinterpret_cast<char*>(alpn_ + names.size() + 1);
    for (std::size_t i = 0; i < names.size(); ++i) {
        // The library takes names as C strings.
        if (std::memchr(names[i].data(), 0, names[i].size()) != nullptr) return {Err::unsupported};
        std::memcpy(text, names[i].data(), names[i].size());
        text[names[i].size()] = 0;
        alpn_[i] = text;
        text += names[i].size() + 1;
    }
    alpn_[names.size()] = nullptr;
    const int code = mbedtls_ssl_conf_alpn_protocols(&settings_, alpn_);
    return code == 0 ? Error{} : material_error(code, Err::invalid_argument);
#else
    static_cast<void>(names);
    return {Err::unsupported};
#endif
}

} // namespace ussl::mbedtls
