#include "ussl/backend/record.hpp"

namespace ussl {

bool is_plain_alert(Bytes record, bool datagram) {
    if (record.size() != plain_alert_size(datagram)) return false;
    const RecordHeader header(record.data(), datagram);
    const bool is_datagram = features::dtls && datagram;
    return header.type() == content_type::alert && header.length() == alert_size &&
           header.version() >> 8 == version_on_wire(datagram) >> 8 &&
           (!is_datagram || header.epoch() == 0);
}

bool rewrite_alert(Bytes queued, Alert alert, bool datagram) {
    const std::size_t size = plain_alert_size(datagram);
    if (queued.size() < size) return false;
    const Bytes last = queued.last(size);
    if (!is_plain_alert(last, datagram) ||
        last[size - alert_size] != static_cast<std::uint8_t>(AlertLevel::fatal))
        return false;
    const_cast<std::uint8_t&>(last.back()) = static_cast<std::uint8_t>(alert);
    return true;
}

} // namespace ussl
