// The concrete session of a backend: the state machine of ussl/session.hpp around its engine.
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/countdown.hpp"
#include "ussl/backend/datagram_filter.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/refused_sessions.hpp"
#include "ussl/backend/session_setup.hpp"
#include "ussl/backend/useless_records.hpp"

#include <cstddef>
#include <type_traits>

namespace ussl {

template<class Traits>
class SessionOf final : public Session {
public:
    SessionOf() = default;
    SessionOf(const SessionOf&) = delete;
    SessionOf& operator=(const SessionOf&) = delete;

    USSL_WITH_SWITCHES Error open(Context& context, const PeerIdentity& peer) USSL_OVERRIDE;
    void release() USSL_OVERRIDE;

    MutableBytes input_space() USSL_OVERRIDE;
    bool input_commit(std::size_t count) USSL_OVERRIDE;
    void input_end() USSL_OVERRIDE;
    Bytes output() USSL_OVERRIDE;
    bool output_consume(std::size_t count) USSL_OVERRIDE;
    void release_buffers() USSL_OVERRIDE;

    Status handshake() USSL_OVERRIDE;
    IoResult read(MutableBytes into) USSL_OVERRIDE;
    IoResult write(Bytes from) USSL_OVERRIDE;
    Status close() USSL_OVERRIDE;

    std::size_t readable() const USSL_OVERRIDE;
    bool can_read() const USSL_OVERRIDE;
    bool is_established() const USSL_OVERRIDE { return established_; }
    bool peer_restarts() const USSL_OVERRIDE;
    Error error() const USSL_OVERRIDE;
    Version version() const USSL_OVERRIDE;
    std::uint16_t suite() const USSL_OVERRIDE;
    std::string_view alpn() const USSL_OVERRIDE;
    bool is_resumed() const USSL_OVERRIDE;
    std::size_t max_fragment_length() const USSL_OVERRIDE;
    std::uint32_t timeout() const USSL_OVERRIDE;
    Bytes connection_id() const USSL_OVERRIDE;
    Bytes peer_connection_id() const USSL_OVERRIDE;
    bool is_newest() const USSL_OVERRIDE;
    std::size_t resumption_data(MutableBytes into) USSL_OVERRIDE;
    Err export_keying_material(MutableBytes out, std::string_view label,
                               Bytes context) USSL_OVERRIDE;
    Bytes peer_certificate() const USSL_OVERRIDE;

private:
    enum class State : std::uint8_t {
        idle,
        handshaking,
        open,
        peer_closed, // the peer's close_notify was read
        closing,     // close() was called
        truncated,
        failed,
    };

    // The Traits::SessionEngine; where it is complete.
    auto& engine();
    const auto& engine() const;

    bool looks_like_tls(const std::uint8_t* input, std::size_t count);
    Status fail(Err why);
    Status misuse(Err why = Err::invalid_state);
    void refuse_offered_session(Err why = Err::none);
    Status fail_without_progress();
    bool is_flooded();
    Status get_established() {
        return state_ == State::open ? (misused_ = Err::none, Status::ok) : establish();
    }
    Status establish();
    Status update_state(Status status);
    bool look_ahead();
    IoResult read_on(MutableBytes into);
    IoResult take(MutableBytes into);
    void end_record();
    IoResult with_output_state(IoResult result) const;
    void drop_rest_of_datagram();
    bool may_write() const;
    bool is_out_of_time() const {
        return features::handshake_timeout && handshake_limit_.left(*owner_.environment) == 0;
    }
    bool is_datagram() const { return Traits::capabilities.dtls && setup_.datagram; }
    bool takes_input() const { return state_ == State::handshaking || state_ == State::open; }

    State state_ = State::idle;
    bool established_ = false;
    bool input_ended_ = false;
    bool close_reported_ = false;  // read() has returned closed
    bool waits_for_input_ = false; // want_read was returned
    Status look_ahead_status_ =
        Status::ok;           // of the last look_ahead(); want_write: until output is taken out
    Err misused_ = Err::none; // why the last call was not allowed
    bool keeps_resumption_data_ = false;
    // The offered session, until it has worked.
    RefusedSessions::Mark offered_ = 0;
#if USSL_RESUMPTION
    RefusedSessions* refused_sessions_ = nullptr; // the context's
    Verified resumed_;                            // in the full handshake before that
#endif
    std::uint8_t header_seen_ = 0; // bytes of the first record's header that were checked
    Err own_error_ = Err::none;    // with failed: none if the error is the engine's
    UselessRecords useless_;
    Countdown handshake_limit_;
#if USSL_CONNECTION_ID
    std::uint8_t own_id_[max_connection_id];
    std::uint64_t newest_before_ = 0; // the newest record before the last datagram
#endif
    struct NoFilter {};
    [[no_unique_address]] std::conditional_t<Traits::capabilities.dtls, DatagramFilter, NoFilter>
        filter_;
    // One owner for all calls that continue the session: a library may carry on after running out
    // of memory, say, and fail in a later call because of it. Queries have owners of their own.
    Operation::Owner owner_;
    SessionSetup setup_{};
    alignas(std::max_align_t) std::byte storage_[Traits::session_size];
};

} // namespace ussl
