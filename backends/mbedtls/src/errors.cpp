#include "errors.hpp"

#include "received_message.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/features.hpp"

#include <mbedtls/ecp.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509.h>

namespace ussl::mbedtls {
namespace {

// A number may be the sum of a module's error (mbedtls/error.h: bits 7 to 14) and a lower-level
// one.
constexpr int module_error(int code) { return -(-code & 0x7f80); }

// Only a system's library may allocate without our hooks.
#ifndef USSL_MBEDTLS_CONFIG_H
constexpr std::int16_t memory_errors[] = {
    codes_for(Err::no_memory),   MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_X509_ALLOC_FAILED,
    MBEDTLS_ERR_PK_ALLOC_FAILED, MBEDTLS_ERR_ECP_ALLOC_FAILED,
};

static_assert(has_each_once(memory_errors));
#endif

constexpr std::int16_t tls_errors[] = {
    codes_for(Err::protocol_version),
    MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION,
    codes_for(Err::handshake_failure),
    MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE,
    MBEDTLS_ERR_SSL_PK_TYPE_MISMATCH,
    codes_for(Err::unexpected_message),
    MBEDTLS_ERR_SSL_UNEXPECTED_MESSAGE,
    MBEDTLS_ERR_SSL_UNEXPECTED_RECORD,
    codes_for(Err::bad_record),
    MBEDTLS_ERR_SSL_INVALID_MAC,
    codes_for(Err::bad_message),
    MBEDTLS_ERR_SSL_BAD_INPUT_DATA,
    MBEDTLS_ERR_SSL_INVALID_RECORD,
    MBEDTLS_ERR_SSL_DECODE_ERROR,
    MBEDTLS_ERR_SSL_ILLEGAL_PARAMETER,
    MBEDTLS_ERR_SSL_UNSUPPORTED_EXTENSION,
    MBEDTLS_ERR_SSL_FEATURE_UNAVAILABLE, // compression
    codes_for(Err::no_common_alpn),
    MBEDTLS_ERR_SSL_NO_APPLICATION_PROTOCOL,
    codes_for(Err::unknown_server_name),
    MBEDTLS_ERR_SSL_UNRECOGNIZED_NAME,
    codes_for(Err::message_too_large),
    MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL, // an own message
    codes_for(Err::handshake_timeout),
    MBEDTLS_ERR_SSL_TIMEOUT, // after the last retransmission
    codes_for(Err::bad_peer_certificate),
    MBEDTLS_ERR_SSL_BAD_CERTIFICATE,
    codes_for(Err::unknown_psk),
    MBEDTLS_ERR_SSL_UNKNOWN_IDENTITY,
    codes_for(Err::no_peer_certificate),
    MBEDTLS_ERR_SSL_NO_CLIENT_CERTIFICATE,
};

static_assert(has_each_once(tls_errors));

bool out_of_memory([[maybe_unused]] int code) {
#ifndef USSL_MBEDTLS_CONFIG_H
    return find_error(memory_errors, module_error(code), Err::none) == Err::no_memory;
#else
    return false;
#endif
}

// RFC 8446, 4.4.3 and 4.4.4 (RFC 5246, 7.4.9): a signature or Finished that does not verify. The
// library reports both as a failed handshake.
bool verification_failed(const mbedtls_ssl_context& ssl) {
    const int state = ssl.MBEDTLS_PRIVATE(state);
    return ssl.MBEDTLS_PRIVATE(alert_type) == MBEDTLS_SSL_ALERT_MSG_DECRYPT_ERROR ||
           state == MBEDTLS_SSL_SERVER_FINISHED || state == MBEDTLS_SSL_CLIENT_FINISHED;
}

// Whether the last record exceeds the library's buffer, or the limit for its contents.
bool record_is_too_large(const mbedtls_ssl_context& ssl, int code) {
    if (is_datagram(ssl)) return false; // such records are dropped
    // The header was read, but the body does not fit.
    if (code == MBEDTLS_ERR_SSL_BAD_INPUT_DATA)
        return ssl.MBEDTLS_PRIVATE(in_left) == RecordHeader::size;
    const unsigned char* header = ssl.MBEDTLS_PRIVATE(in_hdr);
    return header != nullptr && RecordHeader(header).length() > MBEDTLS_SSL_IN_CONTENT_LEN;
}

// Whether the last record has a content type that nobody knows (RFC 8446, 5: unexpected_message).
// The library calls it a record out of form: by its header alone, or, if it was built with
// connection IDs, whose records also have their type inside, when the record was opened in place.
bool has_unknown_type(const mbedtls_ssl_context& ssl) {
    const unsigned char* header = ssl.MBEDTLS_PRIVATE(in_hdr);
    if (header == nullptr || is_datagram(ssl)) return false;
    if (ssl.MBEDTLS_PRIVATE(in_left) == RecordHeader::size)
        return !content_type::is_known(RecordHeader(header).type());
#if USSL_TLS1_3
    if (ssl.MBEDTLS_PRIVATE(tls_version) != MBEDTLS_SSL_VERSION_TLS1_3 ||
        ssl.MBEDTLS_PRIVATE(transform_in) == nullptr || ssl.MBEDTLS_PRIVATE(in_left) != 0)
        return false;
    const std::size_t tag =
        tag_size(static_cast<std::uint16_t>(mbedtls_ssl_get_ciphersuite_id_from_ssl(&ssl)));
    std::size_t size = RecordHeader(header).length();
    size = size > tag ? size - tag : 0;
    const unsigned char* content = header + RecordHeader::size;
    while (size != 0 && content[size - 1] == 0) // padding, 5.4
        --size;
    return size == 0 || !content_type::is_known(content[size - 1]);
#else
    return false;
#endif
}

Err error_of(int code, const mbedtls_ssl_context& ssl, During what) {
    if (code == MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE && verification_failed(ssl))
        return what == During::peer_signature ? Err::bad_signature : Err::bad_record;
    const bool of_length =
        code == MBEDTLS_ERR_SSL_BAD_INPUT_DATA || code == MBEDTLS_ERR_SSL_INVALID_RECORD;
    if (of_length && record_is_too_large(ssl, code)) return Err::record_too_large;
    if (code == MBEDTLS_ERR_SSL_INVALID_RECORD && has_unknown_type(ssl))
        return Err::unexpected_message;
    // The library's error for a path with too many certificates.
    if (what == During::peer_certificate && module_error(code) == MBEDTLS_ERR_X509_FATAL_ERROR)
        return Err::untrusted;
    return find_error(tls_errors, code, unlisted_error(what));
}

// RFC 8446, 4.2.1: a ClientHello with supported_versions offers no others.
bool offers_version(const mbedtls_ssl_context& ssl, unsigned lowest, unsigned highest) {
    Bytes data;
    if (!client_sent(ssl, extension_type::supported_versions, data)) return true;
    WireReader list(data);
    for (WireReader versions(list.vector(1)); !versions.at_end();) {
        const unsigned version = versions.number(2);
        if (version >= lowest && version <= highest) return true;
    }
    return false;
}

// One side wants certificates, the other a pre-shared key. The library then misses extensions in
// the ClientHello.
bool lacks_way_in_common(const mbedtls_ssl_context& ssl) {
#if USSL_TLS1_3
    Bytes data;
    const auto modes =
        static_cast<unsigned>(ssl.MBEDTLS_PRIVATE(conf)->MBEDTLS_PRIVATE(tls13_kex_modes));
    return ssl.MBEDTLS_PRIVATE(alert_type) == MBEDTLS_SSL_ALERT_MSG_MISSING_EXTENSION &&
           ((modes & MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL) == 0 ||
            client_sent(ssl, extension_type::pre_shared_key, data));
#else
    static_cast<void>(ssl);
    return false;
#endif
}

// The error of the peer's first message, if the library does not check its type or versions first,
// or reports another error. Err::none: use the library's.
Err hello_error(int code, const mbedtls_ssl_context& ssl) {
    const mbedtls_ssl_config& settings = *ssl.MBEDTLS_PRIVATE(conf);
    const unsigned lowest = settings.MBEDTLS_PRIVATE(min_tls_version);
    const unsigned highest = settings.MBEDTLS_PRIVATE(max_tls_version);
    const bool client =
        !features::server ||
        (features::client && settings.MBEDTLS_PRIVATE(endpoint) == MBEDTLS_SSL_IS_CLIENT);
    const int state = ssl.MBEDTLS_PRIVATE(state), type = message_type(ssl);
    if (type < 0 || state != (client ? MBEDTLS_SSL_SERVER_HELLO : MBEDTLS_SSL_CLIENT_HELLO))
        return Err::none;
    if (type != (client ? handshake_type::server_hello : handshake_type::client_hello))
        return Err::unexpected_message;
    if (client) {
        WireReader reader(message_contents(ssl));
        const unsigned version = reader.number(2);
        if (!reader.is_bad() && version != version_on_wire(is_datagram(ssl)))
            return Err::protocol_version;
        // RFC 8446, 4.2.8: the server chose something that was not offered, or sent an invalid
        // share.
        return code == MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE ? Err::bad_message : Err::none;
    }
    if (!offers_version(ssl, lowest, highest)) return Err::protocol_version;
    return lacks_way_in_common(ssl) ? Err::handshake_failure : Err::none;
}

// TLS 1.3 clients that refuse the server's certificate often send the alert without encryption
// (OpenSSL does), as they have not used their new keys yet. The library sees a record that fails
// its check. The connection is lost either way, but this gives the reason.
bool is_untimely_alert(int code, const mbedtls_ssl_context& ssl) {
    const unsigned char* header = ssl.MBEDTLS_PRIVATE(in_hdr);
    return features::tls1_3 && code == MBEDTLS_ERR_SSL_INVALID_MAC && header != nullptr &&
           is_tls1_3(ssl) && ssl.MBEDTLS_PRIVATE(state) < MBEDTLS_SSL_HANDSHAKE_OVER &&
           RecordHeader(header).type() == content_type::alert &&
           RecordHeader(header).length() == alert_size;
}

} // namespace

Err material_error(int code, Err otherwise) {
    Operation::note_library_error(code);
    return Operation::resource_error_or(out_of_memory(code) ? Err::no_memory : otherwise);
}

Error session_error(int code, const mbedtls_ssl_context& ssl, During what) {
    Error error{Err::peer_alert, 0, code};
    if (code == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        // Also from clients, about a server that sent an empty Certificate in TLS 1.3.
        if (ssl.MBEDTLS_PRIVATE(in_msgtype) == MBEDTLS_SSL_MSG_ALERT)
            error.alert = ssl.MBEDTLS_PRIVATE(in_msg)[1];
        else
            error.code = Err::no_peer_certificate;
    } else if (is_untimely_alert(code, ssl)) {
        error.alert = ssl.MBEDTLS_PRIVATE(in_hdr)[RecordHeader::size + 1];
    } else {
        error.code = Operation::resource_error();
        if (error.code == Err::none && out_of_memory(code)) error.code = Err::no_memory;
        if (error.code == Err::none) error.code = hello_error(code, ssl);
        if (error.code == Err::none) error.code = error_of(code, ssl, what);
    }
    return error;
}

bool is_of_arithmetic(int code) {
    const int module = module_error(code);
    return code == MBEDTLS_ERR_SSL_BAD_INPUT_DATA || // on behalf of PSA
           (module <= MBEDTLS_ERR_ECP_IN_PROGRESS && module >= MBEDTLS_ERR_ECP_BAD_INPUT_DATA);
}

} // namespace ussl::mbedtls
