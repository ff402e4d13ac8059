// For what Python threads share, where no global interpreter lock keeps them apart (the unix port).
#pragma once

#include "module.h"

namespace ussl::binding {

// Pycopy's mutexes are not recursive, and its finalisers run while the collector holds its own:
// there the module belongs to one thread.
#if MICROPY_PY_THREAD && !MICROPY_PY_THREAD_GIL && !USSL_ON_PYCOPY

// The collector's own mutex, as m_tracked_calloc() has it: finalisers come by while it is held.
// Nothing that raises may run under it.
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
