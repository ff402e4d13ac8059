// The pump's transport over any stream object of the interpreter.
#pragma once

#include "compat.h"

#include "ussl/pump.hpp"

namespace ussl::binding {

// What Python code raises in the stream's methods must not unwind through the pump and the library:
// it is kept, the stream is not called again, and the caller raises it when all of them have
// returned.
class StreamTransport {
public:
    explicit StreamTransport(mp_obj_t stream) : stream_(stream) {}

    TransportResult read(MutableBytes into);
    TransportResult write(Bytes from);

    // Which of `events` (MP_STREAM_POLL_*) the stream says are there. False: it cannot tell.
    bool poll(mp_uint_t events, mp_uint_t& ready);

    // The stream's last act. Its errors, but not what Python code raised, are dropped.
    void close();

    // What was raised; MP_OBJ_NULL: nothing.
    mp_obj_t raised() const { return raised_; }

    // Whether a read or a write would have blocked.
    bool has_blocked() const { return has_blocked_; }

private:
    enum class Operation : std::uint8_t { read, write, ioctl };
    // False when it raised.
    bool call(Operation operation, void* buffer, mp_uint_t size_or_request, std::uintptr_t arg);
    TransportResult move(Operation operation, void* buffer, std::size_t size);

    mp_obj_t stream_;
    mp_obj_t raised_ = MP_OBJ_NULL;
    mp_uint_t result_ = 0;
    int errcode_ = 0;
    bool has_blocked_ = false;
};

} // namespace ussl::binding
