// Cipher suites that a context lists.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

using Suites = std::vector<std::uint16_t>;

Version version_of(std::uint16_t number) {
    for (const Suite& suite : suites())
        if (suite.number == number) return suite.version;
    return Version::none;
}

bool uses_psk(std::uint16_t suite) {
    return suite_name(suite).find("PSK") != std::string_view::npos;
}

const char* leaf_for(std::uint16_t suite) {
    return suite_name(suite).find("_RSA_") != std::string_view::npos ? "rsa" : "p256";
}

// A version's suites that can use a leaf, in the backend's order of preference.
Suites suites_for(const BackendUnderTest& backend, Version version, std::string_view leaf) {
    Suites found;
    for (const std::uint16_t suite : backend.backend().suites)
        if (version_of(suite) == version && !uses_psk(suite) &&
            (version == Version::tls1_3 || leaf_for(suite) == leaf))
            found.push_back(suite);
    return found;
}

} // namespace

EACH_BACKEND("a backend's list names each suite once, and the core knows it") {
    const std::span<const std::uint16_t> list = backend.backend().suites;
    CHECK_FALSE(list.empty());
    for (const std::uint16_t suite : list) {
        CAPTURE(suite);
        CHECK_FALSE(suite_name(suite).empty());
        CHECK(std::count(list.begin(), list.end(), suite) == 1);
        CHECK((version_of(suite) == Version::tls1_3 ? backend.can().tls1_3 : backend.can().tls1_2));
        if (uses_psk(suite)) CHECK(backend.can().psk);
    }
}

EACH_BACKEND("a suite that is alone in one list or both is negotiated") {
    for (const std::uint16_t suite : backend.backend().suites) {
        if (uses_psk(suite)) continue; // psk.cpp
        CAPTURE(std::string(suite_name(suite)));
        const Suites only{suite};
        for (const bool client_limits : {true, false})
            for (const bool server_limits : {true, false}) {
                if (!client_limits && !server_limits) continue;
                CAPTURE(client_limits);
                CAPTURE(server_limits);
                Settings client = client_settings(), server = server_settings(leaf_for(suite));
                if (client_limits) client.config.suites = only;
                if (server_limits) server.config.suites = only;
                OpenEnds ends(backend, client, server);
                Connection connection(ends.client, ends.server);
                CHECK(connection.establish());
                CHECK(connection.client.session->suite() == suite);
                CHECK(connection.server.session->suite() == suite);
                CHECK(connection.client.session->version() == version_of(suite));
            }
    }
}

EACH_BACKEND("a suite is found wherever it stands in the lists, named once or twice") {
    for (const Version version : versions_of(backend)) {
        const Suites all = suites_for(backend, version, "p256");
        REQUIRE(all.size() >= 2);
        const std::uint16_t common = all.back();
        Settings client = client_settings(), server = server_settings();
        const Suites of_client(all.rbegin(), all.rend());
        const Suites of_server{common, common};
        client.config.suites = of_client;
        server.config.suites = of_server;
        OpenEnds ends(backend, client, server);
        Connection connection(ends.client, ends.server);
        CHECK(connection.establish());
        CHECK(connection.client.session->suite() == common);
    }
}

EACH_BACKEND("an order that both sides share is followed") {
    for (const Version version : versions_of(backend)) {
        const Suites all = suites_for(backend, version, "p256");
        for (const Suites& order : {all, Suites(all.rbegin(), all.rend())}) {
            CAPTURE(std::string(suite_name(order.front())));
            Settings client = client_settings(), server = server_settings();
            client.config.suites = server.config.suites = order;
            OpenEnds ends(backend, client, server);
            Connection connection(ends.client, ends.server);
            CHECK(connection.establish());
            CHECK(connection.client.session->suite() == order.front());
        }
    }
}

EACH_BACKEND("without a suite in common there is no handshake") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        const Suites all = suites_for(backend, version, "p256");
        const Suites first{all.front()}, rest(all.begin() + 1, all.end());
        Settings client = client_settings(), server = server_settings();
        client.config.suites = first;
        server.config.suites = rest;
        const Refusal result = connect(backend, client, backend, server);
        CHECK(result.server == Err::handshake_failure);
        CHECK(result.client == Err::peer_alert);
        CHECK(result.client_heard == static_cast<int>(Alert::handshake_failure));
    }
}

EACH_BACKEND("a suite that does not fit the server's key is not negotiated") {
    if (!backend.can().rsa || !backend.can().tls1_2) return;
    const Suites only = suites_for(backend, Version::tls1_2, "rsa");
    Settings client = client_settings();
    client.config.suites = only;
    const Refusal result = connect(backend, client, backend, server_settings("p256"));
    CHECK(result.server == Err::handshake_failure);
    CHECK(result.client_heard == static_cast<int>(Alert::handshake_failure));
}

EACH_BACKEND("a version without a listed suite is not negotiated") {
    if (!backend.can().tls1_3) return;
    const Suites old = suites_for(backend, Version::tls1_2, "p256");
    const Suites recent = suites_for(backend, Version::tls1_3, "p256");
    Settings client = client_settings(), server = server_settings();
    client.config.suites = old;
    server.config.suites = recent;
    const Refusal result = connect(backend, client, backend, server);
    CHECK(result.server == Err::protocol_version);
    CHECK(result.client == Err::peer_alert);
    CHECK(result.client_heard == static_cast<int>(Alert::protocol_version));
}

EACH_BACKEND("useless lists are refused when the context opens") {
    const auto error_of = [&backend](const Suites& list, Version lowest, Version highest) {
        Err error = Err::none;
        for (Settings settings : {client_settings(), server_settings(leaf_for(list.back()))}) {
            settings.config.suites = list;
            settings.config.min_version = lowest;
            settings.config.max_version = highest;
            Endpoint endpoint(backend, settings);
            error = endpoint.open().code;
            CHECK(endpoint.context->is_open() == (error == Err::none));
        }
        return error;
    };
    const std::span<const std::uint16_t> has = backend.backend().suites;
    for (const unsigned number : {0x0000u, 0x0005u, 0x002fu, 0x1306u, 0xc02du, 0xffffu}) {
        CAPTURE(number);
        const auto suite = static_cast<std::uint16_t>(number);
        CHECK(error_of({has.front(), suite}, Version::none, Version::none) ==
              Err::invalid_argument);
    }
    for (const Suite& suite : suites()) {
        CAPTURE(std::string(suite.name));
        if (uses_psk(suite.number)) continue;
        const bool supported = std::count(has.begin(), has.end(), suite.number) != 0;
        CHECK(error_of({suite.number}, Version::none, Version::none) ==
              (supported ? Err::none : Err::unsupported));
        if (!supported || !backend.can().tls1_3) continue;
        const bool is_old = suite.version == Version::tls1_2;
        CHECK(error_of({suite.number}, Version::tls1_3, Version::none) ==
              (is_old ? Err::invalid_argument : Err::none));
        CHECK(error_of({suite.number}, Version::none, Version::tls1_2) ==
              (is_old ? Err::none : Err::invalid_argument));
    }
}

EACH_BACKEND("a server's list without a suite for any of its keys is refused when it opens") {
    if (!backend.can().rsa || !backend.can().tls1_2) return;
    for (const char* leaf : {"p256", "rsa"}) {
        CAPTURE(std::string(leaf));
        const Suites of_others =
            suites_for(backend, Version::tls1_2, leaf == std::string_view("rsa") ? "p256" : "rsa");
        Settings server = server_settings(leaf);
        server.config.suites = of_others;
        Endpoint without(backend, server);
        CHECK(without.open().code == Err::invalid_argument);
        if (!backend.can().server_names) continue;
        const Credential further[] = {credential(leaf == std::string_view("rsa") ? "p256" : "rsa")};
        server.config.more_credentials = further;
        Endpoint with(backend, server);
        CHECK(with.open().code == Err::none);
    }
}

// A record that fails its check, within the handshake and after it.
EACH_BACKEND("the peer gets one alert for an error, with every suite") {
    for (const Version version : versions_of(backend))
        for (const std::uint16_t suite : suites_for(backend, version, "p256")) {
            CAPTURE(std::string(suite_name(suite)));
            const Suites only{suite};
            Settings client = client_settings(), server = server_settings();
            client.config.suites = server.config.suites = only;
            OpenEnds ends(backend, client.versions(version), server.versions(version));
            {
                Connection connection(ends.client, ends.server);
                connection.client.pump.handshake();
                connection.server.pump.handshake();
                connection.client.pump.handshake();
                std::string flight = connection.to_server.take();
                flight.back() = static_cast<char>(flight.back() ^ 1);
                connection.to_server.inject(as_bytes(flight));
                connection.to_client.take();
                CHECK(connection.server.pump.handshake().status == Status::failed);
                connection.server.pump.close();
                CHECK(raw::records_of(connection.to_client.take()).size() == 1);
            }
            for (const Role role : {Role::client, Role::server}) {
                Connection connection(ends.client, ends.server);
                REQUIRE(connection.establish());
                const bool at_client = role == Role::client;
                Side& reader = at_client ? connection.client : connection.server;
                Side& writer = at_client ? connection.server : connection.client;
                Pipe& pipe = at_client ? connection.to_client : connection.to_server;
                Pipe& back = at_client ? connection.to_server : connection.to_client;
                reader.read_all();
                pipe.corrupt_at = pipe.sent + 30;
                writer.write("a text of fifty-five bytes, which is more than some few");
                CHECK(reader.read_all() == Status::failed);
                reader.pump.close();
                CHECK(raw::records_of(back.take()).size() == 1);
            }
        }
}
