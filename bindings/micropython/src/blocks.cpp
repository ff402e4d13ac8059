// The list of blocks in use, and the spare blocks.
//
// The collector allocates by a search from the start of the heap, and marks each unit: for a
// record's buffers that costs more than encryption. So a few freed blocks are kept until a session
// ends. Nothing refers to them, so the collector may take them whenever it runs: each is an object
// with a finaliser that removes it from the spares.
#include "blocks.hpp"

#if !USSL_HEAP_IS_MALLOC

#include "shared_lock.hpp"

#include "ussl/bytes.hpp"

#include <iterator>
#include <utility>

namespace ussl::binding {
namespace {

// On the backend that needs the most, a write and a read take four buffers.
constinit Block* spares[4]{};
constinit unsigned next_spare{};

Block* first() { return static_cast<Block*>(MP_STATE_VM(ussl_blocks)); }

void link(Block& block) {
    block.base.type = nullptr;
    block.previous = nullptr;
    block.next = first();
    if (block.next != nullptr) block.next->previous = &block;
    MP_STATE_VM(ussl_blocks) = &block;
}

void unlink(Block& block) {
    if (block.next != nullptr) block.next->previous = block.previous;
    if (block.previous != nullptr)
        block.previous->next = block.next;
    else
        MP_STATE_VM(ussl_blocks) = block.next;
}

// The smallest one that is large enough, but by no more than an eighth: it may stay in use as long
// as a connection.
Block* take_spare(std::size_t size) {
    Block** best = nullptr;
    for (Block*& spare : spares)
        if (spare != nullptr && spare->size >= size && spare->size - size <= size / 8 &&
            (best == nullptr || spare->size < (*best)->size))
            best = &spare;
    return best != nullptr ? std::exchange(*best, nullptr) : nullptr;
}

// Returns the block that must be freed for it, or nullptr.
Block* keep_spare(Block& block) {
    block = {{&ussl_spare_type}, block.size, nullptr, nullptr};
    for (Block*& spare : spares)
        if (spare == nullptr) {
            spare = &block;
            return nullptr;
        }
    return std::exchange(spares[next_spare++ % std::size(spares)], &block);
}

} // namespace

namespace {

// Zeroed, as the collector looks for pointers in it. Memory that a library has not written to yet
// holds old data, perhaps the address of the very socket that it is for, if connections reuse the
// same places: that socket would never be collected.
Block* in_use(Block* block) {
    link(*block);
    wipe(memory_of(*block), block->size);
    return block;
}

} // namespace

Block* allocate_block(std::size_t size) {
    if (size > SIZE_MAX - sizeof(Block)) return nullptr;
    // A collection is running in this thread, or the script has locked the heap. Spare blocks may
    // be about to be freed.
    if (gc_is_locked()) return nullptr;
    {
        const SharedLock lock;
        if (Block* spare = take_spare(size); spare != nullptr) return in_use(spare);
    }
    auto* block = static_cast<Block*>(gc_alloc(sizeof(Block) + size, GC_ALLOC_FLAG_HAS_FINALISER));
    // A stale word on the stack may keep a block alive.
    if (block == nullptr && release_spares())
        block = static_cast<Block*>(gc_alloc(sizeof(Block) + size, GC_ALLOC_FLAG_HAS_FINALISER));
    if (block == nullptr) return nullptr;
    block->size = size;
    const SharedLock lock;
    return in_use(block);
}

void collect_for(std::size_t size) {
    if (gc_is_locked() || !MP_STATE_MEM(gc_auto_collect_enabled)) return;
    release_spares();
#if MICROPY_GC_SPLIT_HEAP_AUTO // a failed allocation would enlarge the heap
    gc_info_t info;
    gc_info(&info);
    constexpr std::size_t unit = MICROPY_BYTES_PER_GC_BLOCK;
    if (info.max_free * unit < size) gc_collect();
#else
    // The allocator collects if it finds no such piece. gc_info() looks at each unit of the heap:
    // on a host that takes longer than a handshake.
    if (void* const piece = gc_alloc(size, 0); piece != nullptr) gc_free(piece);
#endif
}

bool release_spares() {
    bool released = false;
    for (Block*& spare : spares) {
        Block* unwanted;
        {
            const SharedLock lock;
            unwanted = std::exchange(spare, nullptr);
        }
        if (unwanted == nullptr) continue;
        gc_free(unwanted);
        released = true;
    }
    return released;
}

void release_block(Block& block) {
    Block* unwanted = &block;
    {
        const SharedLock lock;
        unlink(block);
        // During a collection this block's own finaliser may already have run.
        if (!gc_is_locked()) unwanted = keep_spare(block);
    }
    if (unwanted != nullptr) gc_free(unwanted);
}

} // namespace ussl::binding

mp_obj_t ussl_spare_finalise(mp_obj_t self) {
    for (ussl::binding::Block*& spare : ussl::binding::spares)
        if (spare == MP_OBJ_TO_PTR(self)) spare = nullptr;
    return mp_const_none;
}

#endif
