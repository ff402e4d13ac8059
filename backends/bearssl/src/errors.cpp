#include "errors.hpp"

#include "ussl/backend/error_table.hpp"
#include "ussl/backend/peer_verdict.hpp"

#include <bearssl.h>

namespace ussl::bearssl {
namespace {

// In two bytes.
struct Meaning {
    static constexpr unsigned first = static_cast<unsigned>(Err::invalid_argument);

    constexpr Meaning(int number, Err error)
        : number_(static_cast<std::uint8_t>(number)),
          error_(static_cast<std::uint8_t>(static_cast<unsigned>(error) - first)) {}
    constexpr bool is_of(int number) const { return number_ == number; }
    constexpr Err error() const { return static_cast<Err>(error_ + first); }

private:
    std::uint8_t number_, error_;
};

constexpr Meaning meanings[] = {
    {BR_ERR_UNSUPPORTED_VERSION, Err::protocol_version},
    {BR_ERR_BAD_VERSION, Err::protocol_version},
    {BR_ERR_BAD_LENGTH, Err::record_too_large},
    {BR_ERR_TOO_LARGE, Err::record_too_large},
    {BR_ERR_BAD_MAC, Err::bad_record},
    {BR_ERR_BAD_FINISHED, Err::bad_record},
    {BR_ERR_BAD_SIGNATURE, Err::bad_signature},
    {BR_ERR_NO_RANDOM, Err::no_randomness},
    {BR_ERR_UNKNOWN_TYPE, Err::unexpected_message},
    {BR_ERR_UNEXPECTED, Err::unexpected_message},
    {BR_ERR_INVALID_ALGORITHM, Err::handshake_failure},
    {BR_ERR_BAD_SECRENEG, Err::handshake_failure}, // RFC 5746, 3.4 and 3.6
    {BR_ERR_WRONG_KEY_USAGE, Err::wrong_purpose},
    {BR_ERR_NO_CLIENT_AUTH, Err::no_peer_certificate},
    {BR_ERR_X509_EMPTY_CHAIN, Err::no_peer_certificate},
};

Err code_of(int number) {
    for (const Meaning& meaning : meanings)
        if (meaning.is_of(number)) return meaning.error();
    const bool of_certificate = number >= BR_ERR_X509_OK && number <= BR_ERR_X509_NOT_TRUSTED;
    return unlisted_error(of_certificate ? During::peer_certificate : During::peer_message);
}

Err code_of_sent_alert(int alert) {
    switch (static_cast<Alert>(alert)) {
    case Alert::protocol_version:
    case Alert::inappropriate_fallback: return Err::protocol_version;
    case Alert::no_application_protocol: return Err::no_common_alpn;
    case Alert::unexpected_message: return Err::unexpected_message;
    default: return Err::handshake_failure;
    }
}

} // namespace

Alert alert_for(const Error& error, Role own) {
    // Something that was not offered is well-formed (RFC 5246, 7.2.2).
    if (error.library == BR_ERR_BAD_CIPHER_SUITE ||
        (error.library == BR_ERR_INVALID_ALGORITHM && error.code == Err::bad_message))
        return Alert::illegal_parameter;
    if (error.library == BR_ERR_BAD_FINISHED) return Alert::decrypt_error; // RFC 5246, 7.2.2
    const auto& [code, alert, number, certificate, credential] = error;
    if (number == BR_ERR_EXTRA_EXTENSION) // RFC 5246, 7.4.1.4
        return Alert::unsupported_extension;
    return ussl::alert_for(code, own, Version::tls1_2);
}

Error translate(int number, Role role) {
    Error error{Err::none, 0, number};
    if (number >= BR_ERR_SEND_FATAL_ALERT) {
        error.code = code_of_sent_alert(number - BR_ERR_SEND_FATAL_ALERT);
    } else if (number >= BR_ERR_RECV_FATAL_ALERT) {
        error.code = Err::peer_alert;
        error.alert = static_cast<std::uint8_t>(number - BR_ERR_RECV_FATAL_ALERT);
    } else {
        error.code = code_of(number);
        // For clients: the server chose something that was not offered.
        if (role == Role::client && number == BR_ERR_INVALID_ALGORITHM)
            error.code = Err::bad_message;
    }
    return error;
}

} // namespace ussl::bearssl
