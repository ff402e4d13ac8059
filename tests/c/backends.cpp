// The backends under test, through ussl.h: linked instead of support/backends.cpp.
#include "support/backends.hpp"

#include "backends_under_test.hpp"
#include "through_c.hpp"

namespace ussl::test {
namespace {

#define ROW(name)                                                                                  \
    {#name,                                                                                        \
     differences_of_##name,                                                                        \
     []() -> const Backend& { return ussl::name::backend(); },                                     \
     sizeof(ContextOn<ussl::name::Context>),                                                       \
     sizeof(SessionOn<ussl::name::Session>),                                                       \
     [](void* storage) -> Context* { return new (storage) ContextOn<ussl::name::Context>; },       \
     [](void* storage) -> Session* { return new (storage) SessionOn<ussl::name::Session>; },       \
     USSL_P256_OF(name)},
constexpr BackendUnderTest table[] = {USSL_BACKENDS_UNDER_TEST(ROW)};
#undef ROW

} // namespace

std::span<const BackendUnderTest> backends() { return table; }

} // namespace ussl::test
