// The pump's transport over any stream object of the interpreter.
#pragma once

#include "compat.h"

#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

namespace ussl::binding {

// An exception in the stream's methods must not unwind through the pump and the library: it is
// stored, and the caller raises it when all of them have returned. An OSError is a permanent
// failure of the stream, except EAGAIN, ETIMEDOUT and the like; with datagrams it only concerns one
// datagram, which is not sent again. Other exceptions do not concern the connection: they are
// raised at once, and the stream is not called before that.
//
// While the session has a time limit (of the handshake, or until a retransmission), a stream that
// can be polled is read and written only when it is ready: so no call waits longer than that.
class StreamTransport {
public:
    struct Mode {
        bool blocking;         // wait until the stream is ready, or the session's time limit
        bool datagram;         // each read gives one datagram, perhaps an empty one
        bool poll_is_reliable; // the stream has reported that it is ready at least once
    };
    // `stream`, and `raised` with its exception, belong to the socket: in this object, the
    // collector might find them after the socket is gone, and keep them alive.
    StreamTransport(const mp_obj_t& stream, mp_obj_t& raised, const selected::Session* session,
                    Mode& mode)
        : stream_(stream), raised_(raised), session_(session), mode_(mode) {}

    TransportResult read(MutableBytes into);
    TransportResult write(Bytes from);

    // Which of `events` (MP_STREAM_POLL_*) the stream reports. false: it cannot.
    bool poll(mp_uint_t events, mp_uint_t& ready);

    // Closes the stream. Its errors are ignored, except exceptions of Python code.
    void close();

    // Call it at the start of each call of the script.
    void begin() { has_blocked_ = is_out_of_time_ = false; }

    // The stored exception, once; MP_OBJ_NULL: none.
    mp_obj_t take_raised() {
        const mp_obj_t raised = raised_;
        raised_ = MP_OBJ_NULL;
        return raised;
    }
    // Whether it must be raised at once, whatever the call's result.
    bool is_urgent() const { return raised_ != MP_OBJ_NULL && !raised_is_failure_; }

    // Read and write only when the stream says that it is ready, even if it is a blocking one.
    void set_only_when_ready(bool only) { only_when_ready_ = only; }

    // Whether a read or a write would have blocked since begin().
    bool has_blocked() const { return has_blocked_; }

    // Whether the stream would take bytes, as far as known: true for streams that cannot be polled,
    // and for those in Python that have never reported it.
    bool writable() { return is_ready(MP_STREAM_POLL_WR); }

    // Whether the last call ended because of the session's time limit.
    bool is_out_of_time() const { return is_out_of_time_; }

private:
    enum class Operation : std::uint8_t { read, write, ioctl, wait };
    // false: it raised.
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
    int errcode_ = 0; // also of the exception
    bool raised_is_failure_ = false;
    bool only_when_ready_ = false;
    bool has_blocked_ = false;
    bool is_out_of_time_ = false;
};

} // namespace ussl::binding
