// When a flight of DTLS is due again (RFC 6347, 4.2.4), by the environment's milliseconds.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/session.hpp"

namespace ussl::wolfssl {

class RetransmissionTimer {
public:
    // `delay` in milliseconds, at least 1.
    void start(const Environment& environment, std::uint32_t delay) {
        environment_ = &environment;
        delay_ = delay;
        started_ = now();
    }
    void stop() { delay_ = 0; }

    bool is_running() const { return delay_ != 0; }
    std::uint32_t delay() const { return delay_; }
    std::uint32_t left() const {
        if (!is_running()) return no_timeout;
        const std::uint32_t gone = now() - started_;
        return gone < delay_ ? delay_ - gone : 0;
    }

private:
    std::uint32_t now() const { return environment_->milliseconds(environment_->user); }

    const Environment* environment_ = nullptr;
    std::uint32_t delay_ = 0; // 0: stopped
    std::uint32_t started_ = 0;
};

} // namespace ussl::wolfssl
