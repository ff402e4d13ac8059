// Every case of the table: with the rules of core/ alone, and in a handshake on every backend of
// the build, in the role that judges. And every own key of tests/certs/own_keys.py: it opens a
// backend's context and signs its handshakes, in both roles, or is refused.
//
//   verdicts DIR                         runs all; ends with "N passed, N failed"
//   verdicts DIR --matrix [--backend B]  prints the table with every verdict
//   verdicts DIR --case NAME             only cases whose name begins so
//
// DIR: the output of make.py. cases.py lists the expected differences; one that is no longer true
// is a failure, too.
#include "prover.hpp"

#include "support/backends.hpp"
// Only for the names of errors; the rest comes with them.
#define DOCTEST_CONFIG_IMPLEMENT
#include "support/doctest.hpp"

#include "support/differences.hpp"
#include "support/material.hpp"
#include "support/test_environment.hpp"

#include "ussl/root_bundle.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/der.hpp"
#include "ussl/x509/identity.hpp"
#include "ussl/x509/path.hpp"
#include "ussl/x509/private_key.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {
namespace {

struct Case {
    std::string name, reason, host, needs, own_needs;
    Role proving = Role::server;
    Err verdict = Err::none;
    Err message = Err::none; // a session's verdict: another where the message is refused before
    Err own = Err::none;     // when a context opens that shows the chain
    Blob ip;
    Policy policy;
    UnixTime time = 0;
    bool path = true;
    bool own_only = false; // about the key: no prover shows the chain
    Bytes key, own_key;
    std::vector<Bytes> chain, anchors;
    Bytes bundle;                           // the same anchors
    std::map<std::string, Err> differences; // by BACKEND, BACKEND@VERSION or BACKEND@own
};

struct Outcome {
    Err verdict = Err::internal;
    unsigned alert = 0;   // that the peer heard
    std::string trouble;  // what is wrong besides the verdict
    bool at_open = false; // before there was a peer
};

[[noreturn]] void stop(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(2);
}

// --- The manifest ---

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts{""};
    for (const char c : text)
        if (c == at)
            parts.emplace_back();
        else
            parts.back() += c;
    if (parts.back().empty() && parts.size() == 1) parts.clear();
    return parts;
}

Err error_named(std::string_view name) {
    if (name == "ok") return Err::none;
    for (const NamedErr& error : all_errors)
        if (error.name == name) return error.code;
    stop("no such error: " + std::string(name));
}

const char* verdict_name(Err code) { return code == Err::none ? "ok" : name_of(code); }

bool Policy::*switch_named(const std::string& name) {
    const std::pair<const char*, bool Policy::*> all[] = {
        {"check_identity", &Policy::check_identity},
        {"check_time", &Policy::check_time},
        {"check_purpose", &Policy::check_purpose},
        {"check_key_strength", &Policy::check_key_strength},
        {"check_signature_strength", &Policy::check_signature_strength},
        {"check_constraints", &Policy::check_constraints},
        {"check_critical_extensions", &Policy::check_critical_extensions},
    };
    for (const auto& [known, member] : all)
        if (name == known) return member;
    stop("no such setting: " + name);
}

class Files {
public:
    explicit Files(std::string directory) : directory_(std::move(directory)) {}

    Bytes operator[](const std::string& name) {
        const auto found = read_.find(name);
        if (found != read_.end()) return found->second;
        std::ifstream in(directory_ + "/" + name, std::ios::binary);
        if (!in) stop(directory_ + "/" + name + " is missing: run make.py");
        return read_[name] = Blob(std::istreambuf_iterator<char>(in), {});
    }

    // A file of several certificates, one after the other.
    void append_all(const std::string& name, std::vector<Bytes>& out) {
        if (name != "bundle.der") return out.push_back((*this)[name]);
        der::Parser reader((*this)[name]);
        while (!reader.at_end())
            out.push_back(reader.next().whole);
    }

private:
    std::string directory_;
    std::map<std::string, Blob> read_;
};

std::vector<Case> read_manifest(const std::string& directory, Files& files) {
    std::ifstream in(directory + "/manifest.txt");
    std::string line;
    if (!std::getline(in, line)) stop(directory + "/manifest.txt is missing: run make.py");
    const std::vector<std::string> fields = split(line, '\t');
    std::vector<Case> cases;
    while (std::getline(in, line)) {
        std::map<std::string, std::string> row;
        const std::vector<std::string> values = split(line, '\t');
        for (std::size_t i = 0; i < fields.size(); ++i)
            row[fields[i]] = values.at(i);
        Case c;
        c.name = row["case"], c.reason = row["reason"], c.host = row["host"],
        c.needs = row["needs"], c.own_needs = row["own_needs"];
        c.proving = row["role"] == "server" ? Role::server : Role::client;
        c.verdict = error_named(row["verdict"]);
        c.message = error_named(row["message"]);
        c.own = error_named(row["own"]);
        if (!row["ip"].empty()) {
            std::uint8_t bytes[16];
            const std::size_t size = x509::parse_ip_address(row["ip"], bytes);
            if (size == 0) stop(c.name + ": not an address: " + row["ip"]);
            c.ip.assign(bytes, bytes + size);
        }
        for (const std::string& name : split(row["off"], ','))
            c.policy.*switch_named(name) = false;
        c.time = std::atoll(row["time"].c_str());
        c.path = row["path"] == "1";
        c.key = files[row["key"]];
        c.own_key = files[row["own_key"]];
        for (const std::string& name : split(row["chain"], ','))
            c.chain.push_back(files[name]);
        for (const std::string& name : split(row["anchors"], ','))
            files.append_all(name, c.anchors);
        c.bundle = files[row["bundle"]];
        for (const std::string& difference : split(row["expected"], ',')) {
            const std::size_t at = difference.find('=');
            c.differences[difference.substr(0, at)] = error_named(difference.substr(at + 1));
        }
        cases.push_back(std::move(c));
    }
    return cases;
}

// --- Own keys ---

// A row of own_keys.py. Its certificate may not be a server's, and its key may be weak for peers.
Case case_of(const OwnKey& row, Role proving) {
    Case c;
    c.name = "own-" + row.name;
    c.reason = "an own key: own_keys.py says what is in it";
    x509::Certificate leaf{};
    x509::parse(row.credential.chain.front(), leaf);
    if (leaf.key == x509::KeyKind::rsa) c.own_needs = "rsa";
    if (leaf.key == x509::KeyKind::ec_p384) c.own_needs = "ecdsa_p384";
    c.proving = proving;
    c.own = row.opened;
    c.policy.check_identity = c.policy.check_purpose = c.policy.check_key_strength = false;
    c.own_only = true;
    c.own_key = row.credential.private_key;
    c.chain.assign(row.credential.chain.begin(), row.credential.chain.end());
    c.anchors = {file("ca.der")};
    return c;
}

// Core's verdict on the key alone.
Err read_own(const OwnKey& row) {
    x509::PrivateKey key;
    const Err error = x509::parse_private_key(row.credential.private_key, key);
    const Bytes public_key = x509::subject_public_key_of(row.credential.chain.front());
    return error == Err::none ? x509::check_private_key(key, public_key) : error;
}

// --- Running ---

// Without a library nothing can check signatures: the table says whether they are valid.
// The trust anchors: whole certificates, or a root bundle made of them.
enum class Trust { certificates, bundle };

// A template, as a build without the feature lacks the member.
template<class Settings>
void find_anchors(Settings& settings, const RootBundle& roots) {
    if constexpr (features::anchor_source) settings.anchor_source = &roots.source();
}

Outcome through_rules(const Case& c, Trust trust) {
    bool good = c.path;
    RootBundle roots;
    if (features::anchor_source && roots.open(c.bundle) != Err::none)
        stop(c.name + ": its bundle is damaged");
    x509::Expectations expected;
    expected.policy = c.policy;
    expected.peer_role = c.proving;
    expected.now = c.time;
    expected.identity.dns_name = c.host;
    expected.identity.ip_address = c.ip;
    if (trust == Trust::certificates)
        expected.trust_anchors = c.anchors;
    else
        find_anchors(expected, roots);
    return {x509::verify_path(
                expected, c.chain,
                {&good, [](void* user, const Bytes&, const x509::Certificate&,
                           const x509::Certificate&) { return *static_cast<bool*>(user); }}),
            0,
            {},
            false};
}

// A backend's own session as the peer.
class SessionPeer final : public Peer {
public:
    SessionPeer(const BackendUnderTest& backend, const Case& c, Version version)
        : context_(backend), session_(backend) {
        own_ = {c.chain, c.own_key, {}};
        ContextConfig config;
        config.role = c.proving;
        config.verify = Verify::none;
        config.policy.check_time = false; // its own is shown, whatever it is
        config.credential = own_;
        config.min_version = config.max_version = version;
        opened_ = context_->open(config, posix_environment()).code;
        if (opened_ == Err::none) opened_ = session_->open(*context_, {}).code;
    }

    // Whether the backend shows such a chain.
    Err opened() const { return opened_; }

    Bytes output() override {
        if (going_on()) status_ = session_->handshake();
        if (session_->is_established() && status_ == Status::ok) {
            // A server of TLS 1.3 refuses after the client has finished.
            std::uint8_t byte;
            if (const Status read = session_->read({&byte, 1}).status; read != Status::want_read)
                status_ = read;
        }
        return session_->output();
    }
    void consume(std::size_t count) override { session_->output_consume(count); }
    std::size_t input(Bytes from) override {
        const MutableBytes space = session_->input_space();
        const std::size_t size = std::min(space.size(), from.size());
        std::copy_n(from.begin(), size, space.begin());
        session_->input_commit(size);
        return size;
    }
    bool established() const override {
        return session_->is_established() && status_ == Status::ok;
    }
    unsigned alert() const override {
        const Error error = session_->error();
        return error.code == Err::peer_alert ? error.alert : 0;
    }

private:
    bool going_on() const {
        return !session_->is_established() &&
               (status_ == Status::want_read || status_ == Status::want_write);
    }

    Credential own_;
    OwnedContext context_;
    OwnedSession session_;
    Status status_ = Status::want_read;
    Err opened_ = Err::internal;
};

bool lacks(const BackendUnderTest& backend, const std::string& needed) {
    for (const CapabilityName& capability : capability_names)
        if (capability.name == needed) return !(backend.can().*capability.member);
    return false;
}

// A backend that lacks a kind of key reports it.
Err expected_of(const Case& c, const BackendUnderTest& backend, Version version) {
    const std::string in_version = std::string(backend.name) + '@' + std::string(name_of(version));
    for (const std::string& key : {std::string(backend.name), in_version})
        if (const auto found = c.differences.find(key); found != c.differences.end())
            return found->second;
    return lacks(backend, c.needs) ? Err::unsupported : c.message;
}

// The peer that shows the chain.
enum class Shown { by_prover, by_session };

// How the verdict is reached.
struct Way {
    const char* name;
    Version version;
    Verify verify;
    Shown shown = Shown::by_prover;
    Trust trust = Trust::certificates;
};

// If a server does not show its certificate, or a client could not read it, the other end has
// nothing to refuse.
Err seen_expected_of(const Case& c, const BackendUnderTest& backend, const Way& way) {
    const Err expected = expected_of(c, backend, way.version);
    if (way.shown == Shown::by_prover || c.proving == Role::client ||
        way.version != Version::tls1_2 ||
        !differs(backend, Difference::certificate_usage_is_checked))
        return expected;
    x509::Certificate leaf{};
    const bool may_sign =
        x509::parse(c.chain.front(), leaf) && (leaf.key_usage & x509::digital_signature) != 0;
    // It checks the key usage of elliptic curves' keys.
    return (may_sign || leaf.key == x509::KeyKind::rsa) && expected != Err::handshake_failure
               ? expected
               : Err::peer_alert;
}

// A backend's verdict on the chain as its own.
Err own_expected_of(const Case& c, const BackendUnderTest& backend) {
    const auto found = c.differences.find(std::string(backend.name) + "@own");
    if (found != c.differences.end()) return found->second;
    return lacks(backend, c.own_needs) ? Err::unsupported : c.own;
}

// None, if a session does not show the chain, as expected.
std::optional<Outcome> through(const BackendUnderTest& backend, const Case& c, const Way& way) {
    const Credential& own = credential("p256");
    TestEnvironment environment;
    environment.time = c.time;
    ContextConfig config;
    config.role = c.proving == Role::server ? Role::client : Role::server;
    config.verify = way.verify;
    config.policy = c.policy;
    RootBundle roots;
    if (way.trust == Trust::certificates)
        config.trust_anchors = c.anchors;
    else if (roots.open(c.bundle) == Err::none)
        find_anchors(config, roots);
    else
        stop(c.name + ": its bundle is damaged");
    config.min_version = config.max_version = way.version;
    if (config.role == Role::server) config.credential = own;
    OwnedContext context(backend);
    if (const Error error = context->open(config, environment.environment); error.code != Err::none)
        return Outcome{error.code, 0, "", true};
    OwnedSession judge(backend);
    PeerIdentity identity;
    identity.dns_name = c.host;
    identity.ip_address = c.ip;
    if (const Error error = judge->open(*context, identity); error.code != Err::none)
        return Outcome{error.code, 0, "the session does not open", true};

    std::unique_ptr<Peer> peer;
    if (way.shown == Shown::by_prover) {
        peer = std::make_unique<Prover>(c.proving, c.chain, c.key, own.chain.front());
    } else {
        auto session = std::make_unique<SessionPeer>(backend, c, way.version);
        const Err opened = session->opened(), expected = own_expected_of(c, backend);
        if (opened != expected)
            return Outcome{opened, 0, std::string("its own, expected ") + verdict_name(expected)};
        if (opened != Err::none) return std::nullopt;
        peer = std::move(session);
    }
    const Status status = shake_hands(*judge, *peer);
    Outcome outcome{status == Status::ok ? Err::none : judge->error().code, peer->alert(), {}};
    if (status != Status::ok && status != Status::failed)
        outcome.trouble = "the handshake has stuck";
    if (status == Status::ok && !peer->established())
        outcome.trouble = "the peer has not established";
    return outcome;
}

// What the rule on key usage relies on: a client offers no suite in which the server does not sign,
// and none with finite-field Diffie-Hellman. Empty: it does not.
std::string offered_otherwise(const BackendUnderTest& backend) {
    ContextConfig config;
    config.verify = Verify::none;
    OwnedContext context(backend);
    OwnedSession session(backend);
    if (context->open(config, posix_environment()).code != Err::none ||
        session->open(*context, {}).code != Err::none)
        return "the session does not open";
    session->handshake();
    const Bytes hello = session->output();
    // RFC 8446, 5.1 and 4.1.2: the headers of record and message, version, random, session id.
    constexpr std::size_t session_id = 5 + 4 + 2 + 32;
    if (hello.size() <= session_id) return "no ClientHello";
    std::size_t at = session_id + 1 + hello[session_id];
    const auto number = [&](std::size_t i) { return hello[i] * 256u + hello[i + 1]; };
    const std::size_t end = at + 2 + number(at);
    if (end > hello.size()) return "no ClientHello";
    std::string others;
    for (at += 2; at < end; at += 2) {
        const unsigned suite = number(at);
        const bool signs = suite >> 8 == 0x13 || (suite >= 0xc02b && suite <= 0xc030) ||
                           suite == 0xcca8 || suite == 0xcca9 ||
                           (suite >= 0xc0ac && suite <= 0xc0af) ||
                           suite == 0x00ff;                        // RFC 5746's signal is no suite
        const bool fixed_key = suite == 0xc02d || suite == 0xc02e; // static ECDH
        if (!signs || fixed_key) others += " " + std::to_string(suite);
    }
    return others.empty() ? "" : "suites offered:" + others;
}

std::string complaint(const Outcome& outcome, Err expected) {
    const auto alert = static_cast<unsigned>(alert_for(expected));
    if (outcome.at_open && expected == Err::none) return "the context does not open";
    if (outcome.verdict != expected)
        return std::string("expected ") + verdict_name(expected) + ", got " +
               verdict_name(outcome.verdict) +
               (outcome.trouble.empty() ? "" : " (" + outcome.trouble + ")");
    if (!outcome.trouble.empty()) return outcome.trouble;
    const bool tells = expected != Err::none && expected != Err::peer_alert;
    if (tells && !outcome.at_open && outcome.alert != alert)
        return "the peer heard alert " + std::to_string(outcome.alert) + ", not " +
               std::to_string(alert);
    return {};
}

constexpr Way ways[] = {
    {"TLS 1.2", Version::tls1_2, Verify::required},
    {"root bundle", Version::tls1_2, Verify::required, Shown::by_prover, Trust::bundle},
    {"TLS 1.2, optional", Version::tls1_2, Verify::optional},
    {"TLS 1.2, its own", Version::tls1_2, Verify::required, Shown::by_session},
    {"TLS 1.3, its own", Version::tls1_3, Verify::required, Shown::by_session}};

struct Arguments {
    std::string directory, backend, name;
    bool matrix = false;
};

int run(const Arguments& arguments) {
    Files files(arguments.directory);
    const std::vector<Case> cases = read_manifest(arguments.directory, files);
    unsigned passed = 0, failed = 0, refused = 0;
    const auto count = [&](const Case& c, const char* who, const std::string& wrong) {
        wrong.empty() ? ++passed : ++failed;
        if (!wrong.empty() && !arguments.matrix)
            std::printf("FAILED %s (%s judged) on %s: %s\n    %s\n", c.name.c_str(),
                        c.proving == Role::server ? "server" : "client", who, wrong.c_str(),
                        c.reason.c_str());
        std::fflush(stdout);
    };
    std::vector<const BackendUnderTest*> selected;
    for (const BackendUnderTest& backend : backends())
        if (arguments.backend.empty() || arguments.backend == backend.name)
            selected.push_back(&backend);

    // The line of a case, up to what `core` says; and what the backends say.
    const auto print_case = [&](const Case& c, Err expected, Err core) {
        if (!arguments.matrix) return;
        std::printf("%-36s %-6s %-20s %-18s %-20s", c.name.c_str(),
                    c.proving == Role::server ? "server" : "client", verdict_name(expected),
                    verdict_name(c.own), verdict_name(core));
    };
    const auto run_backends = [&](const Case& c) {
        for (const BackendUnderTest* backend : selected) {
            std::string shown;
            for (const Way& way : ways) {
                if (way.version == Version::tls1_3 && !backend->can().tls1_3) continue;
                if (way.trust == Trust::bundle && !features::anchor_source) continue;
                if (way.verify == Verify::optional && c.proving == Role::server) continue;
                if (way.shown == Shown::by_prover && c.own_only) continue;
                const std::optional<Outcome> outcome = through(*backend, c, way);
                if (!outcome.has_value()) {
                    ++refused;
                    count(c, backend->name, "");
                    if (shown.empty()) shown = verdict_name(own_expected_of(c, *backend));
                    continue;
                }
                const std::string wrong = complaint(*outcome, seen_expected_of(c, *backend, way));
                count(c, (std::string(backend->name) + ", " + way.name).c_str(), wrong);
                if (shown.empty() || !wrong.empty())
                    shown = std::string(verdict_name(outcome->verdict)) +
                            (!wrong.empty()                  ? " (!)"
                             : outcome->verdict != c.message ? " (*)"
                                                             : "");
            }
            if (arguments.matrix) std::printf(" %-20s", shown.c_str());
        }
        if (arguments.matrix) std::printf(" %s\n", c.reason.c_str());
    };

    if (arguments.matrix) {
        std::printf("%-36s %-6s %-20s %-18s %-20s", "case", "judged", "expected", "as one's own",
                    "core");
        for (const BackendUnderTest* backend : selected)
            std::printf(" %-20s", backend->name);
        std::printf(" reason\n");
    }
    if (arguments.name.empty())
        for (const BackendUnderTest* backend : selected)
            count({.name = "suites", .reason = "the peer signs in every suite"}, backend->name,
                  offered_otherwise(*backend));
    for (const Case& c : cases) {
        if (!c.name.starts_with(arguments.name)) continue;
        const Outcome rules = through_rules(c, Trust::certificates);
        count(c, "core", rules.verdict == c.verdict ? "" : complaint(rules, c.verdict));
        if (features::anchor_source) {
            const Outcome by_bundle = through_rules(c, Trust::bundle);
            count(c, "core, root bundle",
                  by_bundle.verdict == c.verdict ? "" : complaint(by_bundle, c.verdict));
        }
        print_case(c, c.verdict, rules.verdict);
        run_backends(c);
    }
    for (const OwnKey& row : own_keys()) {
        for (const Role proving : {Role::server, Role::client}) {
            const Case c = case_of(row, proving);
            if (!c.name.starts_with(arguments.name)) continue;
            const Err core = read_own(row);
            count(c, "core", core == row.read ? "" : complaint({core, 0, {}, false}, row.read));
            print_case(c, row.opened, core);
            run_backends(c);
        }
    }
    if (arguments.matrix)
        std::printf(
            "(!) not as expected   (*) an expected difference, or a capability that is lacking\n");
    std::printf("%u chains as a backend's own ones, in a role and a version: refused as expected\n",
                refused);
    std::printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

} // namespace
} // namespace ussl::test

int main(int argc, char** argv) {
    ussl::test::Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--matrix")
            arguments.matrix = true;
        else if (argument == "--backend" && i + 1 < argc)
            arguments.backend = argv[++i];
        else if (argument == "--case" && i + 1 < argc)
            arguments.name = argv[++i];
        else
            arguments.directory = argument;
    }
    if (arguments.directory.empty())
        ussl::test::stop("verdicts DIR [--matrix] [--backend B] [--case NAME]");
    return ussl::test::run(arguments);
}
