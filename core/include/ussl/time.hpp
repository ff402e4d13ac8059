#pragma once

#include <cstdint>

namespace ussl {

// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX time).
using UnixTime = std::int64_t;

// No correct clock shows an earlier time: this code did not exist yet. A clock that does is one
// that nobody has set. 2026-01-01T00:00:00Z.
inline constexpr UnixTime earliest_time = 1767225600;

} // namespace ussl
