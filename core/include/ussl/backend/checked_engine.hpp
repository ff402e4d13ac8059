// Checks engines against the contract of engine.hpp. If an engine breaks it, ContextOf and
// SessionOf are compiled with the declared engine below, which has every function: so the compiler
// reports only the fault in the engine.
#pragma once

#include "ussl/backend/engine.hpp"

#include <cstddef>
#include <type_traits>

namespace ussl::contract {

// tests/unit/contract.py removes and changes these, one at a time.
struct DeclaredContextEngine {
    Err start(const ContextConfig& config, const Environment& environment);
};

struct DeclaredSessionEngine {
    template<class Context>
    Err start(Context& context, const SessionSetup& setup);
    MutableBytes input_space();
    void input_commit(std::size_t count);
    bool has_input() const;
    Bytes output();
    bool has_output() const;
    void output_consume(std::size_t count);
    Status handshake();
    Status look_ahead();
    std::size_t readable() const;
    std::size_t take(MutableBytes into);
    IoResult write(Bytes from);
    Status close_notify();
    Error error() const;
    Version version() const;
    std::uint16_t suite() const;
    std::string_view alpn() const;
    Bytes peer_certificate() const;
    bool is_resumed() const;
    std::size_t resumption_data(MutableBytes into);
    std::size_t max_fragment_length() const;
    std::size_t record_size_limit() const;
    Err export_keying_material(MutableBytes out, std::string_view label, Bytes context);
    std::uint32_t timeout() const;
    DatagramStage datagram_stage() const;
    std::size_t largest_datagram() const;
    bool receives_connection_id() const;
    Bytes peer_connection_id() const;
    std::uint64_t newest_record() const;
    void release_buffers();
};

// A function of a capability that the backend lacks is checked on the declared engine.
template<class Traits, bool needed>
using Where = std::conditional_t<needed, typename Traits::SessionEngine, DeclaredSessionEngine>;

template<class E>
constexpr bool has_release_buffers = requires {
    &E::release_buffers;
};

template<class Traits>
concept HasSessionEngine =
    SessionEngine<typename Traits::SessionEngine, typename Traits::ContextEngine> &&
    Resumes<Where<Traits, Traits::capabilities.resumption>> &&
    LimitsFragments<Where<Traits, Traits::capabilities.max_fragment_length>> &&
    LimitsRecords<Where<Traits, Traits::capabilities.record_size_limit>> &&
    ExportsKeys<Where<Traits, Traits::capabilities.exporter>> &&
    TakesDatagrams<Where<Traits, Traits::capabilities.dtls>> &&
    HasConnectionIds<Where<Traits, Traits::capabilities.connection_id>> &&
    ReleasesBuffers<Where<Traits, has_release_buffers<typename Traits::SessionEngine>>>;

template<class Traits>
using CheckedContextEngine =
    std::conditional_t<ContextEngine<typename Traits::ContextEngine>,
                       typename Traits::ContextEngine, DeclaredContextEngine>;

template<class Traits>
using CheckedSessionEngine =
    std::conditional_t<HasSessionEngine<Traits>, typename Traits::SessionEngine,
                       DeclaredSessionEngine>;

// Called once for each Traits, by open().
template<class Traits>
consteval void check_context_engine() {
    using Engine = typename Traits::ContextEngine;
    static_assert(ContextEngine<Engine>);
    static_assert(sizeof(Engine) <= Traits::context_size, "Traits::context_size is too small");
    static_assert(alignof(Engine) <= alignof(std::max_align_t));
}

template<class Traits>
consteval void check_session_engine() {
    using Engine = typename Traits::SessionEngine;
    static_assert(HasSessionEngine<Traits>);
    static_assert(sizeof(Engine) <= Traits::session_size, "Traits::session_size is too small");
    static_assert(alignof(Engine) <= alignof(std::max_align_t));
}

} // namespace ussl::contract
