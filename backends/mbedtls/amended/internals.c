#include <../library/common.h> /* makes members of structures public: the first header */
#include <../library/ssl_misc.h>
#if USSL_TLS1_3
#include <../library/ssl_tls13_keys.h>
#endif

#include "internals.h"

#include <mbedtls/platform_util.h>
#include <string.h>

const size_t ussl_mbedtls_input_buffer_size = MBEDTLS_SSL_IN_BUFFER_LEN;

#if USSL_SERVER

uint16_t ussl_mbedtls_read_version(const mbedtls_ssl_context* ssl, const unsigned char* at) {
    const uint16_t version = mbedtls_ssl_read_version(at, ssl->conf->transport);
    const int is_first = at == ssl->in_msg + mbedtls_ssl_hs_hdr_len(ssl);
    const int higher = version > MBEDTLS_SSL_VERSION_TLS1_2;
    return is_first && (higher || ussl_mbedtls_stands_for_tls1_2(ssl)) ? MBEDTLS_SSL_VERSION_TLS1_2
                                                                       : version;
}

#if USSL_CERTIFICATES
int ussl_mbedtls_will_sign(const mbedtls_ssl_context* ssl) {
    return !ssl->handshake->resume &&
           mbedtls_ssl_get_ciphersuite_sig_alg(ssl->handshake->ciphersuite_info) != MBEDTLS_PK_NONE;
}
#endif

#endif

#if USSL_RECORD_SIZE_LIMIT

size_t ussl_mbedtls_write_record_size_limit(mbedtls_ssl_context* ssl, uint16_t limit,
                                            unsigned char* at, const unsigned char* end) {
    if (limit == 0 || end - at < 6) return 0;
    MBEDTLS_PUT_UINT16_BE(MBEDTLS_TLS_EXT_RECORD_SIZE_LIMIT, at, 0);
    MBEDTLS_PUT_UINT16_BE(2, at, 2);
    MBEDTLS_PUT_UINT16_BE(limit, at, 4);
#if USSL_TLS1_3
    mbedtls_ssl_tls13_set_hs_sent_ext_mask(ssl, MBEDTLS_TLS_EXT_RECORD_SIZE_LIMIT);
#else
    (void)ssl;
#endif
    return 6;
}

#endif

#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3

int ussl_mbedtls_write_piece(mbedtls_ssl_context* ssl, const unsigned char* piece, size_t size,
                             int* written) {
    const int code = mbedtls_ssl_flush_output(ssl);
    *written = code == 0;
    if (code != 0) return code;
    ssl->out_msgtype = MBEDTLS_SSL_MSG_HANDSHAKE;
    ssl->out_msglen = size;
    memcpy(ssl->out_msg, piece, size);
    return mbedtls_ssl_write_record(ssl, 1);
}

#endif

#if USSL_CERTIFICATES && (USSL_SERVER || USSL_CLIENT_CERTIFICATES)

int ussl_mbedtls_can_pad(const mbedtls_pk_context* key, mbedtls_pk_type_t kind,
                         mbedtls_md_type_t hash) {
    return kind != MBEDTLS_PK_RSASSA_PSS ||
           mbedtls_pk_get_bitlen(key) > (2 * mbedtls_md_get_size_from_type(hash) + 1) * 8;
}

#endif

#if USSL_CLIENT_CERTIFICATES

static int hash_all(mbedtls_ssl_context* ssl, const unsigned char* data, size_t size) {
    int code = mbedtls_md_update(&ssl->handshake->fin_sha256, data, size);
#if defined(MBEDTLS_MD_CAN_SHA384)
    if (code == 0) code = mbedtls_md_update(&ssl->handshake->fin_sha384, data, size);
#endif
#if defined(MBEDTLS_MD_CAN_SHA512)
    if (code == 0) code = mbedtls_md_update(ussl_mbedtls_kept_sha512(), data, size);
#endif
    return code;
}

void ussl_mbedtls_keep_hashes(mbedtls_ssl_context* ssl) {
    ssl->handshake->update_checksum = hash_all;
}

int ussl_mbedtls_start_hashes(mbedtls_ssl_context* ssl) {
    int code = 0;
#if defined(MBEDTLS_MD_CAN_SHA512)
    mbedtls_md_context_t* const sha512 = ussl_mbedtls_kept_sha512();
    mbedtls_md_free(sha512);
    mbedtls_md_init(sha512);
    code = mbedtls_md_setup(sha512, mbedtls_md_info_from_type(MBEDTLS_MD_SHA512), 0);
    if (code == 0) code = mbedtls_md_starts(sha512);
#endif
    ussl_mbedtls_keep_hashes(ssl);
    return code;
}

int ussl_mbedtls_reset_hashes(mbedtls_ssl_context* ssl) {
    int code = mbedtls_ssl_reset_checksum(ssl);
#if defined(MBEDTLS_MD_CAN_SHA512)
    if (code == 0 && ssl->handshake->update_checksum == hash_all)
        code = mbedtls_md_starts(ussl_mbedtls_kept_sha512());
#endif
    return code;
}

int ussl_mbedtls_hash_of_all(mbedtls_ssl_context* ssl, mbedtls_md_type_t hash,
                             unsigned char* digest, size_t* size) {
#if defined(MBEDTLS_MD_CAN_SHA512)
    if (hash == MBEDTLS_MD_SHA512) {
        mbedtls_md_context_t* const sha512 = ussl_mbedtls_kept_sha512();
        const int code = mbedtls_md_finish(sha512, digest);
        *size = mbedtls_md_get_size_from_type(hash);
        return code != 0 ? code : mbedtls_md_starts(sha512); /* of what comes, nothing is signed */
    }
#endif
    return mbedtls_ssl_get_handshake_transcript(ssl, hash, digest, MBEDTLS_MD_MAX_SIZE, size);
}

#endif

#if USSL_CERTIFICATES && (USSL_SERVER || USSL_TLS1_3)

int ussl_mbedtls_parse_signature_algorithms(mbedtls_ssl_context* ssl, const unsigned char* at,
                                            const unsigned char* end) {
    uint16_t* const usable = ssl->handshake->received_sig_algs;
    size_t count = 0;
    const unsigned char* each = at + 2;
    if (end - at < 2 || MBEDTLS_GET_UINT16_BE(at, 0) != end - each || (end - each) % 2 != 0)
        return mbedtls_ssl_parse_sig_alg_ext(ssl, at, end); /* which refuses it */
    for (; each != end && count != MBEDTLS_RECEIVED_SIG_ALGS_SIZE - 1; each += 2) {
        const uint16_t algorithm = MBEDTLS_GET_UINT16_BE(each, 0);
        if (mbedtls_ssl_sig_alg_is_offered(ssl, algorithm)) usable[count++] = algorithm;
    }
    usable[count] = MBEDTLS_TLS_SIG_NONE;
    if (count != 0 || ssl->tls_version == MBEDTLS_SSL_VERSION_TLS1_2) return 0;
    MBEDTLS_SSL_PEND_FATAL_ALERT(MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE,
                                 MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE);
    return MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE;
}

#endif

#if USSL_CLIENT && (USSL_P384 || USSL_RSA)

int ussl_mbedtls_write_signature_algorithms(mbedtls_ssl_context* ssl, unsigned char* at,
                                            const unsigned char* end, size_t* size) {
    const uint16_t* const algorithms = mbedtls_ssl_get_sig_algs(ssl);
    size_t count = 0;
    while (algorithms[count] != MBEDTLS_TLS_SIG_NONE)
        ++count;
    *size = 0;
    MBEDTLS_SSL_CHK_BUF_PTR(at, end, 6 + 2 * count);
    MBEDTLS_PUT_UINT16_BE(MBEDTLS_TLS_EXT_SIG_ALG, at, 0);
    MBEDTLS_PUT_UINT16_BE(2 * count + 2, at, 2);
    MBEDTLS_PUT_UINT16_BE(2 * count, at, 4);
    for (size_t i = 0; i != count; ++i)
        MBEDTLS_PUT_UINT16_BE(algorithms[i], at, 6 + 2 * i);
    *size = 6 + 2 * count;
#if USSL_TLS1_3
    mbedtls_ssl_tls13_set_hs_sent_ext_mask(ssl, MBEDTLS_TLS_EXT_SIG_ALG);
#endif
    return 0;
}

#endif

#if USSL_TLS1_3

void ussl_mbedtls_take_share(mbedtls_ssl_context* ssl, mbedtls_svc_key_id_t* into) {
    *into = ssl->handshake->xxdh_psa_privkey;
    ssl->handshake->xxdh_psa_privkey = MBEDTLS_SVC_KEY_ID_INIT;
}

void ussl_mbedtls_forget_session(mbedtls_ssl_context* ssl) {
#if defined(MBEDTLS_SSL_CLI_C) && defined(MBEDTLS_SSL_SESSION_TICKETS)
    mbedtls_ssl_session* const session = ssl->session_negotiate;
    ssl->handshake->resume = 0;
    mbedtls_zeroize_and_free(session->ticket, session->ticket_len);
    session->ticket = NULL;
    session->ticket_len = 0;
    session->id_len = 0;
#else
    (void)ssl;
#endif
}

void ussl_mbedtls_accept_cookie(mbedtls_ssl_context* ssl) {
    ssl->handshake->sent_extensions |= MBEDTLS_SSL_EXT_MASK(COOKIE);
}

static int expand(psa_algorithm_t hash, const unsigned char* secret, const char* label,
                  unsigned char* into, size_t size) {
    return mbedtls_ssl_tls13_hkdf_expand_label(hash, secret, PSA_HASH_LENGTH(hash),
                                               (const unsigned char*)label, strlen(label), NULL, 0,
                                               into, size);
}

int ussl_mbedtls_next_keys(mbedtls_ssl_context* ssl, int sending) {
    mbedtls_ssl_transform* const keys = ssl->transform_application;
    mbedtls_ssl_tls13_application_secrets* const secrets = &ssl->session->app_secrets;
    const int client = ssl->conf->endpoint == MBEDTLS_SSL_IS_CLIENT;
    unsigned char* const secret = client == sending ? secrets->client_application_traffic_secret_N
                                                    : secrets->server_application_traffic_secret_N;
    mbedtls_cipher_context_t* const cipher =
        sending ? &keys->cipher_ctx_enc : &keys->cipher_ctx_dec;
    const mbedtls_ssl_ciphersuite_t* const suite =
        mbedtls_ssl_ciphersuite_from_id(ssl->session->ciphersuite);
    const psa_algorithm_t hash = mbedtls_md_psa_alg_from_type((mbedtls_md_type_t)suite->mac);
    const int bits = mbedtls_cipher_get_key_bitlen(cipher);
    unsigned char next[MBEDTLS_TLS1_3_MD_MAX_SIZE], key[32];
    int code = expand(hash, secret, "traffic upd", next, PSA_HASH_LENGTH(hash));
    if (code == 0) {
        memcpy(secret, next, PSA_HASH_LENGTH(hash));
        code = expand(hash, secret, "key", key, (size_t)bits / 8);
    }
    if (code == 0)
        code = expand(hash, secret, "iv", sending ? keys->iv_enc : keys->iv_dec, keys->ivlen);
    if (code == 0)
        code =
            mbedtls_cipher_setkey(cipher, key, bits, sending ? MBEDTLS_ENCRYPT : MBEDTLS_DECRYPT);
    mbedtls_platform_zeroize(next, sizeof next);
    mbedtls_platform_zeroize(key, sizeof key);
    memset(sending ? ssl->cur_out_ctr : ssl->in_ctr, 0, MBEDTLS_SSL_SEQUENCE_NUMBER_LEN);
    return code;
}

int ussl_mbedtls_write_key_update(mbedtls_ssl_context* ssl) {
    static const unsigned char message[] = {24, 0, 0, 1, 0};
    ssl->out_msgtype = MBEDTLS_SSL_MSG_HANDSHAKE;
    ssl->out_msglen = sizeof message;
    memcpy(ssl->out_msg, message, sizeof message);
    return mbedtls_ssl_write_record(ssl, 1);
}

#endif

#if USSL_DTLS && USSL_CONNECTION_ID

const unsigned char* ussl_mbedtls_own_cid(const mbedtls_ssl_context* ssl, size_t* size) {
    *size = ssl->transform_in != NULL ? ssl->transform_in->in_cid_len : 0;
    return *size != 0 ? ssl->transform_in->in_cid : NULL;
}

const unsigned char* ussl_mbedtls_peer_cid(const mbedtls_ssl_context* ssl, size_t* size) {
    *size = ssl->transform_out != NULL ? ssl->transform_out->out_cid_len : 0;
    return *size != 0 ? ssl->transform_out->out_cid : NULL;
}

#endif
