// How long a server lets clients resume, by a ticket or the ID of a session.
#pragma once

#include "ussl/backend/session_setup.hpp"
#include "ussl/environment.hpp"

namespace ussl {

// Seconds by which the age of tickets is told: the environment's time, so that it survives a
// restart; on a device whose clock is not set, the time since some moment; 0 on one that has not
// even that, where all that it issued stays good while its context is open.
UnixTime ticket_time(const Environment& environment);

// The same in milliseconds.
std::int64_t ticket_milliseconds(const Environment& environment);

// What is written down of the time of issue: all of it that can matter.
inline std::uint32_t ticket_stamp(const Environment& environment) {
    return static_cast<std::uint32_t>(ticket_time(environment));
}

// What is written down where the peer was verified in this handshake: as above, and so much earlier
// that the lifetime ends with the validity of the peer's certificates.
std::uint32_t ticket_stamp(const Environment& environment, const SessionSetup& setup);

// Whether what was issued at `then` is good, both being stamps. It is not after a jump of the clock
// back, or ahead by more than a lifetime (seconds): when it was set at last, say.
constexpr bool is_ticket_good(std::uint32_t then, std::uint32_t now, std::uint32_t lifetime) {
    return now - then <= lifetime;
}

} // namespace ussl
