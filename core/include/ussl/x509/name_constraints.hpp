// Name constraints (RFC 5280, 4.2.1.10): for which names a CA may issue certificates.
#pragma once

#include "ussl/x509/certificate.hpp"

namespace ussl::x509 {

// Whether every name of `certificate` obeys `constraints` (Certificate::name_constraints of an
// issuer above it on the path). If that cannot be decided the answer is no:
//
//   * DNS names and IP addresses are matched against the subtrees; a wildcard stands for all its
//     names.
//   * Permitted subtrees of the subject are compared byte by byte. Excluded ones refuse any
//     subject, as another spelling of the same name would pass.
//   * If a form of name is constrained, all other names of that form (e-mail, also in the subject,
//     and URI) are refused.
//   * Malformed constraints, and those with a minimum or maximum, are refused.
bool keeps_name_constraints(const Certificate& certificate, Bytes constraints);

} // namespace ussl::x509
