// The walk over all settings: settings_values.cpp lists them, settings_walk.cpp runs it.
#pragma once

#include "support/connection.hpp"
#include "support/test_environment.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::test {

// One end of a connection, with an environment whose functions can be removed.
struct Subject {
    Settings settings;
    TestEnvironment clock;
    ContextConfig& config = settings.config;
    PeerIdentity& identity = settings.identity;
    Environment& environment = clock.environment;

    explicit Subject(const Settings& from) : settings(from) { settings.environment = &environment; }
};

// One value of one setting, and what comes of it, on every backend. `own` is the end that has it;
// `peer` is the other one, where that has to be told.
//
// What comes of it, by role: nullptr where the role is not walked; else
//
//   "ok …"             both ends are through, and each hears the other. What is then not as with
//                      the settings that nobody changed is named: "alpn 2" (bytes), a suite, …
//   "open ERROR"       the context does not open
//   "session ERROR"    the session does not
//   "ERROR / ERROR"    what the own and the other end say of the handshake that failed; an alert
//                      that was heard has its number: "peer_alert 48"
//
// Several of them begin with where they hold, the last one everywhere else: "DTLS: open ERROR; ok".
// That is a version, DTLS, the name of a difference (support/differences.hpp), "!" and a capability
// that the backend lacks, or two of these.
struct Value {
    const char* member; // "ContextConfig.role"
    const char* name;
    std::function<void(Subject& own, Subject& peer)> set;
    const char* of_client;
    const char* of_server;
    // If the backend lacks it: "open unsupported".
    bool Capabilities::*needs = nullptr;
};

std::vector<Value> all_values();

} // namespace ussl::test
