#include "datagram_cutter.hpp"

#include <cstring>

namespace ussl::wolfssl {

#if USSL_DTLS

namespace {

constexpr std::size_t record_header = RecordHeader::datagram_size;
constexpr std::size_t message_header = message_header_size(true);
// A smaller piece goes into the next datagram.
constexpr std::size_t least = 32;

} // namespace

std::size_t DatagramCutter::cut(Bytes datagram) {
    begin();
    while (datagram.size() >= record_header) {
        const RecordHeader header(datagram.data(), true, id_size_);
        const Bytes record = datagram.first(header.record_size());
        const Bytes content = record.subspan(header.header_size());
        datagram = datagram.subspan(record.size());
        WireReader messages(content);
        MessageFragment fragment;
        if (header.epoch() == 0 && header.type() == content_type::handshake)
            while (fragment.take(messages))
                cut_message(record, fragment);
        else
            add(record, {}, content);
    }
    end();
    return size_;
}

// As one record, if it fits.
void DatagramCutter::cut_message(Bytes record, MessageFragment fragment) {
    bool is_first = true;
    do {
        if (room() < record_header + message_header + least &&
            room() < record_header + message_header + fragment.data.size()) {
            end();
            begin();
        }
        const std::size_t fits = room() - record_header - message_header;
        const std::size_t size = fragment.data.size() < fits ? fragment.data.size() : fits;
        std::uint8_t header[message_header];
        WireWriter writer(header);
        writer.number(fragment.type, 1);
        writer.number(fragment.message_size, 3);
        writer.number(fragment.number, 2);
        writer.number(fragment.begin, 3);
        writer.number(size, 3);
        if (!is_first) ++more_numbers_;
        is_first = false;
        add(record, Bytes{header}, fragment.data.first(size));
        fragment.begin += size;
        fragment.data = fragment.data.subspan(size);
    } while (!fragment.data.empty());
}

// Adds a record with a header like `like`.
void DatagramCutter::add(Bytes like, Bytes of_message, Bytes content) {
    const std::size_t length = of_message.size() + content.size();
    const std::size_t header_size = RecordHeader(like.data(), true, id_size_).header_size();
    if (room() < header_size + length && size_ != begin_ + prefix) {
        end();
        begin();
    }
    std::uint8_t header[record_header + (features::connection_id ? max_connection_id : 0)];
    std::memcpy(header, like.data(), header_size);
    constexpr std::size_t number_at = record_header - 2 - 4; // its last four bytes
    if (RecordHeader(header, true).epoch() == 0)
        write32(header + number_at, number32(header + number_at) + more_numbers_);
    write16(header + header_size - 2, static_cast<std::uint32_t>(length));
    put(Bytes{header}.first(header_size));
    put(of_message);
    put(content);
}

void DatagramCutter::put(Bytes bytes) {
    if (!bytes.empty() && size_ + bytes.size() <= into_.size())
        std::memcpy(into_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
}

void DatagramCutter::begin() {
    begin_ = size_;
    size_ += prefix;
}

void DatagramCutter::end() {
    if (size_ <= into_.size())
        write16(into_.data() + begin_, static_cast<std::uint32_t>(size_ - begin_ - prefix));
}

#endif

} // namespace ussl::wolfssl
