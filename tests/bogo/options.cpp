#include "options.hpp"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace bogo {

void not_offered(const std::string& what) {
    std::printf("not offered: %s\n", what.c_str());
    std::fflush(stdout);
    _exit(89);
}

namespace {

int number(const std::string& text) {
    return static_cast<int>(std::strtol(text.c_str(), nullptr, 10));
}

// How many arguments each takes is known by the kind of its handler.
struct Flag {
    std::string_view name;
    void (*set)(Options&);
};
struct Setting {
    std::string_view name;
    void (*set)(Options&, const std::string&);
};

#define SWITCH(name, member)                                                                       \
    {                                                                                              \
        name, [](Options& o) { o.member = true; }                                                  \
    }
#define TEXT(name, member)                                                                         \
    {                                                                                              \
        name, [](Options& o, const std::string& value) { o.member = value; }                       \
    }
#define NUMBER(name, member)                                                                       \
    {                                                                                              \
        name, [](Options& o, const std::string& value) { o.member = number(value); }               \
    }

constexpr Flag flags[] = {
    SWITCH("-ipv6", ipv6),
    SWITCH("-async", async),
    SWITCH("-shim-writes-first", shim_writes_first),
    SWITCH("-read-with-unfinished-write", read_with_unfinished_write),
    SWITCH("-write-different-record-sizes", write_different_record_sizes),
    SWITCH("-shim-shuts-down", shim_shuts_down),
    SWITCH("-check-close-notify", check_close_notify),
    SWITCH("-implicit-handshake", implicit_handshake),
    SWITCH("-handshake-never-done", handshake_never_done),
    SWITCH("-handshake-twice", handshake_twice),
    SWITCH("-no-op-extra-handshake", handshake_twice),
    SWITCH("-use-exporter-between-reads", use_exporter_between_reads),
    SWITCH("-export-traffic-secrets", export_traffic_secrets),
    SWITCH("-use-export-context", use_export_context),
    SWITCH("-expect-session-miss", expect_session_miss),
    SWITCH("-expect-no-session", expect_no_session),
    SWITCH("-expect-ticket-renewal", expect_ticket_renewal),
    SWITCH("-expect-no-peer-cert", expect_no_peer_cert),
    {"-expect-no-server-name",
     [](Options& o) { o.expect_no_server_name = o.context.asks_server_name = true; }},
    SWITCH("-server", context.server),
    SWITCH("-dtls", context.dtls),
    SWITCH("-no-tls12", context.no_tls12),
    SWITCH("-no-tls13", context.no_tls13),
    SWITCH("-no-ticket", context.no_ticket),
    SWITCH("-reject-alpn", context.reject_alpn),
    SWITCH("-verify-peer", context.verify_peer),
    SWITCH("-verify-fail", context.verify_fail),
    SWITCH("-require-any-client-certificate", context.require_any_client_certificate),
};

constexpr Setting settings[] = {
    TEXT("-shim-initial-write", shim_initial_write),
    TEXT("-export-label", export_label),
    TEXT("-export-context", export_context),
    TEXT("-host-name", host_name),
    TEXT("-expect-alpn", expect_alpn),
    TEXT("-expect-peer-cert-file", expect_peer_cert_file),
    TEXT("-key-file", context.key_file),
    TEXT("-cert-file", context.cert_file),
    TEXT("-trust-cert", context.trust_cert),
    TEXT("-advertise-alpn", context.advertise_alpn),
    TEXT("-select-alpn", context.select_alpn),
    TEXT("-psk", context.psk),
    TEXT("-psk-identity", context.psk_identity),
    TEXT("-cipher", context.cipher),
    NUMBER("-resume-count", resume_count),
    NUMBER("-resumption-delay", resumption_delay),
    NUMBER("-repeat-shim-initial-write", repeat_shim_initial_write),
    NUMBER("-export-keying-material", export_keying_material),
    NUMBER("-read-size", read_size),
    NUMBER("-expect-version", expect_version),
    NUMBER("-expect-cipher", expect_cipher),
    NUMBER("-expect-cipher-aes", expect_cipher),
    NUMBER("-min-version", context.min_version),
    NUMBER("-max-version", context.max_version),
    {"-port", [](Options& o,
                 const std::string& value) { o.port = static_cast<std::uint16_t>(number(value)); }},
    {"-shim-id",
     [](Options& o, const std::string& value) {
         o.shim_id = std::strtoull(value.c_str(), nullptr, 10);
     }},
    {"-curves", [](Options& o, const std::string& value) { o.curves.push_back(number(value)); }},
    {"-expect-server-name",
     [](Options& o, const std::string& value) {
         o.expect_server_name = value;
         o.context.asks_server_name = true;
     }},
    {"-expect-total-renegotiations",
     [](Options&, const std::string& value) {
         if (number(value) != 0) not_offered("renegotiation");
     }},
};
#undef SWITCH
#undef TEXT
#undef NUMBER

// Hints, how a callback of BoringSSL is to be called, and what no API of ours shows: the runner
// sees these on the wire as well.
constexpr std::string_view unused_flags[] = {
    "-no-tls1",
    "-no-tls11",
    "-partial-write",
    "-decline-alpn",
    "-use-old-client-cert-callback",
    "-use-custom-verify-callback",
    "-use-early-callback",
    "-use-ticket-callback",
    "-use-ticket-aead-callback",
    "-install-ddos-callback",
    "-expect-extended-master-secret",
    "-expect-secure-renegotiation",
    "-expect-no-secure-renegotiation",
    "-expect-hrr",
    "-expect-no-hrr",
    "-expect-verify-result",
    "-expect-session-id",
    "-expect-no-session-id",
};
constexpr std::string_view unused_settings[] = {
    "-expect-curve-id",
    "-expect-peer-signature-algorithm",
    "-expect-peer-verify-pref",
    "-expect-advertised-alpn",
    "-expect-client-ca-list",
    "-expect-certificate-types",
    "-expect-cipher-no-aes",
    "-signing-prefs",
    "-verify-prefs",
};

// Returns how many further arguments it took, or -1: there is no such flag.
int read_flag(Options& o, std::string_view name, const std::string& value) {
    for (const Flag& flag : flags) {
        if (name != flag.name) continue;
        flag.set(o);
        return 0;
    }
    for (const Setting& setting : settings) {
        if (name != setting.name) continue;
        setting.set(o, value);
        return 1;
    }
    for (const std::string_view unused : unused_flags)
        if (name == unused) return 0;
    for (const std::string_view unused : unused_settings)
        if (name == unused) return 1;
    return -1;
}

// A prefix says which connections a flag is for.
struct Whose {
    std::string_view prefix;
    bool first, later;
};
constexpr Whose prefixes[] = {
    {"-on-shim", true, true},    {"-on-initial", true, false},     {"-on-resume", false, true},
    {"-on-retry", false, false}, {"-on-handshaker", false, false},
};

} // namespace

CommandLine read_command_line(int count, char** arguments) {
    CommandLine line;
    for (int i = 1; i < count; ++i) {
        std::string_view name = arguments[i];
        const std::string value = i + 1 < count ? arguments[i + 1] : "";
        Whose whose{"", true, true};
        for (const Whose& each : prefixes)
            if (name.starts_with(each.prefix) && name.substr(each.prefix.size()).starts_with("-"))
                whose = each;
        name.remove_prefix(whose.prefix.size());
        Options neither;
        const int taken = read_flag(whose.first ? line.first : neither, name, value);
        if (taken < 0) not_offered(std::string(name));
        if (whose.later) read_flag(line.later, name, value);
        i += taken;
    }
    return line;
}

} // namespace bogo
