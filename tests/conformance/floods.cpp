// Records without data, one after the other, within the handshake: they soon end the session,
// whether the library counts them or not.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/grid.hpp"
#include "support/raw.hpp"

using namespace ussl;
using namespace ussl::test;

namespace {

struct Row {
    const char* what;
    std::string record;
    unsigned most; // how many may pass
};
const Row rows[] = {
    {"warnings", raw::alert(1, 90), 4},
    {"ChangeCipherSpecs", raw::record(20, raw::u8(1)), 32},
    {"empty records", raw::record(22, ""), 32},
    {"HelloRequests", raw::handshake(0, ""), 32},
};

// How many records a new session accepts; `end`: its result.
unsigned taken(const BackendUnderTest& backend, Role role, Version version,
               const std::string& record, Error& end) {
    Settings settings = role == Role::client ? client_settings() : server_settings();
    Endpoint endpoint(backend, settings.versions(version));
    REQUIRE(endpoint.open().code == Err::none);
    Pipe out, in;
    Side side(backend, out, in);
    Session& session = *side.session;
    REQUIRE(session.open(*endpoint.context, settings.identity).code == Err::none);
    CHECK(session.handshake() == Status::want_read);
    constexpr unsigned far_too_many = 1000;
    unsigned count = 0;
    for (; count < far_too_many; ++count) {
        in.inject(as_bytes(record));
        const Status status = side.pump.handshake().status;
        if (status == Status::failed) break;
        CHECK(status == Status::want_read);
    }
    end = session.error();
    return count;
}

} // namespace

EACH_BACKEND("a flood of records without data ends the handshake") {
    for (const Role role : {Role::client, Role::server}) {
        for (const Version version : versions_of(backend)) {
            for (const Row& row : rows) {
                CAPTURE(std::string(name_of(version)));
                CAPTURE(role == Role::server);
                CAPTURE(std::string(row.what));
                Error end;
                CHECK(taken(backend, role, version, row.record, end) <= row.most);
                CHECK(end.code != Err::internal);
                CHECK(end.code != Err::none);
            }
        }
    }
}

// Everything in one piece: the hello after the flood does not excuse the flood.
EACH_BACKEND("a flood and a hello in one piece end the handshake") {
    const std::string hello = raw::client_hello(0x0303, raw::u16(0xc02b) + raw::u16(0xc02f));
    for (const Version version : versions_of(backend)) {
        if (version != Version::tls1_2) continue; // the hello's
        for (const Row& row : rows) {
            for (const unsigned count : {row.most + 1, 1000u}) {
                CAPTURE(std::string(row.what));
                CAPTURE(count);
                std::string all;
                for (unsigned i = 0; i < count; ++i)
                    all += row.record;
                Error end;
                CHECK(taken(backend, Role::server, version, all + hello, end) == 0);
                CHECK(end.code != Err::internal);
                CHECK(end.code != Err::none);
            }
        }
        // The hello alone is answered; a second one is not.
        Error end;
        CHECK(taken(backend, Role::server, version, hello, end) == 1);
    }
}
