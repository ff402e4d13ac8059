// Sends an own certificate: BearSSL's callbacks for a server's choice of suite and certificate, and
// for a client that is asked for a certificate.
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
    // Installs this object in the engine; it must not move afterwards. The arguments must outlive
    // it. `cache`: null without resumption.
    void attach(br_ssl_client_context& client, std::span<const OwnCredential> credentials);
    void attach(br_ssl_server_context& server, std::span<const OwnCredential> credentials,
                const SessionSetup& setup, SessionCache* cache, const HelloReader& hello);

    // Whether a server has refused the client because of its server name.
    bool refuses_name() const { return refuses_name_; }

    // Whether a server has chosen a certificate; it does unless a session is resumed.
    bool has_chosen() const { return own_ != nullptr; }

private:
    // BearSSL's vtables. Their context is this object's first member.
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
    const HelloReader* hello_ = nullptr; // on a server
    bool refuses_name_ = false;
};

} // namespace ussl::bearssl
