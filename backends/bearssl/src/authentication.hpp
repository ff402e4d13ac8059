// How an engine shows an own certificate: BearSSL's callbacks for a server's choice of suite and
// certificate, and for a client that is asked for one.
#pragma once

#include "hello_reader.hpp"
#include "own_credential.hpp"
#include "session_cache.hpp"

#include "ussl/backend/session_setup.hpp"

#include <bearssl.h>

#include <span>

namespace ussl::bearssl {

class Authentication {
public:
    // Points the engine at this object, which must not move afterwards. What it is given must
    // outlive it. `cache` is null where nothing is resumed.
    void attach(br_ssl_client_context& client, std::span<const OwnCredential> credentials);
    void attach(br_ssl_server_context& server, std::span<const OwnCredential> credentials,
                const SessionSetup& setup, SessionCache* cache, const HelloReader& hello);

    // Whether a server has refused the client for the name that it asked for.
    bool refuses_name() const { return refuses_name_; }

    // Whether a server has chosen a certificate, as it does unless a session is resumed.
    bool has_chosen() const { return own_ != nullptr; }

private:
    // BearSSL's virtual tables. The context they are given is this object's first member.
    struct Callbacks;
    struct Context {
        union {
            const br_ssl_server_policy_class* server;
            const br_ssl_client_certificate_class* client;
        } vtable;
        Authentication* self;
    };

    bool choose(const br_ssl_server_context& server, br_ssl_server_choices& choices);
    void choose(std::uint32_t auth_types, br_ssl_client_certificate& choices);
    std::size_t sign(int hash_id, Bytes digest, MutableBytes signature);

    Context context_{};
    std::span<const OwnCredential> credentials_;
    const OwnCredential* own_ = nullptr; // the chosen one
    const SessionSetup* setup_ = nullptr;
    SessionCache* cache_ = nullptr;
    const HelloReader* hello_ = nullptr; // of a server
    bool refuses_name_ = false;
};

} // namespace ussl::bearssl
