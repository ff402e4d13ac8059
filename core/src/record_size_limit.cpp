#include "ussl/backend/record_size_limit.hpp"

#include "ussl/backend/record.hpp"

#include <algorithm>

#if USSL_RECORD_SIZE_LIMIT

namespace ussl {
namespace {

std::size_t plain_bytes(unsigned announced, bool tls1_3) {
    return std::min<std::size_t>(announced - (features::tls1_3 && tls1_3), most_plaintext);
}

} // namespace

std::uint16_t RecordSizeLimit::announce(bool tls1_2, bool tls1_3) {
    if (plain_ == 0) return 0;
    const bool with_type = features::tls1_3 && tls1_3 && (!tls1_2 || plain_ == most_plaintext);
    own_ = static_cast<std::uint16_t>(plain_ + with_type);
    return own_;
}

// RFC 8449, 4. A number above the protocol's limit may be of a version that this end does not know.
Alert RecordSizeLimit::read(Bytes data) {
    if (data.size() != 2) return Alert::decode_error;
    peers_ = static_cast<std::uint16_t>(number16(data.data()));
    return peers_ < least_record_size_limit ? Alert::illegal_parameter : Alert::close_notify;
}

std::size_t RecordSizeLimit::for_peer(bool tls1_3) const {
    return is_agreed() ? plain_bytes(peers_, tls1_3) : most_plaintext;
}

std::size_t RecordSizeLimit::for_both(bool tls1_3) const {
    return is_agreed() ? plain_bytes(std::min(own_, peers_), tls1_3) : most_plaintext;
}

std::size_t RecordSizeLimit::added(std::uint16_t suite, bool tls1_3) {
    return features::tls1_3 && tls1_3 ? tag_size(suite) : expansion(suite);
}

} // namespace ussl

#endif
