// DER that is not a certificate, or not a key.
#include "ussl/x509/form.hpp"

#include "support/doctest.hpp"
#include "support/material.hpp"

#include <string>

using namespace ussl;
using namespace ussl::test;
using x509::Form;

TEST_CASE("certificates, keys and requests are distinguished") {
    const struct {
        const char* file;
        Form form;
    } rows[] = {
        {"p256.crt.der", Form::certificate},
        {"rsa.crt.der", Form::certificate},
        {"ca.der", Form::certificate},
        {"p256.key.der", Form::private_key},
        {"p256.key.trad.der", Form::private_key},
        {"rsa.key.der", Form::private_key},
        {"rsa.key.trad.der", Form::private_key},
        {"own/p256-encrypted.key.der", Form::encrypted_private_key},
        {"request.der", Form::request},
        {"public.der", Form::public_key},
        {"pkcs12.der", Form::pkcs12},
    };
    for (const auto& row : rows) {
        CAPTURE(row.file);
        CHECK(x509::form_of(file(row.file)) == row.form);
        CHECK_FALSE(x509::name_of(row.form).empty());
    }
}

TEST_CASE("anything else is unknown") {
    for (const char* text : {"", "garbage", "\x30", "\x30\x03\x04\x01x", "\x30\x02\x05"})
        CHECK(x509::form_of(as_bytes(text)) == Form::unknown);
    CHECK(x509::name_of(Form::unknown).empty());
}
