// Connects a session to a transport, so that each flight leaves in one write.
//
// A template over both: with a backend's final classes every call is direct. A Transport is any
// class with
//
//     TransportResult read(MutableBytes into);   // at least one byte unless it says why not
//     TransportResult write(Bytes from);         // may take fewer bytes than offered
//
// Neither function may call the session, except its const functions.
//
// Each round of a loop moves at least one byte; a transport that has `moved` none counts as
// would_block. If a session wants to write and has no output, or wants to read and has no space for
// input, the call gives failed. (ussl's sessions detect that themselves, with Err::internal.)
//
// Keep one pump for each connection, for as long as the connection lives: systems report a broken
// connection once, and a plain end of input afterwards, so the pump stores the transport's first
// error. After it, writes fail at once. Reads first give what came before, and what the transport
// still gives; then they fail with that error instead of an end of input.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/status.hpp"

#include <cstdint>

namespace ussl {

struct TransportResult {
    enum class Kind : std::uint8_t {
        moved,       // `bytes` were read or written
        would_block, // nothing now; try again later
        ended,       // read only: the peer has closed its side of the transport
        failed,      // permanent; `error` is the reason, in the transport's own terms
        interrupted, // this call failed, because of `error`; a later one may succeed: a timeout of
                     // the transport, for example. Not stored
        dropped, // write only: the transport refused a datagram, because of `error`. It is not sent
                 // again. Not stored
    };
    constexpr TransportResult(Kind kind_, std::size_t bytes_ = 0, int error_ = 0)
        : kind(kind_), error(error_), bytes(bytes_) {}

    Kind kind;
    int error;
    std::size_t bytes;
};

struct PumpResult {
    constexpr PumpResult(Status status_, std::size_t bytes_ = 0) : status(status_), bytes(bytes_) {}
    static constexpr PumpResult failed(const TransportResult& why) {
        PumpResult result{Status::failed};
        result.transport_failed = true;
        result.transport_error = why.error;
        return result;
    }

    // As of the session; also: want_read and want_write if the transport would block in that
    // direction.
    Status status;
    // With failed: the transport has failed, and Session::error() is none.
    bool transport_failed = false;
    bool dropped = false; // the transport refused a datagram: see TransportResult
    int transport_error = 0;
    std::size_t bytes;
};

template<class Session, class Transport>
class Pump {
public:
    Pump(Session& of, Transport& over) : session_(of), transport_(over) {}

    PumpResult handshake() { return drive(step_to(true)); }

    // As Session::read(). Returns as soon as there are bytes.
    PumpResult read(MutableBytes into) {
        return drive([this, into] { return session_.read(into); });
    }

    // Gives the session what the transport has, without reading plain bytes. ok:
    // Session::can_read() is true. Other statuses as of read().
    PumpResult poll() {
        return drive([this] {
            return IoResult{session_.can_read() ? Status::ok : Status::want_read, 0};
        });
    }

    // Continues until the session has taken all of `from`, or the transport blocks or fails. If
    // bytes were taken the status is ok and `bytes` says how many; a failure shows on the next
    // call. Bytes that the transport has refused for good do not count as taken.
    PumpResult write(Bytes from) {
        std::size_t taken = 0;
        while (!has_failed_) {
            const PumpResult result =
                drive([this, from, taken] { return session_.write(from.subspan(taken)); });
            if (result.status != Status::ok)
                return taken != 0 ? PumpResult{Status::ok, taken} : result;
            if (has_failed_) break;
            taken += result.bytes;
            if (taken == from.size() || result.bytes == 0) return {Status::ok, taken};
        }
        return taken != 0 ? PumpResult{Status::ok, taken} : failure();
    }

    // Sends close_notify and all pending output, as far as the transport takes them without
    // blocking. want_write: bytes are left; call again or give up.
    PumpResult close() {
        const PumpResult result = drive(step_to(false));
        if (result.status != Status::ok || result.transport_failed) return result;
        return flush();
    }

    // Sends all output: ok, want_write, or failed with transport_failed. Also if the transport
    // refused a datagram: the datagrams behind it were sent.
    USSL_INLINE_ON_HOSTS PumpResult flush() {
        PumpResult all{Status::ok};
        while (!has_failed_) {
            const Bytes waiting = session_.output();
            if (waiting.empty()) return all;
            const TransportResult sent = transport_.write(waiting);
            switch (sent.kind) {
            case TransportResult::Kind::moved:
                if (sent.bytes == 0) return {Status::want_write};
                if (!session_.output_consume(sent.bytes)) return all;
                break;
            case TransportResult::Kind::would_block:
                return all.dropped ? all : PumpResult{Status::want_write};
            case TransportResult::Kind::interrupted:
                return all.dropped ? all : PumpResult::failed(sent);
            default:
                if (!features::dtls || sent.kind != TransportResult::Kind::dropped) {
                    remember(sent);
                    break;
                }
                if (!all.dropped) all = PumpResult::failed(sent);
                all.dropped = true;
                if (!session_.output_consume(waiting.size())) return all;
            }
        }
        return failure();
    }

    // Whether the transport has failed, even if no call has reported it yet. Calls do not wait for
    // it any more.
    bool has_failed() const { return has_failed_; }

private:
    // The step to the end of the handshake, or of the session. One function for both: neither is
    // frequent enough for a loop of its own.
    auto step_to(bool open) {
        return [this, open] { return IoResult{open ? session_.handshake() : session_.close(), 0}; };
    }

    // Repeats `step` until it gives a result, and feeds and flushes in between. Output is sent only
    // if the session can do nothing more without the transport: so a flight is one write.
    template<class Step>
    PumpResult drive(Step step) {
        for (;;) {
            const IoResult done = step();
            if (done.status == Status::want_write && session_.output().empty())
                return {Status::failed};
            const PumpResult sent = done.output_is_empty ? PumpResult{Status::ok} : flush();
            switch (done.status) {
            case Status::want_write:
                if (sent.status != Status::ok) return sent;
                break;
            case Status::want_read: {
                // Read even if output is stuck or has failed: the peer may be blocked on us, or its
                // last bytes may say why it left.
                const PumpResult fed = feed(sent);
                if (fed.status != Status::ok) return fed;
                break;
            }
            case Status::ok:
                // Bytes were moved: a transport error shows on the next call, except a dropped
                // datagram, which is reported only once.
                if (sent.dropped || (done.bytes == 0 && sent.status == Status::failed)) return sent;
                return {Status::ok, done.bytes};
            case Status::truncated:
                // The transport's failure says more than the missing input.
                if (has_failed_) return failure();
                [[fallthrough]];
            default:
                // The end of the session matters more than an alert that could not be sent.
                return {done.status, 0};
            }
        }
    }

    // Reads from the transport into the session until the session can make progress.
    USSL_INLINE_ON_HOSTS PumpResult feed(const PumpResult& sent) {
        while (!input_is_over_) {
            const MutableBytes space = session_.input_space();
            if (space.empty()) return {Status::failed};
            const TransportResult got = transport_.read(space);
            switch (got.bytes == 0 && got.kind == TransportResult::Kind::moved
                        ? TransportResult::Kind::would_block
                        : got.kind) {
            case TransportResult::Kind::moved:
                if (session_.input_commit(got.bytes)) return {Status::ok};
                break;
            case TransportResult::Kind::would_block:
                session_.release_buffers();
                return sent.status == Status::ok ? PumpResult{Status::want_read} : sent;
            case TransportResult::Kind::interrupted:
                return sent.status == Status::failed ? sent : PumpResult::failed(got);
            case TransportResult::Kind::ended:
                input_is_over_ = true;
                if (has_failed_) break;
                session_.input_end();
                return {Status::ok};
            default: input_is_over_ = true; remember(got);
            }
        }
        return failure();
    }

    // The first failure is the cause of the others.
    void remember(const TransportResult& why) {
        if (!has_failed_) error_ = why.error;
        has_failed_ = true;
    }
    PumpResult failure() const {
        return PumpResult::failed({TransportResult::Kind::failed, 0, error_});
    }

    Session& session_;
    Transport& transport_;
    int error_ = 0; // the transport's, after its failure
    bool has_failed_ = false;
    bool input_is_over_ = false; // do not read from the transport again
};

} // namespace ussl
