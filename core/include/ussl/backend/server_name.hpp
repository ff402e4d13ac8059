// The server name of a ClientHello (RFC 6066, 3), and what a server does with it. For adapters.
#pragma once

#include "ussl/backend/session_setup.hpp"

namespace ussl {

// Reads what a client's server_name extension holds (RFC 6066, 3): one host name, of at least one
// byte. Err::none, or bad_message where it is something else.
Err read_server_name(Bytes extension, std::string_view& name);

// Which credential a server shows to a client that asked for `name` (empty: for none), which is
// what the client sent, byte for byte, or at least 256 bytes of it: 0 is ContextConfig::credential,
// from 1 on those of more_credentials; -1: refuse with Err::unknown_server_name and its alert, as
// is done with all that is no host name. A server that has nothing to choose does not look at it.
int choose_credential(const Credential& first, const SessionSetup& setup, std::string_view name);

} // namespace ussl
