// Views of bytes, and wiping.
#include "support/doctest.hpp"

#include "ussl/bytes.hpp"

using namespace ussl;

TEST_CASE("equal() compares length and contents") {
    CHECK(equal({}, {}));
    CHECK(equal(as_bytes("abc"), as_bytes("abc")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("abd")));
    CHECK_FALSE(equal(as_bytes("abc"), as_bytes("ab")));
    CHECK_FALSE(equal(as_bytes("ab"), as_bytes("abc")));
}

TEST_CASE("wipe() leaves zeros, and changes nothing beyond its view") {
    std::uint8_t secret[] = {9, 9, 9, 9};
    wipe(MutableBytes(secret).subspan(1, 2));
    CHECK(equal(secret, as_bytes(std::string_view("\x09\0\0\x09", 4))));
    wipe({});
}
