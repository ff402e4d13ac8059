// A lock for data that Python threads share on ports without a global interpreter lock (unix).
#pragma once

#include "module.h"

namespace ussl::binding {

// Pycopy's mutexes are not recursive, and its finalisers run while the collector holds its own:
// there the module is for one thread.
#if MICROPY_PY_THREAD && !MICROPY_PY_THREAD_GIL && !USSL_ON_PYCOPY

// The collector's own mutex, as m_tracked_calloc() uses: finalisers run while it is held. Nothing
// under it may raise.
class SharedLock {
public:
    SharedLock() { mp_thread_recursive_mutex_lock(&MP_STATE_MEM(gc_mutex), 1); }
    ~SharedLock() { mp_thread_recursive_mutex_unlock(&MP_STATE_MEM(gc_mutex)); }
    SharedLock(const SharedLock&) = delete;
    SharedLock& operator=(const SharedLock&) = delete;
};

#else

struct SharedLock {
    SharedLock() {}
};

#endif

} // namespace ussl::binding
