// A context's callbacks, over functions of Python.
#pragma once

#include "open_context.hpp"

namespace ussl::binding {

// Those that `open`'s settings name, for a context that it opens. What a Python function raises
// stays in `open` and counts as a refusal: it must not unwind through the library.
void set_callbacks(ContextConfig& config, OpenContext& open);

// Signs with a function of Python, called with the scheme's number and the digest.
Signer signer_of(OpenContext& open);

} // namespace ussl::binding
