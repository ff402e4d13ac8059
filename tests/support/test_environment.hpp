// An environment whose clock and randomness the test controls.
#pragma once

#include "ussl/environment.hpp"

#include <cstddef>
#include <limits>

namespace ussl::test {

class TestEnvironment {
public:
    Environment environment{this, random, now, milliseconds};

    bool clock_set = true;
    UnixTime time = 0;       // 0: the system's
    std::uint32_t ticks = 0; // milliseconds: they pass only when the test says so
    // How many random bytes there are before random fails.
    std::size_t random_left = std::numeric_limits<std::size_t>::max();
    bool random_refused = false;

    TestEnvironment() = default;
    TestEnvironment(const TestEnvironment&) = delete;
    TestEnvironment& operator=(const TestEnvironment&) = delete;

private:
    static bool random(void* user, MutableBytes out) {
        auto& self = *static_cast<TestEnvironment*>(user);
        if (self.random_left < out.size()) {
            self.random_left = 0;
            self.random_refused = true;
            return false;
        }
        self.random_left -= out.size();
        return posix_environment().random(nullptr, out);
    }
    static bool now(void* user, UnixTime* out) {
        const auto& self = *static_cast<TestEnvironment*>(user);
        if (self.time != 0) *out = self.time;
        return self.clock_set && (self.time != 0 || posix_environment().now(nullptr, out));
    }
    static std::uint32_t milliseconds(void* user) {
        return static_cast<const TestEnvironment*>(user)->ticks;
    }
};

} // namespace ussl::test
