// The roots that a host trusts. On POSIX hosts only.
#pragma once

#include "ussl/callbacks.hpp"

namespace ussl {

// Finds roots in the host's PEM file: the one of the environment variable SSL_CERT_FILE, otherwise
// the system's (/etc/ssl/certs/ca-certificates.crt and others). The first call maps the file into
// memory, where it stays. Each search reads it again; only the root that was found last is kept
// decoded, for each thread. Null: there is no such file, or it cannot be read.
//
// Do not use it in programs with more rights than their user: the user controls the environment.
const AnchorSource* system_roots();

} // namespace ussl
