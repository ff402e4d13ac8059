// A connection with one end that calls its program: each kind of callback, and each function of the
// environment.
#pragma once

#include "support/signer.hpp"
#include "support/test_environment.hpp"
#include "support/walk.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace ussl::test {

// The callback or function, on the side that is tested.
enum class Caller { verify, sign, server_name, key_log, psk, random, now, milliseconds };
inline constexpr const char* caller_names[] = {
    "verify_callback", "signer", "server_name_callback", "key_log", "psk_callback",
    "random",          "now",    "milliseconds"};

inline bool is_there(const BackendUnderTest& backend, Caller caller, Role role) {
    const Capabilities& can = backend.can();
    const bool server = role == Role::server;
    switch (caller) {
    case Caller::verify: return can.verify_callback && (!server || can.client_certificates);
    case Caller::sign:
        return can.sign_callback && has_signer() && (server || can.client_certificates);
    case Caller::server_name: return can.server_names && server;
    case Caller::key_log: return can.key_log;
    case Caller::psk: return can.psk && server;
    case Caller::milliseconds: return can.handshake_timeout;
    default: return true;
    }
}

inline constexpr std::string_view psk_identity = "sensor 7", psk_key = "0123456789abcdef";

// The settings of a connection whose ends both show certificates if they can, or share a key;
// `role` calls `called` through `caller`.
class Calling {
public:
    Calling(const BackendUnderTest& backend, Kind kind, Role role, Caller caller)
        : caller_(caller) {
        const bool mutual = backend.can().client_certificates;
        client = mutual ? client_with("client") : client_settings();
        server = mutual ? asking_server() : server_settings();
        if (caller == Caller::psk) {
            client = server = {};
            client.config.psk = {as_bytes(psk_identity), as_bytes(psk_key)};
            server.config.role = Role::server;
        }
        for (Settings* settings : {&client, &server}) {
            *settings = kind.of(*settings);
            settings->environment = &device.environment;
            settings->config.resumption = backend.can().resumption && caller != Caller::psk;
        }
        // A name that no certificate is for, as the callback is called only for such names.
        if (caller == Caller::server_name) client.identity.sni = "elsewhere.example";
        put(role == Role::client ? client : server);
    }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

    TestEnvironment device;
    std::function<void()> called = [] {};
    Settings client, server;

private:
    static void call(void* user) { static_cast<Calling*>(user)->called(); }

    void put(Settings& settings) {
        ContextConfig& config = settings.config;
        switch (caller_) {
        case Caller::verify:
            config.verify_callback = {this, [](void* user, Bytes, unsigned, Err) {
                                          call(user);
                                          return true;
                                      }};
            break;
        case Caller::sign:
            signing_ = Signing(config.role == Role::client ? "client" : "p256");
            config.credential = signing_.credential();
            signer_ = config.credential.signer;
            config.credential.signer = {this, sign};
            break;
        case Caller::server_name:
            config.server_name_callback = {this, [](void* user, std::string_view) {
                                               call(user);
                                               return 0;
                                           }};
            break;
        case Caller::key_log:
            config.key_log = {this, [](void* user, std::string_view) { call(user); }};
            break;
        case Caller::psk:
            config.psk_callback = {this, [](void* user, Bytes identity, Bytes* key) {
                                       call(user);
                                       *key = as_bytes(psk_key);
                                       return equal(identity, as_bytes(psk_identity));
                                   }};
            break;
        default:
            settings.environment = &environment_;
            if (caller_ == Caller::milliseconds) config.handshake_timeout = 30'000;
        }
    }

    static bool sign(void* user, SignatureScheme scheme, Bytes digest, MutableBytes signature,
                     std::size_t* size) {
        call(user);
        const Signer& signer = static_cast<Calling*>(user)->signer_;
        return signer.sign(signer.user, scheme, digest, signature, size);
    }

    static bool random(void* user, MutableBytes out) {
        Calling& self = of(user, Caller::random);
        return self.device.environment.random(&self.device, out);
    }
    static bool now(void* user, UnixTime* out) {
        Calling& self = of(user, Caller::now);
        return self.device.environment.now(&self.device, out);
    }
    static std::uint32_t milliseconds(void* user) {
        Calling& self = of(user, Caller::milliseconds);
        return self.device.environment.milliseconds(&self.device);
    }
    static Calling& of(void* user, Caller caller) {
        Calling& self = *static_cast<Calling*>(user);
        if (self.caller_ == caller) self.called();
        return self;
    }

    const Environment environment_{this, random, now, milliseconds};
    const Caller caller_;
    Signing signing_{"p256"};
    Signer signer_;
};

} // namespace ussl::test
