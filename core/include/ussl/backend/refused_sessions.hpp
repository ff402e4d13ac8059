// Stored sessions that a handshake has failed with, of a context's clients: not offered again, so
// that a session that does not serve is never worse than none, whatever the peer's reason is, and
// whoever made the mistake.
#pragma once

#include "ussl/backend/threads.hpp"
#include "ussl/bytes.hpp"

#include <cstdint>

namespace ussl {

class RefusedSessions {
public:
    // Stands for stored data, by the digest that it begins with (ResumptionFrame). Two of different
    // data are the same once in 65,536 times: that costs a full handshake. 0: none.
    using Mark = std::uint16_t;
    static Mark mark_of(Bytes framed);

    void add(Mark mark);
    bool has(Mark mark) const;

private:
    static constexpr std::size_t count = 8; // servers that a context has trouble with, in turn

    [[no_unique_address]] mutable Mutex mutex_;
    Mark marks_[count] = {};
    std::uint8_t next_ = 0;
};

} // namespace ussl
