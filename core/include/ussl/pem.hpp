// PEM (RFC 7468) to DER.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl::pem {

struct Block {
    std::string_view label; // "CERTIFICATE", "EC PRIVATE KEY", …
    Bytes der;              // within the buffer given to Reader::next()
};

// Walks over the blocks of a PEM text. Text between the blocks is skipped, as RFC 7468, 2 has it.
class Reader {
public:
    // `text` must stay valid while the reader is used. A terminating NUL in it does no harm.
    explicit Reader(Bytes text) : rest_(reinterpret_cast<const char*>(text.data()), text.size()) {}

    // Decodes the next block into the front of `buffer`. Err::none with an empty label: there are
    // no more. Err::bad_pem: armour or base64 broken, or a block that is encrypted (RFC
    // 1421, 4.6.1.1). Err::no_memory: `buffer` is too small; max_der_size() bytes always suffice
    // for all blocks.
    Err next(MutableBytes buffer, Block& block);

private:
    std::string_view rest_;
};

// An upper bound for the DER in a PEM text of `size` bytes.
constexpr std::size_t max_der_size(std::size_t size) { return size / 4 * 3 + 3; }

// How many blocks of PEM begin in `data`. Counts no further than to `most`.
std::size_t count_blocks(Bytes data, std::size_t most = SIZE_MAX);

// Whether `data` has a PEM block in it; if not, it can only be DER.
inline bool is_pem(Bytes data) { return count_blocks(data, 1) != 0; }

} // namespace ussl::pem
