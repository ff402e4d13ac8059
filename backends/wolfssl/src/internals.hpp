// What the adapter needs of wolfSSL beyond its public functions. Three source files of the
// adapter know the library's insides, internals.cpp, messages.cpp and stored_session.cpp; the
// library is built from the very same sources and settings.
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

// The list of what clients offer and servers choose from, in this order, instead of wolfSSL's own.
// To be called when the context is ready otherwise. false: no memory for one.
bool clear_suites(WOLFSSL_CTX* context);

// Adds one of those that core has chosen.
void add_suite(WOLFSSL_CTX* context, std::uint16_t number);

// Has the peer's signatures checked with this SubjectPublicKeyInfo: all that wolfSSL sees of the
// peer's certificates. False: it cannot be used, or there is no memory.
bool use_peer_key(WOLFSSL* ssl, const Bytes& info);

// A Certificate message was taken, with or without certificates.
void took_certificates(WOLFSSL* ssl);

// The public wolfSSL_UseALPN() wants a list with commas, which a name may contain. Names go in from
// the least to the most preferred. False: no memory.
bool add_alpn_name(WOLFSSL* ssl, std::string_view name);

// Reduces the names that the client offered to the one that comes first in `own`, if any is there:
// wolfSSL goes by the client's order.
void keep_preferred_alpn_name(WOLFSSL* ssl, const AlpnTable& own);

#if USSL_RESUMPTION
// A server numbers the tickets of a connection in one byte (RFC 8446, 4.6.1: ticket_nonce), and
// begins with the number of the ticket that it resumes: after 255 in a row wolfSSL breaks off. The
// numbers are of one connection, whose secret is its own: they begin anew. To be called before each
// step of a handshake; does nothing before the server has sent its Finished, when it still needs
// the ticket's.
void restart_ticket_numbers(WOLFSSL* ssl);

// In seconds, for tickets.
void set_session_lifetime(WOLFSSL_CTX* context, unsigned lifetime);

#if USSL_SERVER
// wolfSSL's encryption of tickets, with keys of ours, and with a stamp of when the client was
// verified behind its own contents.
struct Tickets {
    TicketKeys keys;
    Mutex mutex;                      // of wolfSSL's place for keys
    SessionTicketEncCb use = nullptr; // with those in that place
    void* place = nullptr;
};

// Has the sessions of a context use these. `tickets` stays as long as the context.
void use_tickets(WOLFSSL_CTX* context, Tickets& tickets);
#endif
#endif

#if USSL_SERVER || USSL_CLIENT_CERTIFICATES
// Has sessions show this chain, whose first certificate has a key of this kind. To wolfSSL they are
// bytes to send: it reads none of them, and so has no say in what stands in them. The first one is
// used in place. False: no memory.
bool show_certificates(WOLFSSL_CTX* context, std::span<const Bytes> chain, x509::KeyKind kind);

// Has sessions sign with this key, which wolfSSL's reader of files and certificates never sees.
// What is returned, in the form that wolfSSL keeps, is the context's. Empty: no memory.
Bytes use_private_key(WOLFSSL_CTX* context, const x509::PrivateKey& key);
#endif

#if USSL_SERVER_NAMES
// Shows the certificates, and signs with the key, of another context.
void use_credential(WOLFSSL* ssl, const WOLFSSL_CTX* of);
#endif

#if USSL_SIGN_CALLBACK
// Says which kind of key the certificate has, where there is no private key that tells.
void set_foreign_key(WOLFSSL_CTX* context, bool is_rsa, unsigned bits);
#endif

#if USSL_MAX_FRAGMENT_LENGTH
// Plain bytes in a record, as negotiated.
std::size_t max_fragment(const WOLFSSL* ssl);
#endif

#if USSL_KEY_LOG
// Of TLS 1.2, while wolfSSL keeps its arrays.
Bytes master_secret(const WOLFSSL* ssl);
#endif

#if USSL_KEY_LOG || USSL_EXPORTER
// After the handshake: what wolfSSL_KeepArrays() kept, a kilobyte, if it did.
void free_arrays(WOLFSSL* ssl);
#endif

#if USSL_EXPORTER
// What exports derive from: in TLS 1.2 the first three (RFC 5705, 4), in 1.3 the last (RFC 8446,
// 7.5).
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

// To be called where there is data to read: wolfSSL counts warnings for as long as a session lasts,
// and gives up at the fifth.
void forget_warnings(WOLFSSL* ssl);

#if USSL_DTLS
// Secrets the cookies of a server (RFC 6347, 4.2.1), for the client `id`. False: no memory.
bool set_cookie(WOLFSSL* ssl, Bytes secret, Bytes id);

// The server's client has shown its cookie to somebody else, in `hello`, which comes next: what the
// server sends goes on from the numbers of its record and its message (RFC 6347, 4.2.1).
// Precondition: there are the headers of both.
void take_as_proven(WOLFSSL* ssl, Bytes hello);

// Whether a server has seen its cookie in a ClientHello (a client: whether it has begun).
bool is_stateful(const WOLFSSL* ssl);

// Whether a client has what the keys are made of: it has sent its ClientKeyExchange, or has heard
// that its session is resumed.
bool knows_keys(const WOLFSSL* ssl);

// Whether a client may hear that next, with no messages waiting that came out of order.
bool may_be_resuming(const WOLFSSL* ssl);

// Forgets an error that a server met before that, as if nothing had been said.
void start_again(WOLFSSL* ssl);

// Whether there is a flight that could be sent again; whether a part of it still waits for output
// to be taken, since resend_flight().
bool has_flight(const WOLFSSL* ssl);
bool is_resending(const WOLFSSL* ssl);

// 0, WANT_WRITE (to be called again), or another error.
int resend_flight(WOLFSSL* ssl);

// The next one is due after twice the time. False: it was the last one.
bool double_timeout(WOLFSSL* ssl);

// Frees what a handshake needs, its flights too.
void free_handshake(WOLFSSL* ssl);

// As if no alert had been sent.
void forget_alert(WOLFSSL* ssl);

// Whether a protected message of the handshake came since the last call.
bool take_repetition(WOLFSSL* ssl);

// Whether the last record was one of `size` bytes where a client's Finished is due, and did not
// open.
bool is_finished_closed(const WOLFSSL* ssl, std::size_t size);

// To be called for each record of data: 5.7.2 has code for that in builds with DTLS 1.3 only, and
// would take the record again.
void remember_record(WOLFSSL* ssl);

// Bytes of a datagram that wolfSSL has not looked at yet.
std::size_t unread(const WOLFSSL* ssl);

// Where wolfSSL will have its receive callback write next.
const std::uint8_t* receive_position(const WOLFSSL* ssl);
#endif

// Queues an alert: it passes through the send callback.
void send_alert(WOLFSSL* ssl, bool fatal, Alert alert);

// Has wolfSSL make its next records in `memory`, until take_back_output(); behind `used` bytes of
// it, which is for the send callback to say.
void lend_output(WOLFSSL* ssl, MutableBytes memory);
void lend_output(WOLFSSL* ssl, std::size_t used);
void take_back_output(WOLFSSL* ssl);

// Whether records that come are encrypted.
bool opens_records(WOLFSSL* ssl);

// Has wolfSSL offer the send callback again what it has not taken.
void finish_output(WOLFSSL* ssl);

// Encrypted bytes that the send callback has not taken. Valid until wolfSSL is called again.
Bytes unsent(WOLFSSL* ssl);

// Lays wolfSSL's input buffer round memory of `size` bytes that stays until take_back_input(): to
// be called by the receive callback, before it returns how many of them wolfSSL may look at,
// `more` not counted.
void lend_input(WOLFSSL* ssl, std::uint8_t* memory, std::size_t size, std::size_t more = 0);
void take_back_input(WOLFSSL* ssl);

// As wolfSSL_read() of a record that is open, without the questions that it asks before.
std::size_t take_plain(WOLFSSL* ssl, MutableBytes into);

// Whether wolfSSL is not yet through with what it was lent, plain bytes that are to be read
// included.
bool is_in_record(const WOLFSSL* ssl);

#if USSL_CLIENT && USSL_TLS1_3
// To be called with each record before wolfSSL sees it. A warning that comes to a client before any
// ServerHello is ignored then: wolfSSL takes the version that the client asks for as agreed on, and
// any alert of TLS 1.3 for an error.
void ignore_early_warning(const WOLFSSL* ssl, MutableBytes record);
#endif

#if USSL_CLIENT && USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION)
// Has both ClientHellos of a session with a HelloRetryRequest their extensions in one order (RFC
// 8446, 4.1.2): where wolfSSL finds psk_key_exchange_modes there already, it does not move. False:
// no memory.
bool keep_order(WOLFSSL* ssl);
#endif

#if USSL_PSK && USSL_TLS1_3
// The suite that an external key is offered and taken with: the first with SHA-256 (RFC 8446,
// 4.2.11) of those that the session offers, or both sides have. Null: there is none.
const char* psk_suite(const WOLFSSL* ssl);
#endif

// Whether the keys are a pre-shared one's. When the handshake has ended.
bool by_psk(const WOLFSSL* ssl);

// What wolfSSL was at when it failed, within the handshake or reading. `judged`: the peer's
// certificates were.
During during(const WOLFSSL* ssl, bool judged);

// The length in the header of the record that came last.
std::size_t record_size(const WOLFSSL* ssl);

} // namespace ussl::wolfssl::internals
