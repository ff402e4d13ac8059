// Every call in every state, and every two and three of them in a row, against a model of the state
// machine in ussl/session.hpp: calls that are not allowed say so and change nothing.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include <memory>
#include <sstream>

using namespace ussl;
using namespace ussl::test;

namespace {

enum class State { idle, handshaking, open, data, peer_closed, closing, truncated, failed };
constexpr const char* state_names[] = {
    "idle",        "handshaking", "open",      "open, data waits",
    "peer_closed", "closing",     "truncated", "failed"};
constexpr State all_states[] = {State::idle,      State::handshaking, State::open,
                                State::data,      State::peer_closed, State::closing,
                                State::truncated, State::failed};

enum class Call {
    open,
    release,
    input_space,
    commit_nothing,
    input_end,
    output,
    consume_nothing,
    handshake,
    read,
    read_nothing,
    write,
    write_nothing,
    close,
    ask, // all const functions
};
constexpr const char* call_names[] = {"open",
                                      "release",
                                      "input_space",
                                      "input_commit(0)",
                                      "input_end",
                                      "output",
                                      "output_consume(0)",
                                      "handshake",
                                      "read",
                                      "read({})",
                                      "write",
                                      "write({})",
                                      "close",
                                      "ask"};
constexpr int calls = 14;

// The result of a call, in one word and a number.
struct Result {
    int value = 0; // of the Status or the Err, or whether a span is empty
    std::size_t bytes = 0;
    Err error = Err::none; // Session::error() afterwards

    bool operator==(const Result&) const = default;
};

// ussl/session.hpp in forty lines. No input arrives, so calls that wait for some keep waiting.
class Model {
public:
    // `half_closes`: the version lets a side write after the peer's close_notify.
    Model(State state, Err why, bool half_closes)
        : state_(state), why_(why), half_closes_(half_closes) {
        established_ =
            state != State::idle && state != State::handshaking && state != State::failed;
    }

    Result operator()(Call call) {
        Result result = answer(call);
        result.error = error();
        return result;
    }
    bool established() const { return established_; }
    bool idle() const { return state_ == State::idle; }
    bool data_waits() const { return state_ == State::data; }
    bool can_read() const {
        return ended_ || (state_ != State::handshaking && state_ != State::open);
    }

private:
    Result answer(Call call) {
        switch (call) {
        case Call::open:
            if (state_ != State::idle) return of(Err::invalid_state);
            *this = Model(State::handshaking, Err::none, half_closes_);
            return of(Err::none);
        case Call::release: *this = Model(State::idle, Err::none, half_closes_); return {};
        case Call::input_space: return {takes_input() && !ended_, 0};
        case Call::input_end: ended_ = ended_ || state_ != State::idle; return {};
        case Call::handshake:
            if (established_ && may_work()) return status(Status::ok);
            return advance();
        case Call::read:
        case Call::read_nothing:
            if (state_ == State::data || state_ == State::open) {
                misused_ = false;
                if (call == Call::read_nothing) return status(Status::ok);
                if (state_ == State::open) return advance();
                state_ = State::open;
                return status(Status::ok, 1);
            }
            return advance_or(Status::closed);
        case Call::write:
        case Call::write_nothing:
            if (state_ == State::data || state_ == State::open)
                return status(Status::ok, call == Call::write ? 1 : 0);
            if (half_closes_ && state_ == State::peer_closed)
                return status(Status::ok, call == Call::write ? 1 : 0);
            return advance_or(Status::closed);
        case Call::close:
            if (state_ == State::idle) return misuse();
            if (state_ != State::truncated && state_ != State::failed) state_ = State::closing;
            return status(Status::ok);
        default: return {};
        }
    }
    bool takes_input() const {
        return state_ == State::handshaking || state_ == State::open || state_ == State::data;
    }
    bool may_work() const {
        return state_ == State::open || state_ == State::data || state_ == State::peer_closed;
    }
    Result advance() {
        switch (state_) {
        case State::handshaking:
        case State::open:
            if (ended_) state_ = State::truncated;
            return status(ended_ ? Status::truncated : Status::want_read);
        case State::truncated: return status(Status::truncated);
        case State::failed: return status(Status::failed);
        default: return misuse();
        }
    }
    Result advance_or(Status when_peer_closed) {
        return state_ == State::peer_closed ? status(when_peer_closed) : advance();
    }
    Result misuse() {
        misused_ = true;
        return {static_cast<int>(Status::failed), 0};
    }
    Result status(Status status, std::size_t bytes = 0) {
        misused_ = false;
        return {static_cast<int>(status), bytes};
    }
    static Result of(Err error) { return {static_cast<int>(error), 0}; }
    Err error() const {
        if (misused_) return Err::invalid_state;
        if (state_ == State::truncated) return Err::truncated;
        return state_ == State::failed ? why_ : Err::none;
    }

    State state_;
    Err why_;
    bool half_closes_;
    bool established_, ended_ = false, misused_ = false;
};

// A session in each state, brought there as programs do.
struct Subject {
    const BackendUnderTest& backend;
    Role role;
    OpenEnds ends;
    std::unique_ptr<Connection> connection;
    OwnedSession alone;
    Session* session = nullptr;

    Subject(const BackendUnderTest& backend_, Role role_, Version version)
        : backend(backend_),
          role(role_),
          ends(backend_, client_settings().versions(version), server_settings().versions(version)),
          alone(backend_) {}
    Endpoint& own() { return role == Role::client ? ends.client : ends.server; }
    Side& side() { return role == Role::client ? connection->client : connection->server; }
    Side& peer() { return role == Role::client ? connection->server : connection->client; }

    void enter(State state) {
        alone->release();
        connection.reset();
        session = &*alone;
        if (state == State::idle) return;
        if (state == State::handshaking || state == State::failed) {
            REQUIRE(session->open(*own().context, own().settings.identity).code == Err::none);
            if (state == State::handshaking) return;
            const MutableBytes space = session->input_space();
            space[0] = 'H';
            session->input_commit(1);
            return;
        }
        connection = std::make_unique<Connection>(ends.client, ends.server);
        REQUIRE(connection->establish());
        session = &*side().session;
        side().read_all();
        peer().read_all();
        switch (state) {
        case State::data: {
            peer().write("x");
            // The record is taken whole; nobody reads it yet.
            Pipe& pipe = side().wire.in();
            while (!pipe.empty())
                session->input_commit(pipe.read(session->input_space()).bytes);
            break;
        }
        case State::peer_closed:
            peer().pump.close();
            REQUIRE(side().read_all() == Status::closed);
            break;
        case State::closing: REQUIRE(session->close() == Status::ok); break;
        case State::truncated:
            peer().wire.out().closed = true;
            REQUIRE(side().read_all() == Status::truncated);
            break;
        default: break;
        }
    }
    Result make(Call call) {
        std::uint8_t byte[1];
        Result result;
        const auto io = [&result](IoResult got) {
            result.value = static_cast<int>(got.status);
            result.bytes = got.bytes;
        };
        switch (call) {
        case Call::open:
            result.value =
                static_cast<int>(session->open(*own().context, own().settings.identity).code);
            break;
        case Call::release: session->release(); break;
        case Call::input_space: result.value = !session->input_space().empty(); break;
        case Call::commit_nothing: session->input_commit(0); break;
        case Call::input_end: session->input_end(); break;
        case Call::output: session->output(); break;
        case Call::consume_nothing: session->output_consume(0); break;
        case Call::handshake: result.value = static_cast<int>(session->handshake()); break;
        case Call::read: io(session->read(byte)); break;
        case Call::read_nothing: io(session->read({})); break;
        case Call::write: io(session->write(as_bytes("y"))); break;
        case Call::write_nothing: io(session->write({})); break;
        case Call::close: result.value = static_cast<int>(session->close()); break;
        case Call::ask: break;
        }
        result.error = session->error().code;
        return result;
    }
};

void check(Subject& subject, State state, std::initializer_list<Call> sequence) {
    subject.enter(state);
    Model model(state, Err::not_tls, subject.own().settings.config.min_version == Version::tls1_3);
    std::ostringstream so_far;
    so_far << state_names[static_cast<int>(state)] << ":";
    for (const Call call : sequence) {
        const Result expected = model(call), got = subject.make(call);
        so_far << ' ' << call_names[static_cast<int>(call)];
        const Session& session = *subject.session;
        const bool consistent =
            session.is_established() == model.established() &&
            (session.version() != Version::none) == model.established() &&
            (session.suite() != 0) == model.established() && session.alpn().empty() &&
            session.peer_certificate().empty() && session.can_read() == model.can_read() &&
            (!model.idle() || (session.readable() == 0 && subject.session->output().empty()));
        // The interface leaves two things to a backend: it may take no input while plain bytes
        // wait, and it may have no more output before the last has left.
        const bool liberty = (call == Call::input_space && model.data_waits() && got.value == 0) ||
                             ((call == Call::write || call == Call::close) &&
                              got == Result{static_cast<int>(Status::want_write), 0, Err::none} &&
                              !subject.session->output().empty());
        if (liberty) return;
        if (got == expected && consistent) continue;
        CAPTURE(so_far.str());
        CHECK(got.value == expected.value);
        CHECK(got.bytes == expected.bytes);
        CHECK(got.error == expected.error);
        CHECK(consistent);
        return;
    }
}

} // namespace

// In one version and role, then in two others: the states' rules depend on neither, except for
// writes after the peer's close_notify.
template<class Body>
static void for_subjects(const BackendUnderTest& backend, Body body) {
    const std::vector<Version> versions = versions_of(backend);
    // Not bound to names in the loop: in clang 14 a lambda, and so CAPTURE, cannot use those.
    for (const auto& pair :
         {std::pair{Role::client, versions.back()}, std::pair{Role::server, versions.front()}}) {
        const Role role = pair.first;
        const Version version = pair.second;
        CAPTURE(std::string(name_of(version)));
        CAPTURE(std::string(role == Role::client ? "client" : "server"));
        Subject subject(backend, role, version);
        for (const State state : all_states)
            body(subject, state);
    }
}

EACH_BACKEND("every call in every state, and every two in a row") {
    for_subjects(backend, [](Subject& subject, State state) {
        for (int first = 0; first < calls; ++first)
            for (int second = 0; second < calls; ++second)
                check(subject, state, {static_cast<Call>(first), static_cast<Call>(second)});
    });
}

EACH_BACKEND("every three calls in a row, in every state [long]") {
    for_subjects(backend, [](Subject& subject, State state) {
        for (int first = 0; first < calls; ++first)
            for (int second = 0; second < calls; ++second)
                for (int third = 0; third < calls; ++third)
                    check(subject, state,
                          {static_cast<Call>(first), static_cast<Call>(second),
                           static_cast<Call>(third)});
    });
}
