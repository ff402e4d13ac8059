// Room for one record. On hosts, where one process may have thousands of connections, a short
// record lies in the session, and a long one on the heap of ussl::allocator(): a connection that is
// idle holds none of that. In firmware all of it is in the session, as the layer above the
// libraries allocates nothing there.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"
#include "ussl/features.hpp"

#include <cstddef>
#include <cstring>

namespace ussl {

template<std::size_t capacity>
class RecordBuffer {
public:
#if USSL_HOSTED
    static constexpr std::size_t size_in_session = capacity <= 512 ? capacity : 512;
#else
    static constexpr std::size_t size_in_session = capacity;
#endif

    static constexpr bool all_in_session = size_in_session == capacity;

    RecordBuffer() = default;
    RecordBuffer(const RecordBuffer&) = delete;
    RecordBuffer& operator=(const RecordBuffer&) = delete;
    ~RecordBuffer() { shrink(); }

    bool is_whole() const { return all_in_session || large_ != nullptr; }
    std::uint8_t* data() { return all_in_session || large_ == nullptr ? small_ : large_; }
    std::size_t size() const { return is_whole() ? capacity : size_in_session; }

    // Makes it a whole one, with the first `used` bytes as they were. false: there is no memory,
    // and nothing has changed.
    bool grow(std::size_t used) {
        if (is_whole()) return true;
        auto* const memory = static_cast<std::uint8_t*>(ussl::allocate(capacity));
        if (memory == nullptr) return false;
        if (used != 0) std::memcpy(memory, small_, used);
        large_ = memory;
        return true;
    }

    // Wipes what it has on the heap, and gives it back. What was in there is lost.
    void shrink() {
        if (all_in_session || large_ == nullptr) return;
        wipe({large_, capacity});
        ussl::release(large_);
        large_ = nullptr;
    }

private:
    std::uint8_t* large_ = nullptr;
    std::uint8_t small_[size_in_session];
};

} // namespace ussl
