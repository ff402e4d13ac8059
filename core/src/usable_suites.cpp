#include "ussl/backend/usable_suites.hpp"

namespace ussl {
namespace {

using Kind = SuiteInList::Kind;

// Whether suites of this kind can be used.
bool is_usable([[maybe_unused]] const ContextConfig& config, Kind kind,
               [[maybe_unused]] OwnKeys own) {
    switch (kind) {
    case Kind::tls1_3: return features::tls1_3 && config.max_version != Version::tls1_2;
    case Kind::ecdhe_psk: return has_psk(config);
    case Kind::bare_psk:
        return has_psk(config) &&
               (features::certificates || !features::ecdhe_psk || !config.suites.empty());
    case Kind::ecdsa: return uses_certificates(config) && (!is_server(config.role) || own.ecdsa);
    case Kind::rsa: break;
    }
    return uses_certificates(config) && (!is_server(config.role) || own.rsa);
}

bool has(std::span<const std::uint16_t> list, std::uint16_t number) {
    for (const std::uint16_t one : list)
        if (one == number) return true;
    return false;
}

// Whether what the library has in TLS 1.2 only is asked for.
bool is_limited_to_tls1_2(const ContextConfig& config, const Capabilities& can, OwnKeys own) {
    return !can.tls1_3 || (features::dtls && config.datagram) ||
           (features::max_fragment_length && config.max_fragment_length != 0 &&
            !can.max_fragment_length_tls1_3) ||
           (features::sign_callback && own.tls1_2);
}

bool has_one_of(std::span<const std::uint16_t> list, Version version) {
    for (const std::uint16_t number : list)
        if (is_of_tls1_3(number) == (version == Version::tls1_3)) return true;
    return false;
}

} // namespace

Err choose_suites(ContextConfig& config, std::span<const std::uint16_t> all,
                  [[maybe_unused]] const Capabilities& can, OwnKeys own, UsableSuites& usable) {
    if (features::tls1_3) {
        if (is_limited_to_tls1_2(config, can, own)) {
            if (config.min_version == Version::tls1_3) return Err::unsupported;
            config.max_version = Version::tls1_2;
        }
        if (config.min_version == Version::none) config.min_version = Version::tls1_2;
        if (config.max_version == Version::none) config.max_version = Version::tls1_3;
    }
    // In builds where one kind is possible, the list has no others.
    constexpr bool has_kinds = features::tls1_3 || features::psk || features::server;
    for (const std::uint16_t number : config.suites.empty() ? all : config.suites)
        if ((!has_kinds || is_usable(config, kind_of(number), own)) && !has(usable.list(), number))
            usable.numbers[usable.count++] = number;
    config.suites = usable.list();
    if (features::tls1_3) {
        const Version least = config.min_version;
        if (!has_one_of(usable.list(), Version::tls1_3)) config.max_version = Version::tls1_2;
        if (!has_one_of(usable.list(), Version::tls1_2)) config.min_version = Version::tls1_3;
        if (least == Version::tls1_3 && config.max_version == Version::tls1_2) usable.count = 0;
    }
    return usable.count != 0 ? Err::none : Err::invalid_argument;
}

} // namespace ussl
