// A client of each backend against a server of each backend, in one process.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"

#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

struct Case {
    const BackendUnderTest* client;
    const BackendUnderTest* server;
    Version version;
    const char* leaf;
    const char* client_leaf; // empty: the server does not ask

    std::string name() const {
        return std::string(client->name) + " to " + server->name + ", " +
               std::string(name_of(version)) + ", " + leaf +
               (*client_leaf != '\0' ? std::string(", ") + client_leaf : "");
    }
};

bool both(const Case& c, bool Capabilities::*capability) {
    return c.client->can().*capability && c.server->can().*capability;
}

bool possible(const Case& c) {
    const std::string_view leaves = c.leaf, client_leaves = c.client_leaf;
    const auto uses = [&](std::string_view kind) {
        return leaves.find(kind) != leaves.npos || client_leaves.find(kind) != leaves.npos;
    };
    return both(c, c.version == Version::tls1_2 ? &Capabilities::tls1_2 : &Capabilities::tls1_3) &&
           (!uses("p384") || both(c, &Capabilities::ecdsa_p384)) &&
           (!uses("rsa") || both(c, &Capabilities::rsa)) &&
           (client_leaves.empty() || both(c, &Capabilities::client_certificates)) &&
           c.client->can().client && c.server->can().server;
}

const std::vector<Case>& cases() {
    static const std::vector<Case> all = [] {
        std::vector<Case> list;
        for (const BackendUnderTest& client : backends())
            for (const BackendUnderTest& server : backends())
                for (const Version version : {Version::tls1_2, Version::tls1_3})
                    for (const char* leaf : {"p256", "p384", "p384-chain", "rsa", "rsa-chain"})
                        for (const char* own : {"", "client", "client-p384", "client-rsa"}) {
                            const Case row{&client, &server, version, leaf, own};
                            if (possible(row)) list.push_back(row);
                        }
        return list;
    }();
    return all;
}

void run(const Case& c) {
    Settings client = *c.client_leaf != '\0' ? client_with(c.client_leaf) : client_settings();
    Settings server = *c.client_leaf != '\0' ? asking_server() : server_settings();
    server.config.credential = credential(c.leaf);
    const std::string_view protocols[] = {"interop"};
    if (both(c, &Capabilities::alpn)) client.config.alpn = server.config.alpn = protocols;
    Endpoint client_end(*c.client, client.versions(c.version)),
        server_end(*c.server, server.versions(c.version));
    REQUIRE(client_end.open().code == Err::none);
    REQUIRE(server_end.open().code == Err::none);
    Connection connection(client_end, server_end);
    const bool established = connection.establish();
    CAPTURE(text_of(connection.client.session->error()));
    CAPTURE(text_of(connection.server.session->error()));
    REQUIRE(established);
    CHECK(connection.client.session->version() == c.version);
    CHECK(connection.server.session->version() == c.version);
    CHECK(connection.client.session->suite() == connection.server.session->suite());
    CHECK(connection.client.session->alpn() == connection.server.session->alpn());
    if (both(c, &Capabilities::alpn)) CHECK(connection.client.session->alpn() == "interop");

    const std::string there(40000, 'c'), back(50000, 's');
    CHECK(connection.client.write(there) == there.size());
    CHECK(connection.server.read_all() == Status::want_read);
    CHECK(connection.server.received == there);
    CHECK(connection.server.write(back) == back.size());
    CHECK(connection.server.pump.close().status == Status::ok);
    CHECK(connection.client.read_all() == Status::closed);
    CHECK(connection.client.received == back);
    CHECK(connection.client.pump.close().status == Status::ok);
}

template<std::size_t row>
void run_row() {
    run(cases()[row]);
}

// Every backend with every other, two versions, five leaves, four clients.
constexpr std::size_t max_cases = ussl_backends_under_test * ussl_backends_under_test * 2 * 5 * 4;

template<std::size_t... row>
int register_all(std::index_sequence<row...>) {
    constexpr void (*bodies[])() = {run_row<row>...};
    for (std::size_t i = 0; i < cases().size(); ++i)
        register_case(bodies[i], cases()[i].name(), __FILE__, __LINE__);
    return 0;
}
const int registered = register_all(std::make_index_sequence<max_cases>{});

} // namespace

TEST_CASE("a context of another backend is invalid_argument") {
    for (const BackendUnderTest& one : backends())
        for (const BackendUnderTest& another : backends()) {
            Endpoint endpoint(one, server_settings());
            REQUIRE(endpoint.open().code == Err::none);
            OwnedSession session(another);
            CHECK(session->open(*endpoint.context, {}).code ==
                  (&one == &another ? Err::none : Err::invalid_argument));
        }
}

TEST_CASE("the verdict on a server is the same whichever backend serves") {
    const struct {
        const char* leaf;
        Err verdict;
    } rows[] = {
        {"constrained", Err::untrusted}, // or unsupported
        {"untrusted", Err::untrusted},      {"selfsigned", Err::untrusted},
        {"expired", Err::expired},          {"wronghost", Err::wrong_host},
        {"clientonly", Err::wrong_purpose}, {"sha1-ecdsa", Err::weak_signature},
    };
    for (const auto& row : rows)
        for (const BackendUnderTest& client : backends())
            for (const BackendUnderTest& server : backends()) {
                CAPTURE(std::string(row.leaf));
                CAPTURE(std::string(client.name));
                CAPTURE(std::string(server.name));
                const Refusal result =
                    connect(client, client_settings(), server, server_settings(row.leaf));
                // Some libraries do not load a chain with a critical extension that they do not
                // enforce.
                if (result.server == Err::bad_certificate) continue;
                const bool unknown =
                    std::string_view(row.leaf) == "constrained" && !client.can().name_constraints;
                const Err verdict = unknown ? Err::unsupported : row.verdict;
                CHECK(result.client == verdict);
                CHECK(result.server == Err::peer_alert);
                CHECK(result.server_heard == static_cast<int>(alert_for(verdict)));
            }
}
