#include "context_engine.hpp"

#include "hooks.hpp"
#include "session_engine.hpp"

#include "ussl/backend/context_impl.hpp"
#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/memory.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/backend/wire.hpp"
#include "ussl/x509/path_check.hpp"

#include <algorithm>
#include <cstring>

namespace ussl::openssl {
namespace {

constexpr const char* groups = "P-256"
#if USSL_X25519
                               ":X25519"
#endif
#if USSL_P384
                               ":P-384"
#endif
    ;

constexpr const char* signature_algorithms =
    "ECDSA+SHA256"
#if USSL_P384
    ":ECDSA+SHA384:ECDSA+SHA512"
#endif
#if USSL_RSA
    ":rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512"
    ":RSA+SHA256:RSA+SHA384:RSA+SHA512"
#endif
    ;

int number_of(Version version) { return static_cast<int>(version); } // as on the wire

// Also if OpenSSL has no memory, or not this algorithm: it does not say which.
Err refuse(Err why) {
    Operation::note_library_error(ERR_GET_REASON(ERR_peek_last_error()));
    return why;
}

} // namespace

Traits::ContextEngine::~ContextEngine() {
    SSL_CTX_free(library);
    ussl::release(const_cast<std::uint8_t*>(alpn.data()));
}

Err Traits::ContextEngine::start(const ContextConfig& config, const Environment& env) {
    environment = &env;
    clear_errors();
    const Err error = set_up(config);
    return error == Err::none ? error : Operation::resource_error_or(error);
}

Err Traits::ContextEngine::set_up(const ContextConfig& config) {
    if (library_context() == nullptr) return refuse(Err::no_memory);
    // OpenSSL takes identities for C strings.
    const Bytes identity = config.psk.identity;
    if (std::find(identity.begin(), identity.end(), 0) != identity.end()) return Err::unsupported;
    library = SSL_CTX_new_ex(library_context(), nullptr, TLS_method());
    if (library == nullptr) return refuse(Err::no_memory);
    const bool server = is_server(config.role);
    resumption = config.resumption;
    psk = config.psk;
    psk_callback = config.psk_callback;
    key_log = config.key_log;

    // core/ judges strength. Set the lowest level: what it still demands, every peer of today has.
    SSL_CTX_set_security_level(library, 0);
    // Nobody renegotiates, so servers need not support RFC 5746.
    std::uint64_t options = SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT |
                            SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
    if (!resumption) options |= SSL_OP_NO_TICKET;
    SSL_CTX_set_options(library, options);
    SSL_CTX_set_max_cert_list(library, USSL_HANDSHAKE_MESSAGE);
    SSL_CTX_set_mode(library, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_clear_mode(library, SSL_MODE_AUTO_RETRY);
    if (SSL_CTX_set_min_proto_version(library, number_of(lowest_version(config))) != 1 ||
        SSL_CTX_set_max_proto_version(library, number_of(highest_version(config))) != 1 ||
        SSL_CTX_set1_groups_list(library, groups) != 1 ||
        SSL_CTX_set1_sigalgs_list(library, signature_algorithms) != 1)
        return refuse(Err::unsupported);

    Err error = set_suites(config);
    if (error == Err::none && !config.credential.chain.empty()) error = read_credentials(config);
    if (error == Err::none && asks_for_certificate(config.role, config.verify))
        error = name_anchors(config.trust_anchors);
    if (error == Err::none && !config.alpn.empty()) error = copy_alpn(config.alpn);
    if (error != Err::none) return error;

#if USSL_RESUMPTION && USSL_SERVER
    if (server && resumption) {
        error = ticket_keys.start(config, *environment, Traits::backend());
        if (error != Err::none) return error;
    }
#endif
    max_fragment = static_cast<std::uint8_t>(fragment_number(config.max_fragment_length));
    SessionEngine::set_callbacks(library, server, *this);
    return Err::none;
}

// OpenSSL takes lists of names; those for TLS 1.3 are separate.
Err Traits::ContextEngine::set_suites(const ContextConfig& config) {
    constexpr std::size_t room = 1024;
    struct List {
        char text[room];
        std::size_t size;
        void add(const char* name) {
            const std::size_t length = std::strlen(name);
            if (size + 1 + length >= room) return; // there are never so many
            if (size != 0) text[size++] = ':';
            std::memcpy(text + size, name, length + 1);
            size += length;
        }
    } lists[2] = {{"", 0}, {"", 0}};
    for (const std::uint16_t suite : config.suites) {
        char name[64];
        const std::string_view iana = suite_name(suite);
        if (iana.size() >= sizeof name) continue;
        std::memcpy(name, iana.data(), iana.size());
        name[iana.size()] = '\0';
        lists[is_of_tls1_3(suite)].add(OPENSSL_cipher_name(name));
    }
    // core/ has narrowed the versions, so a version without suites is not negotiated. OpenSSL wants
    // a list for TLS 1.2 anyway.
    if (lists[0].size == 0) lists[0].add("DEFAULT");
    if (SSL_CTX_set_cipher_list(library, lists[0].text) != 1 ||
        SSL_CTX_set_ciphersuites(library, lists[1].text) != 1)
        return refuse(Err::unsupported);
    return Err::none;
}

Err Traits::ContextEngine::read_credentials(const ContextConfig& config) {
    credential = config.credential;
    const Err error =
        own.read(config, [](OwnCredential& one, const Credential& from) { return one.read(from); });
    if (error != Err::none) return refuse(error);
    return own[0].use(library) ? Err::none : refuse(Err::no_memory);
}

// The names for a server's CertificateRequest.
Err Traits::ContextEngine::name_anchors(std::span<const Bytes> anchors) {
    STACK_OF(X509_NAME)* const names = sk_X509_NAME_new_null();
    if (names == nullptr) return refuse(Err::no_memory);
    SSL_CTX_set0_CA_list(library, names);
    x509::AnchorNames subjects(capabilities);
    for (const Bytes& anchor : anchors) {
        const Bytes subject = subjects.next(anchor);
        const unsigned char* at = subject.data();
        X509_NAME* const name = d2i_X509_NAME(nullptr, &at, static_cast<long>(subject.size()));
        if (name != nullptr && sk_X509_NAME_push(names, name) == 0) {
            X509_NAME_free(name);
            return refuse(Err::no_memory);
        }
    }
    return Err::none;
}

Err Traits::ContextEngine::copy_alpn(std::span<const std::string_view> names) {
    std::size_t size = 0;
    for (const std::string_view name : names)
        size += 1 + name.size();
    auto* const memory = allocate_for<std::uint8_t>(size);
    if (memory == nullptr) return Err::no_memory;
    alpn = {memory, size};
    WireWriter out({memory, size});
    for (const std::string_view name : names)
        out.vector(as_bytes(name), 1);
    return Err::none;
}

bool Traits::ContextEngine::allows(const SSL_SESSION& session) const {
    const int version = SSL_SESSION_get_protocol_version(&session);
    if (version < SSL_CTX_get_min_proto_version(library) ||
        version > SSL_CTX_get_max_proto_version(library))
        return false;
    const SSL_CIPHER* const suite = SSL_SESSION_get0_cipher(&session);
    const STACK_OF(SSL_CIPHER)* const usable = SSL_CTX_get_ciphers(library);
    for (int i = 0; suite != nullptr && i < sk_SSL_CIPHER_num(usable); ++i)
        if (SSL_CIPHER_get_id(sk_SSL_CIPHER_value(usable, i)) == SSL_CIPHER_get_id(suite))
            return true;
    return false;
}

} // namespace ussl::openssl

template class ussl::ContextOf<ussl::openssl::Traits>;
