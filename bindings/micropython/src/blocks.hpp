// Memory on the interpreter's heap that the collector keeps until it is released.
#pragma once

#include "module.h"

#if !USSL_HEAP_IS_MALLOC

namespace ussl::binding {

// In front of the memory. The libraries keep pointers where the collector does not look, so every
// block is in a list that begins at a root pointer. The interpreters' own m_tracked_calloc() does
// the same; ports have it only with certain settings.
struct alignas(std::max_align_t) Block {
    mp_obj_base_t base; // only a spare block is an object: see blocks.cpp
    std::size_t size;   // of the memory behind, in bytes
    Block* previous;
    Block* next; // last: cells.cpp tells its cells from blocks by the word in front of the memory
};

// At least `size` bytes; nullptr if the heap does not have them, or is locked. Never raises.
Block* allocate_block(std::size_t size);
// Works within finalisers.
void release_block(Block& block);
// Collects, if fewer bytes are free in one piece, and if the script lets the heap collect by
// itself.
void collect_for(std::size_t size);
// Returns whether there were any. Works within finalisers.
bool release_spares();

inline void* memory_of(Block& block) { return &block + 1; }
inline Block& block_of(void* memory) { return *(static_cast<Block*>(memory) - 1); }

} // namespace ussl::binding

#endif
