// wolfSSL's configuration, from the switches of a build (ussl/features.hpp). Only the library and
// the adapter include it, and both must: a difference between them corrupts memory.
#ifndef USSL_WOLFSSL_USER_SETTINGS_H
#define USSL_WOLFSSL_USER_SETTINGS_H

#include "ussl/features.hpp"

// wolfSSL assumes little-endian by default.
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BIG_ENDIAN_ORDER
#endif

// ---- Roles and protocol -------------------------------------------------------------------------

#if !USSL_CLIENT && !USSL_KEY_LOG // the key log's callbacks call client functions in servers, too
#define NO_WOLFSSL_CLIENT
#endif
#if !USSL_SERVER
#define NO_WOLFSSL_SERVER
#endif
#if !USSL_CLIENT_CERTIFICATES
#define WOLFSSL_NO_CLIENT_AUTH
#endif

#define NO_OLD_TLS // nothing below TLS 1.2
#define WOLFSSL_AEAD_ONLY
#define HAVE_TLS_EXTENSIONS
#if USSL_CERTIFICATES || USSL_ECDHE_PSK
#define HAVE_SUPPORTED_CURVES
#endif
#define WOLFSSL_ALLOW_SERVER_SC_EXT // some TLS 1.2 servers send supported_groups; it has no effect
#define HAVE_EXTENDED_MASTER
#define WOLFSSL_MAX_EMPTY_RECORDS                                                                  \
    33 // the first that is refused: core's limit (useless_records.hpp)
#if USSL_CERTIFICATES || USSL_ALPN
#define HAVE_SNI // in its callback servers choose their ALPN name, too
#endif
#define HAVE_SERVER_RENEGOTIATION_INFO // RFC 5746: OpenSSL 3 refuses a server without it
#if USSL_TLS1_3
#define WOLFSSL_TLS13
#define WOLFSSL_SEND_HRR_COOKIE // without it clients refuse a cookie; servers send none by default
#define WOLFSSL_ALLOW_BAD_TLS_LEGACY_VERSION // gives the alert of RFC 5246, E.1
#define WOLFSSL_TLS13_MIDDLEBOX_COMPAT       // RFC 8446, D.4
#define HAVE_HKDF
#endif
#if USSL_ALPN
#define HAVE_ALPN
#endif

#if USSL_DTLS
#define WOLFSSL_DTLS // 1.2 only: DTLS 1.3 has a switch of its own
// The adapter has its own ways to detect that the peer lost something, which a forger cannot
// trigger.
#define WOLFSSL_DTLS_RESEND_ONLY_TIMEOUT
// Sent: datagrams that fit into the smallest packet that IPv6 guarantees (RFC 8200, 5), behind its
// header and UDP's. Received: a whole record, or an Ethernet packet.
#define WOLFSSL_MAX_MTU (1280 - 40 - 8)
#define WOLFSSL_DTLS_MTU       // allows setting larger ones
#define WOLFSSL_COOKIE_LEN 255 // RFC 6347, 4.2.1: a client accepts any cookie
#if USSL_RECORD_INPUT > 1500
#define WOLFSSL_DTLS_MTU_ADDITIONAL_READ_BUFFER (USSL_RECORD_INPUT + 128 - WOLFSSL_MAX_MTU)
#else
#define WOLFSSL_DTLS_MTU_ADDITIONAL_READ_BUFFER (1500 - WOLFSSL_MAX_MTU)
#endif
#define RECORD_SIZE 128 // as without DTLS: size of a buffer in every session
// 5.7.2 has connection IDs in DTLS 1.3 only.
#if USSL_CONNECTION_ID && !defined(USSL_WOLFSSL_BEFORE_5_8)
#define WOLFSSL_DTLS_CID
#define DTLS_CID_MAX_SIZE 32 // max_connection_id
#endif
#endif

// Resumption is by tickets, which cost a server no memory. Clients store what they need themselves.
// So wolfSSL's cache, which all contexts would share, is left out.
#define NO_SESSION_CACHE
#define NO_SESSION_CACHE_REF
#if USSL_RESUMPTION
#define HAVE_SESSION_TICKET
#define WOLFSSL_TICKET_KEY_LIFETIME (2 * 24 * 3600)
#if !USSL_CHACHA20_POLY1305
#define WOLFSSL_TICKET_ENC_AES256_GCM // ticket keys have 32 bytes, as with ChaCha20
#endif
// RFC 8446, 4.6.1: a nonce has up to 255 bytes. Without this a client refuses those longer than 8,
// and breaks off: Mbed TLS's servers send 32.
#define WOLFSSL_TICKET_NONCE_MALLOC
#endif
// The longest PSK identity that wolfSSL accepts, tickets included; a handshake has two buffers of
// this size, even without pre-shared keys. A client may offer another server's ticket, which must
// not be refused for its size (RFC 8446, 4.2.11): with pre-shared keys up to this size; without,
// see library/tls.c.
#if !USSL_PSK
#define MAX_PSK_ID_LEN 1
#elif USSL_SERVER && USSL_TLS1_3
#define MAX_PSK_ID_LEN 768
#endif
#if USSL_PSK
// The AES-GCM suites of RFC 5487; for RFC 8442 see library/keys.c. WOLFSSL_STATIC_PSK would add CBC
// suites, for which WOLFSSL_AEAD_ONLY has no code.
#define BUILD_TLS_PSK_WITH_AES_128_GCM_SHA256
#if USSL_P384
#define BUILD_TLS_PSK_WITH_AES_256_GCM_SHA384
#endif
#if USSL_AES_CCM // RFC 6655
#define BUILD_TLS_PSK_WITH_AES_128_CCM
#define BUILD_TLS_PSK_WITH_AES_128_CCM_8
#endif
#else
#define NO_PSK
#endif
#if USSL_SIGN_CALLBACK
#define HAVE_PK_CALLBACKS
#endif
#if USSL_MAX_FRAGMENT_LENGTH
#define HAVE_MAX_FRAGMENT
#endif
#if USSL_KEY_LOG
#define HAVE_SECRET_CALLBACK
#endif
#if USSL_EXPORTER
#define HAVE_KEYING_MATERIAL
#endif

// ---- Certificates -------------------------------------------------------------------------------

// core/ reads and judges the peer's certificates. wolfSSL gets the key of the first one
// (library/internal.c). Builds without certificates: library/without_certificates.h.
#define NO_WOLFSSL_CM_VERIFY
#define MAX_HANDSHAKE_SZ USSL_HANDSHAKE_MESSAGE
#define MAX_CERTIFICATE_SZ USSL_HANDSHAKE_MESSAGE
#define WOLFSSL_NO_PEM // ussl/pem.hpp
#define NO_PKCS12
#define NO_PWDBASED

// ---- Algorithms ---------------------------------------------------------------------------------

#define NO_DH
#define NO_DSA
#define NO_RC4
#define NO_DES3
#define NO_MD4
#define NO_MD5
#define NO_AES_CBC
#define NO_AES_192
#define NO_OLD_POLY1305 // the suites before RFC 7905
#define HAVE_AESGCM
#if USSL_AES_CCM
#define HAVE_AESCCM
#endif
#if USSL_SMALL_CODE
#define WOLFSSL_AES_SMALL_TABLES
#endif
#define GCM_TABLE_4BIT // 256 bytes for each direction; GCM_TABLE takes 4096
// SHA-1 is for certificate paths with check_signature_strength switched off. NO_OLD_TLS keeps it
// out of handshakes.
#if !USSL_SHA1_SIGNATURES
#define NO_SHA
#endif
#if USSL_P384 || USSL_RSA
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#endif
#if USSL_CHACHA20_POLY1305
#define HAVE_CHACHA
#define HAVE_POLY1305
#define HAVE_ONE_TIME_AUTH
#endif

#if USSL_CERTIFICATES || USSL_ECDHE_PSK
#define HAVE_ECC
#define ECC_USER_CURVES // secp256r1, and those named here
#define ECC_TIMING_RESISTANT
#if USSL_P384
#define HAVE_ECC384
#endif
#endif
#if USSL_X25519
#define HAVE_CURVE25519
#define WOLFSSL_ECDHX_SHARED_NOT_ZERO // RFC 7748, 6.1; without it 5.7.2 accepts a shared secret of
                                      // zero
// Otherwise public keys are made with Ed25519's table, whose AVX2 code (5.9.2) uses the upper half
// of a register that other code has left dirty: every second key share was wrong.
#define WOLFSSL_CURVE25519_NOT_USE_ED25519
#endif

#if USSL_X25519MLKEM768 && USSL_TLS1_3 && USSL_X25519 && !defined(USSL_WOLFSSL_BEFORE_5_8)
// X25519MLKEM768, but no group of ML-KEM alone.
#define WOLFSSL_HAVE_MLKEM
#define WOLFSSL_PQC_HYBRIDS
#define WOLFSSL_TLS_NO_MLKEM_STANDALONE
#define WOLFSSL_NO_ML_KEM_512
#define WOLFSSL_NO_ML_KEM_1024
#define WOLFSSL_SHA3
#define WOLFSSL_SHAKE128
#define WOLFSSL_SHAKE256
#define WC_SHA3_NO_ASM
#define WC_MLKEM_NO_ASM
#endif

#if USSL_RSA
#define WC_RSA_PSS
#define WOLFSSL_PSS_LONG_SALT // for certificates; in handshakes the salt is as long as the hash
#define WC_RSA_BLINDING
#define TFM_TIMING_RESISTANT
// core's rules refuse weak keys and can be switched off; so the library must accept them.
#define RSA_MIN_SIZE 512
#else
#define NO_RSA
#endif

// ---- Numbers ------------------------------------------------------------------------------------

#ifdef HAVE_ECC
#define WOLFSSL_HAVE_SP_ECC
#else
#define WOLFSSL_ALLOW_NO_SUITES // otherwise ssl.c looks for key exchanges with public keys
#endif
#if USSL_P384
#define WOLFSSL_SP_384
#endif
#if USSL_RSA
#define WOLFSSL_HAVE_SP_RSA
#define WOLFSSL_SP_4096
#endif

#if __SIZEOF_POINTER__ >= 8
// Hosts: speed counts, and keys may have any size. Size of a ClientHello's lists, of suites and of
// signature algorithms, in bytes: the rest is ignored. Scanners send more than 300 suites.
#define WOLFSSL_MAX_SUITE_SZ 1024
#define WOLFSSL_MAX_SIGALGO 256
#define HAVE___UINT128_T 1
#define WOLFSSL_SP_MATH_ALL
#if USSL_RSA
#define SP_INT_BITS 4096
#elif USSL_P384
#define SP_INT_BITS 384
#else
#define SP_INT_BITS 256
#endif
#else
// Small devices: size counts, unless a handshake would take seconds. RSA keys have 2048, 3072 or
// 4096 bits.
#define WOLFSSL_SP_MATH
#define ALT_ECC_SIZE // curves' numbers without room for RSA's: 3.6 KB less for each key
#define WOLFSSL_SMALL_STACK
#define WOLFSSL_SP_SMALL
#define CURVE25519_SMALL
#define WOLFSSL_AES_NO_UNROLL
#if !USSL_SERVER // size of lists: its own only, at most 28 and 24 bytes
#define WOLFSSL_MAX_SUITE_SZ 48
#define WOLFSSL_MAX_SIGALGO 44
#else
#define WOLFSSL_MAX_SIGALGO 144
#endif
#define USE_SLOW_SHA
#define USE_SLOW_SHA512
#endif

// Assembly. On x86-64 the CPU's features are detected at run time; build sources-x86_64.txt.
#if defined(__x86_64__) && defined(__ELF__) && !defined(USSL_NO_ASSEMBLY)
#ifndef WOLFSSL_X86_64_BUILD
#define WOLFSSL_X86_64_BUILD
#endif
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_X86_64_ASM
#define WOLFSSL_AESNI // needs -maes; the compiler uses nothing else of it
#define USE_INTEL_SPEEDUP
#if USSL_X25519 && !defined(__ASSEMBLER__)
int curve25519_base(unsigned char*, const unsigned char*); // 5.9.2 calls it without a declaration
#endif
#elif defined(__thumb2__) && __ARM_ARCH >= 7 && !defined(USSL_NO_ASSEMBLY)
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_ARM_CORTEX_M_ASM
#elif defined(__thumb__) && !defined(__thumb2__) && !defined(USSL_NO_ASSEMBLY)
#define WOLFSSL_SP_ASM
#define WOLFSSL_SP_ARM_THUMB_ASM
#endif
// Otherwise C calls it by names in strings, which tools/library-names cannot prefix.
#define XASM_LINK(name)
#ifndef WOLFSSL_AESNI
#define HAVE_AESGCM_DECRYPT
#if !USSL_AES_CCM      // whose code wolfSSL leaves out as well
#define NO_AES_DECRYPT // GCM uses the forward direction only
#endif
#endif

// ---- The system below ---------------------------------------------------------------------------

// core/ checks the certificates' times. But tickets have ages: see the clocks in hooks.cpp.
#if USSL_RESUMPTION
#define NO_ASN_TIME_CHECK
#define USER_TICKS
#define TIME_OVERRIDES
#define HAVE_TIME_T_TYPE
#define HAVE_TM_TYPE
#define XTIME ussl_wolfssl_time
#define XGMTIME ussl_wolfssl_gmtime
#ifndef __ASSEMBLER__
#include <time.h> // types only
#endif
#else
#define NO_ASN_TIME
#endif

// With threads, several may share a context. Otherwise everything belongs to one.
#if !USSL_HOSTED
#define SINGLE_THREADED
#endif
#define WOLFSSL_USER_IO
#define WOLFSSL_NO_SOCK
#define NO_FILESYSTEM
#define NO_WRITEV
#define NO_WOLFSSL_DIR
#define NO_MAIN_DRIVER
#define NO_ERROR_STRINGS
#define NO_SIG_WRAPPER
#define NO_WOLFSSL_MSG_EX
#define WOLFSSL_IGNORE_FILE_WARN
#define NO_OLD_SSL_NAMES
#define NO_OLD_WC_NAMES

// All randomness comes from the environment: there is no generator of wolfSSL's in between.
#define WC_NO_HASHDRBG
#define CUSTOM_RAND_GENERATE_BLOCK ussl_wolfssl_random

// Memory comes from ussl::allocator(), which cannot resize.
#define NO_WOLFSSL_MEMORY
#define WOLFSSL_NO_REALLOC
#define XMALLOC_OVERRIDE
#define XMALLOC(size, heap, type) ((void)(heap), (void)(type), ussl_wolfssl_allocate(size))
#define XFREE(memory, heap, type) ((void)(heap), (void)(type), ussl_wolfssl_release(memory))

#ifndef __ASSEMBLER__
#include <stddef.h>
#if USSL_DTLS // wolfio.h takes ssize_t from whichever header has it
#if __has_include(<sys/types.h>)
#include <sys/types.h>
#else
#define WC_SSIZE_TYPE int
#endif
#endif
#ifdef __cplusplus
extern "C" {
#endif
void* ussl_wolfssl_allocate(size_t size);
void ussl_wolfssl_release(void* memory);
int ussl_wolfssl_random(unsigned char* out, unsigned int size); // 0, or a negative error
// 5.7.2 calls it when a ticket is found in the cache: never, as there is none.
void* XREALLOC(void* memory, size_t size, void* heap, int type);
#ifdef __cplusplus
}
#endif

// Replaces <ctype.h>: firmware without a C library lacks its tables, and names in certificates do
// not depend on a locale.
#define CTYPE_USER
static inline int ussl_wolfssl_lower(int c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }
static inline int ussl_wolfssl_upper(int c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }
#define XTOLOWER(c) ussl_wolfssl_lower(c)
#define XTOUPPER(c) ussl_wolfssl_upper(c)
#endif

// ---- Assembly for symmetric algorithms ----------------------------------------------------------

// For Thumb-2; not on processors of other profiles, which may have NEON. 3 to 5 KB larger than C.
#if defined(WOLFSSL_SP_ARM_CORTEX_M_ASM) && __ARM_ARCH_PROFILE == 'M' && !USSL_SMALL_CODE &&       \
    !defined(USSL_WOLFSSL_BEFORE_5_8)
#define WOLFSSL_ARMASM
#define WOLFSSL_ARMASM_THUMB2
#define WOLFSSL_ARMASM_INLINE
#define WOLFSSL_ARMASM_NO_HW_CRYPTO
#define WOLFSSL_ARMASM_NO_NEON
#endif

#endif
