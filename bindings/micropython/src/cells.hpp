// Small pieces of memory, cut from blocks: a library with big numbers on its heap asks for
// thousands of them in a handshake, and the collector searches for each.
#pragma once

#include <cstddef>

namespace ussl::binding {

inline constexpr std::size_t largest_cell =
    64; // bytes: a number of P-256, and what is twice as long

// `size` is at most largest_cell; nullptr if the heap has no memory. Never raises.
void* allocate_cell(std::size_t size);
// Works within finalisers.
void release_cell(void* memory);
std::size_t size_of_cell(const void* memory);
// Whether memory that is in use is of allocate_cell(), or behind a Block.
bool is_cell(const void* memory);

} // namespace ussl::binding
