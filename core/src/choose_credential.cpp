#include "ussl/backend/engine.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/identity.hpp"

#if USSL_SERVER_NAMES

namespace ussl {
namespace {

bool is_for(const Credential& credential, std::string_view name) {
    x509::Certificate own{};
    PeerIdentity server;
    server.dns_name = name;
    return !credential.chain.empty() && x509::parse(credential.chain.front(), own) &&
           x509::matches(own.subject_alt_name, server);
}

} // namespace

int choose_credential(const Credential& first, const SessionSetup& setup, std::string_view name) {
    if (!name.empty()) {
        if (is_for(first, name)) return 0;
        for (std::size_t i = 0; i < setup.more_credentials.size(); ++i)
            if (is_for(setup.more_credentials[i], name)) return static_cast<int>(i) + 1;
    }
    const ServerNameCallback& callback = setup.server_name_callback;
    if (callback.choose == nullptr) return 0;
    const int chosen = callback.choose(callback.user, name);
    const bool exists =
        chosen >= 0 && static_cast<std::size_t>(chosen) <= setup.more_credentials.size();
    return exists ? chosen : -1;
}

} // namespace ussl

#endif
