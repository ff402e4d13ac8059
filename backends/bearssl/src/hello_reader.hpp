// Reads the peer's hello (RFC 5246, 7.4.1.2 and 7.4.1.3) beside BearSSL's engine, in whatever
// pieces it comes: for what the engine does not tell, and for what it does not mind.
#pragma once

#include "ussl/backend/handshake_message.hpp"

#include <bearssl.h>

#include <cstdint>
#include <string_view>

namespace ussl::bearssl {

class HelloReader {
public:
    // The next bytes of the handshake, without the headers of records. Those behind the hello are
    // passed over. What cannot be decoded is left to the engine to refuse.
    void feed(Bytes bytes, bool from_server);

    // Of the assigned types below 63, and renegotiation_info.
    bool has(unsigned extension) const;
    // Whether a hello cannot go on for what the engine does not mind: an extension that comes twice
    // (RFC 5246, 7.4.1.4), a server_name that is not one host name (ussl::read_server_name()).
    bool is_bad() const { return is_bad_; }
    // The name that a client asked for, which the engine cuts at a NUL and leaves out if it is
    // longer than 255 bytes: here it is whole, or as many bytes as the engine has room for. Empty:
    // it asked for none.
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
        server_name, // these three: of a client
        name_list,
        host_name,
        none // the hello was read
    };

    // All but the header and the types stand for the length of what they name.
    void take(std::uint32_t value, bool from_server);
    void next(Field field, std::uint8_t size, std::uint32_t after);
    void note(std::uint32_t extension);

    std::uint32_t left_ = 0; // bytes of the message that are still to come
    std::uint32_t skip_ = 0; // before the field
    std::uint32_t value_ = 0;
    std::uint32_t seen_[2] = {}; // a bit for each type
    Field field_ = Field::header;
    std::uint8_t wanted_ = 4; // bytes of the field
    bool is_bad_ = false;
    std::uint16_t server_name_size_ = 0;
};

} // namespace ussl::bearssl
