// A delay by the environment's milliseconds, which wrap.
#pragma once

#include "ussl/environment.hpp"
#include "ussl/session.hpp"

namespace ussl {

class Countdown {
public:
    // `delay` in milliseconds; 0 stops it. Precondition for others: the environment has
    // milliseconds.
    void start(const Environment& environment, std::uint32_t delay) {
        delay_ = delay;
        if (delay != 0) started_ = now(environment);
    }
    void stop() { delay_ = 0; }

    bool is_running() const { return delay_ != 0; }
    std::uint32_t delay() const { return delay_; }

    // Milliseconds since the start. Precondition: is_running().
    std::uint32_t gone(const Environment& environment) const { return now(environment) - started_; }

    // Milliseconds left; no_timeout if it is not running.
    std::uint32_t left(const Environment& environment) const {
        if (!is_running()) return no_timeout;
        const std::uint32_t since = gone(environment);
        return since < delay_ ? delay_ - since : 0;
    }

private:
    static std::uint32_t now(const Environment& environment) {
        return environment.milliseconds(environment.user);
    }

    std::uint32_t delay_ = 0; // 0: stopped
    std::uint32_t started_ = 0;
};

} // namespace ussl
