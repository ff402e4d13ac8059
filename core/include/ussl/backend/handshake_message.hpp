// Handshake messages (RFC 8446, 4; RFC 5246, 7.4), for libraries that show them but do not report
// what ussl's errors and rules need.
#pragma once

#include "ussl/backend/wire.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/path.hpp"

namespace ussl {

namespace handshake_type {
inline constexpr std::uint8_t client_hello = 1, server_hello = 2, hello_verify_request = 3,
                              new_session_ticket = 4, encrypted_extensions = 8, certificate = 11,
                              server_key_exchange = 12, certificate_request = 13,
                              server_hello_done = 14, certificate_verify = 15,
                              client_key_exchange = 16, finished = 20, key_update = 24;
} // namespace handshake_type

namespace extension_type {
inline constexpr unsigned server_name = 0, max_fragment_length = 1, status_request = 5,
                          supported_groups = 10, ec_point_formats = 11, signature_algorithms = 13,
                          application_layer_protocol_negotiation = 16,
                          signed_certificate_timestamp = 18, extended_master_secret = 23,
                          record_size_limit = 28, session_ticket = 35, pre_shared_key = 41,
                          early_data = 42, supported_versions = 43, cookie = 44,
                          psk_key_exchange_modes = 45, certificate_authorities = 47,
                          signature_algorithms_cert = 50, key_share = 51, connection_id = 54,
                          renegotiation_info = 0xff01;
} // namespace extension_type

// Type and length; with datagrams also the message's number and the fragment's position (RFC 6347,
// 4.2.2).
constexpr std::size_t message_header_size(bool datagram) {
    return features::dtls && datagram ? 1 + 3 + 2 + 3 + 3 : 1 + 3;
}

// A handshake message in a datagram, or a fragment of it (RFC 6347, 4.2.2).
struct MessageFragment {
    unsigned type;
    std::size_t message_size;
    unsigned number; // message_seq
    std::size_t begin;
    Bytes data;

    // Takes the next one from the front of `messages`. false: there is none, or it is cut short.
    bool take(WireReader& messages);

    bool is_whole() const { return data.size() == message_size; }

    // Copies `data` to its place in `message`. `has` holds one bit for each byte that has come.
    // Returns how many bytes are new.
    std::size_t put(std::uint8_t* message, std::uint8_t* has) const;
};

// Writes the header of a whole message for a datagram.
void write_message_header(WireWriter& into, unsigned type, std::size_t size, unsigned number);

// Finds an extension (RFC 8446, 4.2) and points `data` to its contents. false: there is none.
bool find_extension(Bytes extensions, unsigned type, Bytes& data);

// Whether the first field of a ClientHello, which names another version, stands for TLS 1.2: a
// higher version does (RFC 8446, 4.1.2 and D.2; RFC 5246, E.1), whose number is lower over
// datagrams (RFC 6347, 4.1), and one of TLS where supported_versions lists TLS 1.2 or 1.3, which
// then decides (4.2.1). SSL 3.0 is refused in any case (D.5).
bool stands_for_tls1_2(Bytes hello, bool datagram = false);

// The largest message that is accepted from a peer, including its header, on every backend; a
// larger one is Err::message_too_large. And the largest own Certificate message: it fits into one
// record.
inline constexpr std::size_t max_message = 1 + 3 + USSL_HANDSHAKE_MESSAGE;
inline constexpr std::size_t max_own_certificates = 16384;

// The certificates of a Certificate message, the peer's own first.
class SentCertificates {
public:
    // `contents`: of the message, without its header. Keep them as long as this object.
    SentCertificates(const Bytes& contents, bool tls1_3);

    bool readable() const { return readable_; }

    std::span<const Bytes> all() const { return {certificates_, count_}; }

private:
    Bytes certificates_[x509::max_sent_certificates];
    std::size_t count_ = 0;
    bool readable_ = false;
};

} // namespace ussl
