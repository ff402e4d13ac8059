#include "ussl/backend/ticket_time.hpp"

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

std::int64_t ticket_milliseconds(const Environment& environment) {
    UnixTime now = 0;
    return has_clock(environment, now) ? now * 1000
                                       : static_cast<std::int64_t>(milliseconds(environment));
}

} // namespace ussl
