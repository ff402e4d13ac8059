#include "context_engine.hpp"
#include "ussl/backend/suites.hpp"
#include "ussl/backend/threads.hpp"

#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

namespace ussl {
namespace mbedtls {
namespace {

std::string_view library_version() {
    static constinit Mutex mutex;
    static constinit char text[9] = {}; // the library's header: "at least 9 bytes"
    const Locked locked(mutex);
    if (text[0] == '\0') mbedtls_version_get_string(text);
    return text;
}

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return mbedtls_sha256(data.data(), data.size(), digest, 0) == 0;
}

} // namespace

#ifndef MBEDTLS_SHA384_C
static_assert(!features::p384, "the list has suites with SHA-384");
#endif
std::span<const std::uint16_t> Traits::suites() { return suites_of<capabilities>; }

const Backend& backend() {
    static constexpr Backend self{"mbedtls", library_version, capabilities, suites_of<capabilities>,
                                  sha256};
    return self;
}

} // namespace mbedtls

using OnlyTraits = mbedtls::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
