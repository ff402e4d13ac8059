// A virtual wire between two sessions: two queues of bytes that behave like real networks.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/pump.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace ussl::test {

inline constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

// One direction. Its settings count bytes from the first one sent.
struct Pipe {
    std::size_t max_read = unlimited;   // the most bytes for one read
    std::size_t max_write = unlimited;  // the most bytes for one write
    std::size_t capacity = unlimited;   // the most bytes in transit before a write would block
    std::size_t cut_at = unlimited;     // the transport ends after this many bytes
    std::size_t corrupt_at = unlimited; // the byte at this position is changed
    std::uint8_t corrupt_by = 0x01;     // exclusive or
    bool stutter = false;               // every second read and write would block

    std::size_t writes = 0; // calls that took bytes
    std::size_t sent = 0;   // bytes taken, lost ones included
    bool closed = false;    // the sender has shut its side

    bool ended() const { return (closed || sent >= cut_at) && empty(); }
    bool empty() const { return taken_ == queue_.size(); }
    std::size_t taken() const { return total_taken_; }

    TransportResult write(Bytes from);
    TransportResult read(MutableBytes into);

    // Removes and returns everything in transit.
    std::string take();
    // As if the peer had sent these bytes.
    void inject(Bytes bytes) { queue_.insert(queue_.end(), bytes.begin(), bytes.end()); }

private:
    bool hiccup(bool& last) { return stutter && (last = !last); }

    std::vector<std::uint8_t> queue_;
    std::size_t taken_ = 0; // of queue_
    std::size_t total_taken_ = 0;
    bool read_hiccup_ = false, write_hiccup_ = false;
};

// One end of the wire, as ussl::Pump expects it. A cut in one direction ends both, as connections
// end as a whole.
class WireEnd {
public:
    WireEnd(Pipe& out, Pipe& in) : out_(out), in_(in) {}

    TransportResult read(MutableBytes into);
    TransportResult write(Bytes from) { return out_.write(from); }

    Pipe& out() { return out_; }
    Pipe& in() { return in_; }

private:
    Pipe& out_;
    Pipe& in_;
};

} // namespace ussl::test
