// How long a server lets clients resume, by a ticket or a session ID.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/environment.hpp"

namespace ussl {

// Seconds for the age of tickets: the environment's time, so that tickets survive a restart; if the
// clock is not set, the time since some moment; 0 on a device without any clock, where tickets are
// good until the context closes.
UnixTime ticket_time(const Environment& environment);

// The same in milliseconds.
std::int64_t ticket_milliseconds(const Environment& environment);

// The time of issue as it is stored: the part that matters.
inline std::uint32_t ticket_stamp(const Environment& environment) {
    return static_cast<std::uint32_t>(ticket_time(environment));
}

// The time of issue to store if the peer was verified in this handshake: earlier if necessary, so
// that the lifetime ends when the peer's certificates expire.
std::uint32_t ticket_stamp(const Environment& environment, const SessionSetup& setup);

// Whether a ticket issued at `then` is good `now` (stamps). Not if the clock has jumped back, or
// ahead by more than `lifetime` (seconds), when it was set for example.
constexpr bool is_ticket_good(std::uint32_t then, std::uint32_t now, std::uint32_t lifetime) {
    return now - then <= lifetime;
}

} // namespace ussl
