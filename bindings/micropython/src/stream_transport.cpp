#include "stream_transport.hpp"

namespace ussl::binding {
namespace {

bool would_block(int errcode) {
    return errcode == MP_EAGAIN || errcode == MP_EWOULDBLOCK ||
           errcode == USSL_READ_WAITS_TO_WRITE || errcode == USSL_WRITE_WAITS_TO_READ;
}

bool is_a(mp_obj_t exception, const mp_obj_type_t* type) {
    return mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(exception)),
                                   MP_OBJ_FROM_PTR(type));
}

// An OSError's first argument; 0: not a usable number.
int number_of(mp_obj_t os_error) {
    const mp_obj_t value = mp_obj_exception_get_value(os_error);
    return mp_obj_is_small_int(value) ? static_cast<int>(MP_OBJ_SMALL_INT_VALUE(value)) : 0;
}

} // namespace

TransportResult StreamTransport::failure(int error, bool writing) const {
    using Kind = TransportResult::Kind;
    if (mode_.datagram && writing && error != 0 && !would_block(error))
        return {Kind::dropped, 0, error};
    // A stream that reported readiness has no timeout of its own.
    const bool for_good =
        !mode_.datagram && !would_block(error) && (error != MP_ETIMEDOUT || only_when_ready_);
    return {for_good ? Kind::failed : Kind::interrupted, 0, error == 0 ? MP_EIO : error};
}

// The first failure is kept, but an urgent exception replaces it: the pump remembers the failure's
// number.
void StreamTransport::keep(mp_obj_t raised) {
    const bool is_error = is_a(raised, &mp_type_OSError);
    errcode_ = is_error ? number_of(raised) : 0;
    const bool is_failure = is_error && failure(errcode_).kind == TransportResult::Kind::failed;
    if (raised_ != MP_OBJ_NULL && is_failure) return;
    raised_ = raised;
    raised_is_failure_ = is_failure;
}

// An exception unwinds only this frame and the interpreter's below it. No local changes between
// nlr_push() and the jump.
bool StreamTransport::call(Operation operation, void* buffer, mp_uint_t size_or_request,
                           std::uintptr_t arg) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) {
        keep(MP_OBJ_FROM_PTR(nlr.ret_val));
        return false;
    }
    const mp_stream_p_t* stream = mp_get_stream(stream_);
    switch (operation) {
    case Operation::read:
        result_ = stream->read(stream_, buffer, size_or_request, &errcode_);
        break;
    case Operation::write:
        result_ = stream->write(stream_, buffer, size_or_request, &errcode_);
        break;
    case Operation::ioctl: result_ = stream->ioctl(stream_, size_or_request, arg, &errcode_); break;
    case Operation::wait: USSL_WAIT_A_LITTLE(); break;
    }
    nlr_pop();
    return true;
}

bool StreamTransport::is_ready(mp_uint_t direction) {
    mp_uint_t ready;
    if (!poll(direction, ready)) return true;
    if ((ready & direction) != 0) mode_.poll_is_reliable = true;
    return !mode_.poll_is_reliable || ready != 0;
}

// false: the stream is not ready now.
bool StreamTransport::await(mp_uint_t direction) {
    is_out_of_time_ = false;
    while ((only_when_ready_ || session_->timeout() != no_timeout) && !is_ready(direction)) {
        if (only_when_ready_ || !mode_.blocking) return false;
        is_out_of_time_ = session_->timeout() == 0;
        if (is_out_of_time_ || !call(Operation::wait, nullptr, 0, 0)) return false;
    }
    return true;
}

TransportResult StreamTransport::move(Operation operation, void* buffer, std::size_t size) {
    // Anybody can send empty datagrams: ignore so many in a row.
    for (unsigned empty = 0; empty < 1000; ++empty) {
        const TransportResult result = move_once(operation, buffer, size);
        if (operation != Operation::read || result.kind != TransportResult::Kind::moved ||
            result.bytes != 0)
            return result;
    }
    has_blocked_ = true;
    return {TransportResult::Kind::would_block};
}

// For a read that returned nothing. With a stream in Python that means no data; so it does with one
// that cannot be polled, as with sockets.
bool StreamTransport::was_empty_datagram() {
    mp_uint_t ready;
    return mode_.datagram && !mp_obj_is_instance_type(mp_obj_get_type(stream_)) &&
           poll(MP_STREAM_POLL_RD, ready);
}

TransportResult StreamTransport::move_once(Operation operation, void* buffer, std::size_t size) {
    using Kind = TransportResult::Kind;
    if (is_urgent()) return {Kind::interrupted};
    const bool there = await(operation == Operation::read ? MP_STREAM_POLL_RD : MP_STREAM_POLL_WR);
    if (is_urgent()) return {Kind::interrupted};
    if (!there) return {Kind::would_block};
    const bool writing = operation == Operation::write;
    if (!call(operation, buffer, size, 0)) {
        const TransportResult failed = failure(errcode_, writing);
        return is_urgent() && failed.kind != Kind::dropped ? TransportResult{Kind::interrupted}
                                                           : failed;
    }
    if (result_ == MP_STREAM_ERROR) {
        if (!would_block(errcode_)) return failure(errcode_, writing);
    } else if (result_ > size) {
        // Python code returned more than the buffer's size.
        return failure(MP_EIO);
    } else if (result_ != 0) {
        return {Kind::moved, result_};
    } else if (!writing && !mode_.datagram) {
        return {Kind::ended};
    } else if (!writing && was_empty_datagram()) {
        return {Kind::moved, 0};
    }
    has_blocked_ = true;
    return {Kind::would_block};
}

TransportResult StreamTransport::read(MutableBytes into) {
    return move(Operation::read, into.data(), into.size());
}

TransportResult StreamTransport::write(Bytes from) {
    return move(Operation::write, const_cast<std::uint8_t*>(from.data()), from.size());
}

bool StreamTransport::poll(mp_uint_t events, mp_uint_t& ready) {
    if (is_urgent()) return false;
    const mp_obj_t before = take_raised(); // a failure
    const bool called = call(Operation::ioctl, nullptr, MP_STREAM_POLL, events);
    // A stream in Python without ioctl(), or whose ioctl() does not support polling.
    if (raised_ == MP_OBJ_NULL || is_a(raised_, &mp_type_AttributeError) ||
        is_a(raised_, &mp_type_OSError)) {
        raised_ = before;
        raised_is_failure_ = true;
    }
    if (!called) return false;
    ready = result_;
    return result_ != MP_STREAM_ERROR;
}

void StreamTransport::close() {
    const mp_obj_t before = raised_;
    call(Operation::ioctl, nullptr, MP_STREAM_CLOSE, 0);
    if (before != MP_OBJ_NULL) raised_ = before;
}

} // namespace ussl::binding
