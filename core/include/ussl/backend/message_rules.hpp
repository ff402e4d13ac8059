// Checks on the peer's handshake messages that the RFCs demand and that libraries omit, each in its
// own way: the form of hellos, and which extensions are allowed where (RFC 8446, 4.1 to 4.4; RFC
// 5246, 7.4; RFC 8422, 5.1; RFC 5746, 3). An adapter passes each message, whole and in plain text,
// before its library sees it. Checks that every library does well are left to the libraries.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record_size_limit.hpp"
#include "ussl/context.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl {

class MessageRules {
public:
    // Call it before the first message. `tls1_3`: whether this end supports it. `datagram`: hellos
    // are those of RFC 6347, 4.2.1.
    void start(Role own, bool tls1_3, bool datagram = false) {
        own_ = own;
        datagram_ = features::dtls && datagram;
        takes_tls1_3_ = features::tls1_3 && tls1_3;
    }

    // Clients: call it for each own ClientHello. A server may answer only what it asks for.
    // `hello`: the message without its header. If it is never called a server may answer anything.
    void sent_hello(Bytes hello);

#if USSL_RECORD_SIZE_LIMIT
    // Start it before the first message. check() reads the peer's extension into it.
    RecordSizeLimit& record_size_limit() { return record_size_limit_; }
    const RecordSizeLimit& record_size_limit() const { return record_size_limit_; }
#endif

    // Whether the last ServerHello was a HelloRetryRequest.
    bool is_retry() const { return is_retry_; }

    // Of the last ClientHello: whether early data follows, of which a server here takes none: what
    // does not open is to be skipped, up to `most_early_data` bytes (RFC 8446, 4.2.10).
    bool skips_early_data() const { return early_data_; }
    void end_early_data() { early_data_ = false; }
    static constexpr std::size_t most_early_data = 16384;

    // Of the last ClientHello: whether its connection ID is longer than max_connection_id. Then a
    // server negotiates none (RFC 9146, 3).
    bool has_long_connection_id() const { return features::connection_id && has_long_id_; }

    // The peer has sent data: its records without any are counted anew.
    void saw_data() { useless_ = 0; }

    // The peer has sent a record without content, where the adapter sees that. check() counts
    // KeyUpdates along with them.
    Err saw_useless();

    // Checks a message of the peer, without its header. Err::none: pass it to the library.
    // Otherwise send alert().
    Err check(std::uint8_t type, Bytes body);
    Alert alert() const { return alert_; }

    // For a library that takes points of other forms than the uncompressed one: after check(). In
    // the key exchange of TLS 1.2 (RFC 8422, 5.4.1); `by_psk`: the suite has an identity in front.
    Err check_exchanged_point(std::uint8_t type, Bytes body, bool by_psk);
    // In the shares of TLS 1.3's hellos (RFC 8446, 4.2.8.2).
    Err check_shared_points(std::uint8_t type, Bytes body);

private:
    Err refuse(Alert alert, Err error = Err::bad_message) {
        alert_ = alert;
        return error;
    }
    Err check_server_hello(Bytes body);
    Err check_retry(Bytes extensions);
    Err check_answers(Bytes extensions, std::uint64_t allowed, Alert repeated);
    Err check_encrypted_extensions(Bytes body);
    Err check_record_size_limit(Bytes extensions);
    Err check_certificate_request(Bytes body);
    Err check_key_of_suite(Bytes body);
    Err check_certificate(Bytes body);
    Err check_certificate_verify(Bytes body);
    Err check_ticket(Bytes body);
    Err check_key_update(Bytes body);
    Err check_client_hello(Bytes body);
    Err check_client_extensions(Bytes extensions, bool tls1_3);
    bool offers(unsigned group, unsigned* index = nullptr) const;

    Role own_ = Role::client;
    bool datagram_ = false;
    bool takes_tls1_3_ = false;
    bool tls1_3_ = false; // clients: negotiated; servers: offered by the client
    bool is_retry_ = false, retried_ = false;
    bool early_data_ = false, heard_hello_ = false; // as a server: of a ClientHello of TLS 1.3
    bool has_long_id_ = false;
    bool takes_key_alone_ = false; // psk_ke: a PSK without a key share (RFC 8446, 4.2.9)
    std::uint8_t useless_ = 0;     // in a row
    Alert alert_ = Alert::decode_error;
    x509::KeyKind key_ = x509::KeyKind::other; // of the peer's certificate, in TLS 1.3
    std::uint64_t offered_ = 0;                // extension types as bits; 0: unknown
#if USSL_RECORD_SIZE_LIMIT
    RecordSizeLimit record_size_limit_;
#endif
#if USSL_CLIENT && USSL_RSA
    std::uint16_t suite_ = 0; // of the ServerHello
#endif
#if USSL_CLIENT && USSL_TLS1_3
    std::uint16_t groups_[8];
    std::uint8_t group_count_ = 0;
    std::uint8_t shares_ = 0; // for which of them, as bits
#endif
};

} // namespace ussl
