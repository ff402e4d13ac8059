#include "ussl/backend/server_name.hpp"
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

Err read_server_name(Bytes extension, std::string_view& name) {
    constexpr std::size_t list_size = 2, header = list_size + 1 + 2;
    constexpr std::uint8_t host_name = 0;
    const auto length_at = [extension](std::size_t at) {
        return static_cast<std::size_t>(extension[at] << 8 | extension[at + 1]);
    };
    // Several names would be of the same type (there is only one), which is forbidden.
    if (extension.size() <= header || length_at(0) != extension.size() - list_size ||
        extension[list_size] != host_name || length_at(list_size + 1) != extension.size() - header)
        return Err::bad_message;
    const Bytes text = extension.subspan(header);
    name = {reinterpret_cast<const char*>(text.data()), text.size()};
    return Err::none;
}

int choose_credential(const Credential& first, const SessionSetup& setup, std::string_view name) {
    const ServerNameCallback& callback = setup.server_name_callback;
    if (callback.choose == nullptr && setup.more_credentials.empty()) return 0;
    if (!name.empty()) {
        if (!x509::is_host_name(name)) return -1;
        if (is_for(first, name)) return 0;
        for (std::size_t i = 0; i < setup.more_credentials.size(); ++i)
            if (is_for(setup.more_credentials[i], name)) return static_cast<int>(i) + 1;
    }
    if (callback.choose == nullptr) return 0;
    const int chosen = callback.choose(callback.user, name);
    const bool exists =
        chosen >= 0 && static_cast<std::size_t>(chosen) <= setup.more_credentials.size();
    return exists ? chosen : -1;
}

} // namespace ussl

#endif
