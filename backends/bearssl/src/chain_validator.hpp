// The X.509 engine that BearSSL calls during the handshake: BearSSL's own validator finds the path
// and checks its signatures, core/'s rules judge the rest.
#pragma once

#include "ussl/backend/engine.hpp"

#include "ussl/x509/certificate.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

struct TrustAnchors {
    br_x509_trust_anchor* list = nullptr;
    std::size_t count = 0;
};

class ChainValidator {
public:
    // Points the engine at this object, which must not move afterwards. `setup` and `anchors`
    // must outlive it.
    void attach(br_ssl_engine_context& engine, const SessionSetup& setup,
                const TrustAnchors& anchors);
    ~ChainValidator();

    // After a handshake that failed for the certificate: why. Err::none: it was not that.
    Err verdict() const { return verdict_; }

    Bytes leaf() const { return leaf_; }

    // The peer's public key is no longer needed; keeps the leaf only where that was asked for.
    void handshake_done();

private:
    // BearSSL's virtual table. The context it is given is this object's first member.
    struct Callbacks;
    struct Context {
        const br_x509_class* vtable;
        ChainValidator* self;
    };

    void start_chain();
    void start_certificate(std::uint32_t length);
    void append(Bytes part);
    void end_certificate();
    unsigned end_chain();
    const br_x509_pkey* public_key(unsigned* usages) const;

    void validate(Bytes der, const x509::Certificate& certificate);
    void release(Bytes& certificate);
    void drop_all();

    Context context_{};
    const SessionSetup* setup_ = nullptr;
    br_x509_minimal_context minimal_{};
    br_x509_pkey leaf_key_{};
    x509::PathCheck path_;
    // Certificates, in memory from the allocator.
    MutableBytes current_{}; // the one that is coming in
    std::size_t received_ = 0;
    Bytes leaf_{};   // the peer's own
    Bytes last_{};   // the last one of the path so far; may be the leaf
    Bytes issuer_{}; // of the last one: the name that the next one must have
    Err verdict_ = Err::none;
    bool leaf_key_known_ = false;
};

} // namespace ussl::bearssl
