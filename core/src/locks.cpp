#include "ussl/backend/threads.hpp"
#include "ussl/environment.hpp"

#if USSL_LOCKS

namespace ussl {
namespace {

constinit Locks locks{nullptr, [](void*) {}, [](void*) {}};

} // namespace

void set_locks(const Locks& own) { locks = own; }
void ProgramLock::lock() { locks.lock(locks.user); }
void ProgramLock::unlock() { locks.unlock(locks.user); }

} // namespace ussl

#endif
