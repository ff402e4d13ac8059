// The pump, between a session and a transport that both follow a script.
#include "support/doctest.hpp"

#include "ussl/pump.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

using namespace ussl;
using Kind = TransportResult::Kind;

namespace {

// The result of one call of handshake(), read() or write(), and the bytes that it first puts into
// output.
struct Step {
    Status status;
    std::size_t bytes = 0;
    std::string output = {};
    bool output_is_empty = false;
};

struct ScriptedSession {
    std::deque<Step> steps;
    std::string waiting; // output
    std::string fed;     // input
    bool input_ended = false;
    int rests = 0;
    int asked_for_output = 0;
    std::size_t enough = 0;   // bytes of input that let the session go on
    std::size_t piece = 1000; // of output() at once
    std::size_t room = 8;     // of input_space()
    std::uint8_t space[8];

    Step take() {
        if (steps.empty()) {
            FAIL("the session was asked once more than its script has steps");
            return {Status::failed};
        }
        const Step step = steps.front();
        steps.pop_front();
        waiting += step.output;
        return step;
    }
    IoResult io() {
        const Step step = take();
        IoResult result{step.status, step.bytes};
        result.output_is_empty = step.output_is_empty;
        return result;
    }
    Status handshake() { return take().status; }
    Status close() { return take().status; }
    IoResult read(MutableBytes) { return io(); }
    IoResult write(Bytes from) {
        const IoResult result = io();
        CHECK(result.bytes <= from.size());
        return result;
    }
    MutableBytes input_space() { return MutableBytes{space}.first(room); }
    void release_buffers() { ++rests; }
    bool input_commit(std::size_t count) {
        fed.append(reinterpret_cast<char*>(space), count);
        return fed.size() >= enough;
    }
    void input_end() { input_ended = true; }
    Bytes output() {
        ++asked_for_output;
        return as_bytes(waiting).first(std::min(piece, waiting.size()));
    }
    bool output_consume(std::size_t count) {
        waiting.erase(0, count);
        return !waiting.empty();
    }
};

struct ScriptedTransport {
    std::deque<std::string> arriving; // one for each read
    Kind when_empty = Kind::would_block;
    int empty_reads = 0;
    std::deque<TransportResult> takes; // for each write; after the last, everything is taken
    std::vector<std::string> written;

    TransportResult read(MutableBytes into) {
        if (arriving.empty()) {
            ++empty_reads;
            return {when_empty, 0, when_empty == Kind::failed ? 104 : 0};
        }
        const std::string bytes = arriving.front();
        arriving.pop_front();
        REQUIRE(bytes.size() <= into.size());
        std::memcpy(into.data(), bytes.data(), bytes.size());
        return {Kind::moved, bytes.size()};
    }
    TransportResult write(Bytes from) {
        TransportResult result{Kind::moved, from.size()};
        if (!takes.empty()) {
            result = takes.front();
            takes.pop_front();
        }
        if (result.kind == Kind::moved) {
            result.bytes = std::min(result.bytes, from.size());
            written.emplace_back(reinterpret_cast<const char*>(from.data()), result.bytes);
        }
        return result;
    }
};

struct Rig {
    ScriptedSession session;
    ScriptedTransport transport;
    Pump<ScriptedSession, ScriptedTransport> pump{session, transport};
    std::uint8_t buffer[100] = {};
};

using Writes = std::vector<std::string>;
constexpr auto want_read = Status::want_read;
constexpr auto want_write = Status::want_write;
constexpr auto ok = Status::ok;

// The error with which the transport reports a failure; 0: it reports none.
int told(const PumpResult& result) {
    return result.transport_failed && result.status == Status::failed ? result.transport_error : 0;
}

} // namespace

TEST_CASE_FIXTURE(Rig, "a flight is one write, sent before the answer is waited for") {
    session.steps = {{want_read, 0, "hello"}, {want_read}, {want_read, 0, "key finished"}, {ok}};
    transport.arriving = {"server", "more", "done"};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"hello", "key finished"});
    CHECK(session.fed == "servermoredone");
}

TEST_CASE_FIXTURE(Rig, "the last flight is sent when the handshake ends with it") {
    session.steps = {{ok, 0, "finished"}};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"finished"});
}

TEST_CASE_FIXTURE(Rig, "full output is sent, and the step repeated") {
    session.steps = {{want_write, 0, "first"}, {want_write, 0, "second"}, {ok, 0, "third"}};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"first", "second", "third"});
}

TEST_CASE_FIXTURE(Rig, "output in several pieces goes out whole") {
    session.piece = 3;
    session.steps = {{ok, 0, "abcdefgh"}};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"abc", "def", "gh"});
}

TEST_CASE_FIXTURE(Rig, "after a short write the transport gets the rest in further writes") {
    session.steps = {{ok, 0, "abcdef"}};
    transport.takes = {{Kind::moved, 1}, {Kind::moved, 2}};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"a", "bc", "def"});
}

TEST_CASE_FIXTURE(
    Rig, "a transport that would block on reading gives want_read, and the call can be repeated") {
    session.steps = {{want_read, 0, "hello"}, {want_read}, {ok}};
    CHECK(pump.handshake().status == want_read);
    transport.arriving = {"server"};
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"hello"});
}

TEST_CASE_FIXTURE(Rig,
                  "a transport that would block on writing gives want_write where output is full") {
    session.steps = {{want_write, 0, "flight"}, {ok}};
    transport.takes = {{Kind::moved, 2}, {Kind::would_block}};
    CHECK(pump.handshake().status == want_write);
    CHECK(session.waiting == "ight");
    CHECK(pump.handshake().status == ok);
    CHECK(transport.written == Writes{"fl", "ight"});
}

TEST_CASE_FIXTURE(Rig, "blocked output does not prevent the pump from reading") {
    session.steps = {{want_read, 0, "x"}, {ok, 5}};
    transport.takes = {{Kind::would_block}, {Kind::would_block}};
    transport.arriving = {"data"};
    const PumpResult result = pump.read(buffer);
    CHECK(result.status == ok);
    CHECK(result.bytes == 5);
}

TEST_CASE_FIXTURE(Rig, "when both directions block, the pump waits for the output first") {
    session.steps = {{want_read, 0, "x"}};
    transport.takes = {{Kind::would_block}};
    CHECK(pump.handshake().status == want_write);
}

TEST_CASE_FIXTURE(Rig,
                  "release_buffers() is called when the transport has nothing, and not before") {
    transport.arriving = {"record"};
    session.steps = {{Status::want_read}, {Status::ok, 4}, {Status::want_read}};
    std::uint8_t into[8];
    CHECK(pump.read(into).bytes == 4);
    CHECK(session.rests == 0);
    CHECK(pump.read(into).status == Status::want_read);
    CHECK(session.rests == 1);
}

TEST_CASE_FIXTURE(Rig, "the session is not called with too little input") {
    transport.arriving = {"re", "co", "rd", "next"};
    session.enough = 6;
    session.steps = {{want_read}, {ok, 4}};
    CHECK(pump.read(buffer).bytes == 4);
    CHECK(session.fed == "record");
}

TEST_CASE_FIXTURE(Rig, "too little input stays in the session when the transport blocks") {
    transport.arriving = {"re"};
    session.enough = 6;
    session.steps = {{want_read}, {want_read}, {ok, 4}};
    CHECK(pump.read(buffer).status == want_read);
    transport.arriving = {"cord"};
    CHECK(pump.read(buffer).bytes == 4);
    CHECK(session.fed == "record");
}

TEST_CASE_FIXTURE(Rig, "a session whose output is empty is not asked for output") {
    transport.arriving = {"record"};
    session.steps = {{want_read, 0, "", true}, {ok, 4, "", true}};
    CHECK(pump.read(buffer).bytes == 4);
    CHECK(session.asked_for_output == 0);
    session.steps = {{ok, 4, "answer"}};
    CHECK(pump.read(buffer).bytes == 4);
    CHECK(transport.written == Writes{"answer"});
    CHECK(session.asked_for_output == 1); // output_consume() has reported no more output
}

TEST_CASE_FIXTURE(Rig,
                  "the end of the transport reaches the session, which decides what it means") {
    session.steps = {{want_read}, {Status::truncated}};
    transport.when_empty = Kind::ended;
    CHECK(pump.read(buffer).status == Status::truncated);
    CHECK(session.input_ended);
}

TEST_CASE_FIXTURE(Rig,
                  "a transport that fails on reading is distinguished from a session that fails") {
    transport.when_empty = Kind::failed;
    session.steps = {{want_read}, {Status::failed, 0, "alert"}};
    const PumpResult result = pump.read(buffer);
    CHECK(result.status == Status::failed);
    CHECK(result.transport_failed);
    CHECK(result.transport_error == 104);
    const PumpResult own = pump.read(buffer);
    CHECK(own.status == Status::failed);
    CHECK_FALSE(own.transport_failed);
    CHECK(transport.written.empty());
}

TEST_CASE_FIXTURE(Rig, "a transport that fails on writing: readable data comes first") {
    session.steps = {{want_read, 0, "x"}, {ok, 3}};
    transport.arriving = {"abc"};
    transport.takes = {{Kind::failed, 0, 32}, {Kind::failed, 0, 32}};
    CHECK(pump.read(buffer).bytes == 3);
    session.steps = {{want_read}};
    transport.takes = {{Kind::failed, 0, 32}};
    const PumpResult result = pump.read(buffer);
    CHECK(result.status == Status::failed);
    CHECK(result.transport_failed);
    CHECK(result.transport_error == 32);
}

TEST_CASE_FIXTURE(Rig, "a handshake whose last flight cannot be sent has failed") {
    session.steps = {{ok, 0, "finished"}};
    transport.takes = {{Kind::failed, 0, 32}};
    const PumpResult result = pump.handshake();
    CHECK(result.status == Status::failed);
    CHECK(result.transport_failed);
}

TEST_CASE_FIXTURE(Rig, "the session's error takes precedence over an alert that cannot be sent") {
    for (const Status end : {Status::closed, Status::failed}) {
        session.steps = {{end, 0, "alert"}};
        transport.takes = {{Kind::failed, 0, 32}};
        const PumpResult result = pump.read(buffer);
        CHECK(result.status == end);
        CHECK_FALSE(result.transport_failed);
    }
}

TEST_CASE_FIXTURE(Rig, "write() continues until everything is accepted") {
    session.steps = {{ok, 4, "r1"}, {want_write, 0, "full"}, {ok, 3, "r2"}, {ok, 3, "r3"}};
    const PumpResult result = pump.write(as_bytes("0123456789"));
    CHECK(result.status == ok);
    CHECK(result.bytes == 10);
    CHECK(transport.written == Writes{"r1", "full", "r2", "r3"});
}

TEST_CASE_FIXTURE(Rig,
                  "write() returns the bytes accepted before the transport blocked, then blocks") {
    session.steps = {{ok, 4, "r1"}, {want_write, 0, "r2"}, {want_write}};
    transport.takes = {{Kind::moved, 2}, {Kind::would_block}, {Kind::would_block}};
    PumpResult result = pump.write(as_bytes("0123456789"));
    CHECK(result.status == ok);
    CHECK(result.bytes == 4);
    result = pump.write(as_bytes("456789"));
    CHECK(result.status == want_write);
    CHECK(result.bytes == 0);
}

TEST_CASE_FIXTURE(Rig,
                  "write() of bytes that the transport refuses permanently reports no success") {
    session.steps = {{ok, 10, "r1"}};
    transport.takes = {{Kind::failed, 0, 32}};
    CHECK(told(pump.write(as_bytes("0123456789"))) == 32);
    // The session is not even called: its script is over.
    for (int again = 0; again < 3; ++again)
        CHECK(told(pump.write(as_bytes("x"))) == 32);
    CHECK(transport.written.empty());
}

TEST_CASE_FIXTURE(Rig,
                  "write() returns the bytes sent before the transport failed, then the failure") {
    session.steps = {{ok, 4, "r1"}, {ok, 4, "r2"}};
    transport.takes = {{Kind::moved, 2}, {Kind::failed, 0, 32}};
    const PumpResult result = pump.write(as_bytes("0123456789"));
    CHECK(result.status == ok);
    CHECK(result.bytes == 4);
    CHECK(told(pump.write(as_bytes("456789"))) == 32);
}

TEST_CASE_FIXTURE(Rig, "an interrupted call can be repeated, and leaves no trace") {
    session.steps = {{ok, 10, "r1"}, {ok, 1, "r2"}, {want_read}, {want_read}, {ok, 4}};
    transport.takes = {{Kind::interrupted, 0, 110}};
    CHECK(pump.write(as_bytes("0123456789")).bytes == 10);
    CHECK(pump.write(as_bytes("x")).bytes == 1);
    CHECK(transport.written == Writes{"r1r2"});
    transport.when_empty = Kind::interrupted;
    CHECK(pump.read(buffer).transport_failed);
    CHECK_FALSE(pump.has_failed());
    transport.arriving = {"record"};
    CHECK(pump.read(buffer).bytes == 4);
}

TEST_CASE_FIXTURE(Rig, "a refused datagram is reported once, and not sent again") {
    if (!features::dtls) return;
    session.piece = 2; // each a datagram
    session.steps = {{ok, 10, "d1"}, {ok, 10, "d2"}, {want_read, 0, "f1f2f3"}};
    transport.takes = {{Kind::dropped, 0, 90}};
    CHECK(told(pump.write(as_bytes("0123456789"))) == 90);
    CHECK_FALSE(pump.has_failed());
    CHECK(pump.write(as_bytes("0123456789")).bytes == 10);
    CHECK(transport.written == Writes{"d2"});
    // Of several datagrams, those after it are sent.
    transport.takes = {{Kind::dropped, 0, 90}};
    CHECK(told(pump.handshake()) == 90);
    CHECK(transport.written == Writes{"d2", "f2", "f3"});
    CHECK(session.waiting.empty());
    CHECK_FALSE(pump.has_failed());
}

TEST_CASE_FIXTURE(Rig, "every call after a failure reports it, and the first one is the cause") {
    session.steps = {{want_read}};
    transport.when_empty = Kind::failed;
    CHECK_FALSE(pump.has_failed());
    CHECK(told(pump.read(buffer)) == 104);
    CHECK(pump.has_failed());
    transport.when_empty = Kind::ended;
    transport.takes = {{Kind::failed, 0, 32}};
    session.steps = {{want_read}, {want_read}, {ok, 0, "close_notify"}};
    CHECK(told(pump.read(buffer)) == 104);
    CHECK(told(pump.handshake()) == 104);
    CHECK(told(pump.write(as_bytes("x"))) == 104);
    CHECK(told(pump.flush()) == 104);
    CHECK(told(pump.close()) == 104);
    CHECK(transport.empty_reads == 1); // a transport that has failed is not read again
    CHECK_FALSE(session.input_ended);
}

TEST_CASE_FIXTURE(Rig, "a failure of a write takes precedence over the end that reads find") {
    for (const Kind then : {Kind::ended, Kind::failed, Kind::would_block}) {
        Rig rig;
        rig.transport.when_empty = then;
        rig.transport.takes = {{Kind::failed, 0, 32}};
        rig.transport.arriving = {"last"};
        rig.session.steps = {{want_read, 0, "hello"}, {ok, 4}, {want_read}, {want_read}};
        CHECK(rig.pump.read(buffer).bytes == 4); // data that had come before are delivered
        CHECK(told(rig.pump.read(buffer)) == 32);
        CHECK(told(rig.pump.read(buffer)) == 32);
        CHECK_FALSE(rig.session.input_ended);
    }
    // The same if the session noticed the end first.
    transport.takes = {{Kind::failed, 0, 32}};
    session.steps = {{Status::truncated, 0, "alert"}};
    CHECK(told(pump.read(buffer)) == 32);
}

TEST_CASE_FIXTURE(Rig, "write() of nothing, and read() into nothing, are ok and 0") {
    session.steps = {{ok, 0}, {ok, 0}};
    CHECK(pump.write({}).status == ok);
    CHECK(pump.read({}).status == ok);
    CHECK(transport.written.empty());
}

TEST_CASE_FIXTURE(Rig, "close() sends waiting output, then close_notify") {
    session.waiting = "rest ";
    session.steps = {{ok, 0, "close_notify"}};
    CHECK(pump.close().status == ok);
    CHECK(transport.written == Writes{"rest close_notify"});
}

TEST_CASE_FIXTURE(Rig, "close() on a transport that blocks can be called again") {
    session.steps = {{ok, 0, "close_notify"}, {ok}};
    transport.takes = {{Kind::moved, 5}, {Kind::would_block}, {Kind::would_block}};
    CHECK(pump.close().status == want_write);
    CHECK(pump.close().status == ok);
    CHECK(transport.written == Writes{"close", "_notify"});
}

TEST_CASE_FIXTURE(Rig, "flush() reports the transport's result") {
    CHECK(pump.flush().status == ok);
    session.waiting = "abc";
    transport.takes = {{Kind::would_block}, {Kind::failed, 0, 9}};
    CHECK(pump.flush().status == want_write);
    const PumpResult result = pump.flush();
    CHECK(result.transport_failed);
    CHECK(result.transport_error == 9);
    CHECK(told(pump.flush()) == 9);
    CHECK(transport.written.empty());
}

TEST_CASE_FIXTURE(Rig, "a session that waits for the impossible ends the call, without a loop") {
    // want_write without output.
    session.steps = {{want_write, 0, "sent", false}, {want_write}};
    CHECK(pump.handshake().status == Status::failed);
    CHECK(transport.written == Writes{"sent"});
    // want_read without space for input.
    session.room = 0;
    session.steps = {{want_read}};
    transport.arriving = {"never read"};
    CHECK(pump.read(buffer).status == Status::failed);
    CHECK(session.fed.empty());
}

TEST_CASE_FIXTURE(Rig,
                  "a session that accepts nothing and returns ok ends the call, without a loop") {
    session.steps = {{ok, 3, "r1"}, {ok, 0}};
    CHECK(pump.write(as_bytes("more than that")).bytes == 3);
}

TEST_CASE_FIXTURE(Rig, "a transport that moves no byte would block") {
    transport.takes = {{Kind::moved, 0}};
    session.steps = {{ok, 1, "r1"}};
    CHECK(pump.write(as_bytes("x")).bytes == 1);
    transport.takes = {{Kind::moved, 0}};
    CHECK(pump.flush().status == want_write);
    CHECK(pump.flush().status == ok);
    CHECK(transport.written == Writes{"", "", "r1"});
    transport.arriving = {""};
    session.steps = {{want_read}};
    CHECK(pump.read(buffer).status == want_read);
    CHECK(session.rests == 1);
}
