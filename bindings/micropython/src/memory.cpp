#include "memory.hpp"

#include "blocks.hpp"
#include "cells.hpp"

#include "ussl/features.hpp"

#include <cstdlib>

namespace ussl::binding {
namespace {

#if USSL_HEAP_IS_MALLOC

constinit const Allocator allocator_{std::malloc, std::free};

void release_spares() {}

void collect_for(std::size_t) {}

#else

void* allocate(std::size_t size) {
    if (size <= largest_cell) return allocate_cell(size);
    Block* block = allocate_block(size);
    return block != nullptr ? memory_of(*block) : nullptr;
}

void release(void* memory) {
    if (memory == nullptr) return;
    if (is_cell(memory))
        release_cell(memory);
    else
        release_block(block_of(memory));
}

constinit const Allocator allocator_{allocate, release};

#endif

} // namespace

const Allocator& heap_allocator() { return allocator_; }

// The records of both ends, where they are in one program, and the rest of a session.
void make_room_for_session() {
    collect_for(2 * (USSL_RECORD_INPUT + USSL_RECORD_OUTPUT) + 32 * 1024);
}

void release_spare_memory() { release_spares(); }

} // namespace ussl::binding
