// The contract between core/ and an adapter, as concepts: which functions the engines for contexts
// and sessions have. ContextOf and SessionOf own the engines and do everything that is the same on
// every backend: they check settings and the order of calls, and make ends final.
// backend/checked_engine.hpp checks complete engines: a function that is missing or has another
// type is a single compiler error that names it. docs/adding-a-backend.md walks through an adapter.
//
// A backend describes itself by a struct Traits in its public header:
//
//   struct Traits {
//       struct ContextEngine;   // defined in the adapter's own source file, as is the other
//       struct SessionEngine;
//       static constexpr std::size_t context_size, session_size; // at least sizeof the engines
//       static constexpr const Capabilities& capabilities;
//       static std::span<const std::uint16_t> suites();          // those of backend()
//       static const Backend& backend(); // linked only where it is asked for
//   };
//
// Rules for all functions of an engine:
//
//   * Memory of the engine. The engine is constructed in the caller's storage, which is not zeroed:
//     members need initialisers. It never moves; the library may keep pointers into it.
//   * Memory of the library comes from ussl::allocate(). If the library's heap cannot be replaced,
//     the backend's header says so.
//   * Randomness comes from Environment::random. It replaces or seeds the library's own generator.
//     If it fails, the operation fails: Err::no_randomness.
//   * Time. SessionSetup::expectations holds the time for certificates; the library does not check
//     it. Timers use Environment::milliseconds (backend/countdown.hpp). A library that needs the
//     time for the age of tickets gets ticket_time() (backend/ticket_time.hpp) by a hook.
//   * Operations. All functions are called within an Operation (backend/operation.hpp) of this
//     context or session, except input_space(), input_commit(), has_input(), output(), has_output()
//     and the const functions. So these must not reach the library's memory, randomness or
//     callbacks.
//   * Const functions change nothing and move no span: the results of input_space(), output() and
//     peer_certificate() stay valid.
//   * The program's callbacks (ussl/callbacks.hpp) and the arithmetic of the handshake run within
//     handshake(). look_ahead() opens records, write() makes them; input_commit() does neither. No
//     callback may use its own session, so an engine needs no state "in a callback".
//   * Errors. Each Err is the one that ussl/error.hpp has for the event, never a number of the
//     library. The library's number goes into Error::library, with its sign; of a number wider than
//     32 bits the part with the reason (OpenSSL's ERR_GET_REASON); 0 if there is none. If start()
//     fails it goes to Operation::note_library_error(). error_table.hpp is for numbers that are
//     negative and fit 16 bits; for others an adapter has its own table or rule.
//   * The destructor frees what start() took, even if start() failed half-way.
#pragma once

#include "ussl/backend/datagram_filter.hpp"
#include "ussl/backend/session_setup.hpp"
#include "ussl/capabilities.hpp"
#include "ussl/context.hpp"
#include "ussl/features.hpp"
#include "ussl/session.hpp"

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ussl {

// An argument that converts to a T, and to nothing that T converts to.
template<class T>
struct Exactly {
    template<class U>
    requires std::same_as<U, T>
    operator U() const;
};

// --- Contexts ---

// Err start(const ContextConfig&, const Environment&)
//
// Starts the library. The settings have passed check_config(); choose_suites() has set suites and
// versions. What the settings point to stays valid until destruction; the list of suites and the
// ContextConfig itself only during this call. After an error the engine is destroyed.
template<class E>
concept ContextEngine = std::default_initializable<E> && std::destructible<E> &&
    requires(E& engine, const ContextConfig& config, const Environment& environment) {
    { engine.start(config, environment) } -> std::same_as<Err>;
};

// --- Sessions: functions that every engine has ---

// Err start(ContextEngine&, const SessionSetup&)
//
// The context's engine and the setup stay valid until destruction. No bytes are exchanged yet, but
// a client may already have its first flight in output(). After an error the engine is destroyed.
template<class E, class Context>
concept Starts = std::default_initializable<E> && std::destructible<E> &&
    requires(E& engine, Context& context, const SessionSetup& setup) {
    { engine.start(context, setup) } -> std::same_as<Err>;
};

// MutableBytes input_space()
// void input_commit(std::size_t count)
// bool has_input() const
//
// As in Session. input_space() is called again between and before calls of input_commit(), and must
// then return the same place with the bytes that were written there. input_commit() only stores the
// bytes. It may look at them to learn how many to ask for next, but the library works, and fails,
// in handshake() and look_ahead(). `count` is at least 1; with datagrams it is one whole datagram.
//
// has_input(): whether handshake() or look_ahead() can make progress with the bytes so far. false
// if only more input helps, such as with half a record. Called for each record: keep it cheap.
template<class E>
concept TakesInput = requires(E& engine, const E& known, Exactly<std::size_t> count) {
    { engine.input_space() } -> std::same_as<MutableBytes>;
    { engine.input_commit(count) } -> std::same_as<void>;
    { known.has_input() } -> std::same_as<bool>;
};

// Bytes output()
// bool has_output() const
// void output_consume(std::size_t count)
//
// As in Session. has_output() is called after each read and more often: keep it cheap. During the
// handshake more output may be appended until it is consumed: a flight leaves in one piece.
template<class E>
concept GivesOutput = requires(E& engine, const E& known, Exactly<std::size_t> count) {
    { engine.output() } -> std::same_as<Bytes>;
    { known.has_output() } -> std::same_as<bool>;
    { engine.output_consume(count) } -> std::same_as<void>;
};

// Status handshake()
//
// Called until it gives ok, and not again. Statuses here and below: ok, want_read, want_write,
// closed (close_notify was read) or failed. Never truncated: SessionOf knows when the input has
// ended. After want_read input_space() has room, after want_write there is output. After failed
// error() gives the reason and output() has the alert for the peer; then only output(),
// output_consume() and const functions are called.
template<class E>
concept ShakesHands = requires(E& engine) {
    { engine.handshake() } -> std::same_as<Status>;
};

// Status look_ahead()
// std::size_t readable() const
// std::size_t take(MutableBytes into)
//
// After the handshake. look_ahead() is called if readable() is 0 and has_input() is true: it opens
// records until there are plain bytes. ok: there are some. Not called again after closed, but
// write() may be (RFC 8446, 6.1): send no answer to close_notify. readable() counts the plain bytes
// that were opened; take() copies some of them. Neither `into` nor readable() is empty then.
template<class E>
concept Reads = requires(E& engine, const E& known, Exactly<MutableBytes> into) {
    { engine.look_ahead() } -> std::same_as<Status>;
    { known.readable() } -> std::same_as<std::size_t>;
    { engine.take(into) } -> std::same_as<std::size_t>;
};

// IoResult write(Bytes from)
// Status close_notify()
//
// After the handshake. `from` is not empty. close_notify(): ok when the alert is in output();
// called again after want_write.
template<class E>
concept Writes = requires(E& engine, Exactly<Bytes> from) {
    { engine.write(from) } -> std::same_as<IoResult>;
    { engine.close_notify() } -> std::same_as<Status>;
};

// Error error() const               after failed
// Version version() const           this and the next two: after the handshake
// std::uint16_t suite() const
// std::string_view alpn() const
// Bytes peer_certificate() const    where SessionSetup::keep_peer_certificate is set; else empty
template<class E>
concept Tells = requires(const E& known) {
    { known.error() } -> std::same_as<Error>;
    { known.version() } -> std::same_as<Version>;
    { known.suite() } -> std::same_as<std::uint16_t>;
    { known.alpn() } -> std::same_as<std::string_view>;
    { known.peer_certificate() } -> std::same_as<Bytes>;
};

template<class E, class Context>
concept SessionEngine = Starts<E, Context> && TakesInput<E> && GivesOutput<E> && ShakesHands<E> &&
    Reads<E> && Writes<E> && Tells<E>;

// --- Sessions: functions of backends with the named capability ---

// Capabilities::resumption
//
// bool is_resumed() const
// std::size_t resumption_data(MutableBytes into)
//
// After the handshake. resumption_data() as in Session, without its frame; clients only.
template<class E>
concept Resumes = requires(E& engine, const E& known, Exactly<MutableBytes> into) {
    { known.is_resumed() } -> std::same_as<bool>;
    { engine.resumption_data(into) } -> std::same_as<std::size_t>;
};

// Capabilities::max_fragment_length
//
// std::size_t max_fragment_length() const
//
// After the handshake: the negotiated length in bytes; 0 if none was negotiated.
template<class E>
concept LimitsFragments = requires(const E& known) {
    { known.max_fragment_length() } -> std::same_as<std::size_t>;
};

// Capabilities::record_size_limit
//
// std::size_t record_size_limit() const
//
// After the handshake: RecordSizeLimit::for_both().
template<class E>
concept LimitsRecords = requires(const E& known) {
    { known.record_size_limit() } -> std::same_as<std::size_t>;
};

// Capabilities::exporter
//
// Err export_keying_material(MutableBytes out, std::string_view label, Bytes context)
//
// After the handshake: as in Session.
template<class E>
concept ExportsKeys = requires(E& engine, Exactly<MutableBytes> out,
                               Exactly<std::string_view> label, Exactly<Bytes> context) {
    { engine.export_keying_material(out, label, context) } -> std::same_as<Err>;
};

// Capabilities::dtls; for sessions with SessionSetup::datagram:
//
// std::uint32_t timeout() const
// DatagramStage datagram_stage() const
// std::size_t largest_datagram() const
//
// timeout(): milliseconds until the next retransmission. datagram_stage(): which records
// DatagramFilter lets through; asked when a datagram comes. largest_datagram(): after the
// handshake, how many plain bytes fit into one datagram, within the negotiated length.
template<class E>
concept TakesDatagrams = requires(const E& known) {
    { known.timeout() } -> std::same_as<std::uint32_t>;
    { known.datagram_stage() } -> std::same_as<DatagramStage>;
    { known.largest_datagram() } -> std::same_as<std::size_t>;
};

// Capabilities::connection_id; for sessions with SessionSetup::connection_id, after the handshake:
//
// bool receives_connection_id() const
// Bytes peer_connection_id() const
// std::uint64_t newest_record() const
//
// receives_connection_id(): whether the peer's protected records have the own ID, which is not
// empty. Until the handshake is complete the engine refuses what it has not negotiated: core/ lets
// records with the ID and without pass. peer_connection_id() as in Session. newest_record(): epoch
// and number of the newest authentic record, in any form that grows with both, and from none to
// the first one.
template<class E>
concept HasConnectionIds = requires(const E& known) {
    { known.receives_connection_id() } -> std::same_as<bool>;
    { known.peer_connection_id() } -> std::same_as<Bytes>;
    { known.newest_record() } -> std::same_as<std::uint64_t>;
};

// No capability: for engines that hold memory for records while the session is idle.
//
// void release_buffers()
//
// After the handshake: as in Session.
template<class E>
concept ReleasesBuffers = requires(E& engine) {
    { engine.release_buffers() } -> std::same_as<void>;
};

} // namespace ussl
