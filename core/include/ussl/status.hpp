// The result of an operation, apart from the number of bytes: status and count are never one
// integer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ussl {

enum class Status : std::uint8_t {
    ok,         // done, or as much as one call does
    want_read,  // no progress until encrypted bytes from the peer come in
    want_write, // no progress until pending encrypted bytes are taken out
    closed,     // read the peer's close_notify (RFC 8446, 6.1): the orderly end of its data
    truncated,  // the transport ended without close_notify: data may be missing
    failed,     // see error(); only close() and release() are useful now
};

struct IoResult {
    constexpr IoResult(Status status_, std::size_t bytes_) : status(status_), bytes(bytes_) {}

    Status status;
    bool output_is_empty = false; // true: Session::output() is empty; false: not known
    std::size_t bytes;            // 0 unless status is ok
};

} // namespace ussl
