#include "hooks.hpp"

#include "library.hpp"

namespace ussl::wolfssl {
namespace {

// Sessions of different contexts may be used in different threads, where there are any.
#if defined(__unix__) || defined(__APPLE__)
#define USSL_PER_THREAD thread_local
#else
#define USSL_PER_THREAD
#endif

constinit USSL_PER_THREAD const Environment* current = nullptr;
constinit USSL_PER_THREAD Err lacking_now = Err::none;

} // namespace

Entered::Entered(const Environment& environment)
    : outer_environment_(current), outer_lacking_(lacking_now) {
    current = &environment;
    lacking_now = Err::none;
}

Entered::~Entered() {
    current = outer_environment_;
    lacking_now = outer_lacking_;
}

Err Entered::lacking() const { return lacking_now; }

} // namespace ussl::wolfssl

using namespace ussl;

void* ussl_wolfssl_allocate(size_t size) {
    void* const memory = allocator().allocate(size);
    if (memory == nullptr) wolfssl::lacking_now = Err::no_memory;
    return memory;
}

void ussl_wolfssl_release(void* memory) { allocator().release(memory); }

int ussl_wolfssl_random(unsigned char* out, unsigned int size) {
    const Environment* const environment = wolfssl::current;
    if (environment != nullptr && environment->random(environment->user, {out, size})) return 0;
    wolfssl::lacking_now = Err::no_randomness;
    return RNG_FAILURE_E;
}
