#include "internals.hpp"

#include <wolfssl/internal.h>

#include "private_key_der.hpp"
#include "session_engine.hpp"

#include "ussl/backend/memory.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/usable_suites.hpp"
#include "ussl/backend/wire.hpp"

#include <cstring>

namespace ussl::wolfssl::internals {

namespace {

// In TLS 1.3 an ECDSA scheme fixes the curve (RFC 8446, 4.2.3), and secp521r1 is not built.
void drop_schemes_without_curve([[maybe_unused]] WOLFSSL_CTX* context) {
#if USSL_TLS1_3
    if (context->method->version.minor != TLSv1_3_MINOR) return;
    Suites& own = *context->suites;
    unsigned kept = 0;
    for (unsigned at = 0; at < own.hashSigAlgoSz; at += 2) {
        const unsigned scheme = number16(own.hashSigAlgo + at);
        if (scheme == 0x0603) continue;
        write16(own.hashSigAlgo + kept, scheme);
        kept += 2;
    }
    own.hashSigAlgoSz = static_cast<word16>(kept);
#endif
}

} // namespace

bool clear_suites(WOLFSSL_CTX* context) {
    if (AllocateCtxSuites(context) != 0) return false;
    // The public functions would also derive signature algorithms from the suites, and so refuse
    // ECDSA issuers for RSA keys. Here they stay those of all suites.
    InitSSL_CTX_Suites(context);
    context->suites->suiteSz = 0;
    context->suites->setSuites = 1;
    drop_schemes_without_curve(context);
    return true;
}

void add_suite(WOLFSSL_CTX* context, std::uint16_t number) {
    Suites& own = *context->suites;
    static_assert(WOLFSSL_MAX_SUITE_SZ >= 2 * UsableSuites::most);
    write16(own.suites + own.suiteSz, number);
    own.suiteSz += 2;
}

#if USSL_CERTIFICATES
bool use_peer_key(WOLFSSL* ssl, const Bytes& info) {
    x509::PublicKey key;
    if (!x509::parse_public_key(info, key)) return false;
    const auto size = static_cast<word32>(info.size());
    word32 at = 0;
    if (key.kind == x509::KeyKind::rsa) {
#if USSL_RSA
        if (AllocKey(ssl, DYNAMIC_TYPE_RSA, reinterpret_cast<void**>(&ssl->peerRsaKey)) != 0 ||
            wc_RsaPublicKeyDecode(info.data(), &at, ssl->peerRsaKey, size) != 0)
            return false;
        ssl->peerRsaKeyPresent = 1;
#else
        return false;
#endif
    } else {
        if (AllocKey(ssl, DYNAMIC_TYPE_ECC, reinterpret_cast<void**>(&ssl->peerEccDsaKey)) != 0 ||
            wc_EccPublicKeyDecode(info.data(), &at, ssl->peerEccDsaKey, size) != 0)
            return false;
        ssl->peerEccDsaKeyPresent = 1;
    }
    ssl->options.havePeerCert = 1;
    return true;
}

void took_certificates(WOLFSSL* ssl) {
    if (ssl->options.side == WOLFSSL_CLIENT_END) ssl->options.serverState = SERVER_CERT_COMPLETE;
}
#endif

#if USSL_ALPN
bool add_alpn_name(WOLFSSL* ssl, std::string_view name) {
    return TLSX_UseALPN(&ssl->extensions, name.data(), static_cast<word16>(name.size()),
                        WOLFSSL_ALPN_FAILED_ON_MISMATCH, ssl->heap) == WOLFSSL_SUCCESS;
}

void keep_preferred_alpn_name(WOLFSSL* ssl, const AlpnTable& own) {
    // RFC 7301, 3.1: a list of names, each preceded by its length. wolfSSL has checked it.
    std::uint8_t* const offered = ssl->alpn_peer_requested;
    for (std::size_t i = 0; i != own.size(); ++i) {
        std::size_t at = 0;
        while (at < ssl->alpn_peer_requested_length) {
            const Bytes entry{offered + at, 1u + offered[at]};
            if (equal(entry.subspan(1), as_bytes(own[i]))) {
                std::memmove(offered, entry.data(), entry.size());
                ssl->alpn_peer_requested_length = static_cast<word16>(entry.size());
                return;
            }
            at += entry.size();
        }
    }
}
#endif

#if USSL_RESUMPTION
void restart_ticket_numbers([[maybe_unused]] WOLFSSL* ssl) {
#if USSL_TLS1_3
    if (ssl->options.tls1_3 && ssl->options.side == WOLFSSL_SERVER_END &&
        ssl->options.serverState >= SERVER_FINISHED_COMPLETE &&
        ssl->options.acceptState < TLS13_TICKET_SENT)
        ssl->session->ticketNonce.len = 0;
#endif
}

void set_session_lifetime(WOLFSSL_CTX* context, unsigned lifetime) { context->timeout = lifetime; }

#if USSL_SERVER
namespace {

// RFC 8446, 4.2.11.1: a client sends the age plus ticket_age_add modulo 2^32, but wolfSSL's server
// subtracts as if the sum had not wrapped: one in fifty tickets of a day failed. With half the
// range for ticket_age_add the sum never wraps.
void keep_age_small([[maybe_unused]] WOLFSSL* ssl, [[maybe_unused]] byte* content) {
#if USSL_TLS1_3
    auto& ticket = *reinterpret_cast<InternalTicket*>(content);
    if (ticket.pv.minor != TLSv1_3_MINOR) return;
    ticket.ageAdd[0] &= 0x7f;
    ssl->session->ticketAdd = number32(ticket.ageAdd);
#endif
}

constexpr int stamp_size = 4;
// Of the AEAD with which wolfSSL encrypts a ticket. The rest of the field is zero: wolfSSL does not
// look at it, and nothing in a ticket may change (RFC 5077, 4).
constexpr int ticket_tag_size = 16;
static_assert(WOLFSSL_TICKET_ENC_SZ >= sizeof(InternalTicket) + stamp_size);

int use_ticket(WOLFSSL* ssl, byte name[WOLFSSL_TICKET_NAME_SZ], byte iv[WOLFSSL_TICKET_IV_SZ],
               byte mac[WOLFSSL_TICKET_MAC_SZ], int encrypt, byte* ticket, int size, int* new_size,
               void* of) {
    static_assert(WOLFSSL_TICKET_NAME_SZ == TicketKeys::name_size &&
                  WOLFSSL_TICKET_KEY_SZ == sizeof TicketKeys::Key::secret);
    auto& tickets = *static_cast<Tickets*>(of);
    auto& session = *static_cast<Traits::SessionEngine*>(Operation::session());
    TicketKeys::Key key;
    if (encrypt != 0 ? !tickets.keys.seal(key) : !tickets.keys.open(name, key))
        return WOLFSSL_TICKET_RET_REJECT;
    if (encrypt != 0) {
        keep_age_small(ssl, ticket);
        write32(ticket + size, session.ticket_stamp(ssl->options.resuming));
        size += stamp_size;
    }
    int result = 0;
    {
        const Locked locked(tickets.mutex);
        auto& place = *static_cast<TicketEncCbCtx*>(tickets.place);
        std::memcpy(place.name, key.name, sizeof key.name);
        std::memcpy(place.key[0], key.secret, sizeof key.secret);
        place.expirary[0] = UINT32_MAX; // the adapter checks the time
        result = tickets.use(ssl, name, iv, mac, encrypt, ticket, size, new_size, &place);
    }
    wipe({reinterpret_cast<std::uint8_t*>(&key), sizeof key});
    const MutableBytes unused(mac + ticket_tag_size, WOLFSSL_TICKET_MAC_SZ - ticket_tag_size);
    if (encrypt != 0) std::memset(unused.data(), 0, unused.size());
    if (encrypt != 0 || (result != WOLFSSL_TICKET_RET_OK && result != WOLFSSL_TICKET_RET_CREATE))
        return result;
    unsigned changed = 0;
    for (const std::uint8_t byte : unused)
        changed |= byte;
    *new_size -= stamp_size;
    return changed == 0 && *new_size >= 0 && session.takes_ticket(number32(ticket + *new_size))
               ? result
               : int{WOLFSSL_TICKET_RET_REJECT};
}

} // namespace

void use_tickets(WOLFSSL_CTX* context, Tickets& tickets) {
    tickets.use = context->ticketEncCb;
    tickets.place = context->ticketEncCtx;
    context->ticketEncCb = use_ticket;
    context->ticketEncCtx = &tickets;
}
#endif
#endif

#if USSL_WOLFSSL_CREDENTIALS
bool show_certificates(WOLFSSL_CTX* context, std::span<const Bytes> chain, x509::KeyKind kind) {
    // As wolfSSL_CTX_use_certificate_chain_buffer_format() sets it after parsing.
    if (kind == x509::KeyKind::rsa)
        context->haveRSA = 1;
    else
        context->haveECC = 1;
    context->pkCurveOID = kind == x509::KeyKind::ec_p256   ? ECC_SECP256R1_OID
                          : kind == x509::KeyKind::ec_p384 ? ECC_SECP384R1_OID
                                                           : 0;
    if (AllocDer(&context->certificate, 0, CERT_TYPE, context->heap) != 0) return false;
    // Not const, but wolfSSL only reads it.
    context->certificate->buffer = const_cast<std::uint8_t*>(chain.front().data());
    context->certificate->length = static_cast<word32>(chain.front().size());
    const std::span<const Bytes> issuers = chain.subspan(1);
    if (issuers.empty()) return true;
    // As in the message: each is preceded by its length in three bytes.
    std::size_t size = 0;
    for (const Bytes& certificate : issuers)
        size += 3 + certificate.size();
    if (AllocDer(&context->certChain, static_cast<word32>(size), CERT_TYPE, context->heap) != 0)
        return false;
    WireWriter out({context->certChain->buffer, size});
    for (const Bytes& certificate : issuers)
        out.vector(certificate, 3);
    context->certChainCnt = static_cast<int>(issuers.size());
    return true;
}

Bytes use_private_key(WOLFSSL_CTX* context, const x509::PrivateKey& key) {
    const std::size_t room = private_key_room(key);
    // Such a buffer is wiped when it is freed.
    DerBuffer*& kept = context->privateKey;
    if (AllocDer(&kept, static_cast<word32>(room), PRIVATEKEY_TYPE, context->heap) != 0) return {};
    const Bytes written = write_private_key(key, {kept->buffer, room});
    kept->buffer += room - written.size(); // the key is at its end
    kept->length = static_cast<word32>(written.size());
    // As wolfSSL_CTX_use_PrivateKey_buffer() sets it after parsing.
    const bool is_rsa = key.kind == x509::KeyKind::rsa;
    context->privateKeyType = is_rsa ? rsa_sa_algo : ecc_dsa_sa_algo;
#if USSL_RSA
    if (is_rsa) context->privateKeySz = static_cast<int>(key.modulus.size());
#endif
    if (!is_rsa) context->privateKeySz = key.kind == x509::KeyKind::ec_p256 ? 32 : 48;
    return written;
}
#endif

#if USSL_SERVER_NAMES
void use_credential(WOLFSSL* ssl, const WOLFSSL_CTX* of) {
    // As wolfSSL_set_SSL_CTX(), but without changing the context: tickets, callbacks and suites
    // stay those of the first one. That context owns the buffers.
    auto& buffers = ssl->buffers;
    buffers.certificate = of->certificate;
    buffers.certChain = of->certChain;
    buffers.certChainCnt = of->certChainCnt;
    buffers.key = of->privateKey;
    buffers.keyType = of->privateKeyType;
    buffers.keySz = of->privateKeySz;
    ssl->options.haveRSA = of->haveRSA;
    ssl->options.haveECDSAsig = of->haveECDSAsig;
    ssl->options.haveECC = of->haveECC;
    ssl->options.haveStaticECC = of->haveStaticECC;
    ssl->pkCurveOID = of->pkCurveOID;
}
#endif

#if USSL_SIGN_CALLBACK
void set_foreign_key(WOLFSSL_CTX* context, bool is_rsa, unsigned bits) {
    context->privateKeyType = is_rsa ? rsa_sa_algo : ecc_dsa_sa_algo;
    context->privateKeySz = static_cast<int>((bits + 7) / 8);
}
#endif

#if USSL_MAX_FRAGMENT_LENGTH
std::size_t max_fragment(const WOLFSSL* ssl) { return ssl->max_fragment; }
#endif

#if USSL_KEY_LOG
Bytes master_secret(const WOLFSSL* ssl) { return Bytes{ssl->arrays->masterSecret, SECRET_LEN}; }
#endif

#if USSL_KEY_LOG || USSL_EXPORTER
void free_arrays(WOLFSSL* ssl) {
    ssl->options.saveArrays = 0;
    FreeArrays(ssl, 1);
}
#endif

#if USSL_EXPORTER
void copy_exporter_secrets(const WOLFSSL* ssl, ExporterSecrets& into) {
    const Arrays& from = *ssl->arrays;
    std::memcpy(into.client_random, from.clientRandom, sizeof into.client_random);
    std::memcpy(into.server_random, from.serverRandom, sizeof into.server_random);
    std::memcpy(into.master, from.masterSecret, sizeof into.master);
    // As large as the build's largest hash.
    static_assert(sizeof into.exporter >= sizeof from.exporterSecret);
    std::memcpy(into.exporter, from.exporterSecret, sizeof from.exporterSecret);
}

bool export_keying_material(WOLFSSL* ssl, const ExporterSecrets& secrets, MutableBytes out,
                            std::string_view label, Bytes context) {
    static_assert(sizeof secrets.master == SECRET_LEN);
    auto* const arrays =
        static_cast<Arrays*>(XMALLOC(sizeof(Arrays), ssl->heap, DYNAMIC_TYPE_ARRAYS));
    if (arrays == nullptr) return false;
    std::memset(arrays, 0, sizeof *arrays);
    std::memcpy(arrays->clientRandom, secrets.client_random, sizeof secrets.client_random);
    std::memcpy(arrays->serverRandom, secrets.server_random, sizeof secrets.server_random);
    std::memcpy(arrays->masterSecret, secrets.master, sizeof secrets.master);
    std::memcpy(arrays->exporterSecret, secrets.exporter, sizeof arrays->exporterSecret);
    ssl->arrays = arrays; // where wolfSSL expects them
    ssl->options.saveArrays = 1;
    const int exported =
        wolfSSL_export_keying_material(ssl, out.data(), out.size(), label.data(), label.size(),
                                       context.data(), context.size(), !context.empty());
    ssl->options.saveArrays = 0;
    FreeArrays(ssl, 0);
    return exported == WOLFSSL_SUCCESS;
}
#endif

void forget_warnings(WOLFSSL* ssl) { ssl->options.alertCount = 0; }

#if USSL_DTLS
bool set_cookie([[maybe_unused]] WOLFSSL* ssl, [[maybe_unused]] Bytes secret,
                [[maybe_unused]] Bytes id) {
#if USSL_SERVER
    // wolfSSL puts the client's address into the cookie, whatever it contains.
    return wolfSSL_DTLS_SetCookieSecret(ssl, secret.data(), static_cast<word32>(secret.size())) ==
               0 &&
           wolfSSL_dtls_set_peer(ssl, const_cast<std::uint8_t*>(id.data()),
                                 static_cast<unsigned>(id.size())) == WOLFSSL_SUCCESS;
#else
    return true;
#endif
}

void take_as_proven(WOLFSSL* ssl, Bytes hello) {
    ssl->options.dtlsStateful = 1;
    ssl->keys.dtls_sequence_number_hi = static_cast<word16>(number16(hello.data() + 5));
    ssl->keys.dtls_sequence_number_lo = number32(hello.data() + 7);
    ssl->keys.dtls_handshake_number =
        static_cast<word16>(number16(hello.data() + RecordHeader::datagram_size + 4));
}

bool is_stateful(const WOLFSSL* ssl) { return ssl->options.dtlsStateful; }

bool knows_keys(const WOLFSSL* ssl) {
    return ssl->options.clientState >= CLIENT_KEYEXCHANGE_COMPLETE ||
           (ssl->options.resuming && ssl->msgsReceived.got_server_hello);
}

bool may_be_resuming(const WOLFSSL* ssl) {
    return ssl->options.resuming && ssl->dtls_rx_msg_list == nullptr;
}

void start_again(WOLFSSL* ssl) {
    DtlsResetState(ssl);
    ssl->buffers.inputBuffer.idx = ssl->buffers.inputBuffer.length = 0;
    ssl->options.processReply = 0; // doProcessInit of internal.c
    ssl->error = 0;
}

bool has_flight(const WOLFSSL* ssl) { return ssl->dtls_tx_msg_list != nullptr; }

bool is_resending(const WOLFSSL* ssl) { return ssl->dtls_tx_msg != nullptr; }

int resend_flight(WOLFSSL* ssl) {
    constexpr int only_first = 0;
    return DtlsMsgPoolSend(ssl, only_first);
}

bool double_timeout(WOLFSSL* ssl) { return DtlsMsgPoolTimeout(ssl) == 0; }

void free_handshake(WOLFSSL* ssl) {
    ssl->options.dtlsHsRetain = 0;
    FreeHandshakeResources(ssl);
}

void forget_alert(WOLFSSL* ssl) { ssl->alert_history.last_tx.level = -1; }

bool take_repetition(WOLFSSL* ssl) {
    const bool came = ssl->curRL.type == handshake && ssl->keys.decryptedCur == 1;
    ssl->curRL.type = no_type;
    return came;
}

bool is_finished_closed(const WOLFSSL* ssl, std::size_t size) {
    bool fits = ssl->curRL.type == handshake && ssl->curSize == size;
#if defined(WOLFSSL_DTLS_CID)
    // RFC 9146, 4: with the type behind it, and padding.
    fits = fits || (ssl->curRL.type == dtls12_cid && ssl->curSize > size);
#endif
    return fits && ssl->msgsReceived.got_change_cipher && ssl->keys.curEpoch != 0 &&
           ssl->keys.decryptedCur == 0;
}

void remember_record([[maybe_unused]] WOLFSSL* ssl) {
#ifdef USSL_WOLFSSL_BEFORE_5_8
    DtlsUpdateWindow(ssl);
#endif
}

std::size_t unread(const WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.inputBuffer;
    return buffer.length - buffer.idx;
}

const std::uint8_t* receive_position(const WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.inputBuffer;
    return buffer.buffer + buffer.length;
}
#endif

#if defined(WOLFSSL_DTLS_CID)
bool use_connection_id(WOLFSSL* ssl, Bytes own) {
    static_assert(DTLS_CID_MAX_SIZE == max_connection_id);
    return wolfSSL_dtls_cid_use(ssl) == WOLFSSL_SUCCESS &&
           wolfSSL_dtls_cid_set(ssl, const_cast<std::uint8_t*>(own.data()),
                                static_cast<unsigned>(own.size())) == WOLFSSL_SUCCESS;
}

void forget_connection_id(WOLFSSL* ssl) {
    TLSX_Remove(&ssl->extensions, TLSX_CONNECTION_ID, ssl->heap);
}

Bytes own_connection_id(const WOLFSSL* ssl) {
    unsigned char* id = nullptr;
    auto* const asked = const_cast<WOLFSSL*>(ssl);
    wolfSSL_dtls_cid_get0_rx(asked, &id);
    return id != nullptr ? Bytes{id, DtlsGetCidRxSize(asked)} : Bytes{};
}

Bytes peer_connection_id(const WOLFSSL* ssl) {
    unsigned char* id = nullptr;
    auto* const asked = const_cast<WOLFSSL*>(ssl);
    wolfSSL_dtls_cid_get0_tx(asked, &id);
    return id != nullptr ? Bytes{id, DtlsGetCidTxSize(asked)} : Bytes{};
}

std::uint64_t next_record(const WOLFSSL* ssl) {
    const auto& peer = ssl->keys.peerSeq[0];
    return std::uint64_t{peer.nextEpoch} << 48 | std::uint64_t{peer.nextSeq_hi} << 32 |
           peer.nextSeq_lo;
}
#endif

void send_alert(WOLFSSL* ssl, bool fatal, Alert alert) {
    SendAlert(ssl, fatal ? alert_fatal : alert_warning, static_cast<int>(alert));
}

void lend_output(WOLFSSL* ssl, MutableBytes memory) {
    auto& buffer = ssl->buffers.outputBuffer;
    if (buffer.dynamicFlag) ShrinkOutputBuffer(ssl);
    buffer.buffer = memory.data();
    buffer.bufferSize = static_cast<word32>(memory.size());
}

void lend_output(WOLFSSL* ssl, std::size_t used) {
    auto& buffer = ssl->buffers.outputBuffer;
    buffer.buffer += used;
    buffer.bufferSize -= static_cast<word32>(used);
}

void take_back_output(WOLFSSL* ssl) {
    auto& buffer = ssl->buffers.outputBuffer;
    if (buffer.dynamicFlag) return; // too small: wolfSSL has allocated memory itself
    buffer.buffer = buffer.staticBuffer;
    buffer.bufferSize = STATIC_BUFFER_LEN;
}

bool opens_records(WOLFSSL* ssl) { return IsEncryptionOn(ssl, 0) != 0; }

#if USSL_SERVER && USSL_TLS1_3
bool opens(WOLFSSL* ssl, Bytes record) {
    const Bytes contents = record.subspan(RecordHeader::size);
    if (contents.size() <= ssl->specs.aead_mac_size) return false;
    auto* const plain = allocate_for<std::uint8_t>(contents.size());
    if (plain == nullptr) {
        Operation::note_resource_error(Err::no_memory);
        return false;
    }
    Keys& keys = ssl->keys;
    const word32 high = keys.peer_sequence_number_hi, low = keys.peer_sequence_number_lo;
    const int code = DecryptTls13(ssl, plain, contents.data(), static_cast<word16>(contents.size()),
                                  record.data(), static_cast<word16>(RecordHeader::size));
    keys.peer_sequence_number_hi = high;
    keys.peer_sequence_number_lo = low;
    wipe(plain, contents.size());
    ussl::release(plain);
    return code == 0;
}
#endif

void finish_output(WOLFSSL* ssl) { SendBuffered(ssl); }

Bytes unsent(WOLFSSL* ssl) {
    const auto& buffer = ssl->buffers.outputBuffer;
    return {buffer.buffer + buffer.idx, buffer.length};
}

void lend_input(WOLFSSL* ssl, std::uint8_t* memory, std::size_t size, std::size_t more) {
    auto& buffer = ssl->buffers.inputBuffer;
    buffer.buffer = memory;
    buffer.bufferSize = static_cast<word32>(size);
    buffer.length = static_cast<word32>(more);
}

void take_back_input(WOLFSSL* ssl) {
    auto& buffer = ssl->buffers.inputBuffer;
    buffer.buffer = buffer.staticBuffer;
    buffer.bufferSize = STATIC_BUFFER_LEN;
    buffer.idx = buffer.length = 0;
}

std::size_t take_plain(WOLFSSL* ssl, MutableBytes into) {
    auto& plain = ssl->buffers.clearOutputBuffer;
    const std::size_t count = plain.length < into.size() ? plain.length : into.size();
    std::memcpy(into.data(), plain.buffer, count);
    plain.buffer += count;
    plain.length -= static_cast<word32>(count);
    return count;
}

bool is_in_record(const WOLFSSL* ssl) {
    const auto& buffers = ssl->buffers;
    const bool is_between_records = ssl->options.processReply == 0; // doProcessInit, internal.c's
    return buffers.clearOutputBuffer.length != 0 || !is_between_records ||
           buffers.inputBuffer.idx < buffers.inputBuffer.length;
}

#if USSL_CLIENT && USSL_TLS1_3
void ignore_early_warning(const WOLFSSL* ssl, MutableBytes record) {
    if (ssl->options.side != WOLFSSL_CLIENT_END || ssl->options.serverState != NULL_STATE ||
        !ussl::is_plain_alert(record))
        return;
    const MutableBytes contents = record.subspan(RecordHeader::size);
    // The only warning that is no error in TLS 1.3 either (RFC 8446, 6.1).
    if (contents[0] == alert_warning && contents[1] != close_notify) contents[1] = user_canceled;
}
#endif

#if USSL_CLIENT && USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION)
bool keep_order(WOLFSSL* ssl) { return TLSX_PskKeyModes_Use(ssl, 1 << PSK_DHE_KE) == 0; }
#endif

#if USSL_PSK && USSL_TLS1_3
const char* psk_suite(const WOLFSSL* ssl) {
    const Suites& suites = *WOLFSSL_SUITES(ssl);
    for (unsigned at = 0; at < suites.suiteSz; at += 2) {
        const byte* const suite = suites.suites + at;
        if (suite[0] == TLS13_BYTE && !uses_sha384(number16(suite)))
            return GetCipherNameInternal(suite[0], suite[1]);
    }
    return nullptr;
}
#endif

bool by_psk([[maybe_unused]] const WOLFSSL* ssl) {
#if USSL_PSK
#if USSL_TLS1_3
    if (ssl->options.tls1_3) return ssl->options.pskNegotiated;
#endif
    return ssl->specs.kea == psk_kea || ssl->specs.kea == ecdhe_psk_kea;
#else
    return false;
#endif
}

During during(const WOLFSSL* ssl, bool judged) {
    const auto& options = ssl->options;
    const auto& got = ssl->msgsReceived;
    const bool client = options.side == WOLFSSL_CLIENT_END;
    const bool tls1_3 = features::tls1_3 && options.tls1_3;
    // The states in which it makes its first message, and its own signature.
    const bool own_work =
        client ? options.connectState == CONNECT_BEGIN ||
                     options.connectState == (tls1_3 ? FIRST_REPLY_THIRD : FIRST_REPLY_SECOND)
               : options.acceptState == (tls1_3 ? int{TLS13_CERT_SENT} : int{CERT_STATUS_SENT});
    if (own_work) return During::own_work;
    const bool has_signature = client && !tls1_3
                                   ? got.got_server_key_exchange && !got.got_server_hello_done
                                   : got.got_certificate_verify && !got.got_finished;
    // The message was parsed by then, and only its signature is left to check.
    const bool verifies =
        options.asyncState == TLS_ASYNC_DO || options.asyncState == TLS_ASYNC_VERIFY;
    if (has_signature && verifies) return During::peer_signature;
    return got.got_certificate && !judged ? During::peer_certificate : During::peer_message;
}

std::size_t record_size(const WOLFSSL* ssl) { return ssl->curSize; }

} // namespace ussl::wolfssl::internals
