#include "memory.hpp"

#include "blocks.hpp"
#include "cells.hpp"
#include "reserve.hpp"

#include "ussl/features.hpp"

#include <cstdlib>

namespace ussl::binding {
namespace {

#if USSL_HEAP_IS_MALLOC

constinit const Allocator allocator_{std::malloc, std::free};

void release_spares() {}

void collect_for(std::size_t) {}

#else

void* allocate_on_heap(std::size_t size) {
    if (size <= largest_cell) return allocate_cell(size);
    Block* block = allocate_block(size);
    return block != nullptr ? memory_of(*block) : nullptr;
}

void* allocate(std::size_t size) {
    Account* const account = account_at_work();
    if (account == nullptr) return allocate_on_heap(size);
    void* memory = account->arena != nullptr ? cut(*account->arena, size) : nullptr;
    if (memory != nullptr) {
        note_taken(*account, size_of_cut(memory));
        return memory;
    }
    memory = allocate_on_heap(size);
    if (memory == nullptr)
        account->lacked = size;
    else
        note_taken(*account, is_cell(memory) ? size_of_cell(memory) : block_of(memory).size);
    return memory;
}

void release(void* memory) {
    if (memory == nullptr) return;
    Account* const account = account_at_work();
    std::size_t size;
    if (Arena* arena = arena_of(memory); arena != nullptr) {
        size = size_of_cut(memory);
        give_back(*arena, memory);
    } else if (is_cell(memory)) {
        size = size_of_cell(memory);
        release_cell(memory);
    } else {
        size = block_of(memory).size;
        release_block(block_of(memory));
    }
    if (account != nullptr) note_released(*account, size);
}

constinit const Allocator allocator_{allocate, release};

#endif

} // namespace

const Allocator& heap_allocator() { return allocator_; }

// Enough for the records of both ends, if they are in one program, and the rest of a session.
void make_room_for_session() {
    collect_for(2 * (USSL_RECORD_INPUT + USSL_RECORD_OUTPUT) + 32 * 1024);
}

void release_spare_memory() { release_spares(); }

} // namespace ussl::binding
