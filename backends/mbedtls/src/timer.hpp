// The retransmission timer of DTLS (RFC 6347, 4.2.4), by the environment's milliseconds.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/session.hpp"

namespace ussl::mbedtls {

class Timer {
public:
    void use(const Environment& environment) { environment_ = &environment; }

    // The library's f_set_timer and f_get_timer. A delay of 0 stops the timer.
    static void set(void* self, std::uint32_t intermediate, std::uint32_t delay) {
        auto& timer = *static_cast<Timer*>(self);
        timer.intermediate_ = intermediate;
        timer.delay_ = delay;
        timer.started_ = timer.now();
    }
    // -1: stopped; 0: no delay has passed; 1: the intermediate one has; 2: both.
    static int get(void* self) {
        const auto& timer = *static_cast<const Timer*>(self);
        if (timer.delay_ == 0) return -1;
        const std::uint32_t gone = timer.now() - timer.started_;
        if (gone >= timer.delay_) return 2;
        return gone >= timer.intermediate_ ? 1 : 0;
    }

    std::uint32_t left() const {
        if (delay_ == 0) return no_timeout;
        const std::uint32_t gone = now() - started_;
        return gone < delay_ ? delay_ - gone : 0;
    }

private:
    std::uint32_t now() const { return environment_->milliseconds(environment_->user); }

    const Environment* environment_ = nullptr;
    std::uint32_t intermediate_ = 0, delay_ = 0; // milliseconds
    std::uint32_t started_ = 0;
};

} // namespace ussl::mbedtls
