// Randomness and time of the port, for the backend's contexts.
#pragma once

#include "ussl/environment.hpp"

namespace ussl::binding {

const Environment& environment();

} // namespace ussl::binding
