// The callback's final decision on the peer's certificates (ContextConfig::verify_callback).
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/judged.hpp"

#include <climits>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

// Records the certificates that it is called for, and refuses the one of that depth.
struct Judge {
    struct Shown {
        Blob certificate;
        unsigned depth;
        Err verdict;
    };
    std::vector<Shown> shown;
    unsigned refuses = UINT_MAX;

    VerifyCallback callback() { return {this, accept}; }

private:
    static bool accept(void* user, Bytes certificate, unsigned depth, Err verdict) {
        Judge& self = *static_cast<Judge*>(user);
        self.shown.push_back({{certificate.begin(), certificate.end()}, depth, verdict});
        return depth != self.refuses;
    }
};

Settings asking(Settings settings, Judge& judge) {
    settings.config.verify_callback = judge.callback();
    return settings;
}

void check_shown(const Judge& judge, std::initializer_list<const char*> files) {
    REQUIRE(judge.shown.size() == files.size());
    std::size_t i = 0;
    for (const char* name : files) {
        CAPTURE(std::string(name));
        CHECK(equal(judge.shown[i].certificate, file(name)));
        CHECK(judge.shown[i].depth == files.size() - 1 - i);
        CHECK(judge.shown[i].verdict == Err::none);
        ++i;
    }
}

} // namespace

EACH_BACKEND("the callback sees the path from the anchor to the peer's own certificate") {
    const struct {
        const char* leaf;
        std::initializer_list<std::string_view> anchors;
        std::initializer_list<const char*> shown;
    } rows[] = {
        {"p256", {"ca"}, {"ca.der", "inter.der", "p256.crt.der"}},
        {"p256", {"other-ca", "ca"}, {"ca.der", "inter.der", "p256.crt.der"}},
        {"p256", {"inter"}, {"inter.der", "p256.crt.der"}},
        {"direct", {"ca"}, {"ca.der", "direct.crt.der"}},
    };
    for (const auto& row : rows)
        for (const Version version : versions_of(backend)) {
            CAPTURE(std::string(row.leaf));
            CAPTURE(std::string(name_of(version)));
            Judge judge;
            Settings client = asking(client_settings(), judge).versions(version);
            client.config.trust_anchors = anchors(row.anchors);
            OpenEnds ends(backend, client, server_settings(row.leaf).versions(version));
            Connection connection(ends.client, ends.server);
            CHECK(connection.establish());
            check_shown(judge, row.shown);
        }
}

EACH_BACKEND("an anchor that is the leaf itself, or a pinned key, is shown once") {
    Judge judge;
    const Bytes leaf[] = {file("p256.crt.der")};
    Settings client = asking(client_settings(), judge);
    client.config.trust_anchors = leaf;
    CHECK(connect(backend, client, backend, server_settings()).client == Err::none);
    check_shown(judge, {"p256.crt.der"});
    judge.shown.clear();
    client.config.trust_anchors = {};
    client.config.pins = pins({"inter"});
    CHECK(connect(backend, client, backend, server_settings()).client == Err::none);
    check_shown(judge, {"inter.der", "p256.crt.der"});
}

EACH_BACKEND("a server's callback sees the client's path") {
    if (!backend.can().client_certificates) return;
    for (const Verify verify : {Verify::required, Verify::optional})
        for (const Version version : versions_of(backend)) {
            CAPTURE(std::string(name_of(version)));
            Judge judge;
            Settings client = client_with("client").versions(version);
            Settings server = asking(asking_server(verify), judge).versions(version);
            const Refusal result = connect(backend, client, backend, server);
            CHECK(result.server_established);
            check_shown(judge, {"ca.der", "inter.der", "client.crt.der"});
            // Nothing to verify, so no call.
            judge.shown.clear();
            client = client_settings().versions(version);
            const bool let_in = connect(backend, client, backend, server).server_established;
            CHECK(let_in == (verify == Verify::optional));
            CHECK(judge.shown.empty());
        }
}

EACH_BACKEND("the callback can refuse each certificate, in both roles, and is not called again") {
    for (const unsigned depth : {2u, 1u, 0u})
        for (const Version version : versions_of(backend)) {
            CAPTURE(depth);
            CAPTURE(std::string(name_of(version)));
            Judge judge;
            judge.refuses = depth;
            Settings client = asking(client_settings(), judge).versions(version);
            Settings server = server_settings().versions(version);
            Refusal result = connect(backend, client, backend, server);
            CHECK(result.client == Err::refused_by_callback);
            CHECK_FALSE(result.client_established);
            CHECK(result.server == Err::peer_alert);
            CHECK(result.server_heard == static_cast<int>(Alert::bad_certificate));
            CHECK(judge.shown.size() == 3 - depth);
            if (!backend.can().client_certificates) continue;
            client = client_with("client").versions(version);
            for (const Verify verify : {Verify::required, Verify::optional}) {
                judge.shown.clear();
                server = asking(asking_server(verify), judge).versions(version);
                result = connect(backend, client, backend, server);
                CHECK(result.server == Err::refused_by_callback);
                CHECK_FALSE(result.server_established);
                CHECK(result.client == Err::peer_alert);
                CHECK(result.client_heard == static_cast<int>(Alert::bad_certificate));
                CHECK(judge.shown.size() == 3 - depth);
            }
        }
}

namespace {

const struct {
    const char* leaf;
    Err verdict;
} broken[] = {
    {"expired", Err::expired},           {"future", Err::not_yet_valid},
    {"wronghost", Err::wrong_host},      {"clientonly", Err::wrong_purpose},
    {"selfsigned", Err::untrusted},      {"untrusted", Err::untrusted},
    {"badsignature", Err::untrusted},    {"path-length", Err::untrusted},
    {"sha1-ecdsa", Err::weak_signature},
};

} // namespace

EACH_BACKEND("the callback cannot accept a path that a rule refuses") {
    for (const auto& row : broken) {
        CAPTURE(std::string(row.leaf));
        Judge judge;
        check_server(backend, asking(client_settings(), judge), server_settings(row.leaf),
                     row.verdict);
        CHECK(judge.shown.empty());
    }
    if (!backend.can().client_certificates) return;
    Judge judge;
    for (const Verify verify : {Verify::required, Verify::optional})
        check_client(backend, client_with("client-untrusted"), asking(asking_server(verify), judge),
                     Err::untrusted);
    CHECK(judge.shown.empty());
}

EACH_BACKEND("with callback_may_accept it is called once, with the broken rule's error") {
    for (const auto& row : broken)
        for (const bool accepts : {true, false})
            for (const Version version : versions_of(backend)) {
                CAPTURE(std::string(row.leaf));
                CAPTURE(accepts);
                CAPTURE(std::string(name_of(version)));
                Judge judge;
                if (!accepts) judge.refuses = 0;
                Settings client = asking(client_settings(), judge).versions(version);
                client.config.policy.callback_may_accept = true;
                Settings server = server_settings(row.leaf).versions(version);
                const Refusal result = connect(backend, client, backend, server);
                CHECK(result.client == (accepts ? Err::none : row.verdict));
                CHECK(result.client_established == accepts);
                CHECK(result.server == (accepts ? Err::none : Err::peer_alert));
                if (!accepts)
                    CHECK(result.server_heard == static_cast<int>(alert_for(row.verdict)));
                REQUIRE(judge.shown.size() == 1);
                CHECK(equal(judge.shown[0].certificate, file(std::string(row.leaf) + ".crt.der")));
                CHECK(judge.shown[0].depth == 0);
                CHECK(judge.shown[0].verdict == row.verdict);
            }
}

EACH_BACKEND("with callback_may_accept a server may accept a client without a trusted path") {
    if (!backend.can().client_certificates) return;
    for (const Verify verify : {Verify::required, Verify::optional}) {
        Judge judge;
        Settings server = asking(asking_server(verify), judge);
        server.config.policy.callback_may_accept = true;
        check_client(backend, client_with("client-untrusted"), server, Err::none);
        CHECK(judge.shown.size() == versions_of(backend).size());
        // A missing certificate cannot be accepted.
        judge.shown.clear();
        check_client(backend, client_settings(), server,
                     verify == Verify::required ? Err::no_peer_certificate : Err::none);
        CHECK(judge.shown.empty());
    }
}

EACH_BACKEND("callback_may_accept changes nothing if no rule is broken, or without a callback") {
    Judge judge;
    Settings client = asking(client_settings(), judge);
    client.config.policy.callback_may_accept = true;
    CHECK(connect(backend, client, backend, server_settings()).client == Err::none);
    check_shown(judge, {"ca.der", "inter.der", "p256.crt.der"});
    judge.shown.clear();
    judge.refuses = 0;
    check_server(backend, client, server_settings(), Err::refused_by_callback);
    client.config.verify_callback = {};
    check_server(backend, client, server_settings("expired"), Err::expired);
}

EACH_BACKEND("without verification the callback is not called") {
    Judge judge;
    judge.refuses = 0;
    Settings client = asking(client_settings(), judge);
    client.config.verify = Verify::none;
    check_server(backend, client, server_settings(), Err::none);
    check_server(backend, client, server_settings("untrusted"), Err::none);
    Settings server = asking(server_settings(), judge);
    check_client(backend, client_with("client"), server, Err::none);
    CHECK(judge.shown.empty());
}
