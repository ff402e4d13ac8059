// Reads the peer's hello (RFC 5246, 7.4.1.2 and 7.4.1.3) in parallel to BearSSL's engine, in any
// pieces: for details that the engine does not report, and for errors that it accepts.
#pragma once

#include "ussl/backend/handshake_message.hpp"

#include <bearssl.h>

#include <cstdint>
#include <string_view>

namespace ussl::bearssl {

class HelloReader {
public:
    // Takes the next bytes of the handshake, without record headers. Bytes behind the hello are
    // ignored. The engine refuses what cannot be decoded.
    void feed(Bytes bytes, bool from_server);

    // Whether there was an extension of this type: below 63, or renegotiation_info.
    bool has(unsigned extension) const;
    // Whether the hello has an error that the engine accepts: a repeated extension (RFC 5246,
    // 7.4.1.4), a server_name that is not one host name (ussl::read_server_name()), point formats
    // without the uncompressed one (RFC 8422, 5.1.2), or an empty name of a protocol (RFC 7301,
    // 3.1).
    bool is_bad() const { return is_bad_; }
    // Whether it is larger than the largest message that is accepted.
    bool is_too_large() const { return is_too_large_; }
    // The name that a client asks for. The engine cuts it at a NUL, and drops names longer than 255
    // bytes; here it is whole, up to the size of the engine's buffer. Empty: none.
    std::string_view server_name(const br_ssl_engine_context& engine) const {
        return {engine.server_name, server_name_size_ < sizeof engine.server_name
                                        ? server_name_size_
                                        : sizeof engine.server_name};
    }

private:
    enum class Field : std::uint8_t {
        header, // of the message
        session_id,
        suites,
        compressions,
        extension_type,
        extension,
        server_name, // these three: from clients
        name_list,
        host_name,
        point_formats, // these two: from clients; the lengths, then each format
        point_format,
        protocols, // these two: from clients; the lengths, then each name (RFC 7301, 3.1)
        protocol,
        none // the hello is complete
    };

    // All fields except the header and types hold the length of the thing that they name.
    void take(std::uint32_t value, bool from_server);
    void next(Field field, std::uint8_t size, std::uint32_t after);
    void note(std::uint32_t extension);

    std::uint32_t left_ = 0; // bytes of the message still to come
    std::uint32_t skip_ = 0; // bytes before the field
    std::uint32_t value_ = 0;
    std::uint32_t seen_[2] = {}; // one bit for each type
#if USSL_SERVER
    // The first of the other types, in a fixed number, so that no hello makes this slow.
    std::uint16_t others_[16];
    std::uint8_t other_count_ = 0;
#endif
    Field field_ = Field::header;
    std::uint8_t wanted_ = 4; // bytes of the field
    bool is_bad_ = false, is_too_large_ = false;
    bool has_uncompressed_ = false;
    std::uint8_t formats_ = 0; // still to come
    std::uint16_t server_name_size_ = 0;
#if USSL_ALPN && USSL_SERVER
    std::uint16_t protocols_ = 0; // bytes still to come
#endif
};

} // namespace ussl::bearssl
