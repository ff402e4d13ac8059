#include "ussl/backend/resumption_frame.hpp"

#include "ussl/backend/wire.hpp"

#include <cstring>

#if USSL_RESUMPTION

namespace ussl {
namespace {

// A digest over several pieces, each with its own before: no piece can pass for parts of two.
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

} // namespace

bool ResumptionFrame::digest(Bytes time_and_data, std::uint8_t (&out)[digest_size]) const {
    const x509::Expectations& expected = setup_.expectations;
    const Policy& policy = expected.policy;
    const std::uint8_t rules[] = {
        static_cast<std::uint8_t>(setup_.verify),
        policy.check_identity,
        policy.check_time,
        policy.check_purpose,
        policy.check_key_strength,
        policy.check_signature_strength,
        policy.check_constraints,
        policy.check_critical_extensions,
        policy.callback_may_accept,
        expected.verify_callback.accept != nullptr,
        setup_.datagram,
        sizeof(void*), // libraries write their structures as the build has them
    };
    Chain chain(backend_.sha256);
    chain.add(backend_.name);
    chain.add(backend_.library_version());
    chain.add(Bytes{rules});
    chain.add(expected.identity.sni);
    chain.add(expected.identity.dns_name);
    chain.add(expected.identity.ip_address);
    chain.add(expected.trust_anchors);
    if (expected.anchor_source != nullptr) chain.add(expected.anchor_source->version);
    chain.add(expected.pins);
    // Whom the server takes the client for.
    chain.add(setup_.own_chain);
    chain.add(setup_.psk_identity);
    chain.add(time_and_data);
    return chain.finish(out);
}

bool ResumptionFrame::write(MutableBytes framed) const {
    write64(framed.data() + digest_size, static_cast<std::uint64_t>(setup_.expectations.now));
    std::uint8_t out[digest_size];
    if (!digest(framed.subspan(digest_size), out)) return false;
    std::memcpy(framed.data(), out, digest_size);
    return true;
}

Bytes ResumptionFrame::open(Bytes framed) const {
    std::uint8_t expected[digest_size];
    if (framed.size() <= size() || !digest(framed.subspan(digest_size), expected) ||
        !equal(framed.first(digest_size), Bytes{expected}))
        return {};
    const std::uint64_t then = number64(framed.data() + digest_size);
    const std::uint64_t age = static_cast<std::uint64_t>(setup_.expectations.now) - then;
    return age <= static_cast<std::uint64_t>(max_resumption_age) ? framed.subspan(size()) : Bytes{};
}

} // namespace ussl

#endif
