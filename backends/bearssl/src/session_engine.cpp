#include "session_engine.hpp"

#include "errors.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

constexpr std::size_t seed_size = 32;

constexpr int content_type_alert = 21; // RFC 8446, 5.1

// The largest name that the engine's buffer holds, with its terminator.
constexpr std::size_t max_server_name = 255;

} // namespace

Traits::SessionEngine::~SessionEngine() = default;

Error Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    // A constant where there is one role only: what the other takes is not linked.
    const bool is_client =
        !capabilities.server || (capabilities.client && setup.role == Role::client);
    if (is_client)
        br_ssl_client_zero(&role_.client);
    else
        br_ssl_server_zero(&role_.server);
    validator_.attach(engine(), setup);
    if (is_client)
        context.configure(role_.client);
    else
        context.configure(role_.server);
    br_ssl_engine_set_buffers_bidi(&engine(), input_, sizeof input_, output_, sizeof output_);

    std::uint8_t seed[seed_size];
    if (!context.environment->random(context.environment->user, MutableBytes{seed}))
        return {Err::no_randomness};
    br_ssl_engine_inject_entropy(&engine(), seed, sizeof seed);
    wipe(seed);

    int done = 0;
    if (is_client) {
        char name[max_server_name + 1];
        const std::string_view sni = setup.expectations.identity.sni;
        if (sni.size() > max_server_name) return {Err::invalid_argument};
        if (!sni.empty()) std::memcpy(name, sni.data(), sni.size());
        name[sni.size()] = '\0';
        done = br_ssl_client_reset(&role_.client, sni.empty() ? nullptr : name, 0);
    } else {
        done = br_ssl_server_reset(&role_.server);
    }
    return done != 0 ? Error{} : translate(br_ssl_engine_last_error(&engine()));
}

MutableBytes Traits::SessionEngine::input_space() {
    std::size_t size = 0;
    unsigned char* space = br_ssl_engine_recvrec_buf(&engine(), &size);
    return {space, space == nullptr ? 0 : size};
}

void Traits::SessionEngine::input_commit(std::size_t count) {
    br_ssl_engine_recvrec_ack(&engine(), count);
}

Bytes Traits::SessionEngine::output() {
    if (!flight_.empty()) return flight_.front();
    std::size_t size = 0;
    const unsigned char* record = br_ssl_engine_sendrec_buf(&engine(), &size);
    return {record, record == nullptr ? 0 : size};
}

void Traits::SessionEngine::output_consume(std::size_t count) {
    if (!flight_.empty())
        flight_.consume(count);
    else
        br_ssl_engine_sendrec_ack(&engine(), count);
}

// Moves finished records from the engine, which holds one at a time, to the flight.
void Traits::SessionEngine::gather() {
    for (;;) {
        std::size_t size = 0;
        const unsigned char* record = br_ssl_engine_sendrec_buf(&engine(), &size);
        if (record == nullptr) return;
        const std::size_t moved = flight_.append({record, size});
        if (moved == 0) return;
        br_ssl_engine_sendrec_ack(&engine(), moved);
    }
}

// What to do when the engine has nothing for the caller: which way it is blocked.
Status Traits::SessionEngine::blocked() {
    const unsigned state = br_ssl_engine_current_state(&engine());
    if ((state & BR_SSL_CLOSED) != 0) return fail();
    return (state & BR_SSL_RECVREC) != 0 ? Status::want_read : Status::want_write;
}

// The engine has stopped: in good order, or for an error of which the peer must be told.
Status Traits::SessionEngine::fail() {
    const int number = br_ssl_engine_last_error(&engine());
    if (number == BR_ERR_OK) return Status::closed;
    error_ = translate(number);
    // Said of a record that is too short for its protection as well: plain text, most of all.
    if (number == BR_ERR_BAD_LENGTH && (engine().ibuf[3] << 8 | engine().ibuf[4]) <= 16384)
        error_.code = Err::bad_record;
    if (const Err verdict = validator_.verdict(); verdict != Err::none) error_.code = verdict;
    // Some alerts the engine sends itself, and one is not answered with another.
    if (number < BR_ERR_RECV_FATAL_ALERT) queue_alert(bearssl::alert_for(error_));
    return Status::failed;
}

// BearSSL stops without a word on most errors. The record layer still works, and the alert is
// small: it is made here, under the keys of the moment.
void Traits::SessionEngine::queue_alert(Alert alert) {
    constexpr std::size_t front = 16, back = 32; // header and explicit nonce; tag
    std::uint8_t buffer[front + 2 + back];
    buffer[front] = 2; // AlertLevel fatal
    buffer[front + 1] = static_cast<std::uint8_t>(alert);
    std::size_t size = 2;
    const br_sslrec_out_class** out = &engine().out.vtable;
    // Before the hellos the engine has no version to put into a record's header.
    const unsigned version = engine().version_out != 0 ? engine().version_out : BR_TLS12;
    const unsigned char* record =
        (*out)->encrypt(out, content_type_alert, version, buffer + front, &size);
    flight_.append({record, size});
}

Status Traits::SessionEngine::handshake() {
    gather();
    const unsigned state = br_ssl_engine_current_state(&engine());
    if ((state & (BR_SSL_SENDAPP | BR_SSL_RECVAPP)) == 0) return blocked();
    established_ = true;
    validator_.handshake_done();
    return Status::ok;
}

IoResult Traits::SessionEngine::read(MutableBytes into) {
    std::size_t size = 0;
    const unsigned char* plain = br_ssl_engine_recvapp_buf(&engine(), &size);
    if (plain == nullptr) {
        const Status status = blocked();
        if (status != Status::want_write) return {status, 0};
        // The answer to a close_notify, or the refusal of a renegotiation.
        gather();
        return {blocked(), 0};
    }
    const std::size_t count = size < into.size() ? size : into.size();
    std::memcpy(into.data(), plain, count);
    br_ssl_engine_recvapp_ack(&engine(), count);
    return {Status::ok, count};
}

IoResult Traits::SessionEngine::write(Bytes from) {
    std::size_t size = 0;
    unsigned char* space = br_ssl_engine_sendapp_buf(&engine(), &size);
    if (space == nullptr) {
        const Status status = blocked();
        return {status == Status::want_read ? Status::want_write : status, 0};
    }
    const std::size_t count = size < from.size() ? size : from.size();
    std::memcpy(space, from.data(), count);
    br_ssl_engine_sendapp_ack(&engine(), count);
    br_ssl_engine_flush(&engine(), 0);
    return {Status::ok, count};
}

Status Traits::SessionEngine::close_notify() {
    if (!closing_) {
        // A record that is still there must leave before the engine can make the next one.
        gather();
        std::size_t size = 0;
        if (br_ssl_engine_sendrec_buf(&engine(), &size) != nullptr) return Status::want_write;
        br_ssl_engine_close(&engine());
        closing_ = true;
    }
    gather();
    return Status::ok;
}

std::size_t Traits::SessionEngine::readable() const {
    std::size_t size = 0;
    return br_ssl_engine_recvapp_buf(&engine(), &size) == nullptr ? 0 : size;
}

std::uint16_t Traits::SessionEngine::suite() const { return engine().session.cipher_suite; }

std::string_view Traits::SessionEngine::alpn() const {
    // BearSSL's parameter lacks a const; the function only reads.
    const char* name =
        br_ssl_engine_get_selected_protocol(const_cast<br_ssl_engine_context*>(&engine()));
    return name == nullptr ? std::string_view{} : std::string_view{name};
}

} // namespace ussl::bearssl
