// A context with what the runner wants of it.
#pragma once

#include "options.hpp"

#include "ussl/context.hpp"
#include "ussl/environment.hpp"

#include <deque>
#include <string>
#include <vector>

#include USSL_TOOL_HEADER

namespace bogo {

namespace tls = ussl::USSL_TOOL_BACKEND;

// The clocks: the runner moves them.
void add_seconds(int seconds);
void add_milliseconds(std::uint64_t milliseconds);

// The blocks of a PEM file: its certificates, or what else it has.
class PemFile {
public:
    explicit PemFile(const std::string& path);
    const std::vector<ussl::Bytes>& certificates() const { return certificates_; }
    const std::vector<ussl::Bytes>& keys() const { return keys_; }

private:
    std::vector<std::uint8_t> der_;
    std::vector<ussl::Bytes> certificates_, keys_;
};

// Its address stays: the context has pointers to what is here.
class OpenContext {
public:
    explicit OpenContext(const ContextOptions& options);
    OpenContext(const OpenContext&) = delete;
    ~OpenContext() { context_.close(); }

    const ContextOptions& options() const { return options_; }
    tls::Context& context() { return context_; }

    // What the last client asked for, where ContextOptions::asks_server_name.
    const std::string& server_name() const { return server_name_; }
    // Traffic secrets of the last session (RFC 8446, 7.1), by the side that sends with it.
    const std::string& client_secret() const { return client_secret_; }
    const std::string& server_secret() const { return server_secret_; }

private:
    void set_versions();
    void set_credential();
    void set_verification();
    void set_alpn();
    void set_psk();
    void set_suites();
    void set_rest();
    void open();
    void keep_secret(std::string_view line);

    const ContextOptions options_;
    std::deque<PemFile> files_;
    std::vector<std::string_view> protocols_;
    std::vector<std::uint16_t> suites_;
    ussl::ContextConfig config_;
    std::string server_name_, client_secret_, server_secret_;
    tls::Context context_;
};

// Exits as not offered where a test restricts itself to a group that this backend lacks: no API
// chooses among those that it has.
void check_groups(const std::vector<int>& groups);

} // namespace bogo
