#include "hooks.hpp"

#include "../amended/internals.h"
#include "record_buffers.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"

#include <cstring>
#include <mbedtls/entropy.h>
#include <mbedtls/platform_time.h>
#if USSL_TLS1_3
#include <psa/crypto.h>
#endif

namespace ussl::mbedtls {
namespace {

bool fill(const Environment& environment, MutableBytes out) {
    if (environment.random(environment.user, out)) return true;
    Operation::note_resource_error(Err::no_randomness);
    return false;
}

} // namespace

int random_bytes(void* environment, unsigned char* out, std::size_t size) {
    const bool filled = fill(*static_cast<const Environment*>(environment), {out, size});
    return filled ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}

#if USSL_TLS1_3

namespace {

unsigned psa_users = 0; // contexts of all threads

constinit Mutex psa_mutex; // protects the start and the end of PSA

} // namespace

Err acquire_psa() {
    const Locked locked(psa_mutex);
    const psa_status_t status = psa_crypto_init();
    if (status == PSA_SUCCESS) {
        ++psa_users;
        return Err::none;
    }
    return status == PSA_ERROR_INSUFFICIENT_MEMORY ? Err::no_memory : Err::internal;
}

void release_psa() {
    const Locked locked(psa_mutex);
    if (--psa_users != 0) return;
        // A system's library may have other users in this program.
#ifdef USSL_MBEDTLS_CONFIG_H
    mbedtls_psa_crypto_free();
#endif
}

#else

Err acquire_psa() { return Err::none; }
void release_psa() {}

#endif

} // namespace ussl::mbedtls

// A system's library has its own heap and, for PSA, its own generator.
#ifdef USSL_MBEDTLS_CONFIG_H

extern "C" void* ussl_mbedtls_calloc(std::size_t count, std::size_t size) {
    std::size_t bytes = 0;
    void* memory = nullptr;
    if (!__builtin_mul_overflow(count, size, &bytes)) {
        bytes = ussl::mbedtls::RecordBuffers::granted(bytes);
        memory = ussl::allocate(bytes);
    }
    if (memory == nullptr) {
        ussl::Operation::note_resource_error(ussl::Err::no_memory);
        return nullptr;
    }
    return std::memset(memory, 0, bytes);
}

extern "C" void ussl_mbedtls_free(void* memory) { ussl::release(memory); }

#if USSL_CERTIFICATES
extern "C" int ussl_mbedtls_is_ecdsa_signature(const unsigned char* signature, std::size_t size,
                                               std::size_t order_bits) {
    return ussl::x509::is_ecdsa_signature({signature, size}, (order_bits + 7) / 8) ? 1 : 0;
}
#endif

#if USSL_RESUMPTION
extern "C" long long ussl_mbedtls_time(long long* seconds) {
    const ussl::Environment* environment = ussl::Operation::environment();
    const long long now = environment != nullptr ? ussl::ticket_time(*environment) : 0;
    if (seconds != nullptr) *seconds = now;
    return now;
}

extern "C" mbedtls_ms_time_t mbedtls_ms_time() {
    const ussl::Environment* environment = ussl::Operation::environment();
    return environment != nullptr ? ussl::ticket_milliseconds(*environment) : 0;
}
#endif

#if USSL_TLS1_3
extern "C" psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t*,
                                                        uint8_t* output, size_t size,
                                                        size_t* output_length) {
    const ussl::Environment* environment = ussl::Operation::environment();
    if (environment == nullptr || !ussl::mbedtls::fill(*environment, {output, size}))
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    *output_length = size;
    return PSA_SUCCESS;
}
#endif

#endif
