// Splits handshake records for a peer that asked for short ones (RFC 6066, 4: the limit also holds
// for the handshake), as the library does not. Only for records in plain text: each piece just gets
// a header.
#pragma once

#include "staging.hpp"

#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl::mbedtls {

class Splitter {
public:
    static bool must_split(Bytes record, std::size_t limit) {
        if (record.size() <= header_size + limit) return false;
        const RecordHeader header(record.data());
        return header.type() == content_type::handshake && header.record_size() == record.size();
    }

    // Within a record: the library then offers the rest of it.
    bool under_way() const { return left_ != 0; }

    // Sends the next piece of a record; returns how many bytes of the record. 0: not yet, as of
    // Staging::send().
    std::size_t send(Staging& staging, Bytes record, std::size_t limit) {
        const std::size_t skipped = under_way() ? 0 : header_size;
        std::size_t size = record.size() - skipped;
        if (size > limit) size = limit;
        const std::size_t room = staging.room(header_size + size);
        if (room < header_size + size) {
            if (!staging.output().empty()) return 0;
            size = room - header_size;
        }
        if (!under_way()) {
            std::memcpy(header_, record.data(), header_size);
            left_ = RecordHeader(header_).length();
        }
        write16(header_ + header_size - 2, static_cast<std::uint32_t>(size));
        staging.send(Bytes{header_});
        staging.send(record.subspan(skipped, size));
        left_ -= size;
        return skipped + size;
    }

private:
    static constexpr std::size_t header_size = RecordHeader::size;

    std::uint8_t header_[header_size] = {};
    std::size_t left_ = 0; // of the record's contents
};

} // namespace ussl::mbedtls
