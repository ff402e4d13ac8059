// Application-layer protocol negotiation (RFC 7301).
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <string_view>
#include <vector>

using namespace ussl;
using namespace ussl::test;

EACH_BACKEND("the server's first choice among the client's protocols") {
    if (!backend.can().alpn) return;
    const std::string long_name(255, 'l');
    const struct {
        const char* what;
        std::vector<std::string_view> client, server;
        std::string_view agreed;
        bool refused;
    } rows[] = {
        {"one and the same", {"h2"}, {"h2"}, "h2", false},
        {"the server's order counts", {"a", "b", "c"}, {"c", "a"}, "c", false},
        {"the last of each", {"a", "b"}, {"x", "y", "b"}, "b", false},
        {"the longest name", {long_name}, {"x", long_name}, long_name, false},
        {"a name is compared whole", {"http/1"}, {"http/1.1"}, "", true},
        {"and by case", {"H2"}, {"h2"}, "", true},
        {"none in common", {"a"}, {"b"}, "", true},
        {"the server offers none", {"a"}, {}, "", false},
        {"the client offers none", {}, {"a"}, "", false},
        {"neither", {}, {}, "", false},
    };
    for (const Version version : versions_of(backend))
        for (const auto& row : rows) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(std::string(row.what));
            Settings client = client_settings().versions(version),
                     server = server_settings().versions(version);
            client.config.alpn = row.client;
            server.config.alpn = row.server;
            if (row.refused) {
                const Refusal refusal = connect(backend, client, backend, server);
                CHECK(refusal.server == Err::no_common_alpn);
                CHECK(refusal.client == Err::peer_alert);
                CHECK(refusal.client_heard == static_cast<int>(Alert::no_application_protocol));
                continue;
            }
            OpenEnds ends(backend, client, server);
            Connection connection(ends.client, ends.server);
            CHECK(connection.establish());
            CHECK(connection.client.session->alpn() == row.agreed);
            CHECK(connection.server.session->alpn() == row.agreed);
        }
}
