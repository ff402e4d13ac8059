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
    std::string_view body;  // what stands between the boundaries
    bool encrypted = false; // its headers say so (RFC 1421, 4.6.1.1), as old private keys' do
    Bytes der;              // within the buffer that it was decoded to; empty before
};

// Walks over the blocks of a PEM text. A boundary is a whole line, with white space round it at
// most (RFC 7468, 3); all other text between the blocks is skipped: one that begins within a line,
// behind a comment sign or in a sentence, is none. A block may begin right behind another one's
// end, though, as in files that were put together without a line break between them.
class Reader {
public:
    // `text` must stay valid while the reader and its blocks are used. NULs in it are line breaks.
    explicit Reader(Bytes text) : rest_(reinterpret_cast<const char*>(text.data()), text.size()) {}

    // Finds the next block, for decode(). Err::none with an empty label: there are no more.
    // Err::bad_pem: a block that does not end, or with another label.
    Err next(Block& block);

    // The same, and decodes it into the front of `buffer`, unless it is encrypted. Also
    // Err::bad_pem: the base64 is damaged. Err::no_memory: `buffer` is too small; max_der_size()
    // bytes always suffice for all blocks. After an error the reader stays where it was.
    Err next(MutableBytes buffer, Block& block);

    // The text behind the block that was read last.
    Bytes remaining() const { return as_bytes(rest_); }

private:
    std::string_view rest_;
};

// Decodes a block that Reader::next() has found into the front of `buffer`. Err::bad_pem,
// Err::no_memory: as there. Err::encrypted_private_key: it is encrypted.
Err decode(MutableBytes buffer, Block& block);

// An upper bound for the DER in a PEM text of `size` bytes.
constexpr std::size_t max_der_size(std::size_t size) { return size / 4 * 3 + 3; }

// Whether a block of PEM begins in `data`; if not, it can only be DER.
bool is_pem(Bytes data);

} // namespace ussl::pem
