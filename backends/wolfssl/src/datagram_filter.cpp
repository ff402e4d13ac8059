#include "datagram_filter.hpp"

#include "ussl/protocol.hpp"

#include <cstring>

namespace ussl::wolfssl {
namespace {

// RFC 6347, 4.1: type, version, epoch, sequence number, length.
constexpr std::size_t record_header = 1 + 2 + 2 + 6 + 2;
// RFC 6347, 4.2.2: type, length, number, offset and length of the fragment.
constexpr std::size_t message_header = 1 + 3 + 2 + 3 + 3;

constexpr std::uint8_t change_cipher_spec = 20, alert = 21, handshake = 22, application_data = 23;
constexpr std::uint8_t client_hello = 1, server_hello = 2, new_session_ticket = 4;

std::size_t number(Bytes big_endian) {
    std::size_t value = 0;
    for (const std::uint8_t byte : big_endian)
        value = value << 8 | byte;
    return value;
}

bool is_whole_client_hello(Bytes message) {
    return message.size() >= message_header && message[0] == client_hello &&
           number(message.subspan(1, 3)) == message.size() - message_header &&
           number(message.subspan(6, 3)) == 0 &&
           number(message.subspan(9, 3)) == message.size() - message_header;
}

bool are_fragments(Bytes messages) {
    while (!messages.empty()) {
        if (messages.size() < message_header) return false;
        const std::size_t length = number(messages.subspan(9, 3));
        if (number(messages.subspan(6, 3)) + length > number(messages.subspan(1, 3))) return false;
        messages = messages.subspan(message_header);
        if (messages.size() < length) return false;
        messages = messages.subspan(length);
    }
    return true;
}

// RFC 5246, 7.3; RFC 5077, 3.1: what a server says in plain text when it resumes a session.
// Precondition: are_fragments().
bool may_be_abbreviated(Bytes messages) {
    while (!messages.empty()) {
        if (messages[0] != server_hello && messages[0] != new_session_ticket) return false;
        messages = messages.subspan(message_header + number(messages.subspan(9, 3)));
    }
    return true;
}

bool is_sound_in_plain_text(std::uint8_t type, Bytes content) {
    switch (type) {
    case change_cipher_spec: return content.size() == 1 && content[0] == 1;
    case alert: return content.size() == 2;
    case handshake: return are_fragments(content);
    default: return false;
    }
}

bool is_for_us(Bytes record, DatagramStage stage, std::size_t overhead) {
    const std::uint8_t type = record[0];
    const Bytes content = record.subspan(record_header);
    if (type < change_cipher_spec || type > application_data || content.empty()) return false;
    // DTLS 1.0's number stands in HelloVerifyRequest, and before the version is agreed.
    const bool is_dtls = record[1] == 0xfe && (record[2] == 0xfd || record[2] == 0xff);
    if (!is_dtls) return false;
    if (number(record.subspan(3, 2)) != 0)
        return stage != DatagramStage::unverified && content.size() >= overhead;
    switch (stage) {
    case DatagramStage::unverified: return type == handshake && is_whole_client_hello(content);
    case DatagramStage::keyless:
        return type != change_cipher_spec && is_sound_in_plain_text(type, content);
    case DatagramStage::resuming:
    case DatagramStage::handshaking: return is_sound_in_plain_text(type, content);
    default: return false;
    }
}

} // namespace

bool is_plain_alert(Bytes record) {
    return record.size() == plain_alert_size && record[0] == alert &&
           number(record.subspan(3, 2)) == 0;
}

std::size_t filter_datagram(MutableBytes datagram, DatagramStage stage, std::size_t overhead) {
    std::size_t left = 0;
    for (std::size_t at = 0; datagram.size() - at >= record_header;) {
        const std::size_t size =
            record_header + number(datagram.subspan(at + record_header - 2, 2));
        if (size > datagram.size() - at) break;
        const Bytes record = datagram.subspan(at, size);
        at += size;
        if (!is_for_us(record, stage, overhead)) continue;
        if (stage == DatagramStage::resuming && record[0] == handshake &&
            number(record.subspan(3, 2)) == 0 && !may_be_abbreviated(record.subspan(record_header)))
            stage = DatagramStage::keyless;
        std::memmove(datagram.data() + left, record.data(), size);
        left += size;
    }
    return left;
}

} // namespace ussl::wolfssl
