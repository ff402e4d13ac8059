// The pump's transport over any stream object of the interpreter.
#pragma once

#include "compat.h"

#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

namespace ussl::binding {

// What Python code raises in the stream's methods must not unwind through the pump and the library:
// it is kept, and the caller raises it when all of them have returned. An OSError is a failure of
// the stream for good, unless it is of the kind of EAGAIN or ETIMEDOUT; datagrams fail one by one,
// and are not sent again.
// Anything else is no business of the connection: it is raised at once, and the stream is not
// called before that has happened.
//
// While the session has a time limit (of the handshake, or until a datagram is sent again), a
// stream that can be polled is only read and written when it is ready: nothing waits for longer.
class StreamTransport {
public:
    struct Mode {
        bool blocking;         // wait until the stream is ready, or the session's time limit
        bool datagram;         // each read gives one datagram, perhaps an empty one
        bool poll_is_reliable; // the stream has reported that it is ready at least once
    };
    // `stream`, and `raised` with what Python code raised in it, are the socket's: where this lies
    // the collector may find them even after that is gone, and would keep it.
    StreamTransport(const mp_obj_t& stream, mp_obj_t& raised, const selected::Session* session,
                    Mode& mode)
        : stream_(stream), raised_(raised), session_(session), mode_(mode) {}

    TransportResult read(MutableBytes into);
    TransportResult write(Bytes from);

    // Which of `events` (MP_STREAM_POLL_*) the stream says are there. False: it cannot tell.
    bool poll(mp_uint_t events, mp_uint_t& ready);

    // The stream's last act. Its errors, but not what Python code raised, are dropped.
    void close();

    // To be called before the script's next call is carried out.
    void begin() { has_blocked_ = is_out_of_time_ = false; }

    // What was raised, once; MP_OBJ_NULL: nothing.
    mp_obj_t take_raised() {
        const mp_obj_t raised = raised_;
        raised_ = MP_OBJ_NULL;
        return raised;
    }
    // Whether that is to be raised at once, whatever else the call came to.
    bool is_urgent() const { return raised_ != MP_OBJ_NULL && !raised_is_failure_; }

    // Read and write only when the stream says that it is ready, even if it is a blocking one.
    void set_only_when_ready(bool only) { only_when_ready_ = only; }

    // Whether a read or a write would have blocked since begin().
    bool has_blocked() const { return has_blocked_; }

    // Whether the stream would take bytes, as far as can be told: one that cannot be asked, and one
    // in Python that never yet said so, are thought to.
    bool writable() { return is_ready(MP_STREAM_POLL_WR); }

    // Whether the last call ended with the session's time limit.
    bool is_out_of_time() const { return is_out_of_time_; }

private:
    enum class Operation : std::uint8_t { read, write, ioctl, wait };
    // False when it raised.
    bool call(Operation operation, void* buffer, mp_uint_t size_or_request, std::uintptr_t arg);
    TransportResult move(Operation operation, void* buffer, std::size_t size);
    TransportResult move_once(Operation operation, void* buffer, std::size_t size);
    bool was_empty_datagram();
    TransportResult failure(int error, bool writing = false) const;
    void keep(mp_obj_t raised);
    bool is_ready(mp_uint_t direction);
    bool await(mp_uint_t direction);

    const mp_obj_t& stream_;
    mp_obj_t& raised_;
    const selected::Session* session_;
    Mode& mode_;
    mp_uint_t result_ = 0;
    int errcode_ = 0; // also of what was raised
    bool raised_is_failure_ = false;
    bool only_when_ready_ = false;
    bool has_blocked_ = false;
    bool is_out_of_time_ = false;
};

} // namespace ussl::binding
