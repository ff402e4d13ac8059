#include "through_c.hpp"

#include <string>
#include <vector>

namespace ussl::test {
namespace {

Error to_cpp(const ussl_error& error) {
    return {static_cast<Err>(error.code), error.alert, error.library, error.certificate,
            error.credential};
}

std::uint8_t skipped(const Policy& policy) {
    unsigned bits = 0;
    const auto skip_unless = [&bits](bool checked, unsigned bit) {
        if (!checked) bits |= bit;
    };
    skip_unless(policy.check_identity, USSL_SKIP_IDENTITY);
    skip_unless(policy.check_time, USSL_SKIP_TIME);
    skip_unless(policy.check_purpose, USSL_SKIP_PURPOSE);
    skip_unless(policy.check_key_strength, USSL_SKIP_KEY_STRENGTH);
    skip_unless(policy.check_signature_strength, USSL_SKIP_SIGNATURE_STRENGTH);
    skip_unless(policy.check_constraints, USSL_SKIP_CONSTRAINTS);
    skip_unless(policy.check_critical_extensions, USSL_SKIP_CRITICAL_EXTENSIONS);
    return static_cast<std::uint8_t>(bits);
}

std::uint8_t to_c(Verify verify) {
    switch (verify) {
    case Verify::required: return USSL_VERIFY_REQUIRED;
    case Verify::optional: return USSL_VERIFY_OPTIONAL;
    case Verify::none: return USSL_VERIFY_NONE;
    }
    return static_cast<std::uint8_t>(verify); // one that there is not
}

} // namespace

struct ContextThroughC::Kept {
    ServerNameCallback server_name;
    KeyLog key_log;

    static int choose(void* user, const char* name, std::size_t size) {
        const ServerNameCallback& callback = static_cast<Kept*>(user)->server_name;
        return callback.choose(callback.user, {name, size});
    }
    static void line(void* user, const char* line, std::size_t size) {
        const KeyLog& log = static_cast<Kept*>(user)->key_log;
        log.line(log.user, {line, size});
    }
};

Error ContextThroughC::open(const ContextConfig& from, const Environment& environment) {
    if (is_open()) return {Err::invalid_state};
    kept_ = new Kept{from.server_name_callback, from.key_log};
    std::vector<ussl_bytes> alpn;
    for (const std::string_view name : from.alpn)
        alpn.push_back(c::to_c(as_bytes(name)));
    ussl_config config{USSL_CONFIG};
    config.role = static_cast<std::uint8_t>(from.role);
    config.verify = to_c(from.verify);
    config.skip_checks = skipped(from.policy);
    config.callback_may_accept = from.policy.callback_may_accept;
    config.trust_anchors = c::as<const ussl_bytes*>(from.trust_anchors.data());
    config.trust_anchor_count = from.trust_anchors.size();
    if constexpr (features::anchor_source)
        config.anchor_source = c::as<const ussl_anchor_source*>(from.anchor_source);
    config.pins = c::as<const ussl_bytes*>(from.pins.data());
    config.pin_count = from.pins.size();
    config.verify_callback = {
        from.verify_callback.user,
        c::as<decltype(ussl_verify_callback::accept)>(from.verify_callback.accept),
        c::to_c(from.verify_callback.version)};
    config.credential = *c::as<const ussl_credential*>(&from.credential);
    config.more_credentials = c::as<const ussl_credential*>(from.more_credentials.data());
    config.more_credential_count = from.more_credentials.size();
    if (from.server_name_callback.choose != nullptr)
        config.server_name_callback = {kept_, Kept::choose};
    config.psk = {c::to_c(from.psk.identity), c::to_c(from.psk.key)};
    config.psk_callback = {from.psk_callback.user,
                           c::as<decltype(ussl_psk_callback::find)>(from.psk_callback.find)};
    config.suites = from.suites.data();
    config.suite_count = from.suites.size();
    config.min_version = static_cast<std::uint16_t>(from.min_version);
    config.max_version = static_cast<std::uint16_t>(from.max_version);
    config.alpn = alpn.data();
    config.alpn_count = alpn.size();
    config.datagram = from.datagram;
    config.datagram_size = from.datagram_size;
    config.resumption = from.resumption;
    config.keep_peer_certificate = from.keep_peer_certificate;
    config.session_lifetime = from.session_lifetime;
    config.ticket_keys = c::as<const ussl_bytes*>(from.ticket_keys.data());
    config.ticket_key_count = from.ticket_keys.size();
    // In C 0 stands for the default.
    config.session_cache_size = from.session_cache_size == 0 ? 1 : from.session_cache_size;
    config.max_fragment_length = from.max_fragment_length;
    config.record_size_limit = from.record_size_limit;
    config.handshake_timeout = from.handshake_timeout;
    config.connection_id = from.connection_id;
    config.connection_id_size = from.connection_id_size;
    if (from.key_log.line != nullptr) config.key_log = {kept_, Kept::line};
    const Error error =
        to_cpp(ussl_context_open(&c_, &config, c::as<const ussl_environment*>(&environment)));
    if (error.code != Err::none) close();
    return error;
}

void ContextThroughC::close() {
    ussl_context_close(&c_);
    delete kept_;
    kept_ = nullptr;
}

struct SessionThroughC::Kept {
    std::string sni, dns_name;
};

Error SessionThroughC::open(Context& context, const PeerIdentity& from) {
    ussl_context* owner = static_cast<ContextThroughC&>(context).c();
    // A text in C cannot express it: asks the interface below.
    for (const std::string_view text : {from.sni, from.dns_name})
        if (text.find('\0') != text.npos)
            return c::session_in(&c_).open(c::context_in(owner), from);
    auto* kept = new Kept{std::string(from.sni), std::string(from.dns_name)};
    ussl_peer peer{USSL_PEER};
    peer.sni = kept->sni.c_str();
    peer.dns_name = kept->dns_name.c_str();
    peer.ip_address = c::to_c(from.ip_address);
    peer.resumption = c::to_c(from.resumption);
    peer.client_id = c::to_c(from.client_id);
    peer.cookie_verified = from.cookie_verified;
    peer.connection_id = c::to_c(from.connection_id);
    const Error error = to_cpp(ussl_session_open(&c_, owner, &peer));
    if (error.code == Err::none)
        kept_ = kept;
    else
        delete kept;
    return error;
}

void SessionThroughC::release() {
    ussl_session_release(&c_);
    delete kept_;
    kept_ = nullptr;
}

MutableBytes SessionThroughC::input_space() {
    const ussl_buffer space = ussl_session_input_space(&c_);
    return {space.data, space.size};
}

IoResult SessionThroughC::read(MutableBytes into) {
    std::size_t count = 0;
    const ussl_status status = ussl_session_read(&c_, into.data(), into.size(), &count);
    return {static_cast<Status>(status), count};
}

IoResult SessionThroughC::write(Bytes from) {
    std::size_t count = 0;
    const ussl_status status = ussl_session_write(&c_, from.data(), from.size(), &count);
    return {static_cast<Status>(status), count};
}

Error SessionThroughC::error() const { return to_cpp(ussl_session_error(&c_)); }

std::string_view SessionThroughC::alpn() const {
    const ussl_bytes name = ussl_session_alpn(&c_);
    return {reinterpret_cast<const char*>(name.data), name.size};
}

Err SessionThroughC::export_keying_material(MutableBytes out, std::string_view label,
                                            Bytes context) {
    return static_cast<Err>(ussl_session_export_keying_material(
        &c_, out.data(), out.size(), std::string(label).c_str(), c::to_c(context)));
}

} // namespace ussl::test
