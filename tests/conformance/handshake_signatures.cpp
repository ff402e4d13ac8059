// Invalid handshake signatures, in both roles: the same error and the same alert for all of them
// (RFC 8446, 4.4.3; RFC 5246, 7.2.2). The signer plays the peer.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"

#include <cstring>
#include <string_view>

using namespace ussl;
using namespace ussl::test;
using namespace std::literals;

namespace {

// Instead of a signature: this, or `fill` everywhere with `last` at its end.
struct Forgery {
    std::string_view name;
    std::string_view bytes;
    std::uint8_t fill = 0, last = 0;
    std::size_t size = 256;
};

// DER of two numbers in the curve's range: a signer's own side takes nothing else for a signature.
// hostile/forged.py has the others.
constexpr Forgery of_ecdsa[] = {
    {"r and s are 1", "\x30\x06\x02\x01\x01\x02\x01\x01"sv},
    {"s is as large as may be",
     "\x30\x26\x02\x01\x01\x02\x21\x00"
     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
     "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv},
};
// As long as the key: a signer's own side takes nothing else for a signature.
constexpr Forgery of_rsa[] = {
    {"0", {}},
    {"1", {}, 0, 1},
    {"2", {}, 0, 2},
    {"above the modulus", {}, 0xff, 0xff},
};

const Forgery* forged = nullptr;

bool forge(void*, SignatureScheme, Bytes, MutableBytes signature, std::size_t* size) {
    if (!forged->bytes.empty()) {
        std::memcpy(signature.data(), forged->bytes.data(), *size = forged->bytes.size());
        return true;
    }
    *size = forged->size < signature.size() ? forged->size : signature.size();
    std::memset(signature.data(), forged->fill, *size);
    signature[*size - 1] = forged->last;
    return true;
}

Settings forging(Settings settings, Version version, const char* leaf) {
    settings.config.credential = credential(leaf);
    settings.config.credential.private_key = {};
    settings.config.credential.signer.sign = forge;
    return settings.versions(version);
}

bool can_forge(const BackendUnderTest& backend, Version version, bool rsa) {
    return backend.can().sign_callback && (!rsa || backend.can().rsa) &&
           (!rsa || version != Version::tls1_3 || backend.can().rsa_signer_tls1_3);
}

void check_both_roles(const BackendUnderTest& backend, Version version, bool rsa) {
    CAPTURE(std::string(forged->name));
    Refusal result = connect(backend, client_settings().versions(version), backend,
                             forging(server_settings(), version, rsa ? "rsa" : "p256"));
    CHECK(result.client == Err::bad_signature);
    CHECK(result.server == Err::peer_alert);
    CHECK(result.server_heard == static_cast<int>(Alert::decrypt_error));
    CHECK_FALSE(result.client_established);
    if (!backend.can().client_certificates) return;
    result = connect(backend, forging(client_settings(), version, rsa ? "client-rsa" : "client"),
                     backend, asking_server().versions(version));
    CHECK(result.server == Err::bad_signature);
    CHECK(result.client == Err::peer_alert);
    CHECK(result.client_heard == static_cast<int>(Alert::decrypt_error));
    CHECK_FALSE(result.server_established);
}

} // namespace

EACH_BACKEND("invalid handshake signatures of every form get the same error") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        if (can_forge(backend, version, false))
            for (const Forgery& forgery : of_ecdsa) {
                forged = &forgery;
                check_both_roles(backend, version, false);
            }
        if (can_forge(backend, version, true))
            for (const Forgery& forgery : of_rsa) {
                forged = &forgery;
                check_both_roles(backend, version, true);
            }
    }
}
