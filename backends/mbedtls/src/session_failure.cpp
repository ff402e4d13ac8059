// Why a session failed, and the alert that tells the peer.
#include "session_engine.hpp"

#include "errors.hpp"
#include "received_message.hpp"

#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl::mbedtls {

// The meaning of a failure after a client offered a key: either its identity is unknown and there
// is no other way (TLS 1.3), or something that depends on the key is wrong: the binder (RFC 8446,
// 4.2.11.2) or the client's Finished (TLS 1.2).
Err Traits::SessionEngine::psk_error() const {
    const int state = ssl_.MBEDTLS_PRIVATE(state);
    // The library finds a wrong binder while it prepares a HelloRetryRequest.
    const bool at_hello =
        state == MBEDTLS_SSL_CLIENT_HELLO || state == MBEDTLS_SSL_HELLO_RETRY_REQUEST;
    const bool at_finished = state == MBEDTLS_SSL_CLIENT_FINISHED && by_psk();
    const bool no_way = error_.code == Err::handshake_failure || error_.code == Err::bad_message;
    if (psk_unknown_ && at_hello && no_way) return Err::unknown_psk;
    if (psk_found_ && (at_hello || at_finished) && error_.code == Err::bad_record)
        return Err::unknown_psk;
    return error_.code;
}

void Traits::SessionEngine::send_alert(Alert alert) {
    if (staging_.holding()) {
        alert_waits_ = true;
        return;
    }
    const auto send = [this, alert] {
        mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                       static_cast<unsigned char>(alert));
    };
    sending_ = true;
    // If the library has messages that it has not sent yet, it sends those instead of the alert.
    if (ssl_.MBEDTLS_PRIVATE(out_left) != 0) send();
    // A server whose client's key share is invalid has already made a ServerHello. An alert after
    // that would have to be encrypted.
    if (features::tls1_3 && step_ == MBEDTLS_SSL_SERVER_HELLO && setup_->role == Role::server &&
        version() == Version::tls1_3 && ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr &&
        !staging_.holding())
        staging_.drop_output();
    alert_waits_ = staging_.holding();
    if (!alert_waits_) {
        use_sending_keys();
        send();
        alert_sent_ = !staging_.holding();
    }
    sending_ = false;
}

// In TLS 1.3 both sides change keys at fixed points of the handshake (RFC 8446, 7.3 and A). mbedTLS
// changes its sending keys only when it sends a handshake message. An alert before that is
// encrypted with keys that the peer no longer expects, so the peer sees a bad record instead of the
// reason.
//
// A client has handshake keys after ServerHello; the library has one object for both directions.
bool Traits::SessionEngine::lacks_sending_keys() {
    return setup_->role == Role::client && !mbedtls_ssl_is_handshake_over(&ssl_) &&
           version() == Version::tls1_3 && ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr &&
           ssl_.MBEDTLS_PRIVATE(transform_in) != nullptr;
}

// After its Finished a server sends with the application keys.
void Traits::SessionEngine::use_sending_keys() {
#if USSL_TLS1_3
    mbedtls_ssl_transform*& keys = ssl_.MBEDTLS_PRIVATE(transform_out);
    mbedtls_ssl_transform* due = nullptr;
    if (setup_->role == Role::server)
        due = ssl_.MBEDTLS_PRIVATE(transform_application);
    else if (lacks_sending_keys())
        due = ssl_.MBEDTLS_PRIVATE(transform_in);
    if (due == nullptr || due == keys) return;
    // RFC 8446, D.4: before the first record that a client encrypts.
    static constexpr std::uint8_t change[] = {content_type::change_cipher_spec, 3, 3, 0, 1, 1};
    if (setup_->role == Role::client && !change_sent_) staging_.send(Bytes{change});
    keys = due;
    std::memset(ssl_.MBEDTLS_PRIVATE(cur_out_ctr), 0, sizeof ssl_.MBEDTLS_PRIVATE(cur_out_ctr));
#endif
}

// Gives back the number of the last record, which was encrypted with it but not sent.
void Traits::SessionEngine::take_back_number() {
    unsigned char* number = ssl_.MBEDTLS_PRIVATE(cur_out_ctr);
    for (std::size_t i = sizeof ssl_.MBEDTLS_PRIVATE(cur_out_ctr); i-- != 0;)
        if (number[i]-- != 0) break;
}

// The library may already be in the next state when a step fails, so step_ counts. Whose signature
// it is depends on the version: a client is in CERTIFICATE_VERIFY for its own signature in TLS 1.2,
// and for the server's in TLS 1.3.
During Traits::SessionEngine::during() const {
    const bool client = setup_->role == Role::client;
    switch (step_) {
    case own_work: return During::own_work;
    case MBEDTLS_SSL_CLIENT_HELLO: return client ? During::own_work : During::peer_message;
    case MBEDTLS_SSL_SERVER_CERTIFICATE:
        return client ? During::peer_certificate : During::own_work;
    case MBEDTLS_SSL_CLIENT_CERTIFICATE:
        return client ? During::own_work : During::peer_certificate;
    case MBEDTLS_SSL_SERVER_KEY_EXCHANGE:
        if (!client) return During::own_work;
        return library_alert_ == MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR ? During::peer_signature
                                                                     : During::peer_message;
    case MBEDTLS_SSL_CERTIFICATE_VERIFY:
        return client == (version() == Version::tls1_3) ? During::peer_signature : During::own_work;
    case MBEDTLS_SSL_CLIENT_CERTIFICATE_VERIFY:
        return client ? During::own_work : During::peer_signature;
    default: return During::peer_message;
    }
}

Status Traits::SessionEngine::fail(int code) {
    error_ = session_error(code, ssl_, during());
    const bool told_by_peer = error_.code == Err::peer_alert;
    if (setup_->role == Role::server) error_.code = psk_error();
    if (stopped_ != Err::none) error_.code = stopped_;
    // The library carries on after some failures of a hook, with a wrong value, and then the peer
    // complains.
    if (!mbedtls_ssl_is_handshake_over(&ssl_) && Operation::resource_error() != Err::none)
        error_ = {Operation::resource_error(), 0, code};
    // The library stops at certificates that it cannot read. The rules say what is wrong with them.
    if (features::certificates && error_.code != Err::peer_alert && stopped_ == Err::none &&
        Operation::resource_error() == Err::none && is_at_peer_certificate() &&
        sent_certificates(ssl_).readable()) {
        const Err verdict = judge();
        if (verdict != Err::none) error_.code = verdict;
    }
    // The only alert of TLS 1.3 that the library sends at once.
    const bool has_told = code == MBEDTLS_ERR_SSL_INVALID_MAC && version() == Version::tls1_3 &&
                          ssl_.MBEDTLS_PRIVATE(transform_out) != nullptr;
    if (!told_by_peer && !has_told && !alert_seen_ && !alert_waits_) send_alert(alert_of_error());
    return Status::failed;
}

Status Traits::SessionEngine::refuse(Err why) {
    error_ = {why};
    send_alert(alert_of_error());
    return Status::failed;
}

Alert Traits::SessionEngine::alert_of_error() const {
    if (stopped_ != Err::none && error_.code == stopped_) return stopped_alert_;
    if (error_.code != Err::bad_message && error_.code != Err::bad_record)
        return alert_for(error_.code, setup_->role, version());
    // A Finished or a binder (RFC 8446, 4.4.4 and 4.2.11).
    if (error_.code == Err::bad_record)
        return error_.library == MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE ? Alert::decrypt_error
                                                                   : Alert::bad_record_mac;
    // The library distinguishes malformed messages from those with an illegal value, but not for
    // errors of its arithmetic.
    switch (library_alert_) {
    case 0:
        if (step_ == MBEDTLS_SSL_CLIENT_KEY_EXCHANGE && setup_->role == Role::server)
            return Alert::illegal_parameter;
        return is_of_arithmetic(error_.library) ? Alert::illegal_parameter : alert_for(error_.code);
    case MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR:
    case MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE: return Alert::illegal_parameter;
    default: return static_cast<Alert>(library_alert_);
    }
}

} // namespace ussl::mbedtls
