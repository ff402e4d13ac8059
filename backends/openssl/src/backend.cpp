#include "context_engine.hpp"
#include "hooks.hpp"
#include "library.hpp"

#include "ussl/backend/suites.hpp"

namespace ussl {

namespace openssl {
namespace {

std::string_view library_version() { return OpenSSL_version(OPENSSL_VERSION_STRING); }

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return EVP_Q_digest(library_context(), "SHA256", nullptr, data.data(), data.size(), digest,
                        nullptr) == 1;
}

} // namespace

std::span<const std::uint16_t> Traits::suites() { return suites_of<capabilities>; }

const Backend& backend() {
    static constexpr Backend self{"openssl", library_version, capabilities, suites_of<capabilities>,
                                  sha256};
    return self;
}

} // namespace openssl

using OnlyTraits = openssl::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
