// A context's callbacks, for functions of Python.
#pragma once

#include "open_context.hpp"

namespace ussl::binding {

// Sets the callbacks in the settings of `open`, for its context. An exception of a Python function
// is stored in `open` and counts as a refusal: it must not unwind through the library.
void set_callbacks(ContextConfig& config, OpenContext& open);

// Signs by a Python function that gets the scheme's number and the digest.
Signer signer_of(OpenContext& open);

} // namespace ussl::binding
