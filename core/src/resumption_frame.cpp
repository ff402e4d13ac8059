#include "ussl/backend/resumption_frame.hpp"

#include "ussl/backend/wire.hpp"

#include <cstring>

#if USSL_RESUMPTION

namespace ussl {
namespace {

// A digest over several pieces, each preceded by its length: different pieces never give the same
// bytes.
class Chain {
public:
    explicit Chain(bool (*sha256)(Bytes, std::uint8_t (&)[32])) : sha256_(sha256) {}

    void add(Bytes piece) {
        std::uint8_t digest[32];
        good_ = good_ && sha256_(piece, digest);
        if (!good_) return;
        std::memcpy(pair_ + 32, digest, 32);
        good_ = sha256_(Bytes{pair_}, digest);
        std::memcpy(pair_, digest, 32);
    }
    void add(std::string_view text) { add(as_bytes(text)); }
    void add(std::span<const Bytes> list) {
        for (const Bytes& piece : list)
            add(piece);
        add(Bytes{}); // the end of the list
    }
    bool finish(std::uint8_t (&out)[32]) const {
        if (good_) std::memcpy(out, pair_, 32);
        return good_;
    }

private:
    bool (*sha256_)(Bytes, std::uint8_t (&)[32]);
    std::uint8_t pair_[64] = {};
    bool good_ = true;
};

// Everything that decides whether a peer is accepted, except names.
void add_rules(Chain& chain, const SessionSetup& setup, const Backend& backend) {
    const x509::Expectations& expected = setup.expectations;
    const Policy& policy = expected.policy;
    const std::uint8_t rules[] = {
        static_cast<std::uint8_t>(setup.verify),
        policy.check_identity,
        policy.check_time,
        policy.check_purpose,
        policy.check_key_strength,
        policy.check_signature_strength,
        policy.check_constraints,
        policy.check_critical_extensions,
        policy.callback_may_accept,
        expected.verify_callback.accept != nullptr,
        setup.datagram,
        sizeof(void*), // libraries store their structures in the build's format
    };
    const auto& [name, version, capabilities, suites, sha256] = backend;
    chain.add(name);
    chain.add(version());
    chain.add(Bytes{rules});
    chain.add(expected.trust_anchors);
    if (expected.anchor_source != nullptr) chain.add(expected.anchor_source->version);
    if (expected.verify_callback.accept != nullptr) chain.add(expected.verify_callback.version);
    chain.add(expected.pins);
}

} // namespace

bool ResumptionFrame::digest(Bytes times_and_data, std::uint8_t (&out)[digest_size]) const {
    const x509::Expectations& expected = setup_.expectations;
    Chain chain(backend_.sha256);
    add_rules(chain, setup_, backend_);
    chain.add(expected.identity.sni);
    chain.add(expected.identity.dns_name);
    chain.add(expected.identity.ip_address);
    // The client's identity.
    chain.add(setup_.own_chain);
    chain.add(setup_.psk_identity);
    chain.add(times_and_data);
    return chain.finish(out);
}

bool ResumptionFrame::bind(Bytes secret, std::uint8_t (&out)[32]) const {
    Chain chain(backend_.sha256);
    add_rules(chain, setup_, backend_);
    chain.add(secret);
    return chain.finish(out);
}

bool ResumptionFrame::write(MutableBytes framed, const Verified& verified) const {
    write64(framed.data() + digest_size, static_cast<std::uint64_t>(verified.at));
    write64(framed.data() + digest_size + time_size, static_cast<std::uint64_t>(verified.until));
    std::uint8_t out[digest_size];
    if (!digest(framed.subspan(digest_size), out)) return false;
    std::memcpy(framed.data(), out, digest_size);
    return true;
}

Bytes ResumptionFrame::open(Bytes framed, Verified& verified) const {
    std::uint8_t expected[digest_size];
    if (framed.size() <= size() || !digest(framed.subspan(digest_size), expected) ||
        !equal(framed.first(digest_size), Bytes{expected}))
        return {};
    const std::uint64_t at = number64(framed.data() + digest_size);
    const std::uint64_t age = static_cast<std::uint64_t>(setup_.verified.at) - at;
    verified.at = static_cast<UnixTime>(at);
    verified.until = static_cast<UnixTime>(number64(framed.data() + digest_size + time_size));
    const bool good = age <= setup_.session_lifetime && setup_.verified.at <= verified.until;
    return good ? framed.subspan(size()) : Bytes{};
}

} // namespace ussl

#endif
