// The functions of a session that are special to datagrams (RFC 6347).
#include "session_engine.hpp"

#include "datagram_cutter.hpp"
#include "internals.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/suites.hpp"

#include <cstring>

namespace ussl::wolfssl {

#if USSL_DTLS

// A server that has seen no ClientHello with a valid cookie.
bool Traits::SessionEngine::is_unverified() const {
    return is_datagram() && setup_->role == Role::server && !internals::is_stateful(ssl_);
}

MutableBytes Traits::SessionEngine::datagram_space() {
    if (place_ == nullptr || placed_ != 0 || internals::receive_position(ssl_) != place_) return {};
    return {place_, wanted_};
}

void Traits::SessionEngine::datagram_commit(std::size_t count) { placed_ = count; }

bool Traits::SessionEngine::has_datagram() const { return is_datagram() && placed_ != 0; }

std::size_t Traits::SessionEngine::unread_datagram() const {
    return placed_ + internals::unread(ssl_);
}

DatagramStage Traits::SessionEngine::datagram_stage() const {
    if (established_) return DatagramStage::established;
    if (is_unverified()) return DatagramStage::unverified;
    if (setup_->role == Role::server || internals::knows_keys(ssl_))
        return DatagramStage::handshaking;
    return internals::may_be_resuming(ssl_) ? DatagramStage::resuming : DatagramStage::keyless;
}

int Traits::SessionEngine::take_datagram(std::uint8_t* into, std::size_t size) {
    const std::size_t placed = placed_;
    placed_ = 0;
    if (placed != 0) {
        // wolfSSL asks again, for the same place: see its GetInputData().
        if (into != place_ || size < placed) return WOLFSSL_CBIO_ERR_GENERAL;
        if (is_unverified() && setup_->expectations.identity.cookie_verified)
            internals::take_as_proven(ssl_, {into, placed});
        place_ = nullptr;
        wanted_ = 0;
        return static_cast<int>(placed);
    }
    place_ = into;
    wanted_ = size;
    return WOLFSSL_CBIO_ERR_WANT_READ;
}

// wolfSSL passes on one datagram. It knows neither the configured size nor that datagrams get lost.
bool Traits::SessionEngine::queue_datagram(Bytes datagram) {
    const std::size_t size = datagram.size();
    const std::size_t set = setup_->datagram_size;
    const std::size_t limit = resent_ > 1 && set > safe_datagram_size ? safe_datagram_size : set;
    flight_sent_ = true;
    if (!established_ && (size > limit || more_numbers_ != 0))
        return queue_in_pieces(datagram, limit);
    std::uint8_t prefix[2];
    write16(prefix, static_cast<std::uint32_t>(size));
    return sent_ == 0 && output_.append(Bytes{prefix}, USSL_FLIGHT_BUFFER, datagram);
}

bool Traits::SessionEngine::queue_in_pieces(Bytes datagram, std::size_t limit) {
    const std::size_t id_size = peer_id_size();
    const std::size_t needed = DatagramCutter(limit, more_numbers_, id_size, {}).cut(datagram);
    output_.compact();
    if (!output_.reserve(output_.size() + needed)) {
        Operation::note_resource_error(Err::no_memory);
        return false;
    }
    DatagramCutter cutter(limit, more_numbers_, id_size, output_.space());
    output_.commit(cutter.cut(datagram));
    more_numbers_ = cutter.more_numbers();
    return true;
}

// A cookie is valid for a minute, and for one more in the session that made it.
bool Traits::SessionEngine::prepare_for_unverified_client() {
    if (!is_unverified()) return true;
    internals::forget_alert(ssl_); // it was not sent: see take_output()
    const Environment& environment = *context_->environment;
    const auto period =
        static_cast<std::uint16_t>(environment.milliseconds(environment.user) >> 16);
    if (has_cookie_ && static_cast<std::uint16_t>(period - cookie_period_) <= 1) return true;
    has_cookie_ = true;
    cookie_period_ = period;
    std::uint8_t secret[sizeof context_->cookie_key + sizeof period];
    std::memcpy(secret, context_->cookie_key, sizeof context_->cookie_key);
    std::memcpy(secret + sizeof context_->cookie_key, &period, sizeof period);
    const bool set =
        internals::set_cookie(ssl_, Bytes{secret}, setup_->expectations.identity.client_id);
    wipe(MutableBytes{secret});
    return set;
}

// Before wolfSSL reads on: it must not drop messages of a flight that it is still receiving.
Status Traits::SessionEngine::resend_when_due() {
    if (!internals::is_resending(ssl_)) {
        if (timer_.left(*context_->environment) != 0) return Status::ok;
        if (!internals::double_timeout(ssl_)) {
            error_.code = Err::handshake_timeout;
            return Status::failed;
        }
        if (resent_ < 2) ++resent_;
    }
    const int code = internals::resend_flight(ssl_);
    if (code == WANT_WRITE) {
        timer_.stop();
        return Status::want_write;
    }
    return code == 0 ? Status::ok : fail(code);
}

// wolfSSL drops a Finished that cannot be decrypted, as any other record. But a client with another
// key would wait in vain.
bool Traits::SessionEngine::has_another_psk() const {
    constexpr std::size_t verify_data = 12; // RFC 5246, 7.4.9
    return setup_->role == Role::server && setup_->has_psk && uses_psk(suite()) &&
           internals::is_finished_closed(ssl_, message_header_size(true) + verify_data +
                                                   datagram_overhead(suite()));
}

void Traits::SessionEngine::set_timer(Status status) {
    if (status != Status::want_read || !internals::has_flight(ssl_)) {
        timer_.stop();
        return;
    }
    // wolfSSL returns to the first delay when the peer has made progress.
    const auto delay = static_cast<std::uint32_t>(wolfSSL_dtls_get_current_timeout(ssl_)) * 1000;
    if (!flight_sent_ && timer_.is_running() && timer_.delay() == delay) return;
    flight_sent_ = false;
    timer_.start(*context_->environment, delay);
}

// RFC 6347, 4.2.4: nobody answers the last flight, so its sender must notice that the peer repeats
// the flight before it.
bool Traits::SessionEngine::sent_last_flight() const {
    return (setup_->role == Role::server) != (wolfSSL_session_reused(ssl_) == 1);
}

Status Traits::SessionEngine::answer_repetition() {
    const bool repeated = internals::take_repetition(ssl_) && sent_last_flight();
    if (!internals::has_flight(ssl_) || !(repeated || internals::is_resending(ssl_)))
        return Status::ok;
    const int code = internals::resend_flight(ssl_);
    if (code == WANT_WRITE) return Status::want_write;
    return code == 0 ? Status::ok : fail(code);
}

// After the handshake: frees its data if the peer is the one that keeps the last flight.
void Traits::SessionEngine::keep_last_flight() {
    internals::take_repetition(ssl_); // clears the flag: that was no retransmission
    if (!sent_last_flight()) internals::free_handshake(ssl_);
}

// wolfSSL would end a server's session because of a datagram that anybody could have sent.
bool Traits::SessionEngine::forget_unverified_client(int result) {
    if (result > 0 || !is_unverified() || Operation::resource_error() != Err::none) return false;
    const int code = wolfSSL_get_error(ssl_, result);
    if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE) return false;
    messages_.forget_broken();
    internals::start_again(ssl_);
    return true;
}

void Traits::SessionEngine::note_data() { internals::remember_record(ssl_); }

#else

bool Traits::SessionEngine::is_unverified() const { return false; }
MutableBytes Traits::SessionEngine::datagram_space() { return {}; }
void Traits::SessionEngine::datagram_commit(std::size_t) {}
bool Traits::SessionEngine::has_datagram() const { return false; }
std::size_t Traits::SessionEngine::unread_datagram() const { return 0; }
int Traits::SessionEngine::take_datagram(std::uint8_t*, std::size_t) {
    return WOLFSSL_CBIO_ERR_GENERAL;
}
bool Traits::SessionEngine::queue_datagram(Bytes) { return false; }
bool Traits::SessionEngine::prepare_for_unverified_client() { return true; }
bool Traits::SessionEngine::forget_unverified_client(int) { return false; }
Status Traits::SessionEngine::resend_when_due() { return Status::ok; }
bool Traits::SessionEngine::has_another_psk() const { return false; }
void Traits::SessionEngine::set_timer(Status) {}
bool Traits::SessionEngine::sent_last_flight() const { return false; }
Status Traits::SessionEngine::answer_repetition() { return Status::ok; }
void Traits::SessionEngine::keep_last_flight() {}
void Traits::SessionEngine::note_data() {}

#endif

} // namespace ussl::wolfssl
