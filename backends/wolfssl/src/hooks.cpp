#include "hooks.hpp"

#include "library.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/ticket_time.hpp"

#if USSL_THREADS && defined(WOLFSSL_AESNI)
#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/chacha.h>
#include <wolfssl/wolfcrypt/fe_operations.h>
#include <wolfssl/wolfcrypt/poly1305.h>
#include <wolfssl/wolfcrypt/sha256.h>
#include <wolfssl/wolfcrypt/sha512.h>
#ifdef WOLFSSL_HAVE_MLKEM
#include <wolfssl/wolfcrypt/wc_mlkem.h>
#endif
#endif

#include <cstdint>

namespace ussl::wolfssl {
namespace {

constinit Mutex library_mutex;
constinit unsigned library_users = 0;

// Each algorithm detects the CPU's features at its first use, and stores them in static memory
// without a lock. This triggers all of them while there is one thread.
void ask_cpu() {
#if USSL_THREADS && defined(WOLFSSL_AESNI)
    const byte zeros[32] = {};
    {
        Aes aes;
        if (wc_AesInit(&aes, nullptr, INVALID_DEVID) == 0) {
            wc_AesGcmSetKey(&aes, zeros, 16);
            wc_AesFree(&aes);
        }
    }
    {
        wc_Sha256 sha256;
        if (wc_InitSha256(&sha256) == 0) wc_Sha256Free(&sha256);
    }
#ifdef WOLFSSL_SHA384
    {
        wc_Sha384 sha384;
        if (wc_InitSha384(&sha384) == 0) wc_Sha384Free(&sha384);
    }
#endif
#ifdef HAVE_CHACHA
    {
        ChaCha chacha;
        byte block[64];
        wc_Chacha_SetKey(&chacha, zeros, 32);
        wc_Chacha_SetIV(&chacha, zeros, 0);
        wc_Chacha_Process(&chacha, block, zeros, sizeof zeros);
        Poly1305 poly1305;
        wc_Poly1305SetKey(&poly1305, zeros, 32);
    }
#endif
#ifdef HAVE_CURVE25519
    fe_init();
#endif
#ifdef WOLFSSL_HAVE_MLKEM
    mlkem_init();
#endif
#endif
}

} // namespace

// wolfSSL also counts its users, but reads the count without a lock.
int acquire_library() {
    const Locked locked(library_mutex);
    if (library_users == 0) {
        const int code = wolfSSL_Init();
        if (code != WOLFSSL_SUCCESS) return code;
        ask_cpu();
    }
    ++library_users;
    return WOLFSSL_SUCCESS;
}

void release_library() {
    const Locked locked(library_mutex);
    if (--library_users == 0) wolfSSL_Cleanup();
}

} // namespace ussl::wolfssl

using namespace ussl;

// The two clock functions that wolfSSL expects us to define. It takes 0 for "unknown", hence the +
// 1.
extern "C" {
std::uint32_t LowResTimer(void);
std::int64_t TimeNowInMilliseconds(void);
}
std::uint32_t LowResTimer() {
    const Environment* const environment = Operation::environment();
    return environment != nullptr ? ticket_stamp(*environment) + 1 : 1;
}
std::int64_t TimeNowInMilliseconds() {
    const Environment* const environment = Operation::environment();
    return environment != nullptr ? ticket_milliseconds(*environment) + 1 : 1;
}

#if USSL_RESUMPTION
// For its checks of certificates' times, which are never called.
extern "C" {
time_t ussl_wolfssl_time(time_t* out);
tm* ussl_wolfssl_gmtime(const time_t* time, tm* out);
}
time_t ussl_wolfssl_time(time_t*) { return 0; }
tm* ussl_wolfssl_gmtime(const time_t*, tm*) { return nullptr; }
#endif

void* ussl_wolfssl_allocate(size_t size) {
    void* const memory = ussl::allocate(size);
    if (memory == nullptr) Operation::note_resource_error(Err::no_memory);
    return memory;
}

void ussl_wolfssl_release(void* memory) { ussl::release(memory); }

int ussl_wolfssl_random(unsigned char* out, unsigned int size) {
    const Environment* const environment = Operation::environment();
    if (environment != nullptr && environment->random(environment->user, {out, size})) return 0;
    Operation::note_resource_error(Err::no_randomness);
    return RNG_FAILURE_E;
}
