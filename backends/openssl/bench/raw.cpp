// The measured program of tests/bench/bench.hpp, with OpenSSL's own functions: a program on a
// larger machine would use these.
#include "bench/bench.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace {

struct Stack {
    static constexpr bool resumes = true;

    struct Context {
        Context(const bench::Setup& setup, bool is_client_) : is_client(is_client_) {
            library = SSL_CTX_new(TLS_method());
            const int version = setup.tls1_3 ? TLS1_3_VERSION : TLS1_2_VERSION;
            SSL_CTX_set_min_proto_version(library, version);
            SSL_CTX_set_max_proto_version(library, version);
            SSL_CTX_set_cipher_list(library, "ECDHE-ECDSA-AES128-GCM-SHA256:"
                                             "ECDHE-RSA-AES128-GCM-SHA256");
            SSL_CTX_set_ciphersuites(library, "TLS_AES_128_GCM_SHA256");
            SSL_CTX_set1_groups_list(library, "P-256");
            SSL_CTX_set_mode(library, SSL_MODE_RELEASE_BUFFERS);
            if (!setup.resumption) {
                SSL_CTX_set_options(library, SSL_OP_NO_TICKET);
                SSL_CTX_set_num_tickets(library, 0);
                SSL_CTX_set_session_cache_mode(library, SSL_SESS_CACHE_OFF);
            } else {
                SSL_CTX_set_num_tickets(library, 1);
                SSL_CTX_set_session_cache_mode(library,
                                               SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
            }
            if (is_client) {
                SSL_CTX_set_app_data(library, this);
                SSL_CTX_sess_set_new_cb(library, [](SSL* ssl, SSL_SESSION* session) {
                    auto& self = *static_cast<Context*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
                    SSL_SESSION_free(self.newest);
                    self.newest = session;
                    return 1;
                });
                const unsigned char* from = setup.anchor.data();
                X509* anchor = d2i_X509(nullptr, &from, static_cast<long>(setup.anchor.size()));
                X509_STORE_add_cert(SSL_CTX_get_cert_store(library), anchor);
                X509_free(anchor);
                // The anchor is an intermediate.
                X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(library), X509_V_FLAG_PARTIAL_CHAIN);
                SSL_CTX_set_verify(library, SSL_VERIFY_PEER, nullptr);
                return;
            }
            bench::require(SSL_CTX_use_certificate_ASN1(library,
                                                        static_cast<int>(setup.certificate.size()),
                                                        setup.certificate.data()) == 1,
                           "use_certificate_ASN1");
            bench::require(SSL_CTX_use_PrivateKey_ASN1(setup.is_rsa ? EVP_PKEY_RSA : EVP_PKEY_EC,
                                                       library, setup.key.data(),
                                                       static_cast<long>(setup.key.size())) == 1,
                           "use_PrivateKey_ASN1");
        }
        ~Context() {
            SSL_SESSION_free(newest);
            SSL_SESSION_free(kept);
            SSL_CTX_free(library);
        }
        bool is_client;
        SSL_CTX* library;
        SSL_SESSION *newest = nullptr, *kept = nullptr;
    };

    struct End {
        End(Context& own, bench::Wire& out_, bench::Wire& in_)
            : context(own), ssl(SSL_new(own.library)), out(out_), in(in_) {
            BIO* bio = BIO_new(method());
            BIO_set_data(bio, this);
            BIO_set_init(bio, 1);
            SSL_set_bio(ssl, bio, bio);
            if (!own.is_client) {
                SSL_set_accept_state(ssl);
                return;
            }
            SSL_set_connect_state(ssl);
            SSL_set_tlsext_host_name(ssl, bench::Setup::host.data());
            SSL_set1_host(ssl, bench::Setup::host.data());
            if (own.kept != nullptr) SSL_set_session(ssl, own.kept);
        }
        ~End() {
            SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
            SSL_free(ssl);
        }

        bool handshake() {
            const int result = SSL_do_handshake(ssl);
            if (result == 1) return true;
            check(result, "do_handshake");
            return false;
        }
        void write(std::span<const std::uint8_t> from) {
            const int result = SSL_write(ssl, from.data(), static_cast<int>(from.size()));
            bench::require(result == static_cast<int>(from.size()), "write", result);
        }
        std::size_t read(std::span<std::uint8_t> into) {
            const int result = SSL_read(ssl, into.data(), static_cast<int>(into.size()));
            if (result > 0) return static_cast<std::size_t>(result);
            check(result, "read");
            return 0;
        }
        unsigned suite() { return SSL_CIPHER_get_protocol_id(SSL_get_current_cipher(ssl)); }
        bool resumed() { return SSL_session_reused(ssl) == 1; }
        void keep() {
            if (context.newest == nullptr) return;
            SSL_SESSION_free(context.kept);
            context.kept = context.newest;
            context.newest = nullptr;
        }
        void check(int result, const char* what) {
            const int code = SSL_get_error(ssl, result);
            bench::require(code == SSL_ERROR_WANT_READ, what, code);
        }

        static BIO_METHOD* method() {
            static BIO_METHOD* const made = [] {
                BIO_METHOD* wire = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
                BIO_meth_set_write(wire, [](BIO* bio, const char* from, int size) {
                    static_cast<End*>(BIO_get_data(bio))
                        ->out.put(from, static_cast<std::size_t>(size));
                    return size;
                });
                BIO_meth_set_read(wire, [](BIO* bio, char* into, int size) {
                    const auto count = static_cast<End*>(BIO_get_data(bio))
                                           ->in.take(into, static_cast<std::size_t>(size));
                    BIO_clear_retry_flags(bio);
                    if (count == 0) BIO_set_retry_read(bio);
                    return count != 0 ? static_cast<int>(count) : -1;
                });
                BIO_meth_set_ctrl(wire, [](BIO*, int command, long, void*) -> long {
                    return command == BIO_CTRL_FLUSH;
                });
                return wire;
            }();
            return made;
        }

        Context& context;
        SSL* ssl;
        bench::Wire &out, &in;
    };
};

} // namespace

int main(int count, char** arguments) { return bench::run<Stack>(count, arguments); }
