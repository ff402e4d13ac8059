#include "ussl/backend/key_log.hpp"

#include "ussl/features.hpp"

#if USSL_KEY_LOG

#include <cstring>

namespace ussl {
namespace {

constexpr std::size_t random_size = 32, longest_secret = 48, longest_label = 32;

char* put_hex(char* at, Bytes bytes) {
    constexpr char digits[] = "0123456789abcdef";
    *at++ = ' ';
    for (const std::uint8_t byte : bytes) {
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return at;
}

} // namespace

void log_key(const KeyLog& log, std::string_view label, Bytes random, Bytes secret) {
    char line[longest_label + 1 + 2 * random_size + 1 + 2 * longest_secret];
    if (label.empty() || label.size() > longest_label || random.size() != random_size ||
        secret.size() > longest_secret)
        return;
    std::memcpy(line, label.data(), label.size());
    const char* const end = put_hex(put_hex(line + label.size(), random), secret);
    log.line(log.user, {line, static_cast<std::size_t>(end - line)});
    wipe(line, sizeof line);
}

} // namespace ussl

#endif
