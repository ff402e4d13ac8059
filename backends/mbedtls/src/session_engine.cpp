#include "session_engine.hpp"

#include "context_engine.hpp"
#include "errors.hpp"
#include "key_log.hpp"
#include "received_message.hpp"
#include "signature.hpp"

#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/psk.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/server_name.hpp"
#include "ussl/backend/session_impl.hpp"
#include "ussl/backend/ticket_time.hpp"

#include <cstring>
#include <mbedtls/platform.h>

#if defined(USSL_MBEDTLS_CONFIG_H)
#include "../amended/internals.h"

#if USSL_TLS1_3
// From the library's private header ssl_misc.h: clears ssl->handshake without freeing it.
extern "C" void mbedtls_ssl_handshake_free(mbedtls_ssl_context* ssl);
#endif
#endif

namespace ussl::mbedtls {

Traits::SessionEngine::SessionEngine() {
    mbedtls_ssl_init(&ssl_);
#if USSL_CLIENT_CERTIFICATES
    mbedtls_md_init(&sha512_);
#endif
}

Traits::SessionEngine::~SessionEngine() {
#if USSL_CLIENT && USSL_TLS1_3
    psa_destroy_key(share_);
#endif
    drop_hashes();
    buffers_.release(ssl_);
    mbedtls_ssl_free(&ssl_);
}

inline Err Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    context_ = &context;
    setup_ = &setup;
    if (const int code = buffers_.set_up(ssl_, context.settings(), setup.datagram); code != 0)
        return material_error(code, Err::internal);
    mbedtls_ssl_set_user_data_p(&ssl_, this);
    rules_.start(setup.role,
                 context.settings().MBEDTLS_PRIVATE(max_tls_version) == MBEDTLS_SSL_VERSION_TLS1_3,
                 setup.datagram);
#if USSL_RECORD_SIZE_LIMIT && defined(USSL_MBEDTLS_CONFIG_H)
    rules_.record_size_limit().start(setup.record_size_limit);
#endif
    mbedtls_ssl_set_bio(&ssl_, this, on_send, on_receive, nullptr);
#if USSL_KEY_LOG
    if (context.key_log().line != nullptr)
        mbedtls_ssl_set_export_keys_cb(&ssl_, log_keys, const_cast<KeyLog*>(&context.key_log()));
#endif
    if (const Err error = start_hashes(); error != Err::none) return error;
    if (setup.datagram) {
        if (const Err error = start_datagrams(); error != Err::none) return error;
    }
    if (setup.role == Role::server) return Err::none;
    const Err error = set_server_name(setup.expectations.identity.sni);
    if (error != Err::none || setup.resumption.empty()) return error;
    return offer_session(setup.resumption);
}

Err Traits::SessionEngine::start_datagrams() {
#if USSL_DTLS
    staging_.use_datagrams(setup_->connection_id_size);
    mbedtls_ssl_set_timer_cb(&ssl_, this, on_set_timer, on_get_timer);
    mbedtls_ssl_set_mtu(&ssl_, setup_->datagram_size);
#if USSL_DTLS && USSL_CONNECTION_ID && defined(USSL_MBEDTLS_CONFIG_H)
    if (setup_->connection_id) {
        const Bytes id = setup_->expectations.identity.connection_id;
        const int code = mbedtls_ssl_set_cid(&ssl_, MBEDTLS_SSL_CID_ENABLED, id.data(), id.size());
        if (code != 0) return material_error(code, Err::internal);
    }
#endif
#if USSL_SERVER
    const PeerIdentity& peer = setup_->expectations.identity;
    if (setup_->role == Role::server && !peer.cookie_verified) {
        const Bytes client = peer.client_id;
        const int code = mbedtls_ssl_set_client_transport_id(&ssl_, client.data(), client.size());
        if (code != 0) return material_error(code, Err::internal);
    }
#endif
    return Err::none;
#else
    return Err::unsupported;
#endif
}

#if USSL_DTLS
void Traits::SessionEngine::on_set_timer(void* self, std::uint32_t intermediate,
                                         std::uint32_t delay) {
    auto& engine = *static_cast<SessionEngine*>(self);
    engine.intermediate_delay_ = intermediate;
    engine.timer_.start(engine.context_->environment(), delay);
}

// -1: stopped; 0: no delay has passed; 1: the intermediate one has passed; 2: both.
int Traits::SessionEngine::on_get_timer(void* self) {
    const auto& engine = *static_cast<const SessionEngine*>(self);
    if (!engine.timer_.is_running()) return -1;
    const std::uint32_t gone = engine.timer_.gone(engine.context_->environment());
    return (gone >= engine.intermediate_delay_) + (gone >= engine.timer_.delay());
}

std::uint32_t Traits::SessionEngine::timeout() const {
    return timer_.left(context_->environment());
}

DatagramStage Traits::SessionEngine::datagram_stage() const {
    if (mbedtls_ssl_is_handshake_over(const_cast<mbedtls_ssl_context*>(&ssl_)))
        return DatagramStage::established;
    return is_unverified() ? DatagramStage::unverified : DatagramStage::handshaking;
}

std::size_t Traits::SessionEngine::largest_datagram() const {
    const int fits = mbedtls_ssl_get_max_out_record_payload(&ssl_);
    return fits > 0 ? static_cast<std::size_t>(fits) : 0;
}
#endif

#if USSL_DTLS && USSL_CONNECTION_ID && defined(USSL_MBEDTLS_CONFIG_H)
bool Traits::SessionEngine::receives_connection_id() const {
    std::size_t size;
    return ussl_mbedtls_own_cid(&ssl_, &size) != nullptr;
}

Bytes Traits::SessionEngine::peer_connection_id() const {
    std::size_t size;
    const unsigned char* const id = ussl_mbedtls_peer_cid(&ssl_, &size);
    return {id, size};
}

// The top of the library's window against replays, which is 0 for number 0 and for none.
std::uint64_t Traits::SessionEngine::newest_record() const {
    return (std::uint64_t{ssl_.MBEDTLS_PRIVATE(in_epoch)} << 48) +
           ssl_.MBEDTLS_PRIVATE(in_window_top) + (ssl_.MBEDTLS_PRIVATE(in_window) != 0);
}
#endif

// A server that has seen no ClientHello with a valid cookie.
bool Traits::SessionEngine::is_unverified() const {
    const int state = ssl_.MBEDTLS_PRIVATE(state);
    return setup_->datagram && setup_->role == Role::server && cookie_ != Cookie::good &&
           (state == MBEDTLS_SSL_HELLO_REQUEST || state == MBEDTLS_SSL_CLIENT_HELLO ||
            state == MBEDTLS_SSL_SERVER_HELLO_VERIFY_REQUEST_SENT);
}

// Starts again as if nothing had come: anybody could have sent it.
Err Traits::SessionEngine::restart() {
    library_alert_ = 0;
    cookie_ = Cookie::none;
    const int code = mbedtls_ssl_session_reset(&ssl_);
    if (code != 0) return material_error(code, Err::internal);
    if (const Err error = start_hashes(); error != Err::none) return error;
    return start_datagrams();
}

// Of a handshake in which a client may sign as in TLS 1.2.
Err Traits::SessionEngine::start_hashes() {
#if USSL_CLIENT_CERTIFICATES && defined(USSL_MBEDTLS_CONFIG_H)
    const mbedtls_ssl_config& settings = context_->settings();
    const bool may_sign = setup_->role == Role::client
                              ? !context_->credential().chain.empty()
                              : settings.MBEDTLS_PRIVATE(authmode) != MBEDTLS_SSL_VERIFY_NONE;
    if (!may_sign || settings.MBEDTLS_PRIVATE(min_tls_version) != MBEDTLS_SSL_VERSION_TLS1_2)
        return Err::none;
    const int code = ussl_mbedtls_start_hashes(&ssl_);
    return code == 0 ? Err::none : material_error(code, Err::internal);
#else
    return Err::none;
#endif
}

void Traits::SessionEngine::drop_hashes() {
#if USSL_CLIENT_CERTIFICATES
    mbedtls_md_free(&sha512_);
#endif
}

// The library reads the whole ClientHello before it asks for a cookie, and refuses a bad one with
// an alert. An unverified client gets no alert: the library goes to the state where it sends
// HelloVerifyRequest.
Err Traits::SessionEngine::answer_unverified_client() {
    stopped_ = Err::none;
    if (cookie_ != Cookie::bad) return restart();
    if (library_alert_ != 0) take_back_number();
    library_alert_ = 0;
    cookie_ = Cookie::none;
    ssl_.MBEDTLS_PRIVATE(state) = MBEDTLS_SSL_SERVER_HELLO;
    return Err::none;
}

// Since 3.6.3 a client must set a name, or say that there is none. It is sent as server_name. core/
// checks the certificate, against another name.
Err Traits::SessionEngine::set_server_name([[maybe_unused]] std::string_view name) {
#if USSL_CERTIFICATES
    char text[MBEDTLS_SSL_MAX_HOST_NAME_LEN + 1];
    if (name.size() >= sizeof text) return Err::invalid_argument;
    if (!name.empty()) std::memcpy(text, name.data(), name.size());
    text[name.size()] = 0;
    const int code = mbedtls_ssl_set_hostname(&ssl_, name.empty() ? nullptr : text);
    return code == 0 ? Err::none : material_error(code, Err::internal);
#else
    return Err::none; // core has refused a name
#endif
}

// A session that the library cannot read, or of a version or suite that the context does not have,
// is not offered: the handshake is a full one.
Err Traits::SessionEngine::offer_session(Bytes saved) {
#if USSL_RESUMPTION && USSL_CLIENT
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    extended_secret_ = saved.back() != 0;
    const bool usable = mbedtls_ssl_session_load(&session, saved.data(), saved.size() - 1) == 0 &&
                        context_->allows(session.MBEDTLS_PRIVATE(tls_version),
                                         session.MBEDTLS_PRIVATE(ciphersuite));
    session_offered_ = usable && mbedtls_ssl_set_session(&ssl_, &session) == 0;
    mbedtls_ssl_session_free(&session);
#else
    static_cast<void>(saved);
#endif
    return Operation::resource_error();
}

// Checks a ServerHello where the library does not: it accepts TLS 1.3 in the first version field,
// which only supported_versions may name, and continues with keys that anybody can compute
// (CVE-2026-115490). The field is the same in both versions (RFC 8446, 4.1.3).
//
// If the client offered both a session and a pre-shared key in TLS 1.3, notes which of them the
// server took: they were offered in this order (RFC 8446, 4.2.11).
Err Traits::SessionEngine::see_server_hello() {
    constexpr bool see_extensions = features::resumption || features::max_fragment_length;
    if ((!features::tls1_3 && !see_extensions) ||
        message_type(ssl_) != handshake_type::server_hello)
        return Err::none;
    WireReader hello(message_contents(ssl_));
    const unsigned version = hello.number(2);
    if (features::tls1_3 && version != version_on_wire(setup_->datagram))
        return Err::protocol_version;
    if (!see_extensions) return Err::none;
    hello.bytes(32);    // random
    hello.vector(1);    // legacy_session_id_echo
    hello.bytes(2 + 1); // cipher_suite, legacy_compression_method
    const Bytes extensions = hello.vector(2);
    Bytes data;
    const bool extended = find_extension(extensions, extension_type::extended_master_secret, data);
    if (const Err wrong = see_old_version(extended); wrong != Err::none) return wrong;
    session_taken_ = find_extension(extensions, extension_type::pre_shared_key, data) &&
                     WireReader(data).number(data.size()) == 0;
    fragments_limited_ = find_extension(extensions, extension_type::max_fragment_length, data);
    return Err::none;
}

// What a TLS 1.2 ServerHello means for the offered session. Called twice for a client that also
// offered TLS 1.3: before the library reads it as TLS 1.2, and after.
Err Traits::SessionEngine::see_old_version([[maybe_unused]] bool extended) {
#if USSL_RESUMPTION && USSL_CLIENT
    if (version() != Version::tls1_2) return Err::none;
    const int next = ssl_.MBEDTLS_PRIVATE(state);
#if USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
    if (next == MBEDTLS_SSL_SERVER_HELLO && session_offered_) {
        session_offered_ = false; // it was of TLS 1.3
        ussl_mbedtls_forget_session(&ssl_);
    }
#endif
    if (next == MBEDTLS_SSL_SERVER_HELLO) return Err::none;
    const bool resumes = next != MBEDTLS_SSL_SERVER_CERTIFICATE;
    if (resumes && extended != extended_secret_) return Err::handshake_failure; // RFC 7627, 5.3
    extended_secret_ = extended;
#endif
    return Err::none;
}

Err Traits::SessionEngine::see_client_hello() {
#if USSL_SERVER
    if (setup_->role == Role::client) return Err::none;
    Bytes data;
#if USSL_RESUMPTION
    Tickets::see_client_hello(*this);
    extended_secret_ = client_sent(ssl_, extension_type::extended_master_secret, data);
#endif
#if defined(MBEDTLS_SSL_EARLY_DATA)
    // How much early data it skips, without accepting it.
    ssl_.MBEDTLS_PRIVATE(session_negotiate)->MBEDTLS_PRIVATE(max_early_data_size) =
        MBEDTLS_SSL_MAX_EARLY_DATA_SIZE;
#endif
    if (stopped_ != Err::none) return stopped_;
#if USSL_RECORD_SIZE_LIMIT && USSL_MAX_FRAGMENT_LENGTH
    // RFC 8449, 5: then the other extension does not count.
    if (client_sent(ssl_, extension_type::record_size_limit, data) &&
        rules_.record_size_limit().is_used())
        ssl_.MBEDTLS_PRIVATE(session_negotiate)->MBEDTLS_PRIVATE(mfl_code) =
            MBEDTLS_SSL_MAX_FRAG_LEN_NONE;
#endif
#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_CERTIFICATES
    // RFC 9155, 3: without signature_algorithms, SHA-1 would be meant. If TLS 1.3 was possible, the
    // library reads the hello a second time.
    if (version() == Version::tls1_2 && ssl_.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_CLIENT_HELLO &&
        ussl_mbedtls_will_sign(&ssl_) != 0 &&
        !client_sent(ssl_, extension_type::signature_algorithms, data))
        return Err::handshake_failure;
#endif
#endif
    return Err::none;
}

#if USSL_RESUMPTION && USSL_SERVER
bool Traits::SessionEngine::may_resume(bool extended) {
    Bytes data;
    const bool offered = client_sent(ssl_, extension_type::extended_master_secret, data);
    if (extended && !offered) stop(Err::handshake_failure, Alert::handshake_failure);
    return extended == offered;
}
#endif

std::size_t Traits::SessionEngine::resumption_data(MutableBytes into) {
    std::size_t size = 0;
#if USSL_RESUMPTION && USSL_CLIENT
    const mbedtls_ssl_session* session = ssl_.MBEDTLS_PRIVATE(session);
    if (session == nullptr) return 0;
    const bool has_ticket = session->MBEDTLS_PRIVATE(ticket_len) != 0;
    const bool has_id = version() == Version::tls1_2 && session->MBEDTLS_PRIVATE(id_len) != 0;
    if (!has_ticket && !has_id) return 0;
    // Behind it is what the library does not store.
    const std::size_t room = into.empty() ? 0 : into.size() - 1;
    const int code = mbedtls_ssl_session_save(session, into.data(), room, &size);
    if (code != 0 && code != MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL) return 0;
    if (size++ < into.size()) into[size - 1] = extended_secret_;
#else
    static_cast<void>(into);
#endif
    return size;
}

// The session with the keys that are, or will be, negotiated.
const mbedtls_ssl_session* Traits::SessionEngine::own_session() const {
    const mbedtls_ssl_session* const agreed = ssl_.MBEDTLS_PRIVATE(session);
    const mbedtls_ssl_session* const next = ssl_.MBEDTLS_PRIVATE(session_negotiate);
    return next != nullptr ? next : agreed;
}

std::size_t Traits::SessionEngine::max_fragment_length() const {
#if USSL_MAX_FRAGMENT_LENGTH
    if (setup_->role == Role::client && !fragments_limited_) return 0;
    if (setup_->role == Role::client)
        return fragment_length(context_->settings().MBEDTLS_PRIVATE(mfl_code));
    const mbedtls_ssl_session* const session = own_session();
    if (session != nullptr) return fragment_length(session->MBEDTLS_PRIVATE(mfl_code));
#endif
    return 0;
}

#if USSL_RECORD_SIZE_LIMIT
std::size_t Traits::SessionEngine::record_size_limit() const {
    return rules_.record_size_limit().for_both(version() == Version::tls1_3);
}

std::uint16_t Traits::SessionEngine::announce_record_size_limit(bool tls1_2, bool tls1_3) {
    RecordSizeLimit& limit = rules_.record_size_limit();
    return is_server(setup_->role) ? limit.answer(tls1_3) : limit.announce(tls1_2, tls1_3);
}
#endif

// How many plain bytes the peer accepts in an encrypted record. In TLS 1.3 the library pads records
// to multiples of some bytes, the content type included.
std::size_t Traits::SessionEngine::largest_record() const {
#if USSL_RECORD_SIZE_LIMIT
    const bool tls1_3 = version() == Version::tls1_3;
    const std::size_t limit = rules_.record_size_limit().for_peer(tls1_3);
    constexpr std::size_t unit = MBEDTLS_SSL_CID_TLS1_3_PADDING_GRANULARITY;
    return tls1_3 ? (limit + 1) / unit * unit - 1 : limit;
#else
    return most_plaintext;
#endif
}

Err Traits::SessionEngine::export_keying_material(MutableBytes out, std::string_view label,
                                                  Bytes context) {
#if USSL_EXPORTER
    // In TLS 1.2 the library derives it from the randoms, which lie with the keys. Over datagrams
    // the end that sent the last flight keeps these with its handshake data until a record shows
    // that the flight arrived; the library does not look for them there.
    mbedtls_ssl_transform*& place = ssl_.MBEDTLS_PRIVATE(transform);
    mbedtls_ssl_transform* const keys = place;
    if (keys == nullptr) place = ssl_.MBEDTLS_PRIVATE(transform_negotiate);
    const int code = mbedtls_ssl_export_keying_material(&ssl_, out.data(), out.size(), label.data(),
                                                        label.size(), context.data(),
                                                        context.size(), !context.empty());
    place = keys;
    return code == 0 ? Err::none : material_error(code, Err::invalid_argument);
#else
    static_cast<void>(out), static_cast<void>(label), static_cast<void>(context);
    return Err::unsupported;
#endif
}

int Traits::SessionEngine::on_server_name(mbedtls_ssl_context* ssl) {
#if USSL_SERVER_NAMES && USSL_SERVER
    auto& engine = *static_cast<SessionEngine*>(mbedtls_ssl_get_user_data_p(ssl));
    Bytes extension;
    std::string_view name;
    if (client_sent(*ssl, extension_type::server_name, extension) &&
        read_server_name(extension, name) != Err::none)
        return MBEDTLS_ERR_SSL_DECODE_ERROR;
    const int chosen = choose_credential(engine.context_->credential(), *engine.setup_, name);
    if (chosen < 0) return MBEDTLS_ERR_SSL_UNRECOGNIZED_NAME;
    if (chosen == 0) return 0; // it is in the configuration
    OwnCredential& own = engine.context_->own(static_cast<std::size_t>(chosen));
    return mbedtls_ssl_set_hs_own_cert(ssl, &own.chain(), &own.key());
#else
    static_cast<void>(ssl);
    return 0;
#endif
}

// Only a full handshake enters the state for the server's certificate, sent or not. Without it the
// keys come from a ticket or a PSK.
bool Traits::SessionEngine::is_abbreviated() const {
    if (!features::resumption || at_certificates_) return false;
    if (setup_->role == Role::server) return context_->resumes() && !psk_found_;
    return session_offered_ && (version() == Version::tls1_2 || session_taken_);
}

#if USSL_RESUMPTION && USSL_SERVER
std::uint32_t Traits::SessionEngine::ticket_stamp() const {
    return is_abbreviated() ? taken_stamp_ : ussl::ticket_stamp(context_->environment(), *setup_);
}
#endif

// In TLS 1.2 the suite says so. A TLS 1.3 handshake with such a key never reaches the certificates
// (RFC 8446, 2.2).
bool Traits::SessionEngine::keys_are_of_psk() const {
    if (version() == Version::tls1_3) return !at_certificates_;
    const mbedtls_ssl_session* const session = own_session();
    return session != nullptr &&
           uses_psk(static_cast<std::uint16_t>(session->MBEDTLS_PRIVATE(ciphersuite)));
}

int Traits::SessionEngine::on_psk(void*, mbedtls_ssl_context* ssl, const unsigned char* identity,
                                  std::size_t size) {
#if USSL_PSK && USSL_SERVER
    auto& engine = *static_cast<SessionEngine*>(mbedtls_ssl_get_user_data_p(ssl));
    const Bytes key = find_psk(engine.context_->psk_callback(), {identity, size});
    engine.psk_found_ = !key.empty() && mbedtls_ssl_set_hs_psk(ssl, key.data(), key.size()) == 0;
    engine.psk_unknown_ = !engine.psk_found_;
    return engine.psk_found_ ? 0 : MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
#else
    static_cast<void>(ssl), static_cast<void>(identity), static_cast<void>(size);
    return MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY;
#endif
}

Err Traits::SessionEngine::judge() {
#if USSL_CERTIFICATES
    if (!by_psk())
        return peer_.judge(*setup_, sent_certificates(ssl_).all(), {nullptr, is_signed_by});
#endif
    return Err::none;
}

// With TLS 1.3 the library keeps the peer's certificates as long as the session. judge() has copied
// what is needed.
void Traits::SessionEngine::drop_certificates() {
#if defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    mbedtls_ssl_session* session = ssl_.MBEDTLS_PRIVATE(session);
    mbedtls_x509_crt*& peer = session->MBEDTLS_PRIVATE(peer_cert);
    mbedtls_x509_crt_free(peer);
    mbedtls_free(peer);
    peer = nullptr;
#endif
}

// After a TLS 1.3 handshake the library keeps all its data, including keys: 4 KB. None of it is
// used again, except that a client needs the (emptied) structure to receive a ticket.
void Traits::SessionEngine::drop_handshake() {
#if USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
    const mbedtls_ssl_transform* const keys = ssl_.MBEDTLS_PRIVATE(transform_application);
    if (version() != Version::tls1_3 || ssl_.MBEDTLS_PRIVATE(transform_in) != keys ||
        ssl_.MBEDTLS_PRIVATE(transform_out) != keys)
        return;
    mbedtls_ssl_handshake_free(&ssl_);
    if (setup_->role == Role::client && context_->resumes()) return;
    mbedtls_free(ssl_.MBEDTLS_PRIVATE(handshake));
    ssl_.MBEDTLS_PRIVATE(handshake) = nullptr;
    // Used in TLS 1.2, and empty.
    mbedtls_free(ssl_.MBEDTLS_PRIVATE(transform_negotiate));
    ssl_.MBEDTLS_PRIVATE(transform_negotiate) = nullptr;
#endif
}

inline void Traits::SessionEngine::output_consume(std::size_t count) {
    staging_.output_consume(count);
    if (staging_.output().empty()) key_update_unsent_ = false;
    if (!staging_.held_are_sent()) return;
    // While output is pending this sends no alert, but tells the library that its output was sent.
    // (There is no public function for that alone.)
    mbedtls_ssl_send_alert_message(&ssl_, MBEDTLS_SSL_ALERT_LEVEL_WARNING,
                                   MBEDTLS_SSL_ALERT_MSG_CLOSE_NOTIFY);
    if (alert_waits_) {
        alert_waits_ = false;
        send_alert(alert_of_error());
    }
    // If it fails the next write() fails, too.
    if (answer_key_update() != 0) key_update_due_ = true;
}

// A record that cannot be decrypted where Finished is due ends the library's handshake, but anybody
// could have sent it. It is reported only if the client's key may be wrong: if the record has the
// type and size of a Finished.
bool Traits::SessionEngine::may_be_forged() {
    if (!setup_->datagram) return false;
    library_alert_ = 0; // it was not sent
    if (setup_->role == Role::client || !by_psk()) return true;
    constexpr std::size_t verify_data = 12; // RFC 5246, 7.4.9
    const auto suite = static_cast<std::uint16_t>(own_session()->MBEDTLS_PRIVATE(ciphersuite));
    const RecordHeader header(ssl_.MBEDTLS_PRIVATE(in_hdr), true, setup_->connection_id_size);
    const std::size_t size = message_header_size(true) + verify_data + datagram_overhead(suite);
    if (features::connection_id && header.type() == content_type::tls12_cid)
        return header.length() <= size; // RFC 9146, 4: the type is behind it, and padding
    return header.type() != content_type::handshake || header.length() != size;
}

inline Status Traits::SessionEngine::handshake() {
    alert_seen_ = false;
    // A server's TLS 1.3 tickets are sent in states after this one.
    while (ssl_.MBEDTLS_PRIVATE(state) != MBEDTLS_SSL_HANDSHAKE_OVER) {
        if (long_message_.is_under_way()) {
            step_ = own_work;
            const int code = long_message_.send(ssl_, largest_record());
            if (code == MBEDTLS_ERR_SSL_WANT_WRITE) return Status::want_write;
            if (code != 0) return fail(code);
        }
        const int state = ssl_.MBEDTLS_PRIVATE(state);
        const bool at_certificate = is_at_peer_certificate();
        if (state == MBEDTLS_SSL_SERVER_CERTIFICATE) at_certificates_ = true;
        step_ = static_cast<std::int8_t>(state);
        const int code = mbedtls_ssl_handshake_step(&ssl_);
        switch (code) {
        case 0:
            if (at_certificate) {
                if (const Err verdict = judge(); verdict != Err::none) return refuse(verdict);
            }
            if (state == MBEDTLS_SSL_CLIENT_HELLO) {
                if (const Err wrong = see_client_hello(); wrong != Err::none) return refuse(wrong);
            }
            if (setup_->role == Role::server) {
                use_sending_keys();
            } else if (state == MBEDTLS_SSL_CLIENT_HELLO) {
#if USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
                ussl_mbedtls_accept_cookie(&ssl_);
#endif
            } else if (state == MBEDTLS_SSL_SERVER_HELLO) {
                if (const Err wrong = see_server_hello(); wrong != Err::none) return refuse(wrong);
#if USSL_CLIENT_CERTIFICATES && defined(USSL_MBEDTLS_CONFIG_H)
                if (version() == Version::tls1_2 && !context_->credential().chain.empty())
                    ussl_mbedtls_keep_hashes(&ssl_);
#endif
            }
            break;
        case MBEDTLS_ERR_SSL_WANT_READ:
            if (staging_.starved()) return Status::want_read;
            break;
        case MBEDTLS_ERR_SSL_WANT_WRITE: return Status::want_write;
        case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return Status::closed;
        case MBEDTLS_ERR_SSL_INVALID_MAC:
            if (!may_be_forged()) return fail(code);
            break;
        default:
            if (!is_unverified() || Operation::resource_error() != Err::none) return fail(code);
            if (const Err error = code == MBEDTLS_ERR_SSL_HELLO_VERIFY_REQUIRED
                                      ? restart()
                                      : answer_unverified_client();
                error != Err::none)
                return refuse(error);
        }
    }
    resumed_ = is_abbreviated();
    // Refuse after a shortage, too. The library also carries on if it ran out of memory while
    // computing Finished.
    const Err verdict = peer_.at_end(*setup_, by_psk() || resumed_);
    if (verdict != Err::none) return refuse(verdict);
    drop_certificates();
    drop_handshake();
    drop_hashes();
    staging_.end_handshake();
    release_buffers();
    if constexpr (features::record_size_limit)
        most_to_write_ = static_cast<std::uint16_t>(largest_record());
    return Status::ok;
}

inline void Traits::SessionEngine::release_buffers() {
    if (!setup_->datagram && staging_.forget_place()) buffers_.shrink(ssl_);
}

// If nothing is readable, the library holds handshake messages only. With datagrams there is more
// to check.
inline bool Traits::SessionEngine::has_input() const {
    return staging_.has_input() || ssl_.MBEDTLS_PRIVATE(in_hslen) != 0 ||
           ssl_.MBEDTLS_PRIVATE(keep_current_message) != 0 || setup_->datagram;
}

inline Status Traits::SessionEngine::look_ahead() {
    step_ = MBEDTLS_SSL_HANDSHAKE_OVER;
    for (;;) {
        alert_seen_ = false;
        const int code = mbedtls_ssl_read(&ssl_, nullptr, 0);
        if (readable() != 0) return Status::ok;
        switch (code) {
        case 0:                                           // a record without content
        case MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET: // for resumption_data()
            break;
        case MBEDTLS_ERR_SSL_WANT_READ:
            if (staging_.starved()) return Status::want_read;
            break;
        case MBEDTLS_ERR_SSL_WANT_WRITE: return Status::want_write;
        case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY: return Status::closed;
        default: return fail(code);
        }
    }
}

// As mbedtls_ssl_read() for an opened record; with datagrams that would first wait for output to
// leave.
inline std::size_t Traits::SessionEngine::take(MutableBytes into) {
    unsigned char*& plain = ssl_.MBEDTLS_PRIVATE(in_offt);
    std::size_t& left = ssl_.MBEDTLS_PRIVATE(in_msglen);
    const std::size_t count = left < into.size() ? left : into.size();
    std::memcpy(into.data(), plain, count);
    wipe({plain, count});
    plain += count;
    left -= count;
    if (left == 0) {
        plain = nullptr;
        ssl_.MBEDTLS_PRIVATE(keep_current_message) = 0;
    }
    warnings_ = 0;
    rules_.saw_data();
    return count;
}

inline IoResult Traits::SessionEngine::write(Bytes from) {
    if (staging_.holding()) return {Status::want_write, 0};
    step_ = own_work;
    alert_seen_ = false;
    if (const int code = answer_key_update(); code != 0) return {fail(code), 0};
    if (staging_.holding()) return {Status::want_write, 0};
    std::size_t size = from.size();
    // Only datagrams may be limited to less than 512 bytes, including TLS 1.3's content type (RFC
    // 6066, 4): otherwise there is no need to ask the library.
    if (size >= 512 || setup_->datagram) {
        const int limit = mbedtls_ssl_get_max_out_record_payload(&ssl_);
        if (limit <= 0) return {fail(limit), 0};
        if (size > static_cast<std::size_t>(limit)) size = static_cast<std::size_t>(limit);
    }
    if (features::record_size_limit && size > most_to_write_) size = most_to_write_;
    if (!buffers_.make_room_for_output(ssl_, size)) return {fail(MBEDTLS_ERR_SSL_ALLOC_FAILED), 0};
    const int code = mbedtls_ssl_write(&ssl_, from.data(), size);
    // WANT_WRITE: the record is complete and waits in the library's buffer to be sent. The library
    // wants the same call repeated; output_consume() does that.
    if (code > 0 || (code == MBEDTLS_ERR_SSL_WANT_WRITE && staging_.holding()))
        return {Status::ok, size};
    return {fail(code), 0};
}

inline Status Traits::SessionEngine::close_notify() {
    if (staging_.holding()) return Status::want_write;
    step_ = own_work;
    close_notify_sent_ = true;
    const int code = mbedtls_ssl_close_notify(&ssl_);
    return code == 0 || code == MBEDTLS_ERR_SSL_WANT_WRITE ? Status::ok : fail(code);
}

Version Traits::SessionEngine::version() const { return version_of(version_number(ssl_)); }

std::uint16_t Traits::SessionEngine::suite() const {
    return static_cast<std::uint16_t>(mbedtls_ssl_get_ciphersuite_id_from_ssl(&ssl_));
}

std::string_view Traits::SessionEngine::alpn() const {
#if USSL_ALPN
    if (const char* name = mbedtls_ssl_get_alpn_protocol(&ssl_); name != nullptr) return name;
#endif
    return {};
}

} // namespace ussl::mbedtls

template class ussl::SessionOf<ussl::mbedtls::Traits>;
