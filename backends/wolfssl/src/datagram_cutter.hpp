// Splits a datagram that is larger than the path allows. wolfSSL builds and stores its flights for
// one size.
//
// Handshake messages in plain text may be fragmented anywhere (RFC 6347, 4.2.3); protected records
// are short and stay as they are. Each fragment is a record with its own number, so the numbers of
// the records behind it grow.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/bytes.hpp"

#include <cstddef>
#include <cstdint>

namespace ussl::wolfssl {

class DatagramCutter {
public:
    // `more_numbers`: how many records in plain text earlier datagrams gained. Bytes that do not
    // fit into `into` are only counted. `id_size`: bytes of the connection ID in protected records.
    DatagramCutter(std::size_t limit, std::uint16_t more_numbers, std::size_t id_size,
                   MutableBytes into)
        : limit_(limit), id_size_(id_size), more_numbers_(more_numbers), into_(into) {}

    // Writes the datagrams one after the other, each preceded by its size in two bytes. Returns the
    // size of all. Call it once.
    std::size_t cut(Bytes datagram);

    std::uint16_t more_numbers() const { return more_numbers_; }

private:
    static constexpr std::size_t prefix = 2;

    void cut_message(Bytes record, MessageFragment fragment);
    void add(Bytes like, Bytes of_message, Bytes content);
    // In the current datagram; a single record may exceed it.
    std::size_t room() const {
        const std::size_t taken = size_ - begin_ - prefix;
        return taken < limit_ ? limit_ - taken : 0;
    }
    void put(Bytes bytes);
    void begin();
    void end();

    std::size_t limit_, id_size_;
    std::uint16_t more_numbers_;
    MutableBytes into_;
    std::size_t begin_ = 0, size_ = 0; // of the current datagram; of all
};

} // namespace ussl::wolfssl
