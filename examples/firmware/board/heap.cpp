#include "heap.hpp"

#include <cstdint>

extern "C" std::byte heap_start[], heap_end[];

namespace heap {
namespace {

struct Block {
    std::size_t size; // with this header
    bool used;

    Block* next() { return reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(this) + size); }
};
static_assert(sizeof(Block) == 8);

Block* first() { return reinterpret_cast<Block*>(heap_start); }
Block* end() { return reinterpret_cast<Block*>(heap_end); }

constinit bool ready = false;
constinit Use counted{};
constinit std::size_t limit = INT32_MAX;

void* allocate(std::size_t size) {
    if (!ready) {
        first()->size = static_cast<std::size_t>(heap_end - heap_start);
        first()->used = false;
        ready = true;
    }
    if (size > limit) return nullptr;
    const std::size_t wanted = (size + sizeof(Block) + 7) & ~std::size_t{7};
    for (Block* block = first(); block != end(); block = block->next()) {
        if (block->used) continue;
        while (block->next() != end() && !block->next()->used)
            block->size += block->next()->size;
        if (block->size < wanted) continue;
        if (block->size - wanted > sizeof(Block)) {
            Block* rest = reinterpret_cast<Block*>(reinterpret_cast<std::byte*>(block) + wanted);
            rest->size = block->size - wanted;
            rest->used = false;
            block->size = wanted;
        }
        block->used = true;
        ++counted.blocks;
        counted.now += block->size;
        if (counted.now > counted.peak) counted.peak = counted.now;
        if (size > counted.largest) counted.largest = size;
        return block + 1;
    }
    return nullptr;
}

void release(void* memory) {
    if (memory == nullptr) return;
    Block* block = static_cast<Block*>(memory) - 1;
    block->used = false;
    --counted.blocks;
    counted.now -= block->size;
}

} // namespace

constinit const ussl::Allocator allocator{allocate, release};

Use use() { return counted; }
void forget_peak() {
    counted.peak = counted.now;
    counted.largest = 0;
}
void refuse_blocks_over(std::size_t size) { limit = size; }

} // namespace heap
