// DatagramServer: a DTLS server with many clients on one socket. A ussl::DatagramListener answers
// unverified clients. A client with a verified cookie gets a stream of its datagrams, and an
// SSLSocket over it.
#include "context.hpp"
#include "environment.hpp"
#include "errors.hpp"
#include "module.h"
#include "socket.hpp"

#include "ussl/connection_id.hpp"
#include "ussl/datagram_listener.hpp"
#include "ussl/selected_backend.hpp"

#include <new>

namespace ussl::binding {
namespace {

constexpr std::size_t most_queued =
    16; // datagrams for a client; further ones are lost, as with sockets
constexpr std::size_t largest_datagram = 1600;
constexpr std::size_t hellos_in_pieces = 4; // at a time
constexpr unsigned most_at_once = 64;       // datagrams, before others get their turn
constexpr mp_int_t default_clients = 16;

struct ServerObject;

// The datagrams of a client, as a stream.
struct ClientObject {
    mp_obj_base_t base;
    ServerObject* server;   // null once closed
    mp_obj_t address;       // as recvfrom() gives it
    mp_obj_t id;            // the address as bytes
    mp_obj_t connection_id; // of the session; None: it has none
    mp_obj_t socket;        // MP_OBJ_NULL: no session yet
    ClientObject* before;   // from the same address, to be released: the client has restarted
    ClientObject* next;     // in ServerObject::arriving
    bool is_ready;          // for accept()
    bool is_over;           // the client has restarted
    std::uint8_t first, count;
    mp_obj_t queue[most_queued];
#if USSL_CONNECTION_ID
    mp_obj_t senders[most_queued]; // their addresses
    mp_obj_t last_sender;          // of the datagram that was read last; MP_OBJ_NULL: nothing to do
#endif
    std::uint8_t random[DatagramListener::random_size]; // of its ClientHello
};

struct ServerObject {
    mp_obj_base_t base;
    mp_obj_t stream; // MP_OBJ_NULL once closed
    ContextObject* context;
    mp_obj_dict_t* clients; // by id
    mp_obj_dict_t* clients_by_connection_id;
    std::size_t places_taken;
    ClientObject* arriving; // not returned by accept() yet
    DatagramListener::Pieces* pieces;
    std::size_t most_clients;
    bool waits;
    bool busy; // a call is running: Python code may call back
    DatagramListener listener;
};

ServerObject& server_of(mp_obj_t self) { return *static_cast<ServerObject*>(MP_OBJ_TO_PTR(self)); }

ServerObject& open_server(mp_obj_t self_in) {
    ServerObject& self = server_of(self_in);
    if (self.stream == MP_OBJ_NULL) raise_closed();
    if (self.busy) raise(Err::invalid_state, "called from its own socket or callback");
    return self;
}

ClientObject& client_of(mp_obj_t self) { return *static_cast<ClientObject*>(MP_OBJ_TO_PTR(self)); }

Bytes contents_of_bytes(mp_obj_t bytes) {
    size_t size;
    const char* data = mp_obj_str_get_data(bytes, &size);
    return {reinterpret_cast<const std::uint8_t*>(data), size};
}

// The exception of Python code: whether it is an OSError, and its number, else 0.
bool is_os_error(mp_obj_t raised, int& number) {
    if (!mp_obj_is_subclass_fast(MP_OBJ_FROM_PTR(mp_obj_get_type(raised)),
                                 MP_OBJ_FROM_PTR(&mp_type_OSError)))
        return false;
    const mp_obj_t value = mp_obj_exception_get_value(raised);
    number = mp_obj_is_small_int(value) ? static_cast<int>(MP_OBJ_SMALL_INT_VALUE(value)) : 0;
    return true;
}

// Runs `body`; returns its exception, or MP_OBJ_NULL. `body` must not change locals of its caller.
template<class Body>
mp_obj_t catch_raised(const Body& body) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) != 0) return MP_OBJ_FROM_PTR(nlr.ret_val);
    body();
    nlr_pop();
    return MP_OBJ_NULL;
}

// --- The socket ---

mp_uint_t poll_stream(ServerObject& self, mp_uint_t events) {
    int errcode;
    const mp_uint_t ready =
        mp_get_stream(self.stream)->ioctl(self.stream, MP_STREAM_POLL, events, &errcode);
    return ready == MP_STREAM_ERROR ? 0 : ready;
}

void send_to(ServerObject& self, Bytes datagram, mp_obj_t address) {
    mp_obj_t call[4];
    mp_load_method(self.stream, MP_QSTR_sendto, call);
    call[2] = mp_obj_new_bytes(datagram.data(), datagram.size());
    call[3] = address;
    mp_call_method_n_kw(2, 0, call);
}

// --- Clients ---

ClientObject* find_client(const ServerObject& self, mp_obj_t id) {
    const mp_map_elem_t* found = mp_map_lookup(&self.clients->map, id, MP_MAP_LOOKUP);
    return found == nullptr ? nullptr : &client_of(found->value);
}

// Allocates nothing.
void remove_arriving(ServerObject& self, const ClientObject& client) {
    for (ClientObject** at = &self.arriving; *at != nullptr; at = &(*at)->next) {
        if (*at != &client) continue;
        *at = client.next;
        return;
    }
}

// Frees its place; then it has no server.
void remove_client(ClientObject& client) {
    if (client.server == nullptr) return;
    ServerObject& self = *client.server;
    client.server = nullptr;
    --self.places_taken;
    remove_arriving(self, client);
    if (client.connection_id != mp_const_none)
        mp_map_lookup(&self.clients_by_connection_id->map, client.connection_id,
                      MP_MAP_LOOKUP_REMOVE_IF_FOUND);
    if (find_client(self, client.id) == &client)
        mp_map_lookup(&self.clients->map, client.id, MP_MAP_LOOKUP_REMOVE_IF_FOUND);
}

void queue_datagram(ClientObject& client, Bytes datagram, [[maybe_unused]] mp_obj_t sender) {
    if (datagram.empty() || client.count == most_queued) return;
    const mp_obj_t bytes = mp_obj_new_bytes(datagram.data(), datagram.size());
    const std::size_t at = (client.first + client.count) % most_queued;
    client.queue[at] = bytes;
#if USSL_CONNECTION_ID
    client.senders[at] = sender;
#endif
    ++client.count;
}

std::size_t connection_id_size(const ServerObject& self) {
    return self.context->connection_id != 0 ? self.context->connection_id - 1u : 0;
}

// One that no other client has. None: the context wants none. MP_OBJ_NULL: most short ones are
// taken.
mp_obj_t new_connection_id(const ServerObject& self) {
    const std::size_t size = selected::capabilities.connection_id ? connection_id_size(self) : 0;
    if (size == 0) return mp_const_none;
    for (int tries = 0; tries < 32; ++tries) {
        byte id[max_connection_id];
        if (!environment().random(environment().user, {id, size})) return MP_OBJ_NULL;
        const mp_obj_t bytes = mp_obj_new_bytes(id, size);
        if (mp_map_lookup(&self.clients_by_connection_id->map, bytes, MP_MAP_LOOKUP) == nullptr)
            return bytes;
    }
    return MP_OBJ_NULL;
}

// For a client with a verified cookie, in another ClientHello than that of its session, if it has
// one.
ClientObject* add_client(ServerObject& self, mp_obj_t address, mp_obj_t id, ClientObject* before) {
    if (before == nullptr && self.places_taken >= self.most_clients) return nullptr;
    if (before != nullptr && before->socket == MP_OBJ_NULL) { // it has not started
        before->count = 0;
        return before;
    }
    const mp_obj_t connection_id = new_connection_id(self);
    if (connection_id == MP_OBJ_NULL) return nullptr;
    auto* client = m_new_obj(ClientObject);
    *client = {};
    client->base.type = &ussl_datagram_client_type;
    client->server = &self;
    client->address = address;
    client->id = id;
    client->connection_id = connection_id;
    client->socket = MP_OBJ_NULL;
    client->before = before;
    mp_obj_dict_store(MP_OBJ_FROM_PTR(self.clients), id, MP_OBJ_FROM_PTR(client));
    if (connection_id != mp_const_none)
        mp_obj_dict_store(MP_OBJ_FROM_PTR(self.clients_by_connection_id), connection_id,
                          MP_OBJ_FROM_PTR(client));
    ++self.places_taken;
    if (before != nullptr) before->is_over = true;
    client->next = self.arriving;
    self.arriving = client;
    return client;
}

void receive_datagram(ServerObject& self, mp_obj_t datagram, mp_obj_t address, mp_obj_t id) {
    using Action = DatagramListener::Action;
    const Bytes bytes = contents_of_bytes(datagram);
    if (selected::capabilities.connection_id) {
        const Bytes its_id = connection_id_of(bytes, connection_id_size(self));
        if (!its_id.empty()) {
            const mp_map_elem_t* found =
                mp_map_lookup(&self.clients_by_connection_id->map,
                              mp_obj_new_bytes(its_id.data(), its_id.size()), MP_MAP_LOOKUP);
            if (found != nullptr) queue_datagram(client_of(found->value), bytes, address);
            return;
        }
    }
    const Action action = self.listener.receive(bytes, contents_of_bytes(id));
    ClientObject* client = find_client(self, id);
    switch (action) {
    case Action::drop: return;
    case Action::answer: {
        const mp_obj_t raised =
            catch_raised([&] { send_to(self, self.listener.answer(), address); });
        int number;
        if (raised != MP_OBJ_NULL && !is_os_error(raised, number)) nlr_raise(raised);
        return; // otherwise it is lost, as datagrams are
    }
    case Action::accept:
        if (client == nullptr ||
            !equal({client->random, sizeof client->random}, self.listener.random())) {
            // With a connection ID the old session goes on: another client may have its address
            // now.
            if (client != nullptr && client->socket != MP_OBJ_NULL &&
                has_connection_id(client->socket))
                client = nullptr;
            client = add_client(self, address, id, client);
            if (client == nullptr) return;
            std::memcpy(client->random, self.listener.random().data(), sizeof client->random);
        }
        queue_datagram(*client, self.listener.hello(), address);
        return;
    case Action::deliver:
        if (client != nullptr) queue_datagram(*client, bytes, address);
        return;
    }
}

// An address as bytes: on some ports it is that, on others a tuple.
mp_obj_t id_of(mp_obj_t address) {
    if (mp_obj_is_type(address, &mp_type_bytes)) return address;
    vstr_t text;
    mp_print_t print;
    vstr_init_print(&text, 32, &print);
    mp_obj_print_helper(&print, address, PRINT_REPR);
    return mp_obj_new_bytes(reinterpret_cast<const byte*>(text.buf), text.len);
}

// Receives what the socket has, without waiting.
void take_datagrams(ServerObject& self) {
    for (unsigned n = 0;
         n < most_at_once && (poll_stream(self, MP_STREAM_POLL_RD) & MP_STREAM_POLL_RD) != 0; ++n) {
        mp_obj_t call[3];
        mp_load_method(self.stream, MP_QSTR_recvfrom, call);
        call[2] = MP_OBJ_NEW_SMALL_INT(largest_datagram);
        mp_obj_t* pair;
        mp_obj_get_array_fixed_n(mp_call_method_n_kw(1, 0, call), 2, &pair);
        if (!mp_obj_is_type(pair[0], &mp_type_bytes))
            raise_type_error("recvfrom() must return bytes");
        receive_datagram(self, pair[0], pair[1], id_of(pair[1]));
    }
}

// Continues the handshakes of new clients. A failed one is forgotten, whatever its client did;
// other exceptions are raised.
void carry_on_handshakes(ServerObject& self) {
    for (ClientObject *client = self.arriving, *next; client != nullptr; client = next) {
        next = client->next;
        if (client->is_ready) continue;
        if (client->before != nullptr) {
            if (is_busy(client->before->socket)) continue;
            abandon(client->before->socket);
            remove_client(*client->before);
            client->before = nullptr;
        }
        const mp_obj_t raised = catch_raised([client, &self] {
            if (client->socket == MP_OBJ_NULL)
                client->socket = wrap_client(*self.context, MP_OBJ_FROM_PTR(client), client->id,
                                             client->connection_id);
            else if (client->count == 0 && !is_due(client->socket))
                return;
            client->is_ready = carry_on(client->socket);
        });
        if (raised == MP_OBJ_NULL) continue;
        if (client->socket != MP_OBJ_NULL) abandon(client->socket);
        remove_client(*client);
        int number;
        if (!is_os_error(raised, number)) nlr_raise(raised);
    }
}

// Runs `body` while nobody else may use the server.
template<class Body>
void alone(ServerObject& self, const Body& body) {
    self.busy = true;
    const mp_obj_t raised = catch_raised(body);
    self.busy = false;
    if (raised != MP_OBJ_NULL) nlr_raise(raised);
}

// Returns a client for accept().
ClientObject* next_client(ServerObject& self) {
    alone(self, [&self] {
        take_datagrams(self);
        carry_on_handshakes(self);
    });
    for (ClientObject* client = self.arriving; client != nullptr; client = client->next)
        if (client->is_ready && !client->is_over) return client;
    return nullptr;
}

// RFC 9146, 6: the client has moved to the address that its newest authentic datagram came from.
void follow([[maybe_unused]] ClientObject& client) {
#if USSL_CONNECTION_ID
    const mp_obj_t address = client.last_sender;
    client.last_sender = MP_OBJ_NULL;
    if (address == MP_OBJ_NULL || client.server == nullptr || client.socket == MP_OBJ_NULL ||
        !shows_address(client.socket))
        return;
    const mp_obj_t id = id_of(address);
    if (mp_obj_equal(id, client.id)) return;
    ServerObject& self = *client.server;
    if (find_client(self, client.id) == &client)
        mp_map_lookup(&self.clients->map, client.id, MP_MAP_LOOKUP_REMOVE_IF_FOUND);
    client.id = id;
    client.address = address;
    // Otherwise another client has been there: this one is found by its connection ID alone.
    if (find_client(self, id) == nullptr)
        mp_obj_dict_store(MP_OBJ_FROM_PTR(self.clients), id, MP_OBJ_FROM_PTR(&client));
#endif
}

// For a client whose queue is empty.
void look_for_more(ClientObject& client) {
    ServerObject* const self = client.server;
    if (client.count != 0 || self == nullptr || self->busy) return;
    alone(*self, [self] { take_datagrams(*self); });
}

void close_server(ServerObject& self) {
    if (self.stream == MP_OBJ_NULL) return;
    // Closes accepted clients with close_notify.
    for (const mp_map_t* map : {&self.clients->map, &self.clients_by_connection_id->map}) {
        for (std::size_t i = 0; i < map->alloc; ++i) {
            if (!mp_map_slot_is_filled(map, i)) continue;
            ClientObject& client = client_of(map->table[i].value);
            if (client.socket != MP_OBJ_NULL)
                catch_raised([&client] { mp_stream_close(client.socket); });
            remove_client(client);
        }
    }
    self.listener.close();
    const mp_obj_t stream = self.stream;
    self.stream = MP_OBJ_NULL;
    mp_stream_close(stream);
}

} // namespace

mp_obj_t address_of_client(mp_obj_t stream) {
    if (!mp_obj_is_type(stream, &ussl_datagram_client_type)) return MP_OBJ_NULL;
    follow(client_of(stream));
    return client_of(stream).address;
}

} // namespace ussl::binding

using namespace ussl::binding;

mp_obj_t ussl_datagram_server_make_new(const mp_obj_type_t* type, size_t n_args, size_t n_kw,
                                       const mp_obj_t* args) {
    enum { sock, context, max_clients };
    static const mp_arg_t allowed[] = {
        {MP_QSTR_sock, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_context, MP_ARG_REQUIRED | MP_ARG_OBJ, {.u_obj = MP_OBJ_NULL}},
        {MP_QSTR_max_clients, MP_ARG_INT, {.u_int = default_clients}},
    };
    mp_arg_val_t values[3];
    mp_arg_parse_all_kw_array(n_args, n_kw, args, 3, allowed, values);
    const mp_obj_t stream = values[sock].u_obj;
    if (!is_stream(stream)) raise_type_error("a UDP socket is needed");
    if (!mp_obj_is_type(values[context].u_obj, &ussl_context_type))
        raise_type_error("an SSLContext is needed");
    auto& settings = *static_cast<ContextObject*>(MP_OBJ_TO_PTR(values[context].u_obj));
    if (!settings.datagram || settings.roles != Roles::server)
        raise_value_error("a context of PROTOCOL_DTLS_SERVER is needed");
    if (values[max_clients].u_int <= 0) raise_value_error("max_clients must be positive");
    open_for(settings, ussl::Role::server); // raises if the settings are invalid

    auto* self = static_cast<ServerObject*>(m_malloc_with_finaliser(sizeof(ServerObject)));
    self->base.type = type;
    self->stream = MP_OBJ_NULL; // until everything is set
    new (&self->listener) ussl::DatagramListener();
    self->context = &settings;
    self->arriving = nullptr;
    self->most_clients = static_cast<std::size_t>(values[max_clients].u_int);
    self->waits = true;
    self->busy = false;
    self->clients = static_cast<mp_obj_dict_t*>(MP_OBJ_TO_PTR(mp_obj_new_dict(0)));
    self->clients_by_connection_id = static_cast<mp_obj_dict_t*>(MP_OBJ_TO_PTR(mp_obj_new_dict(0)));
    self->places_taken = 0;
    self->pieces = m_new(ussl::DatagramListener::Pieces, hellos_in_pieces);
    if (const ussl::Err error = self->listener.open(ussl::selected::backend(), environment(),
                                                    {self->pieces, hellos_in_pieces});
        error != ussl::Err::none)
        raise(error);
    self->stream = stream;
    return MP_OBJ_FROM_PTR(self);
}

mp_obj_t ussl_datagram_server_accept(mp_obj_t self_in) {
    for (;;) {
        ServerObject& self = open_server(self_in);
        if (ClientObject* const client = next_client(self); client != nullptr) {
            remove_arriving(self, *client);
            mp_obj_t pair[] = {client->socket, client->address};
            return mp_obj_new_tuple(2, pair);
        }
        if (!self.waits) mp_raise_OSError(MP_EAGAIN);
        USSL_WAIT_A_LITTLE();
    }
}

mp_obj_t ussl_datagram_server_setblocking(mp_obj_t self, mp_obj_t flag) {
    open_server(self).waits = mp_obj_is_true(flag);
    return mp_const_none;
}

mp_obj_t ussl_datagram_server_exit(size_t, const mp_obj_t* args) {
    mp_stream_close(args[0]);
    return mp_const_none;
}

// The socket is not closed: a script may still use it.
mp_obj_t ussl_datagram_server_finalise(mp_obj_t self) {
    server_of(self).listener.close();
    return mp_const_none;
}

mp_uint_t ussl_datagram_server_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg,
                                     int* errcode) {
    ServerObject& self = server_of(self_in);
    switch (request) {
    case MP_STREAM_CLOSE:
        if (self.stream != MP_OBJ_NULL) close_server(open_server(self_in));
        return 0;
    case MP_STREAM_POLL: {
        if (self.stream == MP_OBJ_NULL) return MP_STREAM_POLL_NVAL;
        if (self.busy || (arg & MP_STREAM_POLL_RD) == 0) return 0;
        return next_client(self) != nullptr ? MP_STREAM_POLL_RD : 0;
    }
    case MP_STREAM_GET_FILENO:
        if (USSL_PASS_FILENO && self.stream != MP_OBJ_NULL)
            return mp_get_stream(self.stream)->ioctl(self.stream, request, arg, errcode);
        [[fallthrough]];
    default: *errcode = self.stream == MP_OBJ_NULL ? MP_EBADF : MP_EINVAL; return MP_STREAM_ERROR;
    }
}

// --- A client's datagrams, as the stream of its SSLSocket ---

mp_uint_t ussl_datagram_client_read(mp_obj_t self_in, void* buffer, mp_uint_t size, int* errcode) {
    ClientObject& self = client_of(self_in);
    follow(self);
    look_for_more(self);
    if (self.is_over) {
        *errcode = MP_ECONNRESET;
        return MP_STREAM_ERROR;
    }
    if (self.count == 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    const ussl::Bytes datagram = contents_of_bytes(self.queue[self.first]);
    const std::size_t count = datagram.size() < size ? datagram.size() : size;
    std::memcpy(buffer, datagram.data(), count);
    self.queue[self.first] = MP_OBJ_NULL;
#if USSL_CONNECTION_ID
    self.last_sender = self.senders[self.first];
    self.senders[self.first] = MP_OBJ_NULL;
#endif
    self.first = static_cast<std::uint8_t>((self.first + 1) % most_queued);
    --self.count;
    return count;
}

mp_uint_t ussl_datagram_client_write(mp_obj_t self_in, const void* buffer, mp_uint_t size,
                                     int* errcode) {
    ClientObject& self = client_of(self_in);
    if (self.server == nullptr || self.is_over) {
        *errcode = self.is_over ? MP_ECONNRESET : MP_EBADF;
        return MP_STREAM_ERROR;
    }
    const mp_obj_t raised = catch_raised([&self, buffer, size] {
        follow(self);
        send_to(*self.server, {static_cast<const std::uint8_t*>(buffer), size}, self.address);
    });
    if (raised == MP_OBJ_NULL) return size;
    if (!is_os_error(raised, *errcode) || *errcode == 0) nlr_raise(raised);
    return MP_STREAM_ERROR;
}

mp_uint_t ussl_datagram_client_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg,
                                     int* errcode) {
    ClientObject& self = client_of(self_in);
    switch (request) {
    case MP_STREAM_CLOSE: remove_client(self); return 0;
    case MP_STREAM_POLL: {
        if ((arg & MP_STREAM_POLL_RD) != 0) look_for_more(self);
        if (self.is_over) return arg & (MP_STREAM_POLL_RD | MP_STREAM_POLL_WR);
        if (self.server == nullptr) return MP_STREAM_POLL_NVAL;
        mp_uint_t ready = self.count != 0 ? arg & MP_STREAM_POLL_RD : 0;
        if ((arg & MP_STREAM_POLL_WR) != 0)
            ready |= poll_stream(*self.server, MP_STREAM_POLL_WR) & MP_STREAM_POLL_WR;
        return ready;
    }
    case MP_STREAM_GET_FILENO:
        if (USSL_PASS_FILENO && self.server != nullptr)
            return mp_get_stream(self.server->stream)
                ->ioctl(self.server->stream, request, arg, errcode);
        [[fallthrough]];
    default: *errcode = MP_EINVAL; return MP_STREAM_ERROR;
    }
}
