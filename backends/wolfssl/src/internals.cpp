#include "internals.hpp"

#include <wolfssl/internal.h>

namespace ussl::wolfssl::internals {

void leave_verification_to_callback(WOLFSSL* ssl) { ssl->options.verifyNone = 1; }

#if USSL_ALPN
bool add_alpn_name(WOLFSSL* ssl, std::string_view name) {
    return TLSX_UseALPN(&ssl->extensions, name.data(), static_cast<word16>(name.size()),
                        WOLFSSL_ALPN_FAILED_ON_MISMATCH, ssl->heap) == WOLFSSL_SUCCESS;
}
#endif

void send_alert(WOLFSSL* ssl, bool fatal, Alert alert) {
    SendAlert(ssl, fatal ? alert_fatal : alert_warning, static_cast<int>(alert));
}

Bytes unsent(WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.outputBuffer;
    return {buffer.buffer + buffer.idx, buffer.length};
}

const std::uint8_t* receive_position(const WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.inputBuffer;
    return buffer.buffer + buffer.length;
}

} // namespace ussl::wolfssl::internals
