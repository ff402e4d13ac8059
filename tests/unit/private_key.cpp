// How core/ judges own keys: every row of own_keys.py, and every way to cut one.
#include "ussl/x509/private_key.hpp"

#include "support/doctest.hpp"
#include "support/material.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

Bytes key_of(const Credential& own) { return x509::subject_public_key_of(own.chain.front()); }

Err verdict(const Bytes& der, const Bytes& subject_public_key) {
    x509::PrivateKey key;
    const Err error = x509::parse_private_key(der, key);
    return error == Err::none ? x509::check_private_key(key, subject_public_key) : error;
}

bool is_within(const Bytes& view, const Bytes& der) {
    return view.empty() ||
           (view.data() >= der.data() && view.data() + view.size() <= der.data() + der.size());
}

} // namespace

TEST_CASE("own keys in every form, and damaged in every way") {
    for (const OwnKey& row : own_keys()) {
        CAPTURE(row.name);
        CHECK(verdict(row.credential.private_key, key_of(row.credential)) == row.read);
    }
}

TEST_CASE("a truncated key is invalid") {
    for (const char* name :
         {"rsa-pkcs8-v2-attributes-public", "p384-pkcs8-v2-all", "rsa-pkcs1", "p256-sec1"})
        for (const OwnKey& row : own_keys()) {
            if (row.name != name) continue;
            CAPTURE(row.name);
            const Bytes der = row.credential.private_key;
            for (std::size_t size = 0; size < der.size(); ++size) {
                const Blob cut(der.begin(), der.begin() + static_cast<std::ptrdiff_t>(size));
                x509::PrivateKey key;
                if (x509::parse_private_key(cut, key) != Err::bad_private_key) FAIL(size);
            }
        }
}

TEST_CASE("no byte of an RSA key can change") {
    // Only the numbers: the frame around them may change to another valid form.
    const Credential& own = credential("rsa", ".trad");
    Blob der(own.private_key.begin(), own.private_key.end());
    x509::PrivateKey key;
    REQUIRE(x509::parse_private_key(der, key) == Err::none);
    for (const Bytes& number : {key.modulus, key.public_exponent, key.private_exponent, key.prime1,
                                key.prime2, key.exponent1, key.exponent2, key.coefficient}) {
        REQUIRE(is_within(number, der));
        for (std::size_t i = 0; i < number.size(); ++i) {
            std::uint8_t& byte = der[static_cast<std::size_t>(number.data() - der.data()) + i];
            const std::uint8_t bit = static_cast<std::uint8_t>(1 << i % 8);
            byte ^= bit;
            const Err error = verdict(der, key_of(own));
            byte ^= bit;
            if (error == Err::none) FAIL(i);
        }
    }
    CHECK(verdict(der, key_of(own)) == Err::none);
}

TEST_CASE("the numbers of a key are views into it, without zeros in front") {
    for (const OwnKey& row : own_keys()) {
        x509::PrivateKey key;
        const Bytes der = row.credential.private_key;
        if (row.read != Err::none || x509::parse_private_key(der, key) != Err::none) continue;
        CAPTURE(row.name);
        if (key.kind != x509::KeyKind::rsa) {
            CHECK(is_within(key.scalar, der));
            CHECK(key.scalar.size() <= (key.kind == x509::KeyKind::ec_p256 ? 32 : 48));
            continue;
        }
        for (const Bytes& number :
             {key.modulus, key.public_exponent, key.private_exponent, key.prime1, key.prime2,
              key.exponent1, key.exponent2, key.coefficient}) {
            CHECK(is_within(number, der));
            REQUIRE(!number.empty());
            CHECK(number.front() != 0);
        }
    }
}
