// Name constraints (RFC 5280, 4.2.1.10): for which names an issuer may issue.
#pragma once

#include "ussl/x509/certificate.hpp"

namespace ussl::x509 {

// Whether every name of `certificate` keeps `constraints` (Certificate::name_constraints of an
// issuer above it on the path). What cannot be told counts as broken:
//
//   * DNS names and IP addresses are held against the subtrees; a wildcard stands for all its
//   names;
//   * of the subject, permitted subtrees are compared byte by byte; excluded ones refuse any
//   subject,
//     for another spelling of the same name would get past;
//   * a name of any other form (e-mail, in the subject too, or URI) is refused where its form is
//     constrained;
//   * malformed constraints, and those with a minimum or maximum, are broken.
bool keeps_name_constraints(const Certificate& certificate, Bytes constraints);

} // namespace ussl::x509
