// Defines Context and Session in a program with one backend (ussl/interface.hpp): each function
// calls the same function of the backend's class. The adapter's source file includes it after it
// has named its traits:
//
//   namespace ussl { using OnlyTraits = X::Traits; }
#pragma once

#include "ussl/backend/context_of.hpp"
#include "ussl/backend/session_of.hpp"

#if !USSL_SEVERAL_BACKENDS

namespace ussl {

namespace direct {
using Context = ContextOf<OnlyTraits>;
using Session = SessionOf<OnlyTraits>;
inline Context& of(ussl::Context* context) { return static_cast<Context&>(*context); }
inline const Context& of(const ussl::Context* context) {
    return static_cast<const Context&>(*context);
}
inline Session& of(ussl::Session* session) { return static_cast<Session&>(*session); }
inline const Session& of(const ussl::Session* session) {
    return static_cast<const Session&>(*session);
}
} // namespace direct

// NOLINTBEGIN(misc-definitions-in-headers): one source file of a program includes this.
Error Context::open(const ContextConfig& config, const Environment& environment) {
    return direct::of(this).open(config, environment);
}
void Context::close() { direct::of(this).close(); }
bool Context::is_open() const { return direct::of(this).is_open(); }
const Backend& Context::backend() const { return direct::of(this).backend(); }

Error Session::open(Context& context, const PeerIdentity& peer) {
    return direct::of(this).open(context, peer);
}
void Session::release() { direct::of(this).release(); }
MutableBytes Session::input_space() { return direct::of(this).input_space(); }
bool Session::input_commit(std::size_t count) { return direct::of(this).input_commit(count); }
void Session::input_end() { direct::of(this).input_end(); }
Bytes Session::output() { return direct::of(this).output(); }
bool Session::output_consume(std::size_t count) { return direct::of(this).output_consume(count); }
void Session::release_buffers() { direct::of(this).release_buffers(); }
Status Session::handshake() { return direct::of(this).handshake(); }
IoResult Session::read(MutableBytes into) { return direct::of(this).read(into); }
IoResult Session::write(Bytes from) { return direct::of(this).write(from); }
Status Session::close() { return direct::of(this).close(); }
std::uint32_t Session::timeout() const { return direct::of(this).timeout(); }
std::size_t Session::readable() const { return direct::of(this).readable(); }
bool Session::can_read() const { return direct::of(this).can_read(); }
bool Session::is_established() const { return direct::of(this).is_established(); }
Error Session::error() const { return direct::of(this).error(); }
Version Session::version() const { return direct::of(this).version(); }
std::uint16_t Session::suite() const { return direct::of(this).suite(); }
std::string_view Session::alpn() const { return direct::of(this).alpn(); }
bool Session::is_resumed() const { return direct::of(this).is_resumed(); }
std::size_t Session::max_fragment_length() const { return direct::of(this).max_fragment_length(); }
bool Session::peer_restarts() const { return direct::of(this).peer_restarts(); }
Bytes Session::connection_id() const { return direct::of(this).connection_id(); }
Bytes Session::peer_connection_id() const { return direct::of(this).peer_connection_id(); }
bool Session::is_newest() const { return direct::of(this).is_newest(); }
std::size_t Session::resumption_data(MutableBytes into) {
    return direct::of(this).resumption_data(into);
}
Err Session::export_keying_material(MutableBytes out, std::string_view label, Bytes context) {
    return direct::of(this).export_keying_material(out, label, context);
}
Bytes Session::peer_certificate() const { return direct::of(this).peer_certificate(); }
// NOLINTEND(misc-definitions-in-headers)

} // namespace ussl

#endif
