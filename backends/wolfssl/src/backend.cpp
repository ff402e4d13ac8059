#include "context_engine.hpp"

#include "ussl/backend/suites.hpp"

namespace ussl {

namespace wolfssl {
namespace {

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    return wc_Sha256Hash(data.data(), static_cast<word32>(data.size()), digest) == 0;
}

} // namespace

#ifndef WOLFSSL_SHA384
static_assert(!features::p384, "the list has suites with SHA-384");
#endif
std::span<const std::uint16_t> Traits::suites() { return suites_of<capabilities>; }

const Backend& backend() {
    static constexpr Backend self{"wolfssl", [] { return std::string_view{wolfSSL_lib_version()}; },
                                  capabilities, suites_of<capabilities>, sha256};
    return self;
}

} // namespace wolfssl

using OnlyTraits = wolfssl::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
