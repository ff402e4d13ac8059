// A ByteQueue of which, on hosts, a few bytes are in the session; all of it is on the heap of
// ussl::allocator() while more is needed: one process may have thousands of connections there. In
// firmware it is in the session, as the layer above the libraries allocates nothing there. What it
// is for, and when it is small again, is for those that derive from it.
#pragma once

#include "ussl/backend/byte_queue.hpp"
#include "ussl/environment.hpp"
#include "ussl/features.hpp"

#include <new>

namespace ussl {

template<std::size_t capacity>
class GrowingQueue {
public:
#if USSL_HOSTED
    static constexpr std::size_t size_in_session = capacity <= 512 ? capacity : 256;
#else
    static constexpr std::size_t size_in_session = capacity;
#endif

    GrowingQueue(const GrowingQueue&) = delete;
    GrowingQueue& operator=(const GrowingQueue&) = delete;

protected:
    using Large = ByteQueue<capacity>;

    GrowingQueue() = default;
    ~GrowingQueue() { drop_large(); }

    // A constant where all of it is in the session.
    bool is_large() const { return size_in_session != capacity && large_ != nullptr; }

    // false: there is no memory, and nothing has changed.
    bool move_to_heap() {
        void* const memory = ussl::allocate(sizeof(Large));
        if (memory == nullptr) return false;
        large_ = new (memory) Large();
        large_->append(small_.front());
        small_.consume(small_.size());
        return true;
    }
    void drop_large() {
        if (size_in_session == capacity) return;
        ussl::release(large_);
        large_ = nullptr;
    }

    Large* large_ = nullptr;
    ByteQueue<size_in_session> small_;
};

} // namespace ussl
