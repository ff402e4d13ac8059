#include "session_engine.hpp"

#include "errors.hpp"

#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/key_log.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/session_impl.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace ussl::bearssl {
namespace {

constexpr std::size_t seed_size = 32;

// The longest name that the engine's buffer holds, without its terminator.
constexpr std::size_t max_server_name = 255;

constexpr std::uint8_t no_fragment_length = 14; // BearSSL's value for "do not negotiate"

#if USSL_RESUMPTION
// A stored session: ID, suite and master secret.
constexpr std::size_t id_size = 32, secret_size = 48,
                      resumption_size = 1 + id_size + 2 + secret_size;

void pack(const br_ssl_session_parameters& session, std::uint8_t* out) {
    *out++ = session.session_id_len;
    std::memcpy(out, session.session_id, id_size);
    write16(out + id_size, session.cipher_suite);
    std::memcpy(out + id_size + 2, session.master_secret, secret_size);
}

bool unpack(Bytes packed, br_ssl_session_parameters& session) {
    if (packed.size() != resumption_size || packed[0] == 0 || packed[0] > id_size) return false;
    const std::uint8_t* in = packed.data();
    session.session_id_len = *in++;
    std::memcpy(session.session_id, in, id_size);
    session.version = BR_TLS12;
    session.cipher_suite = static_cast<std::uint16_t>(number16(in + id_size));
    std::memcpy(session.master_secret, in + id_size + 2, secret_size);
    return true;
}

bool is_listed(std::uint16_t suite, const br_ssl_engine_context& engine) {
    for (unsigned i = 0; i < engine.suites_num; ++i)
        if (engine.suites_buf[i] == suite) return true;
    return false;
}
#endif

} // namespace

Traits::SessionEngine::~SessionEngine() = default;

inline Err Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    context_ = &context;
    setup_ = &setup;
    if (is_client()) {
        br_ssl_client_zero(&role_.client);
    } else {
#if USSL_SERVER
        br_ssl_server_zero(&role_.server);
#endif
    }
    validator_.attach(engine(), setup);
    if (is_client()) {
        context.configure(role_.client);
        authentication_.attach(role_.client, context.credentials());
    } else {
#if USSL_SERVER
        context.configure(role_.server);
        authentication_.attach(role_.server, context.credentials(), setup, context.cache, hello_);
#endif
    }
    // BearSSL would negotiate the fragment length that fits into both buffers. Here it is the
    // context's; incoming records may always fill the buffer.
    const std::size_t asked = capabilities.max_fragment_length ? context.max_fragment_length : 0;
    if (short_output < whole_output && output_.lend(whole_output).empty()) return Err::no_memory;
    // The engine is configured with a full input buffer: it gets one when a record is long.
    br_ssl_engine_set_buffers_bidi(&engine(), input_.space().data(), whole_input,
                                   output_.space().data(), largest_output());
    engine().log_max_frag_len =
        asked != 0 ? static_cast<std::uint8_t>(std::bit_width(asked) - 1) : no_fragment_length;

    std::uint8_t seed[seed_size];
    if (!context.environment->random(context.environment->user, MutableBytes{seed}))
        return Err::no_randomness;
    br_ssl_engine_inject_entropy(&engine(), seed, sizeof seed);
    wipe(seed);

#if USSL_SERVER
    if (!is_client()) return br_ssl_server_reset(&role_.server) != 0 ? Err::none : refused();
#endif
    return start_client();
}

// The error of an engine that has not started.
Err Traits::SessionEngine::refused() {
    Operation::note_library_error(br_ssl_engine_last_error(&engine()));
    return Err::internal;
}

Err Traits::SessionEngine::start_client() {
    char name[max_server_name + 1];
    const std::string_view sni = setup_->expectations.identity.sni;
    if (sni.size() > max_server_name) return Err::invalid_argument;
    if (!sni.empty()) std::memcpy(name, sni.data(), sni.size());
    name[sni.size()] = '\0';
    int resume = 0;
#if USSL_RESUMPTION
    br_ssl_session_parameters session{};
    if (unpack(setup_->resumption, session) && is_listed(session.cipher_suite, engine())) {
        br_ssl_engine_set_session_parameters(&engine(), &session);
        resume = 1;
    }
    wipe({reinterpret_cast<std::uint8_t*>(&session), sizeof session});
#endif
    const bool started =
        br_ssl_client_reset(&role_.client, sni.empty() ? nullptr : name, resume) != 0;
    return started ? Err::none : refused();
}

// Inline, as these are called several times for each record.

inline bool Traits::SessionEngine::is_receiving() const {
    constexpr unsigned in = 1; // BR_IO_IN, also part of BR_IO_INOUT: BearSSL's inner.h
    return (engine().iomode & in) != 0;
}

inline bool Traits::SessionEngine::takes_record() const {
    return is_receiving() && !engine().shutdown_recv && !has_opened();
}

// How many bytes it wants next, as its recvrec_buf(): the rest of a header, or as many bytes of a
// record's contents as there is room for. Precondition: takes_record().
inline std::size_t Traits::SessionEngine::wanted() const {
    const br_ssl_engine_context& own = engine();
    const std::size_t room = own.ibuf_len - own.ixa;
    return own.ixc < room ? own.ixc : room;
}

inline MutableBytes Traits::SessionEngine::input_space() {
    next_record();
    if (contents_ != 0 || !takes_record()) return {}; // also after a failure of the engine
    return {engine().ibuf + arrived_, input_.capacity() - arrived_};
}

// The engine does all its work, including signatures and callbacks, when it gets a record's
// contents. It gets those in handshake() and look_ahead(). Here it only gets a header, to learn how
// much to ask for next.
inline void Traits::SessionEngine::input_commit(std::size_t count) {
    arrived_ += count;
    see_record();
}

inline bool Traits::SessionEngine::has_input() const { return contents_ != 0 || told_ != 0; }

// When the engine has finished with its bytes: moves the bytes behind them to where it wants the
// next ones.
inline void Traits::SessionEngine::next_record() {
    if (told_ != 0 && takes_record()) drop_record();
}

inline void Traits::SessionEngine::drop_record() {
    if (arrived_ != told_) return move_rest();
    arrived_ = engine().ixa;
    told_ = 0;
}

void Traits::SessionEngine::move_rest() {
    const br_ssl_engine_context& own = engine();
    const std::size_t left = arrived_ - told_;
    std::memmove(own.ibuf + own.ixa, own.ibuf + told_, left);
    arrived_ = own.ixa + left;
    told_ = 0;
    see_record();
}

inline void Traits::SessionEngine::see_record() {
    br_ssl_engine_context& own = engine();
    if (own.ixa < RecordHeader::size) {
        if (arrived_ < RecordHeader::size) return;
        br_ssl_engine_recvrec_ack(&own, RecordHeader::size);
        if (own.ixa < RecordHeader::size || !is_receiving()) { // no contents, or refused
            told_ = RecordHeader::size;
            return;
        }
        if (short_input < whole_input && own.ixc > input_.capacity() - RecordHeader::size)
            make_room_for_record();
    }
    if (const std::size_t size = wanted(); arrived_ - own.ixa >= size) contents_ = size;
}

// Gives a record's contents to the engine. Precondition: has_good_record().
inline void Traits::SessionEngine::read_input() {
    if (looks_at_hello()) {
        input_error_ = look_at_hello();
        if (input_error_ != Err::none) return;
    }
    const std::size_t count = std::exchange(contents_, 0);
    told_ = engine().ixa + count;
    br_ssl_engine_recvrec_ack(&engine(), count);
    readable_ = opened();
}

void Traits::SessionEngine::make_room_for_record() {
    const std::size_t needed = RecordHeader::size + engine().ixc;
    const MutableBytes room = input_.lend_more(block_for_record(needed, whole_input), arrived_);
    if (room.empty()) {
        input_error_ = no_memory_for(needed);
        contents_ = needed;
    } else {
        engine().ibuf = room.data();
    }
}

// In bytes of the engine's buffer: a context may ask for shorter records.
std::size_t Traits::SessionEngine::largest_output() const {
    const std::size_t asked = capabilities.max_fragment_length ? context_->max_fragment_length : 0;
    return (asked != 0 && asked < USSL_RECORD_OUTPUT ? asked : USSL_RECORD_OUTPUT) +
           output_overhead;
}

bool Traits::SessionEngine::make_output_whole() {
    if (output_.lend(whole_output).empty()) return false;
    set_output();
    return true;
}

// Gives the engine its other output buffer, as its make_ready_out() does. Precondition: it has no
// record to send.
void Traits::SessionEngine::set_output() {
    br_ssl_engine_context& own = engine();
    own.obuf = output_.space().data();
    own.obuf_len = output_.capacity() < whole_output ? short_output : largest_output();
    std::size_t begin = RecordHeader::size, end = own.obuf_len - RecordHeader::size;
    own.out.vtable->max_plaintext(&own.out.vtable, &begin, &end);
    if (end - begin > own.max_frag_len) end = begin + own.max_frag_len;
    own.oxa = own.oxc = begin;
    own.oxb = end;
}

inline void Traits::SessionEngine::release_buffers() {
    if constexpr (short_input == whole_input) return;
    br_ssl_engine_context& own = engine();
    next_record();
    if (own.ixa == 0 && own.ixb == 0 && arrived_ == 0) {
        input_.take_back();
        own.ibuf = input_.space().data();
    }
    // If oxc is behind oxa there is a record to send; if it is before, one is being built.
    if (!output_.is_in_session() && own.oxa == own.oxc && own.oxa != own.oxb) {
        output_.take_back();
        set_output();
    }
}

// BearSSL's client does not report whether the server granted a fragment length. Its server uses
// the last of two repeated extensions, and accepts malformed server names.
inline bool Traits::SessionEngine::looks_at_hello() const {
    if (established_) return false;
    return !is_client() || (capabilities.max_fragment_length && context_->max_fragment_length != 0);
}

// Checks the received bytes of the hello.
Err Traits::SessionEngine::look_at_hello() {
#if USSL_SERVER || USSL_MAX_FRAGMENT_LENGTH
    const br_ssl_engine_context& own = engine();
    if (own.record_type_in == content_type::handshake)
        hello_.feed({own.ibuf + own.ixa, contents_}, is_client());
    if (hello_.is_too_large()) return Err::message_too_large;
    return hello_.is_bad() ? Err::bad_message : Err::none;
#else
    return Err::none;
#endif
}

// The engine's output, as its sendrec_buf().
inline MutableBytes Traits::SessionEngine::record_to_send() {
    constexpr unsigned out = 2; // BR_IO_OUT, also part of BR_IO_INOUT: BearSSL's inner.h
    const br_ssl_engine_context& own = engine();
    if (own.oxa != own.oxb || (own.iomode & out) == 0) return {};
    return {own.obuf + own.oxa, own.oxc - own.oxa};
}

inline Bytes Traits::SessionEngine::output() {
    return flight_.empty() ? Bytes{record_to_send()} : flight_.stored();
}

// As the engine's has_rec_tosend(); also true while it gathers the bytes of a record.
inline bool Traits::SessionEngine::has_output() const {
    return !flight_.empty() || engine().oxc > engine().oxa;
}

inline void Traits::SessionEngine::output_consume(std::size_t count) {
    if (!flight_.empty())
        flight_.consume(count);
    else
        br_ssl_engine_sendrec_ack(&engine(), count);
}

// Moves finished records into the flight; the engine holds one at a time. BearSSL turns a refused
// server name into handshake_failure, still in plain text: here it gets its own alert.
void Traits::SessionEngine::gather() {
    for (;;) {
        const MutableBytes record = record_to_send();
        if (record.empty()) return;
        if (capabilities.server_names && !established_ && authentication_.refuses_name() &&
            is_plain_alert(record))
            record.back() = static_cast<std::uint8_t>(Alert::unrecognized_name);
        if (!flight_.append(record, USSL_FLIGHT_BUFFER)) return;
        br_ssl_engine_sendrec_ack(&engine(), record.size());
    }
}

// How many bytes the engine's recvapp_buf() would return.
inline std::size_t Traits::SessionEngine::opened() const {
    const br_ssl_engine_context& own = engine();
    const bool is_plain = has_opened() && own.record_type_in == content_type::application_data &&
                          is_receiving() && (own.application_data & 1) != 0;
    return is_plain ? own.ixb - own.ixa : 0;
}

// Whether the engine holds handshake messages that it does not expect: the rest of a record behind
// Finished, or behind a ClientHello that it refuses.
inline bool Traits::SessionEngine::holds_messages() const {
    return has_opened() && engine().record_type_in != content_type::application_data;
}

// The engine has no result: determines the direction in which it is blocked.
inline Status Traits::SessionEngine::blocked() {
    if (input_error_ != Err::none) return refuse(input_error_);
    if (takes_record()) return Status::want_read;
    const unsigned state = br_ssl_engine_current_state(&engine());
    if ((state & BR_SSL_CLOSED) != 0) return fail();
    // With neither it would wait forever.
    return (state & BR_SSL_SENDREC) != 0 || has_output() ? Status::want_write
                                                         : refuse(Err::unexpected_message);
}

// The engine has stopped: in good order, or for an error, which needs an alert.
Status Traits::SessionEngine::fail() {
    const int number = br_ssl_engine_last_error(&engine());
    return number == BR_ERR_OK ? Status::closed : refuse(number);
}

Status Traits::SessionEngine::refuse(int number) {
    error_ = translate(number, setup_->role);
    // Also the error for records that are too short to be protected: plain text, mostly.
    if (number == BR_ERR_BAD_LENGTH && RecordHeader(engine().ibuf).length() <= most_plaintext)
        error_.code = Err::bad_record;
    if (const Err verdict = validator_.peer().verdict(); verdict != Err::none)
        error_.code = verdict;
    if (capabilities.server_names && authentication_.refuses_name())
        error_.code = Err::unknown_server_name;
    error_.code = Operation::resource_error_or(error_.code);
    // The engine sends some alerts itself; and an alert is not answered by another.
    if (number < BR_ERR_RECV_FATAL_ALERT) queue_alert(bearssl::alert_for(error_, setup_->role));
    return Status::failed;
}

Status Traits::SessionEngine::refuse(Err why) {
    error_ = {why};
    queue_alert(bearssl::alert_for(error_, setup_->role));
    return Status::failed;
}

// The engine would answer a close_notify and accept no more plain bytes, but core/ decides about
// that. So alerts are decrypted here, and interpreted as process-alert-byte in the engine's
// ssl_hs_common.t0 does.
Status Traits::SessionEngine::read_alerts() {
    constexpr auto warning = static_cast<unsigned char>(AlertLevel::warning),
                   fatal = static_cast<unsigned char>(AlertLevel::fatal);
    br_ssl_engine_context& own = engine();
    const std::size_t contents = std::exchange(contents_, 0);
    std::size_t size = contents;
    const unsigned char* byte = own.in.vtable->decrypt(
        &own.in.vtable, own.record_type_in, own.version_in, own.ibuf + RecordHeader::size, &size);
    if (byte == nullptr) return refuse(BR_ERR_BAD_MAC);
    // As its make_ready_in(): for the next header.
    own.ixa = own.ixb = 0;
    told_ = contents + RecordHeader::size;
    own.ixc = RecordHeader::size;
    for (; size != 0; --size, ++byte) {
        const unsigned char level = own.alert;
        own.alert = level != 0 ? 0 : *byte == warning ? warning : fatal;
        if (level == 0) continue;
        const auto alert = static_cast<Alert>(*byte);
        if (level == fatal || alert == Alert::no_renegotiation)
            return refuse(BR_ERR_RECV_FATAL_ALERT + *byte);
        if (alert == Alert::close_notify) return Status::closed;
    }
    return Status::want_read;
}

// BearSSL stops at most errors without an alert. Its record layer still works, so the alert is made
// here, under the current keys.
void Traits::SessionEngine::queue_alert(Alert alert) {
    constexpr std::size_t front = 16, back = 32; // header and explicit nonce; tag
    std::uint8_t buffer[front + alert_size + back];
    buffer[front] = static_cast<std::uint8_t>(AlertLevel::fatal);
    buffer[front + 1] = static_cast<std::uint8_t>(alert);
    std::size_t size = alert_size;
    const br_sslrec_out_class** out = &engine().out.vtable;
    // Before the hellos the engine has no version for a record's header.
    const unsigned version = engine().version_out != 0 ? engine().version_out : BR_TLS12;
    const unsigned char* record =
        (*out)->encrypt(out, content_type::alert, version, buffer + front, &size);
    flight_.append({record, size}, USSL_FLIGHT_BUFFER);
}

inline Status Traits::SessionEngine::handshake() {
    constexpr unsigned is_over = BR_SSL_SENDAPP | BR_SSL_RECVAPP;
    unsigned state = 0;
    do {
        next_record();
        if (has_good_record()) read_input();
        gather();
        state = br_ssl_engine_current_state(&engine());
    } while ((state & is_over) == 0 && told_ != 0 && takes_record());
    if ((state & is_over) == 0) return blocked();
    if (holds_messages()) return refuse(Err::unexpected_message);
    const Err verdict = validator_.peer().at_end(*setup_, is_resumed());
    if (verdict != Err::none) return refuse(verdict);
    validator_.handshake_done();
#if USSL_RESUMPTION && USSL_SERVER
    // RFC 6066, 3: not under another name than the session's.
    if (!is_client() && is_resumed() &&
        !SessionCache::is_for(engine().session, hello_.server_name(engine()))) {
        return refuse(Err::handshake_failure);
    }
#endif
    established_ = true;
    release_buffers();
#if USSL_KEY_LOG
    if (context_->key_log.line != nullptr) {
        log_key(context_->key_log, key_label::client_random, engine().client_random,
                engine().session.master_secret);
    }
#endif
    return Status::ok;
}

inline Status Traits::SessionEngine::look_ahead() {
    for (;;) {
        next_record();
        if (!has_good_record()) {
            const Status status = blocked();
            if (status != Status::want_write) return status;
            gather(); // sends the refusal of a renegotiation
            if (!takes_record()) return blocked();
        } else if (engine().record_type_in == content_type::alert) {
            const Status status = read_alerts();
            if (status != Status::want_read) return status;
        } else {
            if (engine().record_type_in == content_type::handshake) {
                // The engine must send its answer to one message before it gets the next.
                gather();
                if (engine().oxc > engine().oxa) return Status::want_write;
            }
            read_input();
            if (readable() != 0) return Status::ok;
        }
    }
}

inline std::size_t Traits::SessionEngine::take(MutableBytes into) {
    const std::size_t count = readable_ < into.size() ? readable_ : into.size();
    std::memcpy(into.data(), engine().ibuf + engine().ixa, count);
    br_ssl_engine_recvapp_ack(&engine(), count);
    readable_ -= count;
    if (readable_ == 0) drop_record();
    return count;
}

inline IoResult Traits::SessionEngine::write(Bytes from) {
    std::size_t size = 0;
    unsigned char* space = br_ssl_engine_sendapp_buf(&engine(), &size);
    if (space == nullptr) {
        const Status status = blocked();
        return {status == Status::want_read ? Status::want_write : status, 0};
    }
    if (size < from.size() && output_.capacity() < whole_output) {
        if (!make_output_whole()) return {refuse(Err::no_memory), 0};
        space = br_ssl_engine_sendapp_buf(&engine(), &size);
    }
    const std::size_t count = size < from.size() ? size : from.size();
    std::memcpy(space, from.data(), count);
    br_ssl_engine_sendapp_ack(&engine(), count);
    br_ssl_engine_flush(&engine(), 0);
    return {Status::ok, count};
}

inline Status Traits::SessionEngine::close_notify() {
    if (!closing_) {
        // A pending record must leave before the engine can make the next one.
        gather();
        std::size_t size = 0;
        if (br_ssl_engine_sendrec_buf(&engine(), &size) != nullptr) return Status::want_write;
        br_ssl_engine_close(&engine());
        closing_ = true;
    }
    gather();
    return Status::ok;
}

std::uint16_t Traits::SessionEngine::suite() const { return engine().session.cipher_suite; }

// A client's session is resumed if the server repeats the offered ID; a server's if it had to
// choose no certificate.
bool Traits::SessionEngine::is_resumed() const {
#if USSL_RESUMPTION
    if (!is_client()) return context_->cache != nullptr && !authentication_.has_chosen();
    br_ssl_session_parameters offered{};
    const br_ssl_session_parameters& session = engine().session;
    const bool same =
        unpack(setup_->resumption, offered) && equal({offered.session_id, offered.session_id_len},
                                                     {session.session_id, session.session_id_len});
    wipe({reinterpret_cast<std::uint8_t*>(&offered), sizeof offered});
    return same;
#else
    return false;
#endif
}

bool Traits::SessionEngine::ends_early() const {
#if USSL_RESUMPTION
    return setup_->verified.until - setup_->session_lifetime < setup_->expectations.now;
#else
    return true;
#endif
}

std::size_t Traits::SessionEngine::resumption_data(MutableBytes into) const {
#if USSL_RESUMPTION
    if (engine().session.session_id_len == 0) return 0; // the server stores nothing
    if (into.size() >= resumption_size) pack(engine().session, into.data());
    return resumption_size;
#else
    static_cast<void>(into);
    return 0;
#endif
}

#if USSL_MAX_FRAGMENT_LENGTH
std::size_t Traits::SessionEngine::max_fragment_length() const {
    if (is_client())
        return hello_.has(extension_type::max_fragment_length) ? context_->max_fragment_length : 0;
    const unsigned granted = engine().peer_log_max_frag_len;
    return granted != 0 ? std::size_t{1} << granted : 0;
}
#endif

// RFC 5705. BearSSL wants a NUL-terminated label.
Err Traits::SessionEngine::export_keying_material(MutableBytes out, std::string_view label,
                                                  Bytes context) {
#if USSL_EXPORTER
    char text[128];
    if (label.size() >= sizeof text || context.size() > UINT16_MAX ||
        label.find('\0') != std::string_view::npos)
        return Err::invalid_argument;
    std::memcpy(text, label.data(), label.size());
    text[label.size()] = '\0';
    const void* given = context.empty() ? nullptr : context.data();
    // The library exports only while application data may flow; but the secrets survive a close.
    const unsigned char phase = std::exchange(engine().application_data, 1);
    const bool exported =
        br_ssl_key_export(&engine(), out.data(), out.size(), text, given, context.size()) != 0;
    engine().application_data = phase;
    return exported ? Err::none : Err::invalid_argument;
#else
    static_cast<void>(out), static_cast<void>(label), static_cast<void>(context);
    return Err::unsupported;
#endif
}

std::string_view Traits::SessionEngine::alpn() const {
    // BearSSL's parameter lacks a const; the function only reads.
    const char* name =
        br_ssl_engine_get_selected_protocol(const_cast<br_ssl_engine_context*>(&engine()));
    return name == nullptr ? std::string_view{} : std::string_view{name};
}

} // namespace ussl::bearssl

template class ussl::SessionOf<ussl::bearssl::Traits>;
