// The measured program of tests/bench/bench.hpp, with wolfSSL's own functions and nothing of ussl
// but the library's configuration: the abstraction is compared with it.
#include "../src/library.hpp"
#include "bench/bench.hpp"

#include <wolfssl/internal.h>

// The configuration expects these from the adapter.
extern "C" {
void* ussl_wolfssl_allocate(std::size_t size) { return std::malloc(size); }
void ussl_wolfssl_release(void* memory) { std::free(memory); }
int ussl_wolfssl_random(unsigned char* out, unsigned int size) {
    bench::random_bytes(out, size);
    return 0;
}
std::uint32_t LowResTimer(void);
std::int64_t TimeNowInMilliseconds(void);
std::uint32_t LowResTimer() { return static_cast<std::uint32_t>(std::time(nullptr)); }
std::int64_t TimeNowInMilliseconds() { return std::time(nullptr) * 1000; }
#if USSL_RESUMPTION
time_t ussl_wolfssl_time(time_t* out);
tm* ussl_wolfssl_gmtime(const time_t* time, tm* out);
int TlsSessionCacheGetAndRdLock(const byte*, const WOLFSSL_SESSION**, word32*, byte);
void TlsSessionCacheUnlockRow(word32);
int TlsSessionCacheGetAndRdLock(const byte*, const WOLFSSL_SESSION** session, word32*, byte) {
    *session = nullptr; // there is no cache
    return BAD_FUNC_ARG;
}
void TlsSessionCacheUnlockRow(word32) {}
time_t ussl_wolfssl_time(time_t* out) { return std::time(out); }
tm* ussl_wolfssl_gmtime(const time_t* time, tm* out) { return gmtime_r(time, out); }
#endif
}

namespace {

struct Stack {
    static constexpr bool resumes = false;

    struct Context {
        Context(const bench::Setup& setup, bool is_client_) : is_client(is_client_) {
            wolfSSL_Init();
            library = wolfSSL_CTX_new(method(setup.tls1_3));
            bench::require(library != nullptr, "CTX_new");
            wolfSSL_CTX_set_group_messages(library);
            // In the adapter's order.
            const int listed = wolfSSL_CTX_set_cipher_list(
                library, setup.tls1_3
                             ? "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:"
                               "TLS13-CHACHA20-POLY1305-SHA256"
                             : "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                               "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
                               "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305");
            bench::require(listed == WOLFSSL_SUCCESS, "set_cipher_list", listed);
            wolfSSL_CTX_SetIORecv(library, [](WOLFSSL*, char* into, int size, void* self) {
                const auto count =
                    static_cast<End*>(self)->in.take(into, static_cast<std::size_t>(size));
                return count != 0 ? static_cast<int>(count) : WOLFSSL_CBIO_ERR_WANT_READ;
            });
            wolfSSL_CTX_SetIOSend(library, [](WOLFSSL*, char* from, int size, void* self) {
                static_cast<End*>(self)->out.put(from, static_cast<std::size_t>(size));
                return size;
            });
            if (is_client) {
                wolfSSL_CTX_set_verify(library, WOLFSSL_VERIFY_PEER, nullptr);
                const int code = wolfSSL_CTX_load_verify_buffer(
                    library, setup.anchor.data(), static_cast<long>(setup.anchor.size()),
                    WOLFSSL_FILETYPE_ASN1);
                bench::require(code == WOLFSSL_SUCCESS, "load_verify_buffer", code);
                return;
            }
            wolfSSL_CTX_set_verify(library, WOLFSSL_VERIFY_NONE, nullptr);
#if USSL_RESUMPTION
            wolfSSL_CTX_NoTicketTLSv12(library);
#if USSL_TLS1_3
            wolfSSL_CTX_no_ticket_TLSv13(library);
#endif
#endif
            int code = wolfSSL_CTX_use_certificate_buffer(
                library, setup.certificate.data(), static_cast<long>(setup.certificate.size()),
                WOLFSSL_FILETYPE_ASN1);
            bench::require(code == WOLFSSL_SUCCESS, "use_certificate_buffer", code);
            code = wolfSSL_CTX_use_PrivateKey_buffer(library, setup.key.data(),
                                                     static_cast<long>(setup.key.size()),
                                                     WOLFSSL_FILETYPE_ASN1);
            bench::require(code == WOLFSSL_SUCCESS, "use_PrivateKey_buffer", code);
        }
        ~Context() { wolfSSL_CTX_free(library); }

        WOLFSSL_METHOD* method(bool tls1_3) const {
#if USSL_TLS1_3
            if (tls1_3)
                return is_client ? wolfTLSv1_3_client_method() : wolfTLSv1_3_server_method();
#endif
            bench::require(!tls1_3, "no TLS 1.3");
            return is_client ? wolfTLSv1_2_client_method() : wolfTLSv1_2_server_method();
        }
        bool is_client;
        WOLFSSL_CTX* library = nullptr;
    };

    struct End {
        End(Context& context, bench::Wire& out_, bench::Wire& in_)
            : ssl(wolfSSL_new(context.library)), out(out_), in(in_) {
            bench::require(ssl != nullptr, "new");
            wolfSSL_SetIOReadCtx(ssl, this);
            wolfSSL_SetIOWriteCtx(ssl, this);
#if USSL_EXPORTER
            wolfSSL_KeepArrays(ssl); // in TLS 1.3 also derives the exporter's secret
#endif
            if (!context.is_client) return;
            const std::string_view host = bench::Setup::host;
            wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, host.data(),
                           static_cast<word16>(host.size()));
#if USSL_TLS1_3 && USSL_X25519MLKEM768 && !defined(USSL_WOLFSSL_BEFORE_5_8)
            // The adapter's key shares.
            if (wolfSSL_version(ssl) == 0x0304)
                for (const word16 group : {WOLFSSL_X25519MLKEM768, WOLFSSL_ECC_SECP256R1})
                    wolfSSL_UseKeyShare(ssl, group);
#endif
            const int code = wolfSSL_check_domain_name(ssl, host.data());
            bench::require(code == WOLFSSL_SUCCESS, "check_domain_name", code);
        }
        ~End() { wolfSSL_free(ssl); }

        bool handshake() {
            const int result = wolfSSL_negotiate(ssl);
            if (result == WOLFSSL_SUCCESS) return true;
            check(result, "negotiate");
            return false;
        }
        void write(std::span<const std::uint8_t> from) {
            const int result = wolfSSL_write(ssl, from.data(), static_cast<int>(from.size()));
            bench::require(result == static_cast<int>(from.size()), "write", result);
        }
        std::size_t read(std::span<std::uint8_t> into) {
            const int result = wolfSSL_read(ssl, into.data(), static_cast<int>(into.size()));
            if (result > 0) return static_cast<std::size_t>(result);
            check(result, "read");
            return 0;
        }
        unsigned suite() { return static_cast<unsigned>(wolfSSL_get_current_cipher_suite(ssl)); }
        bool resumed() { return false; }
        void keep() {}
        void check(int result, const char* what) {
            const int code = wolfSSL_get_error(ssl, result);
            bench::require(code == WOLFSSL_ERROR_WANT_READ, what, code);
        }

        WOLFSSL* ssl;
        bench::Wire &out, &in;
    };
};

} // namespace

int main(int count, char** arguments) { return bench::run<Stack>(count, arguments); }
