// Trust anchors that are searched when a path needs them: root bundles of a script, of the
// firmware, or the host's roots.
#pragma once

#include "compat.h"

#include "ussl/root_bundle.hpp"

namespace ussl::binding {

// Sources of a context, the latest first. Lives in the interpreter's memory, and never changes.
struct Roots {
    const Roots* previous;
    const AnchorSource* own;
    AnchorSource all; // own, and those of `previous`: for contexts
    std::uint8_t version[32];
    mp_obj_t given;       // the object that holds the bundle, or
    std::uint8_t* copied; // the memory that does
    RootBundle bundle;
};

// Whether a buffer holds a root bundle.
bool is_root_bundle(mp_obj_t buffer);

// Adds a bundle. In a bytes object or under a memoryview it is used in place, otherwise copied.
// Raises if it is damaged.
const Roots* load_root_bundle(mp_obj_t buffer, const Roots* previous);

// Adds the default roots. Raises if there are none.
const Roots* add_default_roots(const Roots* previous);

// The firmware's roots or, on a host, the host's. Null: none.
const AnchorSource* default_roots();

// Number and date of the roots as (144, "2026-11-28"): of the last bundle that was loaded, or of
// the firmware's. None: neither.
mp_obj_t describe_roots(const Roots* roots);

// Raises an OSError that says what to do.
[[noreturn]] void raise_no_roots();

} // namespace ussl::binding
