// The X.509 engine that BearSSL calls during the handshake: it collects what the peer sends, and
// has core/ find the path and judge it. BearSSL's own validator would refuse an extended key usage
// for being critical, takes issuers in the order of the path only, and stops at the first thing
// wrong.
#pragma once

#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/session_setup.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

class ChainValidator {
public:
    // Points the engine at this object, which must not move afterwards. `setup` must outlive it.
    void attach(br_ssl_engine_context& engine, const SessionSetup& setup);
    ~ChainValidator();

    const PeerVerdict& peer() const { return peer_; }

    // The peer's certificates and its key are no longer needed.
    void handshake_done() { drop_from(0); }

private:
    // BearSSL's virtual table. The context it is given is this object's first member.
    struct Callbacks;
    struct Context {
        const br_x509_class* vtable;
        ChainValidator* self;
    };

    void start_certificate(std::uint32_t length);
    void append(Bytes part);
    void end_certificate();
    unsigned end_chain();
    const br_x509_pkey* public_key(unsigned* usages) const;

    bool is_wanted() const;
    void drop_from(std::size_t first);

    Context context_{};
    br_ssl_engine_context* engine_ = nullptr;
    const SessionSetup* setup_ = nullptr;
    PeerVerdict peer_;
    bool leaf_key_known_ = false;
    br_x509_pkey leaf_key_{};
    std::size_t received_ = 0;    // of current_
    std::size_t message_ = 4 + 3; // of the Certificate message, as far as it has been announced
    std::size_t count_ = 0;       // of sent_
    // Certificates, in memory from the allocator.
    MutableBytes current_{};                       // the one that is coming in
    Bytes sent_[x509::max_sent_certificates] = {}; // the peer's own first
};

} // namespace ussl::bearssl
