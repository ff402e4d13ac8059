// Two sessions over a network that loses, duplicates, delays, reorders and damages datagrams as the
// test wants it, with a clock that the test moves.
#pragma once

#include "support/connection.hpp"
#include "support/doctest.hpp"
#include "support/test_environment.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {

using Datagram = std::vector<std::uint8_t>;

inline constexpr std::string_view client_address = "192.0.2.7:40000",
                                  other_address = "192.0.2.8:40000";
// Of an Ethernet packet, after the headers of IPv4 and UDP.
inline constexpr std::size_t largest_datagram = 1500 - 20 - 8;

// One direction.
struct Air {
    std::deque<Datagram> under_way;
    std::size_t sent = 0, largest = 0;
    // What happens to the n-th datagram (counted from 0): passes it on, or another one, or nothing.
    std::function<void(Air&, std::size_t n, Datagram)> fate;

    void send(Bytes bytes) {
        Datagram datagram(bytes.begin(), bytes.end());
        largest = std::max(largest, datagram.size());
        const std::size_t n = sent++;
        if (fate)
            fate(*this, n, std::move(datagram));
        else
            under_way.push_back(std::move(datagram));
    }
};

struct Datagrams {
    TestEnvironment device;
    Endpoint client_end, server_end;
    OwnedSession client, server;
    Air to_server, to_client;

    Datagrams(const BackendUnderTest& backend, Settings client_config, Settings server_config)
        : client_end(backend, as_datagrams(client_config)),
          server_end(backend, as_datagrams(server_config)),
          client(backend),
          server(backend) {
        device.ticks = std::numeric_limits<std::uint32_t>::max() - 1500; // wraps on the way
        server_end.settings.identity.client_id = as_bytes(client_address);
        REQUIRE(client_end.open().code == Err::none);
        REQUIRE(server_end.open().code == Err::none);
        REQUIRE(client->open(*client_end.context, client_end.settings.identity).code == Err::none);
        REQUIRE(server->open(*server_end.context, server_end.settings.identity).code == Err::none);
    }
    explicit Datagrams(const BackendUnderTest& backend)
        : Datagrams(backend, client_settings(), server_settings()) {}

    Settings as_datagrams(Settings settings) {
        settings.config.datagram = true;
        settings.environment = &device.environment;
        return settings;
    }

    // Calls `step` and sends its output, until it wants input or has ended.
    static Status work(Session& session, Air& out, const std::function<Status()>& step) {
        for (;;) {
            const Status status = step();
            bool had_output = false;
            while (!session.output().empty()) {
                had_output = true;
                const Bytes datagram = session.output();
                out.send(datagram);
                session.output_consume(datagram.size());
            }
            if (status != Status::want_write) return status;
            REQUIRE(had_output);
        }
    }

    // Delivers one datagram. Bytes that do not fit are cut off, as by sockets.
    static bool receive(Session& session, Air& in) {
        const MutableBytes space = session.input_space();
        if (in.under_way.empty() || space.empty()) return false;
        const Datagram datagram = std::move(in.under_way.front());
        in.under_way.pop_front();
        const std::size_t count = std::min(datagram.size(), space.size());
        std::copy_n(datagram.begin(), count, space.begin());
        session.input_commit(count);
        return true;
    }

    // Both handshakes, until they have ended, or `limit` milliseconds have passed. A side that has
    // finished answers one that has not.
    bool establish(std::uint32_t limit = 300'000) {
        const std::uint32_t started = device.ticks;
        for (;;) {
            for (bool moved = true; moved;) {
                step(*client, to_server);
                step(*server, to_client);
                moved = receive(*client, to_client);
                moved = receive(*server, to_server) || moved;
            }
            if (both_established() || ended(*client) || ended(*server)) break;
            const std::uint32_t wait = std::min(client->timeout(), server->timeout());
            if (wait == no_timeout || device.ticks - started + wait > limit) break;
            device.ticks += wait;
        }
        return both_established();
    }

    // Until nothing moves any more. Appends each read, with a bar in front.
    void talk(std::string* to_client_text, std::string* to_server_text) {
        for (bool moved = true; moved;) {
            read_all(*client, to_server, to_client_text);
            read_all(*server, to_client, to_server_text);
            moved = receive(*client, to_client);
            moved = receive(*server, to_server) || moved;
        }
    }
    static Status read_all(Session& session, Air& out, std::string* text) {
        for (;;) {
            std::uint8_t buffer[2000];
            std::size_t bytes = 0;
            const Status status = work(session, out, [&] {
                const IoResult result = session.read(buffer);
                bytes = result.bytes;
                return result.status;
            });
            if (status != Status::ok) return status;
            if (text == nullptr) continue;
            text->append("|").append(buffer, buffer + bytes);
        }
    }
    static std::size_t write(Session& session, Air& out, std::string_view text) {
        std::size_t bytes = 0;
        work(session, out, [&] {
            const IoResult result = session.write(as_bytes(text));
            bytes = result.bytes;
            return result.status;
        });
        return bytes;
    }

    bool both_established() const { return client->is_established() && server->is_established(); }

    // Sends data in both directions.
    void check_talk() {
        std::string at_client, at_server;
        CHECK(write(*client, to_server, "from the client") == 15);
        CHECK(write(*server, to_client, "from the server") == 15);
        talk(&at_client, &at_server);
        CHECK(at_client == "|from the server");
        CHECK(at_server == "|from the client");
    }

private:
    static bool ended(Session& session) { return session.error().code != Err::none; }
    static void step(Session& session, Air& out) {
        if (session.is_established()) {
            std::uint8_t byte;
            work(session, out, [&] { return session.read({&byte, 1}).status; });
        } else {
            work(session, out, [&] { return session.handshake(); });
        }
    }
};

// Fates.
inline void lose(Air&, std::size_t, Datagram) {}
inline void deliver(Air& air, std::size_t, Datagram datagram) {
    air.under_way.push_back(std::move(datagram));
}
inline auto lose_only(std::size_t lost) {
    return [lost](Air& air, std::size_t n, Datagram datagram) {
        (n == lost ? lose : deliver)(air, n, std::move(datagram));
    };
}
inline void twice(Air& air, std::size_t, Datagram datagram) {
    air.under_way.push_back(datagram);
    air.under_way.push_back(std::move(datagram));
}
// Before everything in transit.
inline void overtake(Air& air, std::size_t, Datagram datagram) {
    if (air.under_way.empty())
        air.under_way.push_back(std::move(datagram));
    else
        air.under_way.push_front(std::move(datagram));
}

} // namespace ussl::test
