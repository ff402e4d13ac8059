// A ByteQueue for flights. On hosts, where one process may have thousands of connections, a few
// bytes of it are in the session, and all of it is on the heap of ussl::allocator() while more is
// in it: a connection that is idle holds none of that. In firmware it is in the session, as the
// layer above the libraries allocates nothing there.
#pragma once

#include "ussl/backend/byte_queue.hpp"
#include "ussl/environment.hpp"

#include <new>

namespace ussl {

template<std::size_t capacity>
class FlightQueue {
public:
#if defined(__unix__) || defined(__APPLE__)
    static constexpr std::size_t size_in_session = capacity <= 512 ? capacity : 256;
#else
    static constexpr std::size_t size_in_session = capacity;
#endif

    FlightQueue() = default;
    FlightQueue(const FlightQueue&) = delete;
    FlightQueue& operator=(const FlightQueue&) = delete;
    ~FlightQueue() { drop_large(); }

    bool empty() const { return is_large() ? large_->empty() : small_.empty(); }
    Bytes front() const { return is_large() ? large_->front() : small_.front(); }

    void consume(std::size_t count) {
        if (!is_large()) {
            small_.consume(count);
            return;
        }
        large_->consume(count);
        if (large_->empty()) drop_large();
    }

    // Copies all of `bytes` and of `more` behind it, or nothing where they do not fit, or only with
    // heap that there is not, or that is not to be taken. Returns whether it did.
    bool append(Bytes bytes, bool may_allocate, Bytes more = {}) {
        const std::size_t size = bytes.size() + more.size();
        if (!is_large()) {
            if (size <= size_in_session - small_.size()) return copy(small_, bytes, more);
            if (size_in_session == capacity || !may_allocate || !move_to_heap()) return false;
        }
        return size <= capacity - large_->size() && copy(*large_, bytes, more);
    }

    // How much append() takes, after taking heap if `wanted` bytes need it.
    std::size_t room(std::size_t wanted) {
        if (!is_large() && wanted > size_in_session - small_.size() && size_in_session != capacity)
            move_to_heap();
        return is_large() ? capacity - large_->size() : size_in_session - small_.size();
    }

private:
    using Large = ByteQueue<capacity>;

    // A constant where all of it is in the session.
    bool is_large() const { return size_in_session != capacity && large_ != nullptr; }

    static bool copy(auto& queue, Bytes bytes, Bytes more) {
        queue.append(bytes);
        if (!more.empty()) queue.append(more);
        return true;
    }
    bool move_to_heap() {
        void* const memory = allocator().allocate(sizeof(Large));
        if (memory == nullptr) return false;
        large_ = new (memory) Large();
        large_->append(small_.front());
        small_.consume(small_.size());
        return true;
    }
    void drop_large() {
        if (size_in_session == capacity) return;
        allocator().release(large_);
        large_ = nullptr;
    }

    Large* large_ = nullptr;
    ByteQueue<size_in_session> small_;
};

} // namespace ussl
