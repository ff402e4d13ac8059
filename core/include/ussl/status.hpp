// What an operation came to, apart from how many bytes it moved: the two are never one integer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ussl {

enum class Status : std::uint8_t {
    ok,         // done, or as much as one call does
    want_read,  // nothing moves until encrypted bytes from the peer are put in
    want_write, // nothing moves until pending encrypted bytes are taken out
    closed,    // the peer's close_notify was read (RFC 8446, 6.1): the orderly end of what it sends
    truncated, // the transport ended without close_notify: data may be missing
    failed,    // see error(); the session can only be closed
};

struct IoResult {
    constexpr IoResult(Status status_, std::size_t bytes_) : status(status_), bytes(bytes_) {}

    Status status;
    bool output_is_empty = false; // true: Session::output() is empty; false: not known
    std::size_t bytes;            // 0 unless status is ok
};

} // namespace ussl
