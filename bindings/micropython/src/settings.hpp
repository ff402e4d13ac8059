// The numbers that scripts use, the same as MicroPython's.
#pragma once

namespace ussl::binding {

inline constexpr int cert_none = 0;
inline constexpr int cert_optional = 1;
inline constexpr int cert_required = 2;

inline constexpr int protocol_tls_client = 0;
inline constexpr int protocol_tls_server = 1;
inline constexpr int protocol_dtls_client = 2;
inline constexpr int protocol_dtls_server = 3;

} // namespace ussl::binding
