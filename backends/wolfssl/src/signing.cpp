#include "signing.hpp"

#include "internals.hpp"
#include "session_engine.hpp"

#include "ussl/x509/certificate.hpp"

namespace ussl::wolfssl::signing {

#if USSL_SIGN_CALLBACK

namespace {

int sign(bool pads_by_pss, Bytes digest, unsigned char* out, word32* out_size, void* session) {
    const std::size_t size =
        static_cast<Traits::SessionEngine*>(session)->sign(pads_by_pss, digest, {out, *out_size});
    *out_size = static_cast<word32>(size);
    return size != 0 ? 0 : BAD_FUNC_ARG;
}

int sign_ecdsa(WOLFSSL*, const unsigned char* in, unsigned size, unsigned char* out,
               word32* out_size, const unsigned char*, unsigned, void* session) {
    return sign(false, {in, size}, out, out_size, session);
}

#if USSL_RSA
int sign_rsa(WOLFSSL*, const unsigned char* in, unsigned size, unsigned char* out, word32* out_size,
             const unsigned char*, unsigned, void* session) {
    // A DigestInfo (RFC 8017, 9.2) of SHA-2: 19 bytes, and the digest.
    constexpr unsigned prefix = 19;
    if (size <= prefix) return BAD_FUNC_ARG;
    return sign(false, {in + prefix, size - prefix}, out, out_size, session);
}

int sign_rsa_pss(WOLFSSL*, const unsigned char* in, unsigned size, unsigned char* out,
                 unsigned* out_size, int, int, const unsigned char*, unsigned, void* session) {
    return sign(true, {in, size}, out, out_size, session);
}

// wolfSSL would check its own signatures, against faults. Here the key is elsewhere; the peer
// checks.
int no_check(WOLFSSL*, unsigned char*, unsigned, unsigned char**, const unsigned char*, unsigned,
             void*) {
    return 0;
}
int no_check_pss(WOLFSSL*, unsigned char*, unsigned, unsigned char**, int, int,
                 const unsigned char*, unsigned, void*) {
    return 0;
}
#endif

} // namespace

void use(WOLFSSL_CTX* into, const x509::Certificate& certificate) {
    internals::set_foreign_key(into, certificate.key == x509::KeyKind::rsa, certificate.key_bits);
    wolfSSL_CTX_SetEccSignCb(into, sign_ecdsa);
#if USSL_RSA
    wolfSSL_CTX_SetRsaSignCb(into, sign_rsa);
    wolfSSL_CTX_SetRsaSignCheckCb(into, no_check);
    wolfSSL_CTX_SetRsaPssSignCb(into, sign_rsa_pss);
    wolfSSL_CTX_SetRsaPssSignCheckCb(into, no_check_pss);
#endif
}

void set_session(WOLFSSL* ssl, Traits::SessionEngine& session) {
    wolfSSL_SetEccSignCtx(ssl, &session);
#if USSL_RSA
    wolfSSL_SetRsaSignCtx(ssl, &session);
    wolfSSL_SetRsaPssSignCtx(ssl, &session);
#endif
}

#endif

} // namespace ussl::wolfssl::signing
