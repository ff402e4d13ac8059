#include "memory.hpp"

#include "blocks.hpp"
#include "cells.hpp"

#include <cstdlib>

namespace ussl::binding {
namespace {

#if USSL_HEAP_IS_MALLOC

constinit const Allocator allocator_{std::malloc, std::free};

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

} // namespace ussl::binding
