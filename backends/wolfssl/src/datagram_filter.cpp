#include "datagram_filter.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl::wolfssl {
namespace {

constexpr std::size_t record_header = RecordHeader::size_of(true);

bool is_whole_client_hello(Bytes content) {
    WireReader messages(content);
    MessageFragment hello;
    return hello.take(messages) && hello.type == handshake_type::client_hello &&
           hello.data.size() == hello.message_size && messages.at_end();
}

bool are_fragments(Bytes content) {
    WireReader messages(content);
    for (MessageFragment fragment; !messages.at_end();)
        if (!fragment.take(messages)) return false;
    return !messages.is_bad();
}

// RFC 5246, 7.3; RFC 5077, 3.1: what a server says in plain text when it resumes a session.
// Precondition: are_fragments().
bool may_be_abbreviated(Bytes content) {
    WireReader messages(content);
    for (MessageFragment fragment; !messages.at_end();) {
        fragment.take(messages);
        if (fragment.type != handshake_type::server_hello &&
            fragment.type != handshake_type::new_session_ticket)
            return false;
    }
    return true;
}

bool is_sound_in_plain_text(unsigned type, Bytes content) {
    switch (type) {
    case content_type::change_cipher_spec: return content.size() == 1 && content[0] == 1;
    case content_type::alert: return content.size() == alert_size;
    case content_type::handshake: return are_fragments(content);
    default: return false;
    }
}

bool is_for_us(const RecordHeader& header, Bytes content, DatagramStage stage,
               std::size_t overhead) {
    if (!content_type::is_known(header.type()) || content.empty()) return false;
    // DTLS 1.0's number stands in HelloVerifyRequest, and before the version is agreed.
    if (header.version() != dtls1_2_on_wire && header.version() != dtls1_0_on_wire) return false;
    if (header.epoch() != 0)
        return stage != DatagramStage::unverified && content.size() >= overhead;
    switch (stage) {
    case DatagramStage::unverified:
        return header.type() == content_type::handshake && is_whole_client_hello(content);
    case DatagramStage::keyless:
        return header.type() != content_type::change_cipher_spec &&
               is_sound_in_plain_text(header.type(), content);
    case DatagramStage::resuming:
    case DatagramStage::handshaking: return is_sound_in_plain_text(header.type(), content);
    default: return false;
    }
}

} // namespace

std::size_t filter_datagram(MutableBytes datagram, DatagramStage stage, std::size_t overhead) {
    std::size_t left = 0;
    for (std::size_t at = 0; datagram.size() - at >= record_header;) {
        const RecordHeader header(datagram.data() + at, true);
        const std::size_t size = header.record_size();
        if (size > datagram.size() - at) break;
        const Bytes record = datagram.subspan(at, size), content = record.subspan(record_header);
        at += size;
        if (!is_for_us(header, content, stage, overhead)) continue;
        if (stage == DatagramStage::resuming && header.type() == content_type::handshake &&
            header.epoch() == 0 && !may_be_abbreviated(content))
            stage = DatagramStage::keyless;
        std::memmove(datagram.data() + left, record.data(), size);
        left += size;
    }
    return left;
}

} // namespace ussl::wolfssl
