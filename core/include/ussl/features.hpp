// The switches of a build, with their defaults. Meson's options and the variables of micropython.mk
// set them; each backend maps them to its library's configuration and to its capability set. C and
// C++ read this file, so it holds macros only.
#pragma once

// A profile is a named set of defaults, the same on each backend; a switch that is set by its own
// name wins over it.
//   smallest   client of TLS 1.2, ECDSA on secp256r1, AES-128-GCM
//   client     RSA, secp384r1, ChaCha20-Poly1305, ALPN and client certificates besides
//   client13   TLS 1.3 and X25519 besides
//   both       client and server, without TLS 1.3
//   full       everything: pre-shared keys, DTLS, a server's other names, keys kept elsewhere
// Resumption, maximum fragment lengths, pins, the verify callback and the handshake's time limit
// are in all but `smallest`.
#ifndef USSL_PROFILE
#define USSL_PROFILE full
#endif
#define USSL_PROFILE_smallest 1
#define USSL_PROFILE_client 2
#define USSL_PROFILE_client13 3
#define USSL_PROFILE_both 4
#define USSL_PROFILE_full 5
#define USSL_PROFILE_NUMBER_(name) USSL_PROFILE_##name
#define USSL_PROFILE_NUMBER(name) USSL_PROFILE_NUMBER_(name)
#define USSL_PROFILE_IS(name) (USSL_PROFILE_NUMBER(USSL_PROFILE) == USSL_PROFILE_##name)

// clang-format off
#if USSL_PROFILE_IS(smallest)
  #ifndef USSL_SMALL_CODE
    #define USSL_SMALL_CODE 1
  #endif
  #ifndef USSL_RSA
    #define USSL_RSA 0
  #endif
  #ifndef USSL_P384
    #define USSL_P384 0
  #endif
  #ifndef USSL_CHACHA20_POLY1305
    #define USSL_CHACHA20_POLY1305 0
  #endif
  #ifndef USSL_ALPN
    #define USSL_ALPN 0
  #endif
  #ifndef USSL_CLIENT_CERTIFICATES
    #define USSL_CLIENT_CERTIFICATES 0
  #endif
  #ifndef USSL_SHA1_SIGNATURES
    #define USSL_SHA1_SIGNATURES 0
  #endif
  #ifndef USSL_NAME_CONSTRAINTS
    #define USSL_NAME_CONSTRAINTS 0
  #endif
  #ifndef USSL_PINS
    #define USSL_PINS 0
  #endif
  #ifndef USSL_VERIFY_CALLBACK
    #define USSL_VERIFY_CALLBACK 0
  #endif
  #ifndef USSL_HANDSHAKE_TIMEOUT
    #define USSL_HANDSHAKE_TIMEOUT 0
  #endif
  #ifndef USSL_RESUMPTION
    #define USSL_RESUMPTION 0
  #endif
  #ifndef USSL_MAX_FRAGMENT_LENGTH
    #define USSL_MAX_FRAGMENT_LENGTH 0
  #endif
  #ifndef USSL_FLIGHT_BUFFER // the flights of a client that shows no certificate
    #define USSL_FLIGHT_BUFFER 256
  #endif
  #ifndef USSL_INPUT_BUFFER
    #define USSL_INPUT_BUFFER 64
  #endif
#elif !USSL_PROFILE_NUMBER(USSL_PROFILE)
  #error "USSL_PROFILE: smallest, client, client13, both or full"
#endif
#if USSL_PROFILE_IS(smallest) || USSL_PROFILE_IS(client) || USSL_PROFILE_IS(client13)
  #ifndef USSL_SERVER
    #define USSL_SERVER 0
  #endif
#endif
#if !USSL_PROFILE_IS(full)
  #ifndef USSL_PSK
    #define USSL_PSK 0
  #endif
  #ifndef USSL_DTLS
    #define USSL_DTLS 0
  #endif
  #ifndef USSL_SERVER_NAMES
    #define USSL_SERVER_NAMES 0
  #endif
  #ifndef USSL_SIGN_CALLBACK
    #define USSL_SIGN_CALLBACK 0
  #endif
#endif
#if USSL_PROFILE_IS(smallest) || USSL_PROFILE_IS(client) || USSL_PROFILE_IS(both)
  #ifndef USSL_TLS1_3
    #define USSL_TLS1_3 0
  #endif
  #ifndef USSL_X25519
    #define USSL_X25519 0
  #endif
#endif
// clang-format on

#ifndef USSL_CLIENT // client role
#define USSL_CLIENT 1
#endif
#ifndef USSL_SERVER // server role
#define USSL_SERVER 1
#endif
#ifndef USSL_TLS1_3 // TLS 1.3 where the library has it; TLS 1.2 is always there
#define USSL_TLS1_3 1
#endif
#ifndef USSL_RSA // RSA certificates and keys
#define USSL_RSA 1
#endif
#ifndef USSL_P384 // curve secp384r1; secp256r1 is always there
#define USSL_P384 1
#endif
#ifndef USSL_CHACHA20_POLY1305 // suites with ChaCha20-Poly1305; AES-GCM is always there
#define USSL_CHACHA20_POLY1305 1
#endif
#ifndef USSL_X25519 // key exchange on curve25519, where the library has it in this configuration
#define USSL_X25519 1
#endif
#ifndef USSL_ALPN // RFC 7301
#define USSL_ALPN 1
#endif
#ifndef USSL_CLIENT_CERTIFICATES // client certificates, asked for by servers, shown by clients
#define USSL_CLIENT_CERTIFICATES 1
#endif
#ifndef USSL_PINS // of the peer's keys
#define USSL_PINS 1
#endif
#ifndef USSL_VERIFY_CALLBACK // a last word of the program on the peer's certificates
#define USSL_VERIFY_CALLBACK 1
#endif
#ifndef USSL_HANDSHAKE_TIMEOUT
#define USSL_HANDSHAKE_TIMEOUT 1
#endif
#ifndef USSL_VERIFICATION // of certificates, by rules on path and identity; off: Verify::none only
#define USSL_VERIFICATION 1
#endif
#ifndef USSL_NAME_CONSTRAINTS // on the path of a peer's certificate, where the library reads them
#define USSL_NAME_CONSTRAINTS 1
#endif
#ifndef USSL_PSK // pre-shared keys
#define USSL_PSK 1
#endif
#ifndef USSL_DTLS // DTLS 1.2 where the library has it
#define USSL_DTLS 1
#endif
#ifndef USSL_RESUMPTION // of sessions: tickets, or session IDs
#define USSL_RESUMPTION 1
#endif
#ifndef USSL_SERVER_NAMES // several certificates of a server, chosen by SNI
#define USSL_SERVER_NAMES 1
#endif
#ifndef USSL_SIGN_CALLBACK // private keys that are kept elsewhere
#define USSL_SIGN_CALLBACK 1
#endif
#ifndef USSL_MAX_FRAGMENT_LENGTH // RFC 6066, 4
#define USSL_MAX_FRAGMENT_LENGTH 1
#endif
#ifndef USSL_KEY_LOG // gives session secrets to a callback: for hosts
#define USSL_KEY_LOG 0
#endif
#ifndef USSL_EXPORTER // RFC 5705
#define USSL_EXPORTER 0
#endif
#ifndef USSL_X25519MLKEM768 // hybrid post-quantum group, where the library has it
#define USSL_X25519MLKEM768 0
#endif
#ifndef USSL_SHA1_SIGNATURES // SHA-1 in certificates, where Policy::check_signature_strength is off
#define USSL_SHA1_SIGNATURES 1
#endif

#ifndef USSL_SMALL_CODE // flash before speed, in the library: handshakes take up to twice as long
#define USSL_SMALL_CODE 0
#endif

#ifndef USSL_SEVERAL_BACKENDS // in one program: then Context and Session have virtual functions
#define USSL_SEVERAL_BACKENDS 0
#endif

// Sizes in bytes, each a plain number: USSL_RECORD_INPUT and USSL_RECORD_OUTPUT at least 512,
// USSL_FLIGHT_BUFFER 256, USSL_INPUT_BUFFER 64.

// Plain bytes in one record: the largest accepted, and the largest sent. RFC 8446, 5.1 lets a
// peer send 16384; a smaller input is safe only with peers that are known to send less.
#ifndef USSL_RECORD_INPUT
#define USSL_RECORD_INPUT 16384
#endif
#ifndef USSL_RECORD_OUTPUT
#define USSL_RECORD_OUTPUT 16384
#endif

// Bytes in which small encrypted records are gathered so that a flight leaves in one write. A
// longer flight is sent in several.
#ifndef USSL_FLIGHT_BUFFER
#define USSL_FLIGHT_BUFFER 4096
#endif
// Bytes in which short reads from the transport are gathered; what is longer goes straight into the
// library's buffer where the library allows it.
#ifndef USSL_INPUT_BUFFER
#define USSL_INPUT_BUFFER 1024
#endif
// More room in each context and session, for a library of the system that has more switched on.
#ifndef USSL_EXTRA_SIZE
#define USSL_EXTRA_SIZE 0
#endif
