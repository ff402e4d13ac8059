#include "authentication.hpp"

#include "ussl/backend/operation.hpp"
#include "ussl/backend/server_name.hpp"
#include "ussl/features.hpp"

namespace ussl::bearssl {
namespace {

// The hash that both ends have, in BearSSL's own order of preference; -1: none. `hashes`: one bit
// for each.
int choose_hash(std::uint32_t hashes) {
    for (const int id : {br_sha256_ID, br_sha384_ID, br_sha512_ID})
        if ((hashes >> id & 1) != 0) return id;
    return -1;
}

// BearSSL's masks: hash functions for RSA in the first byte, for ECDSA in the second.
int hash_for(const OwnCredential& own, std::uint32_t masks) {
    return choose_hash((own.is_rsa() ? masks : masks >> 8) & 0xff);
}

} // namespace

struct Authentication::Callbacks {
    static Authentication& self(const void* context) {
        return *static_cast<const Context*>(context)->self;
    }

#if USSL_SERVER
    static int choose(const br_ssl_server_policy_class** context,
                      const br_ssl_server_context* server, br_ssl_server_choices* choices) {
        return self(context).choose(*server, *choices) ? 1 : 0;
    }
    // No supported suite lets the key decrypt, or agree on a secret.
    static std::uint32_t server_key_exchange(const br_ssl_server_policy_class**, unsigned char*,
                                             std::size_t*) {
        return 0;
    }
    static std::size_t server_sign(const br_ssl_server_policy_class** context, unsigned algorithm,
                                   unsigned char* data, std::size_t size, std::size_t capacity) {
        return self(context).sign(static_cast<int>(algorithm & 0xff), {data, size},
                                  {data, capacity});
    }
    static constexpr br_ssl_server_policy_class server_class{sizeof(Context), choose,
                                                             server_key_exchange, server_sign};
#endif

#if USSL_CLIENT && USSL_CLIENT_CERTIFICATES
    // The names in the server's request are ignored: there is only one certificate to send.
    static void nothing(const br_ssl_client_certificate_class**) {}
    static void start_name(const br_ssl_client_certificate_class**, std::size_t) {}
    static void append_name(const br_ssl_client_certificate_class**, const unsigned char*,
                            std::size_t) {}
    static void choose(const br_ssl_client_certificate_class** context,
                       const br_ssl_client_context*, std::uint32_t auth_types,
                       br_ssl_client_certificate* choices) {
        self(context).choose(auth_types, *choices);
    }
    static std::uint32_t client_key_exchange(const br_ssl_client_certificate_class**,
                                             unsigned char*, std::size_t*) {
        return 0;
    }
    static std::size_t client_sign(const br_ssl_client_certificate_class** context, int hash_id,
                                   std::size_t size, unsigned char* data, std::size_t capacity) {
        return self(context).sign(hash_id, {data, size}, {data, capacity});
    }
    static constexpr br_ssl_client_certificate_class client_class{
        sizeof(Context), nothing, start_name,          append_name, nothing,
        nothing,         choose,  client_key_exchange, client_sign};
#endif
};

void Authentication::attach(br_ssl_client_context& client,
                            std::span<const OwnCredential> credentials) {
#if USSL_CLIENT && USSL_CLIENT_CERTIFICATES
    if (credentials.empty()) return;
    credentials_ = credentials;
    context_.self = this;
    context_.vtable.client = &Callbacks::client_class;
    br_ssl_client_set_client_certificate(&client, &context_.vtable.client);
#else
    static_cast<void>(client), static_cast<void>(credentials);
#endif
}

void Authentication::attach(br_ssl_server_context& server,
                            std::span<const OwnCredential> credentials, const SessionSetup& setup,
                            SessionCache* cache, const HelloReader& hello) {
#if USSL_SERVER
    credentials_ = credentials;
    setup_ = &setup;
    cache_ = cache;
    hello_ = &hello;
    context_.self = this;
    context_.vtable.server = &Callbacks::server_class;
    br_ssl_server_set_policy(&server, &context_.vtable.server);
    if (cache != nullptr) br_ssl_server_set_cache(&server, cache->vtable());
#else
    static_cast<void>(server), static_cast<void>(credentials), static_cast<void>(setup),
        static_cast<void>(cache), static_cast<void>(hello);
#endif
}

bool Authentication::choose(const br_ssl_server_context& server, br_ssl_server_choices& choices) {
    const std::string_view name = hello_->server_name(server.eng);
    int chosen = 0;
#if USSL_SERVER_NAMES
    const Bytes leaf[] = {credentials_.front().leaf()};
    Credential first;
    first.chain = leaf;
    chosen = choose_credential(first, *setup_, name);
    if (chosen < 0) {
        refuses_name_ = true;
        return false;
    }
#endif
    own_ = &credentials_[static_cast<std::size_t>(chosen)];
    // The random session ID is made by now, and is sent after this.
    if (cache_ != nullptr)
        cache_->stamp(const_cast<br_ssl_session_parameters&>(server.eng.session), name);
    const int hash = hash_for(*own_, br_ssl_server_get_client_hashes(&server));
    if (hash < 0) return false;
    const unsigned exchange = own_->is_rsa() ? BR_SSLKEYX_ECDHE_RSA : BR_SSLKEYX_ECDHE_ECDSA;
    std::size_t count = 0;
    const br_suite_translated* common = br_ssl_server_get_client_suites(&server, &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (common[i][1] >> 12 != exchange) continue;
        choices.cipher_suite = common[i][0];
        choices.algo_id = 0xff00 + static_cast<unsigned>(hash); // 0xff00: a hash to sign
        choices.chain = own_->chain();
        choices.chain_len = own_->chain_length();
        return true;
    }
    return false;
}

void Authentication::choose(std::uint32_t auth_types, br_ssl_client_certificate& choices) {
    choices = {};
    own_ = &credentials_.front();
    const int hash = hash_for(*own_, auth_types);
    if (hash < 0) return; // then no certificate is sent
    choices.auth_type = own_->is_rsa() ? BR_AUTH_RSA : BR_AUTH_ECDSA;
    choices.hash_id = hash;
    choices.chain = own_->chain();
    choices.chain_len = own_->chain_length();
}

std::size_t Authentication::sign(int hash_id, Bytes digest, MutableBytes signature) {
    const std::size_t size = own_->sign(hash_id, digest, signature);
    if (size == 0) Operation::note_resource_error(Err::signer_failed);
    return size;
}

} // namespace ussl::bearssl
