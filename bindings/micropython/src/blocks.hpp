// Memory on the interpreter's heap that the collector keeps until it is released.
#pragma once

#include "module.h"

#if !USSL_HEAP_IS_MALLOC

namespace ussl::binding {

// Precedes the memory. The libraries keep pointers where the collector does not look, so all blocks
// are in a list that starts at a root pointer. The interpreters' own m_tracked_calloc() does the
// same, but only some ports have it.
struct alignas(std::max_align_t) Block {
    mp_obj_base_t base; // only a spare block is an object: see blocks.cpp
    std::size_t size;   // of the memory behind it, in bytes
    Block* previous;
    Block*
        next; // last: by the word in front of the memory cells.cpp distinguishes cells from blocks
};

// At least `size` bytes. nullptr: the heap has no memory, or is locked. Never raises.
Block* allocate_block(std::size_t size);
// May be called in finalisers.
void release_block(Block& block);
// Runs the collector if there is no free piece of this size, unless the script has disabled that.
void collect_for(std::size_t size);
// Returns whether there were any. May be called in finalisers.
bool release_spares();

inline void* memory_of(Block& block) { return &block + 1; }
inline Block& block_of(void* memory) { return *(static_cast<Block*>(memory) - 1); }

} // namespace ussl::binding

#endif
