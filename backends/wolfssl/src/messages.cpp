#include "messages.hpp"

#include "session_engine.hpp"

#include <wolfssl/internal.h>

#include "ussl/backend/memory.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/suites.hpp"

#include <algorithm>
#include <cstring>

// Of library/internal.c: wolfSSL's HashInput(), and its DoHandShakeMsgType().
extern "C" {
int ussl_wolfssl_read_message(WOLFSSL* ssl, byte* input, word32* at, byte type, word32 size,
                              word32 end);
int ussl_wolfssl_hash(WOLFSSL* ssl, const byte* input, int size);
int ussl_wolfssl_hash_message(WOLFSSL* ssl, const byte* input, int size);
}

namespace ussl::wolfssl {
namespace {

static_assert(HANDSHAKE_HEADER_SZ == 4 && MAX_HANDSHAKE_SZ + HANDSHAKE_HEADER_SZ == max_message);

word32 size_by(const std::uint8_t* header) { return number32(header) & 0xffffff; }

// wolfSSL looks only at the first of its key shares for the server's group, and demands a share
// together with a pre-shared key. core has checked that there is one.
void take_any_share([[maybe_unused]] WOLFSSL* ssl) {
#if USSL_CLIENT && USSL_TLS1_3 && (USSL_RESUMPTION || USSL_PSK)
    ssl->options.onlyPskDheKe = 0;
#endif
}

// RFC 8446, 4.2.11: a ticket is bound to a hash, not to its suite; but wolfSSL's client demands the
// same suite.
void take_other_suite([[maybe_unused]] WOLFSSL* ssl, [[maybe_unused]] Bytes server_hello) {
#if USSL_CLIENT && USSL_TLS1_3 && USSL_RESUMPTION
    WireReader in(server_hello);
    in.bytes(2 + 32);
    in.vector(1);
    const Bytes chosen = in.bytes(2);
    WOLFSSL_SESSION& session = *ssl->session;
    const byte own[] = {session.cipherSuite0, session.cipherSuite};
    if (in.is_bad() || ssl->options.resuming == 0 || chosen[0] != TLS13_BYTE ||
        uses_sha384(number16(chosen.data())) != uses_sha384(number16(own)))
        return;
    session.cipherSuite0 = chosen[0];
    session.cipherSuite = chosen[1];
#endif
}

#if defined(WOLFSSL_DTLS_CID)
// Whether it is a ServerHello without connection_id.
bool lacks_connection_id(byte type, Bytes hello) {
    if (type != handshake_type::server_hello) return false;
    WireReader in(hello);
    in.bytes(2 + 32);
    in.vector(1);
    in.bytes(2 + 1);
    Bytes id;
    return !find_extension(in.vector(2), extension_type::connection_id, id);
}
#endif

// In TLS 1.2 a client signs with its own key, whose kind may differ from the server's: wolfSSL
// looks for the suite's kind in CertificateRequest.
class SignsByOwnKey {
public:
    explicit SignsByOwnKey(WOLFSSL* ssl) : ssl_(ssl), suite_(ssl->specs.sig_algo) {
        if (ssl->buffers.keyType != 0) ssl->specs.sig_algo = ssl->buffers.keyType;
    }
    SignsByOwnKey(const SignsByOwnKey&) = delete;
    SignsByOwnKey& operator=(const SignsByOwnKey&) = delete;
    ~SignsByOwnKey() { ssl_->specs.sig_algo = suite_; }

private:
    WOLFSSL* ssl_;
    decltype(CipherSpecs::sig_algo) suite_;
};

} // namespace

word32 Messages::size() const { return size_by(header_); }

void Messages::release() {
    ussl::release(message_);
    message_ = nullptr;
    gathered_ = 0;
}

int Messages::take(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3) {
    // Before 5.9 `end` includes what encryption adds to a record, and each message skips it.
    const bool is_included = end == ssl->buffers.inputBuffer.length && IsEncryptionOn(ssl, 0);
    behind_ = is_included ? ssl->keys.padSz : 0;
    if (at + behind_ >= end) return PARSE_ERROR;
    const Bytes piece{input + at, end - behind_ - at};
    const bool is_whole = gathered_ == 0 && piece.size() >= sizeof header_ &&
                          piece.size() - sizeof header_ >= size_by(piece.data());
    if (is_whole) {
        at += sizeof header_;
        const int early = EarlySanityCheckMsgReceived(ssl, piece[0], size_by(piece.data()));
        return early != 0 ? early : give(ssl, input, at, end, tls1_3);
    }
    word32 taken = 0;
    const int result = gather(piece, taken);
    if (result != 0) return result;
    const int early = EarlySanityCheckMsgReceived(ssl, header_[0], taken);
    if (early != 0) return early;
    at += taken + behind_;
    if (gathered_ < sizeof header_ || gathered_ < sizeof header_ + size()) return 0;
    word32 body = sizeof header_;
    const int given = give(ssl, message_, body, gathered_ + behind_, tls1_3);
    release();
    return given;
}

int Messages::gather(Bytes piece, word32& taken) {
    while (gathered_ < sizeof header_ && taken < piece.size())
        header_[gathered_++] = piece[taken++];
    if (gathered_ < sizeof header_) return 0;
    if (size() > MAX_HANDSHAKE_SZ) return HANDSHAKE_SIZE_ERROR;
    const word32 whole = sizeof header_ + size();
    if (message_ == nullptr) {
        message_ = allocate_for<std::uint8_t>(whole);
        if (message_ == nullptr) return MEMORY_E;
        std::memcpy(message_, header_, sizeof header_);
    }
    const word32 more = std::min(static_cast<word32>(piece.size()) - taken, whole - gathered_);
    std::memcpy(message_ + gathered_, piece.data() + taken, more);
    gathered_ += more;
    taken += more;
    return 0;
}

bool Messages::keeps_rules(WOLFSSL* ssl, byte type, Bytes body) {
    broken_ = rules.check(type, body);
    if (broken_ != Err::none) SendAlert(ssl, alert_fatal, static_cast<int>(rules.alert()));
#if defined(WOLFSSL_DTLS_CID)
    if (ssl->options.dtls &&
        (type == handshake_type::client_hello ? rules.has_long_connection_id()
                                              : lacks_connection_id(type, body)))
        internals::forget_connection_id(ssl);
#endif
    return broken_ == Err::none;
}

int Messages::take_whole(WOLFSSL* ssl, std::uint8_t* input, word32& at, byte type, word32 size,
                         word32 end) {
    if (at + size > end) return ussl_wolfssl_read_message(ssl, input, &at, type, size, end);
    if (!keeps_rules(ssl, type, {input + at, size})) return FATAL_ERROR;
    constexpr bool datagram = true;
    show_version(input + at, type, size, datagram);
    const int result = ussl_wolfssl_read_message(ssl, input, &at, type, size, end);
    shown_ = nullptr;
    return result;
}

// To wolfSSL the first field of a ClientHello is the version. 0x0303 has it look at
// supported_versions.
void Messages::show_version([[maybe_unused]] std::uint8_t* body, [[maybe_unused]] byte type,
                            [[maybe_unused]] word32 size, [[maybe_unused]] bool datagram) {
#if USSL_SERVER
    if (type != handshake_type::client_hello || !stands_for_tls1_2({body, size}, datagram)) return;
    shown_ = body;
    came_ = static_cast<std::uint16_t>(number16(shown_));
    as_ = static_cast<std::uint16_t>(version_on_wire(datagram));
    write16(shown_, as_);
#endif
}

// `at` points behind the message's header.
int Messages::give(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3) {
    const std::uint8_t* const header = input + at - sizeof header_;
    const byte type = header[0];
    const word32 size = size_by(header);
    const Bytes body{input + at, size};
    if (!keeps_rules(ssl, type, body)) return FATAL_ERROR;
    if (type == handshake_type::server_hello && !rules.is_retry()) {
        take_any_share(ssl);
        take_other_suite(ssl, body);
    }
    show_version(input + at, type, size, false);
    const int result = pass(ssl, input, at, end, tls1_3);
    shown_ = nullptr;
    return result;
}

int Messages::pass(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3) {
    const std::uint8_t* const header = input + at - sizeof header_;
    const byte type = header[0];
    const word32 size = size_by(header);
#if USSL_TLS1_3
    if (tls1_3) return DoTls13HandShakeMsgType(ssl, input, &at, type, size, end);
#else
    static_cast<void>(tls1_3);
#endif
#if USSL_CLIENT_CERTIFICATES
    if (type == handshake_type::certificate_request) {
        const SignsByOwnKey own(ssl);
        return ussl_wolfssl_read_message(ssl, input, &at, type, size, end);
    }
#endif
    return ussl_wolfssl_read_message(ssl, input, &at, type, size, end);
}

int Messages::hash(WOLFSSL* ssl, const std::uint8_t* input, int size) {
    if (shown_ != nullptr) write16(shown_, came_);
    const int result = ussl_wolfssl_hash(ssl, input, size);
    if (shown_ != nullptr) write16(shown_, as_);
    return result;
}

void Messages::look_for_hello(Bytes records, bool datagram) {
    const std::size_t front = RecordHeader::size_of(datagram);
    const std::size_t message_front = message_header_size(datagram);
    while (records.size() > front) {
        const RecordHeader header(records.data(), datagram);
        if (header.record_size() > records.size()) return;
        const Bytes message = records.subspan(front, header.length());
        if (header.type() == content_type::change_cipher_spec) changed_cipher_spec_ = true;
        if (header.type() == content_type::handshake && message.size() > message_front &&
            message[0] == handshake_type::client_hello &&
            size_by(message.data()) + message_front == message.size())
            rules.sent_hello(message.subspan(message_front));
        records = records.subspan(header.record_size());
    }
}

} // namespace ussl::wolfssl

// Replaces wolfSSL's function: see library/internal.c.
extern "C" {
#if USSL_CERTIFICATES
int ProcessPeerCerts(WOLFSSL* ssl, byte* input, word32* at, word32 size) {
    auto& session = ussl::wolfssl::session_of(ssl);
    const word32 begin = *at;
    *at += size + session.messages().behind();
    return session.take_certificates({input + begin, size});
}
#endif
int ussl_wolfssl_see_message(WOLFSSL* ssl, byte* input, word32* at, byte type, word32 size,
                             word32 end);
int ussl_wolfssl_see_message(WOLFSSL* ssl, byte* input, word32* at, byte type, word32 size,
                             word32 end) {
    return ussl::wolfssl::session_of(ssl).messages().take_whole(ssl, input, *at, type, size, end);
}
int HashInput(WOLFSSL* ssl, const byte* input, int size) {
    return ussl_wolfssl_hash_message(ssl, input, size);
}
int ussl_wolfssl_hash_message(WOLFSSL* ssl, const byte* input, int size) {
    return ussl::wolfssl::session_of(ssl).messages().hash(ssl, input, size);
}
int ussl_wolfssl_take_message(WOLFSSL* ssl, byte* input, word32* at, word32 end);
int ussl_wolfssl_take_message_1_3(WOLFSSL* ssl, byte* input, word32* at, word32 end);
int ussl_wolfssl_take_message(WOLFSSL* ssl, byte* input, word32* at, word32 end) {
    return ussl::wolfssl::session_of(ssl).messages().take(ssl, input, *at, end, false);
}
int ussl_wolfssl_take_message_1_3(WOLFSSL* ssl, byte* input, word32* at, word32 end) {
    return ussl::wolfssl::session_of(ssl).messages().take(ssl, input, *at, end, true);
}
}
