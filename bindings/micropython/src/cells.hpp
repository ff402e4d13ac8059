// Small pieces of memory, cut from blocks: a library that allocates big numbers needs thousands of
// them in a handshake, and the collector searches for each.
#pragma once

#include <cstddef>

namespace ussl::binding {

inline constexpr std::size_t largest_cell =
    64; // bytes: a number of P-256, and numbers twice as long

// `size` is at most largest_cell; nullptr if the heap has no memory. Never raises.
void* allocate_cell(std::size_t size);
// May be called in finalisers.
void release_cell(void* memory);
std::size_t size_of_cell(const void* memory);
// Whether memory in use is a cell, or belongs to a Block.
bool is_cell(const void* memory);

} // namespace ussl::binding
