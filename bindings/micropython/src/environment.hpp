// The port's randomness and time, for the backend's contexts.
#pragma once

#include "ussl/environment.hpp"

namespace ussl::binding {

const Environment& environment();

} // namespace ussl::binding
