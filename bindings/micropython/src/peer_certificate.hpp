// What a script learns of a certificate without reading DER.
#pragma once

#include "compat.h"

#include "ussl/bytes.hpp"

namespace ussl::binding {

// The dictionary of CPython's SSLSocket.getpeercert(). Empty where the certificate cannot be read.
mp_obj_t describe(const Bytes& certificate);

} // namespace ussl::binding
