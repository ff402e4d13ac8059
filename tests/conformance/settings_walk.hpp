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

// One value of one setting, and its result, the same on every backend. `own` is the end that has
// it; `peer` is the other one, if that needs settings, too.
//
// The result for each role: nullptr if the role is not walked; else
//
//   "ok …"             the handshake completes, and data get through both ways. Names differences
//                      from a connection with unchanged settings: "alpn 2" (bytes), a suite, …
//   "open ERROR"       the context does not open
//   "session ERROR"    the session does not open
//   "ERROR / ERROR"    the errors of the own and the other end after a failed handshake; an alert
//                      from the peer has its number: "peer_alert 48"
//
// If there are several, each begins with where it holds, and the last one holds everywhere else:
// "DTLS: open ERROR; ok". That is a version, DTLS, the name of a difference
// (support/differences.hpp), "!" and a capability that the backend lacks, or two of these.
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
