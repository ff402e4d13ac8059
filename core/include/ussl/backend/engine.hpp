// The contract between core/ and an adapter, as concepts: what an engine for contexts and one for
// sessions must have. ContextOf and SessionOf own the engines and do all that is the same on every
// backend: the order of calls, sticky ends, the checks of settings. They check the engines where
// these are complete (backend/checked_engine.hpp): a function that is missing, or that has another
// type, is one error of the compiler, which names it. docs/adding-a-backend.md walks through an
// adapter.
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
// What holds for all functions of an engine:
//
//   * Memory of the engine. An engine is made where the caller's storage is, which holds anything:
//     members have initialisers. It never moves; the library may keep pointers into it.
//   * Memory of the library comes from ussl::allocate(). A library with a heap that cannot be set
//     keeps its own, and the backend's header says so.
//   * Randomness comes from Environment::random. A library with a generator of its own has it
//     replaced, or seeded, by that. If it fails, the operation does: Err::no_randomness.
//   * Time. SessionSetup::expectations has the time that certificates are judged by; no library is
//     asked for an opinion on it. Timers take Environment::milliseconds (backend/countdown.hpp). A
//     library that asks for the time itself, for the age of tickets, is given ticket_time()
//     (backend/ticket_time.hpp) by a hook.
//   * Operations. All is called within an Operation (backend/operation.hpp) of this context or
//     session but input_space(), input_commit(), has_input(), output(), has_output() and what only
//     says what is known (const here). So these must not come to the library's memory, randomness
//     or callbacks.
//   * Const functions change nothing, and move no span: what input_space(), output() and
//     peer_certificate() gave stays where it is.
//   * Callbacks of the program (ussl/callbacks.hpp), and the arithmetic of the handshake, run
//     within handshake(); records are opened in look_ahead() and made in write(). input_commit()
//     does neither. An engine needs no state "in a callback": no callback may use its session.
//   * Errors. Each Err is that of the list for what has happened, never the library's. Its number
//     goes along in Error::library as it is, with its sign; of one that is wider than 32 bits the
//     part that tells the reason (OpenSSL's ERR_GET_REASON); 0 where it gave none. Of a start()
//     that fails it goes to Operation::note_library_error(). error_table.hpp is for numbers that
//     are negative and fit 16 bits; for others an adapter has a table, or a rule, of its own.
//   * What start() took is released by the destructor, also after it has failed half-way.
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

// An argument that turns into a T, and into nothing else that T turns into.
template<class T>
struct Exactly {
    template<class U>
    requires std::same_as<U, T>
    operator U() const;
};

// --- Contexts ---

// Err start(const ContextConfig&, const Environment&)
//
// Readies the library. The settings have passed check_config(); their suites and versions are those
// of choose_suites(). What they point to stays until destruction; the suites' list, and the
// ContextConfig itself, only for this call. On an error the engine is destroyed.
template<class E>
concept ContextEngine = std::default_initializable<E> && std::destructible<E> &&
    requires(E& engine, const ContextConfig& config, const Environment& environment) {
    { engine.start(config, environment) } -> std::same_as<Err>;
};

// --- Sessions: each has these ---

// Err start(ContextEngine&, const SessionSetup&)
//
// The context's engine and the setup stay valid until destruction. No byte is exchanged yet, but a
// client may have its first flight in output(). On an error the engine is destroyed.
template<class E, class Context>
concept Starts = std::default_initializable<E> && std::destructible<E> &&
    requires(E& engine, Context& context, const SessionSetup& setup) {
    { engine.start(context, setup) } -> std::same_as<Err>;
};

// MutableBytes input_space()
// void input_commit(std::size_t count)
// bool has_input() const
//
// As in Session. input_space() is asked again, between and before an input_commit(), and then must
// give the same place, with what was written there. input_commit() only takes the bytes: the
// library may learn from them how much to ask for next, but works in handshake() and look_ahead(),
// where it also fails. `count` is at least 1. With a datagram session it is a whole datagram.
//
// has_input() says whether handshake() or look_ahead() could get further with what has come; false
// where only more input helps, as with half a record. It is asked for each record: cheap.
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
// As in Session. has_output() is asked after each read and more: cheap. Until it is consumed the
// output of the handshake may still be added to: a flight leaves in one piece.
template<class E>
concept GivesOutput = requires(E& engine, const E& known, Exactly<std::size_t> count) {
    { engine.output() } -> std::same_as<Bytes>;
    { known.has_output() } -> std::same_as<bool>;
    { engine.output_consume(count) } -> std::same_as<void>;
};

// Status handshake()
//
// Called until it gives ok, not after. Statuses, here and below: ok, want_read, want_write, closed
// (close_notify was read) or failed, never truncated, for SessionOf knows when the input has ended.
// want_read: input_space() has room. want_write: there is output. After failed error() says why,
// the alert that tells the peer is in output(), and only output(), output_consume() and const
// functions may still be called.
template<class E>
concept ShakesHands = requires(E& engine) {
    { engine.handshake() } -> std::same_as<Status>;
};

// Status look_ahead()
// std::size_t readable() const
// std::size_t take(MutableBytes into)
//
// After the handshake. look_ahead() is called when readable() is 0 and has_input() is true: it
// opens what has come until there are plain bytes. ok: there are some. Never called again after
// closed; write() may be (RFC 8446, 6.1), and nothing was sent in answer. readable() counts the
// plain bytes that were opened, take() copies some of them, neither side being empty.
template<class E>
concept Reads = requires(E& engine, const E& known, Exactly<MutableBytes> into) {
    { engine.look_ahead() } -> std::same_as<Status>;
    { known.readable() } -> std::same_as<std::size_t>;
    { engine.take(into) } -> std::same_as<std::size_t>;
};

// IoResult write(Bytes from)
// Status close_notify()
//
// After the handshake. `from` is not empty. close_notify() gives ok when it is in output(), and is
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

// --- Sessions: those of a backend with the capability that is named ---

// Capabilities::resumption
//
// bool is_resumed() const
// std::size_t resumption_data(MutableBytes into)
//
// After the handshake. The second as in Session, without its frame; of a client.
template<class E>
concept Resumes = requires(E& engine, const E& known, Exactly<MutableBytes> into) {
    { known.is_resumed() } -> std::same_as<bool>;
    { engine.resumption_data(into) } -> std::same_as<std::size_t>;
};

// Capabilities::max_fragment_length
//
// std::size_t max_fragment_length() const
//
// After the handshake: bytes, as the two ends agreed on them; 0 where they did not.
template<class E>
concept LimitsFragments = requires(const E& known) {
    { known.max_fragment_length() } -> std::same_as<std::size_t>;
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

// Capabilities::dtls, of a session with SessionSetup::datagram:
//
// std::uint32_t timeout() const
// DatagramStage datagram_stage() const
// std::size_t largest_datagram() const
//
// Milliseconds until the next retransmission. Which records may be passed on when a datagram comes:
// DatagramFilter has them by then. After the handshake: plain bytes that one datagram takes, no
// more than were agreed on.
template<class E>
concept TakesDatagrams = requires(const E& known) {
    { known.timeout() } -> std::same_as<std::uint32_t>;
    { known.datagram_stage() } -> std::same_as<DatagramStage>;
    { known.largest_datagram() } -> std::same_as<std::size_t>;
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
