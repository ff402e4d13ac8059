// Keying material for other protocols (RFC 5705; RFC 8446, 7.5).
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <set>

using namespace ussl;
using namespace ussl::test;

namespace {

Blob exported(const Side& side, std::string_view label, Bytes context = {}, std::size_t size = 32) {
    Blob material(size, 0xa5);
    CHECK(side.session->export_keying_material(material, label, context) == Err::none);
    return material;
}

} // namespace

EACH_BACKEND("keying material is exported if the backend can, else unsupported") {
    for (const Version version : versions_of(backend)) {
        Established peers(backend, version);
        Blob material(32);
        CHECK(peers.client().session->export_keying_material(material, "EXPERIMENTAL ussl", {}) ==
              (backend.can().exporter ? Err::none : Err::unsupported));
    }
}

EACH_BACKEND("both ends export the same") {
    if (!backend.can().exporter) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established peers(backend, version);
        const Bytes contexts[] = {{}, as_bytes("x"), as_bytes("another context")};
        std::set<Blob> seen;
        for (const std::string_view label : {"EXPERIMENTAL one", "EXPERIMENTAL two"})
            for (const Bytes context : contexts) {
                const Blob material = exported(peers.client(), label, context);
                CHECK(material == exported(peers.server(), label, context));
                CHECK(material == exported(peers.client(), label, context)); // and again
                CHECK(seen.insert(material).second);                         // unlike all others
            }
        for (const std::size_t size : {1u, 16u, 48u, 100u, 255u}) {
            CAPTURE(size);
            CHECK(exported(peers.client(), "EXPERIMENTAL size", {}, size) ==
                  exported(peers.server(), "EXPERIMENTAL size", {}, size));
        }
        // The connection is not affected.
        CHECK(peers.client().write("still here") == 10);
        CHECK(peers.server().read_all() == Status::want_read);
        CHECK(peers.server().received == "still here");
        Established others(backend, version);
        CHECK(exported(peers.client(), "EXPERIMENTAL one") !=
              exported(others.client(), "EXPERIMENTAL one"));
    }
}

EACH_BACKEND("there is no keying material before the handshake is complete") {
    if (!backend.can().exporter) return;
    OpenEnds ends(backend, client_settings(), server_settings());
    Connection connection(ends.client, ends.server);
    Blob material(32, 0xa5);
    const auto ask = [&] {
        return connection.client.session->export_keying_material(material, "EXPERIMENTAL", {});
    };
    CHECK(ask() == Err::invalid_state);
    CHECK(connection.client.session->handshake() == Status::want_read);
    CHECK(ask() == Err::invalid_state);
    CHECK(material == Blob(32, 0xa5));
    REQUIRE(connection.establish());
    CHECK(ask() == Err::none);
    connection.client.session->release();
    CHECK(ask() == Err::invalid_state);
}
