#include "ussl/backend/handshake_message.hpp"

#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl {

bool MessageFragment::take(WireReader& messages) {
    type = messages.number(1);
    message_size = messages.number(3);
    number = messages.number(2);
    begin = messages.number(3);
    data = messages.vector(3);
    return !messages.is_bad() && begin + data.size() <= message_size;
}

std::size_t MessageFragment::put(std::uint8_t* message, std::uint8_t* has) const {
    std::memcpy(message + begin, data.data(), data.size());
    std::size_t first = 0;
    for (std::size_t i = begin; i < begin + data.size(); ++i) {
        const unsigned bit = 1U << i % 8;
        first += (has[i / 8] & bit) == 0;
        has[i / 8] = static_cast<std::uint8_t>(has[i / 8] | bit);
    }
    return first;
}

void write_message_header(WireWriter& into, unsigned type, std::size_t size, unsigned number) {
    into.number(type, 1);
    into.number(size, 3);
    into.number(number, 2);
    into.number(0, 3);
    into.number(size, 3);
}

bool find_extension(Bytes extensions, unsigned type, Bytes& data) {
    for (WireReader reader(extensions); !reader.at_end();) {
        const bool found = reader.number(2) == type;
        data = reader.vector(2);
        if (found) return !reader.is_bad();
    }
    return false;
}

bool stands_for_tls1_2(Bytes hello, bool datagram) {
    WireReader in(hello);
    const unsigned version = in.number(2);
    if (features::dtls && datagram) return !in.is_bad() && version < dtls1_2_on_wire;
    if (in.is_bad() || version >= tls1_2_on_wire) return version > tls1_2_on_wire;
    if (version <= ssl3_on_wire) return false;
    in.bytes(32);
    in.vector(1);
    in.vector(2);
    in.vector(1);
    Bytes data;
    if (!find_extension(in.vector(2), extension_type::supported_versions, data)) return false;
    WireReader versions(data);
    for (WireReader list(versions.vector(1)); !list.at_end();) {
        const unsigned listed = list.number(2);
        if (listed == tls1_2_on_wire || listed == tls1_2_on_wire + 1) return true;
    }
    return false;
}

// RFC 5246, 7.4.2: certificate_list. RFC 8446, 4.4.2: certificate_request_context, and a list of
// certificates with extensions.
SentCertificates::SentCertificates(const Bytes& contents, bool tls1_3) {
    const bool extended = features::tls1_3 && tls1_3;
    WireReader message(contents);
    if (extended) message.vector(1);
    WireReader list(message.vector(3));
    while (!list.at_end()) {
        const Bytes certificate = list.vector(3);
        if (extended) list.vector(2);
        if (count_ < x509::max_sent_certificates) certificates_[count_++] = certificate;
    }
    readable_ = message.ended_well() && !list.is_bad();
}

} // namespace ussl
