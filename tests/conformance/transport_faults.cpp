// Every single call of the transport in a session's life fails once, in every way. If the transport
// recovers, so does the session, without losing a byte. If not, the result is the transport's own
// error, the session can be closed, and nothing leaks.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/faulty_end.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include <memory>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr std::string_view question = "what is the answer to everything?", answer = "forty-two";

const char* name_of_fault(Fault fault) {
    static const char* const names[] = {"none",        "one byte",       "would block",
                                        "interrupted", "error for good", "error, then end",
                                        "end for good"};
    return names[static_cast<int>(fault)];
}

// A program on one side of the conversation: it runs the handshake; a client asks, a server answers
// and closes first. advance() is one call of the pump.
class Program {
public:
    OwnedSession session;
    FaultyEnd wire;
    std::string received;
    Status last = Status::want_read; // of the last call
    std::size_t transport_errors = 0;
    int transport_error = 0;

    Program(const BackendUnderTest& backend, Role role, Pipe& out, Pipe& in)
        : session(backend), wire(out, in), is_client_(role == Role::client) {}

    bool done() const { return step_ == Step::done; }
    bool gave_up() const { return gave_up_; }
    bool closed_in_order() const { return done() && !gave_up_; }

    void advance(bool retries_errors) {
        if (done() || gave_up_) return;
        const PumpResult result = call();
        last = result.status;
        if (result.transport_failed) {
            ++transport_errors;
            transport_error = result.transport_error;
            if (!retries_errors) give_up();
            return;
        }
        switch (result.status) {
        case Status::ok: next(result.bytes); break;
        case Status::want_read:
        case Status::want_write: break;
        case Status::closed:
            if (step_ == Step::read_end) {
                step_ = Step::close;
                break;
            }
            [[fallthrough]];
        default: give_up();
        }
    }

    // After a permanent failure no write succeeds any more, and no read reports a mere end.
    bool stays_failed() {
        for (int i = 0; i < 3; ++i) {
            PumpResult got = pump_.read(buffer_);
            while (got.status == Status::ok)
                got = pump_.read(buffer_);
            for (const PumpResult& result : {pump_.write(as_bytes("x")), pump_.flush()})
                if (!result.transport_failed || result.transport_error != fault_errno) return false;
            if (got.status == Status::truncated || got.status == Status::want_read) return false;
        }
        return true;
    }

private:
    enum class Step { handshake, write, read, read_end, close, done };

    PumpResult call() {
        switch (step_) {
        case Step::handshake: return pump_.handshake();
        case Step::write: return pump_.write(as_bytes(is_client_ ? question : answer));
        case Step::read:
        case Step::read_end: return pump_.read(buffer_);
        case Step::close: return pump_.close();
        default: return {Status::ok};
        }
    }
    void next(std::size_t bytes) {
        switch (step_) {
        case Step::handshake: step_ = is_client_ ? Step::write : Step::read; break;
        case Step::write:
            // Taken whole, as the texts are smaller than a record.
            CHECK(bytes == (is_client_ ? question : answer).size());
            step_ = is_client_ ? Step::read : Step::close;
            break;
        case Step::read:
        case Step::read_end:
            received.append(buffer_, buffer_ + bytes);
            if (received.size() >= (is_client_ ? answer : question).size())
                step_ = is_client_ ? Step::read_end : Step::write;
            break;
        case Step::close: step_ = Step::done; break;
        default: break;
        }
    }
    // As programs do: tries nothing more, and cuts the connection.
    void give_up() {
        gave_up_ = true;
        wire.out().closed = true;
    }

    Pump<Session, FaultyEnd> pump_{*session, wire};
    const bool is_client_;
    bool gave_up_ = false;
    Step step_ = Step::handshake;
    std::uint8_t buffer_[64];
};

struct Conversation {
    Pipe to_server, to_client;
    Program client, server;

    Conversation(const Endpoint& client_end, const Endpoint& server_end)
        : client(client_end.backend, Role::client, to_server, to_client),
          server(server_end.backend, Role::server, to_client, to_server) {
        REQUIRE(client.session->open(*client_end.context, client_end.settings.identity).code ==
                Err::none);
        REQUIRE(server.session->open(*server_end.context, server_end.settings.identity).code ==
                Err::none);
    }
    Program& of(Role role) { return role == Role::client ? client : server; }

    // False if it hangs: no byte moves, but a side waits.
    bool run(bool retries_errors) {
        std::size_t before = unlimited;
        for (int still = 0; still < 8;) {
            client.advance(retries_errors);
            server.advance(retries_errors);
            if ((client.done() || client.gave_up()) && (server.done() || server.gave_up()))
                return true;
            const std::size_t moved =
                to_server.sent + to_server.taken() + to_client.sent + to_client.taken();
            still = moved == before ? still + 1 : 0;
            before = moved;
        }
        return false;
    }
};

bool whole(Conversation& talk) {
    return talk.client.closed_in_order() && talk.server.closed_in_order() &&
           talk.client.received == answer && talk.server.received == question;
}

// One life with one fault; false if something was wrong (doctest has reported it). `more`: the
// fault was reached, so the next call is to be tried.
bool live(const Endpoint& client_end, const Endpoint& server_end, Role role, Fault fault,
          std::size_t call, std::size_t piece, bool& more) {
    Conversation talk(client_end, server_end);
    for (Pipe* pipe : {&talk.to_client, &talk.to_server})
        pipe->max_read = pipe->max_write = piece;
    Program& faulty = talk.of(role);
    Program& other = talk.of(role == Role::client ? Role::server : Role::client);
    faulty.wire.misbehave(fault, call);
    const bool recovers = fault < Fault::error_for_good;
    const bool ended = talk.run(recovers);
    more = faulty.wire.reached();

    bool good = ended;
    if (!more || recovers) {
        good = good && whole(talk) && faulty.session->error().code == Err::none &&
               faulty.transport_errors <= (fault == Fault::interrupted ? 1u : 0u) &&
               (faulty.transport_errors == 0 || faulty.transport_error == fault_errno);
    } else if (faulty.closed_in_order()) {
        // Everything important had been moved before.
        good = good && faulty.received == (role == Role::client ? answer : question);
    } else if (fault == Fault::end_for_good && !faulty.transport_errors) {
        good = good && faulty.last == Status::truncated &&
               faulty.session->error().code == Err::truncated;
    } else {
        // The session has not failed, and does not claim to.
        good = good && faulty.last == Status::failed && faulty.transport_error == fault_errno &&
               faulty.session->error().code == Err::none && faulty.stays_failed();
    }
    // The other side has finished, or notices a cut; it never reports a defect.
    const Err told = other.session->error().code;
    good = good && other.transport_errors == 0 &&
           (other.closed_in_order() || (other.last == Status::truncated && told == Err::truncated));
    // In any case the session can be closed, any number of times, and its memory is released.
    Status closing = faulty.session->close();
    for (int i = 0; closing == Status::want_write && i < 100; ++i) {
        faulty.session->output_consume(faulty.session->output().size());
        closing = faulty.session->close();
    }
    good = good && closing == Status::ok && faulty.session->close() == Status::ok;
    if (good) return true;

    CAPTURE(std::string(name_of_fault(fault)));
    CAPTURE(call);
    CAPTURE(piece);
    CAPTURE(faulty.wire.was_write());
    CAPTURE(std::string(role == Role::client ? "client" : "server"));
    CAPTURE(faulty.transport_errors);
    CAPTURE(text_of(faulty.session->error()));
    CAPTURE(text_of(other.session->error()));
    CHECK(ended);
    CHECK(closing == Status::ok);
    CHECK(faulty.received == (role == Role::client ? answer : question));
    CHECK(other.received == (role == Role::client ? question : answer));
    CHECK(faulty.last == Status::ok);
    CHECK(other.last == Status::ok);
    FAIL_CHECK("see transport_faults.cpp for what was expected");
    return false;
}

void every_call(const BackendUnderTest& backend, std::size_t piece) {
    constexpr Fault faults[] = {Fault::one_byte,       Fault::would_block,    Fault::interrupted,
                                Fault::error_for_good, Fault::error_then_end, Fault::end_for_good};
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        // A server that requests a certificate, and a client that shows one: the longest life there
        // is.
        OpenEnds ends(backend, client_with("client").versions(version),
                      asking_server().versions(version));
        bool more = false;
        REQUIRE(live(ends.client, ends.server, Role::client, Fault::none, 1, piece, more));
        const std::size_t before = heap::live_blocks();
        for (const Role role : {Role::client, Role::server})
            for (const Fault fault : faults) {
                more = true;
                for (std::size_t call = 1; more; ++call) {
                    REQUIRE(call < 5000);
                    if (!live(ends.client, ends.server, role, fault, call, piece, more)) break;
                    if (heap::live_blocks() == before) continue;
                    CAPTURE(call);
                    CHECK(heap::live_blocks() == before);
                    break;
                }
            }
    }
}

} // namespace

EACH_BACKEND("a transport that fails at any one of its calls, flights whole") {
    every_call(backend, unlimited);
}

EACH_BACKEND("a transport that fails at any one of its calls, flights in pieces") {
    every_call(backend, 100);
}
