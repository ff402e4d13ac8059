#include "hooks.hpp"

#include "library.hpp"

#include "ussl/backend/operation.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

namespace ussl::openssl {
namespace {

// --- A provider with one algorithm: random bytes, from the current operation ---

// All instances are the same, as there is no state.
void* new_generator(void*, void*, const OSSL_DISPATCH*) {
    static char generator;
    return &generator;
}
void free_generator(void*) {}

int instantiate(void*, unsigned, int, const unsigned char*, std::size_t, const OSSL_PARAM*) {
    return 1;
}
int uninstantiate(void*) { return 1; }

int generate(void*, unsigned char* out, std::size_t size, unsigned, int, const unsigned char*,
             std::size_t) {
    const Environment* const environment = Operation::environment();
    if (environment != nullptr && environment->random(environment->user, {out, size})) return 1;
    Operation::note_resource_error(Err::no_randomness);
    return 0;
}

int reseed(void*, int, const unsigned char*, std::size_t, const unsigned char*, std::size_t) {
    return 1;
}

int enable_locking(void*) { return 1; }
int lock(void*) { return 1; }
void unlock(void*) {}

int get_parameters(void*, OSSL_PARAM* parameters) {
    constexpr unsigned strength = 256; // bits
    constexpr std::size_t most = 1 << 16;
    OSSL_PARAM* of = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
    if (of != nullptr && OSSL_PARAM_set_int(of, EVP_RAND_STATE_READY) == 0) return 0;
    of = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
    if (of != nullptr && OSSL_PARAM_set_uint(of, strength) == 0) return 0;
    of = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
    return of == nullptr || OSSL_PARAM_set_size_t(of, most) != 0 ? 1 : 0;
}

const OSSL_PARAM* parameters_to_get(void*, void*) {
    static const OSSL_PARAM list[] = {
        OSSL_PARAM_int(OSSL_RAND_PARAM_STATE, nullptr),
        OSSL_PARAM_uint(OSSL_RAND_PARAM_STRENGTH, nullptr),
        OSSL_PARAM_size_t(OSSL_RAND_PARAM_MAX_REQUEST, nullptr),
        OSSL_PARAM_END,
    };
    return list;
}

using Function = void (*)(); // of any type: OpenSSL identifies it by its number

const OSSL_ALGORITHM* algorithms(void*, int operation, int* no_cache) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_RAND_NEWCTX, Function(new_generator)},
        {OSSL_FUNC_RAND_FREECTX, Function(free_generator)},
        {OSSL_FUNC_RAND_INSTANTIATE, Function(instantiate)},
        {OSSL_FUNC_RAND_UNINSTANTIATE, Function(uninstantiate)},
        {OSSL_FUNC_RAND_GENERATE, Function(generate)},
        {OSSL_FUNC_RAND_RESEED, Function(reseed)},
        {OSSL_FUNC_RAND_ENABLE_LOCKING, Function(enable_locking)},
        {OSSL_FUNC_RAND_LOCK, Function(lock)},
        {OSSL_FUNC_RAND_UNLOCK, Function(unlock)},
        {OSSL_FUNC_RAND_GETTABLE_CTX_PARAMS, Function(parameters_to_get)},
        {OSSL_FUNC_RAND_GET_CTX_PARAMS, Function(get_parameters)},
        {0, nullptr},
    };
    static const OSSL_ALGORITHM list[] = {
        {"USSL-ENVIRONMENT", "provider=ussl", functions, nullptr},
        {nullptr, nullptr, nullptr, nullptr},
    };
    *no_cache = 0;
    return operation == OSSL_OP_RAND ? list : nullptr;
}

int start_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                   void** context) {
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, Function(algorithms)},
        {0, nullptr},
    };
    *out = functions;
    *context = const_cast<OSSL_CORE_HANDLE*>(handle); // any pointer but null
    return 1;
}

OSSL_LIB_CTX* make_library_context() {
    constexpr const char* name = "ussl";
    constexpr const char* generator = "USSL-ENVIRONMENT";
    OSSL_LIB_CTX* made = OSSL_LIB_CTX_new();
    if (made != nullptr && OSSL_PROVIDER_add_builtin(made, name, start_provider) == 1 &&
        OSSL_PROVIDER_load(made, name) != nullptr &&
        OSSL_PROVIDER_load(made, "default") != nullptr &&
        RAND_set_seed_source_type(made, generator, nullptr) == 1 &&
        RAND_set_DRBG_type(made, generator, nullptr, nullptr, nullptr) == 1)
        return made;
    OSSL_LIB_CTX_free(made);
    return nullptr;
}

} // namespace

// Never freed: OpenSSL frees its per-thread data when threads end, which may be later than anything
// we can wait for.
OSSL_LIB_CTX* library_context() {
    static constinit Mutex mutex;
    static constinit OSSL_LIB_CTX* context = nullptr;
    const Locked locked(mutex);
    if (context == nullptr) context = make_library_context();
    return context;
}

} // namespace ussl::openssl
