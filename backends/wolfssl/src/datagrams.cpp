// What of a session is different over datagrams: see RFC 6347.
#include "session_engine.hpp"

#include "datagram_filter.hpp"
#include "internals.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl::wolfssl {

#if USSL_DTLS

// A server that has seen no ClientHello with its cookie.
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

DatagramStage Traits::SessionEngine::stage() const {
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
        // It asks again, at the same place: see GetInputData() in wolfSSL.
        if (into != place_ || size < placed) return WOLFSSL_CBIO_ERR_GENERAL;
        const std::size_t left =
            filter_datagram({into, placed}, stage(), internals::record_overhead(ssl_));
        if (left != 0) {
            if (is_unverified() && setup_->expectations.identity.client_is_proven)
                internals::take_as_proven(ssl_, {into, left});
            place_ = nullptr;
            wanted_ = 0;
            return static_cast<int>(left);
        }
    }
    place_ = into;
    wanted_ = size;
    return WOLFSSL_CBIO_ERR_WANT_READ;
}

// wolfSSL hands over what it wants to be one datagram.
int Traits::SessionEngine::queue_datagram(Bytes datagram) {
    const std::size_t size = datagram.size();
    // A stranger may have said it in the client's name, who would believe the answer.
    if (is_unverified() && is_plain_alert(datagram, true)) return static_cast<int>(size);
    flight_sent_ = true;
    std::uint8_t prefix[2];
    write16(prefix, static_cast<std::uint32_t>(size));
    if (sent_ != 0 || !output_.append(Bytes{prefix}, USSL_FLIGHT_BUFFER, datagram))
        return WOLFSSL_CBIO_ERR_WANT_WRITE;
    return static_cast<int>(size);
}

// A cookie is good for a minute, and for the next one in the session that made it.
bool Traits::SessionEngine::prepare_for_strangers() {
    if (!is_unverified()) return true;
    internals::forget_alert(ssl_); // which was not sent: see queue_datagram()
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

// Before wolfSSL reads on: it must not drop messages of a flight that it is in the middle of.
Status Traits::SessionEngine::resend_when_due() {
    if (!internals::is_resending(ssl_)) {
        if (timer_.left(*context_->environment) != 0) return Status::ok;
        if (!internals::double_timeout(ssl_)) {
            error_.code = Err::handshake_timeout;
            return Status::failed;
        }
    }
    const int code = internals::resend_flight(ssl_);
    if (code == WANT_WRITE) {
        timer_.stop();
        return Status::want_write;
    }
    return code == 0 ? Status::ok : fail(code);
}

void Traits::SessionEngine::set_timer(Status status) {
    if (status != Status::want_read || !internals::has_flight(ssl_)) {
        timer_.stop();
        return;
    }
    // wolfSSL goes back to the first delay when the peer has got further.
    const auto delay = static_cast<std::uint32_t>(wolfSSL_dtls_get_current_timeout(ssl_)) * 1000;
    if (!flight_sent_ && timer_.is_running() && timer_.delay() == delay) return;
    flight_sent_ = false;
    timer_.start(*context_->environment, delay);
}

// RFC 6347, 4.2.4: nobody answers the last flight, so it is for its sender to see that the peer
// still repeats the one before.
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

// After the handshake: what is not needed any more where it is the peer who keeps the last flight.
void Traits::SessionEngine::keep_last_flight() {
    internals::take_repetition(ssl_); // that was no repetition
    if (!sent_last_flight()) internals::free_handshake(ssl_);
}

// wolfSSL would end a server's session over what anybody could have sent.
bool Traits::SessionEngine::forget_stranger(int result) {
    if (result > 0 || !is_unverified() || Operation::lacking() != Err::none) return false;
    const int code = wolfSSL_get_error(ssl_, result);
    if (code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE) return false;
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
int Traits::SessionEngine::queue_datagram(Bytes) { return WOLFSSL_CBIO_ERR_GENERAL; }
bool Traits::SessionEngine::prepare_for_strangers() { return true; }
bool Traits::SessionEngine::forget_stranger(int) { return false; }
Status Traits::SessionEngine::resend_when_due() { return Status::ok; }
void Traits::SessionEngine::set_timer(Status) {}
bool Traits::SessionEngine::sent_last_flight() const { return false; }
Status Traits::SessionEngine::answer_repetition() { return Status::ok; }
void Traits::SessionEngine::keep_last_flight() {}
void Traits::SessionEngine::note_data() {}

#endif

} // namespace ussl::wolfssl
