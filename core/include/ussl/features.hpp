// The switches of a build, with their defaults. Meson's options and the variables of micropython.mk
// set them; each backend maps them to its library's configuration and to its capability set. C and
// C++ read this file, so it holds macros only.
#pragma once

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
#ifndef USSL_ALPN // RFC 7301
#define USSL_ALPN 1
#endif
#ifndef USSL_CLIENT_CERTIFICATES // client certificates, asked for by servers, shown by clients
#define USSL_CLIENT_CERTIFICATES 1
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
