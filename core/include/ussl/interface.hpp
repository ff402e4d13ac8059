// Decides whether the functions of Context and Session are virtual, and what they are called in
// object files.
//
// In a program with one backend, as all firmware is, they are plain functions: there is no vtable,
// and the linker drops those that nobody calls. USSL_SEVERAL_BACKENDS makes them virtual, for
// programs with several backends (this project's tests). The source is the same. Compile the whole
// program with the same setting.
#pragma once

#include "ussl/features.hpp"

#include <cstddef> // defines _LIBCPP_ABI_VERSION if the standard library is libc++

#if USSL_SEVERAL_BACKENDS
#define USSL_VIRTUAL virtual
#define USSL_PURE = 0
#define USSL_OVERRIDE override
#else
#define USSL_VIRTUAL
#define USSL_PURE
#define USSL_OVERRIDE
#endif

// A program must be compiled with the same switches as its library, and with a standard library of
// the same layout: otherwise sessions have another size. So all of these are part of the symbol of
// open(). A program with other switches does not link; the linker's message names its switches, and
// `nm -C` shows the library's. This costs no byte of the program.
#define USSL_WITH_SWITCHES [[gnu::abi_tag(USSL_SWITCHES)]]
#define USSL_TEXT_OF(value) #value
#define USSL_TEXT(value) USSL_TEXT_OF(value)
#define USSL_SWITCH(name) "_" #name "_" USSL_TEXT(USSL_##name)
// clang-format off
#define USSL_SWITCHES "library_must_be_built_with_the_same_switches_" USSL_EACH_SWITCH USSL_STANDARD_LIBRARY
// Written by tools/switches: names.
#define USSL_EACH_SWITCH \
    USSL_SWITCH(CLIENT) \
    USSL_SWITCH(SERVER) \
    USSL_SWITCH(CERTIFICATES) \
    USSL_SWITCH(TLS1_3) \
    USSL_SWITCH(P384) \
    USSL_SWITCH(RSA) \
    USSL_SWITCH(CHACHA20_POLY1305) \
    USSL_SWITCH(AES_CCM) \
    USSL_SWITCH(X25519) \
    USSL_SWITCH(ALPN) \
    USSL_SWITCH(CLIENT_CERTIFICATES) \
    USSL_SWITCH(VERIFICATION) \
    USSL_SWITCH(PINS) \
    USSL_SWITCH(VERIFY_CALLBACK) \
    USSL_SWITCH(HANDSHAKE_TIMEOUT) \
    USSL_SWITCH(SHA1_SIGNATURES) \
    USSL_SWITCH(NAME_CONSTRAINTS) \
    USSL_SWITCH(ANCHOR_SOURCE) \
    USSL_SWITCH(PSK) \
    USSL_SWITCH(ECDHE_PSK) \
    USSL_SWITCH(DTLS) \
    USSL_SWITCH(CONNECTION_ID) \
    USSL_SWITCH(RESUMPTION) \
    USSL_SWITCH(SERVER_NAMES) \
    USSL_SWITCH(SIGN_CALLBACK) \
    USSL_SWITCH(MAKE_CERTIFICATES) \
    USSL_SWITCH(MAX_FRAGMENT_LENGTH) \
    USSL_SWITCH(RECORD_SIZE_LIMIT) \
    USSL_SWITCH(KEY_LOG) \
    USSL_SWITCH(EXPORTER) \
    USSL_SWITCH(X25519MLKEM768) \
    USSL_SWITCH(SMALL_CODE) \
    USSL_SWITCH(HOSTED) \
    USSL_SWITCH(RECORD_INPUT) \
    USSL_SWITCH(RECORD_OUTPUT) \
    USSL_SWITCH(SHORT_BUFFERS) \
    USSL_SWITCH(LOCKS) \
    USSL_SWITCH(HANDSHAKE_MESSAGE) \
    USSL_SWITCH(FLIGHT_BUFFER) \
    USSL_SWITCH(INPUT_BUFFER) \
    USSL_SWITCH(SEVERAL_BACKENDS) \
    USSL_SWITCH(BUILT_IN_ROOTS) \
    USSL_SWITCH(EXTRA_SIZE)
// End of what tools/switches writes.
// clang-format on
#ifdef _LIBCPP_ABI_VERSION
#define USSL_STANDARD_LIBRARY "_libcxx_" USSL_TEXT(_LIBCPP_ABI_VERSION)
#else
#define USSL_STANDARD_LIBRARY "_libstdcxx"
#endif
