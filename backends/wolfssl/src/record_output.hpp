// Records on their way to the transport, in the order in which wolfSSL made them. Those with data
// are made where they stay until they are sent.
#pragma once

#include "record_memory.hpp"

#include "ussl/features.hpp"

#include <cstring>

namespace ussl::wolfssl {

class RecordOutput {
public:
    bool empty() const { return memory_.empty(); }

    // --- To the transport ---

    Bytes front() const { return memory_.stored(); }
    void consume(std::size_t count) { memory_.consume(count); }

    // --- From wolfSSL ---

    // Memory for records of `size` bytes in all, until settle(). Empty: there is none, until what
    // is stored has been sent if there is anything.
    MutableBytes lend(std::size_t size) {
        memory_.compact();
        if (memory_.space().size() < size && (!empty() || !memory_.reserve(size))) return {};
        return memory_.space();
    }
    // The next record was made there. False: it is somewhere else.
    bool accept(Bytes record) {
        if (record.data() != memory_.space().data()) return false;
        memory_.commit(record.size());
        return true;
    }
    // There are no more to be made there.
    void settle() {
        if (empty()) memory_.consume(0);
    }

    // Copies all of `bytes` and of `more` behind it, or nothing where they do not fit, or only with
    // memory that there is not, or that is not to be taken. Returns whether it did.
    bool append(Bytes bytes, bool may_allocate, Bytes more = {}) {
        const std::size_t size = memory_.stored().size() + bytes.size() + more.size();
        if (size > memory_.capacity() &&
            (size > USSL_FLIGHT_BUFFER || !may_allocate || !memory_.reserve(USSL_FLIGHT_BUFFER)))
            return false;
        memory_.compact();
        put(bytes);
        if (features::dtls && !more.empty()) put(more);
        return true;
    }

private:
    void put(Bytes bytes) {
        std::memcpy(memory_.space().data(), bytes.data(), bytes.size());
        memory_.commit(bytes.size());
    }

    // Datagrams have two bytes with their size in front of them there.
    RecordMemoryOf<USSL_FLIGHT_BUFFER> memory_;
};

} // namespace ussl::wolfssl
