// Secrets for tools that decrypt captures (the NSS key log format).
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

struct Log {
    std::vector<std::string> lines;

    KeyLog callback() {
        return {this, [](void* user, std::string_view line) {
                    static_cast<Log*>(user)->lines.emplace_back(line);
                }};
    }
};

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

struct Line {
    std::string label, random, secret;
};

Line parse(const std::string& line) {
    const std::size_t first = line.find(' '), second = line.find(' ', first + 1);
    REQUIRE(second != std::string::npos);
    return {line.substr(0, first), line.substr(first + 1, second - first - 1),
            line.substr(second + 1)};
}

std::string hex(Bytes bytes) {
    std::string text;
    for (const std::uint8_t byte : bytes)
        for (const int digit : {byte >> 4, byte & 15})
            text += "0123456789abcdef"[digit];
    return text;
}

void check_same(const Log& client, const Log& server, Version version, const std::string& random) {
    const std::vector<std::string> expected =
        version == Version::tls1_2
            ? std::vector<std::string>{"CLIENT_RANDOM"}
            : std::vector<std::string>{"CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                                       "SERVER_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                       "SERVER_TRAFFIC_SECRET_0"};
    for (const std::string& label : expected) {
        CAPTURE(label);
        std::vector<std::string> found[2];
        const Log* const logs[2] = {&client, &server};
        for (int side = 0; side < 2; ++side)
            for (const std::string& text : logs[side]->lines) {
                const Line line = parse(text);
                CHECK(line.random == random);
                CHECK(is_hex(line.secret));
                if (line.label == label) found[side].push_back(line.secret);
            }
        REQUIRE(found[0].size() == 1);
        CHECK(found[0] == found[1]);
        const std::size_t size = found[0][0].size() / 2;
        CHECK((version == Version::tls1_2 ? size == 48 : size == 32 || size == 48));
        CHECK(found[0][0] != std::string(2 * size, '0'));
    }
}

} // namespace

EACH_BACKEND("a context with a key log opens if the backend has it, else it is unsupported") {
    Log log;
    for (Settings settings : {client_settings(), server_settings()}) {
        settings.config.key_log = log.callback();
        Endpoint endpoint(backend, settings);
        CHECK(endpoint.open().code == (backend.can().key_log ? Err::none : Err::unsupported));
    }
}

EACH_BACKEND("both ends log the same secrets, in the format that tools read") {
    if (!backend.can().key_log) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Log client_log, server_log;
        Settings client = client_settings().versions(version),
                 server = server_settings().versions(version);
        client.config.key_log = client_log.callback();
        server.config.key_log = server_log.callback();
        client.config.resumption = server.config.resumption = backend.can().resumption;
        OpenEnds ends(backend, client, server);
        Blob kept;
        for (const bool resumed : {false, true}) {
            if (resumed && kept.empty()) break;
            CAPTURE(resumed);
            client_log.lines.clear();
            server_log.lines.clear();
            PeerIdentity identity = client.identity;
            identity.resumption = kept;
            Connection connection(ends.client, ends.server, identity);
            // The client's random is after the headers of the record and of the message, and the
            // version.
            REQUIRE(connection.client.session->handshake() == Status::want_read);
            const Bytes hello = connection.client.session->output();
            REQUIRE(hello.size() > 43);
            const std::string random = hex(hello.subspan(11, 32));
            REQUIRE(connection.establish());
            CHECK(connection.client.session->is_resumed() == resumed);
            check_same(client_log, server_log, version, random);
            CHECK(connection.server.write("x") == 1);
            connection.client.read_all(); // with tickets
            kept = stored(*connection.client.session);
            CHECK(kept.empty() != backend.can().resumption);
        }
    }
}

EACH_BACKEND("without a key log nothing is logged; each connection has its own secrets") {
    if (!backend.can().key_log) return;
    for (const Version version : versions_of(backend)) {
        Log log;
        Settings client = client_settings().versions(version);
        client.config.key_log = log.callback();
        OpenEnds ends(backend, client, server_settings().versions(version));
        Connection first(ends.client, ends.server);
        REQUIRE(first.establish());
        const std::vector<std::string> lines = log.lines;
        Connection second(ends.client, ends.server);
        REQUIRE(second.establish());
        REQUIRE(log.lines.size() == 2 * lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            CHECK(parse(log.lines[i]).secret != parse(log.lines[lines.size() + i]).secret);
    }
}
