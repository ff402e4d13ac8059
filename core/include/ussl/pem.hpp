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
    std::string_view body;  // the text between the boundaries
    bool encrypted = false; // by its headers (RFC 1421, 4.6.1.1), as in old private keys
    Bytes der;              // decoded, within the caller's buffer; empty before
};

// Walks through the blocks of a PEM text. A boundary fills a whole line, apart from white space
// around it (RFC 7468, 3): a boundary within a line, behind a comment sign for example, does not
// count. All text between blocks is skipped. One exception: a block may begin right behind the end
// of the last one, as in files that were joined without a line break.
class Reader {
public:
    // `text` must stay valid as long as the reader and its blocks are used. NULs in it are line
    // breaks.
    explicit Reader(Bytes text) : rest_(reinterpret_cast<const char*>(text.data()), text.size()) {}

    // Finds the next block, for decode(). Err::none with an empty label: there are no more blocks.
    // Err::bad_pem: the block has no end, or ends with another label.
    Err next(Block& block);

    // Also decodes the block into the front of `buffer`, unless it is encrypted. Err::bad_pem also
    // if the base64 is damaged. Err::no_memory: `buffer` is too small; max_der_size() bytes are
    // enough for all blocks. After an error the reader has not moved.
    Err next(MutableBytes buffer, Block& block);

    // The text behind the block that was read last.
    Bytes remaining() const { return as_bytes(rest_); }

private:
    std::string_view rest_;
};

// Decodes a block from Reader::next() into the front of `buffer`. Err::bad_pem and Err::no_memory
// as there. Err::encrypted_private_key: it is encrypted.
Err decode(MutableBytes buffer, Block& block);

// An upper bound for the DER in a PEM text of `size` bytes.
constexpr std::size_t max_der_size(std::size_t size) { return size / 4 * 3 + 3; }

// Whether a PEM block begins in `data`. If not, it can only be DER.
bool is_pem(Bytes data);

} // namespace ussl::pem
