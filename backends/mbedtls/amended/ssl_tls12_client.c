/* Mbed TLS's library/ssl_tls12_client.c. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if USSL_CLIENT

/* A server signs by what the client offered, which is asked next: RSASSA-PSS as well (RFC 8446,
 * 4.2.3), which 3.6.6 does not take for an algorithm of TLS 1.2. */
#define mbedtls_ssl_sig_alg_is_supported(ssl, algorithm) 1

#if USSL_CLIENT_CERTIFICATES

/* The library signs with the hash of its suite, whatever the server's CertificateRequest lists (RFC
 * 5246, 7.4.8). Behind the place of the algorithm, which it has filled in, comes a length. */
static int sign_as_asked(mbedtls_ssl_context* ssl, mbedtls_pk_context* key,
                         unsigned char* signature, size_t room, size_t* size) {
    const uint16_t algorithm = ussl_mbedtls_asked_signature(ssl);
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];
    size_t digest_size;
    mbedtls_md_type_t hash;
    mbedtls_pk_type_t kind;
    int code;
    if (algorithm == 0) return MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE;
    code = mbedtls_ssl_get_pk_type_and_md_alg_from_sig_alg(algorithm, &kind, &hash);
    if (code == 0) code = ussl_mbedtls_hash_of_all(ssl, hash, digest, &digest_size);
    MBEDTLS_PUT_UINT16_BE(algorithm, signature, -4);
    return code != 0 ? code
                     : ussl_mbedtls_sign(ssl, kind, key, hash, digest, digest_size, signature, room,
                                         size);
}
#undef mbedtls_pk_sign_restartable
#define mbedtls_pk_sign_restartable(key, hash, digest, digest_size, signature, room, size, f_rng,  \
                                    p_rng, context)                                                \
    ((void)(context), (void)(hash), (void)(digest), sign_as_asked(ssl, key, signature, room, size))

/* Behind a HelloVerifyRequest the transcript begins again (RFC 6347, 4.2.1). */
#undef mbedtls_ssl_reset_checksum
#define mbedtls_ssl_reset_checksum ussl_mbedtls_reset_hashes

#endif
#endif

#include <../library/ssl_tls12_client.c>
