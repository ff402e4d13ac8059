// The common parts of the targets with a backend: an environment whose runs can be repeated, edits
// of bytes, and statuses that no session may return.
#pragma once

#include "ussl/backend/wire.hpp"
#include "ussl/environment.hpp"
#include "ussl/session.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace ussl::fuzz {

// The same bytes in every run: a finding can be repeated.
inline std::uint64_t seed = 0;
inline void repeat_randomness() { seed = 7; }
inline bool pseudo_random(void*, MutableBytes out) {
    for (std::uint8_t& byte : out) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        byte = static_cast<std::uint8_t>(seed >> 56);
    }
    return true;
}
inline bool real_time(void*, UnixTime* out) { return posix_environment().now(nullptr, out); }
inline const Environment environment{.user = nullptr, .random = pseudo_random, .now = real_time};

[[noreturn]] inline void defect(const char* what) {
    std::fprintf(stderr, "defect: %s\n", what);
    std::abort();
}

inline PeerIdentity named(std::string_view name) {
    PeerIdentity identity;
    identity.sni = identity.dns_name = name;
    return identity;
}

// Edits of five bytes each: where (two), what, by which value, how often. The first 32 count.
struct Edits {
    Bytes input;

    // Applies the edits for the bytes of this write, the first of which is the `from`-th of all.
    std::vector<std::uint8_t> apply(Bytes bytes, std::size_t from) const {
        std::vector<std::uint8_t> out(bytes.begin(), bytes.end());
        for (std::size_t i = 0; i + 5 <= input.size() && i < 32 * 5; i += 5) {
            const std::size_t at = number16(input.data() + i);
            if (at < from || at - from >= out.size()) continue;
            const auto here = out.begin() + static_cast<std::ptrdiff_t>(at - from);
            const std::uint8_t value = input[i + 3];
            switch (input[i + 2] % 5) {
            case 0: *here ^= value; break;
            case 1: *here = value; break;
            case 2: out.insert(here, 1 + input[i + 4] % 64u, value); break;
            case 3:
                out.erase(here, here + std::min<std::ptrdiff_t>(value, out.end() - here));
                break;
            case 4: {
                const std::vector<std::uint8_t> again(
                    here, here + std::min<std::ptrdiff_t>(value, out.end() - here));
                out.insert(out.end(), again.begin(), again.end());
                break;
            }
            }
        }
        return out;
    }
};

// Checks that a status and its error are among those that ussl/session.hpp promises.
inline void check(const Session& session, Status status) {
    const Error error = session.error();
    if (error.code == Err::internal) defect("Err::internal");
    if (error.code == Err::invalid_state) defect("Err::invalid_state");
    // Sessions look ahead: they may already know an end that the next read() will report.
    const bool truncated = error.code == Err::truncated;
    const bool failed = error.code != Err::none && !truncated;
    const bool is_ahead =
        status != Status::failed && status != Status::truncated && session.can_read();
    if ((status == Status::failed) != failed && !(failed && is_ahead))
        defect("status and error disagree");
    if ((status == Status::truncated) != truncated && !(truncated && is_ahead))
        defect("truncation without its error, or the other way round");
    if (error.code == Err::no_memory || error.code == Err::no_memory_for_record ||
        error.code == Err::no_randomness)
        defect("lacks nothing");
}

} // namespace ussl::fuzz
