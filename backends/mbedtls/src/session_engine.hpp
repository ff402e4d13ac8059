#pragma once

#include "ussl/backend/countdown.hpp"
#include "ussl/backend/engine.hpp"
#include "ussl/backend/error_table.hpp"
#include "ussl/backend/message_rules.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/mbedtls.hpp"

#include "long_message.hpp"
#include "message_gatherer.hpp"
#include "record_buffers.hpp"
#include "splitter.hpp"
#include "staging.hpp"
#include "tickets.hpp"

#include <mbedtls/ssl.h>
#include <utility>

namespace ussl::mbedtls {

struct Traits::SessionEngine {
    SessionEngine();
    SessionEngine(const SessionEngine&) = delete;
    SessionEngine& operator=(const SessionEngine&) = delete;
    ~SessionEngine();

    Err start(ContextEngine& context, const SessionSetup& setup);

    MutableBytes input_space() { return staging_.input_space(); }
    void input_commit(std::size_t count) { staging_.input_commit(count); }
    bool has_input() const;
    Bytes output() const { return staging_.output(); }
    bool has_output() const { return !staging_.output().empty(); }
    void output_consume(std::size_t count);
    void release_buffers();

    Status handshake();
    Status look_ahead();
    IoResult write(Bytes from);
    Status close_notify();
    // As mbedtls_ssl_get_bytes_avail(), but inline: it is called often.
    std::size_t readable() const {
        return ssl_.MBEDTLS_PRIVATE(in_offt) != nullptr ? ssl_.MBEDTLS_PRIVATE(in_msglen) : 0;
    }
    std::size_t take(MutableBytes into);

    Error error() const { return error_; }
    Version version() const;
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const { return peer_.certificate(); }
    bool is_resumed() const { return resumed_; }
    std::size_t resumption_data(MutableBytes into);

#if USSL_DTLS
    std::uint32_t timeout() const;
    DatagramStage datagram_stage() const;
    std::size_t largest_datagram() const;
#endif
#if USSL_DTLS && USSL_CONNECTION_ID && defined(USSL_MBEDTLS_CONFIG_H)
    bool receives_connection_id() const;
    Bytes peer_connection_id() const;
    std::uint64_t newest_record() const;
#endif
    std::size_t max_fragment_length() const;
#if USSL_RECORD_SIZE_LIMIT
    std::size_t record_size_limit() const;
    // The number for an own hello; 0: none.
    std::uint16_t announce_record_size_limit(bool tls1_2, bool tls1_3);
#endif
#if USSL_RECORD_SIZE_LIMIT && USSL_TLS1_3 && defined(USSL_MBEDTLS_CONFIG_H)
    // As ussl_mbedtls_take_long_message().
    int take_long_message(Bytes message);
#endif
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);

    // The engine of the current operation, for callbacks that do not get it from the library.
    static SessionEngine& current() { return *static_cast<SessionEngine*>(Operation::session()); }
    const mbedtls_ssl_context& ssl() const { return ssl_; }
    std::uint16_t asked_signature() const { return asked_signature_; }
#if USSL_CLIENT_CERTIFICATES
    mbedtls_md_context_t& sha512() { return sha512_; }
#endif
#if USSL_CLIENT && USSL_TLS1_3
    // Gives the private key of the last key share to the caller; 0: there is none.
    mbedtls_svc_key_id_t kept_share() { return std::exchange(share_, mbedtls_svc_key_id_t{}); }
#endif
#if USSL_RESUMPTION && USSL_SERVER
    // The name that the client asked for; its ticket is bound to it.
    Tickets::Name& asked_name() { return asked_name_; }
    // Notes the stamp of a ticket that the client resumes, or may resume.
    void take_ticket(std::uint32_t stamp) { taken_stamp_ = stamp; }
    // The stamp for a new ticket: the old one, unless the client was verified again.
    std::uint32_t ticket_stamp() const;

    // TLS 1.2: whether the master secret is extended, in this session and in that of a ticket.
    // may_resume() false: the ticket must not be used (RFC 7627, 5.3).
    bool extended_secret() const { return extended_secret_; }
    bool may_resume(bool extended);
#endif

    // The result for a ClientHello's cookie: whether the client receives what is sent to its
    // address.
    void note_cookie(bool good) { cookie_ = good ? Cookie::good : Cookie::bad; }

    // The library's f_cert_cb, called when it has read the ClientHello.
    static int on_server_name(mbedtls_ssl_context* ssl);
    // Called when a handshake record was opened: ussl_mbedtls_gather_message().
    static int on_handshake_record(mbedtls_ssl_context* ssl);
    // The library's f_psk.
    static int on_psk(void*, mbedtls_ssl_context* ssl, const unsigned char* identity,
                      std::size_t size);

private:
    static constexpr std::int8_t own_work = -1; // not a state of the library

    static int on_send(void* self, const unsigned char* data, std::size_t size);
    static int on_receive(void* self, unsigned char* data, std::size_t size);
#if USSL_DTLS
    static void on_set_timer(void* self, std::uint32_t intermediate, std::uint32_t delay);
    static int on_get_timer(void* self);
#endif
    int see_end_of_record();
    int see_alert();
    int see_empty_record();
    void ignore_version(MutableBytes received);
    bool made_alert() const;
    void see_own_hello(Bytes record);
    int see_header(const std::uint8_t* end);
    int see_sealed_change();
    bool is_old_hello() const;
    bool keeps_share() const;
    int gather_message();
    void see_certificate_request();
    int see_message();
    int see_key_update();
    int answer_key_update() { return features::tls1_3 && key_update_due_ ? send_key_update() : 0; }
    int send_key_update();
    int stop(Err why, Alert alert);

    std::size_t send_records(Bytes records);
    std::size_t largest_record() const;
    const mbedtls_ssl_session* own_session() const;
    Err start_datagrams();
    bool is_unverified() const;
    bool may_be_forged();
    Err restart();
    Err start_hashes();
    void drop_hashes();
    Err answer_unverified_client();
    Err set_server_name(std::string_view name);
    Err offer_session(Bytes saved);
    Err see_server_hello();
    Err see_old_version(bool extended);
    Err see_client_hello();
    // Whether, at the end of a successful step in this state, the library has read the peer's
    // Certificate.
    bool is_at_peer_certificate() const {
        return ssl_.MBEDTLS_PRIVATE(state) == (setup_->role == Role::client
                                                   ? MBEDTLS_SSL_SERVER_CERTIFICATE
                                                   : MBEDTLS_SSL_CLIENT_CERTIFICATE);
    }
    bool is_abbreviated() const;
    // Whether the keys come from a pre-shared key.
    bool by_psk() const { return setup_->has_psk && keys_are_of_psk(); }
    bool keys_are_of_psk() const;
    Err psk_error() const;
    Err judge();
    void drop_certificates();
    void drop_handshake();
    During during() const;
    Status fail(int code);
    Status refuse(Err why);
    Alert alert_of_error() const;
    void send_alert(Alert alert);
    bool lacks_sending_keys();
    void use_sending_keys();
    void take_back_number();

    // Small members first: short instructions reach them.
    std::uint8_t library_alert_ = 0; // chosen by the library, which could not send it
    bool at_certificates_ = false;   // the handshake reached the state for the server's certificate
    bool psk_found_ = false;         // for the last identity
    bool psk_unknown_ = false;
    bool session_offered_ = false; // by a client, for resumption
    bool session_taken_ = false;   // TLS 1.3: the server took the session, not the pre-shared key
    bool resumed_ = false;
    bool extended_secret_ = false;      // extended master secret (RFC 7627)
    std::uint16_t asked_signature_ = 0; // algorithm for a TLS 1.2 server; 0: none of ours
    std::uint16_t most_to_write_ = 0;   // largest_record(), after the handshake
    bool fragments_limited_ = false;    // the server granted the client's request
    bool sending_ = false;              // an alert of our own is on its way through the library
    bool alert_seen_ = false;           // the library has sent one in this operation
    bool alert_sent_ = false;           // the last alert was sent: nothing may follow
    bool alert_waits_ = false;          // until the library can take it
    // Since the last data: cancellations in TLS 1.3, which core cannot tell from data.
    std::uint8_t warnings_ = 0;
    bool key_update_due_ = false;               // the peer has requested one
    bool close_notify_sent_ = false;            // close_notify was sent
    bool key_update_unsent_ = false;            // the answer is still in the output
    bool change_sent_ = false;                  // ChangeCipherSpec
    Err stopped_ = Err::none;                   // why a message was withheld from the library, and
    Alert stopped_alert_ = Alert::decode_error; // the alert for it
    enum class Cookie : std::uint8_t { none, bad, good } cookie_ = Cookie::none;
    std::int8_t step_ = own_work; // the library's state at the start of its last step
    Error error_;
    ContextEngine* context_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    PeerVerdict peer_;
    mbedtls_ssl_context ssl_;
    Staging staging_;
    MessageGatherer gatherer_;
    MessageRules rules_;
#if USSL_CLIENT_CERTIFICATES
    mbedtls_md_context_t sha512_; // of the messages, for a client's signature in TLS 1.2
#endif
#if USSL_CLIENT && USSL_TLS1_3
    mbedtls_svc_key_id_t share_ = {}; // kept for a second ClientHello
#endif
    RecordBuffers buffers_;
    [[no_unique_address]] LongMessage long_message_;
#if USSL_MAX_FRAGMENT_LENGTH
    Splitter splitter_;
#endif
#if USSL_RESUMPTION && USSL_SERVER
    Tickets::Name asked_name_ = {};
    std::uint32_t taken_stamp_ = 0;
#endif
#if USSL_DTLS
    Countdown timer_; // until the next retransmission (RFC 6347, 4.2.4)
    std::uint32_t intermediate_delay_ = 0;
#endif
};

} // namespace ussl::mbedtls
