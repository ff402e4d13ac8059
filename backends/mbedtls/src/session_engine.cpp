#include "session_engine.hpp"

#include "context_engine.hpp"
#include "errors.hpp"
#include "hooks.hpp"
#include "sent_certificates.hpp"
#include "signature.hpp"
#include "suites.hpp"

#include <cstring>
#include <mbedtls/platform.h>

namespace ussl::mbedtls {
namespace {

constexpr std::size_t record_header = 5;
constexpr std::size_t max_psk_identity = 128; // as in PreSharedKey

// Whether the last of these records is an alert. In TLS 1.3 encrypted ones look like data (RFC
// 8446, 5.2): in a handshake, only an alert is as short as two bytes, their type and the tag.
bool end_with_alert(Bytes records) {
    std::uint8_t type = 0;
    std::size_t length = 0;
    while (records.size() >= record_header) {
        type = records[0];
        length = static_cast<std::size_t>(records[3] << 8 | records[4]);
        if (records.size() < record_header + length) break;
        records = records.subspan(record_header + length);
    }
    return type == MBEDTLS_SSL_MSG_ALERT ||
           (type == MBEDTLS_SSL_MSG_APPLICATION_DATA && length == 2 + 1 + 16);
}

} // namespace

Traits::SessionEngine::SessionEngine() { mbedtls_ssl_init(&ssl_); }

Traits::SessionEngine::~SessionEngine() {
    mbedtls_ssl_free(&ssl_);
    allocator().release(certificate_);
}

Error Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    context_ = &context;
    setup_ = &setup;
    begin_operation(context.environment());
    if (const int code = mbedtls_ssl_setup(&ssl_, &context.settings()); code != 0)
        return material_error(code, Err::internal);
    mbedtls_ssl_set_user_data_p(&ssl_, this);
    mbedtls_ssl_set_bio(&ssl_, this, on_send, on_receive, nullptr);
    return setup.role == Role::client ? set_server_name(setup.expectations.identity.sni) : Error{};
}

// Since 3.6.3 a client must set a name, or say that there is none. It is sent as server_name;
// whether the certificate is for the right host is for core/ to say, from another name.
Error Traits::SessionEngine::set_server_name(std::string_view name) {
    char text[MBEDTLS_SSL_MAX_HOST_NAME_LEN + 1];
    if (name.size() >= sizeof text) return {Err::invalid_argument};
    if (!name.empty()) std::memcpy(text, name.data(), name.size());
    text[name.size()] = 0;
    const int code = mbedtls_ssl_set_hostname(&ssl_, name.empty() ? nullptr : text);
    return code == 0 ? Error{} : material_error(code, Err::internal);
}

int Traits::SessionEngine::on_send(void* self, const unsigned char* data, std::size_t size) {
    auto& engine = *static_cast<SessionEngine*>(self);
    if (engine.alert_sent_) return static_cast<int>(size); // nothing follows an alert
    if (!engine.staging_.holding() && end_with_alert({data, size})) {
        // One that is not encrypted waits for fail(), which may know better why, or better keys.
        if (!engine.sending_ && engine.ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr) {
            engine.library_alert_ = data[size - 1];
            return static_cast<int>(size);
        }
        engine.alert_seen_ = true;
    }
    const std::size_t taken = engine.staging_.send({data, size});
    return taken != 0 ? static_cast<int>(taken) : MBEDTLS_ERR_SSL_WANT_WRITE;
}

int Traits::SessionEngine::on_receive(void* self, unsigned char* data, std::size_t size) {
    auto& engine = *static_cast<SessionEngine*>(self);
    const std::size_t count = engine.staging_.receive({data, size});
    return count != 0 ? static_cast<int>(count) : MBEDTLS_ERR_SSL_WANT_READ;
}

// The library has read the peer's Certificate in this state, when a step ends well.
bool Traits::SessionEngine::is_at_peer_certificate() const {
    const int state = ssl_.MBEDTLS_PRIVATE(state);
    return state == (setup_->role == Role::client ? MBEDTLS_SSL_SERVER_CERTIFICATE
                                                  : MBEDTLS_SSL_CLIENT_CERTIFICATE);
}

// Whether the keys are a pre-shared one's. In TLS 1.2 the suite says so. A handshake of TLS 1.3
// with such a key does not come to certificates (RFC 8446, 2.2).
bool Traits::SessionEngine::by_psk() const {
    if (!setup_->has_psk) return false;
    if (version() == Version::tls1_3) return !at_certificates_;
    const mbedtls_ssl_session* session = ssl_.MBEDTLS_PRIVATE(session_negotiate);
    if (session == nullptr) session = ssl_.MBEDTLS_PRIVATE(session);
    return session != nullptr &&
           uses_psk(static_cast<std::uint16_t>(session->MBEDTLS_PRIVATE(ciphersuite)));
}

int Traits::SessionEngine::on_psk(void*, mbedtls_ssl_context* ssl, const unsigned char* identity,
                                  std::size_t size) {
#if USSL_PSK && USSL_SERVER
    auto& engine = *static_cast<SessionEngine*>(mbedtls_ssl_get_user_data_p(ssl));
    const PskCallback& callback = engine.context_->psk_callback();
    Bytes key;
    engine.psk_found_ = size <= max_psk_identity &&
                        callback.find(callback.user, {identity, size}, &key) && !key.empty() &&
                        mbedtls_ssl_set_hs_psk(ssl, key.data(), key.size()) == 0;
    engine.psk_unknown_ = !engine.psk_found_;
    return engine.psk_found_ ? 0 : MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
#else
    static_cast<void>(ssl), static_cast<void>(identity), static_cast<void>(size);
    return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
#endif
}

// What a failure means after a client offered a key: that its identity is not known, so that there
// is no other way (TLS 1.3), or that what depends on the key does not fit: the binder (RFC 8446,
// 4.2.11.2), the client's Finished (TLS 1.2).
Err Traits::SessionEngine::psk_error() const {
    const int state = ssl_.MBEDTLS_PRIVATE(state);
    // The library sees the wrong binder when it is on the way to a HelloRetryRequest.
    const bool at_hello =
        state == MBEDTLS_SSL_CLIENT_HELLO || state == MBEDTLS_SSL_HELLO_RETRY_REQUEST;
    const bool at_finished = state == MBEDTLS_SSL_CLIENT_FINISHED && by_psk();
    const bool no_way = error_.code == Err::handshake_failure || error_.code == Err::bad_message;
    if (psk_unknown_ && at_hello && no_way) return Err::unknown_psk;
    if (psk_found_ && (at_hello || at_finished) && error_.code == Err::bad_record)
        return Err::unknown_psk;
    return error_.code;
}

Err Traits::SessionEngine::judge() {
    if (by_psk()) return Err::none;
    const SentCertificates message(ssl_);
    const std::span<const Bytes> sent = message.all();
    if (setup_->keep_peer_certificate && !sent.empty() && !keep_certificate(sent[0]))
        return Err::no_memory;
    judged_ = true;
    if (setup_->verify == Verify::none) return Err::none;
    if (sent.empty() && setup_->role == Role::server && setup_->verify == Verify::optional)
        return Err::none;
    const Err verdict = x509::verify_path(setup_->expectations, sent, is_signed_by);
    // A signature that there is no memory to check looks like a wrong one.
    const Err failure = hook_failure();
    return verdict != Err::none && failure != Err::none ? failure : verdict;
}

bool Traits::SessionEngine::keep_certificate(Bytes der) {
    if (certificate_ != nullptr) return true;
    certificate_ = static_cast<std::uint8_t*>(allocator().allocate(der.size()));
    if (certificate_ == nullptr) return false;
    std::memcpy(certificate_, der.data(), der.size());
    certificate_size_ = der.size();
    return true;
}

// For TLS 1.3 the library keeps all that the peer sent for as long as the session lasts. What is
// asked for was kept by judge().
void Traits::SessionEngine::drop_certificates() {
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    mbedtls_ssl_session* session = ssl_.MBEDTLS_PRIVATE(session);
    mbedtls_x509_crt*& peer = session->MBEDTLS_PRIVATE(peer_cert);
    mbedtls_x509_crt_free(peer);
    mbedtls_free(peer);
    peer = nullptr;
#endif
}

void Traits::SessionEngine::output_consume(std::size_t count) {
    staging_.output_consume(count);
    if (!staging_.held_are_sent()) return;
    // With output left, this sends no alert but lets the library see that its output is sent
    // (there is no public function that does only that).
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                   MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY);
    if (alert_waits_) {
        alert_waits_ = false;
        send_alert(alert_of_error());
    }
}

void Traits::SessionEngine::send_alert(Alert alert) {
    if (staging_.holding()) {
        alert_waits_ = true;
        return;
    }
    use_sending_keys();
    sending_ = true;
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   static_cast<unsigned char>(alert));
    sending_ = false;
    alert_sent_ = !staging_.holding();
}

// In TLS 1.3 both sides change keys at fixed points of the handshake (RFC 8446, 7.3 and A). mbedTLS
// changes the keys it sends with only when it has a handshake message to send: alerts before that
// are sent with keys that the peer no longer expects, who then sees a bad record instead of the
// reason.
//
// A client has handshake keys from ServerHello on; the library's object for them serves both
// directions.
bool Traits::SessionEngine::lacks_sending_keys() {
    return setup_->role == Role::client && !mbedtls_ssl_is_handshake_over(&ssl_) &&
           version() == Version::tls1_3 && ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr &&
           ssl_.MBEDTLS_PRIVATE(transform_in) != nullptr;
}

// A server sends with the application's keys from its Finished on.
void Traits::SessionEngine::use_sending_keys() {
#if USSL_TLS1_3
    mbedtls_ssl_transform*& keys = ssl_.MBEDTLS_PRIVATE(transform_out);
    mbedtls_ssl_transform* due = nullptr;
    if (setup_->role == Role::server)
        due = ssl_.MBEDTLS_PRIVATE(transform_application);
    else if (lacks_sending_keys())
        due = ssl_.MBEDTLS_PRIVATE(transform_in);
    if (due == nullptr || due == keys) return;
    keys = due;
    std::memset(ssl_.MBEDTLS_PRIVATE(cur_out_ctr), 0, sizeof ssl_.MBEDTLS_PRIVATE(cur_out_ctr));
#endif
}

Status Traits::SessionEngine::fail(int code) {
    error_ = session_error(code, ssl_);
    if (setup_->role == Role::server) error_.code = psk_error();
    if (lacked_ != Err::none && !mbedtls_ssl_is_handshake_over(&ssl_)) error_ = {lacked_, 0, code};
    // The library stops at certificates that it cannot read. The rules say what is wrong with them.
    if (error_.code != Err::peer_alert && hook_failure() == Err::none && is_at_peer_certificate() &&
        SentCertificates(ssl_).readable()) {
        const Err verdict = judge();
        if (verdict != Err::none) error_.code = verdict;
    }
    const bool told_by_peer = code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
    if (error_.code != Err::peer_alert && !told_by_peer && !alert_seen_ && !alert_waits_)
        send_alert(alert_of_error());
    return Status::failed;
}

Status Traits::SessionEngine::refuse(Err why) {
    error_ = {why};
    send_alert(alert_of_error());
    return Status::failed;
}

Alert Traits::SessionEngine::alert_of_error() const {
    // TLS 1.2 has no alert for a certificate that is missing (RFC 5246, 7.4.6).
    if (error_.code == Err::no_peer_certificate && version() == Version::tls1_2)
        return Alert::handshake_failure;
    // The library tells messages that are malformed from those with an illegal value, and wrong
    // signatures from wrong records.
    if (library_alert_ != 0 && (error_.code == Err::bad_message || error_.code == Err::bad_record))
        return library_alert_ == MBEDTLS_SSL_ALERT_MSG_INTERNAL_ERROR
                   ? Alert::illegal_parameter
                   : static_cast<Alert>(library_alert_);
    return alert_for(error_.code);
}

Status Traits::SessionEngine::handshake() {
    begin_operation(context_->environment());
    const Status status = advance();
    // The library does not mind every failure of a hook: it may go on with a wrong value, of which
    // the peer then complains.
    if (lacked_ == Err::none) lacked_ = hook_failure();
    return status;
}

Status Traits::SessionEngine::advance() {
    alert_seen_ = false;
    while (!mbedtls_ssl_is_handshake_over(&ssl_)) {
        const bool at_certificate = is_at_peer_certificate();
        if (ssl_.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_CERTIFICATE) at_certificates_ = true;
        const int code = mbedtls_ssl_handshake_step(&ssl_);
        switch (code) {
        case 0:
            if (at_certificate) {
                if (const Err verdict = judge(); verdict != Err::none) return refuse(verdict);
            }
            if (setup_->role == Role::server) use_sending_keys();
            break;
        case MBEDTLS_ERR_SSL_WANT_READ:
            if (staging_.starved()) return Status::want_read;
            break;
        case MBEDTLS_ERR_SSL_WANT_WRITE: return Status::want_write;
        case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return Status::closed;
        default: return fail(code);
        }
    }
    // Whatever way the library went: nobody gets in without a verdict.
    if (!judged_ && !by_psk() && setup_->verify != Verify::none) return refuse(Err::internal);
    drop_certificates();
    return Status::ok;
}

IoResult Traits::SessionEngine::read(MutableBytes into) {
    begin_operation(context_->environment());
    for (;;) {
        alert_seen_ = false;
        const int code = mbedtls_ssl_read(&ssl_, into.data(), into.size());
        if (code > 0) return {Status::ok, static_cast<std::size_t>(code)};
        switch (code) {
        case 0:                                           // a record without content
        case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET: // nothing that is used here
            break;
        case MBEDTLS_ERR_SSL_WANT_READ:
            if (staging_.starved()) return {Status::want_read, 0};
            break;
        case MBEDTLS_ERR_SSL_WANT_WRITE: return {Status::want_write, 0};
        case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return {Status::closed, 0};
        default: return {fail(code), 0};
        }
    }
}

IoResult Traits::SessionEngine::write(Bytes from) {
    if (staging_.holding()) return {Status::want_write, 0};
    begin_operation(context_->environment());
    alert_seen_ = false;
    const int limit = mbedtls_ssl_get_max_out_record_payload(&ssl_);
    if (limit <= 0) return {fail(limit), 0};
    const std::size_t size = from.size() < static_cast<std::size_t>(limit)
                                 ? from.size()
                                 : static_cast<std::size_t>(limit);
    const int code = mbedtls_ssl_write(&ssl_, from.data(), size);
    // WANT_WRITE: the record is made and waits in the library's buffer, from where it is sent. The
    // library's rule that the same data be offered again is for output_consume() to keep.
    if (code > 0 || (code == MBEDTLS_ERR_SSL_WANT_WRITE && staging_.holding()))
        return {Status::ok, size};
    return {fail(code), 0};
}

Status Traits::SessionEngine::close_notify() {
    if (staging_.holding()) return Status::want_write;
    begin_operation(context_->environment());
    const int code = mbedtls_ssl_close_notify(&ssl_);
    return code == 0 || code == MBEDTLS_ERR_SSL_WANT_WRITE ? Status::ok : fail(code);
}

Version Traits::SessionEngine::version() const {
    switch (mbedtls_ssl_get_version_number(&ssl_)) {
    case MBEDTLS_SSL_VERSION_TLS1_2: return Version::tls1_2;
    case MBEDTLS_SSL_VERSION_TLS1_3: return Version::tls1_3;
    default: return Version::none;
    }
}

std::uint16_t Traits::SessionEngine::suite() const {
    return static_cast<std::uint16_t>(mbedtls_ssl_get_ciphersuite_id_from_ssl(&ssl_));
}

std::string_view Traits::SessionEngine::alpn() const {
#if USSL_ALPN
    if (const char* name = mbedtls_ssl_get_alpn_protocol(&ssl_); name != nullptr) return name;
#endif
    return {};
}

Bytes Traits::SessionEngine::peer_certificate() const { return {certificate_, certificate_size_}; }

} // namespace ussl::mbedtls
