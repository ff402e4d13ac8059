#include "ussl/environment.hpp"

#include <ctime>
#include <unistd.h>

namespace ussl {
namespace {

bool random_bytes(void*, MutableBytes out) {
    // getentropy(3) gives at most 256 bytes a call.
    while (!out.empty()) {
        const std::size_t count = out.size() < 256 ? out.size() : 256;
        if (getentropy(out.data(), count) != 0) return false;
        out = out.subspan(count);
    }
    return true;
}

bool unix_time(void*, UnixTime* out) {
    *out = static_cast<UnixTime>(std::time(nullptr));
    return *out != -1;
}

std::uint32_t milliseconds(void*) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint32_t>(now.tv_sec) * 1000 +
           static_cast<std::uint32_t>(now.tv_nsec / 1000000);
}

constinit const Environment environment{nullptr, random_bytes, unix_time, milliseconds};

} // namespace

const Environment& posix_environment() { return environment; }

} // namespace ussl
