// What BoringSSL's runner asks of a shim, from its command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bogo {

// Ends the program as the runner wants it where a test asks for what the product does not have.
[[noreturn]] void not_offered(const std::string& what);

// The settings of a context: connections with equal ones share a context.
struct ContextOptions {
    bool server = false;
    bool dtls = false;
    std::string key_file, cert_file, trust_cert;
    int min_version = 0, max_version = 0;
    bool no_tls12 = false, no_tls13 = false;
    std::string advertise_alpn, select_alpn;
    bool reject_alpn = false;
    bool verify_peer = false, require_any_client_certificate = false, verify_fail = false;
    bool no_ticket = false;
    std::string psk, psk_identity;
    std::string cipher;
    bool asks_server_name = false;

    bool operator==(const ContextOptions&) const = default;
};

// Of one connection.
struct Options {
    ContextOptions context;

    std::uint16_t port = 0;
    std::uint64_t shim_id = 0;
    bool ipv6 = false;
    int resume_count = 0;
    int resumption_delay = 0; // seconds, behind the connection
    std::string host_name;

    bool async = false;
    bool implicit_handshake = false;
    bool handshake_never_done = false;
    bool handshake_twice = false;
    bool shim_writes_first = false;
    std::string shim_initial_write = "hello";
    int repeat_shim_initial_write = 1;
    bool read_with_unfinished_write = false;
    bool write_different_record_sizes = false;
    int read_size = 0;
    bool shim_shuts_down = false;
    bool check_close_notify = false;
    int export_keying_material = 0;
    std::string export_label, export_context;
    bool use_export_context = false;
    bool use_exporter_between_reads = false;
    bool export_traffic_secrets = false;

    int expect_version = 0;
    int expect_cipher = 0;
    std::string expect_alpn;
    std::string expect_server_name;
    bool expect_no_server_name = false;
    bool expect_session_miss = false;
    bool expect_no_session = false;
    bool expect_ticket_renewal = false;
    std::string expect_peer_cert_file;
    bool expect_no_peer_cert = false;
    std::vector<int> curves; // that the test restricts itself to
};

// Of the first connection, and of those that follow it.
struct CommandLine {
    Options first, later;
};
CommandLine read_command_line(int count, char** arguments);

} // namespace bogo
