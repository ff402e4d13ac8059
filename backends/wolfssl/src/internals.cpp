#include "internals.hpp"

#include <wolfssl/internal.h>

#include <cstring>

namespace ussl::wolfssl::internals {

void leave_verification_to_callback(WOLFSSL* ssl) { ssl->options.verifyNone = 1; }

#if USSL_ALPN
bool add_alpn_name(WOLFSSL* ssl, std::string_view name) {
    return TLSX_UseALPN(&ssl->extensions, name.data(), static_cast<word16>(name.size()),
                        WOLFSSL_ALPN_FAILED_ON_MISMATCH, ssl->heap) == WOLFSSL_SUCCESS;
}

void keep_preferred_alpn_name(WOLFSSL* ssl, std::span<const std::string_view> own) {
    // RFC 7301, 3.1: a list of names, each behind a byte with its length. wolfSSL has checked it.
    std::uint8_t* const offered = ssl->alpn_peer_requested;
    for (const std::string_view name : own) {
        std::size_t at = 0;
        while (at < ssl->alpn_peer_requested_length) {
            const Bytes entry{offered + at, 1u + offered[at]};
            if (equal(entry.subspan(1), as_bytes(name))) {
                std::memmove(offered, entry.data(), entry.size());
                ssl->alpn_peer_requested_length = static_cast<word16>(entry.size());
                return;
            }
            at += entry.size();
        }
    }
}
#endif

void send_alert(WOLFSSL* ssl, bool fatal, Alert alert) {
    SendAlert(ssl, fatal ? alert_fatal : alert_warning, static_cast<int>(alert));
}

Bytes unsent(WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.outputBuffer;
    return {buffer.buffer + buffer.idx, buffer.length};
}

std::size_t record_size(const WOLFSSL* ssl) { return ssl->curSize; }

const std::uint8_t* receive_position(const WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.inputBuffer;
    return buffer.buffer + buffer.length;
}

} // namespace ussl::wolfssl::internals
