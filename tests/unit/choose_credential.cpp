// Which certificate a server shows for a name.
#include "support/doctest.hpp"
#include "support/material.hpp"

#include "ussl/backend/server_name.hpp"

#include <string>

using namespace ussl;
using test::credential;

namespace {

// "localhost" and "test.example"; "other.example"; "*.wild.example"; the first one's names again.
const Credential more[] = {credential("other-p256"), credential("wildcard"), credential("p384")};

struct Asked {
    int answer;
    unsigned calls = 0;
    std::string name;

    ServerNameCallback callback() {
        return {this, [](void* user, std::string_view asked_for) {
                    Asked& self = *static_cast<Asked*>(user);
                    ++self.calls;
                    self.name = asked_for;
                    return self.answer;
                }};
    }
};

int chosen(std::string_view name, ServerNameCallback callback = {},
           std::span<const Credential> further = more) {
    SessionSetup setup{};
    setup.role = Role::server;
    setup.more_credentials = further;
    setup.server_name_callback = callback;
    return choose_credential(credential("p256"), setup, name);
}

} // namespace

TEST_CASE("the first credential whose certificate is for the name") {
    const struct {
        std::string_view name;
        int chosen;
    } rows[] = {
        {"localhost", 0},        {"test.example", 0},    {"TEST.Example", 0},
        {"other.example", 1},    {"a.wild.example", 2},  {"wild.example", 0},
        {"a.b.wild.example", 0}, {"unknown.example", 0}, {"", 0},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        CHECK(chosen(row.name) == row.chosen);
    }
    CHECK(chosen("other.example", {}, {}) == 0);
}

TEST_CASE("the callback is called only for unknown names, and without a name") {
    for (const char* known : {"localhost", "other.example", "a.wild.example"}) {
        Asked asked{.answer = -1};
        CHECK(chosen(known, asked.callback()) >= 0);
        CHECK(asked.calls == 0);
    }
    for (const char* unknown : {"unknown.example", ""}) {
        Asked asked{.answer = 2};
        CHECK(chosen(unknown, asked.callback()) == 2);
        CHECK(asked.calls == 1);
        CHECK(asked.name == unknown);
    }
}

TEST_CASE("the callback must choose an existing credential") {
    for (const int answer : {0, 1, 2, 3}) {
        Asked asked{.answer = answer};
        CHECK(chosen("unknown.example", asked.callback()) == answer);
    }
    for (const int answer : {-1, -100, 4, 1000}) {
        Asked asked{.answer = answer};
        CHECK(chosen("unknown.example", asked.callback()) == -1);
    }
    Asked asked{.answer = 1};
    CHECK(chosen("unknown.example", asked.callback(), {}) == -1);
}

TEST_CASE("invalid host names are refused only if a certificate is chosen by name") {
    const std::string_view rows[] = {{"a\0b", 3}, "\xff\xfe", "a b", ".", "::1", "b\xc3\xbc"};
    for (const std::string_view name : rows) {
        CAPTURE(name);
        Asked asked{.answer = 0};
        CHECK(chosen(name, asked.callback(), {}) == -1);
        CHECK(asked.calls == 0);
        CHECK(chosen(name) == -1);
        CHECK(chosen(name, {}, {}) == 0);
    }
}
