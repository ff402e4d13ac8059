#include "context_engine.hpp"

#include "implementations.hpp"
#include "ussl/backend/suites.hpp"

namespace ussl {

namespace bearssl {
namespace {

bool sha256(Bytes data, std::uint8_t (&digest)[32]) {
    br_sha256_context hash;
    br_sha256_init(&hash);
    br_sha256_update(&hash, data.data(), data.size());
    br_sha256_out(&hash, digest);
    return true;
}

} // namespace

std::span<const std::uint16_t> Traits::suites() { return suites_of<capabilities>; }

const Backend& backend() {
    // BearSSL has no version number, neither in a header nor by a function.
    static constexpr Backend self{"bearssl", [] { return std::string_view{"0.6"}; }, capabilities,
                                  suites_of<capabilities>, sha256};
    return self;
}

} // namespace bearssl

using OnlyTraits = bearssl::Traits;

} // namespace ussl

#include "ussl/backend/direct_calls.hpp"
