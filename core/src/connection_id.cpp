#include "ussl/connection_id.hpp"

#include "ussl/backend/record.hpp"

namespace ussl {

Bytes connection_id_of(Bytes datagram, std::size_t size) {
    constexpr std::size_t before = RecordHeader::datagram_size - 2; // the ID is before the length
    if (!features::connection_id || datagram.size() < before + size + 2 ||
        datagram[0] != content_type::tls12_cid || number16(&datagram[1]) != dtls1_2_on_wire)
        return {};
    return datagram.subspan(before, size);
}

} // namespace ussl
