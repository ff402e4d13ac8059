// The switches of a build, with their defaults. Set them by Meson's options or by variables of make
// and CMake. Each backend maps them to its library's configuration and to its capabilities. C and
// assembly include this file, too.
//
// Code asks a switch in two ways: `#if USSL_X` where code must not exist without it (a member, an
// #include, calls of functions that the library then lacks), and features::x in expressions
// otherwise. Sizes are plain numbers.
#pragma once

// (NO_QSTR: MicroPython preprocesses this for names, with the compiler's default C++ version.)
#if defined(__cplusplus) && __cplusplus < 202002L && !defined(NO_QSTR)
#error "ussl's headers need C++20: -std=c++20, gcc 11 or clang 14. Older C++ and C have ussl.h"
#endif

#define USSL_JOINED_(one, other) one##other
#define USSL_JOINED(one, other) USSL_JOINED_(one, other)
#define USSL_IS_SWITCH(value) USSL_JOINED(USSL_IS_SWITCH_, value)
#define USSL_IS_SWITCH_0 1
#define USSL_IS_SWITCH_1 1

// A profile is a named set of defaults, the same on each backend. A switch that is set by its own
// name overrides it.
//   psk        client and server without certificates: TLS 1.2 and DTLS 1.2 with pre-shared keys,
//              ECDHE on secp256r1, AES-128-GCM and AES-128-CCM (RFC 7925, RFC 8442)
//   smallest   client with TLS 1.2, ECDSA on secp256r1, AES-128-GCM
//   client     also RSA, secp384r1, ChaCha20-Poly1305, ALPN and client certificates
//   client13   also TLS 1.3 and X25519
//   both       client and server, without TLS 1.3
//   full       everything: also pre-shared keys, DTLS, several server names, keys kept elsewhere
// All but `psk` and `smallest` have resumption, maximum fragment lengths, pins, the verify callback
// and the handshake's time limit.
//
// clang-format off
// Written by tools/switches: profiles.
#define USSL_PROFILE_psk 1
#define USSL_BY_psk(psk, smallest, client, client13, both, full) psk
#define USSL_PROFILE_smallest 2
#define USSL_BY_smallest(psk, smallest, client, client13, both, full) smallest
#define USSL_PROFILE_client 3
#define USSL_BY_client(psk, smallest, client, client13, both, full) client
#define USSL_PROFILE_client13 4
#define USSL_BY_client13(psk, smallest, client, client13, both, full) client13
#define USSL_PROFILE_both 5
#define USSL_BY_both(psk, smallest, client, client13, both, full) both
#define USSL_PROFILE_full 6
#define USSL_BY_full(psk, smallest, client, client13, both, full) full
#ifndef USSL_PROFILE
#define USSL_PROFILE full
#elif !USSL_JOINED(USSL_PROFILE_, USSL_PROFILE)
#error "USSL_PROFILE: psk, smallest, client, client13, both or full"
#undef USSL_PROFILE
#define USSL_PROFILE full
#endif
#define USSL_BY_PROFILE USSL_JOINED(USSL_BY_, USSL_PROFILE)
// End of what tools/switches writes.

// Written by tools/switches: defaults.
// Client role.
#ifndef USSL_CLIENT
#define USSL_CLIENT 1
#elif !USSL_IS_SWITCH(USSL_CLIENT)
#error "USSL_CLIENT: 0 or 1"
#endif
// Server role.
#ifndef USSL_SERVER
#define USSL_SERVER USSL_BY_PROFILE(1, 0, 0, 0, 1, 1)
#elif !USSL_IS_SWITCH(USSL_SERVER)
#error "USSL_SERVER: 0 or 1"
#endif
// X.509 certificates; own ones and the peer's. Off: both ends have a pre-shared key.
#ifndef USSL_CERTIFICATES
#define USSL_CERTIFICATES USSL_BY_PROFILE(0, 1, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_CERTIFICATES)
#error "USSL_CERTIFICATES: 0 or 1"
#endif
// TLS 1.3; if the library has it. TLS 1.2 is always included.
#ifndef USSL_TLS1_3
#define USSL_TLS1_3 USSL_BY_PROFILE(0, 0, 0, 1, 0, 1)
#elif !USSL_IS_SWITCH(USSL_TLS1_3)
#error "USSL_TLS1_3: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_TLS1_3
#define USSL_TLS1_3 0
#endif
// ECDSA P-384 certificates; the curve secp384r1 and SHA-384. secp256r1 is always included.
#ifndef USSL_P384
#define USSL_P384 USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_P384)
#error "USSL_P384: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_P384
#define USSL_P384 0
#endif
// RSA certificates; keys as well, and signatures of PKCS#1 v1.5.
#ifndef USSL_RSA
#define USSL_RSA USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_RSA)
#error "USSL_RSA: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_RSA
#define USSL_RSA 0
#endif
// ChaCha20-Poly1305 suites; AES-GCM is always included.
#ifndef USSL_CHACHA20_POLY1305
#define USSL_CHACHA20_POLY1305 USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_CHACHA20_POLY1305)
#error "USSL_CHACHA20_POLY1305: 0 or 1"
#endif
// AES-CCM suites; with AES-128, and with tags of 16 or of 8 bytes (RFC 6655, RFC 7251, RFC 8442,
// RFC 8446), for small devices.
#ifndef USSL_AES_CCM
#define USSL_AES_CCM USSL_BY_PROFILE(1, 0, 0, 0, 0, 0)
#elif !USSL_IS_SWITCH(USSL_AES_CCM)
#error "USSL_AES_CCM: 0 or 1"
#endif
// X25519 key exchange; if the library has it in this configuration.
#ifndef USSL_X25519
#define USSL_X25519 USSL_BY_PROFILE(0, 0, 0, 1, 0, 1)
#elif !USSL_IS_SWITCH(USSL_X25519)
#error "USSL_X25519: 0 or 1"
#endif
// ALPN; RFC 7301.
#ifndef USSL_ALPN
#define USSL_ALPN USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_ALPN)
#error "USSL_ALPN: 0 or 1"
#endif
// Client certificates, both roles; servers ask for them, clients send them.
#ifndef USSL_CLIENT_CERTIFICATES
#define USSL_CLIENT_CERTIFICATES USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_CLIENT_CERTIFICATES)
#error "USSL_CLIENT_CERTIFICATES: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_CLIENT_CERTIFICATES
#define USSL_CLIENT_CERTIFICATES 0
#endif
// Certificates verified; by rules for path and identity. Off: Verify::none only.
#ifndef USSL_VERIFICATION
#define USSL_VERIFICATION USSL_BY_PROFILE(0, 1, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_VERIFICATION)
#error "USSL_VERIFICATION: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_VERIFICATION
#define USSL_VERIFICATION 0
#endif
// Pinned keys; the peer's or its issuers'.
#ifndef USSL_PINS
#define USSL_PINS USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_PINS)
#error "USSL_PINS: 0 or 1"
#endif
#if !USSL_VERIFICATION
#undef USSL_PINS
#define USSL_PINS 0
#endif
// Verify callback; the program makes the final decision on the peer's certificates.
#ifndef USSL_VERIFY_CALLBACK
#define USSL_VERIFY_CALLBACK USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_VERIFY_CALLBACK)
#error "USSL_VERIFY_CALLBACK: 0 or 1"
#endif
#if !USSL_VERIFICATION
#undef USSL_VERIFY_CALLBACK
#define USSL_VERIFY_CALLBACK 0
#endif
// Time limit of the handshake.
#ifndef USSL_HANDSHAKE_TIMEOUT
#define USSL_HANDSHAKE_TIMEOUT USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_HANDSHAKE_TIMEOUT)
#error "USSL_HANDSHAKE_TIMEOUT: 0 or 1"
#endif
// SHA-1 signatures, if a policy allows them; Policy::check_signature_strength may be off.
#ifndef USSL_SHA1_SIGNATURES
#define USSL_SHA1_SIGNATURES USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_SHA1_SIGNATURES)
#error "USSL_SHA1_SIGNATURES: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_SHA1_SIGNATURES
#define USSL_SHA1_SIGNATURES 0
#endif
// Name constraints enforced (else refused); RFC 5280, 4.2.1.10.
#ifndef USSL_NAME_CONSTRAINTS
#define USSL_NAME_CONSTRAINTS USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_NAME_CONSTRAINTS)
#error "USSL_NAME_CONSTRAINTS: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_NAME_CONSTRAINTS
#define USSL_NAME_CONSTRAINTS 0
#endif
// Trust anchors that are searched when needed; root bundles, a host's roots, a program's own. On in
// builds with USSL_ROOTS.
#ifndef USSL_ANCHOR_SOURCE
#define USSL_ANCHOR_SOURCE USSL_BY_PROFILE(0, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_ANCHOR_SOURCE)
#error "USSL_ANCHOR_SOURCE: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_ANCHOR_SOURCE
#define USSL_ANCHOR_SOURCE 0
#endif
// Pre-shared keys; both roles.
#ifndef USSL_PSK
#define USSL_PSK USSL_BY_PROFILE(1, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_PSK)
#error "USSL_PSK: 0 or 1"
#endif
// Pre-shared keys with ECDHE; forward secrecy. Off: bare PSK suites only (RFC 7925, 4.2), so that a
// key that leaks opens what was recorded before; without certificates nothing has elliptic curves
// then.
#ifndef USSL_ECDHE_PSK
#define USSL_ECDHE_PSK 1
#elif !USSL_IS_SWITCH(USSL_ECDHE_PSK)
#error "USSL_ECDHE_PSK: 0 or 1"
#endif
#if !USSL_PSK
#undef USSL_ECDHE_PSK
#define USSL_ECDHE_PSK 0
#endif
// DTLS 1.2; both roles.
#ifndef USSL_DTLS
#define USSL_DTLS USSL_BY_PROFILE(1, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_DTLS)
#error "USSL_DTLS: 0 or 1"
#endif
// DTLS connection IDs (RFC 9146); a client whose address changes keeps its session.
#ifndef USSL_CONNECTION_ID
#define USSL_CONNECTION_ID USSL_BY_PROFILE(0, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_CONNECTION_ID)
#error "USSL_CONNECTION_ID: 0 or 1"
#endif
#if !USSL_DTLS
#undef USSL_CONNECTION_ID
#define USSL_CONNECTION_ID 0
#endif
// Session resumption; by tickets, or session IDs.
#ifndef USSL_RESUMPTION
#define USSL_RESUMPTION USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_RESUMPTION)
#error "USSL_RESUMPTION: 0 or 1"
#endif
// Several server certificates, by SNI.
#ifndef USSL_SERVER_NAMES
#define USSL_SERVER_NAMES USSL_BY_PROFILE(0, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_SERVER_NAMES)
#error "USSL_SERVER_NAMES: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_SERVER_NAMES
#define USSL_SERVER_NAMES 0
#endif
// Private keys kept elsewhere (sign_callback); Credential::signer.
#ifndef USSL_SIGN_CALLBACK
#define USSL_SIGN_CALLBACK USSL_BY_PROFILE(0, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_SIGN_CALLBACK)
#error "USSL_SIGN_CALLBACK: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_SIGN_CALLBACK
#define USSL_SIGN_CALLBACK 0
#endif
// Keys and certificates made on the device; self-signed, or requests for an authority, on
// secp256r1.
#ifndef USSL_MAKE_CERTIFICATES
#define USSL_MAKE_CERTIFICATES USSL_BY_PROFILE(0, 0, 0, 0, 0, 1)
#elif !USSL_IS_SWITCH(USSL_MAKE_CERTIFICATES)
#error "USSL_MAKE_CERTIFICATES: 0 or 1"
#endif
#if !USSL_CERTIFICATES
#undef USSL_MAKE_CERTIFICATES
#define USSL_MAKE_CERTIFICATES 0
#endif
// Maximum fragment length (RFC 6066).
#ifndef USSL_MAX_FRAGMENT_LENGTH
#define USSL_MAX_FRAGMENT_LENGTH USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_MAX_FRAGMENT_LENGTH)
#error "USSL_MAX_FRAGMENT_LENGTH: 0 or 1"
#endif
// Record size limit (RFC 8449).
#ifndef USSL_RECORD_SIZE_LIMIT
#define USSL_RECORD_SIZE_LIMIT USSL_BY_PROFILE(0, 0, 1, 1, 1, 1)
#elif !USSL_IS_SWITCH(USSL_RECORD_SIZE_LIMIT)
#error "USSL_RECORD_SIZE_LIMIT: 0 or 1"
#endif
// Key log; passes session secrets to a callback: for hosts.
#ifndef USSL_KEY_LOG
#define USSL_KEY_LOG 0
#elif !USSL_IS_SWITCH(USSL_KEY_LOG)
#error "USSL_KEY_LOG: 0 or 1"
#endif
// Keying material exporter (RFC 5705); RFC 8446, 7.5 in TLS 1.3.
#ifndef USSL_EXPORTER
#define USSL_EXPORTER 0
#elif !USSL_IS_SWITCH(USSL_EXPORTER)
#error "USSL_EXPORTER: 0 or 1"
#endif
// X25519MLKEM768 (hybrid post-quantum); key exchange in TLS 1.3.
#ifndef USSL_X25519MLKEM768
#define USSL_X25519MLKEM768 0
#elif !USSL_IS_SWITCH(USSL_X25519MLKEM768)
#error "USSL_X25519MLKEM768: 0 or 1"
#endif
#if !USSL_TLS1_3 || !USSL_X25519
#undef USSL_X25519MLKEM768
#define USSL_X25519MLKEM768 0
#endif
// The library's smaller code instead of its faster; handshakes take up to twice as long.
#ifndef USSL_SMALL_CODE
#define USSL_SMALL_CODE USSL_BY_PROFILE(1, 1, 0, 0, 0, 0)
#elif !USSL_IS_SWITCH(USSL_SMALL_CODE)
#error "USSL_SMALL_CODE: 0 or 1"
#endif
// An operating system; threads with locks, POSIX's clock and randomness, and a heap that shrinks.
#ifndef USSL_HOSTED
#if defined(__unix__) || defined(__APPLE__)
#define USSL_HOSTED 1
#else
#define USSL_HOSTED 0
#endif
#elif !USSL_IS_SWITCH(USSL_HOSTED)
#error "USSL_HOSTED: 0 or 1"
#endif
// The largest record that is accepted; counts plain bytes. RFC 8446, 5.1 allows peers to send
// 16384: a smaller size is safe only with peers that are known to send less.
#ifndef USSL_RECORD_INPUT
#define USSL_RECORD_INPUT 16384
#elif !(USSL_RECORD_INPUT + 0 >= 512 && USSL_RECORD_INPUT + 0 <= 16384)
#error "USSL_RECORD_INPUT: a number of bytes, 512 to 16384"
#endif
// The largest record that is sent; counts plain bytes.
#ifndef USSL_RECORD_OUTPUT
#if defined(__unix__) || defined(__APPLE__)
#define USSL_RECORD_OUTPUT 16384
#else
#define USSL_RECORD_OUTPUT 2048
#endif
#elif !(USSL_RECORD_OUTPUT + 0 >= 512 && USSL_RECORD_OUTPUT + 0 <= 16384)
#error "USSL_RECORD_OUTPUT: a number of bytes, 512 to 16384"
#endif
// Short record buffers; memory for a longer record is allocated when one comes, and freed after it.
// Off: buffers for the longest record, all the time, and none allocated: for programs that know
// their peers, with a small USSL_RECORD_INPUT.
#ifndef USSL_SHORT_BUFFERS
#if defined(__unix__) || defined(__APPLE__) || USSL_RECORD_INPUT == 16384
#define USSL_SHORT_BUFFERS 1
#else
#define USSL_SHORT_BUFFERS 0
#endif
#elif !USSL_IS_SWITCH(USSL_SHORT_BUFFERS)
#error "USSL_SHORT_BUFFERS: 0 or 1"
#endif
// A lock of the program, for the tasks of an RTOS; ussl::set_locks(): each call holds it while it
// works, so that several tasks may use sessions.
#ifndef USSL_LOCKS
#define USSL_LOCKS 0
#elif !USSL_IS_SWITCH(USSL_LOCKS)
#error "USSL_LOCKS: 0 or 1"
#endif
// The largest handshake message that is accepted; counts its body. It limits how much memory a peer
// can make us allocate: a message that spans records is stored.
#ifndef USSL_HANDSHAKE_MESSAGE
#define USSL_HANDSHAKE_MESSAGE 65536
#elif !(USSL_HANDSHAKE_MESSAGE + 0 >= 4096 && USSL_HANDSHAKE_MESSAGE + 0 <= 131072)
#error "USSL_HANDSHAKE_MESSAGE: a number of bytes, 4096 to 131072"
#endif
// Buffer for a flight; gathers small encrypted records, so that a flight leaves in one write. A
// longer one leaves in several. 256: enough for a client without certificate.
#ifndef USSL_FLIGHT_BUFFER
#define USSL_FLIGHT_BUFFER USSL_BY_PROFILE(256, 256, 4096, 4096, 4096, 4096)
#elif !(USSL_FLIGHT_BUFFER + 0 >= 256 && USSL_FLIGHT_BUFFER + 0 <= 65536)
#error "USSL_FLIGHT_BUFFER: a number of bytes, 256 to 65536"
#endif
// Buffer for short reads from the transport; longer ones go straight into the library's buffer if
// the library allows it.
#ifndef USSL_INPUT_BUFFER
#define USSL_INPUT_BUFFER USSL_BY_PROFILE(64, 64, 1024, 1024, 1024, 1024)
#elif !(USSL_INPUT_BUFFER + 0 >= 64 && USSL_INPUT_BUFFER + 0 <= 65536)
#error "USSL_INPUT_BUFFER: a number of bytes, 64 to 65536"
#endif
// Several backends in one program; then Context and Session have virtual functions.
#ifndef USSL_SEVERAL_BACKENDS
#define USSL_SEVERAL_BACKENDS 0
#elif !USSL_IS_SWITCH(USSL_SEVERAL_BACKENDS)
#error "USSL_SEVERAL_BACKENDS: 0 or 1"
#endif
// Public roots in the build; those of USSL_ROOTS, or of Meson's option roots.
#ifndef USSL_BUILT_IN_ROOTS
#define USSL_BUILT_IN_ROOTS 0
#elif !USSL_IS_SWITCH(USSL_BUILT_IN_ROOTS)
#error "USSL_BUILT_IN_ROOTS: 0 or 1"
#endif
// More room in each context and session; for a system's library with further features.
#ifndef USSL_EXTRA_SIZE
#define USSL_EXTRA_SIZE 0
#elif !(USSL_EXTRA_SIZE + 0 >= 0 && USSL_EXTRA_SIZE + 0 <= 65536)
#error "USSL_EXTRA_SIZE: a number of bytes, 0 to 65536"
#endif
// End of what tools/switches writes.
// clang-format on

#if !USSL_CERTIFICATES && !USSL_PSK
#error "USSL_CERTIFICATES: 0 needs USSL_PSK=1, or peers have nothing to identify themselves with"
#endif

#ifdef __cplusplus
namespace ussl::features {

// Written by tools/switches: constants.
inline constexpr bool client = USSL_CLIENT != 0;
inline constexpr bool server = USSL_SERVER != 0;
inline constexpr bool certificates = USSL_CERTIFICATES != 0;
inline constexpr bool tls1_3 = USSL_TLS1_3 != 0;
inline constexpr bool p384 = USSL_P384 != 0;
inline constexpr bool rsa = USSL_RSA != 0;
inline constexpr bool chacha20_poly1305 = USSL_CHACHA20_POLY1305 != 0;
inline constexpr bool aes_ccm = USSL_AES_CCM != 0;
inline constexpr bool x25519 = USSL_X25519 != 0;
inline constexpr bool alpn = USSL_ALPN != 0;
inline constexpr bool client_certificates = USSL_CLIENT_CERTIFICATES != 0;
inline constexpr bool verification = USSL_VERIFICATION != 0;
inline constexpr bool pins = USSL_PINS != 0;
inline constexpr bool verify_callback = USSL_VERIFY_CALLBACK != 0;
inline constexpr bool handshake_timeout = USSL_HANDSHAKE_TIMEOUT != 0;
inline constexpr bool sha1_signatures = USSL_SHA1_SIGNATURES != 0;
inline constexpr bool name_constraints = USSL_NAME_CONSTRAINTS != 0;
inline constexpr bool anchor_source = USSL_ANCHOR_SOURCE != 0;
inline constexpr bool psk = USSL_PSK != 0;
inline constexpr bool ecdhe_psk = USSL_ECDHE_PSK != 0;
inline constexpr bool dtls = USSL_DTLS != 0;
inline constexpr bool connection_id = USSL_CONNECTION_ID != 0;
inline constexpr bool resumption = USSL_RESUMPTION != 0;
inline constexpr bool server_names = USSL_SERVER_NAMES != 0;
inline constexpr bool sign_callback = USSL_SIGN_CALLBACK != 0;
inline constexpr bool make_certificates = USSL_MAKE_CERTIFICATES != 0;
inline constexpr bool max_fragment_length = USSL_MAX_FRAGMENT_LENGTH != 0;
inline constexpr bool record_size_limit = USSL_RECORD_SIZE_LIMIT != 0;
inline constexpr bool key_log = USSL_KEY_LOG != 0;
inline constexpr bool exporter = USSL_EXPORTER != 0;
inline constexpr bool x25519mlkem768 = USSL_X25519MLKEM768 != 0;
inline constexpr bool small_code = USSL_SMALL_CODE != 0;
inline constexpr bool hosted = USSL_HOSTED != 0;
inline constexpr bool short_buffers = USSL_SHORT_BUFFERS != 0;
inline constexpr bool locks = USSL_LOCKS != 0;
inline constexpr bool several_backends = USSL_SEVERAL_BACKENDS != 0;
inline constexpr bool built_in_roots = USSL_BUILT_IN_ROOTS != 0;
// End of what tools/switches writes.

} // namespace ussl::features

// For a part of frequent functions: hosts save its call, firmware its copies.
#if USSL_HOSTED
#define USSL_INLINE_ON_HOSTS [[gnu::always_inline]] inline
#else
#define USSL_INLINE_ON_HOSTS inline
#endif
#endif
