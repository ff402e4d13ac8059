/* What the adapter asks of the library, or does in its place, beyond the library's headers. Only in
 * our own build of it: a library of the system does not know these. */
#ifndef USSL_MBEDTLS_INTERNALS_H
#define USSL_MBEDTLS_INTERNALS_H

#include "ussl/features.hpp"

#include <mbedtls/ssl.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The adapter's, for a record of the handshake that was opened: puts messages together. As
 * mbedtls_ssl_prepare_handshake_record(). */
int ussl_mbedtls_gather_message(mbedtls_ssl_context* ssl);

/* Of its buffer for input, in bytes. */
extern const size_t ussl_mbedtls_input_buffer_size;

/* The library's own way, which is for datagrams only. */
int ussl_mbedtls_prepare_handshake_record(mbedtls_ssl_context* ssl);

/* The adapter's: whether the first field of the ClientHello that is read stands for TLS 1.2. Never
 * over datagrams, where it is another number. */
int ussl_mbedtls_stands_for_tls1_2(const mbedtls_ssl_context* ssl);

/* The version in the first field of a ClientHello, as above, or in supported_versions. */
uint16_t ussl_mbedtls_read_version(const mbedtls_ssl_context* ssl, const unsigned char* at);

/* The adapter's: the algorithm for a client's CertificateVerify of TLS 1.2, by what the server has
 * listed; 0: there is none. */
uint16_t ussl_mbedtls_asked_signature(const mbedtls_ssl_context* ssl);

/* The adapter's: a signature of TLS 1.2 with an own key, which may be elsewhere. As
 * mbedtls_pk_sign_ext(). */
int ussl_mbedtls_sign(mbedtls_ssl_context* ssl, mbedtls_pk_type_t kind, mbedtls_pk_context* key,
                      mbedtls_md_type_t hash, const unsigned char* digest, size_t digest_size,
                      unsigned char* signature, size_t room, size_t* size);

/* The adapter's: whether a signature is in DER. `order_bits`: of the curve's order. */
int ussl_mbedtls_is_ecdsa_signature(const unsigned char* signature, size_t size, size_t order_bits);

/* Whether such a key is long enough (RFC 8017, 9.1.1, with a salt as long as the hash). */
int ussl_mbedtls_can_pad(const mbedtls_pk_context* key, mbedtls_pk_type_t kind,
                         mbedtls_md_type_t hash);

#if USSL_RECORD_SIZE_LIMIT
/* The adapter's: the number for record_size_limit in a hello that may be answered with, or answers
 * with, these versions; 0: it has none. */
uint16_t ussl_mbedtls_record_size_limit(const mbedtls_ssl_context* ssl, int tls1_2, int tls1_3);

/* Writes the extension with this number (RFC 8449, 4); 0: none. Returns its size in bytes; or 0,
 * and writes nothing, where there is no room. */
size_t ussl_mbedtls_write_record_size_limit(mbedtls_ssl_context* ssl, uint16_t limit,
                                            unsigned char* at, const unsigned char* end);
#endif

#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3
/* The adapter's, for a message of the handshake that is to be encrypted: takes it if it is longer
 * than the peer's records. 1: it did; 0: the message has to be written; or an error of the library.
 */
int ussl_mbedtls_take_long_message(const mbedtls_ssl_context* ssl, const unsigned char* message,
                                   size_t size);

/* Sends what waits in the library's buffer, and then a piece of such a message. 0, or an error of
 * the library: with MBEDTLS_ERR_SSL_WANT_WRITE the piece is written if `*written` is not 0. */
int ussl_mbedtls_write_piece(mbedtls_ssl_context* ssl, const unsigned char* piece, size_t size,
                             int* written);
#endif

/* As mbedtls_ssl_parse_sig_alg_ext(), of a list of any length: takes what the library can use of
 * it, in TLS 1.2 RSASSA-PSS too (RFC 8446, 4.2.3). */
int ussl_mbedtls_parse_signature_algorithms(mbedtls_ssl_context* ssl, const unsigned char* at,
                                            const unsigned char* end);

/* As mbedtls_ssl_write_sig_alg_ext(), with all that a client verifies: the library omits what its
 * highest version has no name for. */
int ussl_mbedtls_write_signature_algorithms(mbedtls_ssl_context* ssl, unsigned char* at,
                                            const unsigned char* end, size_t* size);

/* A server's, that has read the ClientHello: whether its handshake of TLS 1.2 has a signature. */
int ussl_mbedtls_will_sign(const mbedtls_ssl_context* ssl);

/* A client's signature in TLS 1.2 covers the transcript, with a hash that the server names late
 * (RFC 5246, 7.4.8). The library keeps the hash of its suite. */

/* The adapter's: room for the transcript's SHA-512, which the library does not know. */
mbedtls_md_context_t* ussl_mbedtls_kept_sha512(void);

/* Keeps the transcript's hashes of all signatures from now on, before the first message. */
int ussl_mbedtls_start_hashes(mbedtls_ssl_context* ssl);

/* Again, where the library has chosen a suite, and dropped the others. */
void ussl_mbedtls_keep_hashes(mbedtls_ssl_context* ssl);

/* As mbedtls_ssl_reset_checksum(). */
int ussl_mbedtls_reset_hashes(mbedtls_ssl_context* ssl);

/* As mbedtls_ssl_get_handshake_transcript(), for any of them. */
int ussl_mbedtls_hash_of_all(mbedtls_ssl_context* ssl, mbedtls_md_type_t hash,
                             unsigned char* digest, size_t* size);

#if USSL_TLS1_3
/* A client's: the private key of the share that it has sent, which the library then has not. */
void ussl_mbedtls_take_share(mbedtls_ssl_context* ssl, mbedtls_svc_key_id_t* into);

/* The adapter's: such a key, to be sent again; 0: a new one is to be made. */
mbedtls_svc_key_id_t ussl_mbedtls_kept_share(const mbedtls_ssl_context* ssl);

/* A client's, that has offered a session of TLS 1.3 to a server which chose TLS 1.2. */
void ussl_mbedtls_forget_session(mbedtls_ssl_context* ssl);

/* A client's: a HelloRetryRequest may bring a cookie (RFC 8446, 4.2.2). The library takes one for
 * an extension that was not asked for. */
void ussl_mbedtls_accept_cookie(mbedtls_ssl_context* ssl);

/* RFC 8446, 7.2: the next traffic secret of one direction, and keys made of it. */
int ussl_mbedtls_next_keys(mbedtls_ssl_context* ssl, int sending);

/* A KeyUpdate that asks for none (RFC 8446, 4.6.3). Nothing may wait in the library's buffer. */
int ussl_mbedtls_write_key_update(mbedtls_ssl_context* ssl);
#endif

#if USSL_DTLS && USSL_CONNECTION_ID
/* After the handshake: the connection ID in the peer's records, and in ours. NULL: none. */
const unsigned char* ussl_mbedtls_own_cid(const mbedtls_ssl_context* ssl, size_t* size);
const unsigned char* ussl_mbedtls_peer_cid(const mbedtls_ssl_context* ssl, size_t* size);
#endif

#ifdef __cplusplus
}
#endif

#endif
