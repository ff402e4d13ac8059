// A GrowingQueue for what comes from the transport: on the heap from when the bytes in the session
// did not suffice until rest(). Without heap it stays as small as it is, and works.
#pragma once

#include "ussl/backend/growing_queue.hpp"

namespace ussl {

template<std::size_t capacity>
class InputQueue : public GrowingQueue<capacity> {
    using Base = GrowingQueue<capacity>;
    using Base::is_large, Base::large_, Base::small_;

public:
    using Base::size_in_session;

    bool empty() const { return size() == 0; }
    std::size_t size() const { return is_large() ? large_->size() : small_.size(); }
    // How much it takes when it is empty.
    std::size_t whole() const { return is_large() ? capacity : size_in_session; }

    // As of ByteQueue.
    MutableBytes space() { return is_large() ? large_->space() : small_.space(); }
    MutableBytes tail() { return is_large() ? large_->tail() : small_.tail(); }
    void commit(std::size_t count) { is_large() ? large_->commit(count) : small_.commit(count); }
    Bytes front() const { return is_large() ? large_->front() : small_.front(); }
    void consume(std::size_t count) { is_large() ? large_->consume(count) : small_.consume(count); }
    std::size_t take(MutableBytes into) {
        return is_large() ? large_->take(into) : small_.take(into);
    }

    // Takes heap, if it has none, and there is some.
    void grow() {
        if (size_in_session != capacity && !is_large()) this->move_to_heap();
    }
    void rest() {
        if (is_large() && large_->empty()) this->drop_large();
    }
};

} // namespace ussl
