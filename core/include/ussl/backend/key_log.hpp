// A session's secrets as lines of the NSS key log format: label, client random and secret, the last
// two in hexadecimal.
#pragma once

#include "ussl/callbacks.hpp"

namespace ussl {

// The labels (draft-ietf-tls-keylogfile). The first is the master secret of TLS 1.2.
namespace key_label {
inline constexpr std::string_view client_random = "CLIENT_RANDOM",
                                  client_handshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                  server_handshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                  client_traffic = "CLIENT_TRAFFIC_SECRET_0",
                                  server_traffic = "SERVER_TRAFFIC_SECRET_0",
                                  exporter = "EXPORTER_SECRET";
} // namespace key_label

// `random` has 32 bytes, `secret` at most 48. Does nothing if `label` is empty: the format has no
// such secret.
void log_key(const KeyLog& log, std::string_view label, Bytes random, Bytes secret);

} // namespace ussl
