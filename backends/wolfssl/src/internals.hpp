// The parts of wolfSSL that the adapter needs beyond its public functions. Only internals.cpp,
// messages.cpp and stored_session.cpp use the library's internal structures; the library is built
// from the same sources and settings.
#pragma once

#include "ussl/backend/alpn_table.hpp"
#include "ussl/backend/error_table.hpp"
#include "ussl/backend/threads.hpp"
#include "ussl/backend/ticket_keys.hpp"
#include "ussl/bytes.hpp"
#include "ussl/protocol.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/private_key.hpp"

#include "library.hpp"

#include <span>
#include <string_view>

namespace ussl::wolfssl::internals {

// Replaces wolfSSL's own list of suites for clients and servers by an empty one. Call it after
// everything else is configured. false: no memory.
bool clear_suites(WOLFSSL_CTX* context);

// Adds a suite that core has chosen, at the end.
void add_suite(WOLFSSL_CTX* context, std::uint16_t number);

#if USSL_CERTIFICATES
// Checks the peer's signatures with this SubjectPublicKeyInfo: wolfSSL sees nothing else of the
// peer's certificates. false: it cannot be used, or there is no memory.
bool use_peer_key(WOLFSSL* ssl, const Bytes& info);

// A Certificate message was processed, with or without certificates.
void took_certificates(WOLFSSL* ssl);
#endif

// The public wolfSSL_UseALPN() takes a list separated by commas, which names may contain. Add the
// least preferred name first. false: no memory.
bool add_alpn_name(WOLFSSL* ssl, std::string_view name);

// Reduces the client's ALPN names to the one that is first in `own`, if there is one: wolfSSL uses
// the client's order.
void keep_preferred_alpn_name(WOLFSSL* ssl, const AlpnTable& own);

#if USSL_RESUMPTION
// A server numbers the tickets of a connection in one byte (RFC 8446, 4.6.1: ticket_nonce), and
// starts with the number of the ticket that it resumes: after 255 in a row wolfSSL breaks off.
// Numbers matter only within a connection, which has its own secret, so this resets them. Call it
// before each step of a handshake; it does nothing before the server's Finished, when the ticket's
// number is still needed.
void restart_ticket_numbers(WOLFSSL* ssl);

// In seconds, for tickets.
void set_session_lifetime(WOLFSSL_CTX* context, unsigned lifetime);

#if USSL_SERVER
// wolfSSL's encryption of tickets with our keys, and with a stamp behind its own contents: when the
// client was verified.
struct Tickets {
    TicketKeys keys;
    Mutex mutex;                      // for wolfSSL's place for keys
    SessionTicketEncCb use = nullptr; // encrypts with the keys in that place
    void* place = nullptr;
};

// Makes the sessions of a context use them. `tickets` must stay as long as the context.
void use_tickets(WOLFSSL_CTX* context, Tickets& tickets);
#endif
#endif

#if USSL_WOLFSSL_CREDENTIALS
// Sets the chain that sessions send; its first certificate has a key of this kind. wolfSSL does not
// parse the certificates and so cannot object to them. The first one is used in place. false: no
// memory.
bool show_certificates(WOLFSSL_CTX* context, std::span<const Bytes> chain, x509::KeyKind kind);

// Sets the key that sessions sign with, without wolfSSL's parsers of files and certificates.
// Returns the key in wolfSSL's format; the context owns it. Empty: no memory.
Bytes use_private_key(WOLFSSL_CTX* context, const x509::PrivateKey& key);
#endif

#if USSL_SERVER_NAMES
// Uses the certificates and the key of another context.
void use_credential(WOLFSSL* ssl, const WOLFSSL_CTX* of);
#endif

#if USSL_SIGN_CALLBACK
// Sets the kind of the certificate's key, if there is no private key.
void set_foreign_key(WOLFSSL_CTX* context, bool is_rsa, unsigned bits);
#endif

#if USSL_MAX_FRAGMENT_LENGTH
// The negotiated number of plain bytes in a record.
std::size_t max_fragment(const WOLFSSL* ssl);
#endif

#if USSL_KEY_LOG
// Of TLS 1.2, while wolfSSL keeps its arrays.
Bytes master_secret(const WOLFSSL* ssl);
#endif

#if USSL_KEY_LOG || USSL_EXPORTER
// After the handshake: frees the arrays that wolfSSL_KeepArrays() kept, a kilobyte.
void free_arrays(WOLFSSL* ssl);
#endif

#if USSL_EXPORTER
// The input of exporters: in TLS 1.2 the first three members (RFC 5705, 4), in 1.3 the last one
// (RFC 8446, 7.5).
struct ExporterSecrets {
    std::uint8_t client_random[32], server_random[32], master[48];
    std::uint8_t exporter[64];
};

// After the handshake, while wolfSSL keeps its arrays.
void copy_exporter_secrets(const WOLFSSL* ssl, ExporterSecrets& into);

// As wolfSSL_export_keying_material().
bool export_keying_material(WOLFSSL* ssl, const ExporterSecrets& secrets, MutableBytes out,
                            std::string_view label, Bytes context);
#endif

// Call it when there is data to read: wolfSSL counts the warnings of a whole session, and gives up
// at the fifth.
void forget_warnings(WOLFSSL* ssl);

#if USSL_DTLS
// Sets the secret of a server's cookies (RFC 6347, 4.2.1), for the client `id`. false: no memory.
bool set_cookie(WOLFSSL* ssl, Bytes secret, Bytes id);

// Another listener has verified the cookie in `hello`, which comes next: the server's numbers
// continue from those of its record and message (RFC 6347, 4.2.1). Precondition: both headers are
// there.
void take_as_proven(WOLFSSL* ssl, Bytes hello);

// Whether a server has seen its cookie in a ClientHello. (A client: whether it has started.)
bool is_stateful(const WOLFSSL* ssl);

// Whether a client can know the keys: it has sent its ClientKeyExchange, or has learnt that its
// session is resumed.
bool knows_keys(const WOLFSSL* ssl);

// Whether the next message may tell a client that, while no out-of-order messages wait.
bool may_be_resuming(const WOLFSSL* ssl);

// Clears an error of an unverified server, as if nothing had come.
void start_again(WOLFSSL* ssl);

// Whether there is a flight to retransmit; and whether, since resend_flight(), a part of it waits
// for output to be taken.
bool has_flight(const WOLFSSL* ssl);
bool is_resending(const WOLFSSL* ssl);

// 0, WANT_WRITE (call it again), or another error.
int resend_flight(WOLFSSL* ssl);

// Doubles the delay before the next retransmission. false: that was the last one.
bool double_timeout(WOLFSSL* ssl);

// Frees the data of a handshake, its flights too.
void free_handshake(WOLFSSL* ssl);

// Forgets that an alert was sent.
void forget_alert(WOLFSSL* ssl);

// Whether a protected handshake message has come since the last call.
bool take_repetition(WOLFSSL* ssl);

// Whether the last record had `size` bytes (with a connection ID: more), came where a client's
// Finished is due, and could not be decrypted.
bool is_finished_closed(const WOLFSSL* ssl, std::size_t size);

// Call it for each record of data: 5.7.2 has code for that only in builds with DTLS 1.3, and would
// accept the record again.
void remember_record(WOLFSSL* ssl);

// How many bytes of a datagram wolfSSL has not processed yet.
std::size_t unread(const WOLFSSL* ssl);

// Where the receive callback will write next.
const std::uint8_t* receive_position(const WOLFSSL* ssl);
#endif

#if defined(WOLFSSL_DTLS_CID)
// Negotiates connection IDs (RFC 9146). `own`: for the peer's records; may be empty. false: no
// memory.
bool use_connection_id(WOLFSSL* ssl, Bytes own);

// The peer has none. wolfSSL's client would go on to expect its own.
void forget_connection_id(WOLFSSL* ssl);

// The connection ID in the peer's records, and in ours, as far as they are negotiated.
Bytes own_connection_id(const WOLFSSL* ssl);
Bytes peer_connection_id(const WOLFSSL* ssl);

// Epoch and number of the next record that is newer than all others.
std::uint64_t next_record(const WOLFSSL* ssl);
#endif

// Queues an alert, through the send callback.
void send_alert(WOLFSSL* ssl, bool fatal, Alert alert);

// wolfSSL builds its next records in `memory` until take_back_output(). The second form skips
// `used` bytes; the send callback calls it after each record.
void lend_output(WOLFSSL* ssl, MutableBytes memory);
void lend_output(WOLFSSL* ssl, std::size_t used);
void take_back_output(WOLFSSL* ssl);

// Whether incoming records are encrypted.
bool opens_records(WOLFSSL* ssl);

#if USSL_SERVER && USSL_TLS1_3
// Whether a record of TLS 1.3 opens with the keys for received ones; nothing else changes. false
// also if there is no memory: then the operation has the reason.
bool opens(WOLFSSL* ssl, Bytes record);
#endif

// Makes wolfSSL offer the send callback again what it has not taken.
void finish_output(WOLFSSL* ssl);

// Encrypted bytes that the send callback has not taken. Valid until the next call of wolfSSL.
Bytes unsent(WOLFSSL* ssl);

// Makes memory of `size` bytes wolfSSL's input buffer, until take_back_input(). Call it in the
// receive callback, which then returns how many of them wolfSSL may look at, without `more`.
void lend_input(WOLFSSL* ssl, std::uint8_t* memory, std::size_t size, std::size_t more = 0);
void take_back_input(WOLFSSL* ssl);

// wolfSSL_read() for an opened record, without its other checks.
std::size_t take_plain(WOLFSSL* ssl, MutableBytes into);

// Whether wolfSSL still uses the lent memory, for example for plain bytes that were not read.
bool is_in_record(const WOLFSSL* ssl);

#if USSL_CLIENT && USSL_TLS1_3
// Call it with each record before wolfSSL sees it. Disarms warnings that come to a client before a
// ServerHello: wolfSSL assumes that the client's highest version is negotiated, and takes any alert
// of TLS 1.3 for an error.
void ignore_early_warning(const WOLFSSL* ssl, MutableBytes record);
#endif

#if USSL_CLIENT && USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION)
// Keeps the extensions of both ClientHellos of a session in the same order after a
// HelloRetryRequest (RFC 8446, 4.1.2): wolfSSL does not move psk_key_exchange_modes if it is
// already there. false: no memory.
bool keep_order(WOLFSSL* ssl);
#endif

#if USSL_PSK && USSL_TLS1_3
// The suite for an external key: the first one with SHA-256 (RFC 8446, 4.2.11) that the session
// offers, or that both ends have. Null: none.
const char* psk_suite(const WOLFSSL* ssl);
#endif

// After the handshake: whether the keys come from a pre-shared key.
bool by_psk(const WOLFSSL* ssl);

// What wolfSSL was doing when it failed, in the handshake or while reading. `judged`: the verdict
// on the peer's certificates is known.
During during(const WOLFSSL* ssl, bool judged);

// The length in the last record's header.
std::size_t record_size(const WOLFSSL* ssl);

} // namespace ussl::wolfssl::internals
