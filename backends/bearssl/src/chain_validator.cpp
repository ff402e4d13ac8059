#include "chain_validator.hpp"

#include "implementations.hpp"
#include "public_key.hpp"

#include "ussl/x509/certificate.hpp"

#include <cstring>

namespace ussl::bearssl {
namespace {

// A certificate is collected before it is judged. No real one is longer; RFC 8446, 4.4.2 allows
// 2^24.
constexpr std::uint32_t max_certificate_size = 1u << 18;

// BearSSL counts days from 0000-01-01 of the proleptic Gregorian calendar.
constexpr UnixTime days_before_1970 = 719528;

} // namespace

struct ChainValidator::Callbacks {
    static ChainValidator& self(const br_x509_class** context) {
        return *reinterpret_cast<Context*>(context)->self;
    }
    static void start_chain(const br_x509_class** context, const char*) {
        // The server's name is not passed on: BearSSL would look at the common name, too.
        self(context).start_chain();
    }
    static void start_cert(const br_x509_class** context, std::uint32_t length) {
        self(context).start_certificate(length);
    }
    static void append(const br_x509_class** context, const unsigned char* part, std::size_t size) {
        self(context).append({part, size});
    }
    static void end_cert(const br_x509_class** context) { self(context).end_certificate(); }
    static unsigned end_chain(const br_x509_class** context) { return self(context).end_chain(); }
    static const br_x509_pkey* get_pkey(const br_x509_class* const* context, unsigned* usages) {
        return reinterpret_cast<const Context*>(context)->self->public_key(usages);
    }
    static constexpr br_x509_class vtable{sizeof(Context), start_chain, start_cert, append,
                                          end_cert,        end_chain,   get_pkey};
};

void ChainValidator::attach(br_ssl_engine_context& engine, const SessionSetup& setup,
                            const TrustAnchors& anchors) {
    context_ = {&Callbacks::vtable, this};
    setup_ = &setup;
    br_x509_minimal_init(&minimal_, &br_sha256_vtable, anchors.list, anchors.count);
    choose_implementations(minimal_);
    br_ssl_engine_set_x509(&engine, &context_.vtable);
}

ChainValidator::~ChainValidator() { drop_all(); }

void ChainValidator::release(Bytes& certificate) {
    allocator().release(const_cast<std::uint8_t*>(certificate.data()));
    certificate = {};
}

void ChainValidator::drop_all() {
    allocator().release(current_.data());
    current_ = {};
    if (last_.data() != leaf_.data()) release(last_);
    last_ = {};
    release(leaf_);
}

void ChainValidator::handshake_done() {
    if (last_.data() != leaf_.data()) release(last_);
    last_ = {};
    if (!setup_->keep_peer_certificate) release(leaf_);
}

void ChainValidator::start_chain() {
    drop_all();
    verdict_ = Err::none;
    leaf_key_known_ = false;
    path_ = x509::PathCheck(setup_->expectations);
    minimal_.vtable->start_chain(&minimal_.vtable, nullptr);
}

void ChainValidator::start_certificate(std::uint32_t length) {
    received_ = 0;
    // With verification off nothing but the peer's own certificate matters.
    if (verdict_ != Err::none || (setup_->verify == Verify::none && !leaf_.empty())) return;
    if (length == 0 || length > max_certificate_size) {
        verdict_ = Err::bad_peer_certificate;
        return;
    }
    auto* memory = static_cast<std::uint8_t*>(allocator().allocate(length));
    if (memory == nullptr)
        verdict_ = Err::no_memory;
    else
        current_ = {memory, length};
}

void ChainValidator::append(Bytes part) {
    if (current_.empty()) return;
    // BearSSL has checked that the parts make up the length that it announced.
    std::memcpy(current_.data() + received_, part.data(), part.size());
    received_ += part.size();
}

void ChainValidator::end_certificate() {
    if (current_.empty()) return;
    Bytes der = current_;
    current_ = {};
    x509::Certificate certificate;
    const bool readable = x509::parse(der, certificate);
    if (leaf_.empty()) {
        leaf_ = last_ = der;
        leaf_key_known_ = readable && read_public_key(certificate.subject_public_key, leaf_key_);
        if (!leaf_key_known_) verdict_ = Err::bad_peer_certificate;
    } else if (!readable) {
        verdict_ = Err::bad_peer_certificate;
        release(der);
        return;
    } else if (!equal(certificate.subject, issuer_)) {
        // Not what the path goes on with. Servers do send superfluous certificates, and the
        // other libraries pass over them (RFC 8446, 4.4.2); BearSSL would not.
        release(der);
        return;
    } else {
        if (last_.data() != leaf_.data()) release(last_);
        last_ = der;
    }
    issuer_ = certificate.issuer;
    if (verdict_ == Err::none && setup_->verify != Verify::none) validate(der, certificate);
}

// Hands a whole certificate to BearSSL's validator and, while that has not yet arrived at an
// anchor, to the rules.
void ChainValidator::validate(Bytes der, const x509::Certificate& certificate) {
    if (minimal_.err == 0) path_.add(der);
    // The rules judge the validity, which may be switched off: BearSSL, which must be given a time,
    // gets one that the certificate itself calls valid.
    constexpr UnixTime day_length = 86400;
    const UnixTime start = certificate.not_before + days_before_1970 * day_length;
    br_x509_minimal_set_time(&minimal_, static_cast<std::uint32_t>(start / day_length),
                             static_cast<std::uint32_t>(start % day_length));
    minimal_.vtable->start_cert(&minimal_.vtable, static_cast<std::uint32_t>(der.size()));
    minimal_.vtable->append(&minimal_.vtable, der.data(), der.size());
    minimal_.vtable->end_cert(&minimal_.vtable);
}

// What BearSSL gets to see is only whether to go on; the code is ours.
unsigned ChainValidator::end_chain() {
    if (verdict_ == Err::none && leaf_.empty()) verdict_ = Err::no_peer_certificate;
    if (verdict_ == Err::none && setup_->verify != Verify::none) {
        const unsigned error = minimal_.vtable->end_chain(&minimal_.vtable);
        verdict_ = path_.verdict(error == 0);
    }
    return verdict_ == Err::none ? 0 : BR_ERR_X509_NOT_TRUSTED;
}

const br_x509_pkey* ChainValidator::public_key(unsigned* usages) const {
    // The rules have looked at the key usage; all suites in use sign.
    if (usages != nullptr) *usages = BR_KEYTYPE_SIGN;
    return leaf_key_known_ ? &leaf_key_ : nullptr;
}

} // namespace ussl::bearssl
