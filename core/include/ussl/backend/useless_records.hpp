// A bound on records that bring nothing: warnings, empty ones, ChangeCipherSpecs, HelloRequests,
// KeyUpdates. A peer may send them (RFC 5246, 6.2.1, 7.2, 7.4.1.1; RFC 8446, 4.6.3, 5, 6.1), and
// each costs it less than the one who reads it. No library bounds them all.
#pragma once

#include "ussl/backend/record.hpp"

namespace ussl {

// Of a stream's records in a row, which the next with plain bytes ends; within the handshake, of
// all of them. What they are is told by their headers: in TLS 1.3 by their lengths (RFC 8446, 5.2),
// and later by what they brought.
class UselessRecords {
public:
    // More than peers have a reason for. What BoringSSL lets pass, which browsers hold to.
    static constexpr unsigned most_warnings = 4, most_others = 32;
    // In TLS 1.3 with what may be pieces of messages: as many as a large ticket has bytes.
    static constexpr unsigned most_pieces = 4096;

    // `bytes` have come. `suite`: 0 within the handshake.
    void see(Bytes bytes, std::uint16_t suite);

    // All that was seen has been opened, and brought plain bytes, or none.
    void opened(bool brought_data) {
        if (!brought_data) return judge();
        warnings_ = others_ = 0;
        pieces_ = 0;
    }

    bool are_too_many() const { return too_many_; }

private:
    void see_header(std::uint16_t suite);
    void judge();

    std::uint8_t header_[RecordHeader::size] = {};
    std::uint8_t in_header_ = 0; // bytes of it that have come
    bool may_be_hello_request_ = false;
    bool too_many_ = false;
    std::uint8_t warnings_ = 0, others_ = 0;
    std::uint16_t pieces_ = 0;
    std::uint16_t left_ = 0; // of the record's body
};

} // namespace ussl
