// A heap for libraries that need one: first fit, neighbours joined when freed, and counted.
#pragma once

#include <cstddef>

#include <ussl/environment.hpp>

namespace heap {

// For ussl::set_allocator(). Between the end of the static memory and the stack's.
extern const ussl::Allocator allocator;

struct Use {
    std::size_t now, peak; // bytes, with the eight that each block has in front
    std::size_t blocks;    // allocated at the moment
    std::size_t largest;   // the largest block that was allocated, without the eight
};
Use use();
void forget_peak(); // and the largest block

// From now on there is no memory for larger blocks, as in a heap that is fragmented.
void refuse_blocks_over(std::size_t size);

} // namespace heap
