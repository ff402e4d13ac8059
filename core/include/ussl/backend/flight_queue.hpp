// A GrowingQueue for flights: on the heap only while more is in it than the session has room for,
// so that a connection that is idle holds none of that.
#pragma once

#include "ussl/backend/growing_queue.hpp"

namespace ussl {

template<std::size_t capacity>
class FlightQueue : public GrowingQueue<capacity> {
    using Base = GrowingQueue<capacity>;
    using Base::is_large, Base::large_, Base::small_;

public:
    using Base::size_in_session;

    bool empty() const { return is_large() ? large_->empty() : small_.empty(); }
    Bytes front() const { return is_large() ? large_->front() : small_.front(); }

    void consume(std::size_t count) {
        if (!is_large()) {
            small_.consume(count);
            return;
        }
        large_->consume(count);
        if (large_->empty()) this->drop_large();
    }

    // Copies all of `bytes` and of `more` behind it, or nothing where they do not fit, or only with
    // heap that there is not, or that is not to be taken. Returns whether it did.
    bool append(Bytes bytes, bool may_allocate, Bytes more = {}) {
        const std::size_t size = bytes.size() + more.size();
        if (!is_large()) {
            if (size <= size_in_session - small_.size()) return copy(small_, bytes, more);
            if (size_in_session == capacity || !may_allocate || !this->move_to_heap()) return false;
        }
        return size <= capacity - large_->size() && copy(*large_, bytes, more);
    }

    // How much append() takes, after taking heap if `wanted` bytes need it.
    std::size_t room(std::size_t wanted) {
        if (!is_large() && wanted > size_in_session - small_.size() && size_in_session != capacity)
            this->move_to_heap();
        return is_large() ? capacity - large_->size() : size_in_session - small_.size();
    }

private:
    static bool copy(auto& queue, Bytes bytes, Bytes more) {
        queue.put(bytes);
        if (!more.empty()) queue.put(more);
        return true;
    }
};

} // namespace ussl
