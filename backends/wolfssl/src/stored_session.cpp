#include "stored_session.hpp"

#include <wolfssl/internal.h>

#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl::wolfssl::stored_session {

#if USSL_RESUMPTION && USSL_CLIENT

namespace {

// The fields, in this order. Numbers are big-endian.
//
//    2 version                                   2 cipher suite
//    1 whether there is an extended master secret, in TLS 1.2
//    4 lifetime in seconds                       8 when the ticket was seen, in milliseconds
//    4 what is added to its age                  2 named group
//    1 maximum fragment length
//   48 secret
//    1 size, and the session ID                  1 size, and the ticket's nonce
//    2 size, and the ticket

struct Fields {
    unsigned version, suite;
    bool extended_master_secret;
    std::uint32_t lifetime;
    std::int64_t seen;
    std::uint32_t age_add;
    std::uint16_t group;
    std::uint8_t max_fragment;
    Bytes secret, id, nonce, ticket;
};

bool read(Bytes stored, Fields& fields) {
    WireReader in(stored);
    fields.version = in.number(2);
    fields.suite = in.number(2);
    fields.extended_master_secret = in.number(1) != 0;
    fields.lifetime = in.number(4);
    const std::uint64_t seen_high = in.number(4);
    fields.seen = static_cast<std::int64_t>(seen_high << 32 | in.number(4));
    fields.age_add = in.number(4);
    fields.group = static_cast<std::uint16_t>(in.number(2));
    fields.max_fragment = static_cast<std::uint8_t>(in.number(1));
    fields.secret = in.bytes(SECRET_LEN);
    fields.id = in.vector(1);
    fields.nonce = in.vector(1);
    fields.ticket = in.vector(2);
    return in.ended_well();
}

unsigned number_of(ProtocolVersion version) {
    return static_cast<unsigned>(version.major << 8 | version.minor);
}

bool is_tls1_3(unsigned version) { return version_of(version) == Version::tls1_3; }

// RFC 5246, 7.4.1.2 and RFC 8446, 4.2.11: a session needs its suite. Otherwise wolfSSL would offer
// the session without a suite for it.
bool has_suite(const WOLFSSL* ssl, unsigned suite) {
    const Suites& own = *WOLFSSL_SUITES(ssl);
    for (unsigned i = 0; i + 1 < own.suiteSz; i += 2)
        if (number16(own.suites + i) == suite) return true;
    return false;
}

// RFC 8446, 4.6.1: not longer than the server allows. (In TLS 1.2 that is a hint.)
bool is_too_old(const Fields& fields) {
#if USSL_TLS1_3
    if (!is_tls1_3(fields.version)) return false;
    const std::int64_t age = TimeNowInMilliseconds() - fields.seen;
    return age < 0 || age / 1000 > static_cast<std::int64_t>(fields.lifetime);
#else
    static_cast<void>(fields);
    return false;
#endif
}

} // namespace

std::size_t save(const WOLFSSL* ssl, bool has_ticket, MutableBytes into) {
    const WOLFSSL_SESSION& session = *ssl->session;
    const word16 ticket_size = has_ticket ? session.ticketLen : 0;
    if (ticket_size == 0 && (is_tls1_3(number_of(session.version)) || session.sessionIDSz == 0 ||
                             session.ticketLen != 0))
        return 0;
    WireWriter out(into);
    out.number(number_of(session.version), 2);
    out.number(static_cast<unsigned>(session.cipherSuite0 << 8 | session.cipherSuite), 2);
    out.number(session.haveEMS != 0, 1);
    out.number(session.timeout, 4);
#if USSL_TLS1_3
    out.number(static_cast<std::uint64_t>(session.ticketSeen), 8);
    out.number(session.ticketAdd, 4);
    out.number(session.namedGroup, 2);
#else
    out.number(0, 8 + 4 + 2);
#endif
#if USSL_MAX_FRAGMENT_LENGTH
    out.number(session.mfl, 1);
#else
    out.number(0, 1);
#endif
    out.bytes({session.masterSecret, SECRET_LEN});
    out.vector({session.sessionID, session.sessionIDSz}, 1);
#if USSL_TLS1_3
    out.vector({session.ticketNonce.data, session.ticketNonce.len}, 1);
#else
    out.number(0, 1);
#endif
    out.vector({session.ticket, ticket_size}, 2);
    return out.size();
}

word16 offer(WOLFSSL* ssl, Bytes stored, unsigned lowest, unsigned highest) {
    Fields fields;
    if (!read(stored, fields)) return 0;
    if (fields.version < lowest || fields.version > highest || is_too_old(fields) ||
        !has_suite(ssl, fields.suite))
        return 0;
    const bool has_ticket = !fields.ticket.empty();
    if (is_tls1_3(fields.version) ? !has_ticket : !has_ticket && fields.id.size() != ID_LEN)
        return 0;
    WOLFSSL_SESSION& session = *ssl->session;
    if (fields.id.size() > sizeof session.sessionID) return 0;
    session.side = WOLFSSL_CLIENT_END;
    session.version.major = static_cast<byte>(fields.version >> 8);
    session.version.minor = static_cast<byte>(fields.version);
    session.cipherSuite0 = static_cast<byte>(fields.suite >> 8);
    session.cipherSuite = static_cast<byte>(fields.suite);
    session.haveEMS = fields.extended_master_secret;
    session.timeout = fields.lifetime;
#if USSL_TLS1_3
    session.ticketSeen = fields.seen;
    session.ticketAdd = fields.age_add;
    // Does not set session.namedGroup: wolfSSL would claim to support no other group, so that a
    // server which no longer accepts it could not ask for another.
    if (SessionTicketNoncePopulate(&session, fields.nonce.data(),
                                   static_cast<byte>(fields.nonce.size())) != 0)
        return 0; // no memory for it: a full handshake
#endif
#if USSL_MAX_FRAGMENT_LENGTH
    session.mfl = fields.max_fragment;
#endif
    std::memcpy(session.masterSecret, fields.secret.data(), SECRET_LEN);
    if (!fields.id.empty()) std::memcpy(session.sessionID, fields.id.data(), fields.id.size());
    session.sessionIDSz = static_cast<byte>(fields.id.size());
    if (has_ticket &&
        wolfSSL_set_SessionTicket(ssl, fields.ticket.data(),
                                  static_cast<word32>(fields.ticket.size())) != WOLFSSL_SUCCESS)
        return 0; // no memory for it: a full handshake
    session.bornOn = LowResTimer();
    session.isSetup = 1;
    // The relevant part of wolfSSL_SetSession(), which does not exist without a cache.
    ssl->options.resuming = 1;
    ssl->version = session.version;
    if (is_tls1_3(fields.version)) ssl->options.tls1_3 = 1;
    ssl->options.cipherSuite0 = session.cipherSuite0;
    ssl->options.cipherSuite = session.cipherSuite;
    return is_tls1_3(fields.version) ? fields.group : 0;
}

#else

std::size_t save(const WOLFSSL*, bool, MutableBytes) { return 0; }
word16 offer(WOLFSSL*, Bytes, unsigned, unsigned) { return 0; }

#endif

} // namespace ussl::wolfssl::stored_session

#if USSL_RESUMPTION
// wolfSSL's tickets ask for its cache even if there is none.
extern "C" {
int TlsSessionCacheGetAndRdLock(const byte*, const WOLFSSL_SESSION** session, word32*, byte) {
    *session = nullptr;
    return BAD_FUNC_ARG;
}
void TlsSessionCacheUnlockRow(word32) {}
#ifdef USSL_WOLFSSL_BEFORE_5_8
void* XREALLOC(void*, size_t, void*, int) { return nullptr; }
#endif
}
#endif
