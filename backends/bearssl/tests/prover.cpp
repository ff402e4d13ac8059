#include "verdicts/prover.hpp"

#include "ussl/x509/certificate.hpp"

#include <bearssl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace ussl::test {

struct Prover::State {
    br_ssl_client_context client{};
    br_ssl_server_context server{};
    br_ssl_engine_context* engine = nullptr;
    br_x509_minimal_context minimal{};
    br_x509_knownkey_context known{};
    br_skey_decoder_context key{};
    std::vector<br_x509_certificate> chain;
    unsigned char buffer[BR_SSL_BUFSIZE_BIDI];
};

namespace {

unsigned char* unconst(Bytes bytes) { return const_cast<unsigned char*>(bytes.data()); }

void trust(br_x509_knownkey_context& known, Bytes certificate) {
    x509::Certificate parsed;
    x509::PublicKey key;
    if (!x509::parse(certificate, parsed) ||
        !x509::parse_public_key(parsed.subject_public_key, key) ||
        key.kind != x509::KeyKind::ec_p256) {
        std::fputs("the judge's own certificate must be on P-256\n", stderr);
        std::exit(2);
    }
    const br_ec_public_key point{BR_EC_secp256r1, unconst(key.point), key.point.size()};
    br_x509_knownkey_init_ec(&known, &point, BR_KEYTYPE_SIGN);
}

} // namespace

Prover::Prover(Role role, std::span<const Bytes> chain, Bytes private_key, Bytes server_certificate)
    : state_(std::make_unique<State>()) {
    State& s = *state_;
    for (const Bytes& der : chain)
        s.chain.push_back({unconst(der), der.size()});
    br_skey_decoder_init(&s.key);
    br_skey_decoder_push(&s.key, private_key.data(), private_key.size());
    const bool rsa = br_skey_decoder_key_type(&s.key) == BR_KEYTYPE_RSA;
    if (br_skey_decoder_last_error(&s.key) != 0) {
        std::fputs("a private key cannot be read\n", stderr);
        std::exit(2);
    }
    if (role == Role::server) {
        s.engine = &s.server.eng;
        if (rsa)
            br_ssl_server_init_full_rsa(&s.server, s.chain.data(), s.chain.size(),
                                        br_skey_decoder_get_rsa(&s.key));
        else
            br_ssl_server_init_full_ec(&s.server, s.chain.data(), s.chain.size(), BR_KEYTYPE_EC,
                                       br_skey_decoder_get_ec(&s.key));
    } else {
        s.engine = &s.client.eng;
        br_ssl_client_init_full(&s.client, &s.minimal, nullptr, 0);
        trust(s.known, server_certificate);
        br_ssl_engine_set_x509(s.engine, &s.known.vtable);
        if (rsa)
            br_ssl_client_set_single_rsa(&s.client, s.chain.data(), s.chain.size(),
                                         br_skey_decoder_get_rsa(&s.key),
                                         br_rsa_pkcs1_sign_get_default());
        else
            br_ssl_client_set_single_ec(&s.client, s.chain.data(), s.chain.size(),
                                        br_skey_decoder_get_ec(&s.key), BR_KEYTYPE_SIGN,
                                        BR_KEYTYPE_EC, br_ec_get_default(),
                                        br_ecdsa_sign_asn1_get_default());
    }
    br_ssl_engine_set_versions(s.engine, BR_TLS12, BR_TLS12);
    br_ssl_engine_set_buffer(s.engine, s.buffer, sizeof s.buffer, 1);
    static constexpr unsigned char seed[32] = {};
    br_ssl_engine_inject_entropy(s.engine, seed, sizeof seed);
    if (role == Role::server)
        br_ssl_server_reset(&s.server);
    else
        br_ssl_client_reset(&s.client, nullptr, 0);
}

Prover::~Prover() = default;

Bytes Prover::output() {
    std::size_t size = 0;
    const unsigned char* at = br_ssl_engine_sendrec_buf(state_->engine, &size);
    return at == nullptr ? Bytes{} : Bytes{at, size};
}

void Prover::consume(std::size_t count) { br_ssl_engine_sendrec_ack(state_->engine, count); }

std::size_t Prover::input(Bytes from) {
    std::size_t size = 0;
    unsigned char* at = br_ssl_engine_recvrec_buf(state_->engine, &size);
    if (at == nullptr || from.empty()) return 0;
    size = std::min(size, from.size());
    std::copy_n(from.begin(), size, at);
    br_ssl_engine_recvrec_ack(state_->engine, size);
    return size;
}

bool Prover::established() const {
    return (br_ssl_engine_current_state(state_->engine) & BR_SSL_SENDAPP) != 0;
}

unsigned Prover::alert() const {
    const int error = br_ssl_engine_last_error(state_->engine);
    return error >= BR_ERR_RECV_FATAL_ALERT && error < BR_ERR_SEND_FATAL_ALERT
               ? static_cast<unsigned>(error - BR_ERR_RECV_FATAL_ALERT)
               : 0;
}

} // namespace ussl::test
