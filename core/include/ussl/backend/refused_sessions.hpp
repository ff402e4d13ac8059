// Stored sessions of a context's clients with which a handshake has failed. They are not offered
// again: so a stored session is never worse than none, whatever made the peer refuse it.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/bytes.hpp"

#include <cstdint>

namespace ussl {

class RefusedSessions {
public:
    // Identifies stored data by the start of its digest (ResumptionFrame). Equal marks of different
    // data cost a full handshake: with 32 bits nobody sees one. 0: none.
    using Mark = std::uint32_t;
    static Mark mark_of(Bytes framed);

    void add(Mark mark);
    bool has(Mark mark) const;

private:
    static constexpr std::size_t count = 8; // how many failing servers a context remembers

    [[no_unique_address]] mutable Mutex mutex_;
    Mark marks_[count] = {};
    std::uint8_t next_ = 0;
};

} // namespace ussl
