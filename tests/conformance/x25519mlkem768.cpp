// The hybrid post-quantum group in TLS 1.3.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/raw.hpp"

#include <algorithm>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// X25519MLKEM768, and the sizes of its shares: 1184 or 1088 bytes of ML-KEM-768 (FIPS 203) and 32
// of X25519.
constexpr unsigned group = 0x11ec, client_share = 1184 + 32, server_share = 1088 + 32;

bool shows(const std::string& flight, unsigned share) {
    return flight.find(raw::u16(group) + raw::u16(share)) != std::string::npos;
}

// All current output of the session.
std::string take_output(Session& session) {
    std::string all;
    for (Bytes output = session.output(); !output.empty(); output = session.output()) {
        all.append(output.begin(), output.end());
        session.output_consume(output.size());
    }
    return all;
}

void put(Session& session, std::string_view bytes) {
    while (!bytes.empty()) {
        const MutableBytes space = session.input_space();
        REQUIRE_FALSE(space.empty());
        const std::size_t count = space.size() < bytes.size() ? space.size() : bytes.size();
        std::copy_n(bytes.begin(), count, space.begin());
        session.input_commit(count);
        bytes.remove_prefix(count);
        if (!bytes.empty()) session.handshake();
    }
}

} // namespace

EACH_BACKEND("clients offer the hybrid group first if the backend has it") {
    if (!backend.can().tls1_3) return;
    for (const Version limit : {Version::tls1_3, Version::tls1_2}) {
        Settings client = client_settings();
        client.config.max_version = limit;
        OpenEnds ends(backend, client, server_settings());
        Connection connection(ends.client, ends.server);
        Session &from = *connection.client.session, &to = *connection.server.session;
        REQUIRE(from.handshake() == Status::want_read);
        const std::string hello = take_output(from);
        const bool hybrid = backend.can().x25519mlkem768 && limit == Version::tls1_3;
        CHECK(shows(hello, client_share) == hybrid);
        if (hybrid) {
            // supported_groups (RFC 8446, 4.2.7): its type, two sizes, and the first entry.
            const std::size_t at = hello.find(raw::u16(10) + raw::u8(0));
            REQUIRE(at != std::string::npos);
            CHECK(hello.substr(at + 6, 2) == raw::u16(group));
            // A share of secp256r1, too, so that a server without the hybrid group can go on with
            // it.
            CHECK(hello.find(raw::u16(23) + raw::u16(65) + raw::u8(4)) != std::string::npos);
        } else {
            CHECK(hello.size() < 700);
        }
        put(to, hello);
        CHECK(to.handshake() == Status::want_read);
        const std::string answer = take_output(to);
        CHECK(shows(answer, server_share) == hybrid);
        MESSAGE(std::string(backend.backend().name)
                << " " << std::string(name_of(limit)) << ": ClientHello " << hello.size()
                << " bytes, the server's flight " << answer.size());
        put(from, answer);
        CHECK(connection.establish());
        CHECK(from.version() == limit);
    }
}
