// The roots that a host trusts. Where there is POSIX only.
#pragma once

#include "ussl/callbacks.hpp"

namespace ussl {

// Finds roots in the host's own file of PEM: that of SSL_CERT_FILE in the environment where this is
// set, else the one where systems have it (/etc/ssl/certs/ca-certificates.crt and others). The file
// is looked for at the first call, and stays mapped into memory: it is searched anew each time,
// none of it is kept decoded but the root that was found last, for each thread. Null: there is
// none, or it cannot be read.
//
// Not for programs that run with more rights than their user has: the environment is the user's.
const AnchorSource* system_roots();

} // namespace ussl
