#pragma once

#include "authentication.hpp"
#include "context_engine.hpp"
#include "hello_reader.hpp"

#include "ussl/backend/record_store.hpp"

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
    void release_buffers();

    Status handshake();
    Status look_ahead();
    IoResult write(Bytes from);
    Status close_notify();

    std::size_t readable() const { return readable_; }
    std::size_t take(MutableBytes into);
    Error error() const { return error_; }
    Version version() const { return Version::tls1_2; }
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const { return validator_.peer().certificate(); }
    bool is_resumed() const;
    // Server: whether the client's certificates expire before its session does.
    bool ends_early() const;
    std::size_t resumption_data(MutableBytes into) const;
#if USSL_MAX_FRAGMENT_LENGTH
    std::size_t max_fragment_length() const;
#endif
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);

private:
    // How many bytes BearSSL's engine needs in a buffer besides a record's plain bytes.
    static constexpr std::size_t input_overhead = BR_SSL_BUFSIZE_INPUT - 16384;
    static constexpr std::size_t output_overhead = BR_SSL_BUFSIZE_OUTPUT - 16384;
    static constexpr std::size_t whole_input = USSL_RECORD_INPUT + input_overhead,
                                 whole_output = USSL_RECORD_OUTPUT + output_overhead;
    static constexpr std::size_t short_input = size_in_session(whole_input, short_record),
                                 short_output = size_in_session(whole_output, short_record),
                                 short_flight = size_in_session(USSL_FLIGHT_BUFFER, short_record);

    br_ssl_engine_context& engine() { return role_.client.eng; }
    const br_ssl_engine_context& engine() const { return role_.client.eng; }
    // A constant in builds with one role: the other's code is not linked.
    bool is_client() const {
        return !capabilities.server || (capabilities.client && setup_->role == Role::client);
    }

    Err start_client();
    Err refused();
    bool has_opened() const { return engine().ixa != engine().ixb; }
    std::size_t wanted() const;
    std::size_t opened() const;
    void next_record();
    void drop_record();
    void move_rest();
    bool has_good_record() const { return contents_ != 0 && input_error_ == Err::none; }
    void see_record();
    void read_input();
    Status read_alerts();
    bool is_receiving() const;
    bool takes_record() const;
    bool holds_messages() const;
    bool looks_at_hello() const;
    Err look_at_hello();
    MutableBytes record_to_send();
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
        // `eng` is the first member of both, so engine() is right for either.
        br_ssl_client_context client;
#if USSL_SERVER
        br_ssl_server_context server;
#endif
    };
    Roles role_{};
    ChainValidator validator_;
    Authentication authentication_;
    const ContextEngine* context_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    Error error_;
    bool established_ = false;
    bool closing_ = false;
    Err input_error_ = Err::none; // of bytes that the engine must not see
    // How many bytes of a record's contents the engine wants, when they have arrived; not 0 either
    // if there is an input_error_.
    std::size_t contents_ = 0;
    std::size_t readable_ = 0; // plain bytes that were decrypted
    // Bytes in input_: those of a record that the engine knows of, and the bytes that have come
    // behind them, including further records.
    std::size_t arrived_ = 0;
    // How many of them the engine knows of, since it got a record's contents or refused its header.
    // 0: next_record() was called since.
    std::size_t told_ = 0;
#if USSL_SERVER || USSL_MAX_FRAGMENT_LENGTH
    HelloReader hello_;
#endif
    // Small records of a flight, so that it leaves in one piece. They precede the engine's output.
    RecordStore<short_flight, (short_flight < USSL_FLIGHT_BUFFER)> flight_;
    // The engine's own buffers: short ones while no record is longer, if the session has no room
    // for more.
    RecordStore<short_input, (short_input < whole_input)> input_;
    RecordStore<short_output, (short_output < whole_output)> output_;
};

} // namespace ussl::bearssl
