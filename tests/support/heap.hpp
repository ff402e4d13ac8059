// The libraries' allocator in the tests: counts, fails on request, and searches freed memory.
#pragma once

#include "ussl/bytes.hpp"

#include <cstddef>

namespace ussl::test::heap {

// Becomes ussl's allocator. Every test program calls it before the first context opens.
void install();

std::size_t live_blocks();
std::size_t live_bytes();

// The `n`-th allocation from now on (counted from 1) fails, and all later ones, until fail_never().
// allocations(): how many were requested since.
void fail_from(std::size_t n);
void fail_at(std::size_t n); // only this one fails
void fail_never();
std::size_t allocations();

// Counts freed blocks that still contain a watched secret (two bytes or more), in either byte
// order, until the watch ends.
void watch_for(Bytes secret);
std::size_t end_watch();

// Whether a watched secret is anywhere in the process's writable memory, except in the stacks. The
// caller's own copies count, so wipe them before.
bool process_holds_watched();
// Whether that search covers memory from `new`: the address sanitizer (clang's) keeps it in a
// region that is too large to search.
#if defined(__clang__)
inline constexpr bool process_is_searched_whole = !__has_feature(address_sanitizer);
#else
inline constexpr bool process_is_searched_whole = true;
#endif

// Whether `memory` contains `secret` in either byte order.
bool holds(Bytes memory, Bytes secret);

} // namespace ussl::test::heap
