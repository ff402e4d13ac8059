/* Mbed TLS's library/ssl_tls12_server.c. */
#include <../library/common.h>
#include <../library/ssl_misc.h>

#include "internals.h"

#if defined(MBEDTLS_SSL_SRV_C) && defined(MBEDTLS_SSL_PROTO_TLS1_2)

/* Whatever is above TLS 1.2 in a hello without supported_versions, it is answered with TLS 1.2 (RFC
 * 8446, D.2). */
#undef mbedtls_ssl_read_version
#define mbedtls_ssl_read_version(at, transport) ussl_mbedtls_read_version(ssl, at)

#if USSL_CERTIFICATES

/* --- RSASSA-PSS, which is for TLS 1.2 too (RFC 8446, 4.2.3), in a server's signature --- */

#undef mbedtls_ssl_parse_sig_alg_ext
#define mbedtls_ssl_parse_sig_alg_ext ussl_mbedtls_parse_signature_algorithms

/* The first of the client's algorithms that is for a key of this kind. 0: there is none. */
static uint16_t algorithm_for(const mbedtls_ssl_context* ssl, unsigned kind) {
    const uint16_t* each = ssl->handshake->received_sig_algs;
    for (; *each != MBEDTLS_TLS_SIG_NONE; ++each) {
        mbedtls_pk_type_t padding;
        mbedtls_md_type_t hash;
        if (mbedtls_ssl_get_pk_type_and_md_alg_from_sig_alg(*each, &padding, &hash) == 0 &&
            (padding == MBEDTLS_PK_ECDSA) == (kind == MBEDTLS_SSL_SIG_ECDSA) &&
            ussl_mbedtls_can_pad(mbedtls_ssl_own_key((mbedtls_ssl_context*)ssl), padding, hash))
            return *each;
    }
    return 0;
}

static unsigned hash_for(const mbedtls_ssl_context* ssl, unsigned kind) {
    mbedtls_pk_type_t padding;
    mbedtls_md_type_t hash;
    return mbedtls_ssl_get_pk_type_and_md_alg_from_sig_alg(algorithm_for(ssl, kind), &padding,
                                                           &hash) == 0
               ? mbedtls_ssl_hash_from_md_alg(hash)
               : MBEDTLS_SSL_HASH_NONE;
}
#undef mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg
#define mbedtls_ssl_tls12_get_preferred_hash_for_sig_alg hash_for

/* Behind the place of the algorithm, which the library has filled in, comes a length. */
static int sign_as_offered(mbedtls_ssl_context* ssl, mbedtls_pk_context* key,
                           mbedtls_md_type_t hash, const unsigned char* digest, size_t digest_size,
                           unsigned char* signature, size_t room, size_t* size) {
    const uint16_t algorithm = algorithm_for(ssl, mbedtls_ssl_sig_from_pk(key));
    mbedtls_pk_type_t kind;
    const int code = mbedtls_ssl_get_pk_type_and_md_alg_from_sig_alg(algorithm, &kind, &hash);
    MBEDTLS_PUT_UINT16_BE(algorithm, signature, -4);
    return code != 0 ? code
                     : ussl_mbedtls_sign(ssl, kind, key, hash, digest, digest_size, signature, room,
                                         size);
}
#undef mbedtls_pk_sign
#define mbedtls_pk_sign(key, hash, digest, digest_size, signature, room, size, f_rng, p_rng)       \
    sign_as_offered(ssl, key, hash, digest, digest_size, signature, room, size)

/* --- A client's signature: what the CertificateRequest lists is what the context has. --- */

static int lists(const mbedtls_ssl_context* ssl, uint16_t algorithm) {
    (void)ssl, (void)algorithm;
    return 1;
}
static int keeps(mbedtls_ssl_context* ssl, int hash) {
    (void)ssl, (void)hash;
    return 0;
}
#undef mbedtls_ssl_sig_alg_is_supported
#undef mbedtls_ssl_set_calc_verify_md
#define mbedtls_ssl_sig_alg_is_supported lists
#define mbedtls_ssl_set_calc_verify_md keeps

#if USSL_CLIENT_CERTIFICATES

static mbedtls_pk_context* peer_key(mbedtls_ssl_context* ssl) {
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    mbedtls_x509_crt* const peer = ssl->session_negotiate->peer_cert;
    return peer != NULL ? &peer->pk : NULL;
#else
    return ssl->session_negotiate->peer_cert_digest != NULL ? &ssl->handshake->peer_pubkey : NULL;
#endif
}

/* RFC 5246, 7.4.8. `at`: the message's contents. */
static int verify_client(mbedtls_ssl_context* ssl, mbedtls_pk_context* key, const unsigned char* at,
                         size_t size) {
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];
    size_t digest_size;
    mbedtls_md_type_t hash;
    mbedtls_pk_type_t kind;
    int code;
    if (size < 4 || size - 4 != MBEDTLS_GET_UINT16_BE(at, 2)) return MBEDTLS_ERR_SSL_DECODE_ERROR;
    if (!mbedtls_ssl_sig_alg_is_offered(ssl, MBEDTLS_GET_UINT16_BE(at, 0)) ||
        mbedtls_ssl_get_pk_type_and_md_alg_from_sig_alg(MBEDTLS_GET_UINT16_BE(at, 0), &kind,
                                                        &hash) != 0 ||
        !mbedtls_pk_can_do(key, kind))
        return MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER;
    code = ussl_mbedtls_hash_of_all(ssl, hash, digest, &digest_size);
    if (code != 0) return code;
#if defined(MBEDTLS_PKCS1_V21)
    if (kind == MBEDTLS_PK_RSASSA_PSS) {
        const mbedtls_pk_rsassa_pss_options options = {hash, (int)digest_size};
        return mbedtls_pk_verify_ext(kind, &options, key, hash, digest, digest_size, at + 4,
                                     size - 4);
    }
#endif
    return mbedtls_pk_verify(key, hash, digest, digest_size, at + 4, size - 4);
}

static int read_certificate_verify(mbedtls_ssl_context* ssl) {
    mbedtls_pk_context* const key = peer_key(ssl);
    int code = 0;
    if (mbedtls_ssl_ciphersuite_cert_req_allowed(ssl->handshake->ciphersuite_info) && key != NULL) {
        const size_t header = mbedtls_ssl_hs_hdr_len(ssl);
        /* It is hashed when its signature, which is of what came before it, is verified. */
        code = mbedtls_ssl_read_record(ssl, 0);
        if (code != 0) return code;
        if (ssl->in_msgtype != MBEDTLS_SSL_MSG_HANDSHAKE ||
            ssl->in_msg[0] != MBEDTLS_SSL_HS_CERTIFICATE_VERIFY)
            code = MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE;
        else
            code = verify_client(ssl, key, ssl->in_msg + header, ssl->in_hslen - header);
        if (code == 0) code = mbedtls_ssl_update_handshake_status(ssl);
    }
    mbedtls_ssl_handshake_increment_state(ssl);
    return code;
}

/* As in ssl_msg.c: the definition, which is not called any more, and the call. */
#define ssl_parse_certificate_verify(argument) VERIFY_##argument)
#define VERIFY_mbedtls_ssl_context ssl_parse_certificate_verify_unused(mbedtls_ssl_context
#define VERIFY_ssl read_certificate_verify(ssl

#endif

#endif

#if defined(MBEDTLS_SSL_DTLS_HELLO_VERIFY)

/* HelloVerifyRequest names DTLS 1.0 whatever comes of it (RFC 6347, 4.2.1): the library writes it
 * instead of the ServerHello, with the version of that. */
static void write_version(const mbedtls_ssl_context* ssl, unsigned char* at, int transport,
                          mbedtls_ssl_protocol_version version) {
    mbedtls_ssl_write_version(at, transport, version);
    if (ssl->handshake->cookie_verify_result != 0) MBEDTLS_PUT_UINT16_BE(0xfeff, at, 0);
}
#define mbedtls_ssl_write_version(at, transport, version) write_version(ssl, at, transport, version)

#endif

#if USSL_RECORD_SIZE_LIMIT

static void ssl_write_renegotiation_ext(mbedtls_ssl_context* ssl, unsigned char* at, size_t* size);

/* Behind the first extension of the ServerHello. The library writes its extensions without a look
 * at the room: the buffer has more than they need. */
static void write_first_extensions(mbedtls_ssl_context* ssl, unsigned char* at, size_t* size) {
    ssl_write_renegotiation_ext(ssl, at, size);
    *size += ussl_mbedtls_write_record_size_limit(ssl, ussl_mbedtls_record_size_limit(ssl, 1, 0),
                                                  at + *size,
                                                  ssl->out_msg + MBEDTLS_SSL_OUT_CONTENT_LEN);
}

/* As in ssl_msg.c: the definition, and the call. */
#define ssl_write_renegotiation_ext(argument, at, size) RENEGOTIATION_##argument, at, size)
#define RENEGOTIATION_mbedtls_ssl_context ssl_write_renegotiation_ext(mbedtls_ssl_context
#define RENEGOTIATION_ssl write_first_extensions(ssl

#endif
#endif

#include <../library/ssl_tls12_server.c>
