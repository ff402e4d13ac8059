// A ByteQueue for what comes from the transport. On hosts a few bytes of it are in the session; all
// of it is on the heap of ussl::allocator() from the first time that those did not suffice until
// rest(). Without heap it stays as small as it is, and works. In firmware it is in the session, as
// the layer above the libraries allocates nothing there.
#pragma once

#include "ussl/backend/byte_queue.hpp"
#include "ussl/environment.hpp"

#include <new>

namespace ussl {

template<std::size_t capacity>
class InputQueue {
public:
#if defined(__unix__) || defined(__APPLE__)
    static constexpr std::size_t size_in_session = capacity <= 512 ? capacity : 256;
#else
    static constexpr std::size_t size_in_session = capacity;
#endif

    InputQueue() = default;
    InputQueue(const InputQueue&) = delete;
    InputQueue& operator=(const InputQueue&) = delete;
    ~InputQueue() { drop_large(); }

    bool empty() const { return size() == 0; }
    std::size_t size() const { return is_large() ? large_->size() : small_.size(); }
    // How much it takes when it is empty.
    std::size_t whole() const { return is_large() ? capacity : size_in_session; }

    MutableBytes space() { return is_large() ? large_->space() : small_.space(); }
    void commit(std::size_t count) {
        if (is_large()) {
            large_->commit(count);
            return;
        }
        small_.commit(count);
        if (size_in_session != capacity && small_.size() == size_in_session) move_to_heap();
    }
    std::size_t take(MutableBytes into) {
        return is_large() ? large_->take(into) : small_.take(into);
    }

    void rest() {
        if (is_large() && large_->empty()) drop_large();
    }

private:
    using Large = ByteQueue<capacity>;

    // A constant where all of it is in the session.
    bool is_large() const { return size_in_session != capacity && large_ != nullptr; }

    void move_to_heap() {
        void* const memory = allocator().allocate(sizeof(Large));
        if (memory == nullptr) return;
        large_ = new (memory) Large();
        large_->append(small_.front());
        small_.consume(small_.size());
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
