#include "socket.hpp"

#include "environment.hpp"
#include "errors.hpp"
#include "memory.hpp"
#include "module.h"
#include "peer_certificate.hpp"
#include "reserve.hpp"
#include "settings.hpp"
#include "stream_transport.hpp"

#include "ussl/x509/identity.hpp"

#include <new>

namespace ussl::binding {
namespace {

constexpr const Capabilities& can = selected::capabilities;

constexpr mp_uint_t poll_both = MP_STREAM_POLL_RD | MP_STREAM_POLL_WR;

using Pump = ussl::Pump<selected::Session, StreamTransport>;

// Exists until close().
struct Connection {
    Connection(const mp_obj_t& stream, mp_obj_t& raised, StreamTransport::Mode& mode)
        : transport(stream, raised, &session, mode) {}

    selected::Session session;
    StreamTransport transport;
    Pump pump{session, transport};
};

// How the peer's data ended.
enum class End : std::uint8_t { not_yet, in_order, truncated };

// Whether a reading method of the script is running, which may read several times.
enum class Reading : std::uint8_t { no, nothing_yet, something };

struct SocketObject {
    mp_obj_base_t base;
    bool busy;         // a call is running: Python code of the stream may call back
    bool non_blocking; // setblocking(False) was called
    StreamTransport::Mode mode;
    bool ended; // reads and writes do not wait any more
    bool suppresses_ragged_eofs;
    bool verifies;         // the peer's certificate, if it sends one
    bool failure_reported; // of the transport
    End end;
    Reading reading;
    std::uint8_t needs; // MP_STREAM_POLL_*: what the handshake needs next
    std::uint8_t address_size;
    std::uint8_t address[16]; // the server's, if server_hostname is an address
    mp_obj_t stream;          // MP_OBJ_NULL once closed
    mp_obj_t raised;          // an exception in the stream's Python code
    // Kept alive, as the session points into them.
    mp_obj_t hostname;
    mp_obj_t resumption;
    mp_obj_t client_id;
    mp_obj_t connection_id;
    OpenContext* context;       // null without a session
    selected::Session* session; // in the connection
    Connection* connection;     // both null after release
#if !USSL_HEAP_IS_MALLOC
    Account account;
#endif
};

// While this exists, allocations are for the socket.
struct OwnMemory {
#if USSL_HEAP_IS_MALLOC
    explicit OwnMemory(SocketObject&) {}
#else
    explicit OwnMemory(SocketObject& socket) : working(socket.account) {}
    Working working;
#endif
};

struct Outcome {
    PumpResult result{Status::ok};
    mp_obj_t raised; // an exception of a callback or of the stream, to raise at once
};

SocketObject& any_socket(mp_obj_t self) { return *static_cast<SocketObject*>(MP_OBJ_TO_PTR(self)); }

// For operations that are not possible after close().
SocketObject& open_socket(mp_obj_t self) {
    SocketObject& socket = any_socket(self);
    if (socket.context == nullptr && socket.stream != MP_OBJ_NULL) raise(Err::no_certificate);
    if (socket.session == nullptr) raise_closed();
    if (socket.busy) raise(Err::invalid_state, "called from its own stream or callback");
    return socket;
}

void begin_account(SocketObject& self) {
#if !USSL_HEAP_IS_MALLOC
    self.account.arena = take_arena();
#else
    static_cast<void>(self);
#endif
}

void end_account(SocketObject& self) {
#if !USSL_HEAP_IS_MALLOC
    close(self.account);
#else
    static_cast<void>(self);
#endif
}

// Allocates nothing: finalisers call it.
void release_session(SocketObject& self) {
    if (self.session == nullptr) return;
    {
        const OwnMemory own(self);
        self.session->release();
        ussl::release(self.connection);
    }
    self.session = nullptr;
    self.connection = nullptr;
    remove_session(*self.context);
    end_account(self);
    release_spare_memory();
}

// An operation of the pump; `call` is the caller's data.
using Operation = PumpResult (*)(void* call, Pump& pump, StreamTransport& transport);

// Runs `operation` with the pump, and updates the socket for its result. Never raises.
Outcome run(SocketObject& self, Operation operation, void* call) {
    StreamTransport& transport = self.connection->transport;
    Pump& pump = self.connection->pump;
    transport.begin();
    // A callback further up the stack may have an exception of its own.
    mp_obj_t& raised = self.context->raised;
    const mp_obj_t raised_before = raised;
    raised = MP_OBJ_NULL;
    self.busy = true;
    PumpResult result{Status::ok};
    {
        const OwnMemory own(self);
        result = operation(call, pump, transport);
        // The session has something to do: fail, or retransmit.
        while (transport.is_out_of_time() && raised == MP_OBJ_NULL &&
               (result.status == Status::want_read || result.status == Status::want_write))
            result = operation(call, pump, transport);
    }
    self.busy = false;
#if !USSL_HEAP_IS_MALLOC
    if (self.session->is_established()) note_rest(self.account);
#endif
    const mp_obj_t by_callback = raised;
    raised = raised_before;
    if (transport.has_blocked()) self.non_blocking = true;
    if (pump.has_failed()) self.ended = true;
    switch (result.status) {
    case Status::want_read: self.needs = MP_STREAM_POLL_RD; break;
    case Status::want_write: self.needs = MP_STREAM_POLL_WR; break;
    case Status::closed: // in TLS 1.3 the peer still reads
        if (self.session->version() != Version::tls1_3) self.ended = true;
        self.end = End::in_order; // even if a write failed before it was read
        break;
    case Status::failed:
        if (result.transport_failed && !pump.has_failed()) break; // a later call may succeed
        if (can.dtls && self.session->error().code == Err::datagram_too_large) break;
        [[fallthrough]];
    case Status::truncated:
        self.ended = true;
        if (self.end == End::not_yet) self.end = End::truncated;
        break;
    case Status::ok: break;
    }
    const mp_obj_t by_stream = transport.is_urgent() ? transport.take_raised() : MP_OBJ_NULL;
    return {result, by_callback != MP_OBJ_NULL ? by_callback : by_stream};
}

// The same for a function object: only its call is compiled for each type.
template<class Call>
Outcome run(SocketObject& self, Call call) {
    return run(
        self,
        [](void* self_call, Pump& pump, StreamTransport& transport) {
            return (*static_cast<Call*>(self_call))(pump, transport);
        },
        &call);
}

bool is_out_of_memory(Err error) {
    return error == Err::no_memory || error == Err::no_memory_for_record;
}

// If memory is missing, the text says how much, and what helps.
mp_obj_t exception_of(const SocketObject& self, Err error) {
#if !USSL_HEAP_IS_MALLOC
    if (is_out_of_memory(error)) return no_memory(error, self.account.lacked);
#else
    static_cast<void>(self);
#endif
    return make_exception(error);
}

// The exception for a call that failed, for any reason.
mp_obj_t exception_of(SocketObject& self, const Outcome& outcome) {
    if (outcome.raised != MP_OBJ_NULL) return outcome.raised;
    if (!outcome.result.transport_failed) {
        const Err error = self.session->error().code;
        return is_out_of_memory(error) ? exception_of(self, error) : make_exception(*self.session);
    }
    self.failure_reported = self.connection->pump.has_failed();
    const mp_obj_t by_stream = self.connection->transport.take_raised();
    if (by_stream != MP_OBJ_NULL) return by_stream;
    return mp_obj_new_exception_arg1(&mp_type_OSError,
                                     MP_OBJ_NEW_SMALL_INT(outcome.result.transport_error));
}

// Whether the data ended without close_notify, and the script accepts that as an end.
bool reads_as_end(const SocketObject& self) {
    return self.suppresses_ragged_eofs && self.session->is_established() &&
           self.session->error().code == Err::truncated;
}

// The result of a read or a write that moved nothing: an error code for the interpreter, or an
// exception.
mp_uint_t report(SocketObject& self, const Outcome& outcome, int would_block_code, int* errcode) {
    if (outcome.raised != MP_OBJ_NULL) nlr_raise(outcome.raised);
    switch (outcome.result.status) {
    case Status::want_read:
    case Status::want_write: *errcode = would_block_code; break;
    case Status::closed: *errcode = MP_EPIPE; break; // the peer does not read any more
    default: nlr_raise(exception_of(self, outcome));
    }
    return MP_STREAM_ERROR;
}

// On a non-blocking stream the last byte of a write is accepted only when all bytes before it have
// left and the stream has room. So after a script's last write was complete, close() has nothing to
// lose, and does not wait. Small writes that fit into that room are written whole.
PumpResult write_without_blocking(SocketObject& self, Pump& pump, StreamTransport& transport,
                                  Bytes from) {
    constexpr std::size_t small = 512;
    PumpResult ready = pump.handshake();
    if (ready.status == Status::ok) ready = pump.flush();
    if (ready.status != Status::ok) return ready;
    if (!transport.writable()) return {Status::want_write};
    if (from.size() <= small || self.mode.datagram) return pump.write(from);

    const std::size_t first = from.size() - 1;
    const PumpResult most = pump.write(from.first(first));
    if (most.status != Status::ok || most.bytes != first || !self.session->output().empty() ||
        !transport.writable())
        return most;
    const PumpResult last = pump.write(from.subspan(first));
    return last.status == Status::ok ? PumpResult{Status::ok, from.size()} : most;
}

// Whether the stream's bytes make something to read: TLS 1.3 tickets, or the start of a record, do
// not. A stream in Python is not read here: it may report readiness wrongly, and its exceptions
// belong to the script's reads. Nor are datagrams: a refused datagram is reported once, and that
// belongs to the script's reads as well.
bool brings_something(SocketObject& self) {
    if (self.mode.datagram || mp_obj_is_instance_type(mp_obj_get_type(self.stream))) return true;
    const Outcome outcome = run(self, [](Pump& pump, StreamTransport& transport) {
        transport.set_only_when_ready(true);
        const PumpResult result = pump.poll();
        transport.set_only_when_ready(false);
        return result;
    });
    if (outcome.raised != MP_OBJ_NULL) nlr_raise(outcome.raised);
    return outcome.result.status != Status::want_read &&
           outcome.result.status != Status::want_write;
}

mp_uint_t poll(SocketObject& self, mp_uint_t events, int* errcode) {
    if (self.stream == MP_OBJ_NULL) return MP_STREAM_POLL_NVAL;
    const mp_uint_t wanted = events & poll_both;
    if (self.session == nullptr || self.busy) return wanted;
    if (self.ended) // as in MicroPython: a failed connection, and one that has only come to its end
        return self.session->error().code == Err::none || reads_as_end(self) ? wanted
                                                                             : MP_STREAM_POLL_NVAL;
    if (self.session->timeout() == 0) return wanted; // it has something to do without input

    const bool established = self.session->is_established();
    const bool pending = !self.session->output().empty();
    mp_uint_t ready = 0;
    if (established && (wanted & MP_STREAM_POLL_RD) != 0 && self.session->can_read())
        ready = MP_STREAM_POLL_RD;
    mp_uint_t ask = established ? wanted & ~ready : self.needs;
    if (pending) ask |= MP_STREAM_POLL_WR;
    if (wanted == 0 || ask == 0) return ready;

    mp_uint_t got = mp_get_stream(self.stream)
                        ->ioctl(self.stream, MP_STREAM_POLL, (events & ~poll_both) | ask, errcode);
    if (got == MP_STREAM_ERROR) return ready != 0 ? ready : got;
    // The handshake may need the other direction first. When that is ready, the script is called to
    // make the step, and may have no data yet.
    if (!established && (got & ask) != 0) {
        ready |= wanted;
    } else if (pending && (got & MP_STREAM_POLL_WR) != 0) {
        ready |= wanted;
    } else if (established) {
        if ((got & ask & MP_STREAM_POLL_RD) != 0 && !brings_something(self))
            got &= ~mp_uint_t{MP_STREAM_POLL_RD};
        ready |= got & wanted & (pending ? ~mp_uint_t{MP_STREAM_POLL_WR} : poll_both);
    }
    return ready | (got & ~poll_both);
}

void close(SocketObject& self) {
    if (self.stream == MP_OBJ_NULL) return;
    if (self.busy) raise(Err::invalid_state, "called from its own stream or callback");
    mp_obj_t raised = MP_OBJ_NULL;
    // Send close_notify only if the handshake is complete enough for the peer to read it, and only
    // if that does not block.
    if (self.session != nullptr && (self.session->is_established() || self.ended)) {
        // This is the last chance to report that bytes taken by write() are lost. A lost
        // close_notify, or the alert of a failed session, is not a loss.
        Connection& connection = *self.connection;
        const bool has_failed = self.session->error().code != Err::none;
        const bool is_told =
            connection.pump.has_failed() ? !self.failure_reported : !self.session->output().empty();
        const Outcome outcome = run(self, [](Pump& pump, StreamTransport& transport) {
            return transport.writable() ? pump.close() : PumpResult{Status::ok};
        });
        raised = outcome.raised;
        if (raised == MP_OBJ_NULL && !has_failed) raised = connection.transport.take_raised();
        if (raised == MP_OBJ_NULL && !has_failed && is_told && outcome.result.transport_failed)
            raised = exception_of(self, outcome);
    }
    release_session(self);
    const mp_obj_t stream = self.stream;
    self.raised = MP_OBJ_NULL; // to report an exception while closing
    StreamTransport transport(stream, self.raised, nullptr, self.mode);
    self.stream = MP_OBJ_NULL; // now: it must never be closed twice, whatever close() raises
    transport.close();
    if (raised == MP_OBJ_NULL) raised = transport.take_raised();
    if (raised != MP_OBJ_NULL) nlr_raise(raised);
}

Bytes bytes_of(mp_obj_t object) {
    size_t length;
    const char* data = mp_obj_str_get_data(object, &length);
    return {reinterpret_cast<const std::uint8_t*>(data), length};
}

// The peer's identity, from the script's arguments. It points into `self`.
PeerIdentity identity_of(SocketObject& self) {
    PeerIdentity peer;
    if (can.resumption && self.resumption != MP_OBJ_NULL)
        peer.resumption = bytes_of(self.resumption);
    if (can.dtls && self.client_id != MP_OBJ_NULL) peer.client_id = bytes_of(self.client_id);
    if (can.connection_id && self.connection_id != MP_OBJ_NULL)
        peer.connection_id = bytes_of(self.connection_id);
    if (self.hostname == mp_const_none) return peer;
    size_t length;
    const char* text = mp_obj_str_get_data(self.hostname, &length);
    const std::string_view name(text, length);
    self.address_size = static_cast<std::uint8_t>(x509::parse_ip_address(name, self.address));
    if (self.address_size != 0) {
        peer.ip_address = {self.address, self.address_size};
        return peer;
    }
    if (!x509::is_dns_name(name))
        raise_value_error("server_hostname must be a DNS name or an IP address");
    peer.sni = peer.dns_name = name;
    return peer;
}

// As an object that nobody can change. MP_OBJ_NULL: not a buffer.
mp_obj_t frozen(mp_obj_t buffer) {
    mp_buffer_info_t info;
    if (!mp_get_buffer(buffer, &info, MP_BUFFER_READ)) return MP_OBJ_NULL;
    if (mp_obj_is_type(buffer, &mp_type_bytes)) return buffer;
    return mp_obj_new_bytes(static_cast<const byte*>(info.buf), info.len);
}

mp_obj_t session_argument(mp_obj_t session, Role role) {
    if (session == mp_const_none) return MP_OBJ_NULL;
    if (role == Role::server) raise_value_error("session is for clients");
    if (!can.resumption) raise(Err::unsupported, "session");
    const mp_obj_t bytes = frozen(session);
    if (bytes == MP_OBJ_NULL) raise_type_error("session must be bytes");
    return bytes;
}

// RFC 6347, 4.2.1: the identifier in cookies. Invalid ones are OSErrors, as in MicroPython.
mp_obj_t client_id_argument(mp_obj_t client_id, bool is_needed) {
    if (!can.dtls || !is_needed) {
        if (client_id != mp_const_none) raise_value_error("client_id is for DTLS servers");
        return MP_OBJ_NULL;
    }
    const mp_obj_t bytes = frozen(client_id);
    const std::size_t size = bytes == MP_OBJ_NULL ? 0 : bytes_of(bytes).size();
    if (size == 0 || size > max_client_id)
        raise_os_error(Err::invalid_argument, "client_id must have 1 to 128 bytes");
    return bytes;
}

// The connection ID of a session whose context wants `size` bytes; a random one if none is given.
mp_obj_t connection_id_argument(mp_obj_t given, std::size_t size) {
    if (given == mp_const_none) {
        if (!can.connection_id || size == 0) return MP_OBJ_NULL;
        byte id[max_connection_id];
        if (!environment().random(environment().user, {id, size})) raise(Err::no_randomness);
        return mp_obj_new_bytes(id, size);
    }
    if (!can.connection_id) raise(Err::unsupported, "connection_id");
    const mp_obj_t bytes = frozen(given);
    if (bytes == MP_OBJ_NULL) raise_type_error("connection_id must be bytes");
    if (bytes_of(bytes).size() != size)
        raise_value_error("connection_id must have the context's connection_id_size");
    return bytes;
}

// MicroPython wraps a server without a certificate, which fails when a client comes. Here it has no
// session, and reports the reason when its stream has input.
bool waits_for_nothing(mp_obj_t self_in, int* errcode) {
    SocketObject& self = any_socket(self_in);
    if (self.context != nullptr || self.stream == MP_OBJ_NULL) return false;
    byte first[1];
    return mp_get_stream(self.stream)->read(self.stream, first, 1, errcode) == MP_STREAM_ERROR &&
           mp_is_nonblocking_error(*errcode);
}

bool has_credential(const Settings& settings) {
    return settings.own.chain != nullptr || (can.server_names && settings.more != nullptr) ||
           (can.psk && (settings.psk_key != nullptr || settings.server_psk_keys != MP_OBJ_NULL));
}

SocketObject* new_socket(const ContextObject& settings, OpenContext* context, mp_obj_t stream,
                         Role role, const WrapArguments& arguments) {
    const bool datagram = settings.datagram;
    auto* self = static_cast<SocketObject*>(m_malloc_with_finaliser(sizeof(SocketObject)));
    *self = {};
    self->base.type = &ussl_socket_type;
    self->needs = role == Role::client ? MP_STREAM_POLL_WR : MP_STREAM_POLL_RD;
    self->mode = {arguments.do_handshake, datagram,
                  !mp_obj_is_instance_type(mp_obj_get_type(stream))};
    self->stream = stream;
    self->hostname = arguments.server_hostname;
    self->resumption = session_argument(arguments.session, role);
    self->client_id = client_id_argument(arguments.client_id, datagram && role == Role::server);
    self->connection_id = connection_id_argument(
        arguments.connection_id, settings.connection_id != 0 ? settings.connection_id - 1u : 0);
    self->suppresses_ragged_eofs = arguments.suppress_ragged_eofs;
    self->context = context;
    if (context == nullptr) return self;

    PeerIdentity peer = identity_of(*self);
    peer.cookie_verified = arguments.cookie_verified;
    begin_account(*self);
    Connection* connection = nullptr;
    Err error = Err::no_memory;
    {
        const OwnMemory own(*self);
        if (void* memory = ussl::allocate(sizeof(Connection)); memory != nullptr) {
            connection = new (memory) Connection(self->stream, self->raised, self->mode);
            error = connection->session.open(context->context, peer).code;
            if (error != Err::none) ussl::release(connection);
        }
    }
    if (error != Err::none) {
        // First: the collector may run while the exception is made, and a compiler may by then keep
        // only a pointer to the account, which the collector does not recognise.
        end_account(*self);
        nlr_raise(exception_of(*self, error));
    }
    self->session = &connection->session;
    self->connection = connection;
    add_session(*context);
    return self;
}

// On a non-blocking stream this waits, too, as in the interpreters' own modules.
void complete_handshake(SocketObject& self) {
    for (;;) {
        const Outcome outcome =
            run(self, [](Pump& pump, StreamTransport&) { return pump.handshake(); });
        const PumpResult& result = outcome.result;
        if (outcome.raised == MP_OBJ_NULL) {
            if (result.status == Status::ok) return;
            if (result.status == Status::want_read || result.status == Status::want_write) {
                USSL_WAIT_A_LITTLE();
                continue;
            }
        }
        const mp_obj_t exception = exception_of(self, outcome);
        self.stream = MP_OBJ_NULL; // still the script's
        release_session(self);
        nlr_raise(exception);
    }
}

} // namespace

bool is_stream(mp_obj_t object) {
    const mp_stream_p_t* protocol = USSL_STREAM_PROTOCOL(mp_obj_get_type(object));
    return protocol != nullptr && protocol->read != nullptr && protocol->write != nullptr &&
           protocol->ioctl != nullptr;
}

static bool finds_reserved_memory() {
#if !USSL_HEAP_IS_MALLOC
    return has_free_arena();
#else
    return false;
#endif
}

mp_obj_t wrap(ContextObject& context, mp_obj_t stream, const WrapArguments& arguments) {
    if (!is_stream(stream)) raise_type_error("a stream is needed");
    if (arguments.server_side && context.roles == Roles::client)
        raise_value_error("server_side needs a context for servers");
    // As in MicroPython, a context for servers makes servers, with or without server_side.
    const Role role =
        arguments.server_side || context.roles == Roles::server ? Role::server : Role::client;
    if (arguments.server_hostname != mp_const_none) {
        if (!mp_obj_is_str_or_bytes(arguments.server_hostname))
            raise_type_error("server_hostname must be a str");
        if (role == Role::server) raise_value_error("server_hostname is for clients");
    }
    if (!finds_reserved_memory()) make_room_for_session();
    const bool may_open =
        role == Role::client || arguments.do_handshake || has_credential(context.settings);
    SocketObject* self =
        new_socket(context, may_open ? open_for(context, role) : nullptr, stream, role, arguments);
    self->verifies = context.verify_mode != cert_none;
    if (arguments.do_handshake) complete_handshake(*self);
    return MP_OBJ_FROM_PTR(self);
}

mp_obj_t wrap_client(ContextObject& context, mp_obj_t stream, mp_obj_t client_id,
                     mp_obj_t connection_id) {
    return wrap(context, stream,
                {true, false, context.suppress_ragged_eofs, mp_const_none, mp_const_none, client_id,
                 connection_id, true});
}

bool carry_on(mp_obj_t socket) {
    SocketObject& self = open_socket(socket);
    const Outcome outcome =
        run(self, [](Pump& pump, StreamTransport&) { return pump.handshake(); });
    if (outcome.raised == MP_OBJ_NULL) {
        if (outcome.result.status == Status::ok) return true;
        if (outcome.result.status == Status::want_read ||
            outcome.result.status == Status::want_write)
            return false;
    }
    nlr_raise(exception_of(self, outcome));
}

bool is_due(mp_obj_t socket) {
    selected::Session& session = *open_socket(socket).session;
    return session.timeout() == 0 || !session.output().empty();
}

bool has_connection_id(mp_obj_t socket) {
    const selected::Session* const session = any_socket(socket).session;
    return session != nullptr && !session->connection_id().empty();
}

bool shows_address(mp_obj_t socket) {
    const selected::Session* const session = any_socket(socket).session;
    return session != nullptr && session->is_newest();
}

bool is_busy(mp_obj_t socket) { return any_socket(socket).busy; }

void abandon(mp_obj_t socket) {
    release_session(any_socket(socket));
    any_socket(socket).stream = MP_OBJ_NULL;
}

} // namespace ussl::binding

using namespace ussl::binding;
using ussl::Status;

mp_uint_t ussl_socket_read(mp_obj_t self_in, void* buffer, mp_uint_t size, int* errcode) {
    if (waits_for_nothing(self_in, errcode)) return MP_STREAM_ERROR;
    SocketObject& self = open_socket(self_in);
    const ussl::MutableBytes into{static_cast<std::uint8_t*>(buffer), size};
    const Outcome outcome =
        run(self, [into](Pump& pump, StreamTransport&) { return pump.read(into); });
    const Reading before = self.reading;
    self.reading = Reading::no;
    if (outcome.raised == MP_OBJ_NULL) {
        if (outcome.result.status == Status::ok) {
            self.reading = before == Reading::no ? Reading::no : Reading::something;
            return outcome.result.bytes;
        }
        if (outcome.result.status == Status::closed || reads_as_end(self)) return 0;
        // The method returns what it has read so far, as if there were nothing more for now; the
        // next one reports the failure.
        if (before == Reading::something) {
            *errcode = MP_EAGAIN;
            return MP_STREAM_ERROR;
        }
    }
    return report(self, outcome,
                  outcome.result.status == Status::want_write ? USSL_READ_WAITS_TO_WRITE
                                                              : MP_EAGAIN,
                  errcode);
}

mp_uint_t ussl_socket_write(mp_obj_t self_in, const void* buffer, mp_uint_t size, int* errcode) {
    if (waits_for_nothing(self_in, errcode)) return MP_STREAM_ERROR;
    SocketObject& self = open_socket(self_in);
    const ussl::Bytes from{static_cast<const std::uint8_t*>(buffer), size};
    const Outcome outcome = run(self, [&self, from](Pump& pump, StreamTransport& transport) {
        return self.non_blocking ? write_without_blocking(self, pump, transport, from)
                                 : pump.write(from);
    });
    if (outcome.raised == MP_OBJ_NULL && outcome.result.status == Status::ok)
        return outcome.result.bytes;
    return report(self, outcome,
                  outcome.result.status == Status::want_read ? USSL_WRITE_WAITS_TO_READ : MP_EAGAIN,
                  errcode);
}

mp_uint_t ussl_socket_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int* errcode) {
    SocketObject& self = any_socket(self_in);
    switch (request) {
    case MP_STREAM_CLOSE: close(self); return 0;
    case MP_STREAM_POLL: return poll(self, arg, errcode);
    case MP_STREAM_FLUSH: {
        const Outcome outcome =
            run(open_socket(self_in), [](Pump& pump, StreamTransport&) { return pump.flush(); });
        if (outcome.raised == MP_OBJ_NULL && outcome.result.status == Status::ok) return 0;
        return report(self, outcome, MP_EAGAIN, errcode);
    }
    case MP_STREAM_GET_FILENO:
        if (USSL_PASS_FILENO && self.stream != MP_OBJ_NULL)
            return mp_get_stream(self.stream)->ioctl(self.stream, request, arg, errcode);
        [[fallthrough]];
    default: *errcode = self.stream == MP_OBJ_NULL ? MP_EBADF : MP_EINVAL; return MP_STREAM_ERROR;
    }
}

// The interpreter's methods read until they have everything that was requested, and drop it if a
// read fails.
static mp_obj_t read_by(size_t n_args, const mp_obj_t* args, const void* method) {
    SocketObject& self = any_socket(args[0]);
    if (!self.busy) self.reading = Reading::nothing_yet;
    const mp_obj_t result =
        mp_call_function_n_kw(MP_OBJ_FROM_PTR(const_cast<void*>(method)), n_args, 0, args);
    self.reading = Reading::no;
    return result;
}
static bool is_datagram(mp_obj_t socket) { return can.dtls && any_socket(socket).mode.datagram; }
mp_obj_t ussl_socket_read_method(size_t n_args, const mp_obj_t* args) {
    if (!is_datagram(args[0])) return read_by(n_args, args, &mp_stream_read_obj);
    if (n_args < 2 || mp_obj_get_int(args[1]) < 0)
        raise_value_error("pass a size: a datagram is read as a whole");
    return read_by(n_args, args, &mp_stream_read1_obj);
}
mp_obj_t ussl_socket_readinto(size_t n_args, const mp_obj_t* args) {
    if (!is_datagram(args[0])) return read_by(n_args, args, &mp_stream_readinto_obj);
    mp_buffer_info_t info;
    mp_get_buffer_raise(args[1], &info, MP_BUFFER_WRITE);
    std::size_t size = info.len;
    if (n_args > 2) {
        const mp_int_t wanted = mp_obj_get_int(args[2]);
        if (wanted < 0) raise_value_error("size must not be negative");
        if (static_cast<std::size_t>(wanted) < size) size = static_cast<std::size_t>(wanted);
    }
    int errcode = 0;
    const mp_uint_t count = ussl_socket_read(args[0], info.buf, size, &errcode);
    if (count != MP_STREAM_ERROR) return mp_obj_new_int_from_uint(count);
    if (mp_is_nonblocking_error(errcode)) return mp_const_none;
    mp_raise_OSError(errcode);
}
mp_obj_t ussl_socket_readline(size_t n_args, const mp_obj_t* args) {
    if (is_datagram(args[0])) raise(ussl::Err::unsupported, "readline: datagrams have no lines");
    return read_by(n_args, args, &mp_stream_unbuffered_readline_obj);
}

mp_obj_t ussl_socket_setblocking(mp_obj_t self_in, mp_obj_t flag) {
    SocketObject& self = any_socket(self_in);
    if (self.context != nullptr || self.stream == MP_OBJ_NULL) open_socket(self_in); // may raise
    mp_obj_t call[3];
    mp_load_method(self.stream, MP_QSTR_setblocking, call);
    call[2] = flag;
    const mp_obj_t result = mp_call_method_n_kw(1, 0, call);
    self.non_blocking = !mp_obj_is_true(flag);
    self.mode.blocking = !self.non_blocking;
    return result;
}

mp_obj_t ussl_socket_fileno(mp_obj_t self) {
    mp_obj_t call[2];
    mp_load_method(open_socket(self).stream, MP_QSTR_fileno, call);
    return mp_call_method_n_kw(0, 0, call);
}

mp_obj_t ussl_socket_exit(size_t, const mp_obj_t* args) {
    close(any_socket(args[0]));
    return mp_const_none;
}

// For a socket that nobody closed: its stream is not closed, as a script may still use it.
mp_obj_t ussl_socket_finalise(mp_obj_t self) {
    if (!any_socket(self).busy) release_session(any_socket(self));
    return mp_const_none;
}

mp_obj_t ussl_socket_cipher(mp_obj_t self) {
    const ussl::selected::Session& session = *open_socket(self).session;
    if (!session.is_established()) return mp_const_none;
    const std::string_view suite = ussl::suite_name(session.suite());
    mp_obj_t pair[] = {mp_obj_new_str(suite.data(), suite.size()), ussl_socket_version(self)};
    return mp_obj_new_tuple(2, pair);
}

mp_obj_t ussl_socket_version(mp_obj_t self) {
    const std::string_view name = ussl::name_of(open_socket(self).session->version());
    return name.empty() ? mp_const_none : mp_obj_new_str(name.data(), name.size());
}

mp_obj_t ussl_socket_getpeercert(size_t n_args, const mp_obj_t* args, mp_map_t* kw_args) {
    static const mp_arg_t allowed[] = {{MP_QSTR_binary_form, MP_ARG_BOOL, {.u_bool = false}}};
    mp_arg_val_t binary_form;
    mp_arg_parse_all(n_args - 1, args + 1, kw_args, 1, allowed, &binary_form);
    const SocketObject& self = open_socket(args[0]);
    const ussl::Bytes certificate = self.session->peer_certificate();
    if (certificate.empty()) return mp_const_none;
    if (binary_form.u_bool) return mp_obj_new_bytes(certificate.data(), certificate.size());
    // As in CPython: programs trust what such a dictionary contains.
    const bool proven = self.verifies && self.session->is_established();
    return proven ? describe(certificate) : mp_obj_new_dict(0);
}

mp_obj_t ussl_socket_selected_alpn_protocol(mp_obj_t self) {
    const ussl::selected::Session& session = *open_socket(self).session;
    const std::string_view name = can.alpn ? session.alpn() : std::string_view{};
    if (name.empty()) return mp_const_none;
    // RFC 7301, 6: names may be any bytes, such as browsers' GREASE values.
    return USSL_IS_TEXT(name.data(), name.size())
               ? mp_obj_new_str(name.data(), name.size())
               : mp_obj_new_bytes(reinterpret_cast<const byte*>(name.data()), name.size());
}

mp_obj_t ussl_socket_max_fragment_length(mp_obj_t self) {
    return mp_obj_new_int_from_uint(open_socket(self).session->max_fragment_length());
}

mp_obj_t ussl_socket_export_keying_material(size_t n_args, const mp_obj_t* args) {
    ussl::selected::Session& session = *open_socket(args[0]).session;
    if (!can.exporter) raise(ussl::Err::unsupported, "export_keying_material");
    size_t label_size;
    const char* label = mp_obj_str_get_data(args[1], &label_size);
    const mp_int_t size = mp_obj_get_int(args[2]);
    if (size <= 0 || size > 255) raise_value_error("1 to 255 bytes can be exported");
    ussl::Bytes context;
    if (n_args > 3 && args[3] != mp_const_none) {
        mp_buffer_info_t info;
        mp_get_buffer_raise(args[3], &info, MP_BUFFER_READ);
        context = {static_cast<const std::uint8_t*>(info.buf), info.len};
    }
    std::uint8_t out[255];
    const ussl::MutableBytes material(out, static_cast<std::size_t>(size));
    if (const ussl::Err error =
            session.export_keying_material(material, {label, label_size}, context);
        error != ussl::Err::none)
        raise(error);
    const mp_obj_t result = mp_obj_new_bytes(out, material.size());
    ussl::wipe(material);
    return result;
}

// A client's data for resumption; None: none (yet).
static mp_obj_t resumption_object(SocketObject& self) {
    if (!can.resumption) return mp_const_none;
    const std::size_t size = self.session->resumption_data({});
    if (size == 0) return mp_const_none;
    auto* data = static_cast<byte*>(m_malloc(size));
    const std::size_t got = self.session->resumption_data({data, size});
    const mp_obj_t result = got == size ? mp_obj_new_bytes(data, size) : mp_const_none;
    ussl::wipe({data, size});
    USSL_FREE(data, size);
    return result;
}

// None: there is none.
static mp_obj_t id_object(const ussl::Bytes& id) {
    return id.empty() ? mp_const_none : mp_obj_new_bytes(id.data(), id.size());
}

// Also called when finalisers are looked up.
void ussl_socket_attr(mp_obj_t self_in, qstr attr, mp_obj_t* dest) {
    if (dest[0] != MP_OBJ_NULL) return; // read-only
    if (attr == MP_QSTR_session) {
        dest[0] = resumption_object(open_socket(self_in));
        return;
    }
    if (attr == MP_QSTR_truncated) { // also after close()
        const End end = any_socket(self_in).end;
        dest[0] = end == End::not_yet ? mp_const_none : mp_obj_new_bool(end == End::truncated);
        return;
    }
    if (can.dtls && attr == MP_QSTR_peer_restarts) {
        dest[0] = mp_obj_new_bool(open_socket(self_in).session->peer_restarts());
        return;
    }
    if (can.connection_id && attr == MP_QSTR_connection_id) {
        dest[0] = id_object(open_socket(self_in).session->connection_id());
        return;
    }
    if (can.connection_id && attr == MP_QSTR_peer_connection_id) {
        dest[0] = id_object(open_socket(self_in).session->peer_connection_id());
        return;
    }
    if (can.connection_id && attr == MP_QSTR_is_newest) {
        dest[0] = mp_obj_new_bool(open_socket(self_in).session->is_newest());
        return;
    }
    if (can.connection_id && attr == MP_QSTR_client_address) {
        const mp_obj_t address = address_of_client(open_socket(self_in).stream);
        if (address != MP_OBJ_NULL) dest[0] = address;
        return;
    }
    if (attr == MP_QSTR_session_reused) {
        dest[0] = mp_obj_new_bool(open_socket(self_in).session->is_resumed());
        return;
    }
    if (can.dtls && any_socket(self_in).mode.datagram) {
        const mp_map_elem_t* member = mp_map_lookup(
            const_cast<mp_map_t*>(&ussl_datagram_locals.map), MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
        if (member != nullptr) {
            mp_convert_member_lookup(self_in, &ussl_socket_type, member->value, dest);
            return;
        }
    }
    USSL_CONTINUE_LOOKUP(self_in, &ussl_socket_type, ussl_socket_locals, attr, dest);
}
