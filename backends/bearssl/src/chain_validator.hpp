// The X.509 engine that BearSSL calls during the handshake: it collects the peer's certificates,
// and lets core/ find the path and judge it. BearSSL's own validator would refuse a critical
// extended key usage, accepts issuers only in the order of the path, and stops at the first error.
#pragma once

#include "ussl/backend/peer_verdict.hpp"
#include "ussl/backend/session_setup.hpp"

#include <bearssl.h>

namespace ussl::bearssl {

class ChainValidator {
public:
    // Installs this object in the engine; it must not move afterwards. `setup` must outlive it.
    void attach(br_ssl_engine_context& engine, const SessionSetup& setup);
    ~ChainValidator();

    const PeerVerdict& peer() const { return peer_; }

    // Frees the peer's certificates and key, which are no longer needed.
    void handshake_done() { drop_from(0); }

private:
    // BearSSL's vtable. Its context is this object's first member.
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
    std::size_t message_ = 4 + 3; // size of the Certificate message, as announced so far
    std::size_t count_ = 0;       // of sent_
    // Certificates, in allocated memory.
    MutableBytes current_{};                       // the one being received
    Bytes sent_[x509::max_sent_certificates] = {}; // the peer's own first
};

} // namespace ussl::bearssl
