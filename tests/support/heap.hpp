// The allocator of the libraries in the tests: counts, fails on demand, and looks into what is
// freed.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>

namespace ussl::test::heap {

// Becomes ussl's allocator. Every test program calls it before the first context opens.
void install();

std::size_t live_blocks();
std::size_t live_bytes();

// The `n`-th allocation from now on (from 1) fails, and with it all later ones until
// fail_never(). allocations(): how many were asked for since.
void fail_from(std::size_t n);
void fail_at(std::size_t n); // only this one
void fail_never();
std::size_t allocations();

// Counts the freed blocks that still hold a secret which was watched for by then, in either byte
// order, until the watch ends.
void watch_for(Bytes secret);
std::size_t end_watch();

// Whether a secret that is watched for is anywhere in the process's writable memory, but for the
// stacks. The caller's own copies count: wipe them before.
bool process_holds_watched();
// Whether that sees what `new` gave: the address sanitizer (clang's) keeps it in a region that is
// too large to search.
#if defined(__clang__)
inline constexpr bool process_is_searched_whole = !__has_feature(address_sanitizer);
#else
inline constexpr bool process_is_searched_whole = true;
#endif

// Whether `memory` holds `secret` in either byte order.
bool holds(Bytes memory, Bytes secret);

} // namespace ussl::test::heap
