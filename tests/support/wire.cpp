#include "support/wire.hpp"

#include <algorithm>

namespace ussl::test {

using Kind = TransportResult::Kind;

TransportResult Pipe::write(Bytes from) {
    if (from.empty()) return {Kind::failed, 0, -1}; // the pump must not ask for 0 bytes
    if (hiccup(write_hiccup_)) return {Kind::would_block};
    const std::size_t under_way = queue_.size() - taken_;
    if (under_way >= capacity) return {Kind::would_block};
    const std::size_t count = std::min({from.size(), max_write, capacity - under_way});
    for (std::size_t i = 0; i < count; ++i, ++sent) {
        if (sent >= cut_at) continue;
        queue_.push_back(sent == corrupt_at ? from[i] ^ corrupt_by : from[i]);
    }
    ++writes;
    return {Kind::moved, count};
}

TransportResult Pipe::read(MutableBytes into) {
    if (into.empty()) return {Kind::failed, 0, -1};
    if (empty()) return {ended() ? Kind::ended : Kind::would_block};
    if (hiccup(read_hiccup_)) return {Kind::would_block};
    const std::size_t count = std::min({into.size(), max_read, queue_.size() - taken_});
    std::copy_n(queue_.begin() + static_cast<std::ptrdiff_t>(taken_), count, into.begin());
    taken_ += count;
    total_taken_ += count;
    if (empty() || taken_ > 100000) {
        queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken_));
        taken_ = 0;
    }
    return {Kind::moved, count};
}

std::string Pipe::take() {
    const std::string bytes(queue_.begin() + static_cast<std::ptrdiff_t>(taken_), queue_.end());
    total_taken_ += bytes.size();
    queue_.clear();
    taken_ = 0;
    return bytes;
}

TransportResult WireEnd::read(MutableBytes into) {
    const TransportResult result = in_.read(into);
    if (result.kind == Kind::would_block && in_.empty() && out_.sent >= out_.cut_at)
        return {Kind::ended};
    return result;
}

} // namespace ussl::test
