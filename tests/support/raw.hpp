// TLS messages written by hand that no backend would send.
#pragma once

#include "ussl/backend/record.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test::raw {

inline std::string u8(unsigned value) { return std::string(1, static_cast<char>(value)); }
inline std::string u16(unsigned value) { return u8(value >> 8 & 0xff) + u8(value & 0xff); }
inline std::string u24(unsigned value) { return u8(value >> 16 & 0xff) + u16(value & 0xffff); }
inline std::string sized16(const std::string& body) {
    return u16(static_cast<unsigned>(body.size())) + body;
}

// RFC 8446, 5.1 and 4.
inline std::string record(unsigned type, const std::string& body, unsigned version = 0x0303) {
    return u8(type) + u16(version) + sized16(body);
}
inline std::string handshake(unsigned type, const std::string& body) {
    return record(22, u8(type) + u24(static_cast<unsigned>(body.size())) + body);
}
inline std::string alert(unsigned level, unsigned description) {
    return record(21, u8(level) + u8(description));
}
inline std::string extension(unsigned type, const std::string& body) {
    return u16(type) + sized16(body);
}

// supported_groups: secp256r1; signature_algorithms: ecdsa_secp256r1_sha256, rsa_pkcs1_sha256.
inline std::string usual_extensions() {
    return extension(10, sized16(u16(23))) + extension(11, u8(1) + u8(0)) +
           extension(13, sized16(u16(0x0403) + u16(0x0401)));
}

inline std::string client_hello(unsigned version, const std::string& suites,
                                const std::string& extensions = usual_extensions(),
                                const std::string& compressions = u8(0)) {
    return handshake(1, u16(version) + std::string(32, 'r') + u8(0) + sized16(suites) +
                            u8(static_cast<unsigned>(compressions.size())) + compressions +
                            sized16(extensions));
}

inline std::string server_hello(unsigned version, unsigned suite, unsigned compression = 0,
                                const std::string& extensions = extension(0xff01, u8(0))) {
    return handshake(2, u16(version) + std::string(32, 'r') + u8(0) + u16(suite) + u8(compression) +
                            sized16(extensions));
}

struct Record {
    unsigned type, version;
    std::string_view body; // in the bytes that it was read from
};

// Leaves out bytes that are not a whole record.
inline std::vector<Record> records_of(std::string_view bytes) {
    std::vector<Record> records;
    while (bytes.size() >= RecordHeader::size) {
        const RecordHeader header(as_bytes(bytes).data());
        if (bytes.size() < header.record_size()) break;
        records.push_back(
            {header.type(), header.version(), bytes.substr(RecordHeader::size, header.length())});
        bytes.remove_prefix(header.record_size());
    }
    return records;
}

} // namespace ussl::test::raw
