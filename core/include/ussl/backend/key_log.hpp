// A session's secrets as lines of the NSS key log format: label, the client's random and the
// secret, both in hexadecimal.
#pragma once

#include "ussl/callbacks.hpp"

namespace ussl {

// The labels (draft-ietf-tls-keylogfile): of TLS 1.2 the first, whose secret is the master secret.
namespace key_label {
inline constexpr std::string_view client_random = "CLIENT_RANDOM",
                                  client_handshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                  server_handshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                  client_traffic = "CLIENT_TRAFFIC_SECRET_0",
                                  server_traffic = "SERVER_TRAFFIC_SECRET_0",
                                  exporter = "EXPORTER_SECRET";
} // namespace key_label

// `random` has 32 bytes, and `secret` at most 48. Does nothing where `label` is empty: the format
// does not have that secret.
void log_key(const KeyLog& log, std::string_view label, Bytes random, Bytes secret);

} // namespace ussl
