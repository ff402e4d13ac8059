#pragma once

#include <cstdint>

namespace ussl {

// Seconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
using UnixTime = std::int64_t;

// 2026-01-01T00:00:00Z, before this code existed: a clock that shows an earlier time was never set.
inline constexpr UnixTime earliest_time = 1767225600;

} // namespace ussl
