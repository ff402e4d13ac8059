#include "objects.hpp"

#include "ussl/selected_backend.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

namespace ussl::c {
namespace {

using Object = ContextObject<selected::Context>;
static_assert(sizeof(Object) <= sizeof(ussl_context), "ussl_sizes.h is another build's");
static_assert(alignof(Object) <= alignof(ussl_context));
static_assert(sizeof(Object) == context_offset + sizeof(ussl::selected::Context));

constexpr Version version_of(std::uint16_t number) { return static_cast<Version>(number); }

Role role_of(std::uint8_t role) { return static_cast<Role>(role); }

// 0 is what is safe, in C; the numbers of C++ count the other way.
Verify verify_of(std::uint8_t verify) {
    return verify <= USSL_VERIFY_NONE ? static_cast<Verify>(USSL_VERIFY_NONE - verify)
                                      : static_cast<Verify>(verify);
}

Policy policy_of(const ussl_config& config) {
    const auto checks = [&config](unsigned bit) { return (config.skip_checks & bit) == 0; };
    return {
        .check_identity = checks(USSL_SKIP_IDENTITY),
        .check_time = checks(USSL_SKIP_TIME),
        .check_purpose = checks(USSL_SKIP_PURPOSE),
        .check_key_strength = checks(USSL_SKIP_KEY_STRENGTH),
        .check_signature_strength = checks(USSL_SKIP_SIGNATURE_STRENGTH),
        .check_constraints = checks(USSL_SKIP_CONSTRAINTS),
        .check_critical_extensions = checks(USSL_SKIP_CRITICAL_EXTENSIONS),
        .callback_may_accept = config.callback_may_accept,
    };
}

Credential credential_of(const ussl_credential& credential) {
    return {
        .chain = as_span(credential.chain, credential.chain_count),
        .private_key = as_span(credential.private_key),
        .signer = {credential.signer.user, as<decltype(Signer::sign)>(credential.signer.sign)},
    };
}

void set_text_callbacks(const ussl_config& from, TextCallbacks& kept, ContextConfig& config) {
#if USSL_SERVER_NAMES
    kept.server_name = from.server_name_callback;
    if (kept.server_name.choose != nullptr)
        config.server_name_callback = {
            &kept.server_name, [](void* user, std::string_view name) {
                const auto& callback = *static_cast<const ussl_server_name_callback*>(user);
                return callback.choose(callback.user, name.data(), name.size());
            }};
#else
    if (from.server_name_callback.choose != nullptr)
        config.server_name_callback = {nullptr, [](void*, std::string_view) { return -1; }};
#endif
#if USSL_KEY_LOG
    kept.key_log = from.key_log;
    if (kept.key_log.line != nullptr)
        config.key_log = {&kept.key_log, [](void* user, std::string_view line) {
                              const auto& log = *static_cast<const ussl_key_log*>(user);
                              log.line(log.user, line.data(), line.size());
                          }};
#else
    if (from.key_log.line != nullptr) config.key_log = {nullptr, [](void*, std::string_view) {}};
#endif
    static_cast<void>(kept);
}

ContextConfig config_of(const ussl_config& from) {
    ContextConfig config;
    config.role = role_of(from.role);
    config.verify = verify_of(from.verify);
    config.policy = policy_of(from);
    config.trust_anchors = as_span(from.trust_anchors, from.trust_anchor_count);
    config.anchor_source = as<const AnchorSource*>(from.anchor_source);
    config.pins = as_span(from.pins, from.pin_count);
    config.verify_callback = {from.verify_callback.user,
                              as<decltype(VerifyCallback::accept)>(from.verify_callback.accept)};
    config.credential = credential_of(from.credential);
    config.more_credentials = {as<const Credential*>(from.more_credentials),
                               from.more_credential_count};
    config.psk = {as_span(from.psk_identity), as_span(from.psk_key)};
    config.psk_callback = {from.psk_callback.user,
                           as<decltype(PskCallback::find)>(from.psk_callback.find)};
    config.suites = {from.suites, from.suite_count};
    config.min_version = version_of(from.min_version);
    config.max_version = version_of(from.max_version);
    config.datagram = from.datagram;
    config.resumption = from.resumption;
    config.keep_peer_certificate = from.keep_peer_certificate;
    if (from.session_cache_size != 0) config.session_cache_size = from.session_cache_size;
    config.max_fragment_length = from.max_fragment_length;
    config.handshake_timeout = from.handshake_timeout;
    return config;
}

} // namespace
} // namespace ussl::c

using namespace ussl::c;

void ussl_context_init(ussl_context* context) { new (context) Object; }

ussl_error ussl_context_open(ussl_context* context, const ussl_config* config,
                             const ussl_environment* environment) {
    // A program that was compiled with an older header knows fewer members: the rest is zero.
    ussl_config known{};
    if (config == nullptr || environment == nullptr || config->struct_size > sizeof known ||
        config->struct_size < offsetof(ussl_config, trust_anchors))
        return {USSL_ERR_INVALID_ARGUMENT, 0, 0};
    std::memcpy(&known, config, config->struct_size);
    ussl::Context& opened = context_in(context);
    if (opened.is_open()) return {USSL_ERR_INVALID_STATE, 0, 0};
    ussl::ContextConfig settings = config_of(known);
    set_text_callbacks(known, *reinterpret_cast<TextCallbacks*>(context), settings);
    std::string_view names[ussl::max_alpn_names + 1]; // with one too many it is refused
    const std::size_t count = std::min(known.alpn_count, std::size(names));
    for (std::size_t i = 0; i != count; ++i)
        names[i] = {reinterpret_cast<const char*>(known.alpn[i].data), known.alpn[i].size};
    settings.alpn = {names, count};
    return to_c(opened.open(settings, *as<const ussl::Environment*>(environment)));
}

void ussl_context_close(ussl_context* context) { context_in(context).close(); }
bool ussl_context_is_open(const ussl_context* context) { return context_in(context).is_open(); }
