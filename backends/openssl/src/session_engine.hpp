#pragma once

#include "context_engine.hpp"

#include "ussl/backend/engine.hpp"
#include "ussl/backend/message_rules.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/record_input.hpp"

namespace ussl::openssl {

struct Traits::SessionEngine {
    SessionEngine() = default;
    SessionEngine(const SessionEngine&) = delete;
    SessionEngine& operator=(const SessionEngine&) = delete;
    ~SessionEngine();

    Err start(ContextEngine& context, const SessionSetup& setup);

    MutableBytes input_space() { return input_.space(); }
    void input_commit(std::size_t count) { input_.commit(count); }
    bool has_input() const { return has_record() || SSL_has_pending(ssl_) != 0; }
    Bytes output() const { return output_.stored(); }
    bool has_output() const { return !output_.empty(); }
    void output_consume(std::size_t count) { output_.consume(count); }

    Status handshake();
    Status look_ahead();
    std::size_t take(MutableBytes into);
    IoResult write(Bytes from);
    Status close_notify();
    std::size_t readable() const;

    Error error() const { return error_; }
    Version version() const;
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const { return peer_.certificate(); }
    bool is_resumed() const;
    std::size_t resumption_data(MutableBytes into) const;
    std::size_t max_fragment_length() const;
#if USSL_RECORD_SIZE_LIMIT
    std::size_t record_size_limit() const;
#endif
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);

    // Installs OpenSSL's callbacks.
    static void set_callbacks(SSL_CTX* library, bool server, ContextEngine& context);

private:
    struct Callbacks;

    bool set_client(const SessionSetup& setup);
    void offer_session(Bytes saved);
    bool has_record() const { return input_.in_use() != 0 || input_.ready() != 0; }
    int take_input(MutableBytes into);
    void see_first_alert(Bytes record);
    void see_empty_record(Bytes record);
    void see_message(bool sent, int type, Bytes message);
    void see_rules(bool sent, std::uint8_t type, Bytes body);
    void refuse_message();
    void see_certificates(Bytes message);
    void see_signature(unsigned type, Bytes message);
    void see_record();
    std::size_t largest_record() const;
#if USSL_RECORD_SIZE_LIMIT
    std::uint16_t announce_record_size_limit(unsigned where);
    Alert read_record_size_limit(Bytes data);
    void see_answer(unsigned type, Bytes message);
    void limit_own_records();
#endif
    bool is_tls1_3() const;
    // `has_key`: whether OpenSSL can use the first one's key.
    bool accept_certificates(bool has_key);
    Alert alert_of(Err why) const { return alert_for(why, setup_->role, version()); }
    bool see_client_hello(SSL* ssl, int* alert);
    std::string_view asked_name() const { return {asked_name_, asked_name_size_}; }
    bool ticket_fits(SSL_SESSION* session);
    std::uint32_t ticket_stamp() const;
    Bytes find_psk(Bytes identity);
    bool by_psk() const;

    Status outcome(int result);
    Status fail();
    Err reason() const;

    // Small members first: short instructions reach them.
    bool established_ = false;
    bool psk_asked_ = false;
    bool psk_found_ = false;
    bool name_unknown_ = false;
#if USSL_RECORD_SIZE_LIMIT
    bool fragments_limited_ = false;       // by the server's answer
    bool changed_ = false;                 // the peer's ChangeCipherSpec has come
    std::uint8_t announced_limit_[2] = {}; // OpenSSL reads it here
#endif
    Err broken_ = Err::none; // by a message
    MessageRules rules_;
    bool closed_ = false;         // close_notify was read
    std::uint8_t sent_alert_ = 0; // fatal; 0: none
    std::uint8_t received_alert_ = 0;
    std::uint8_t last_message_ = 0; // the last handshake message received
    const ContextEngine* context_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    SSL* ssl_ = nullptr;
    Error error_;
    SSL_SESSION* session_ = nullptr; // a client's newest one
    Bytes certificates_;             // contents of the peer's message, until they are judged
    PeerVerdict peer_;
    std::size_t taken_ = 0; // by OpenSSL, of the current record
    std::uint8_t asked_fragment_ =
        TLSEXT_max_fragment_length_DISABLED; // by a client; so is asked_name_
    std::uint32_t taken_stamp_ = 0;          // of the client's ticket
    std::size_t asked_name_size_ = 0;
    char asked_name_[TLSEXT_MAXLEN_host_name];
    using Input = RecordInput<size_in_session(USSL_INPUT_BUFFER), most_ciphertext>;
    Input input_;
    bool is_starved_ = false; // the library has asked for input in vain
    RecordStore<flight_in_session, true> output_;
};

} // namespace ussl::openssl
