// Records and handshake messages on their way: what the library reads is checked before it acts on
// it, and what it sends is noted.
#include "session_engine.hpp"

#include "context_engine.hpp"
#include "received_message.hpp"

#include "ussl/backend/record.hpp"
#include "ussl/backend/useless_records.hpp"

#if defined(USSL_MBEDTLS_CONFIG_H)
#include "../amended/internals.h"

extern "C" {
int ussl_mbedtls_gather_message(mbedtls_ssl_context* ssl) {
    return ussl::mbedtls::Traits::SessionEngine::on_handshake_record(ssl);
}
#if USSL_CLIENT && USSL_TLS1_3
mbedtls_svc_key_id_t ussl_mbedtls_kept_share(const mbedtls_ssl_context*) {
    return ussl::mbedtls::Traits::SessionEngine::current().kept_share();
}
#endif
#if USSL_SERVER
int ussl_mbedtls_stands_for_tls1_2(const mbedtls_ssl_context* ssl) {
    return ssl->MBEDTLS_PRIVATE(conf)->MBEDTLS_PRIVATE(transport) == MBEDTLS_SSL_TRANSPORT_STREAM &&
           ussl::stands_for_tls1_2(ussl::mbedtls::message_contents(*ssl));
}
#endif
#if USSL_RECORD_SIZE_LIMIT
uint16_t ussl_mbedtls_record_size_limit(const mbedtls_ssl_context*, int tls1_2, int tls1_3) {
    return ussl::mbedtls::Traits::SessionEngine::current().announce_record_size_limit(tls1_2 != 0,
                                                                                      tls1_3 != 0);
}
#endif
#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3
int ussl_mbedtls_take_long_message(const mbedtls_ssl_context*, const unsigned char* message,
                                   size_t size) {
    return ussl::mbedtls::Traits::SessionEngine::current().take_long_message({message, size});
}
#endif
uint16_t ussl_mbedtls_asked_signature(const mbedtls_ssl_context*) {
    return ussl::mbedtls::Traits::SessionEngine::current().asked_signature();
}
#if USSL_MBEDTLS_CREDENTIALS
int ussl_mbedtls_sign(mbedtls_ssl_context*, mbedtls_pk_type_t kind, mbedtls_pk_context* key,
                      mbedtls_md_type_t hash, const unsigned char* digest, size_t digest_size,
                      unsigned char* signature, size_t room, size_t* size) {
    return ussl::mbedtls::OwnCredential::of(key).sign(kind, hash, {digest, digest_size},
                                                      {signature, room}, *size,
                                                      *ussl::Operation::environment());
}
#endif
#if USSL_CLIENT_CERTIFICATES
mbedtls_md_context_t* ussl_mbedtls_kept_sha512() {
    return &ussl::mbedtls::Traits::SessionEngine::current().sha512();
}
#endif
}
#endif

namespace ussl::mbedtls {

inline std::size_t Traits::SessionEngine::send_records(Bytes records) {
#if USSL_MAX_FRAGMENT_LENGTH
    // In TLS 1.2 all handshake messages that may be long come before encryption.
    if (ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr && !setup_->datagram) {
        const std::size_t limit = max_fragment_length();
        if (splitter_.under_way() || (limit != 0 && splitter_.must_split(records, limit)))
            return splitter_.send(staging_, records, limit);
    }
#endif
    return staging_.send(records);
}

// Whether the last record that the library made is an alert. In TLS 1.3 encrypted alerts look like
// data (RFC 8446, 5.2), but the library stores its own alerts and sends them at the end of a step.
inline bool Traits::SessionEngine::made_alert() const {
    const int type = ssl_.MBEDTLS_PRIVATE(out_msgtype);
    return type == MBEDTLS_SSL_MSG_ALERT ||
           (type == MBEDTLS_SSL_MSG_APPLICATION_DATA && ssl_.MBEDTLS_PRIVATE(send_alert) != 0);
}

// Notes what servers may answer.
inline void Traits::SessionEngine::see_own_hello(Bytes record) {
    if (record[0] != content_type::handshake || ssl_.MBEDTLS_PRIVATE(transform_out) != nullptr)
        return;
    const bool datagram = features::dtls && setup_->datagram;
    const std::size_t header = datagram ? RecordHeader::datagram_size : RecordHeader::size;
    const std::size_t front = header + message_header_size(datagram);
    // Over datagrams it may be the first fragment, of which the rules are not shown more.
    if (features::client && setup_->role == Role::client && record.size() > front &&
        record[header] == handshake_type::client_hello &&
        (number32(record.data() + header) & 0xffffff) == record.size() - front)
        rules_.sent_hello(record.subspan(front));
}

int Traits::SessionEngine::on_send(void* self, const unsigned char* data, std::size_t size) {
    auto& engine = *static_cast<SessionEngine*>(self);
    if (engine.alert_sent_) return static_cast<int>(size); // nothing may follow an alert
    if (engine.made_alert() && !engine.sending_ && !engine.staging_.holding()) {
        // Leave it to fail(), which may know a better reason, or better keys.
        if (engine.ssl_.MBEDTLS_PRIVATE(transform_out) == nullptr) {
            engine.library_alert_ = data[size - 1];
            return static_cast<int>(size);
        }
        // In TLS 1.2 a warning after the handshake answers a renegotiation.
        if (Operation::resource_error() != Err::none || engine.version() == Version::tls1_3 ||
            !mbedtls_ssl_is_handshake_over(&engine.ssl_)) {
            engine.take_back_number();
            return static_cast<int>(size);
        }
        engine.alert_seen_ = true;
    }
    engine.see_own_hello({data, size});
    if (features::tls1_3 && data[0] == content_type::change_cipher_spec) engine.change_sent_ = true;
    const std::size_t taken = engine.send_records({data, size});
    return taken != 0 ? static_cast<int>(taken) : MBEDTLS_ERR_SSL_WANT_WRITE;
}

// Checks the record that the library has read, before it asks for the next one.
[[gnu::always_inline]] inline int Traits::SessionEngine::see_end_of_record() {
    int code = see_empty_record();
    if (code == 0) code = see_alert();
    if (code == 0) code = see_sealed_change();
    if (code == 0 && !setup_->datagram) gatherer_.start_record(ssl_);
    return code;
}

// A warning alert that the library ignored. TLS 1.3 makes every such alert fatal (RFC 8446, 6).
inline int Traits::SessionEngine::see_alert() {
#if USSL_TLS1_3
    int& type = ssl_.MBEDTLS_PRIVATE(in_msgtype);
    if (type != MBEDTLS_SSL_MSG_ALERT) return 0;
    // Without keys no version is negotiated yet: the library has the highest.
    const bool agreed =
        ssl_.MBEDTLS_PRIVATE(transform_in) != nullptr ||
        ssl_.MBEDTLS_PRIVATE(conf)->MBEDTLS_PRIVATE(min_tls_version) == MBEDTLS_SSL_VERSION_TLS1_3;
    const bool tls1_3 = agreed && version() == Version::tls1_3;
    const unsigned char* const alert = ssl_.MBEDTLS_PRIVATE(in_msg);
    if (is_error(alert[0], alert[1], tls1_3)) return MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
    type = 0; // checked
    if (tls1_3 && ++warnings_ > UselessRecords::most_warnings)
        return stop(Err::unexpected_message, Alert::unexpected_message);
#endif
    return 0;
}

// A record without content: the library would end the session at the fourth.
inline int Traits::SessionEngine::see_empty_record() {
#if USSL_TLS1_3
    auto& in_a_row = ssl_.MBEDTLS_PRIVATE(nb_zero);
    if (in_a_row == 0) return 0;
    in_a_row = 0;
    if (rules_.saw_useless() != Err::none)
        return stop(Err::unexpected_message, Alert::unexpected_message);
#endif
    return 0;
}

int Traits::SessionEngine::on_receive(void* self, unsigned char* data, std::size_t size) {
    auto& engine = *static_cast<SessionEngine*>(self);
    if (engine.ssl_.MBEDTLS_PRIVATE(in_left) == 0)
        if (const int code = engine.see_end_of_record(); code != 0) return code;
    if (!engine.buffers_.fits_input(data + size)) {
        if (!engine.buffers_.grow_input(engine.ssl_, data + size))
            return MBEDTLS_ERR_SSL_ALLOC_FAILED;
        engine.staging_.have_asked_again(); // for the new place
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    const std::size_t count = engine.staging_.receive({data, size});
    if (count == 0) return MBEDTLS_ERR_SSL_WANT_READ;
    if (const int code = engine.see_header(data + count); code != 0) return code;
    if (engine.ssl_.MBEDTLS_PRIVATE(transform_in) == nullptr && !engine.setup_->datagram)
        engine.ignore_version({data, count});
    return static_cast<int>(count);
}

// An encrypted ChangeCipherSpec: the library accepts it, although RFC 8446, 5 does not.
inline int Traits::SessionEngine::see_sealed_change() {
#if USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
    if (ssl_.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_CHANGE_CIPHER_SPEC &&
        ssl_.MBEDTLS_PRIVATE(transform_in) != nullptr && version() == Version::tls1_3 &&
        RecordHeader(ssl_.MBEDTLS_PRIVATE(in_hdr)).type() == content_type::application_data)
        return stop(Err::unexpected_message, Alert::unexpected_message);
#endif
    return 0;
}

// Checks the header of a record that should be encrypted, when it is whole: the library asks for it
// alone. `end`: of the bytes received.
inline int Traits::SessionEngine::see_header([[maybe_unused]] const std::uint8_t* end) {
#if (USSL_TLS1_3 || USSL_RECORD_SIZE_LIMIT) && defined(USSL_MBEDTLS_CONFIG_H)
    const std::uint8_t* const at = ssl_.MBEDTLS_PRIVATE(in_hdr);
    if (ssl_.MBEDTLS_PRIVATE(transform_in) == nullptr || setup_->datagram ||
        end != at + RecordHeader::size)
        return 0;
    const RecordHeader header(at);
#if USSL_HOSTED && USSL_RECORD_SIZE_LIMIT // the usual case in fewer steps
    if (header.type() == content_type::application_data &&
        rules_.record_size_limit().is_within(header.length()))
        return 0;
#endif
    const bool tls1_3 = version() == Version::tls1_3;
#if USSL_RECORD_SIZE_LIMIT
    const auto own_suite = static_cast<std::uint16_t>(own_session()->MBEDTLS_PRIVATE(ciphersuite));
    if (rules_.record_size_limit().is_exceeded(header.length(), own_suite, tls1_3))
        return stop(Err::record_too_large, Alert::record_overflow);
#endif
    if (!tls1_3) return 0;
    // RFC 8446, 5 and 5.2: a ChangeCipherSpec only during the handshake. The library takes any type
    // for that of an encrypted record. Alerts may come from a peer that has no keys yet.
    if (header.type() == content_type::handshake ||
        (header.type() == content_type::change_cipher_spec && mbedtls_ssl_is_handshake_over(&ssl_)))
        return stop(Err::unexpected_message, Alert::unexpected_message);
    if (header.length() > most_plaintext + 1 + tag_size(suite())) // 5.4: padding counts
        return stop(Err::record_too_large, Alert::record_overflow);
#endif
    return 0;
}

// A record's version has no meaning in plain text (RFC 8446, 5.1), but the library checks it.
inline void Traits::SessionEngine::ignore_version(MutableBytes received) {
    std::uint8_t* const version = ssl_.MBEDTLS_PRIVATE(in_hdr) + 1;
    for (std::uint8_t& each : received)
        if (&each == version || &each == version + 1) each = 3;
}

// Withholds a message from the library. stopped_ tells fail() why.
int Traits::SessionEngine::stop(Err why, Alert alert) {
    stopped_ = why;
    stopped_alert_ = alert;
    return MBEDTLS_ERR_SSL_INVALID_RECORD;
}

#if defined(USSL_MBEDTLS_CONFIG_H)

int Traits::SessionEngine::on_handshake_record(mbedtls_ssl_context* ssl) {
    return static_cast<SessionEngine*>(mbedtls_ssl_get_user_data_p(ssl))->gather_message();
}

inline int Traits::SessionEngine::gather_message() {
    if (setup_->datagram) {
        const int code = ussl_mbedtls_prepare_handshake_record(&ssl_);
        return code == 0 ? see_message() : code;
    }
    switch (gatherer_.take(ssl_)) {
    case MessageGatherer::Result::whole: return see_message();
    case MessageGatherer::Result::more: return MBEDTLS_ERR_SSL_CONTINUE_PROCESSING;
    case MessageGatherer::Result::empty: return MBEDTLS_ERR_SSL_INVALID_RECORD;
    case MessageGatherer::Result::too_large:
        return stop(Err::message_too_large, alert_for(Err::message_too_large));
    case MessageGatherer::Result::no_memory: break;
    }
    Operation::note_resource_error(Err::no_memory);
    return MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

#if USSL_SERVER && USSL_TLS1_3
// Whether it is a ClientHello without extensions. Such clients speak TLS 1.2 (RFC 5246, 7.4.1.2)
// and are served.
bool Traits::SessionEngine::is_old_hello() const {
    if (message_type(ssl_) != handshake_type::client_hello ||
        context_->settings().MBEDTLS_PRIVATE(min_tls_version) == MBEDTLS_SSL_VERSION_TLS1_3)
        return false;
    WireReader hello(message_contents(ssl_));
    hello.bytes(2 + 32);
    hello.vector(1);
    hello.vector(2);
    hello.vector(1);
    return hello.ended_well();
}
#endif

inline int Traits::SessionEngine::see_message() {
    if (features::tls1_3 && message_type(ssl_) == handshake_type::key_update &&
        version() == Version::tls1_3 && mbedtls_ssl_is_handshake_over(&ssl_))
        return see_key_update();
    const auto type = static_cast<std::uint8_t>(message_type(ssl_));
    const bool is_late_ticket = features::tls1_3 && type == handshake_type::new_session_ticket;
    if (is_late_ticket || !mbedtls_ssl_is_handshake_over(&ssl_)) {
        if (const Err wrong = rules_.check(type, message_contents(ssl_)); wrong != Err::none)
            return stop(wrong, rules_.alert());
#if USSL_DTLS && USSL_CONNECTION_ID
        if (rules_.has_long_connection_id()) // never fails
            mbedtls_ssl_set_cid(&ssl_, MBEDTLS_SSL_CID_DISABLED, nullptr, 0);
#endif
        if ((features::certificates || features::ecdhe_psk) && version() == Version::tls1_2 &&
            rules_.check_exchanged_point(type, message_contents(ssl_), by_psk()) != Err::none)
            return stop(Err::bad_message, rules_.alert());
#if USSL_TLS1_3
#if USSL_CLIENT
        if (type == handshake_type::server_hello && keeps_share())
            ussl_mbedtls_take_share(&ssl_, &share_);
#endif
#if USSL_SERVER
        if (is_old_hello() && version() == Version::tls1_3) {
            // As the library does after parsing such a hello.
            ssl_.MBEDTLS_PRIVATE(tls_version) = MBEDTLS_SSL_VERSION_TLS1_2;
            ssl_.MBEDTLS_PRIVATE(keep_current_message) = 1;
            return MBEDTLS_ERR_SSL_WANT_READ;
        }
#endif
#endif
    }
    if (message_type(ssl_) == handshake_type::certificate_request) see_certificate_request();
    return 0;
}

#if USSL_CLIENT && USSL_TLS1_3
// RFC 8446, 4.1.2: after a HelloRetryRequest a client repeats its key share, unless another group
// is requested. The library would make a new one.
bool Traits::SessionEngine::keeps_share() const {
    WireReader hello(message_contents(ssl_));
    hello.bytes(2 + 32);
    hello.vector(1);
    hello.bytes(2 + 1);
    const Bytes extensions = hello.vector(2);
    Bytes data;
    return find_extension(extensions, extension_type::cookie, data) &&
           !find_extension(extensions, extension_type::key_share, data);
}
#endif

// RFC 5246, 7.4.4.
void Traits::SessionEngine::see_certificate_request() {
#if USSL_CLIENT && USSL_CLIENT_CERTIFICATES
    if (version() != Version::tls1_2 || context_->credential().chain.empty()) return;
    WireReader request(message_contents(ssl_));
    request.vector(1); // certificate_types
    asked_signature_ = context_->own(0).choose_signature(request.vector(2));
#endif
}

// RFC 8446, 4.6.3: the library has no KeyUpdate.
int Traits::SessionEngine::see_key_update() {
#if USSL_TLS1_3
    const Bytes request = message_contents(ssl_);
    if (const Err wrong = rules_.check(handshake_type::key_update, request); wrong != Err::none)
        return stop(wrong, rules_.alert());
    // It must be the last message in its record, as the keys change after it (5.1).
    if (ssl_.MBEDTLS_PRIVATE(in_hslen) != ssl_.MBEDTLS_PRIVATE(in_msglen))
        return stop(Err::unexpected_message, Alert::unexpected_message);
    if (request[0] == 1 && !key_update_unsent_) key_update_due_ = true;
    int code = ussl_mbedtls_next_keys(&ssl_, false);
    if (code == 0) code = answer_key_update();
    return code == 0 ? MBEDTLS_ERR_SSL_CONTINUE_PROCESSING : code;
#else
    return 0;
#endif
}

#endif

// Answers before the next data at the latest, and as soon as the library's buffer has room. One
// answer is enough, however often the peer asked before it is sent.
int Traits::SessionEngine::send_key_update() {
#if USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
    if (close_notify_sent_ || staging_.holding()) return 0;
    key_update_due_ = false;
    key_update_unsent_ = true;
    const int code = ussl_mbedtls_write_key_update(&ssl_);
    if (code != 0 && code != MBEDTLS_ERR_SSL_WANT_WRITE) return code;
    return ussl_mbedtls_next_keys(&ssl_, true);
#else
    return 0;
#endif
}

#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
int Traits::SessionEngine::take_long_message(Bytes message) {
    if (version() != Version::tls1_3 || message.size() <= largest_record()) return 0;
    if (long_message_.take(message)) return 1;
    Operation::note_resource_error(Err::no_memory);
    return MBEDTLS_ERR_SSL_ALLOC_FAILED;
}
#endif

} // namespace ussl::mbedtls
