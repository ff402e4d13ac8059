#include "memory.hpp"

#include "module.h"
#include "shared_lock.hpp"

#include <cstdlib>

namespace ussl::binding {
namespace {

#if USSL_HEAP_IS_MALLOC

constinit const Allocator allocator_{std::malloc, std::free};

#else

// The libraries keep pointers where the collector does not look, so every block is in a list that
// begins at a root pointer. The interpreters' own m_tracked_calloc() does the same; ports have it
// only with certain settings.
struct alignas(std::max_align_t) Block {
    Block* previous;
    Block* next;
#if MICROPY_MALLOC_USES_ALLOCATED_SIZE
    std::size_t size;
#endif
};

std::size_t size_of([[maybe_unused]] const Block& block) {
#if MICROPY_MALLOC_USES_ALLOCATED_SIZE
    return block.size;
#else
    return 0; // not asked for
#endif
}

Block* first() { return static_cast<Block*>(MP_STATE_VM(ussl_blocks)); }

void* allocate(std::size_t size) {
    if (size > SIZE_MAX - sizeof(Block)) return nullptr;
    auto* block = static_cast<Block*>(m_malloc_maybe(sizeof(Block) + size));
    if (block == nullptr) return nullptr;
#if MICROPY_MALLOC_USES_ALLOCATED_SIZE
    block->size = sizeof(Block) + size;
#endif
    const SharedLock lock;
    block->previous = nullptr;
    block->next = first();
    if (block->next != nullptr) block->next->previous = block;
    MP_STATE_VM(ussl_blocks) = block;
    return block + 1;
}

void unlink(Block& block) {
    const SharedLock lock;
    if (block.next != nullptr) block.next->previous = block.previous;
    if (block.previous != nullptr)
        block.previous->next = block.next;
    else
        MP_STATE_VM(ussl_blocks) = block.next;
}

void release(void* memory) {
    if (memory == nullptr) return;
    Block* block = static_cast<Block*>(memory) - 1;
    unlink(*block);
    USSL_FREE(reinterpret_cast<byte*>(block), size_of(*block));
}

constinit const Allocator allocator_{allocate, release};

#endif

} // namespace

const Allocator& heap_allocator() { return allocator_; }

} // namespace ussl::binding
