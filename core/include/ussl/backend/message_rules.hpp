// What the RFCs have an endpoint refuse in the peer's handshake messages and libraries let pass,
// each in its own way: the form of hellos, and which extensions may stand where (RFC 8446, 4.1 to
// 4.4; RFC 5246, 7.4; RFC 8422, 5.1; RFC 5746, 3). An adapter shows each message here, whole and in
// plain text, before its library sees it. What the library checks well is left to it.
#pragma once

#include "ussl/backend/handshake_message.hpp"
#include "ussl/context.hpp"
#include "ussl/x509/certificate.hpp"

namespace ussl {

class MessageRules {
public:
    // Before the first message. `tls1_3`: whether the own side takes that version.
    void start(Role own, bool tls1_3) {
        own_ = own;
        takes_tls1_3_ = features::tls1_3 && tls1_3;
    }

    // A client's own ClientHello, each time that it sends one: servers may answer what it asks for.
    // `hello`: the message, its header not counted. Without it a server may answer anything.
    void sent_hello(Bytes hello);

    // Of the last ServerHello: whether it was a HelloRetryRequest.
    bool is_retry() const { return is_retry_; }

    // A message of the peer's, its header not counted. Err::none: the library may have it.
    // Otherwise alert() tells the peer.
    Err check(std::uint8_t type, Bytes body);
    Alert alert() const { return alert_; }

private:
    Err refuse(Alert alert, Err error = Err::bad_message) {
        alert_ = alert;
        return error;
    }
    Err check_server_hello(Bytes body);
    Err check_retry(Bytes extensions);
    Err check_answers(Bytes extensions, std::uint64_t allowed, Alert repeated);
    Err check_encrypted_extensions(Bytes body);
    Err check_certificate_request(Bytes body);
    Err check_certificate(Bytes body);
    Err check_certificate_verify(Bytes body);
    Err check_ticket(Bytes body);
    Err check_client_hello(Bytes body);
    Err check_client_extensions(Bytes extensions, bool tls1_3);
    bool offers(unsigned group, unsigned* index = nullptr) const;

    Role own_ = Role::client;
    bool takes_tls1_3_ = false;
    bool tls1_3_ = false; // agreed on, as a client sees it, or offered by the client
    bool is_retry_ = false, retried_ = false;
    bool takes_key_alone_ = false; // a pre-shared one, without a share (psk_ke; RFC 8446, 4.2.9)
    Alert alert_ = Alert::decode_error;
    x509::KeyKind key_ = x509::KeyKind::other; // of the peer's certificate, in TLS 1.3
    std::uint64_t offered_ = 0;                // types of extensions, as bits; 0: not known
#if USSL_CLIENT && USSL_TLS1_3
    std::uint16_t groups_[8];
    std::uint8_t group_count_ = 0;
    std::uint8_t shares_ = 0; // which of them, as bits
#endif
};

} // namespace ussl
