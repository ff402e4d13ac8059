#pragma once

#include "authentication.hpp"
#include "context_engine.hpp"
#include "hello_reader.hpp"

#include "ussl/backend/flight_queue.hpp"
#include "ussl/backend/record_buffer.hpp"

namespace ussl::bearssl {

struct Traits::SessionEngine {
    SessionEngine() = default;
    SessionEngine(const SessionEngine&) = delete;
    SessionEngine& operator=(const SessionEngine&) = delete;
    ~SessionEngine();

    Err start(ContextEngine& context, const SessionSetup& setup);

    MutableBytes input_space();
    void input_commit(std::size_t count);
    bool has_input() const;
    Bytes output();
    bool has_output() const;
    void output_consume(std::size_t count);
    void rest();

    Status handshake();
    Status look_ahead();
    IoResult write(Bytes from);
    Status close_notify();

    std::size_t readable() const { return plain().size(); }
    std::size_t take(MutableBytes into);
    Error error() const { return error_; }
    Version version() const { return Version::tls1_2; }
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const { return validator_.peer().certificate(); }
    bool is_resumed() const;
    std::size_t resumption_data(MutableBytes into) const;
#if USSL_MAX_FRAGMENT_LENGTH
    std::size_t max_fragment_length() const;
#endif
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);

private:
    // Room that BearSSL's engine needs in a buffer besides the plain bytes of a record.
    static constexpr std::size_t input_overhead = BR_SSL_BUFSIZE_INPUT - 16384;
    static constexpr std::size_t output_overhead = BR_SSL_BUFSIZE_OUTPUT - 16384;
    static constexpr std::size_t whole_input = USSL_RECORD_INPUT + input_overhead;

    br_ssl_engine_context& engine() { return role_.client.eng; }
    const br_ssl_engine_context& engine() const { return role_.client.eng; }
    // A constant where there is one role only: what the other takes is not linked.
    bool is_client() const {
        return !capabilities.server || (capabilities.client && setup_->role == Role::client);
    }

    Err start_client();
    Err refused();
    bool has_opened() const { return engine().ixa != engine().ixb; }
    MutableBytes record_space() const;
    Bytes plain() const;
    void read_input();
    Status read_alerts();
    bool is_receiving() const;
    bool takes_record() const;
    bool holds_messages() const;
    bool looks_at_hello() const;
    bool look_at_hello();
    unsigned char* record_to_send(std::size_t& size);
    void gather();
    void make_room_for_record();
    bool make_output_whole();
    void set_output();
    std::size_t largest_output() const;
    Status blocked();
    Status fail();
    Status refuse(int number);
    Status refuse(Err why);
    void queue_alert(Alert alert);

    union Roles {
        // `eng` is the first member of both, which makes engine() right for either.
        br_ssl_client_context client;
        br_ssl_server_context server;
    };
    Roles role_{};
    ChainValidator validator_;
    Authentication authentication_;
    const ContextEngine* context_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    Error error_;
    bool established_ = false;
    bool closing_ = false;
    Err input_error_ = Err::none; // of bytes that the engine does not get
    bool has_record_ = false;     // all that the engine wants of a record's contents has arrived
    std::size_t arrived_ = 0;     // bytes where the engine wants them, that it does not know of
#if USSL_SERVER || USSL_MAX_FRAGMENT_LENGTH
    HelloReader hello_;
#endif
    // Small records of a flight, so that it leaves in one piece. What is in here precedes what
    // the engine has.
    FlightQueue<USSL_FLIGHT_BUFFER> flight_;
    RecordBuffer<whole_input> input_;
    RecordBuffer<USSL_RECORD_OUTPUT + output_overhead> output_;
};

} // namespace ussl::bearssl
