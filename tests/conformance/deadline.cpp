// The time limit of a whole handshake (ContextConfig::handshake_timeout), however slowly a peer
// drips bytes.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/test_environment.hpp"

#include <functional>
#include <limits>
#include <optional>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::uint32_t limit = 2000, drop = 10; // milliseconds: the limit, and for each byte

// One side, with a clock that the test moves, against a peer whose bytes come one at a time.
class Drip {
public:
    Drip(const BackendUnderTest& backend, Role role, Version version, std::uint32_t timeout)
        : client_end_(backend, client_settings().versions(version)),
          server_end_(backend, server_settings().versions(version)),
          role_(role) {
        Endpoint& end = role == Role::client ? client_end_ : server_end_;
        end.settings.environment = &device.environment;
        end.settings.config.handshake_timeout = timeout;
        device.ticks = std::numeric_limits<std::uint32_t>::max() - limit / 2; // wraps on the way
        REQUIRE(client_end_.open().code == Err::none);
        REQUIRE(server_end_.open().code == Err::none);
        started_ = device.ticks;
        connection_.emplace(client_end_, server_end_);
        towards().max_read = 1;
    }

    Session& session() { return *side().session; }
    std::uint32_t gone() const { return device.ticks - started_; }

    // `step` until it ends, or until nothing more comes.
    Status run(const std::function<Status(Session&)>& step) {
        Side& peer = role_ == Role::client ? connection_->server : connection_->client;
        for (unsigned still = 0; still < 3;) {
            const Status status = step(session());
            if (status != Status::want_read && status != Status::want_write) return status;
            side().pump.flush();
            peer.pump.handshake();
            std::uint8_t byte;
            const MutableBytes space = session().input_space();
            if (!space.empty() && side().wire.read({&byte, 1}).bytes == 1) {
                space[0] = byte;
                session().input_commit(1);
                still = 0;
            } else {
                ++still;
            }
            device.ticks += drop;
        }
        return Status::want_read;
    }

    TestEnvironment device;

private:
    Side& side() { return role_ == Role::client ? connection_->client : connection_->server; }
    Pipe& towards() {
        return role_ == Role::client ? connection_->to_client : connection_->to_server;
    }

    Endpoint client_end_, server_end_;
    Role role_;
    std::uint32_t started_ = 0;
    std::optional<Connection> connection_;
};

Status handshake(Session& session) { return session.handshake(); }

template<class Body>
void each_side(const BackendUnderTest& backend, Body body) {
    for (const Role role : {Role::client, Role::server})
        for (const Version version : versions_of(backend)) {
            CAPTURE(role == Role::client);
            CAPTURE(std::string(name_of(version)));
            body(role, version);
        }
}

} // namespace

EACH_BACKEND("a handshake with a slow peer ends at the time limit, not before") {
    each_side(backend, [&](Role role, Version version) {
        // A ClientHello of TLS 1.2 is short, so the limit is a tenth there.
        const std::uint32_t time = role == Role::client ? limit : limit / 10;
        Drip drip(backend, role, version, time);
        CHECK(drip.session().timeout() == time);
        std::uint32_t last = 0;
        const Status end = drip.run([&](Session& session) {
            CHECK(session.timeout() == (drip.gone() < time ? time - drip.gone() : 0));
            last = drip.gone();
            return session.handshake();
        });
        CHECK(end == Status::failed);
        CHECK(last == time);
        CHECK(drip.session().error().code == Err::handshake_timeout);
        CHECK_FALSE(drip.session().is_established());
        // No alert: there are no keys yet, or none that the peer has proven to know.
        CHECK(drip.session().output().empty());
        // It is final, also with more time or more bytes.
        drip.device.ticks -= time;
        CHECK(drip.session().handshake() == Status::failed);
        CHECK(drip.session().input_space().empty());
        CHECK(drip.session().timeout() == no_timeout);
        CHECK(drip.session().error().code == Err::handshake_timeout);
        drip.session().release();
        CHECK(drip.session().error().code == Err::none);
    });
}

EACH_BACKEND("the limit also holds in reads and writes that advance the handshake") {
    std::uint8_t buffer[16];
    const std::function<Status(Session&)> steps[] = {
        [&](Session& session) { return session.read(buffer).status; },
        [&](Session& session) { return session.write(as_bytes("text")).status; },
    };
    for (const auto& step : steps) {
        Drip drip(backend, Role::client, versions_of(backend).front(), limit);
        CHECK(drip.run(step) == Status::failed);
        CHECK(drip.gone() == limit);
        CHECK(drip.session().error().code == Err::handshake_timeout);
    }
}

EACH_BACKEND("without a limit, or with a long one, a slow peer can finish") {
    for (const std::uint32_t timeout : {std::uint32_t{0}, std::uint32_t{1000 * 1000}})
        each_side(backend, [&](Role role, Version version) {
            Drip drip(backend, role, version, timeout);
            CHECK((drip.session().timeout() == no_timeout) == (timeout == 0));
            CHECK(drip.run(handshake) == Status::ok);
            // The limit is for the handshake: afterwards there is no hurry.
            CHECK(drip.session().timeout() == no_timeout);
            drip.device.ticks += 2000 * 1000;
            std::uint8_t buffer[16];
            CHECK(drip.session().read(buffer).status == Status::want_read);
            CHECK(drip.session().error().code == Err::none);
        });
}

EACH_BACKEND("a handshake with a silent peer ends at the time limit") {
    each_side(backend, [&](Role role, Version version) {
        Drip drip(backend, role, version, limit);
        CHECK(drip.session().handshake() <= Status::want_write);
        drip.device.ticks += limit - 1;
        CHECK(drip.session().handshake() <= Status::want_write);
        CHECK(drip.session().timeout() == 1);
        drip.device.ticks += 1;
        CHECK(drip.session().timeout() == 0);
        CHECK(drip.session().handshake() == Status::failed);
        CHECK(drip.session().error().code == Err::handshake_timeout);
    });
}
