// Two sessions and the bytes between them, call by call, for streams and datagrams alike.
#pragma once

#include "support/established.hpp"
#include "support/grid.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {

// What a backend's tests range over if datagrams are no different.
struct Kind {
    Version version;
    bool datagram;

    std::string name() const { return datagram ? "DTLS" : std::string(name_of(version)); }
    Settings of(Settings settings) const {
        settings.config.datagram = datagram;
        if (datagram) settings.identity.client_id = as_bytes("192.0.2.7:40000");
        return datagram ? settings : settings.versions(version);
    }
};
inline std::vector<Kind> kinds_of(const BackendUnderTest& backend) {
    std::vector<Kind> kinds;
    for (const Version version : versions_of(backend))
        kinds.push_back({version, false});
    if (backend.can().dtls) kinds.push_back({Version::tls1_2, true});
    return kinds;
}

class Walk {
public:
    // The kinds of calls of a session. `progress`: handshake(), read(), write(), close().
    enum class Call { open, progress, input_commit, output_consume };

    OwnedSession client, server;
    // Called after each call of either session.
    std::function<void()> look = [] {};
    Call under_way = Call::open; // or the last one

    // Both contexts must be open.
    Walk(Endpoint& client_end, Endpoint& server_end, const PeerIdentity& of_client)
        : client(client_end.backend),
          server(server_end.backend),
          datagrams_(client_end.settings.config.datagram) {
        REQUIRE(client->open(*client_end.context, of_client).code == Err::none);
        REQUIRE(server->open(*server_end.context, server_end.settings.identity).code == Err::none);
    }
    Walk(Endpoint& client_end, Endpoint& server_end)
        : Walk(client_end, server_end, client_end.settings.identity) {}
    Walk(OpenEnds& ends, const PeerIdentity& of_client)
        : Walk(ends.client, ends.server, of_client) {}
    explicit Walk(OpenEnds& ends) : Walk(ends.client, ends.server) {}

    Session& of(Role role) { return role == Role::client ? *client : *server; }

    // The bytes that this side will get.
    std::deque<Blob>& towards(Role role) { return role == Role::client ? to_client_ : to_server_; }

    // Makes the call, and sends the session's output, until the call wants input or has ended.
    Status run(Role role, const std::function<Status(Session&)>& call) {
        for (;;) {
            under_way = Call::progress;
            const Status status = call(of(role));
            look();
            if (!send(role)) return status;
            if (status != Status::want_write) return status;
        }
    }

    // Delivers the next datagram, or as much of the next piece as there is room for. False: there
    // was none, or no room.
    bool deliver(Role role) {
        std::deque<Blob>& in = towards(role);
        const MutableBytes space = of(role).input_space();
        if (in.empty() || space.empty()) return false;
        Blob& next = in.front();
        const std::size_t count = next.size() < space.size() ? next.size() : space.size();
        std::copy_n(next.begin(), count, space.begin());
        next.erase(next.begin(), next.begin() + static_cast<std::ptrdiff_t>(count));
        if (next.empty() || datagrams_) in.pop_front();
        under_way = Call::input_commit;
        of(role).input_commit(count);
        look();
        return true;
    }

    // Runs both handshakes, as far as they get.
    bool establish() {
        for (bool moved = true; moved;) {
            moved = false;
            const std::size_t before = sent_;
            for (const Role role : {Role::client, Role::server}) {
                run(role, [](Session& session) { return session.handshake(); });
                moved = deliver(role) || moved;
            }
            moved = moved || sent_ != before;
        }
        return client->is_established() && server->is_established();
    }

    bool write(Role role, std::string_view text) {
        return run(role, [text](Session& session) {
                   return session.write(as_bytes(text)).status;
               }) == Status::ok;
    }

    // Reads everything that has come and still comes; returns the last result.
    Status read(Role role, std::string& text) {
        for (;;) {
            std::uint8_t buffer[2000];
            std::size_t bytes = 0;
            const Status status = run(role, [&](Session& session) {
                const IoResult result = session.read(buffer);
                bytes = result.bytes;
                return result.status;
            });
            text.append(buffer, buffer + bytes);
            if (status != Status::ok && !(status == Status::want_read && deliver(role)))
                return status;
        }
    }

    // Whether this side gets the other one's bytes.
    bool hears(Role role, std::string_view text) {
        std::string heard;
        return write(other(role), text) && read(role, heard) == Status::want_read && heard == text;
    }

private:
    bool send(Role role) {
        Session& session = of(role);
        const std::size_t before = sent_;
        while (!session.output().empty()) {
            const Bytes output = session.output();
            towards(other(role)).emplace_back(output.begin(), output.end());
            under_way = Call::output_consume;
            session.output_consume(output.size());
            look();
            ++sent_;
        }
        return sent_ != before;
    }

    const bool datagrams_;
    std::size_t sent_ = 0; // pieces
    std::deque<Blob> to_client_, to_server_;
};

} // namespace ussl::test
