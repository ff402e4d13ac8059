// For adapters: the server name in a ClientHello (RFC 6066, 3), and the server's choice by it.
#pragma once

#include "ussl/backend/session_setup.hpp"

namespace ussl {

// Reads the contents of a server_name extension (RFC 6066, 3): one host name of at least one byte.
// Err::bad_message: anything else.
Err read_server_name(Bytes extension, std::string_view& name);

// Which credential a server uses for a client that asks for `name` (empty: no name): 0 is
// ContextConfig::credential, 1 the first of more_credentials, and so on. -1: refuse with
// Err::unknown_server_name and its alert; so it is with malformed host names. `name`: exactly as
// the client sent it, or at least its first 256 bytes. A server without a choice ignores it.
int choose_credential(const Credential& first, const SessionSetup& setup, std::string_view name);

} // namespace ussl
