// Every capability of a backend works; a feature that it lacks is unsupported when the context
// opens.
#include "support/connection.hpp"
#include "support/differences.hpp"
#include "support/each_backend.hpp"

#include <algorithm>
#include <functional>
#include <sstream>
#include <string>
#include <string_view>

using namespace ussl;
using namespace ussl::test;

namespace {

const std::string_view protocols[] = {"x"};

struct Use {
    const char* what;
    bool Capabilities::*needed;
    Settings settings;
};

std::vector<Use> uses() {
    const auto changed = [](Settings settings, const std::function<void(ContextConfig&)>& change) {
        change(settings.config);
        return settings;
    };
    const auto with_alpn = [](ContextConfig& c) { c.alpn = protocols; };
    using C = Capabilities;
    return {
        {"client", &C::client, client_settings()},
        {"server", &C::server, server_settings()},
        {"TLS 1.2 client", &C::tls1_2, client_settings().versions(Version::tls1_2)},
        {"TLS 1.2 server", &C::tls1_2, server_settings().versions(Version::tls1_2)},
        {"TLS 1.3 client", &C::tls1_3, client_settings().versions(Version::tls1_3)},
        {"TLS 1.3 server", &C::tls1_3, server_settings().versions(Version::tls1_3)},
        {"TLS 1.3 as upper limit", &C::tls1_3,
         changed(client_settings(), [](auto& c) { c.max_version = Version::tls1_3; })},
        {"TLS 1.3 as lower limit", &C::tls1_3,
         changed(client_settings(), [](auto& c) { c.min_version = Version::tls1_3; })},
        {"P-256 key", &C::ecdsa_p256, server_settings("p256")},
        {"P-384 key", &C::ecdsa_p384, server_settings("p384")},
        {"P-384 client key", &C::ecdsa_p384, client_with("client-p384")},
        {"RSA key", &C::rsa, server_settings("rsa")},
        {"RSA client key", &C::rsa, client_with("client-rsa")},
        {"ALPN client", &C::alpn, changed(client_settings(), with_alpn)},
        {"ALPN server", &C::alpn, changed(server_settings(), with_alpn)},
        {"client certificate shown", &C::client_certificates, client_with("client")},
        {"client certificate demanded", &C::client_certificates, asking_server()},
        {"client certificate asked for", &C::client_certificates, asking_server(Verify::optional)},
    };
}

} // namespace

EACH_BACKEND("a context that uses a capability opens, or is unsupported") {
    for (const Use& use : uses()) {
        CAPTURE(std::string(use.what));
        Endpoint endpoint(backend, use.settings);
        CHECK(endpoint.open().code == (backend.can().*use.needed ? Err::none : Err::unsupported));
        CHECK(endpoint.context->is_open() == (backend.can().*use.needed));
    }
}

EACH_BACKEND("kinds of keys that no backend has are unsupported") {
    for (const char* leaf : {"p521"}) {
        Endpoint endpoint(backend, server_settings(leaf));
        CHECK(endpoint.open().code == Err::unsupported);
    }
}

EACH_BACKEND("RSASSA-PSS certificates are accepted exactly by backends with the capability") {
    if (!backend.can().rsa) return;
    const Refusal result = connect(backend, client_settings(), backend, server_settings("rsa-pss"));
    CHECK(result.client_established == backend.can().rsa_pss_certificates);
    // A server may have to read its own certificate as well.
    if (!backend.can().rsa_pss_certificates)
        CHECK((result.client == Err::unsupported || result.server == Err::unsupported));
}

EACH_BACKEND("every backend has a version and a role") {
    CHECK((backend.can().tls1_2 || backend.can().tls1_3));
    CHECK((backend.can().client || backend.can().server));
}

EACH_BACKEND("every difference of a backend has a known name, and a reason") {
    const std::span<const std::string_view> names = difference_names();
    std::istringstream lines(backend.differences);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        CAPTURE(line);
        const std::string_view name = std::string_view(line).substr(0, line.find(' '));
        CHECK((name == "verdict" || name == "own" || name == "hostile" ||
               std::find(names.begin(), names.end(), name) != names.end()));
        CHECK(line.find(" : ") != std::string::npos);
    }
}
