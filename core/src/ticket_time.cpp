#include "ussl/backend/ticket_time.hpp"

#include <cstdint>

namespace ussl {
namespace {

bool has_clock(const Environment& environment, UnixTime& now) {
    return environment.now != nullptr && environment.now(environment.user, &now);
}

std::uint32_t milliseconds(const Environment& environment) {
    return environment.milliseconds != nullptr ? environment.milliseconds(environment.user) : 0;
}

} // namespace

UnixTime ticket_time(const Environment& environment) {
    UnixTime now = 0;
    return has_clock(environment, now) ? now
                                       : static_cast<UnixTime>(milliseconds(environment) / 1000);
}

#if USSL_RESUMPTION
std::uint32_t ticket_stamp(const Environment& environment, const SessionSetup& setup) {
    UnixTime stamp = ticket_time(environment);
    const UnixTime last = setup.verified.until - setup.session_lifetime;
    if (last < stamp) stamp = last;
    return static_cast<std::uint32_t>(stamp);
}
#endif

std::int64_t ticket_milliseconds(const Environment& environment) {
    UnixTime now = 0;
    if (!has_clock(environment, now)) return static_cast<std::int64_t>(milliseconds(environment));
    constexpr UnixTime most = INT64_MAX / 1000; // a clock may return anything
    return (now > most ? most : now < -most ? -most : now) * 1000;
}

} // namespace ussl
