// Moves bytes between a session and a transport, so that each flight leaves in one write.
//
// A template over both, so that with a backend's final classes every call is direct. A Transport
// is any class with
//
//     TransportResult read(MutableBytes into);   // at least one byte unless it says why not
//     TransportResult write(Bytes from);         // may take fewer bytes than offered
//
// neither of which may call the session, other than its const functions.
//
// No call turns in a circle: each round moves a byte. A transport that has `moved` none would
// block. A session that waits for output to leave, and has none, or for input that it has no space
// for, breaks its contract: the call gives failed. (Those of ussl notice it themselves, and say
// Err::internal.)
//
// A pump lives as long as the connection, for it remembers: systems tell of a broken connection
// once, and give a bare end afterwards. After a transport has failed, writes fail at once with its
// error. Reads first hand out what had come before, and what the transport still gives; then they
// fail with it. It is never lost, and never told as a mere end. A connection of its own needs a
// pump of its own.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/features.hpp"
#include "ussl/status.hpp"

#include <cstdint>

namespace ussl {

struct TransportResult {
    enum class Kind : std::uint8_t {
        moved,       // `bytes` were read or written
        would_block, // nothing now; try later
        ended,       // read only: the peer's side of the transport has ended
        failed,      // for good; `error` says why, in the transport's own terms
        interrupted, // this call failed, because of `error`, and a later one may not: a time limit
                     // of the transport's own. Not remembered
        dropped,     // write only: a datagram was refused, because of `error`. It is not offered
                     // again; not remembered
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

    // As the session's, and: want_read, want_write: the transport would block in that direction.
    Status status;
    // With failed: the transport failed, the session did not, and says nothing of it.
    bool transport_failed = false;
    bool dropped = false; // it was a datagram that was refused: see TransportResult
    int transport_error = 0;
    std::size_t bytes;
};

template<class Session, class Transport>
class Pump {
public:
    Pump(Session& of, Transport& over) : session_(of), transport_(over) {}

    PumpResult handshake() { return drive(step_to(true)); }

    // As Session::read(). Returns as soon as there is something.
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

    // Goes on until all of `from` is taken by the session, or the transport blocks or fails. bytes:
    // how many were taken; when that is not zero, status is ok and a failure shows on the next
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

    // Queues close_notify and sends what waits, as far as the transport takes it without
    // blocking. want_write: some is left, call again or give up.
    PumpResult close() {
        const PumpResult result = drive(step_to(false));
        if (result.status != Status::ok || result.transport_failed) return result;
        return flush();
    }

    // Sends all output. ok, want_write, or failed with transport_failed: also where a datagram was
    // dropped, and those behind it were sent.
    PumpResult flush() {
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

    // Whether the transport has failed, be it told by now or not: no call waits for it any more.
    bool has_failed() const { return has_failed_; }

private:
    // The step to the handshake's end, or to the session's: one for both, as neither is so frequent
    // that it needs a loop of its own.
    auto step_to(bool open) {
        return [this, open] { return IoResult{open ? session_.handshake() : session_.close(), 0}; };
    }

    // Repeats `step` until it gives something, feeding and flushing in between. Output is sent only
    // when the session can do nothing more without the transport: that makes a flight one write.
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
                // Output that is stuck, or failed, is no reason not to read: the peer may be
                // blocked on us, or have said why it went away.
                const PumpResult fed = feed(sent);
                if (fed.status != Status::ok) return fed;
                break;
            }
            case Status::ok:
                // Bytes were moved already: whatever the transport says shows on the next call.
                // That a datagram was dropped is said but once.
                if (sent.dropped || (done.bytes == 0 && sent.status == Status::failed)) return sent;
                return {Status::ok, done.bytes};
            case Status::truncated:
                // That the transport failed says more than that nothing came any more.
                if (has_failed_) return failure();
                [[fallthrough]];
            default:
                // The end of the session counts for more than an alert that could not be sent.
                return {done.status, 0};
            }
        }
    }

    // Reads from the transport into the session, until the session can do something with it.
    PumpResult feed(const PumpResult& sent) {
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
    int error_ = 0; // of the transport, once it has failed
    bool has_failed_ = false;
    bool input_is_over_ = false; // the transport is not read again
};

} // namespace ussl
