#include "context.hpp"

#include "support/error_names.hpp"

#include "ussl/pem.hpp"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

namespace bogo {

using namespace ussl;

namespace {

std::int64_t added_seconds = 0;
std::uint32_t virtual_milliseconds = 1000;

Environment moved_clocks() {
    Environment environment = posix_environment();
    environment.now = [](void*, UnixTime* out) {
        *out = static_cast<UnixTime>(std::time(nullptr)) + added_seconds;
        return true;
    };
    environment.milliseconds = [](void*) { return virtual_milliseconds; };
    return environment;
}
const Environment environment = moved_clocks();

} // namespace

void add_seconds(int seconds) { added_seconds += seconds; }
void add_milliseconds(std::uint64_t milliseconds) {
    virtual_milliseconds += static_cast<std::uint32_t>(milliseconds);
}

PemFile::PemFile(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    const std::vector<std::uint8_t> text(std::istreambuf_iterator<char>(in), {});
    der_.resize(pem::max_der_size(text.size()));
    MutableBytes room = der_;
    pem::Reader reader(text);
    for (pem::Block block; reader.next(room, block) == Err::none && !block.label.empty();) {
        (block.label == "CERTIFICATE" ? certificates_ : keys_).push_back(block.der);
        room = room.subspan(block.der.size());
    }
}

OpenContext::OpenContext(const ContextOptions& options) : options_(options) {
    config_.role = options_.server ? Role::server : Role::client;
    config_.datagram = options_.dtls;
    config_.keep_peer_certificate = true;
    set_versions();
    set_credential();
    set_verification();
    set_alpn();
    set_psk();
    set_suites();
    set_rest();
    open();
}

namespace {

// The version of TLS that a DTLS version is made from.
int of_tls(int wire) {
    switch (wire) {
    case 0xfeff: return 0x0302;
    case 0xfefd: return 0x0303;
    case 0xfefc: return 0x0304;
    default: return wire;
    }
}

} // namespace

void OpenContext::set_versions() {
    const Capabilities& can = context_.backend().capabilities;
    if (options_.dtls && !can.dtls) not_offered("DTLS");
    const int highest = can.tls1_3 && !options_.dtls ? 0x0304 : 0x0303;
    int low = std::max(of_tls(options_.min_version), 0x0303);
    int high = options_.max_version == 0 ? highest : of_tls(options_.max_version);
    high = std::min(high, options_.no_tls13 ? 0x0303 : highest);
    if (options_.no_tls12) low = 0x0304;
    if (high < low) not_offered("these versions");
    config_.min_version = static_cast<Version>(low);
    config_.max_version = static_cast<Version>(high);
}

void OpenContext::set_credential() {
    if (options_.cert_file.empty()) return;
    const PemFile& chain = files_.emplace_back(options_.cert_file);
    const PemFile& key = files_.emplace_back(options_.key_file);
    if (chain.certificates().empty() || key.keys().empty())
        not_offered("an own certificate that is none");
    config_.credential.chain = chain.certificates();
    config_.credential.private_key = key.keys()[0];
}

// The runner's certificates are signed by themselves, and name nobody: the callback has the say.
void OpenContext::set_verification() {
    if (options_.server && options_.require_any_client_certificate)
        config_.verify = Verify::required;
    else if (options_.verify_peer)
        config_.verify = options_.server ? Verify::optional : Verify::required;
    else
        config_.verify = Verify::none;
    if (config_.verify == Verify::none) return;

    if (!options_.trust_cert.empty())
        config_.trust_anchors = files_.emplace_back(options_.trust_cert).certificates();
    if (config_.trust_anchors.empty()) config_.trust_anchors = config_.credential.chain;
    if (config_.trust_anchors.empty()) not_offered("verification without any anchor");
    config_.policy.check_identity = false;
    config_.policy.callback_may_accept = true;
    config_.verify_callback = {this,
                               [](void* user, Bytes, unsigned, Err) {
                                   return !static_cast<OpenContext*>(user)->options_.verify_fail;
                               },
                               as_bytes("bogo")}; // sessions outlast what it says by -on-resume
}

void OpenContext::set_alpn() {
    if (options_.server) {
        if (!options_.select_alpn.empty()) protocols_.push_back(options_.select_alpn);
        if (options_.reject_alpn) protocols_.push_back("no such protocol");
    } else {
        const std::string_view list = options_.advertise_alpn; // as in the message
        for (std::size_t at = 0; at < list.size();) {
            const auto size = static_cast<std::uint8_t>(list[at]);
            protocols_.push_back(list.substr(at + 1, size));
            at += std::size_t{1} + size;
        }
    }
    config_.alpn = protocols_;
}

void OpenContext::set_psk() {
    if (options_.psk.empty()) return;
    if (!options_.server) {
        config_.psk = {as_bytes(options_.psk_identity), as_bytes(options_.psk)};
        return;
    }
    config_.psk_callback = {this, [](void* user, Bytes identity, Bytes* key) {
                                const ContextOptions& its =
                                    static_cast<OpenContext*>(user)->options_;
                                if (!equal(identity, as_bytes(its.psk_identity))) return false;
                                *key = as_bytes(its.psk);
                                return true;
                            }};
}

namespace {

// The suites that -cipher may name: by OpenSSL's name, the RFC's, and a number.
struct NamedSuite {
    std::string_view openssl, rfc;
    std::uint16_t number;
};
constexpr NamedSuite named_suites[] = {
    {"ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b},
    {"ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c},
    {"ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f},
    {"ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030},
    {"ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8},
    {"ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9},
    {"ECDHE-PSK-CHACHA20-POLY1305", "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", 0xccac},
};

std::uint16_t suite_number(std::string_view name) {
    for (const NamedSuite& suite : named_suites)
        if (name == suite.openssl || name == suite.rfc) return suite.number;
    not_offered("-cipher " + std::string(name));
}

bool is_of_tls1_3(std::uint16_t suite) { return suite >> 8 == 0x13; }
bool is_chacha20(std::uint16_t suite) { return suite == 0x1303 || suite >> 8 == 0xcc; }

} // namespace

void OpenContext::set_suites() {
    if (options_.cipher.empty()) return;
    const std::span<const std::uint16_t> all = context_.backend().suites;
    if (options_.cipher == "DEFAULT:!AES") {
        for (const std::uint16_t suite : all)
            if (is_chacha20(suite)) suites_.push_back(suite);
    } else {
        std::string_view rest = options_.cipher;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find(':'), rest.size());
            suites_.push_back(suite_number(rest.substr(0, end)));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        for (const std::uint16_t suite : all) // which -cipher does not concern
            if (is_of_tls1_3(suite)) suites_.push_back(suite);
    }
    config_.suites = suites_;
}

void OpenContext::set_rest() {
    const Capabilities& can = context_.backend().capabilities;
    config_.resumption = can.resumption && !options_.no_ticket;
    if (options_.server && options_.asks_server_name && can.server_names)
        config_.server_name_callback = {this, [](void* user, std::string_view name) {
                                            static_cast<OpenContext*>(user)->server_name_ = name;
                                            return 0;
                                        }};
    if (can.key_log)
        config_.key_log = {this, [](void* user, std::string_view line) {
                               static_cast<OpenContext*>(user)->keep_secret(line);
                           }};
}

void OpenContext::keep_secret(std::string_view line) {
    std::string* secret = line.starts_with("CLIENT_TRAFFIC_SECRET_0 ")   ? &client_secret_
                          : line.starts_with("SERVER_TRAFFIC_SECRET_0 ") ? &server_secret_
                                                                         : nullptr;
    if (secret == nullptr) return;
    const std::string digits(line.substr(line.rfind(' ') + 1));
    secret->clear();
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        secret->push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
}

void OpenContext::open() {
    const auto [code, alert, library, certificate, credential] =
        context_.open(config_, environment);
    switch (code) {
    case Err::none: return;
    case Err::unsupported:
    case Err::bad_private_key:
    case Err::bad_certificate:
    case Err::bad_trust_anchor:
    case Err::no_certificate:
    case Err::weak_key: not_offered(std::string("a context with these: ") + test::name_of(code));
    default: break;
    }
    std::fprintf(stderr, "context: :%s: library %d\n", test::name_of(code),
                 static_cast<int>(library));
    std::exit(1);
}

void check_groups(const std::vector<int>& groups) {
    const Capabilities& can = tls::Context().backend().capabilities;
    for (const int group : groups) {
        const bool has = group == 23 || (group == 24 && can.ecdsa_p384) ||
                         (group == 29 && can.x25519) || (group == 4588 && can.x25519mlkem768);
        if (!has) not_offered("-curves " + std::to_string(group));
    }
}

} // namespace bogo
