// Private keys that are kept elsewhere (Credential::signer).
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/signer.hpp"

#include <algorithm>
#include <string>
#include <string_view>

using namespace ussl;
using namespace ussl::test;

namespace {

bool fits(SignatureScheme scheme, const std::string& leaf, Version version) {
    switch (scheme) {
    case SignatureScheme::ecdsa_sha256:
    case SignatureScheme::ecdsa_sha384:
    case SignatureScheme::ecdsa_sha512:
        // In TLS 1.3 the curve has its own hash (RFC 8446, 4.2.3).
        if (version == Version::tls1_3)
            return scheme == (leaf.find("p384") != std::string::npos
                                  ? SignatureScheme::ecdsa_sha384
                                  : SignatureScheme::ecdsa_sha256);
        return leaf.find("rsa") == std::string::npos;
    case SignatureScheme::rsa_pss_rsae_sha256:
    case SignatureScheme::rsa_pss_rsae_sha384:
    case SignatureScheme::rsa_pss_rsae_sha512: return leaf.find("rsa") != std::string::npos;
    default: return leaf.find("rsa") != std::string::npos && version == Version::tls1_2;
    }
}

// For builds without a signer: see tests/support/meson.build.
bool is_left_out() {
    if (!has_signer()) MESSAGE("left out: this program was built without libcrypto");
    return !has_signer();
}

Settings with(Settings settings, Version version, const Credential& own) {
    settings.config.credential = own;
    return settings.versions(version);
}

bool is_asked_for(const BackendUnderTest& backend, Version version, const std::string& leaf) {
    if (leaf.find("rsa") == std::string::npos || version != Version::tls1_3 ||
        backend.can().rsa_signer_tls1_3)
        return true;
    Signing signing(leaf);
    Endpoint server(backend, with(server_settings(), version, signing.credential()));
    CHECK(server.open().code == Err::unsupported);
    CHECK(signing.calls == 0);
    return false;
}

} // namespace

EACH_BACKEND("a signer signs for a server, with every kind of key in every version") {
    if (!backend.can().sign_callback) return;
    if (is_left_out()) return;
    for (const Version version : versions_of(backend))
        for (const char* leaf : leaves_of(backend)) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(leaf));
            if (!is_asked_for(backend, version, leaf)) continue;
            Signing signing(leaf);
            const Refusal result = connect(backend, client_settings().versions(version), backend,
                                           with(server_settings(), version, signing.credential()));
            CHECK(result.client_established);
            CHECK(result.server_established);
            CHECK(signing.calls == 1);
            CHECK(fits(signing.scheme, leaf, version));
        }
}

EACH_BACKEND("a signer signs for a client that shows its certificate, and only then") {
    if (!backend.can().sign_callback || !backend.can().client_certificates) return;
    if (is_left_out()) return;
    for (const Version version : versions_of(backend))
        for (const char* leaf : {"client", "client-p384", "client-rsa"}) {
            if ((std::string(leaf) == "client-p384" && !backend.can().ecdsa_p384) ||
                (std::string(leaf) == "client-rsa" && !backend.can().rsa))
                continue;
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(leaf));
            if (!is_asked_for(backend, version, leaf)) continue;
            Signing signing(leaf);
            const Settings client = with(client_settings(), version, signing.credential());
            Refusal result = connect(backend, client, backend, asking_server().versions(version));
            CHECK(result.client_established);
            CHECK(result.server_established);
            CHECK(signing.calls == 1);
            CHECK(fits(signing.scheme, leaf, version));
            result = connect(backend, client, backend, server_settings().versions(version));
            CHECK(result.server_established);
            CHECK(signing.calls == 1);
        }
}

EACH_BACKEND("without a set version, one that supports the signer's key is negotiated") {
    if (!backend.can().sign_callback) return;
    if (is_left_out()) return;
    for (const char* leaf : leaves_of(backend)) {
        CAPTURE(std::string(leaf));
        Signing signing(leaf);
        OpenEnds ends(backend, client_settings(),
                      with(server_settings(), Version::none, signing.credential()));
        Connection connection(ends.client, ends.server);
        CHECK(connection.establish());
        CHECK(is_asked_for(backend, connection.client.session->version(), leaf));
        CHECK(signing.calls == 1);
    }
}

EACH_BACKEND("a signer that fails ends the handshake, on either side") {
    if (!backend.can().sign_callback) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Signing signing("p256");
        signing.refuses = true;
        Refusal result = connect(backend, client_settings().versions(version), backend,
                                 with(server_settings(), version, signing.credential()));
        CHECK(result.server == Err::signer_failed);
        CHECK_FALSE(result.server_established);
        CHECK_FALSE(result.client_established);
        CHECK(result.client == Err::peer_alert);
        CHECK(result.client_heard == static_cast<int>(Alert::internal_error));
        CHECK(signing.calls == 1);
        if (!backend.can().client_certificates) continue;
        Signing client_signing("client");
        client_signing.refuses = true;
        result = connect(backend, with(client_settings(), version, client_signing.credential()),
                         backend, asking_server().versions(version));
        CHECK(result.client == Err::signer_failed);
        CHECK_FALSE(result.client_established);
        CHECK_FALSE(result.server_established);
        CHECK(result.server == Err::peer_alert);
        CHECK(result.server_heard == static_cast<int>(Alert::internal_error));
    }
}

EACH_BACKEND("a malformed signature ends the handshake, on either side") {
    if (!backend.can().sign_callback) return;
    static std::string given;
    static std::size_t claimed;
    const auto give = [](void*, SignatureScheme, Bytes, MutableBytes into, std::size_t* size) {
        std::copy_n(given.begin(), std::min(given.size(), into.size()), into.begin());
        *size = claimed;
        return true;
    };
    const struct {
        std::string_view what;
        std::string bytes;
        std::size_t claimed;
    } rows[] = {
        {"nothing", "", 0},
        {"more than there is room for", "", std::size_t{1} << 20},
        {"all that there is", "", SIZE_MAX},
        {"raw numbers", std::string(64, '\x11'), 64},
        {"DER that lacks a byte", "\x30\x06\x02\x01\x01\x02\x01\x01", 7},
        {"DER and a byte more", "\x30\x06\x02\x01\x01\x02\x01\x01", 9},
        {"a negative number", "\x30\x06\x02\x01\x81\x02\x01\x01", 8},
        {"another kind of key's", std::string(255, '\x11'), 255},
    };
    for (const Version version : versions_of(backend))
        for (const bool rsa : {false, true})
            for (const auto& row : rows) {
                if (rsa && (!backend.can().rsa ||
                            (version == Version::tls1_3 && !backend.can().rsa_signer_tls1_3)))
                    continue;
                CAPTURE(std::string(name_of(version)));
                CAPTURE(std::string(row.what));
                CAPTURE(rsa);
                given = row.bytes;
                claimed = row.claimed;
                Credential own = credential(rsa ? "rsa" : "p256");
                own.private_key = {};
                own.signer.sign = give;
                Refusal result = connect(backend, client_settings().versions(version), backend,
                                         with(server_settings(), version, own));
                CHECK(result.server == Err::signer_failed);
                CHECK(result.client_heard == static_cast<int>(Alert::internal_error));
                CHECK_FALSE(result.client_established);
                if (!backend.can().client_certificates) continue;
                own.chain = credential(rsa ? "client-rsa" : "client").chain;
                result = connect(backend, with(client_settings(), version, own), backend,
                                 asking_server().versions(version));
                CHECK(result.client == Err::signer_failed);
                CHECK(result.server_heard == static_cast<int>(Alert::internal_error));
                CHECK_FALSE(result.server_established);
            }
}

EACH_BACKEND("the peer detects another key's signature") {
    if (!backend.can().sign_callback) return;
    if (is_left_out()) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Signing signing("other-p256");
        Credential own = signing.credential();
        own.chain = credential("p256").chain;
        const Refusal result = connect(backend, client_settings().versions(version), backend,
                                       with(server_settings(), version, own));
        CHECK(result.client == Err::bad_signature);
        CHECK_FALSE(result.client_established);
    }
}

EACH_BACKEND("a signer serves any number of sessions") {
    if (!backend.can().sign_callback) return;
    if (is_left_out()) return;
    Signing signing("p256");
    Settings server = server_settings();
    server.config.credential = signing.credential();
    OpenEnds ends(backend, client_settings(), server);
    for (std::size_t i = 1; i <= 5; ++i) {
        Connection connection(ends.client, ends.server);
        CHECK(connection.establish());
        CHECK(signing.calls == i);
    }
}

EACH_BACKEND("without the capability a signer is unsupported, on either side") {
    if (backend.can().sign_callback) return;
    Signing signing("p256"), client_signing("client");
    Endpoint server(backend, with(server_settings(), Version::none, signing.credential()));
    CHECK(server.open().code == Err::unsupported);
    Endpoint client(backend, with(client_settings(), Version::none, client_signing.credential()));
    CHECK(client.open().code == Err::unsupported);
    CHECK(signing.calls == 0);
}
