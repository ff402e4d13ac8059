#include "chain_validator.hpp"

#include "public_key.hpp"
#include "signature.hpp"

#include "ussl/backend/handshake_message.hpp"

#include <cstring>

namespace ussl::bearssl {

struct ChainValidator::Callbacks {
    static ChainValidator& self(const br_x509_class** context) {
        return *reinterpret_cast<Context*>(context)->self;
    }
    static void start_chain(const br_x509_class**, const char*) {} // there is only one
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

void ChainValidator::attach(br_ssl_engine_context& engine, const SessionSetup& setup) {
    context_ = {&Callbacks::vtable, this};
    engine_ = &engine;
    setup_ = &setup;
    br_ssl_engine_set_x509(&engine, &context_.vtable);
}

ChainValidator::~ChainValidator() { drop_from(0); }

void ChainValidator::drop_from(std::size_t first) {
    ussl::release(current_.data());
    current_ = {};
    while (count_ > first) {
        Bytes& last = sent_[--count_];
        ussl::release(const_cast<std::uint8_t*>(last.data()));
        last = {};
    }
}

// Without verification only the peer's own certificate matters.
bool ChainValidator::is_wanted() const {
    const std::size_t most = setup_->verify == Verify::none ? 1 : x509::max_sent_certificates;
    return peer_.verdict() == Err::none && count_ < most;
}

void ChainValidator::start_certificate(std::uint32_t length) {
    received_ = 0;
    message_ += 3 + length; // RFC 5246, 7.4.2
    if (message_ > max_message) peer_.refuse(Err::message_too_large);
    if (!is_wanted()) return;
    if (length == 0) {
        peer_.refuse(Err::bad_peer_certificate);
        return;
    }
    auto* memory = static_cast<std::uint8_t*>(ussl::allocate(length));
    if (memory == nullptr)
        peer_.refuse(Err::no_memory);
    else
        current_ = {memory, length};
}

void ChainValidator::append(Bytes part) {
    if (current_.empty()) return;
    // BearSSL has checked that the parts add up to the length that it announced.
    std::memcpy(current_.data() + received_, part.data(), part.size());
    received_ += part.size();
}

void ChainValidator::end_certificate() {
    if (current_.empty()) return;
    sent_[count_++] = current_;
    current_ = {};
}

// BearSSL only sees whether to continue; the code is ours.
unsigned ChainValidator::end_chain() {
    Bytes key;
    if (peer_.verdict() == Err::none &&
        peer_.judge(*setup_, {sent_, count_}, {nullptr, is_signed_by}, &key) == Err::none) {
        leaf_key_known_ = read_public_key(key, leaf_key_);
        if (leaf_key_known_) return 0;
        peer_.refuse(Err::bad_peer_certificate);
    }
    // If BearSSL tolerates a missing certificate it also tolerates a bad one. Verify::optional does
    // not.
    br_ssl_engine_remove_flags(engine_, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
    return BR_ERR_X509_NOT_TRUSTED;
}

const br_x509_pkey* ChainValidator::public_key(unsigned* usages) const {
    // The rules have checked the key usage; all supported suites need signatures.
    if (usages != nullptr) *usages = BR_KEYTYPE_SIGN;
    return leaf_key_known_ ? &leaf_key_ : nullptr;
}

} // namespace ussl::bearssl
