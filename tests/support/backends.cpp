#include "support/backends.hpp"

#include "backends_under_test.hpp"

namespace ussl::test {
namespace {

#define ROW(name)                                                                                  \
    {#name,                                                                                        \
     differences_of_##name,                                                                        \
     []() -> const Backend& { return ussl::name::backend(); },                                     \
     sizeof(ussl::name::Context),                                                                  \
     sizeof(ussl::name::Session),                                                                  \
     [](void* storage) -> ussl::Context* { return new (storage) ussl::name::Context; },            \
     [](void* storage) -> ussl::Session* { return new (storage) ussl::name::Session; },            \
     USSL_P256_OF(name)},
constexpr BackendUnderTest table[] = {USSL_BACKENDS_UNDER_TEST(ROW)};
#undef ROW

} // namespace

std::span<const BackendUnderTest> backends() { return table; }

} // namespace ussl::test
