// Messages of the handshake (RFC 8446, 4; RFC 5246, 7.4), where a library shows them, and does not
// tell what ussl's errors and rules need to know of them.
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
                          session_ticket = 35, pre_shared_key = 41, early_data = 42,
                          supported_versions = 43, cookie = 44, psk_key_exchange_modes = 45,
                          certificate_authorities = 47, signature_algorithms_cert = 50,
                          key_share = 51, renegotiation_info = 0xff01;
} // namespace extension_type

// Type and length; over datagrams the message's number and what the fragment is of it besides (RFC
// 6347, 4.2.2).
constexpr std::size_t message_header_size(bool datagram) {
    return features::dtls && datagram ? 1 + 3 + 2 + 3 + 3 : 1 + 3;
}

// A message of the handshake over datagrams, or a part of it (RFC 6347, 4.2.2).
struct MessageFragment {
    unsigned type;
    std::size_t message_size;
    unsigned number; // message_seq
    std::size_t begin;
    Bytes data;

    // Takes the next one off the front of `messages`. false: there is none, or it does not fit.
    bool take(WireReader& messages);

    bool is_whole() const { return data.size() == message_size; }

    // Puts `data` in its place in `message`, whose bytes that have come `has` tells, a bit each.
    // Returns how many come for the first time.
    std::size_t put(std::uint8_t* message, std::uint8_t* has) const;
};

// The header of a whole message over datagrams.
void write_message_header(WireWriter& into, unsigned type, std::size_t size, unsigned number);

// Whether there is this extension among `extensions` (RFC 8446, 4.2); `data` is then what it holds.
bool find_extension(Bytes extensions, unsigned type, Bytes& data);

// The largest message of a peer's that is taken, its header counted, on every backend: a larger one
// is Err::message_too_large. And the largest own Certificate: one that fits into one record.
inline constexpr std::size_t max_message = 1 + 3 + USSL_HANDSHAKE_MESSAGE;
inline constexpr std::size_t max_own_certificates = 16384;

// The certificates of a Certificate message, the peer's own first.
class SentCertificates {
public:
    // `contents`: of the message, its header not counted; they must stay.
    SentCertificates(const Bytes& contents, bool tls1_3);

    bool readable() const { return readable_; }

    std::span<const Bytes> all() const { return {certificates_, count_}; }

private:
    Bytes certificates_[x509::max_sent_certificates];
    std::size_t count_ = 0;
    bool readable_ = false;
};

} // namespace ussl
