#include "cells.hpp"

#include "blocks.hpp"

#if !USSL_HEAP_IS_MALLOC

#include "shared_lock.hpp"

#include <cstring>

namespace ussl::binding {
namespace {

constexpr std::size_t step = 32; // difference between the sizes of cells, in bytes
constexpr std::size_t alignment = alignof(std::max_align_t);

struct Chunk;

// Precedes a cell. A bit of the chunk's address is set that is never set in Block::next, which is
// at this place in blocks.
struct alignas(alignment) Tag {
    std::uintptr_t unused[alignment / sizeof(std::uintptr_t) - 1];
    std::uintptr_t chunk;
};
static_assert(offsetof(Block, next) + sizeof(Block*) == sizeof(Block));
static_assert(sizeof(Tag) == alignment);

Tag& tag_of(void* memory) { return *(static_cast<Tag*>(memory) - 1); }

// The contents of a free cell.
struct Free {
    Free* next;
};

// Cells of one size. It is a block as long as one of them is in use.
struct alignas(alignment) Chunk {
    Chunk* previous;
    Chunk* next;
    Free* free;
    std::uint16_t used;
    std::uint16_t kind; // cells of (kind + 1) * step bytes
};

constexpr std::size_t chunk_size = 128 * sizeof(void*) - sizeof(Block);

// For each size, the chunks with a free cell. They are in the list of blocks, too.
constinit Chunk* open[largest_cell / step]{};

void insert(Chunk& chunk) {
    Chunk*& first = open[chunk.kind];
    chunk.previous = nullptr;
    chunk.next = first;
    if (first != nullptr) first->previous = &chunk;
    first = &chunk;
}

void remove(Chunk& chunk) {
    if (chunk.next != nullptr) chunk.next->previous = chunk.previous;
    (chunk.previous != nullptr ? chunk.previous->next : open[chunk.kind]) = chunk.next;
}

Chunk* new_chunk(std::size_t kind) {
    Block* block = allocate_block(chunk_size);
    if (block == nullptr) return nullptr;
    auto* chunk = static_cast<Chunk*>(memory_of(*block));
    *chunk = {nullptr, nullptr, nullptr, 0, static_cast<std::uint16_t>(kind)};
    const std::size_t size = sizeof(Tag) + (kind + 1) * step;
    auto* begin = reinterpret_cast<unsigned char*>(chunk + 1);
    for (std::size_t at = 0; at + size <= chunk_size - sizeof(Chunk); at += size) {
        auto* tag = reinterpret_cast<Tag*>(begin + at);
        tag->chunk = reinterpret_cast<std::uintptr_t>(chunk) | 1;
        auto* free = reinterpret_cast<Free*>(tag + 1);
        free->next = chunk->free;
        chunk->free = free;
    }
    return chunk;
}

void* take(Chunk& chunk) {
    Free* cell = chunk.free;
    chunk.free = cell->next;
    ++chunk.used;
    if (chunk.free == nullptr) remove(chunk);
    return cell;
}

} // namespace

bool is_cell(const void* memory) { return (tag_of(const_cast<void*>(memory)).chunk & 1) != 0; }

void* allocate_cell(std::size_t size) {
    const std::size_t kind = size == 0 ? 0 : (size - 1) / step;
    {
        const SharedLock lock;
        if (open[kind] != nullptr) return take(*open[kind]);
    }
    // Without the lock: it may run the collector, and finalisers free cells.
    Chunk* chunk = new_chunk(kind);
    if (chunk == nullptr) return nullptr;
    const SharedLock lock;
    insert(*chunk);
    return take(*chunk);
}

std::size_t size_of_cell(const void* memory) {
    const auto& chunk =
        *reinterpret_cast<const Chunk*>(tag_of(const_cast<void*>(memory)).chunk - 1);
    return (chunk.kind + std::size_t{1}) * step;
}

void release_cell(void* memory) {
    auto& chunk = *reinterpret_cast<Chunk*>(tag_of(memory).chunk - 1);
    {
        const SharedLock lock;
        if (chunk.free == nullptr) insert(chunk);
        // The library's pointers in it point to memory that is free, or soon will be, and that may
        // become a socket. The collector would find that pointer here, and keep the socket as long
        // as the cell's neighbours are in use, perhaps by that very socket.
        std::memset(memory, 0, (chunk.kind + std::size_t{1}) * step);
        auto* cell = static_cast<Free*>(memory);
        cell->next = chunk.free;
        chunk.free = cell;
        if (--chunk.used != 0) return;
        remove(chunk);
    }
    release_block(block_of(&chunk));
}

} // namespace ussl::binding

#endif
