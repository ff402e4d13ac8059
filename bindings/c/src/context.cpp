#include "objects.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

namespace ussl::c {
namespace {

using Object = ContextObject<selected::Context>;
static_assert(sizeof(Object) <= sizeof(ussl_context), "ussl_sizes.h is another build's");
static_assert(alignof(Object) <= alignof(ussl_context));
static_assert(sizeof(Object) == context_offset + sizeof(selected::Context));

// From trust_anchors on, ussl_config has the layout of ContextConfig: it is copied as a whole.
#define USSL_SAME_PLACE(member)                                                                    \
    static_assert(offsetof(ussl_config, member) - offsetof(ussl_config, trust_anchors) ==          \
                  offsetof(ContextConfig, member) - offsetof(ContextConfig, trust_anchors))
USSL_SAME_PLACE(anchor_source);
USSL_SAME_PLACE(pins);
USSL_SAME_PLACE(verify_callback);
USSL_SAME_PLACE(credential);
USSL_SAME_PLACE(more_credentials);
USSL_SAME_PLACE(server_name_callback);
USSL_SAME_PLACE(psk);
USSL_SAME_PLACE(psk_callback);
USSL_SAME_PLACE(suites);
USSL_SAME_PLACE(min_version);
USSL_SAME_PLACE(max_version);
USSL_SAME_PLACE(alpn);
USSL_SAME_PLACE(datagram);
USSL_SAME_PLACE(datagram_size);
USSL_SAME_PLACE(resumption);
USSL_SAME_PLACE(session_lifetime);
USSL_SAME_PLACE(ticket_keys);
USSL_SAME_PLACE(session_cache_size);
USSL_SAME_PLACE(max_fragment_length);
USSL_SAME_PLACE(record_size_limit);
USSL_SAME_PLACE(handshake_timeout);
USSL_SAME_PLACE(key_log);
USSL_SAME_PLACE(keep_peer_certificate);
USSL_SAME_PLACE(connection_id);
USSL_SAME_PLACE(connection_id_size);
#undef USSL_SAME_PLACE
constexpr std::size_t head = offsetof(ussl_config, trust_anchors);
static_assert(sizeof(ussl_config) - head ==
              sizeof(ContextConfig) - offsetof(ContextConfig, trust_anchors));
static_assert(std::is_trivially_copyable_v<ContextConfig>);

// In C 0 is the safe value; in C++ the numbers count the other way.
Verify verify_of(std::uint8_t verify) {
    return static_cast<Verify>(verify <= USSL_VERIFY_NONE ? USSL_VERIFY_NONE - verify : verify);
}

// The rules of Policy, in the order of their bits.
constexpr bool Policy::*rules[] = {&Policy::check_identity,
                                   &Policy::check_time,
                                   &Policy::check_purpose,
                                   &Policy::check_key_strength,
                                   &Policy::check_signature_strength,
                                   &Policy::check_constraints,
                                   &Policy::check_critical_extensions};
static_assert(USSL_SKIP_CRITICAL_EXTENSIONS == 1 << (std::size(rules) - 1));

// C callbacks with a string argument are in the context's storage.
void set_text_callbacks([[maybe_unused]] TextCallbacks& kept,
                        [[maybe_unused]] ContextConfig& config) {
#if USSL_SERVER_NAMES
    kept.server_name = std::bit_cast<ussl_server_name_callback>(config.server_name_callback);
    if (kept.server_name.choose != nullptr)
        config.server_name_callback = {
            &kept.server_name, [](void* user, std::string_view name) {
                const auto& callback = *static_cast<const ussl_server_name_callback*>(user);
                return callback.choose(callback.user, name.data(), name.size());
            }};
#endif
#if USSL_KEY_LOG
    kept.key_log = std::bit_cast<ussl_key_log>(config.key_log);
    if (kept.key_log.line != nullptr)
        config.key_log = {&kept.key_log, [](void* user, std::string_view line) {
                              const auto& log = *static_cast<const ussl_key_log*>(user);
                              log.line(log.user, line.data(), line.size());
                          }};
#endif
}

ContextConfig config_of(const ussl_config& from) {
    ContextConfig config;
    config.role = static_cast<Role>(from.role);
    config.verify = verify_of(from.verify);
    for (std::size_t i = 0; i != std::size(rules); ++i)
        config.policy.*rules[i] = (from.skip_checks >> i & 1) == 0;
    config.policy.callback_may_accept = from.callback_may_accept;
    const std::size_t usual_cache = config.session_cache_size;
    std::memcpy(static_cast<void*>(&config.trust_anchors), &from.trust_anchors,
                from.struct_size - head);
    if (config.session_cache_size == 0) config.session_cache_size = usual_cache;
    return config;
}

} // namespace
} // namespace ussl::c

using namespace ussl::c;

void ussl_context_init(ussl_context* context) { new (context) Object; }

ussl_error ussl_context_open(ussl_context* context, const ussl_config* config,
                             const ussl_environment* environment) {
    // A program that was compiled with an older header has fewer members: the others are zero.
    if (config == nullptr || environment == nullptr || config->struct_size > sizeof *config ||
        config->struct_size < head)
        return {USSL_ERR_INVALID_ARGUMENT, 0, 0, 0, 0};
    AnyContext& opened = context_in(context);
    if (opened.is_open()) return {USSL_ERR_INVALID_STATE, 0, 0, 0, 0};
    ussl::ContextConfig settings = config_of(*config);
    set_text_callbacks(*reinterpret_cast<TextCallbacks*>(context), settings);
#if USSL_ALPN
    const std::span<const ussl_bytes> given{as<const ussl_bytes*>(settings.alpn.data()),
                                            settings.alpn.size()};
    std::string_view names[ussl::max_alpn_names + 1]; // with one too many it is refused
    const std::size_t count = std::min(given.size(), std::size(names));
    for (std::size_t i = 0; i != count; ++i)
        names[i] = {reinterpret_cast<const char*>(given[i].data), given[i].size};
    settings.alpn = {names, count};
#endif
    return to_c(opened.open(settings, *as<const ussl::Environment*>(environment)));
}

void ussl_context_close(ussl_context* context) { context_in(context).close(); }
bool ussl_context_is_open(const ussl_context* context) { return context_in(context).is_open(); }
