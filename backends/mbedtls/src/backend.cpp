#include "context_engine.hpp"
#include "session_engine.hpp"

#include "ussl/backend/engine_impl.hpp"

#include <mbedtls/version.h>

namespace ussl {
namespace mbedtls {
namespace {

std::string_view library_version() {
    static constinit char text[9] = {}; // "at least 9 bytes", says the library's header
    mbedtls_version_get_string(text);
    return text;
}

} // namespace

const Backend& backend() {
    static constexpr Backend self{"mbedtls", library_version, capabilities};
    return self;
}

} // namespace mbedtls

template class ContextOf<mbedtls::Traits>;
template class SessionOf<mbedtls::Traits>;

} // namespace ussl
