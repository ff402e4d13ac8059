// The numbers of max_fragment_length (RFC 6066, 4): 1 for 512 bytes, to 4 for 4,096.
#pragma once

#include <cstddef>

namespace ussl {

// 0: not one of the four.
constexpr unsigned fragment_number(std::size_t length) {
    for (unsigned number = 1; number <= 4; ++number)
        if (length == std::size_t{256} << number) return number;
    return 0;
}

// In bytes; 0: not one of the four.
constexpr std::size_t fragment_length(unsigned number) {
    return number >= 1 && number <= 4 ? std::size_t{256} << number : 0;
}

} // namespace ussl
