// Records on the wire: RFC 8446, 5.1 for TLS, RFC 6347, 4.1 for DTLS.
#pragma once

#include "ussl/backend/wire.hpp"
#include "ussl/features.hpp"
#include "ussl/protocol.hpp"

namespace ussl {

// ContentType, as plain numbers for libraries.
namespace content_type {
inline constexpr std::uint8_t change_cipher_spec = 20, alert = 21, handshake = 22,
                              application_data = 23, tls12_cid = 25;
// But tls12_cid (RFC 9146, 4), which hides the type.
constexpr bool is_known(unsigned type) {
    return type >= change_cipher_spec && type <= application_data;
}
} // namespace content_type

// The longest record in bytes: its plain text, and its protected contents in TLS 1.2 (RFC 5246,
// 6.2.3), which may be longer than in TLS 1.3.
inline constexpr std::size_t most_plaintext = 16384, most_ciphertext = 16384 + 2048;

// The version in record headers and in the first field of hellos. TLS 1.2 and 1.3 share one (RFC
// 8446, 4.1.2). DTLS 1.2 has its own, and uses DTLS 1.0's in HelloVerifyRequest and in records sent
// before the version is negotiated (RFC 6347, 4.2.1).
inline constexpr unsigned tls1_2_on_wire = 0x0303, dtls1_2_on_wire = 0xfefd,
                          dtls1_0_on_wire = 0xfeff, ssl3_on_wire = 0x0300;
constexpr unsigned version_on_wire(bool datagram) {
    return features::dtls && datagram ? dtls1_2_on_wire : tls1_2_on_wire;
}

// The version with this number in TLS (not DTLS). Version::none: not supported.
constexpr Version version_of(unsigned number) {
    const auto version = static_cast<Version>(number);
    return number <= 0xffff && (version == Version::tls1_2 || version == Version::tls1_3)
               ? version
               : Version::none;
}

// Reads a record header where it lies. The length is its last field; DTLS has epoch and record
// number before it, and between these and the length of a tls12_cid record is the connection ID.
class RecordHeader {
public:
    static constexpr std::size_t size = 5, datagram_size = 13;
    static constexpr std::size_t size_of(bool datagram) {
        return features::dtls && datagram ? datagram_size : size;
    }

    // Precondition: at least size_of(datagram) bytes; in front of length() and record_size(), all
    // of header_size(). `id_size`: bytes of the connection ID in tls12_cid records.
    constexpr explicit RecordHeader(const std::uint8_t* at, bool datagram = false,
                                    std::size_t id_size = 0)
        : at_(at),
          size_(size_of(datagram) +
                (features::connection_id && datagram && at[0] == content_type::tls12_cid ? id_size
                                                                                         : 0)) {}

    constexpr unsigned type() const { return at_[0]; }
    constexpr unsigned version() const { return number16(at_ + 1); }
    // DTLS only. 0: plain text.
    constexpr unsigned epoch() const { return number16(at_ + 3); }
    constexpr std::size_t header_size() const { return size_; }
    // Bytes after the header, and bytes with it.
    constexpr std::size_t length() const { return number16(at_ + size_ - 2); }
    constexpr std::size_t record_size() const { return size_ + length(); }

private:
    const std::uint8_t* at_;
    std::size_t size_;
};

// --- Alerts (RFC 8446, 6): level and description ---

enum class AlertLevel : std::uint8_t { warning = 1, fatal = 2 };
inline constexpr std::size_t alert_size = 2;

// TLS 1.3 makes every error alert fatal, "regardless of the AlertLevel in the message".
constexpr bool is_error(unsigned level, unsigned alert, bool tls1_3) {
    return level == static_cast<unsigned>(AlertLevel::fatal) ||
           (tls1_3 && alert != static_cast<unsigned>(Alert::close_notify) &&
            alert != static_cast<unsigned>(Alert::user_canceled));
}

constexpr std::size_t plain_alert_size(bool datagram = false) {
    return RecordHeader::size_of(datagram) + alert_size;
}

// Whether `record` is exactly one record with an alert in plain text.
bool is_plain_alert(Bytes record, bool datagram = false);

// If the last record in `queued` is a fatal alert in plain text, replaces its description by
// `alert`. Returns whether it is one.
bool rewrite_alert(Bytes queued, Alert alert, bool datagram = false);

// Bytes of the authentication tag at the end of a record: 8 in the CCM_8 suites, else 16.
constexpr std::size_t tag_size(std::uint16_t suite) {
    const bool is_short = features::aes_ccm && (suite == 0x1305 || suite == 0xc0ae ||
                                                suite == 0xc0a8 || suite == 0xd003);
    return is_short ? 8 : 16;
}

// Bytes that a suite of TLS 1.2 adds to a record's contents: the tag and, with AES, an explicit
// nonce (RFC 5288, 3; RFC 6655, 3).
constexpr std::size_t expansion(std::uint16_t suite) {
    const bool is_chacha20 = suite >> 8 == 0xcc;
    return (is_chacha20 ? 0 : 8) + tag_size(suite);
}

} // namespace ussl
