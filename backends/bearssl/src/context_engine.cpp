#include "context_engine.hpp"

#include "implementations.hpp"
#include "public_key.hpp"

#include "ussl/x509/certificate.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

template<class T>
T* allocate(std::size_t count) {
    return static_cast<T*>(allocator().allocate(count * sizeof(T)));
}

unsigned char* unconst(Bytes bytes) { return const_cast<unsigned char*>(bytes.data()); }

#if USSL_RSA
Bytes without_leading_zeros(Bytes number) {
    while (!number.empty() && number.front() == 0)
        number = number.subspan(1);
    return number;
}

constexpr std::size_t max_rsa_modulus = 512; // bytes: RSA-4096, BearSSL's own limit
#endif

bool belongs_to(const br_rsa_private_key& key, const br_rsa_public_key& own) {
#if USSL_RSA
    const Bytes expected = without_leading_zeros({own.n, own.nlen});
    const auto compute = br_rsa_compute_modulus_get_default();
    const std::size_t size = compute(nullptr, &key);
    std::uint8_t modulus[max_rsa_modulus];
    if (size != expected.size() || size > sizeof modulus) return false;
    return compute(modulus, &key) == size && equal({modulus, size}, expected);
#else
    static_cast<void>(key), static_cast<void>(own);
    return false;
#endif
}

bool belongs_to(const br_ec_private_key& key, const br_ec_public_key& own) {
    std::uint8_t point[BR_EC_KBUF_PUB_MAX_SIZE];
    br_ec_public_key computed;
    return key.curve == own.curve &&
           br_ec_compute_pub(elliptic_curves(), &computed, point, &key) != 0 &&
           equal({computed.q, computed.qlen}, {own.q, own.qlen});
}

} // namespace

Traits::ContextEngine::~ContextEngine() {
    const Allocator& heap = allocator();
    if (key_ != nullptr) wipe({reinterpret_cast<std::uint8_t*>(key_), sizeof *key_});
    heap.release(key_);
    heap.release(chain_);
    heap.release(anchor_names_);
    heap.release(alpn_names_);
}

Error Traits::ContextEngine::start(const ContextConfig& config, const Environment& from) {
    if (!config.suites.empty()) return {Err::unsupported};
    environment = &from;
    verify_ = config.verify;
    Err error = read_anchors(config);
    if (error == Err::none) error = read_credential(config.credential);
    if (error == Err::none) error = copy_alpn(config.alpn);
    return {error};
}

// Anchors stay in the caller's DER, and are looked up there. A bundle may hold some that cannot be
// read or have keys of other kinds; with none but those nobody could be verified.
Err Traits::ContextEngine::read_anchors(const ContextConfig& config) {
    if (config.verify == Verify::none) return Err::none;
    if (config.role == Role::server) {
        const std::size_t count = config.trust_anchors.size();
        anchor_names_ = allocate<br_x500_name>(count != 0 ? count : 1);
        if (anchor_names_ == nullptr) return Err::no_memory;
        // BearSSL asks for a certificate only where it has a name to send. Pins have none: the
        // empty Name of RFC 5280, 4.1.2.4 stands for them.
        static constexpr std::uint8_t empty_name[] = {0x30, 0x00};
        if (count == 0) anchor_names_[anchor_count_++] = {unconst(empty_name), sizeof empty_name};
    }
    std::size_t usable = 0;
    for (const Bytes& der : config.trust_anchors) {
        x509::Certificate certificate;
        br_x509_pkey key;
        if (!x509::parse(der, certificate) || !read_public_key(certificate.subject_public_key, key))
            continue;
        ++usable;
        if (anchor_names_ != nullptr)
            anchor_names_[anchor_count_++] = {unconst(certificate.subject),
                                              certificate.subject.size()};
    }
    return usable == 0 && !config.trust_anchors.empty() ? Err::bad_certificate : Err::none;
}

Err Traits::ContextEngine::read_credential(const Credential& credential) {
    if (!takes_credentials(capabilities) || credential.chain.empty()) return Err::none;
    chain_ = allocate<br_x509_certificate>(credential.chain.size());
    key_ = allocate<br_skey_decoder_context>(1);
    if (chain_ == nullptr || key_ == nullptr) return Err::no_memory;
    for (const Bytes& der : credential.chain)
        chain_[chain_length_++] = {unconst(der), der.size()};

    br_skey_decoder_init(key_);
    br_skey_decoder_push(key_, credential.private_key.data(), credential.private_key.size());
    if (br_skey_decoder_last_error(key_) != 0) return Err::bad_private_key;
    return check_key_pair(credential.chain.front());
}

Err Traits::ContextEngine::check_key_pair(Bytes der) const {
    x509::Certificate certificate;
    br_x509_pkey own{};
    if (!x509::parse(der, certificate) || !read_public_key(certificate.subject_public_key, own))
        return Err::bad_certificate;
    if (own.key_type != br_skey_decoder_key_type(key_)) return Err::key_mismatch;
    const bool fits = own.key_type == BR_KEYTYPE_RSA
                          ? belongs_to(*br_skey_decoder_get_rsa(key_), own.key.rsa)
                          : belongs_to(*br_skey_decoder_get_ec(key_), own.key.ec);
    return fits ? Err::none : Err::key_mismatch;
}

// BearSSL wants terminated texts: a table of pointers and the texts behind it.
Err Traits::ContextEngine::copy_alpn(std::span<const std::string_view> names) {
    if (names.empty()) return Err::none;
    std::size_t size = names.size() * sizeof(char*);
    for (const std::string_view name : names) {
        if (name.find('\0') != std::string_view::npos) return Err::invalid_argument;
        size += name.size() + 1;
    }
    alpn_names_ = static_cast<const char**>(allocator().allocate(size));
    if (alpn_names_ == nullptr) return Err::no_memory;
    char* text = reinterpret_cast<char*>(alpn_names_ + names.size());
    for (const std::string_view name : names) {
        alpn_names_[alpn_count_++] = text;
        std::memcpy(text, name.data(), name.size());
        text[name.size()] = '\0';
        text += name.size() + 1;
    }
    return Err::none;
}

void Traits::ContextEngine::configure(br_ssl_engine_context& engine) const {
    choose_implementations(engine);
    std::uint32_t flags = BR_OPT_NO_RENEGOTIATION;
#if USSL_ALPN
    if (alpn_count_ != 0) {
        br_ssl_engine_set_protocol_names(&engine, alpn_names_, alpn_count_);
        flags |= BR_OPT_FAIL_ON_ALPN_MISMATCH;
    }
#endif
    if (verify_ == Verify::optional) flags |= BR_OPT_TOLERATE_NO_CLIENT_AUTH;
    br_ssl_engine_add_flags(&engine, flags);
}

void Traits::ContextEngine::configure(br_ssl_client_context& client) const {
#if USSL_CLIENT
    configure(client.eng);
#if USSL_CLIENT_CERTIFICATES
    if (key_ == nullptr) return;
    if (br_skey_decoder_key_type(key_) == BR_KEYTYPE_EC)
        br_ssl_client_set_single_ec(&client, chain_, chain_length_, br_skey_decoder_get_ec(key_),
                                    BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, elliptic_curves(),
                                    br_ecdsa_sign_asn1_get_default());
#if USSL_RSA
    else
        br_ssl_client_set_single_rsa(&client, chain_, chain_length_, br_skey_decoder_get_rsa(key_),
                                     br_rsa_pkcs1_sign_get_default());
#endif
#endif
#else
    static_cast<void>(client);
#endif
}

void Traits::ContextEngine::configure(br_ssl_server_context& server) const {
#if USSL_SERVER
    configure(server.eng);
    br_ssl_engine_add_flags(&server.eng, BR_OPT_ENFORCE_SERVER_PREFERENCES);
    if (br_skey_decoder_key_type(key_) == BR_KEYTYPE_EC)
        br_ssl_server_set_single_ec(&server, chain_, chain_length_, br_skey_decoder_get_ec(key_),
                                    BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, elliptic_curves(),
                                    br_ecdsa_sign_asn1_get_default());
#if USSL_RSA
    else
        br_ssl_server_set_single_rsa(&server, chain_, chain_length_, br_skey_decoder_get_rsa(key_),
                                     BR_KEYTYPE_SIGN, nullptr, br_rsa_pkcs1_sign_get_default());
#endif
    if (verify_ != Verify::none)
        br_ssl_server_set_trust_anchor_names(&server, anchor_names_, anchor_count_);
#else
    static_cast<void>(server);
#endif
}

} // namespace ussl::bearssl
