#include "key_log.hpp"

#include "ussl/bytes.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

char* append_hex(char* out, Bytes bytes) {
    constexpr char digits[] = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
    return out;
}

} // namespace

void log_master_secret(const KeyLog& log, const br_ssl_engine_context& engine) {
    constexpr std::string_view label = "CLIENT_RANDOM ";
    char line[label.size() + 2 * sizeof engine.client_random + 1 +
              2 * sizeof engine.session.master_secret];
    std::memcpy(line, label.data(), label.size());
    char* end = append_hex(line + label.size(), Bytes{engine.client_random});
    *end++ = ' ';
    end = append_hex(end, Bytes{engine.session.master_secret});
    log.line(log.user, {line, static_cast<std::size_t>(end - line)});
    wipe({reinterpret_cast<std::uint8_t*>(line), sizeof line});
}

} // namespace ussl::bearssl
