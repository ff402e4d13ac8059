// The libraries' memory, on the interpreter's heap.
#pragma once

#include "ussl/environment.hpp"

namespace ussl::binding {

// Gives memory that the collector keeps until it is released, without ever raising. Releasing
// works within finalisers.
const Allocator& heap_allocator();

} // namespace ussl::binding
