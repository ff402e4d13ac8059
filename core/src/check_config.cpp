// The checks that every backend makes before its library sees anything.
#include "ussl/backend/check_settings.hpp"
#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/features.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/identity.hpp"
#include "ussl/x509/path.hpp"
#include "ussl/x509/private_key.hpp"

namespace ussl {
namespace {

constexpr bool may_take_credentials =
    features::certificates && (features::server || features::client_certificates);

Err check_versions(const ContextConfig& config, const Capabilities& can) {
    const auto supported = [&can](Version version) {
        return version == Version::none || (version == Version::tls1_2 && can.tls1_2) ||
               (version == Version::tls1_3 && can.tls1_3);
    };
    if (!supported(config.min_version) || !supported(config.max_version) ||
        (config.datagram && !can.dtls))
        return Err::unsupported;
    if (config.datagram && config.min_version == Version::tls1_3) return Err::invalid_argument;
    const bool empty_range = can.tls1_3 && config.min_version != Version::none &&
                             config.max_version != Version::none &&
                             config.min_version > config.max_version;
    return empty_range ? Err::invalid_argument : Err::none;
}

// The limits of peers: the number of certificates, and the size of the Certificate message (RFC
// 5246, 7.4.2 and RFC 8446, 4.4.2: its header, and for each certificate its length and extensions).
bool fits_peers(std::span<const Bytes> chain) {
    std::size_t size = 4 + 1 + 3;
    for (const Bytes& certificate : chain)
        size += 3 + certificate.size() + 2;
    return chain.size() <= x509::max_sent_certificates && size <= max_own_certificates;
}

// `now`: 0 if it does not matter. `which` gets the number of the faulty certificate.
Err check_credential(const Credential& own, Role role, bool needs_certificate, UnixTime now,
                     const Capabilities& can, const Capabilities& capabilities, OwnKeys& keys,
                     Error& which) {
    const bool has_signer = own.signer.sign != nullptr;
    if (own.chain.empty()) {
        if (!own.private_key.empty() || has_signer || needs_certificate) return Err::no_certificate;
        return Err::none;
    }
    if (!may_take_credentials) return Err::unsupported;
    if (own.private_key.empty() && !has_signer) return Err::no_private_key;
    if (has_signer && !can.sign_callback) return Err::unsupported;
    if (has_signer && !own.private_key.empty()) return Err::invalid_argument;
    if (!is_server(role) && !can.client_certificates) return Err::unsupported;
    if (!fits_peers(own.chain)) return Err::invalid_argument;
    x509::Certificate certificate{};
    // From last to first, so that `certificate` is the own one at the end.
    for (std::size_t i = own.chain.size(); i-- != 0;) {
        which.certificate = static_cast<std::uint16_t>(i + 1);
        if (!x509::parse(own.chain[i], certificate) || certificate.has_unknown_critical)
            return Err::bad_certificate;
    }
    if (now != 0 && (now < certificate.not_before || now > certificate.not_after))
        return Err::not_valid_now;
    // Libraries store signatures of this size, also those from a signer.
    const bool is_rsa = certificate.key == x509::KeyKind::rsa;
    if (!x509::key_known(certificate, &capabilities) ||
        (is_rsa && certificate.key_bits > x509::max_own_rsa_bits))
        return Err::unsupported;
    which.certificate = 0;
    (is_rsa ? keys.rsa : keys.ecdsa) = true;
    if (is_rsa && has_signer) keys.tls1_2 = !can.rsa_signer_tls1_3;
    if (has_signer) return Err::none;
    x509::PrivateKey key;
    const Err error = x509::parse_private_key(own.private_key, key);
    return error == Err::none ? x509::check_private_key(key, certificate.subject_public_key)
                              : error;
}

Err check_credentials(const ContextConfig& config, const Environment& environment,
                      const Capabilities& can, const Capabilities& capabilities, OwnKeys& keys,
                      Error& which) {
    // Peers refuse an expired certificate: it is better to fail here. Not without a clock; and not
    // on a client that verifies nothing, as its server may not verify either. On a server `verify`
    // says nothing about its clients.
    const bool server = is_server(config.role);
    UnixTime now = 0;
    if (!may_take_credentials || (!server && config.verify == Verify::none) ||
        !config.policy.check_time || read_clock(environment, now) != Err::none)
        now = 0;
    const bool has_psk = config.psk_callback.find != nullptr;
    Err error = check_credential(config.credential, config.role, server && !has_psk, now, can,
                                 capabilities, keys, which);
    if (config.more_credentials.empty() && config.server_name_callback.choose == nullptr)
        return error;
    if (!can.server_names) return Err::unsupported;
    if (!server || config.credential.chain.empty()) return Err::invalid_argument;
    for (const Credential& own : config.more_credentials) {
        if (error != Err::none) break;
        ++which.credential;
        error = check_credential(own, config.role, true, now, can, capabilities, keys, which);
    }
    return error;
}

Err check_psk(const ContextConfig& config, const Capabilities& can) {
    const PreSharedKey& psk = config.psk;
    const bool client_has = !psk.identity.empty() || !psk.key.empty();
    const bool server_has = config.psk_callback.find != nullptr;
    if (!client_has && !server_has) return Err::none;
    if (!can.psk) return Err::unsupported;
    if (client_has == (config.role == Role::server) || server_has == (config.role == Role::client))
        return Err::invalid_argument;
    const bool fits =
        !client_has || (!psk.identity.empty() && psk.identity.size() <= max_psk_identity &&
                        !psk.key.empty() && psk.key.size() <= max_psk_key);
    return fits ? Err::none : Err::invalid_argument;
}

// For builds without certificates: any setting of theirs is unsupported, also one that would change
// nothing for a peer with a key. Verify::optional of a server asks for a certificate.
Err check_absent_certificates(const ContextConfig& config) {
    const Credential& own = config.credential;
    const bool sets_own = !own.chain.empty() || !own.private_key.empty() ||
                          own.signer.sign != nullptr || !config.more_credentials.empty() ||
                          config.server_name_callback.choose != nullptr;
    const bool sets_peers = has_anchors_or_pins(config) ||
                            config.verify_callback.accept != nullptr ||
                            config.keep_peer_certificate ||
                            (is_server(config.role) && config.verify == Verify::optional);
    if (sets_own || sets_peers) return Err::unsupported;
    return has_psk(config) ? Err::none : Err::no_psk;
}

Err check_suites(const ContextConfig& config, std::span<const std::uint16_t> suites) {
    for (const std::uint16_t number : config.suites) {
        if (!is_known_suite(number)) return Err::invalid_argument;
        bool supported = false;
        for (const std::uint16_t has : suites)
            supported = supported || has == number;
        if (!supported) return Err::unsupported;
    }
    return Err::none;
}

Err check_ticket_keys(const ContextConfig& config, const Capabilities& can) {
    if (config.ticket_keys.empty()) return Err::none;
    if (!can.ticket_keys) return Err::unsupported;
    bool good =
        is_server(config.role) && config.resumption && config.ticket_keys.size() <= max_ticket_keys;
    for (const Bytes& key : config.ticket_keys)
        good = good && key.size() == ticket_key_size;
    return good ? Err::none : Err::invalid_argument;
}

Err check_options(const ContextConfig& config, const Environment& environment,
                  const Capabilities& can) {
    const bool unsupported =
        ((config.resumption || config.session_lifetime != 0) && !can.resumption) ||
        (config.key_log.line != nullptr && !can.key_log) ||
        (config.handshake_timeout != 0 && !can.handshake_timeout) ||
        ((config.datagram || config.handshake_timeout != 0) && environment.milliseconds == nullptr);
    if (unsupported) return Err::unsupported;
    if ((features::handshake_timeout && config.handshake_timeout == no_timeout) ||
        config.session_lifetime > max_session_lifetime)
        return Err::invalid_argument;
    if (config.datagram_size != 0) {
        if (!can.dtls) return Err::unsupported;
        if (!config.datagram || config.datagram_size < 256 || config.datagram_size > most_plaintext)
            return Err::invalid_argument;
    }
    if (config.connection_id || config.connection_id_size != 0) {
        if (!can.connection_id) return Err::unsupported;
        if (!config.datagram || !config.connection_id ||
            config.connection_id_size > max_connection_id)
            return Err::invalid_argument;
    }
    if (const Err error = check_ticket_keys(config, can); error != Err::none) return error;
    if (config.record_size_limit != 0) {
        if (!can.record_size_limit || config.datagram) return Err::unsupported;
        if (config.record_size_limit < least_record_size_limit ||
            config.record_size_limit > most_plaintext)
            return Err::invalid_argument;
        if (config.record_size_limit > USSL_RECORD_INPUT) return Err::unsupported;
    }
    if (config.max_fragment_length == 0) return Err::none;
    if (!can.max_fragment_length) return Err::unsupported;
    if (is_server(config.role)) return Err::invalid_argument;
    switch (config.max_fragment_length) {
    case 512:
    case 1024:
    case 2048:
    case 4096:
        return config.max_fragment_length <= USSL_RECORD_INPUT ? Err::none : Err::unsupported;
    default: return Err::invalid_argument;
    }
}

Err check_verification(const ContextConfig& config, const Capabilities& can,
                       const Capabilities& capabilities, Error& which) {
    if (is_server(config.role) && config.verify != Verify::none && !can.client_certificates)
        return Err::unsupported;
    if ((!can.pins && !config.pins.empty()) ||
        (!features::anchor_source && config.anchor_source != nullptr) ||
        (!can.verify_callback && config.verify_callback.accept != nullptr))
        return Err::unsupported;
    if (!can.verification) {
        // Certificates cannot be verified in this build. A pre-shared key needs none.
        return config.verify == Verify::none || !uses_certificates(config) ? Err::none
                                                                           : Err::unsupported;
    }
    if (features::anchor_source && config.anchor_source != nullptr &&
        config.anchor_source->find == nullptr)
        return Err::invalid_argument;
    if (config.verify != Verify::none) {
        const Policy& policy = config.policy;
        if (!(policy.check_constraints && policy.check_critical_extensions) && !can.lenient_paths)
            return Err::unsupported;
        if (!policy.check_signature_strength && !can.sha1_signatures) return Err::unsupported;
        // A pre-shared key verifies the peer by itself.
        if (!has_anchors_or_pins(config) && !has_psk(config)) return Err::no_trust_anchors;
    }
    if (features::pins)
        for (const Bytes& pin : config.pins)
            if (pin.size() != 32) return Err::invalid_argument;
    const bool needed = config.anchor_source == nullptr && config.verify != Verify::none;
    return x509::check_trust_anchors(config.trust_anchors, needed, capabilities, which.certificate);
}

// RFC 7301, 3.1: a name has 1 to 255 bytes. Most libraries store C strings. A client sends the list
// in its first message, which with DTLS is one datagram.
Err check_alpn(const ContextConfig& config, const Capabilities& can) {
    if (config.alpn.empty()) return Err::none;
    if (!can.alpn) return Err::unsupported;
    if (config.alpn.size() > max_alpn_names) return Err::invalid_argument;
    std::size_t total = 0;
    for (const std::string_view name : config.alpn) {
        if (name.empty() || name.size() > 255 || name.find('\0') != name.npos)
            return Err::invalid_argument;
        total += 1 + name.size();
    }
    return total > max_alpn_list ? Err::invalid_argument : Err::none;
}

} // namespace

Err x509::check_trust_anchors(std::span<const Bytes> anchors, bool needed, const Capabilities& can,
                              std::uint16_t& which) {
    bool usable = !features::verification || !needed || anchors.empty();
    for (const Bytes& anchor : anchors) {
        x509::Certificate certificate{};
        if (!(features::verification ? x509::parse(anchor, certificate)
                                     : x509::is_der_sequence(anchor))) {
            which = static_cast<std::uint16_t>(&anchor - anchors.data() + 1);
            return Err::bad_trust_anchor;
        }
        usable = usable || x509::key_known(certificate, &can);
    }
    if (usable) return Err::none;
    which = 1;
    return Err::unsupported;
}

Error check_config(const ContextConfig& config, const Environment& environment,
                   const Capabilities& capabilities, std::span<const std::uint16_t> suites,
                   OwnKeys& keys) {
    // `capabilities` is known only at run time. within_build() repeats the switches, so that the
    // compiler drops the code of absent features. It must not lose sight of `can`: a function of
    // another file gets `capabilities`.
    const Capabilities can = within_build(capabilities);
    if (config.role > Role::server || config.verify > Verify::required)
        return {Err::invalid_argument};
    if (!(config.role == Role::client ? can.client : can.server)) return {Err::unsupported};
    // Check that there is randomness now: libraries ask for it at different times.
    std::uint8_t byte = 0;
    if (environment.random == nullptr || !environment.random(environment.user, {&byte, 1}))
        return {Err::no_randomness};
    Error found;
    Err& error = found.code;
    error = check_versions(config, can);
    if (error == Err::none) error = check_suites(config, suites);
    if (features::certificates && error == Err::none)
        error = check_credentials(config, environment, can, capabilities, keys, found);
    if (error == Err::none) error = check_psk(config, can);
    if (features::certificates && error == Err::none)
        error = check_verification(config, can, capabilities, found);
    if (!features::certificates && error == Err::none) error = check_absent_certificates(config);
    if (error == Err::none) error = check_alpn(config, can);
    if (error == Err::none) error = check_options(config, environment, can);
    return found;
}

Err check_peer_identity(const SessionSetup& setup) {
    const PeerIdentity& peer = setup.expectations.identity;
    if (!peer.sni.empty() && !x509::is_dns_name(peer.sni)) return Err::invalid_argument;
    if (!peer.dns_name.empty() && !x509::is_dns_name(peer.dns_name)) return Err::invalid_argument;
    const std::size_t address = peer.ip_address.size();
    if (!features::certificates && (!peer.sni.empty() || !peer.dns_name.empty() || address != 0))
        return Err::unsupported; // names are those of certificates
    if (address != 0 && address != 4 && address != 16) return Err::invalid_argument;
    if (setup.datagram && setup.role == Role::server &&
        (peer.client_id.empty() || peer.client_id.size() > max_client_id))
        return Err::invalid_argument;
    if (peer.connection_id.size() != setup.connection_id_size) return Err::invalid_argument;
    if (setup.role == Role::server || !judges_certificates(setup) ||
        !setup.expectations.policy.check_identity)
        return Err::none;
    if (peer.dns_name.empty() && address == 0) return Err::no_server_name;
    return !peer.dns_name.empty() && address != 0 ? Err::invalid_argument : Err::none;
}

Err expect_peer(SessionSetup& setup, const PeerIdentity& peer, const Environment& environment) {
    x509::Expectations& expected = setup.expectations;
    expected.identity = peer;
    const Err error = check_peer_identity(setup);
    // RFC 6066, 3: the name is sent without its trailing dot.
    if (expected.identity.sni.ends_with('.')) expected.identity.sni.remove_suffix(1);
    return error == Err::none && judges_certificates(setup) && expected.policy.check_time
               ? read_clock(environment, expected.now)
               : error;
}

Err read_clock(const Environment& environment, UnixTime& now) {
    const bool set = environment.now != nullptr && environment.now(environment.user, &now) &&
                     now >= earliest_time;
    return set ? Err::none : Err::clock_not_set;
}

} // namespace ussl
