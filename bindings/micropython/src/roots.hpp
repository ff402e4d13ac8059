// Trust anchors that are found when a path needs them: root bundles that a script loads, those that
// the firmware was built with, a host's.
#pragma once

#include "compat.h"

#include "ussl/root_bundle.hpp"

namespace ussl::binding {

// Sources of a context, the latest first. Lives in the interpreter's memory, and is never changed
// once made.
struct Roots {
    const Roots* previous;
    const AnchorSource* own;
    AnchorSource all; // own and those of `previous`: what contexts take
    std::uint8_t version[32];
    mp_obj_t given;       // the object that the bundle lies in, or
    std::uint8_t* copied; // the memory that it does
    RootBundle bundle;
};

// Whether a buffer holds a root bundle.
bool is_root_bundle(mp_obj_t buffer);

// Adds a bundle. It is used where it lies in a bytes object or under a memoryview, and else copied.
// Raises where it is damaged.
const Roots* load_root_bundle(mp_obj_t buffer, const Roots* previous);

// Adds the default roots. Raises where there are none.
const Roots* add_default_roots(const Roots* previous);

// The roots that the firmware was built with; else, on a host, the host's. Null: there are none.
const AnchorSource* default_roots();

// How many roots there are and of which day, as (144, "2026-11-28"): of the bundle that was loaded
// last, or of the one that the firmware was built with. None: neither.
mp_obj_t describe_roots(const Roots* roots);

// Without any: OSError that says what to do.
[[noreturn]] void raise_no_roots();

} // namespace ussl::binding
