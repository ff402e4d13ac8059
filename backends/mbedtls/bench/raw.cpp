// The measured program of tests/bench/bench.hpp, with mbedTLS's own functions and nothing of ussl
// but the library's configuration: the abstraction is compared with it.
#include "bench/bench.hpp"

#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <mbedtls/x509_crt.h>
#if defined(MBEDTLS_PSA_CRYPTO_C)
#include <psa/crypto.h>
#endif

#if defined(USSL_MBEDTLS_CONFIG_H)
#include "../amended/internals.h"
#endif

// The configuration and our build of the library expect these from the adapter. Here each record
// contains whole messages.
extern "C" {
#if defined(USSL_MBEDTLS_CONFIG_H)
int ussl_mbedtls_gather_message(mbedtls_ssl_context* ssl) {
    return ussl_mbedtls_prepare_handshake_record(ssl);
}
uint16_t ussl_mbedtls_asked_signature(const mbedtls_ssl_context*) { return 0; }
int ussl_mbedtls_sign(mbedtls_ssl_context* ssl, mbedtls_pk_type_t kind, mbedtls_pk_context* key,
                      mbedtls_md_type_t hash, const unsigned char* digest, size_t digest_size,
                      unsigned char* signature, size_t room, size_t* size) {
    const mbedtls_ssl_config& settings = *ssl->MBEDTLS_PRIVATE(conf);
    return mbedtls_pk_sign_ext(kind, key, hash, digest, digest_size, signature, room, size,
                               settings.MBEDTLS_PRIVATE(f_rng), settings.MBEDTLS_PRIVATE(p_rng));
}
int ussl_mbedtls_is_ecdsa_signature(const unsigned char*, size_t, size_t) { return 1; }
#if USSL_RECORD_SIZE_LIMIT
uint16_t ussl_mbedtls_record_size_limit(const mbedtls_ssl_context*, int, int) { return 0; }
#endif
#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3
int ussl_mbedtls_take_long_message(const mbedtls_ssl_context*, const unsigned char*, size_t) {
    return 0;
}
#endif
mbedtls_md_context_t* ussl_mbedtls_kept_sha512() {
    static mbedtls_md_context_t none; // no client signs
    return &none;
}
#if USSL_SERVER
int ussl_mbedtls_stands_for_tls1_2(const mbedtls_ssl_context*) { return 0; }
#endif
#if USSL_TLS1_3
mbedtls_svc_key_id_t ussl_mbedtls_kept_share(const mbedtls_ssl_context*) {
    return MBEDTLS_SVC_KEY_ID_INIT;
}
#endif
#endif
void* ussl_mbedtls_calloc(std::size_t count, std::size_t size) { return std::calloc(count, size); }
void ussl_mbedtls_free(void* memory) { std::free(memory); }
#if USSL_RESUMPTION
long long ussl_mbedtls_time(long long* seconds) {
    const long long now = std::time(nullptr);
    if (seconds != nullptr) *seconds = now;
    return now;
}
mbedtls_ms_time_t mbedtls_ms_time() { return ussl_mbedtls_time(nullptr) * 1000; }
#endif
#if USSL_TLS1_3
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*,
                                             uint8_t* output, size_t size, size_t* length) {
    bench::random_bytes(output, size);
    *length = size;
    return PSA_SUCCESS;
}
#endif
}

namespace {

int random_bytes(void*, unsigned char* out, std::size_t size) {
    bench::random_bytes(out, size);
    return 0;
}

// As in the adapter.
constexpr int suites[] = {MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
                          MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
                          MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
                          MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                          MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                          MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                          MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                          MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                          MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                          0};
constexpr std::uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_NONE};
constexpr std::uint16_t signature_algorithms[] = {MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
                                                  MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,
                                                  MBEDTLS_TLS1_3_SIG_NONE};

struct Stack {
    static constexpr bool resumes = false;

    struct Context {
        Context(const bench::Setup& setup, bool is_client_) : is_client(is_client_) {
#if USSL_TLS1_3
            psa_crypto_init();
#endif
            mbedtls_ssl_config_init(&settings);
            mbedtls_x509_crt_init(&certificate);
            mbedtls_pk_init(&key);
            int code = mbedtls_ssl_config_defaults(
                &settings, is_client ? MBEDTLS_SSL_IS_CLIENT : MBEDTLS_SSL_IS_SERVER,
                MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
            bench::require(code == 0, "config_defaults", code);
            mbedtls_ssl_conf_rng(&settings, random_bytes, nullptr);
            const auto version =
                setup.tls1_3 ? MBEDTLS_SSL_VERSION_TLS1_3 : MBEDTLS_SSL_VERSION_TLS1_2;
            mbedtls_ssl_conf_min_tls_version(&settings, version);
            mbedtls_ssl_conf_max_tls_version(&settings, version);
            mbedtls_ssl_conf_ciphersuites(&settings, suites);
            mbedtls_ssl_conf_groups(&settings, groups);
            mbedtls_ssl_conf_sig_algs(&settings, signature_algorithms);
            const bench::Blob& der = is_client ? setup.anchor : setup.certificate;
            code = mbedtls_x509_crt_parse_der_nocopy(&certificate, der.data(), der.size());
            bench::require(code == 0, "x509_crt_parse_der", code);
            if (is_client) {
                mbedtls_ssl_conf_authmode(&settings, MBEDTLS_SSL_VERIFY_REQUIRED);
                mbedtls_ssl_conf_ca_chain(&settings, &certificate, nullptr);
#if defined(MBEDTLS_SSL_SESSION_TICKETS)
                mbedtls_ssl_conf_session_tickets(&settings, MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
                return;
            }
            code = mbedtls_pk_parse_key(&key, setup.key.data(), setup.key.size(), nullptr, 0,
                                        random_bytes, nullptr);
            bench::require(code == 0, "pk_parse_key", code);
            code = mbedtls_ssl_conf_own_cert(&settings, &certificate, &key);
            bench::require(code == 0, "conf_own_cert", code);
        }
        ~Context() {
            mbedtls_pk_free(&key);
            mbedtls_x509_crt_free(&certificate);
            mbedtls_ssl_config_free(&settings);
        }
        bool is_client;
        mbedtls_ssl_config settings;
        mbedtls_x509_crt certificate;
        mbedtls_pk_context key;
    };

    struct End {
        End(Context& context, bench::Wire& out_, bench::Wire& in_) : out(out_), in(in_) {
            mbedtls_ssl_init(&ssl);
            int code = mbedtls_ssl_setup(&ssl, &context.settings);
            bench::require(code == 0, "ssl_setup", code);
            if (context.is_client) {
                code = mbedtls_ssl_set_hostname(&ssl, bench::Setup::host.data());
                bench::require(code == 0, "ssl_set_hostname", code);
            }
            mbedtls_ssl_set_bio(
                &ssl, this,
                [](void* self, const unsigned char* from, std::size_t size) {
                    static_cast<End*>(self)->out.put(from, size);
                    return static_cast<int>(size);
                },
                [](void* self, unsigned char* into, std::size_t size) {
                    const std::size_t count = static_cast<End*>(self)->in.take(into, size);
                    return count != 0 ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_READ;
                },
                nullptr);
        }
        ~End() { mbedtls_ssl_free(&ssl); }

        bool handshake() {
            const int code = mbedtls_ssl_handshake(&ssl);
            bench::require(code == 0 || code == MBEDTLS_ERR_SSL_WANT_READ, "ssl_handshake", code);
            return code == 0;
        }
        void write(std::span<const std::uint8_t> from) {
            while (!from.empty()) {
                const int count = mbedtls_ssl_write(&ssl, from.data(), from.size());
                bench::require(count > 0, "ssl_write", count);
                from = from.subspan(static_cast<std::size_t>(count));
            }
        }
        std::size_t read(std::span<std::uint8_t> into) {
            const int count = mbedtls_ssl_read(&ssl, into.data(), into.size());
            if (count == MBEDTLS_ERR_SSL_WANT_READ) return 0;
            bench::require(count > 0, "ssl_read", count);
            return static_cast<std::size_t>(count);
        }
        unsigned suite() {
            return static_cast<unsigned>(mbedtls_ssl_get_ciphersuite_id_from_ssl(&ssl));
        }
        bool resumed() { return false; }
        void keep() {}

        bench::Wire &out, &in;
        mbedtls_ssl_context ssl;
    };
};

} // namespace

int main(int count, char** arguments) { return bench::run<Stack>(count, arguments); }
