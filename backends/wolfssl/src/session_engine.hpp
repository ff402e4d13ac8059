#pragma once

#include "context_engine.hpp"
#include "internals.hpp"
#include "messages.hpp"

#include "ussl/backend/countdown.hpp"
#include "ussl/backend/engine.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/record_input.hpp"

namespace ussl::wolfssl {

struct Traits::SessionEngine {
    SessionEngine() = default;
    SessionEngine(const SessionEngine&) = delete;
    SessionEngine& operator=(const SessionEngine&) = delete;
    ~SessionEngine();

    Err start(ContextEngine& context, const SessionSetup& setup);

    MutableBytes input_space();
    void input_commit(std::size_t count);
    bool has_input() const { return is_datagram() || input_.ready() != 0; }
    Bytes output();
    bool has_output() const { return keeps_output_ || !output_.empty(); }
    void output_consume(std::size_t count);

    Status handshake();
    Status look_ahead();
    IoResult write(Bytes from);
    Status close_notify();

    std::size_t readable() const { return readable_; }
    std::size_t take(MutableBytes into);
    Error error() const { return error_; }
    Version version() const;
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const { return peer_.certificate(); }
    bool is_resumed() const { return wolfSSL_session_reused(ssl_) == 1; }
#if USSL_RESUMPTION
    std::size_t resumption_data(MutableBytes into) const;
#if USSL_SERVER
    // Whether a client's ticket is still valid.
    bool takes_ticket(std::uint32_t stamp);
    // The stamp for a new ticket: the old one, unless the client was verified again.
    std::uint32_t ticket_stamp(bool resumes) const;
#endif
#endif

#if USSL_MAX_FRAGMENT_LENGTH
    std::size_t max_fragment_length() const;
#endif
#if USSL_DTLS
    std::uint32_t timeout() const { return timer_.left(*context_->environment); }
    DatagramStage datagram_stage() const;
    std::size_t largest_datagram() const { return largest_record(); }
#endif
#if defined(WOLFSSL_DTLS_CID)
    bool receives_connection_id() const { return !internals::own_connection_id(ssl_).empty(); }
    Bytes peer_connection_id() const { return internals::peer_connection_id(ssl_); }
    std::uint64_t newest_record() const { return internals::next_record(ssl_); }
#endif
#if USSL_EXPORTER
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);
#endif
#if USSL_SIGN_CALLBACK
    // Returns the size of the signature; 0: there is none.
    std::size_t sign(bool pads_by_pss, Bytes digest, MutableBytes signature);
#endif

    // wolfSSL's callbacks.
    static int client_hello(WOLFSSL* ssl, int* alert, void* context);
    static int receive(WOLFSSL* ssl, char* into, int size, void* session);
    static int send(WOLFSSL* ssl, char* from, int size, void* session);
#if USSL_CERTIFICATES
    // Judges the contents of the peer's Certificate message, and gives wolfSSL the key. Returns 0,
    // or an error of wolfSSL.
    int take_certificates(Bytes message);
#endif
    Messages& messages() { return messages_; }

private:
    bool set_extensions(word16 known_group);
    bool set_resumption(word16& known_group);
    bool choose_credential(int* alert);
    std::size_t largest_record() const;
    std::size_t peer_id_size() const; // bytes of the connection ID in our own records
    int take_input(std::uint8_t* into, std::size_t size);
    int give_header();
    bool skip_early_data();
    int give_contents(std::size_t size);
    int take_output(Bytes record);
    Bytes prepare_output(Bytes records);

    bool is_datagram() const { return features::dtls && datagram_; }
    bool is_unverified() const;
    MutableBytes datagram_space();
    void datagram_commit(std::size_t count);
    bool has_datagram() const;
    std::size_t unread_datagram() const;
    int take_datagram(std::uint8_t* into, std::size_t size);
    bool queue_datagram(Bytes datagram);
    bool queue_in_pieces(Bytes datagram, std::size_t limit);
    bool prepare_for_unverified_client();
    bool forget_unverified_client(int result);
    Status resend_when_due();
    bool has_another_psk() const;
    void set_timer(Status status);
    bool sent_last_flight() const;
    Status answer_repetition();
    void keep_last_flight();
    void note_data();

    std::size_t ready() const;
    void take_back_input();
    void release_input();
    Bytes unsent() const;
    Status outcome(int result, bool reads = true);
    Status fail(int code, bool reads = true);
    Status refuse(Err why);
    Err reason(int code, bool reads) const;

    // Small members first: short instructions reach them.
    bool datagram_ = false;
    bool established_ = false;
    bool record_too_large_ = false;
    bool out_of_order_ = false;
    bool keeps_output_ = false; // wolfSSL keeps output in its own buffer: see unsent()
    bool has_new_ticket_ = false;
    bool name_unknown_ = false;
    bool alert_sent_ = false; // a fatal one; wolfSSL may send it twice
    const ContextEngine* context_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    WOLFSSL* ssl_ = nullptr;
    Error error_;
    int credential_ = 0; // from choose_credential()
    PeerVerdict peer_;
    Messages messages_;

#if USSL_SERVER && USSL_TLS1_3
    std::size_t early_data_ = 0; // bytes that were skipped
#endif

    // How much of the record in wolfSSL's own buffer the transport has taken; wolfSSL learns it on
    // the next write. (A record stays there when output_ is full.)
    std::size_t sent_ = 0;
    std::size_t readable_ = 0; // decrypted plain bytes, as wolfSSL_pending()

#if USSL_EXPORTER
    internals::ExporterSecrets exporter_secrets_; // after the handshake
#endif

#if USSL_RESUMPTION && USSL_SERVER
    std::uint32_t taken_stamp_ = 0; // of the client's ticket
#endif

#if USSL_DTLS
    // --- Datagrams ---
    // Each datagram is put directly into wolfSSL's buffer: wolfSSL has asked for `wanted_` bytes at
    // `place_` and got none; by now `placed_` of them are there.
    std::uint8_t* place_ = nullptr;
    std::size_t wanted_ = 0;
    std::size_t placed_ = 0;
    Countdown timer_;                // until a flight is due again (RFC 6347, 4.2.4)
    bool flight_sent_ = false;       // a part of it, since the timer was set
    std::uint8_t resent_ = 0;        // how often a flight was lost; 2: twice or more
    std::uint16_t more_numbers_ = 0; // of records in plain text that wolfSSL does not know of
    bool has_cookie_ = false;        // with a cookie of the period:
    std::uint16_t cookie_period_ = 0;
#endif

    // Plain bytes plus the expansion by encryption (RFC 8446, 5.2; TLS 1.2 suites need less).
    using Input = RecordInput<size_in_session(USSL_INPUT_BUFFER), USSL_RECORD_INPUT + 256>;
    Input input_;
    // In the order in which wolfSSL made them. Records with data are built in place. Datagrams are
    // preceded by their size in two bytes.
    RecordStore<flight_in_session, true> output_;
};

inline Traits::SessionEngine& session_of(WOLFSSL* ssl) {
    return *static_cast<Traits::SessionEngine*>(wolfSSL_GetIOReadCtx(ssl));
}

} // namespace ussl::wolfssl
