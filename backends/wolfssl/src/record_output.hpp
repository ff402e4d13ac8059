// Records on their way to the transport, in the order in which wolfSSL made them. Those with data
// are made where they stay until they are sent.
#pragma once

#include "ussl/backend/flight_queue.hpp"
#include "ussl/bytes.hpp"
#include "ussl/environment.hpp"
#include "ussl/features.hpp"

#include <cstdint>

namespace ussl::wolfssl {

class RecordOutput {
public:
    RecordOutput() = default;
    ~RecordOutput() { drop_long(); }
    RecordOutput(const RecordOutput&) = delete;
    RecordOutput& operator=(const RecordOutput&) = delete;

    // --- To the transport ---

    bool empty() const { return flight_.empty() && long_ == nullptr; }
    Bytes front() const {
        return flight_.empty() ? Bytes{long_ + long_begin_, long_end_ - long_begin_}
                               : flight_.front();
    }
    void consume(std::size_t count) {
        if (!flight_.empty()) {
            flight_.consume(count);
            return;
        }
        long_begin_ += count;
        if (long_begin_ == long_end_) drop_long();
    }

    // --- From wolfSSL ---

    // A long record waits: nothing can be put behind it.
    bool is_full() const { return long_ != nullptr; }

    // As of FlightQueue.
    bool append(Bytes bytes, bool may_allocate, Bytes more = {}) {
        return !is_full() && flight_.append(bytes, may_allocate, more);
    }

    // Memory for records of `size` bytes in all: in the flight, or of its own, until settle().
    // Empty: there is none. Precondition: not full.
    MutableBytes lend(std::size_t size) {
        const MutableBytes room = flight_.space();
        if (room.size() >= size) return room;
        long_ = static_cast<std::uint8_t*>(ussl::allocate(size));
        return {long_, long_ == nullptr ? 0 : size};
    }
    // The next record was made there. False: it is somewhere else.
    bool accept(Bytes record) {
        if (long_ != nullptr && record.data() == long_ + long_end_) {
            long_end_ += record.size();
            return true;
        }
        if (long_ != nullptr || record.data() != flight_.space().data()) return false;
        flight_.commit(record.size());
        return true;
    }
    // There are no more to be made there.
    void settle() {
        if (long_end_ == 0) drop_long();
    }

private:
    void drop_long() {
        ussl::release(long_);
        long_ = nullptr;
        long_begin_ = long_end_ = 0;
    }

    // Datagrams have two bytes with their size in front of them there.
    FlightQueue<USSL_FLIGHT_BUFFER> flight_;
    std::uint8_t* long_ = nullptr;
    std::size_t long_begin_ = 0, long_end_ = 0;
};

} // namespace ussl::wolfssl
