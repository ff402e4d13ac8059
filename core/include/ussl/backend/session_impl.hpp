// The member functions of SessionOf. Included by the adapter's source file that defines the engine,
// so that the compiler can inline across both.
#pragma once

#include "ussl/backend/check_settings.hpp"
#include "ussl/backend/checked_engine.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/resumption_frame.hpp"
#include "ussl/backend/session_of.hpp"

#include <cassert>
#include <cstring>
#include <memory>
#include <new>

namespace ussl {

template<class Traits>
auto& SessionOf<Traits>::engine() {
    using Engine = contract::CheckedSessionEngine<Traits>;
    return *std::launder(reinterpret_cast<Engine*>(storage_));
}

template<class Traits>
const auto& SessionOf<Traits>::engine() const {
    using Engine = contract::CheckedSessionEngine<Traits>;
    return *std::launder(reinterpret_cast<const Engine*>(storage_));
}

// Whether not the peer, but a lack of memory or randomness on this device is the reason.
constexpr bool is_shortage(Err why) {
    return why == Err::no_memory || why == Err::no_memory_for_record || why == Err::no_randomness;
}

// The handshake has failed, or the first read after resuming: do not offer this stored session
// again, unless `why` is a shortage on this device.
template<class Traits>
void SessionOf<Traits>::refuse_offered_session([[maybe_unused]] Err why) {
#if USSL_RESUMPTION
    if constexpr (Traits::capabilities.resumption) {
        if (offered_ != 0 && !is_shortage(why)) refused_sessions_->add(offered_);
        offered_ = 0;
    }
#endif
}

template<class Traits>
Status SessionOf<Traits>::misuse(Err why) {
    misused_ = why;
    return Status::failed;
}

// Fails for a reason that is not the engine's.
template<class Traits>
Status SessionOf<Traits>::fail(Err why) {
    own_error_ = why;
    state_ = State::failed;
    refuse_offered_session(why);
    return Status::failed;
}

// Too many records without data have come.
template<class Traits>
bool SessionOf<Traits>::is_flooded() {
    if (!useless_.are_too_many()) return false;
    fail(Err::unexpected_message);
    return true;
}

// The engine waits for something that no caller can provide, or moves nothing and returns ok:
// callers would loop forever. This is a defect in the engine; programs without assertions get an
// error.
template<class Traits>
Status SessionOf<Traits>::fail_without_progress() {
#if USSL_HOSTED // elsewhere assert() would link printf()
    assert(false && "an engine has moved nothing, and nobody can help it");
#endif
    return fail(Err::internal);
}

// Updates the state for the engine's status: remembers ends, and turns want_read into truncated if
// the input has ended.
template<class Traits>
Status SessionOf<Traits>::update_state(Status status) {
    if (status == Status::ok) return status;
    if (status == Status::want_write && !engine().has_output()) return fail_without_progress();
    if (status == Status::want_read) {
        if (input_ended_) status = Status::truncated;
        waits_for_input_ = true;
    }
    // A close_notify during the handshake is not an orderly end.
    if (status == Status::closed && !established_) status = Status::truncated;
    switch (status) {
    case Status::closed: state_ = State::peer_closed; break;
    case Status::truncated:
        state_ = State::truncated;
        refuse_offered_session();
        break;
    case Status::failed:
        state_ = State::failed;
        refuse_offered_session(engine().error().code);
        break;
    default: break;
    }
    return status;
}

template<class Traits>
USSL_WITH_SWITCHES Error SessionOf<Traits>::open(Context& context, const PeerIdentity& peer) {
    // Trivial, so that static sessions in firmware need no runtime for destructors: release() does
    // the work.
    static_assert(std::is_trivially_destructible_v<SessionOf>);
    contract::check_session_engine<Traits>();
    using Engine = contract::CheckedSessionEngine<Traits>;

    const ProgramLock lock; // checks use the library's hashes before there is an operation
    if (state_ != State::idle || !context.is_open()) return {Err::invalid_state};
#if USSL_SEVERAL_BACKENDS
    if (&context.backend() != &Traits::backend()) return {Err::invalid_argument};
#endif
    auto& own = static_cast<ContextOf<Traits>&>(context);
    setup_ = own.setup_;
    Err error = expect_peer(setup_, peer, *own.environment_);
    if (error != Err::none) return {error};
#if USSL_RESUMPTION
    if constexpr (Traits::capabilities.resumption) {
        keeps_resumption_data_ = own.resumption_ && setup_.role == Role::client;
        setup_.expectations.valid_until = &setup_.verified.until;
        offered_ = 0;
        if (keeps_resumption_data_) {
            // Needed even if certificates are not verified: stored sessions expire.
            if (read_clock(*own.environment_, setup_.verified.at) != Err::none)
                setup_.verified.at = 0;
            refused_sessions_ = &own.refused_sessions_;
            const RefusedSessions::Mark mark = RefusedSessions::mark_of(peer.resumption);
            if (mark != 0 && !refused_sessions_->has(mark))
                setup_.resumption =
                    ResumptionFrame(setup_, Traits::backend()).open(peer.resumption, resumed_);
            offered_ = setup_.resumption.empty() ? RefusedSessions::Mark{0} : mark;
        }
    }
#endif
#if USSL_CONNECTION_ID
    if (setup_.connection_id_size != 0)
        std::memcpy(own_id_, peer.connection_id.data(), setup_.connection_id_size);
    setup_.expectations.identity.connection_id = {own_id_, setup_.connection_id_size};
    newest_before_ = 0;
#endif
    owner_ = {own.environment_, storage_};
    const Operation under_way(owner_);
    Engine* engine = new (storage_) Engine();
    error = engine->start(own.engine(), setup_);
    if (error != Err::none) {
        std::destroy_at(engine);
        return {error, 0, owner_.library_error};
    }
    if constexpr (Traits::capabilities.handshake_timeout)
        handshake_limit_.start(*owner_.environment, own.handshake_timeout_);
    misused_ = Err::none;
    state_ = State::handshaking;
    return {};
}

template<class Traits>
void SessionOf<Traits>::release() {
    misused_ = Err::none;
    if (state_ == State::idle) return;
    if (state_ == State::handshaking) refuse_offered_session();
    const Operation under_way(owner_);
    std::destroy_at(&engine());
    wipe({reinterpret_cast<std::uint8_t*>(storage_), sizeof storage_});
    state_ = State::idle;
    established_ = input_ended_ = close_reported_ = waits_for_input_ = false;
    look_ahead_status_ = Status::ok;
    header_seen_ = 0;
    useless_ = {};
    own_error_ = Err::none;
    if constexpr (Traits::capabilities.dtls) filter_.forget();
}

template<class Traits>
MutableBytes SessionOf<Traits>::input_space() {
    if (!takes_input() || input_ended_) return {};
    const MutableBytes space = engine().input_space();
    if (space.empty() && waits_for_input_) fail_without_progress();
    return space;
}

template<class Traits>
bool SessionOf<Traits>::input_commit(std::size_t count) {
    if (count == 0 || !takes_input() || input_ended_) return true;
    if (!is_datagram()) {
        const Bytes bytes = engine().input_space().first(count);
        if (header_seen_ < 2 && !looks_like_tls(bytes.data(), count)) {
            fail(Err::not_tls);
            return true;
        }
        useless_.see(bytes, Traits::capabilities.tls1_3);
    }
    if constexpr (Traits::capabilities.dtls) {
        if (is_datagram()) {
            ExpectedForm form;
#if USSL_CONNECTION_ID
            if (setup_.connection_id) {
                if constexpr (Traits::capabilities.connection_id)
                    newest_before_ = engine().newest_record();
                form.is_known = established_;
                form.id =
                    established_ ? connection_id() : setup_.expectations.identity.connection_id;
            }
#endif
            count =
                filter_.pass(engine().input_space(), count, setup_.role, engine().datagram_stage(),
                             datagram_overhead(engine().suite()), form);
            if (count == 0) return state_ != State::open;
        }
    }
    waits_for_input_ = false;
    engine().input_commit(count);
    // During the handshake always return true, so that the caller checks the time limit.
    return state_ != State::open || (engine().has_input() && look_ahead());
}

// Opens records up to the first with plain bytes: that makes readable() and can_read() exact. An
// event that ends the session takes effect when everything before it has been read. Precondition:
// the engine has input (checking that is cheaper than this call). Returns whether read() has an
// answer, or there is output.
template<class Traits>
USSL_INLINE_ON_HOSTS bool SessionOf<Traits>::look_ahead() {
    if (state_ != State::open || engine().readable() != 0) return true;
    const Operation under_way(owner_);
    const Status status = look_ahead_status_ = engine().look_ahead();
    if (status == Status::ok || status == Status::want_read) useless_.opened(status == Status::ok);
    if (status == Status::ok && !useless_.are_before_data()) return true;
    // Only now: a record that the engine refuses ends the session alike, however many come with it,
    // and data before the flood are delivered.
    if (status != Status::want_write && status != Status::failed && is_flooded()) return true;
    if (status == Status::closed || status == Status::failed) update_state(status);
    return (status != Status::want_read && status != Status::want_write) || engine().has_output();
}

// Recognises a peer that does not speak TLS (an HTTP server, for example) by its first bytes,
// before a library interprets them: they must be a handshake record or an alert, of a version 3.x
// (RFC 8446, 5.1).
template<class Traits>
[[gnu::noinline]] bool SessionOf<Traits>::looks_like_tls(const std::uint8_t* input,
                                                         std::size_t count) {
    constexpr std::uint8_t major_version = tls1_2_on_wire >> 8;
    for (; header_seen_ < 2 && count != 0; ++header_seen_, --count) {
        const std::uint8_t byte = *input++;
        if (header_seen_ == 0 ? byte != content_type::handshake && byte != content_type::alert
                              : byte != major_version)
            return false;
    }
    return true;
}

template<class Traits>
void SessionOf<Traits>::input_end() {
    if (state_ != State::idle) input_ended_ = true;
}

template<class Traits>
Bytes SessionOf<Traits>::output() {
    return state_ == State::idle ? Bytes{} : engine().output();
}

template<class Traits>
bool SessionOf<Traits>::output_consume(std::size_t count) {
    if (state_ == State::idle) return false;
    const Operation under_way(owner_);
    // A datagram leaves as a whole, however many bytes a stream transport reports.
    if (is_datagram() && count != 0) count = engine().output().size();
    if (count != 0) engine().output_consume(count);
    if (look_ahead_status_ == Status::want_write && engine().has_input()) look_ahead();
    const bool more = engine().has_output();
    if (!more) end_record();
    return more;
}

// A record was sent, or read to its end. Firmware gives its memory back at once, so that another
// connection can have it, and a transport that blocks does not hold it. On hosts the next record
// may be as long: see release_buffers().
template<class Traits>
void SessionOf<Traits>::end_record() {
    if constexpr (features::short_buffers && !features::hosted &&
                  ReleasesBuffers<typename Traits::SessionEngine>)
        if (state_ == State::open) engine().release_buffers();
}

template<class Traits>
void SessionOf<Traits>::release_buffers() {
    if constexpr (ReleasesBuffers<typename Traits::SessionEngine>) {
        if (state_ != State::open) return;
        const Operation under_way(owner_);
        engine().release_buffers();
    }
}

template<class Traits>
Status SessionOf<Traits>::handshake() {
    misused_ = Err::none;
    switch (state_) {
    case State::handshaking: {
        if (is_out_of_time()) return fail(Err::handshake_timeout);
        const Operation under_way(owner_);
        const Status status = engine().handshake();
        if ((status == Status::want_read || status == Status::ok) && is_flooded())
            return Status::failed;
        if (status != Status::ok) return update_state(status);
        established_ = true;
        state_ = State::open;
        useless_.established(engine().suite());
        if constexpr (Traits::capabilities.resumption)
            if (offered_ != 0 && !engine().is_resumed()) offered_ = 0;
        if (engine().has_input()) look_ahead();
        return Status::ok;
    }
    case State::open:
    case State::peer_closed: return Status::ok;
    case State::truncated: return Status::truncated;
    case State::failed: return Status::failed;
    default: return misuse();
    }
}

// For read() and write(): continues the handshake if necessary. Fails if the session has failed.
template<class Traits>
Status SessionOf<Traits>::establish() {
    const Status status = handshake();
    return status == Status::ok && state_ == State::failed ? Status::failed : status;
}

template<class Traits>
inline IoResult SessionOf<Traits>::with_output_state(IoResult result) const {
    result.output_is_empty = !engine().has_output();
    return result;
}

template<class Traits>
IoResult SessionOf<Traits>::read(MutableBytes into) {
    // Hosts check the two frequent cases first: plain bytes are there, or there is nothing yet.
    // read_on() does the same in less code.
    if constexpr (features::hosted) {
        if (state_ == State::open && !into.empty()) {
            misused_ = Err::none;
            if (engine().readable() != 0) return take(into);
            if (!engine().has_input() && !input_ended_) {
                waits_for_input_ = true;
                return with_output_state({Status::want_read, 0});
            }
        }
    }
    return read_on(into);
}

template<class Traits>
[[gnu::noinline]] IoResult SessionOf<Traits>::read_on(MutableBytes into) {
    for (;;) { // repeats if look_ahead() has ended the session
        IoResult result{get_established(), 0};
        if (result.status != Status::ok) return result;
        if (state_ != State::open) {
            result.status = Status::closed;
        } else if (into.empty()) {
            return result;
        } else if (const bool opened = engine().readable() != 0; !opened && !engine().has_input()) {
            result.status = update_state(Status::want_read);
        } else {
            if (!opened) look_ahead();
            if (engine().readable() != 0) return take(into);
            if (state_ != State::open) continue;
            result.status = look_ahead_status_ == Status::ok ? fail_without_progress()
                                                             : update_state(look_ahead_status_);
        }
        if (result.status == Status::closed) close_reported_ = true;
        return with_output_state(result);
    }
}

// Takes plain bytes that were opened. Most of the time no input is behind them.
template<class Traits>
[[gnu::noinline]] IoResult SessionOf<Traits>::take(MutableBytes into) {
    const Operation under_way(owner_);
    const std::size_t count = engine().take(into);
    if (count == 0) return {fail_without_progress(), 0};
    if constexpr (Traits::capabilities.dtls)
        if (is_datagram()) drop_rest_of_datagram();
    if constexpr (Traits::capabilities.resumption)
        offered_ = 0; // resuming has worked: the peer sends data
    if (engine().has_input()) look_ahead();
    if (engine().readable() == 0) end_record();
    return with_output_state({Status::ok, count});
}

// Drops the bytes of the datagram that did not fit.
template<class Traits>
void SessionOf<Traits>::drop_rest_of_datagram() {
    std::uint8_t rest[64];
    while (engine().readable() != 0 && engine().take(rest) != 0)
        wipe(rest);
}

// After the peer's close_notify: in TLS 1.3 the other direction stays open (RFC 8446, 6.1). In TLS
// 1.2 pending writes are discarded (RFC 5246, 7.2.1), but until read() has returned closed the
// caller cannot know.
template<class Traits>
bool SessionOf<Traits>::may_write() const {
    return !close_reported_ || (features::tls1_3 && engine().version() == Version::tls1_3);
}

template<class Traits>
IoResult SessionOf<Traits>::write(Bytes from) {
    IoResult result{get_established(), 0};
    if (state_ == State::peer_closed && !may_write()) result.status = Status::closed;
    if (result.status != Status::ok || from.empty()) return result;
    if (is_datagram() && from.size() > max_fragment_length())
        return {misuse(Err::datagram_too_large), 0};
    const Operation under_way(owner_);
    result = engine().write(from);
    if (result.status != Status::ok)
        result.status = update_state(result.status);
    else if (result.bytes == 0)
        return {fail_without_progress(), 0};
    return result;
}

template<class Traits>
Status SessionOf<Traits>::close() {
    misused_ = Err::none;
    switch (state_) {
    case State::idle: return misuse();
    case State::open:
    case State::peer_closed: {
        const Operation under_way(owner_);
        const Status status = engine().close_notify();
        if (status == Status::want_write) return status;
        // Whatever else the library returns, there is nothing more to send.
        state_ = State::closing;
        return Status::ok;
    }
    case State::handshaking: state_ = State::closing; return Status::ok;
    default: return Status::ok;
    }
}

template<class Traits>
std::size_t SessionOf<Traits>::readable() const {
    return state_ == State::open ? engine().readable() : 0;
}

template<class Traits>
bool SessionOf<Traits>::can_read() const {
    switch (state_) {
    case State::handshaking: return input_ended_ || is_out_of_time();
    case State::open: return input_ended_ || engine().readable() != 0;
    default: return true;
    }
}

template<class Traits>
Error SessionOf<Traits>::error() const {
    Error error;
    if (misused_ != Err::none)
        error.code = misused_;
    else if (state_ == State::truncated)
        error.code = Err::truncated;
    else if (state_ == State::failed && own_error_ == Err::none)
        error = engine().error();
    else
        error.code = own_error_;
    return error;
}

template<class Traits>
Version SessionOf<Traits>::version() const {
    return established_ ? engine().version() : Version::none;
}

template<class Traits>
std::uint16_t SessionOf<Traits>::suite() const {
    return established_ ? engine().suite() : std::uint16_t{0};
}

template<class Traits>
std::string_view SessionOf<Traits>::alpn() const {
    return established_ ? engine().alpn() : std::string_view{};
}

template<class Traits>
bool SessionOf<Traits>::is_resumed() const {
    if constexpr (Traits::capabilities.resumption)
        return established_ && engine().is_resumed();
    else
        return false;
}

template<class Traits>
std::size_t SessionOf<Traits>::max_fragment_length() const {
    if constexpr (Traits::capabilities.dtls)
        if (is_datagram() && established_) return engine().largest_datagram();
    if constexpr (Traits::capabilities.max_fragment_length) {
        const std::size_t agreed = established_ ? engine().max_fragment_length() : 0;
        if (agreed != 0 && agreed < USSL_RECORD_INPUT) return agreed;
    }
    if constexpr (Traits::capabilities.record_size_limit) {
        const std::size_t agreed = established_ ? engine().record_size_limit() : USSL_RECORD_INPUT;
        if (agreed < USSL_RECORD_INPUT) return agreed;
    }
    return USSL_RECORD_INPUT;
}

template<class Traits>
std::uint32_t SessionOf<Traits>::timeout() const {
    std::uint32_t left = no_timeout;
    if (features::handshake_timeout && state_ == State::handshaking)
        left = handshake_limit_.left(*owner_.environment);
    if constexpr (Traits::capabilities.dtls) {
        if (is_datagram() && takes_input()) {
            const std::uint32_t next = engine().timeout();
            if (next < left) left = next;
        }
    }
    return left;
}

template<class Traits>
bool SessionOf<Traits>::peer_restarts() const {
    if constexpr (Traits::capabilities.dtls) return filter_.has_seen_new_hello();
    return false;
}

template<class Traits>
Bytes SessionOf<Traits>::connection_id() const {
    if constexpr (Traits::capabilities.connection_id)
        if (setup_.connection_id && established_ && engine().receives_connection_id())
            return setup_.expectations.identity.connection_id;
    return {};
}

template<class Traits>
Bytes SessionOf<Traits>::peer_connection_id() const {
    if constexpr (Traits::capabilities.connection_id)
        if (setup_.connection_id && established_) return engine().peer_connection_id();
    return {};
}

template<class Traits>
bool SessionOf<Traits>::is_newest() const {
#if USSL_CONNECTION_ID
    if constexpr (Traits::capabilities.connection_id)
        return !connection_id().empty() && engine().newest_record() > newest_before_;
#endif
    return false;
}

template<class Traits>
std::size_t SessionOf<Traits>::resumption_data(MutableBytes into) {
#if USSL_RESUMPTION
    if constexpr (Traits::capabilities.resumption) {
        if (keeps_resumption_data_ && established_ && state_ != State::failed) {
            const ResumptionFrame frame(setup_, Traits::backend());
            Operation::Owner asking{owner_.environment};
            const Operation under_way(asking);
            const std::size_t size = engine().resumption_data({});
            if (size == 0) return 0;
            const std::size_t framed = frame.size() + size;
            if (into.size() >= framed &&
                (engine().resumption_data(into.subspan(frame.size(), size)) != size ||
                 !frame.write(into.first(framed),
                              engine().is_resumed() ? resumed_ : setup_.verified)))
                return 0;
            return framed;
        }
    }
#endif
    static_cast<void>(into);
    return 0;
}

template<class Traits>
Err SessionOf<Traits>::export_keying_material(MutableBytes out, std::string_view label,
                                              Bytes context) {
    if constexpr (Traits::capabilities.exporter) {
        if (!established_ || state_ == State::idle || state_ == State::failed)
            return Err::invalid_state;
        Operation::Owner asking{owner_.environment};
        const Operation under_way(asking);
        return engine().export_keying_material(out, label, context);
    }
    static_cast<void>(out), static_cast<void>(label), static_cast<void>(context);
    return Err::unsupported;
}

template<class Traits>
Bytes SessionOf<Traits>::peer_certificate() const {
    return state_ == State::idle ? Bytes{} : engine().peer_certificate();
}

} // namespace ussl
