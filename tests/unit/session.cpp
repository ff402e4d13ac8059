// The state machine of a session around an engine that follows a script: how it treats statuses
// that no library may return, and what it decides for all engines.
#include "support/doctest.hpp"
#include "support/test_environment.hpp"

#include "ussl/backend/context_impl.hpp"
#include "ussl/backend/session_impl.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <deque>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

using namespace ussl;

namespace {

// The engine's next steps. look_ahead() takes from `ahead`, the texts of records; if that is empty
// it returns `status`.
struct Script {
    Status status = Status::want_read;
    Version version = Version::tls1_3;
    bool has_space = true;
    bool moves = true; // bytes, if the status is ok
    std::string output;
    std::deque<std::string> ahead;
    int looks = 0;
};
Script script;

struct Traits {
    struct ContextEngine {
        Err start(const ContextConfig&, const Environment&) { return Err::none; }
    };
    struct SessionEngine {
        Err start(ContextEngine&, const SessionSetup&) { return Err::none; }
        MutableBytes input_space() {
            return MutableBytes{space_}.first(script.has_space ? sizeof space_ : 0);
        }
        void input_commit(std::size_t) {}
        bool has_input() const { return true; }
        Bytes output() { return as_bytes(script.output); }
        bool has_output() const { return !script.output.empty(); }
        void output_consume(std::size_t count) { script.output.erase(0, count); }
        Status handshake() { return script.status; }
        Status look_ahead() {
            ++script.looks;
            if (script.ahead.empty()) return script.status;
            plain_ = script.ahead.front();
            script.ahead.pop_front();
            return Status::ok;
        }
        std::size_t readable() const { return plain_.size(); }
        std::size_t take(MutableBytes into) {
            const std::size_t count = script.moves ? std::min(into.size(), plain_.size()) : 0;
            std::memcpy(into.data(), plain_.data(), count);
            plain_.erase(0, count);
            return count;
        }
        IoResult write(Bytes from) {
            const bool moves = script.status == Status::ok && script.moves;
            return {script.status, moves ? from.size() : 0};
        }
        Status close_notify() { return Status::ok; }
        Error error() const { return {Err::bad_record}; }
        Version version() const { return script.version; }
        std::uint16_t suite() const { return 0; }
        std::string_view alpn() const { return {}; }
        Bytes peer_certificate() const { return {}; }

    private:
        std::string plain_;
        std::uint8_t space_[8] = {};
    };
    static constexpr std::size_t context_size = 64, session_size = 256;
    static constexpr Capabilities own{.client = true, .tls1_2 = true, .tls1_3 = true};
    static constexpr const Capabilities& capabilities = own;
    static constexpr std::uint16_t all_suites[] = {0x1301, 0xc02b};
    static std::span<const std::uint16_t> suites() { return all_suites; }
    static const Backend& backend() {
        static constexpr Backend self{"scripted", [] { return std::string_view{"1"}; }, own,
                                      all_suites, nullptr};
        return self;
    }
};

struct Rig {
    ContextOf<Traits> context;
    SessionOf<Traits> session;
    std::uint8_t byte[1];

    Rig() {
        script = {};
        ContextConfig config;
        config.verify = Verify::none;
        REQUIRE(context.open(config, posix_environment()).code == Err::none);
        REQUIRE(session.open(context, {}).code == Err::none);
    }
    ~Rig() {
        session.release();
        context.close();
    }
    void establish() {
        script.status = Status::ok;
        REQUIRE(session.handshake() == Status::ok);
        script.status = Status::want_read;
    }
    // Input has come, so the engine has something to look at.
    bool commit() {
        constexpr std::uint8_t header[] = {22, 3};
        const MutableBytes space = session.input_space();
        REQUIRE(space.size() >= sizeof header);
        std::memcpy(space.data(), header, sizeof header);
        return session.input_commit(sizeof header);
    }
};

// With assertions, a defect ends the program; without, it is an error.
template<class Step>
void check_defect(Rig& rig, Step step) {
#ifdef NDEBUG
    CHECK(step() == Status::failed);
    CHECK(rig.session.error().code == Err::internal);
    CHECK(step() == Status::failed);
#else
    static_cast<void>(rig);
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        step();
        _exit(0);
    }
    int ended = 0;
    REQUIRE(waitpid(child, &ended, 0) == child);
    CHECK((WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT));
#endif
}

} // namespace

TEST_CASE("an engine that waits for the impossible is a defect, without a loop") {
    struct Row {
        Status status;
        const char* output;
        bool has_space;
        bool is_defect;
    };
    constexpr Row rows[] = {
        {Status::want_write, "", true, true},        {Status::want_write, "", false, true},
        {Status::want_write, "alert", false, false}, {Status::want_read, "", false, true},
        {Status::want_read, "alert", false, true},   {Status::want_read, "", true, false},
    };
    for (const Row& row : rows)
        for (const bool established : {false, true})
            for (const bool writes : {false, true}) {
                CAPTURE(static_cast<int>(row.status));
                CAPTURE(row.output);
                CAPTURE(row.has_space);
                CAPTURE(established);
                CAPTURE(writes);
                Rig rig;
                if (established) rig.establish();
                script.status = row.status;
                script.output = row.output;
                script.has_space = row.has_space;
                // After want_read callers ask for space for input.
                const auto step = [&rig, writes] {
                    const auto once = [&rig, writes] {
                        return writes ? rig.session.write(as_bytes("x")).status
                                      : rig.session.read(rig.byte).status;
                    };
                    const Status status = once();
                    return status == Status::want_read && rig.session.input_space().empty()
                               ? once()
                               : status;
                };
                if (row.is_defect)
                    check_defect(rig, step);
                else
                    CHECK(step() == row.status);
            }
}

TEST_CASE("an engine that moves nothing and returns ok is a defect, without a loop") {
    for (const bool writes : {false, true}) {
        CAPTURE(writes);
        Rig rig;
        script.ahead = {"a"};
        rig.establish();
        script.status = Status::ok;
        script.moves = false;
        check_defect(rig, [&rig, writes] {
            return writes ? rig.session.write(as_bytes("x")).status
                          : rig.session.read(rig.byte).status;
        });
    }
}

TEST_CASE_FIXTURE(Rig, "input_commit() returns whether another call has something to do") {
    establish();
    CHECK_FALSE(session.can_read());
    CHECK_FALSE(commit()); // a ticket, say
    CHECK_FALSE(session.can_read());
    script.output = "an answer";
    CHECK(commit());
    CHECK_FALSE(session.can_read());
    script.output.clear();
    script.ahead = {"ab"};
    CHECK(commit());
    CHECK(session.can_read());
    CHECK(session.readable() == 2);
}

TEST_CASE_FIXTURE(
    Rig, "the next record is decrypted when the one before has been read, and not earlier") {
    script.ahead = {"ab", "c"};
    establish();
    CHECK(session.readable() == 2); // it came together with the end of the handshake
    const int looks = script.looks;
    CHECK(commit());
    CHECK(session.read(byte).bytes == 1);
    CHECK(script.looks == looks);
    CHECK(session.read(byte).bytes == 1);
    CHECK(script.looks == looks + 1);
    CHECK(session.readable() == 1);
    CHECK(session.read(byte).bytes == 1);
    CHECK_FALSE(session.can_read());
    CHECK(session.read(byte).status == Status::want_read);
}

TEST_CASE_FIXTURE(Rig, "input that waited for the output is processed when the output has left") {
    establish();
    script.status = Status::want_write;
    script.output = "full";
    commit();
    CHECK_FALSE(session.can_read());
    script.status = Status::closed;
    session.output_consume(4);
    CHECK(session.can_read());
    CHECK(session.read(byte).status == Status::closed);
}

TEST_CASE_FIXTURE(Rig, "an end after data is reported after it, without another engine call") {
    for (const Status end : {Status::closed, Status::failed}) {
        CAPTURE(static_cast<int>(end));
        session.release();
        REQUIRE(session.open(context, {}).code == Err::none);
        script.ahead = {"a"};
        establish();
        script.status = end;
        CHECK(session.read(byte).status == Status::ok);
        CHECK(session.can_read());
        CHECK(session.input_space().empty());
        const int looks = script.looks;
        CHECK(session.read(byte).status == end);
        CHECK(session.read(byte).status == end);
        CHECK(script.looks == looks);
        CHECK(session.error().code == (end == Status::closed ? Err::none : Err::bad_record));
    }
}

// RFC 8446, 6.1 against RFC 5246, 7.2.1.
TEST_CASE_FIXTURE(Rig, "writes after close_notify: the version decides, and a reported end") {
    for (const Version version : {Version::tls1_2, Version::tls1_3}) {
        CAPTURE(std::string(name_of(version)));
        session.release();
        REQUIRE(session.open(context, {}).code == Err::none);
        establish();
        script.version = version;
        script.status = Status::closed;
        commit();
        script.status = Status::ok;
        CHECK(session.write(as_bytes("x")).bytes == 1);
        CHECK(session.read(byte).status == Status::closed);
        const bool half_closes = features::tls1_3 && version == Version::tls1_3;
        CHECK(session.write(as_bytes("x")).status == (half_closes ? Status::ok : Status::closed));
        CHECK(session.write({}).status == (half_closes ? Status::ok : Status::closed));
        CHECK(session.close() == Status::ok);
        CHECK(session.write(as_bytes("x")).status == Status::failed);
    }
}
