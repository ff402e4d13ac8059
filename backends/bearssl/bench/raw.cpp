// The measured program of tests/bench/bench.hpp, with BearSSL's own functions and without ussl: the
// abstraction is compared with it.
#include "bench/bench.hpp"

#include "ussl/features.hpp"

#include <bearssl.h>

namespace {

// As in the adapter (implementations.cpp).
constexpr std::uint16_t suites[] = {BR_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                    BR_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                                    BR_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                    BR_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
                                    BR_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
                                    BR_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384};

void choose_implementations(br_ssl_engine_context& engine) {
    br_ssl_engine_set_versions(&engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_suites(&engine, suites, sizeof suites / sizeof suites[0]);
    br_ssl_engine_set_hash(&engine, br_sha256_ID, &br_sha256_vtable);
    br_ssl_engine_set_hash(&engine, br_sha384_ID, &br_sha384_vtable);
    br_ssl_engine_set_hash(&engine, br_sha512_ID, &br_sha512_vtable);
    br_ssl_engine_set_prf_sha256(&engine, &br_tls12_sha256_prf);
    br_ssl_engine_set_ec(&engine, br_ec_get_default());
    br_ssl_engine_set_ecdsa(&engine, br_ecdsa_vrfy_asn1_get_default());
    br_ssl_engine_set_default_aes_gcm(&engine);
    br_ssl_engine_set_default_chapol(&engine);
    br_ssl_engine_set_prf_sha384(&engine, &br_tls12_sha384_prf);
    br_ssl_engine_set_rsavrfy(&engine, br_rsa_pkcs1_vrfy_get_default());
    br_ssl_engine_add_flags(&engine, BR_OPT_NO_RENEGOTIATION);
}

struct Stack {
    static constexpr bool resumes = false;

    struct Context {
        Context(const bench::Setup& setup, bool is_client_)
            : is_client(is_client_), is_rsa(setup.is_rsa), own(setup.certificate) {
            bench::require(!setup.tls1_3, "no TLS 1.3");
            certificate = {own.data(), own.size()};
            if (is_client) {
                br_x509_decoder_init(
                    &decoder,
                    [](void* name, const void* part, std::size_t size) {
                        auto& bytes = *static_cast<bench::Blob*>(name);
                        const auto* from = static_cast<const std::uint8_t*>(part);
                        bytes.insert(bytes.end(), from, from + size);
                    },
                    &anchor_name);
                br_x509_decoder_push(&decoder, setup.anchor.data(), setup.anchor.size());
                const br_x509_pkey* key_of_anchor = br_x509_decoder_get_pkey(&decoder);
                bench::require(key_of_anchor != nullptr, "the anchor");
                anchor = {{anchor_name.data(), anchor_name.size()}, BR_X509_TA_CA, *key_of_anchor};
                return;
            }
            br_skey_decoder_init(&key);
            br_skey_decoder_push(&key, setup.key.data(), setup.key.size());
            bench::require(br_skey_decoder_last_error(&key) == 0, "the key");
        }
        bool is_client, is_rsa;
        bench::Blob own, anchor_name;
        br_x509_certificate certificate{};
        br_x509_decoder_context decoder{};
        br_x509_trust_anchor anchor{};
        br_skey_decoder_context key{};
    };

    struct End {
        End(Context& context, bench::Wire& out_, bench::Wire& in_) : out(out_), in(in_) {
            if (context.is_client) {
                br_ssl_client_zero(&role.client);
                choose_implementations(engine());
                br_x509_minimal_init(&validator, &br_sha256_vtable, &context.anchor, 1);
                br_x509_minimal_set_rsa(&validator, br_rsa_pkcs1_vrfy_get_default());
                br_x509_minimal_set_ecdsa(&validator, br_ec_get_default(),
                                          br_ecdsa_vrfy_asn1_get_default());
                br_x509_minimal_set_hash(&validator, br_sha256_ID, &br_sha256_vtable);
                const std::time_t now = std::time(nullptr);
                br_x509_minimal_set_time(&validator,
                                         static_cast<std::uint32_t>(now / 86400 + 719528),
                                         static_cast<std::uint32_t>(now % 86400));
                br_ssl_engine_set_x509(&engine(), &validator.vtable);
            } else {
                br_ssl_server_zero(&role.server);
                choose_implementations(engine());
                if (context.is_rsa)
                    br_ssl_server_set_single_rsa(&role.server, &context.certificate, 1,
                                                 br_skey_decoder_get_rsa(&context.key),
                                                 BR_KEYTYPE_SIGN, nullptr,
                                                 br_rsa_pkcs1_sign_get_default());
                else
                    br_ssl_server_set_single_ec(&role.server, &context.certificate, 1,
                                                br_skey_decoder_get_ec(&context.key),
                                                BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, br_ec_get_default(),
                                                br_ecdsa_sign_asn1_get_default());
            }
            br_ssl_engine_set_buffers_bidi(&engine(), input, sizeof input, output, sizeof output);
            std::uint8_t seed[32];
            bench::random_bytes(seed, sizeof seed);
            br_ssl_engine_inject_entropy(&engine(), seed, sizeof seed);
            const int done = context.is_client
                                 ? br_ssl_client_reset(&role.client, bench::Setup::host.data(), 0)
                                 : br_ssl_server_reset(&role.server);
            bench::require(done == 1, "reset", br_ssl_engine_last_error(&engine()));
        }

        // Sends all output.
        void send() {
            std::size_t size = 0;
            while (const unsigned char* record = br_ssl_engine_sendrec_buf(&engine(), &size)) {
                out.put(record, size);
                br_ssl_engine_sendrec_ack(&engine(), size);
            }
        }
        // Takes in all input; false: there was none.
        bool receive() {
            std::size_t size = 0;
            unsigned char* space = br_ssl_engine_recvrec_buf(&engine(), &size);
            const std::size_t count = space != nullptr ? in.take(space, size) : 0;
            if (count != 0) br_ssl_engine_recvrec_ack(&engine(), count);
            return count != 0;
        }
        bool handshake() {
            for (;;) {
                send();
                const unsigned state = br_ssl_engine_current_state(&engine());
                bench::require((state & BR_SSL_CLOSED) == 0, "handshake",
                               br_ssl_engine_last_error(&engine()));
                if ((state & BR_SSL_SENDAPP) != 0) return true;
                if (!receive()) return false;
            }
        }
        void write(std::span<const std::uint8_t> from) {
            while (!from.empty()) {
                std::size_t size = 0;
                unsigned char* space = br_ssl_engine_sendapp_buf(&engine(), &size);
                bench::require(space != nullptr, "write", br_ssl_engine_last_error(&engine()));
                if (size > from.size()) size = from.size();
                std::memcpy(space, from.data(), size);
                br_ssl_engine_sendapp_ack(&engine(), size);
                br_ssl_engine_flush(&engine(), 0);
                send();
                from = from.subspan(size);
            }
        }
        std::size_t read(std::span<std::uint8_t> into) {
            for (;;) {
                std::size_t size = 0;
                if (const unsigned char* plain = br_ssl_engine_recvapp_buf(&engine(), &size)) {
                    if (size > into.size()) size = into.size();
                    std::memcpy(into.data(), plain, size);
                    br_ssl_engine_recvapp_ack(&engine(), size);
                    return size;
                }
                if (!receive()) return 0;
            }
        }
        unsigned suite() { return engine().session.cipher_suite; }
        bool resumed() { return false; }
        void keep() {}

        br_ssl_engine_context& engine() { return role.client.eng; }

        bench::Wire &out, &in;
        union {
            br_ssl_client_context client;
            br_ssl_server_context server;
        } role;
        br_x509_minimal_context validator;
        std::uint8_t input[BR_SSL_BUFSIZE_INPUT], output[BR_SSL_BUFSIZE_OUTPUT];
    };
};

} // namespace

int main(int count, char** arguments) { return bench::run<Stack>(count, arguments); }
