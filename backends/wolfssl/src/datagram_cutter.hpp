// Makes several datagrams of one that is larger than the path takes. wolfSSL makes its flights for
// one size, and keeps them so for the next time.
//
// Messages of the handshake in plain text may be cut at any place (RFC 6347, 4.2.3); what is
// protected stays as it is, and is short. Each piece is a record, with a number of its own: those
// of the records behind it grow by as many.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::wolfssl {

class DatagramCutter {
public:
    // `more_numbers`: of records in plain text that were cut off earlier ones. What does not fit
    // into `into` is only counted.
    DatagramCutter(std::size_t limit, std::uint16_t more_numbers, MutableBytes into)
        : limit_(limit), more_numbers_(more_numbers), into_(into) {}

    // Writes the datagrams one behind the other, two bytes with its size in front of each. Returns
    // how many bytes that takes. To be called once.
    std::size_t cut(Bytes datagram);

    std::uint16_t more_numbers() const { return more_numbers_; }

private:
    static constexpr std::size_t prefix = 2;

    void cut_message(Bytes record, MessageFragment fragment);
    void add(Bytes like, Bytes of_message, Bytes content);
    // In the datagram under way, which a single record may exceed.
    std::size_t room() const {
        const std::size_t taken = size_ - begin_ - prefix;
        return taken < limit_ ? limit_ - taken : 0;
    }
    void put(Bytes bytes);
    void begin();
    void end();

    std::size_t limit_;
    std::uint16_t more_numbers_;
    MutableBytes into_;
    std::size_t begin_ = 0, size_ = 0; // of the datagram under way; of all
};

} // namespace ussl::wolfssl
