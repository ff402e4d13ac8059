#include "hello_reader.hpp"

#include <iterator>

namespace ussl::bearssl {
namespace {

constexpr unsigned none = 64;

// The bit for an extension type.
unsigned bit_of(std::uint32_t extension) {
    if (extension < 63) return static_cast<unsigned>(extension);
    return extension == extension_type::renegotiation_info ? 63 : none;
}

} // namespace

void HelloReader::feed(Bytes bytes, bool from_server) {
    for (const std::uint8_t byte : bytes) {
        if (field_ == Field::none) return;
        if (skip_ != 0) {
            --skip_;
        } else {
            value_ = value_ << 8 | byte;
            if (--wanted_ == 0) {
                const bool was_header = field_ == Field::header;
                take(value_, from_server);
                if (was_header) continue; // the header does not count itself
            }
        }
        if (field_ != Field::header && --left_ == 0) field_ = Field::none;
    }
}

void HelloReader::take(std::uint32_t value, bool from_server) {
    constexpr std::uint32_t version_and_random = 2 + 32, all_extensions = 2;
    constexpr std::uint32_t name_header = 2 + 1 + 2; // RFC 6066, 3
    switch (field_) {
    case Field::header:
        left_ = value & 0xffffff;
        is_too_large_ = left_ > USSL_HANDSHAKE_MESSAGE;
        next(left_ != 0 ? Field::session_id : Field::none, 1, version_and_random);
        break;
    case Field::session_id:
        if (from_server) // it has chosen one suite and one compression method
            next(Field::extension_type, 2, value + 3 + all_extensions);
        else
            next(Field::suites, 2, value);
        break;
    case Field::suites: next(Field::compressions, 1, value); break;
    case Field::compressions: next(Field::extension_type, 2, value + all_extensions); break;
    case Field::extension_type:
        note(value);
        if (value == extension_type::ec_point_formats && !from_server)
            next(Field::point_formats, 3, 0);
        else if (features::alpn && features::server && !from_server &&
                 value == extension_type::application_layer_protocol_negotiation)
            next(Field::protocols, 4, 0);
        else
            next(value == extension_type::server_name && !from_server ? Field::server_name
                                                                      : Field::extension,
                 2, 0);
        break;
    case Field::server_name:
        is_bad_ = is_bad_ || value <= name_header;
        server_name_size_ = static_cast<std::uint16_t>(value - name_header);
        next(Field::name_list, 3, 0);
        break;
    case Field::name_list: // its size, and the type of its only name
        is_bad_ = is_bad_ || value != (server_name_size_ + 3u) << 8;
        next(Field::host_name, 2, 0);
        break;
    case Field::host_name:
        is_bad_ = is_bad_ || value != server_name_size_;
        next(Field::extension_type, 2, value);
        break;
    case Field::point_formats: // of the extension, and of the list in it
        formats_ = static_cast<std::uint8_t>(value);
        is_bad_ = is_bad_ || formats_ == 0 || value >> 8 != formats_ + 1u;
        next(Field::point_format, 1, 0);
        break;
    case Field::point_format:
        has_uncompressed_ = has_uncompressed_ || value == 0;
        if (--formats_ != 0) {
            next(Field::point_format, 1, 0);
            break;
        }
        is_bad_ = is_bad_ || !has_uncompressed_;
        next(Field::extension_type, 2, 0);
        break;
#if USSL_ALPN && USSL_SERVER
    case Field::protocols: // of the extension, and of the list in it
        protocols_ = static_cast<std::uint16_t>(value);
        is_bad_ = is_bad_ || protocols_ == 0 || value >> 16 != protocols_ + 2u;
        next(Field::protocol, 1, 0);
        break;
    case Field::protocol:
        if (value == 0 || value + 1 >= protocols_) {
            is_bad_ = is_bad_ || value == 0 || value + 1 != protocols_;
            next(Field::extension_type, 2, value);
            break;
        }
        protocols_ = static_cast<std::uint16_t>(protocols_ - 1 - value);
        next(Field::protocol, 1, value);
        break;
#endif
    default: next(Field::extension_type, 2, value); break;
    }
}

void HelloReader::next(Field field, std::uint8_t size, std::uint32_t after) {
    field_ = field;
    wanted_ = size;
    skip_ = after;
    value_ = 0;
}

void HelloReader::note(std::uint32_t extension) {
    const unsigned bit = bit_of(extension);
    if (bit == none) {
#if USSL_SERVER
        for (unsigned i = 0; i < other_count_; ++i)
            is_bad_ = is_bad_ || others_[i] == extension;
        if (other_count_ < std::size(others_))
            others_[other_count_++] = static_cast<std::uint16_t>(extension);
#endif
        return;
    }
    std::uint32_t& word = seen_[bit / 32];
    const std::uint32_t mask = std::uint32_t{1} << bit % 32;
    if ((word & mask) != 0) is_bad_ = true;
    word |= mask;
}

bool HelloReader::has(unsigned extension) const {
    const unsigned bit = bit_of(extension);
    return bit != none && (seen_[bit / 32] >> bit % 32 & 1) != 0;
}

} // namespace ussl::bearssl
