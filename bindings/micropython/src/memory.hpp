// The libraries' memory, on the interpreter's heap.
#pragma once

#include "ussl/environment.hpp"

namespace ussl::binding {

// Allocates memory that the collector keeps until it is released. Never raises. Memory may be
// released in finalisers.
const Allocator& heap_allocator();

// Call it before a session allocates memory: runs the collector if there may be no piece that is
// large enough. The collector moves nothing: memory between garbage would stay in the way as long
// as the session lives.
void make_room_for_session();

// Returns spare blocks to the interpreter. May be called in finalisers.
void release_spare_memory();

} // namespace ussl::binding
