// Pinned keys (ContextConfig::pins), with trust anchors and instead of them.
#include "support/each_backend.hpp"
#include "support/judged.hpp"

#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

using Names = std::initializer_list<std::string_view>;

struct Row {
    const char* what;
    const char* leaf;
    Names pinned;
    Err verdict;
};

const Row with_anchors[] = {
    {"the leaf's key", "p256", {"p256"}, Err::none},
    {"the intermediate's", "p256", {"inter"}, Err::none},
    {"the root's, which is not sent", "p256", {"ca"}, Err::none},
    {"one of several", "p256", {"other-ca", "p384", "inter"}, Err::none},
    {"the same key in another certificate", "p256", {"direct"}, Err::none},
    {"another key", "p256", {"p384"}, Err::pin_mismatch},
    {"an authority that is not on the path", "direct", {"inter"}, Err::pin_mismatch},
    {"a pin is no anchor", "untrusted", {"untrusted"}, Err::untrusted},
    {"nor is one of a self-signed leaf", "selfsigned", {"selfsigned"}, Err::untrusted},
    {"other rules come first", "expired", {"p384"}, Err::expired},
    {"all of them", "wronghost", {"p384"}, Err::wrong_host},
    {"and hold as ever", "wronghost", {"wronghost"}, Err::wrong_host},
};

const Row without_anchors[] = {
    {"the leaf's key", "p256", {"p256"}, Err::none},
    {"the intermediate's", "p256", {"inter"}, Err::none},
    {"one of several", "p256", {"other-ca", "p384", "inter"}, Err::none},
    {"a self-signed leaf's", "selfsigned", {"selfsigned"}, Err::none},
    {"the root's, which is not sent", "p256", {"ca"}, Err::pin_mismatch},
    {"another key", "p256", {"p384"}, Err::pin_mismatch},
    {"another key, self-signed", "selfsigned", {"p384"}, Err::pin_mismatch},
    {"what signed a pinned leaf does not count", "badsignature", {"badsignature"}, Err::none},
    {"below a pinned issuer it does", "badsignature", {"inter"}, Err::pin_mismatch},
    {"an issuer that is none", "inter-not-ca", {"not-ca"}, Err::untrusted},
    {"the name counts", "wronghost", {"wronghost"}, Err::wrong_host},
    {"the time", "expired", {"expired"}, Err::expired},
    {"the issuer's time", "expired-inter", {"inter-expired"}, Err::expired},
    {"the purpose", "clientonly", {"clientonly"}, Err::wrong_purpose},
};

Settings pinned(Settings settings, std::span<const Bytes> keys, bool keep_anchors) {
    settings.config.pins = keys;
    if (!keep_anchors) settings.config.trust_anchors = {};
    return settings;
}

} // namespace

EACH_BACKEND("with anchors: the path must contain a pinned key") {
    for (const Row& row : with_anchors) {
        CAPTURE(std::string(row.what));
        check_server(backend, pinned(client_settings(), pins(row.pinned), true),
                     server_settings(row.leaf), row.verdict);
    }
}

EACH_BACKEND("without anchors: the path ends at a pinned key") {
    for (const Row& row : without_anchors) {
        CAPTURE(std::string(row.what));
        check_server(backend, pinned(client_settings(), pins(row.pinned), false),
                     server_settings(row.leaf), row.verdict);
    }
}

EACH_BACKEND("a pinned root that the server sends") {
    std::vector<Bytes> chain(credential("p256").chain.begin(), credential("p256").chain.end());
    chain.push_back(file("ca.der"));
    Settings server = server_settings();
    server.config.credential.chain = chain;
    check_server(backend, pinned(client_settings(), pins({"ca"}), false), server, Err::none);
    check_server(backend, pinned(client_settings(), pins({"ca"}), true), server, Err::none);
    check_server(backend, pinned(client_settings(), pins({"other-ca"}), false), server,
                 Err::pin_mismatch);
}

EACH_BACKEND("clients' keys are pinned like servers'") {
    if (!backend.can().client_certificates) return;
    const struct {
        const char* leaf; // empty: the client shows none
        Names pinned;
        Err with, without, optional; // anchors; optional: without any
    } rows[] = {
        {"client", {"client"}, Err::none, Err::none, Err::none},
        {"client", {"inter"}, Err::none, Err::none, Err::none},
        {"client", {"p256"}, Err::pin_mismatch, Err::pin_mismatch, Err::pin_mismatch},
        {"selfsigned", {"selfsigned"}, Err::untrusted, Err::wrong_purpose, Err::wrong_purpose},
        {"client-untrusted", {"client-untrusted"}, Err::untrusted, Err::none, Err::none},
        {"client-expired", {"client-expired"}, Err::expired, Err::expired, Err::expired},
        {"", {"client"}, Err::no_peer_certificate, Err::no_peer_certificate, Err::none},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.leaf));
        const Settings client = *row.leaf != '\0' ? client_with(row.leaf) : client_settings();
        const std::span<const Bytes> keys = pins(row.pinned);
        check_client(backend, client, pinned(asking_server(), keys, true), row.with);
        check_client(backend, client, pinned(asking_server(), keys, false), row.without);
        check_client(backend, client, pinned(asking_server(Verify::optional), keys, false),
                     row.optional);
    }
}

EACH_BACKEND("a pin without a digest's length is refused when the context opens") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}}) {
        const Blob wrong(size);
        const Bytes list[] = {pins({"p256"}).front(), wrong};
        for (const bool keep_anchors : {true, false}) {
            Endpoint endpoint(backend, pinned(client_settings(), list, keep_anchors));
            CHECK(endpoint.open().code == Err::invalid_argument);
        }
    }
}
