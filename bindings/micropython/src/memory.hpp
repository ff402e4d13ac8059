// The libraries' memory, on the interpreter's heap.
#pragma once

#include "ussl/environment.hpp"

namespace ussl::binding {

// Gives memory that the collector keeps until it is released, without ever raising. Releasing
// works within finalisers.
const Allocator& heap_allocator();

// To be called before memory for a session is taken: collects, where there may not be enough in one
// piece. The collector moves nothing, so what lies between garbage when it runs later is in the way
// for as long as the session lives.
void make_room_for_session();

// What is kept at hand for the next allocation goes back to the interpreter. Works within
// finalisers.
void release_spare_memory();

} // namespace ussl::binding
