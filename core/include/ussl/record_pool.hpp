// Blocks for the records of several connections, in static memory and bounded: for firmware that
// must not take them from a heap.
//
//     using Records = ussl::RecordPool<3>;
//     ussl::set_record_allocator(Records::allocator);
//
// An idle session with short buffers (USSL_SHORT_BUFFERS) holds no block. One whose record is
// longer than its own buffers holds one until the record was read or sent. During a handshake it
// may hold one more, for a flight. So a pool of two blocks serves any number of connections of
// which one has a record on its way. If no block is free that session ends with Err::no_memory, or
// no_memory_for_record; others go on.
//
// For one task: a program with several (USSL_LOCKS) puts functions of its own around these, as for
// its heap.
#pragma once

#include "ussl/environment.hpp"

#include <cstddef>

namespace ussl {

// Enough for every record and flight of this build, with what the libraries put around a record.
inline constexpr std::size_t record_block_size = [] {
    constexpr std::size_t around_record = 544;
    const std::size_t record =
        (USSL_RECORD_INPUT > USSL_RECORD_OUTPUT ? USSL_RECORD_INPUT : USSL_RECORD_OUTPUT) +
        around_record;
    const std::size_t flight = USSL_FLIGHT_BUFFER + 16;
    return record > flight ? record : flight;
}();

// One pool for each pair of numbers: its memory is static. `size`: of a block, in bytes.
template<std::size_t count, std::size_t size = record_block_size>
class RecordPool {
    struct Block {
        alignas(std::max_align_t) std::byte bytes[size];
        bool is_lent;
    };
    static inline constinit Block pool_[count] = {};

public:
    static constexpr std::size_t blocks = count;

    // For set_record_allocator().
    static constexpr Allocator allocator{[](std::size_t wanted) -> void* {
                                             if (wanted > size) return nullptr;
                                             for (Block& block : pool_)
                                                 if (!block.is_lent) {
                                                     block.is_lent = true;
                                                     return block.bytes;
                                                 }
                                             return nullptr;
                                         },
                                         [](void* memory) {
                                             for (Block& block : pool_)
                                                 if (block.bytes == memory) block.is_lent = false;
                                         }};

    // How many blocks are lent at the moment.
    static std::size_t lent() {
        std::size_t number = 0;
        for (const Block& block : pool_)
            number += block.is_lent;
        return number;
    }
};

} // namespace ussl
