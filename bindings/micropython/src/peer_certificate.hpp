// A certificate's contents for scripts.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"

namespace ussl::binding {

// The dictionary of CPython's SSLSocket.getpeercert(). Empty if the certificate cannot be read.
mp_obj_t describe(const Bytes& certificate);

} // namespace ussl::binding
