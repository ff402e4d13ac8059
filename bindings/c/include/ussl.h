/* ussl for C: TLS sessions over any of the libraries that ussl knows, in C99 and C++.
 *
 * A context holds settings that many sessions share; a session is one connection. Both are objects
 * of the caller, of a size that the compiler knows. A session never calls a socket: either a pump
 * moves its bytes with two functions of yours, or you move them yourself.
 *
 *     static ussl_context context;
 *     static ussl_session session;
 *     static ussl_pump pump;
 *
 *     const ussl_config config = {USSL_CONFIG, .trust_anchors = anchors, .trust_anchor_count = 1};
 *     ussl_context_init(&context);
 *     ussl_error error = ussl_context_open(&context, &config, ussl_posix_environment());
 *     ussl_session_init(&session);
 *     const ussl_peer peer = {USSL_PEER, .sni = "example.org", .dns_name = "example.org"};
 *     error = ussl_session_open(&session, &context, &peer);
 *     ussl_pump_init(&pump, &session, &transport);
 *     ussl_pump_result result = ussl_pump_write(&pump, "hello\n", 6);
 *
 * Zero is the default of every setting, and the default verifies. The rules for lifetimes and
 * threads are those of the C++ interface (core/include/ussl/context.hpp and session.hpp):
 *
 *   - Everything that a configuration points to must stay in place and unchanged until the context
 *     is closed; the configuration itself need not. Close a context after its sessions.
 *   - One thread at a time uses a session. Several threads may use different sessions of one
 *     context if the build has an operating system, and several tasks may with ussl_set_locks().
 *   - Spans and strings that a call returned are valid until the next call that changes the
 *     session.
 *   - Callbacks must neither unwind (longjmp) nor use the session that calls them.
 *
 * A program must be compiled with the ussl_sizes.h of its library: Meson and tools/c-sizes write
 * it. Nothing here allocates; the libraries allocate with the functions of ussl_set_allocator().
 */
/* C's usual style from here on: */
/* clang-format off */
#ifndef USSL_H
#define USSL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef USSL_CONTEXT_SIZE
#include "ussl_sizes.h" /* USSL_CONTEXT_SIZE, USSL_SESSION_SIZE, …: bytes */
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* --- Bytes --- */

/* A view; it owns no memory. */
typedef struct ussl_bytes {
    const uint8_t *data;
    size_t size;
} ussl_bytes;

/* A buffer to write into. */
typedef struct ussl_buffer {
    uint8_t *data;
    size_t size;
} ussl_buffer;

/* --- Errors --- */

/* The same numbers on every backend, above every errno. ussl_message() has a sentence for each. */
typedef enum ussl_code {
    USSL_ERR_NONE = 0,
    /* The caller's mistakes. */
    USSL_ERR_INVALID_ARGUMENT = 1000, /* a setting has a value that is never allowed */
    USSL_ERR_INVALID_STATE = 1001,    /* this state does not allow the operation */
    USSL_ERR_UNSUPPORTED = 1002,      /* this build or its library cannot do it */
    USSL_ERR_NO_MEMORY = 1003,
    USSL_ERR_DATAGRAM_TOO_LARGE = 1004, /* more than ussl_session_max_fragment_length() */
    /* the peer sends a record of more than 4 KB, and there is no memory for it: ask for shorter ones
       (max_fragment_length), or build with a smaller USSL_RECORD_INPUT if it never sends such */
    USSL_ERR_NO_MEMORY_FOR_RECORD = 1005,
    /* The caller's certificates and keys. */
    USSL_ERR_BAD_CERTIFICATE = 1010,
    USSL_ERR_BAD_PRIVATE_KEY = 1011,
    USSL_ERR_KEY_MISMATCH = 1012,
    USSL_ERR_NO_CERTIFICATE = 1013,
    USSL_ERR_NO_PRIVATE_KEY = 1014,
    USSL_ERR_BAD_PEM = 1015,
    USSL_ERR_SIGNER_FAILED = 1016,
    USSL_ERR_NOT_VALID_NOW = 1017,
    USSL_ERR_ENCRYPTED_PRIVATE_KEY = 1018,
    USSL_ERR_BAD_ROOTS = 1019,
    /* What the device must provide. */
    USSL_ERR_NO_RANDOMNESS = 1020,
    USSL_ERR_CLOCK_NOT_SET = 1021,
    /* Verification lacks a setting. */
    USSL_ERR_NO_TRUST_ANCHORS = 1030,
    USSL_ERR_NO_SERVER_NAME = 1031,
    USSL_ERR_BAD_TRUST_ANCHOR = 1032,
    USSL_ERR_NO_PSK = 1033,
    /* The verdict on the peer's certificate. */
    USSL_ERR_NO_PEER_CERTIFICATE = 1040,
    USSL_ERR_BAD_PEER_CERTIFICATE = 1041,
    USSL_ERR_UNTRUSTED = 1042,
    USSL_ERR_EXPIRED = 1043,
    USSL_ERR_NOT_YET_VALID = 1044,
    USSL_ERR_WRONG_HOST = 1045,
    USSL_ERR_WRONG_PURPOSE = 1046,
    USSL_ERR_WEAK_KEY = 1047,
    USSL_ERR_WEAK_SIGNATURE = 1048,
    USSL_ERR_REFUSED_BY_CALLBACK = 1049,
    USSL_ERR_PIN_MISMATCH = 1050,
    /* The protocol. */
    USSL_ERR_PROTOCOL_VERSION = 1060,
    USSL_ERR_HANDSHAKE_FAILURE = 1061,
    USSL_ERR_NO_COMMON_ALPN = 1062,
    USSL_ERR_UNEXPECTED_MESSAGE = 1063,
    USSL_ERR_BAD_MESSAGE = 1064,
    USSL_ERR_NOT_TLS = 1065,
    USSL_ERR_BAD_RECORD = 1066,
    USSL_ERR_RECORD_TOO_LARGE = 1067,
    USSL_ERR_PEER_ALERT = 1068, /* peer sent a fatal alert: see ussl_error.alert */
    USSL_ERR_HANDSHAKE_TIMEOUT = 1069,
    USSL_ERR_UNKNOWN_SERVER_NAME = 1070,
    USSL_ERR_UNKNOWN_PSK = 1071,
    USSL_ERR_BAD_SIGNATURE = 1072,
    USSL_ERR_MESSAGE_TOO_LARGE = 1073,
    /* The transport. */
    USSL_ERR_TRUNCATED = 1080, /* ended without close_notify, or during the handshake */
    USSL_ERR_INTERNAL = 1099   /* a defect here or in the library that no peer can cause */
} ussl_code;

typedef struct ussl_error {
    uint16_t code;   /* a ussl_code */
    uint8_t alert;   /* with USSL_ERR_PEER_ALERT: the AlertDescription from the peer */
    int32_t library; /* the library's own error number; 0 if there is none */
    /* From ussl_context_open(): the certificate that the error is about, within its chain or the
     * trust anchors, and the credential within more_credentials. Both count from 1.
     * `certificate` 0: none in particular; `credential` 0: ussl_config.credential. */
    uint16_t certificate;
    uint16_t credential;
} ussl_error;

/* One sentence: what is wrong and, if possible, what to do. Static storage; never NULL. */
const char *ussl_message(uint16_t code);

/* The alert for the peer (RFC 8446, 6.2), and the name of an alert. */
uint8_t ussl_alert_for(uint16_t code);
const char *ussl_alert_name(uint8_t alert);

/* --- The build --- */

/* The backend, by the name of its folder, and the version of its library. */
const char *ussl_backend_name(void);
const char *ussl_library_version(void);

/* Whether this build has a capability: "tls1_3", "dtls", "resumption" or another name from
 * docs/switches.md and the table of capabilities. false for unknown names. */
bool ussl_can(const char *capability);

/* The cipher suites of this build by IANA number, the preferred one first. */
const uint16_t *ussl_suites(size_t *count);

/* The IANA name of a suite, "" if no backend has it; and the number for a name, 0 if unknown. */
const char *ussl_suite_name(uint16_t suite);
uint16_t ussl_suite_number(const char *name);

/* SHA-256 of `data` (FIPS 180-4). Returns false if there is no memory. */
bool ussl_sha256(ussl_bytes data, uint8_t digest[32]);

/* --- What the device provides --- */

/* Randomness and time. It must stay in place as long as a context uses it. */
typedef struct ussl_environment {
    void *user; /* passed to the functions */
    /* Fills `out` with cryptographically secure random bytes. Mandatory. false: it cannot; the
     * operation fails. */
    bool (*random)(void *user, ussl_buffer out);
    /* Stores the time in POSIX seconds. false: the clock is not set. NULL: no clock. Without a
     * time certificates cannot be verified: USSL_ERR_CLOCK_NOT_SET. */
    bool (*now)(void *user, int64_t *out);
    /* Milliseconds since any fixed moment: never set back, but wraps. NULL: no time limits, no
     * DTLS. */
    uint32_t (*milliseconds)(void *user);
} ussl_environment;

/* getentropy(3), time(2) and the monotonic clock. Only in builds for POSIX hosts. */
const ussl_environment *ussl_posix_environment(void);

/* The libraries' heap: `allocate` works as malloc, `release` as free (it accepts NULL). Call it
 * before the first context opens. The default is malloc and free, if the build has them. */
void ussl_set_allocator(void *(*allocate)(size_t size), void (*release)(void *memory));

/* Memory for records, if it is not to come from there: blocks that a session with short buffers
 * (docs/switches.md) has while a long record, or a flight of the handshake, is on its way. They
 * have at most the longest record and 544 bytes more, or the flight's buffer. The same rules. */
void ussl_set_record_allocator(void *(*allocate)(size_t size), void (*release)(void *memory));

/* A recursive mutex of an RTOS. Each call of a context or session holds it while it works, so
 * that several tasks may use sessions; core/include/ussl/environment.hpp has the rules. Call it
 * before the first context opens. Only in builds with locks (docs/switches.md). */
void ussl_set_locks(void (*lock)(void *user), void (*unlock)(void *user), void *user);

/* Overwrites a secret; the compiler does not optimise it away. */
void ussl_wipe(void *secret, size_t size);

/* --- Callbacks: a function and its pointer; without a function there is no callback --- */

/* Makes the final decision on each certificate of a path that passed all rules, from the anchor
 * (the highest depth) to the peer's own (0). false: the handshake fails. `verdict` is
 * USSL_ERR_NONE, or with callback_may_accept the error of the broken rule. */
typedef struct ussl_verify_callback {
    void *user;
    bool (*accept)(void *user, ussl_bytes certificate, unsigned depth, uint16_t verdict);
    /* Change it whenever the callback may decide differently: sessions that another version has
     * accepted are not resumed. Empty: sessions are resumed only with the same open context. */
    ussl_bytes version;
} ussl_verify_callback;

/* Server: points `key` to the key of `identity`. false: there is none. */
typedef struct ussl_psk_callback {
    void *user;
    bool (*find)(void *user, ussl_bytes identity, ussl_bytes *key);
} ussl_psk_callback;

/* Server: returns the credential for a name that no certificate is for: 0 is `credential`, 1 the
 * first of more_credentials. Any other number refuses the client (unrecognized_name). `name` is
 * not NUL-terminated. */
typedef struct ussl_server_name_callback {
    void *user;
    int (*choose)(void *user, const char *name, size_t size);
} ussl_server_name_callback;

/* A private key that is kept elsewhere. Signs `digest`, the hash of the message with the hash
 * function of `scheme` (RFC 8446, 4.2.3). Writes the signature to the front of `signature` and
 * its size to `size`: DER with ECDSA, as long as the modulus with RSA. false: it cannot. */
typedef struct ussl_signer {
    void *user;
    bool (*sign)(void *user, uint16_t scheme, ussl_bytes digest, ussl_buffer signature, size_t *size);
} ussl_signer;

/* Writes the secrets of sessions as lines of the NSS key log, without line ends and not
 * NUL-terminated. Whoever has these lines can read the traffic. */
typedef struct ussl_key_log {
    void *user;
    void (*line)(void *user, const char *line, size_t size);
} ussl_key_log;

/* Finds trust anchors when a path needs one. `name` is a Name in DER; `number` counts the
 * anchors with that name, from 0. Fill `anchor` by ussl_trust_anchor_read() with a certificate
 * that stays valid until the next call in the same thread. false: there is none with this
 * number. */
typedef struct ussl_trust_anchor ussl_trust_anchor;
bool ussl_trust_anchor_read(ussl_bytes certificate, ussl_trust_anchor *anchor);
typedef struct ussl_anchor_source {
    void *user;
    bool (*find)(void *user, const ussl_bytes *name, unsigned number, ussl_trust_anchor *anchor);
    ussl_bytes version; /* change it whenever the anchors change */
} ussl_anchor_source;

/* --- A context --- */

enum { USSL_ROLE_CLIENT = 0, USSL_ROLE_SERVER = 1 };

/* OPTIONAL on a server accepts clients without a certificate; on a client it is REQUIRED. */
enum { USSL_VERIFY_REQUIRED = 0, USSL_VERIFY_OPTIONAL = 1, USSL_VERIFY_NONE = 2 };

enum { USSL_VERSION_TLS1_2 = 0x0303, USSL_VERSION_TLS1_3 = 0x0304 };

/* Switch off single rules for the peer's certificates: see docs/verification.md. */
enum {
    USSL_SKIP_IDENTITY = 1 << 0,
    USSL_SKIP_TIME = 1 << 1,
    USSL_SKIP_PURPOSE = 1 << 2,
    USSL_SKIP_KEY_STRENGTH = 1 << 3,
    USSL_SKIP_SIGNATURE_STRENGTH = 1 << 4,
    USSL_SKIP_CONSTRAINTS = 1 << 5,
    USSL_SKIP_CRITICAL_EXTENSIONS = 1 << 6
};

/* A certificate chain, DER, the own certificate first; and its key: private_key (PKCS#8, SEC1 or
 * PKCS#1, DER, not encrypted) or signer. */
typedef struct ussl_credential {
    const ussl_bytes *chain;
    size_t chain_count;
    ussl_bytes private_key;
    ussl_signer signer;
} ussl_credential;

/* A secret that both ends know, instead of certificates: 1 to 128 and 1 to 48 bytes. */
typedef struct ussl_psk {
    ussl_bytes identity; /* sent in the clear */
    ussl_bytes key;
} ussl_psk;

/* USSL_CONFIG is the first initialiser of each ussl_config: it says which members the program
 * knows. */
typedef struct ussl_config {
    size_t struct_size;
    uint8_t role;             /* USSL_ROLE_CLIENT, USSL_ROLE_SERVER */
    uint8_t verify;           /* USSL_VERIFY_… */
    uint8_t skip_checks;      /* any of USSL_SKIP_… */
    bool callback_may_accept; /* verify_callback may accept a certificate that breaks a rule */

    /* Certificates, DER, trusted as issuers. These, anchor_source or pins are mandatory unless
     * verify is USSL_VERIFY_NONE. If one cannot be read: USSL_ERR_BAD_TRUST_ANCHOR. */
    const ussl_bytes *trust_anchors;
    size_t trust_anchor_count;
    const ussl_anchor_source *anchor_source; /* further ones: root bundle, system's roots, your own */
    /* SHA-256 digests, 32 bytes each, of SubjectPublicKeyInfos (RFC 7858, 4.2). */
    const ussl_bytes *pins;
    size_t pin_count;
    ussl_verify_callback verify_callback;

    /* Mandatory on a server without pre-shared keys. A client sends it if the server asks for
     * it. */
    ussl_credential credential;
    /* Server: further credentials, chosen by the name that a client asks for. */
    const ussl_credential *more_credentials;
    size_t more_credential_count;
    ussl_server_name_callback server_name_callback;

    ussl_psk psk;                   /* client: the key to offer */
    ussl_psk_callback psk_callback; /* server: finds keys */

    /* Cipher suites by IANA number, the preferred one first. None: all of ussl_suites(). */
    const uint16_t *suites;
    size_t suite_count;
    uint16_t min_version; /* USSL_VERSION_TLS1_2, …; 0: the lowest of the build */
    uint16_t max_version; /* 0: the highest */

    /* Protocol names (RFC 7301), the preferred one first: at most 32, of 1 to 255 bytes. Copied. */
    const ussl_bytes *alpn;
    size_t alpn_count;

    bool datagram; /* DTLS 1.2; needs ussl_environment.milliseconds */
    /* The largest datagram to send, in bytes without the IP and UDP headers; 0: 1232. */
    uint16_t datagram_size;
    bool resumption;           /* client: keeps ussl_session_resumption_data(); server: lets clients resume */
    uint32_t session_lifetime; /* seconds; 0: seven days on a client, one on a server */
    /* Server: 1 or 2 secrets of 32 random bytes that servers share. The first encrypts new
     * tickets. */
    const ussl_bytes *ticket_keys;
    size_t ticket_key_count;
    size_t session_cache_size; /* bytes of a server's cache, for libraries without tickets; 0: 2048 */
    /* Client: asks for records of at most 512, 1024, 2048 or 4096 plain bytes (RFC 6066, 4). 0:
     * no. */
    uint16_t max_fragment_length;
    /* The largest record to receive, in plain bytes (RFC 8449), 64 to 16384: both roles, all
     * versions, not with `datagram`. 0: the build's, USSL_RECORD_INPUT. */
    uint16_t record_size_limit;
    uint32_t handshake_timeout; /* milliseconds; 0: no limit */
    ussl_key_log key_log;
    bool keep_peer_certificate; /* for ussl_session_peer_certificate() */
    /* Datagrams: negotiates connection IDs (RFC 9146), of this many bytes for the records that
     * peers send: at most 32. 0: peers send none; usual for clients.
     * core/include/ussl/connection_id.hpp has the rules. */
    bool connection_id;
    uint8_t connection_id_size;
} ussl_config;
#define USSL_CONFIG .struct_size = sizeof(ussl_config)

typedef union ussl_context {
    unsigned char opaque[USSL_CONTEXT_SIZE];
    long long align_integer;
    long double align_float;
    void *align_pointer;
} ussl_context;

/* Call it once, before any other function of the context. */
void ussl_context_init(ussl_context *context);

/* Checks the settings and starts the library. Precondition: not open. After an error nothing is
 * kept, and the context may be opened again. `environment` must stay in place until the context
 * is closed. */
ussl_error ussl_context_open(ussl_context *context, const ussl_config *config,
                             const ussl_environment *environment);

/* Wipes keys and frees memory. Precondition: no session of this context is open. */
void ussl_context_close(ussl_context *context);
bool ussl_context_is_open(const ussl_context *context);

/* --- A session --- */

/* Who the peer must be. Everything that this points to must stay valid until the handshake is
 * over, with resumption until the session is released. USSL_PEER is the first initialiser. */
typedef struct ussl_peer {
    size_t struct_size;
    const char *sni;       /* client: sent as server_name (RFC 6066, 3). NULL: not sent */
    const char *dns_name;  /* the certificate must be for it: ASCII, A-labels. NULL: no name */
    ussl_bytes ip_address; /* or for this address: 4 or 16 bytes in network order */
    ussl_bytes resumption; /* from ussl_session_resumption_data() of an earlier session */
    ussl_bytes client_id;  /* DTLS servers: the client's address, 1 to 128 bytes */
    bool cookie_verified;  /* DTLS servers: a ussl_listener has verified the client's cookie */
    /* Datagrams: this session's ID, exactly ussl_config.connection_id_size bytes. Copied. */
    ussl_bytes connection_id;
} ussl_peer;
#define USSL_PEER .struct_size = sizeof(ussl_peer)

/* The result of an operation. */
typedef enum ussl_status {
    USSL_OK = 0,     /* done, or as much as one call does */
    USSL_WANT_READ,  /* no progress until encrypted bytes from the peer come in */
    USSL_WANT_WRITE, /* no progress until pending encrypted bytes are taken out */
    USSL_CLOSED,     /* read the peer's close_notify: the orderly end of its data */
    USSL_TRUNCATED,  /* the transport ended without close_notify: data may be missing */
    USSL_FAILED      /* see ussl_session_error() */
} ussl_status;

typedef union ussl_session {
    unsigned char opaque[USSL_SESSION_SIZE];
    long long align_integer;
    long double align_float;
    void *align_pointer;
} ussl_session;

/* Call it once, before any other function of the session. The session is idle then. */
void ussl_session_init(ussl_session *session);

/* Preconditions: the session is idle, `context` is open. Exchanges no bytes yet. */
ussl_error ussl_session_open(ussl_session *session, ussl_context *context, const ussl_peer *peer);

/* Wipes and frees everything; the session is idle afterwards. Allowed in every state. Sends no
 * close_notify. */
void ussl_session_release(ussl_session *session);

/* Encrypted side, if you move the bytes yourself. Write the peer's bytes to the front of
 * input_space() and pass their count to input_commit(); it returns false if no call can make
 * progress before more input comes. input_end(): no more input will come. Send output() and pass
 * the count that was sent to output_consume(), which returns whether there is more. With
 * datagrams each call moves exactly one. release_buffers() gives back the memory of empty record
 * buffers; call it for idle sessions. */
ussl_buffer ussl_session_input_space(ussl_session *session);
bool ussl_session_input_commit(ussl_session *session, size_t count);
void ussl_session_input_end(ussl_session *session);
ussl_bytes ussl_session_output(ussl_session *session);
bool ussl_session_output_consume(ussl_session *session, size_t count);
void ussl_session_release_buffers(ussl_session *session);

/* Plain side. read and write continue the handshake first. `count` is how many bytes were moved,
 * 0 unless the status is USSL_OK. Never offer bytes again that write has taken. close puts
 * close_notify into the output. */
ussl_status ussl_session_handshake(ussl_session *session);
ussl_status ussl_session_read(ussl_session *session, void *into, size_t size, size_t *count);
ussl_status ussl_session_write(ussl_session *session, const void *from, size_t size, size_t *count);
ussl_status ussl_session_close(ussl_session *session);

/* Milliseconds until handshake (read after it) must be called even if no input comes: for DTLS,
 * and for handshake_timeout. */
#define USSL_NO_TIMEOUT UINT32_MAX
uint32_t ussl_session_timeout(const ussl_session *session);

/* How many plain bytes read can give without further input. And whether the next read gives an
 * answer without further input: bytes, the end, or an error. */
size_t ussl_session_readable(const ussl_session *session);
bool ussl_session_can_read(const ussl_session *session);

/* State of the session. Empty, "" and 0 before the handshake is complete. */
bool ussl_session_is_established(const ussl_session *session);
ussl_error ussl_session_error(const ussl_session *session);
uint16_t ussl_session_version(const ussl_session *session);
uint16_t ussl_session_suite(const ussl_session *session);
ussl_bytes ussl_session_alpn(const ussl_session *session);
bool ussl_session_is_resumed(const ussl_session *session);
/* How many plain bytes a record may hold in both directions. */
size_t ussl_session_max_fragment_length(const ussl_session *session);
/* The peer's own certificate, DER, if keep_peer_certificate is set; also after a failed
 * verification. */
ussl_bytes ussl_session_peer_certificate(const ussl_session *session);

/* DTLS servers: whether another handshake was started from this client's address (RFC 6347,
 * 4.2.8). Anybody can forge that: open another session with the same client_id and give it all
 * further datagrams. If it is established, release this one. */
bool ussl_session_peer_restarts(const ussl_session *session);

/* Datagrams, after the handshake: the connection ID (RFC 9146) in the records that the peer sends,
 * and the one in the records that this session sends. Empty: none was negotiated. */
ussl_bytes ussl_session_connection_id(const ussl_session *session);
ussl_bytes ussl_session_peer_connection_id(const ussl_session *session);
/* Whether the datagram of the last input_commit() held an authentic record that is newer than all
 * others so far. Only then may the session's peer move to the address that it came from. */
bool ussl_session_is_newest(const ussl_session *session);
/* The connection ID of a datagram's first record, if that has one of `size` bytes; otherwise
 * empty. */
ussl_bytes ussl_connection_id_of(ussl_bytes datagram, size_t size);

/* What a client stores to resume this session later; as secret as a key. Returns the size in
 * bytes, and copies the data if `size` is large enough. 0: none, or none yet. */
size_t ussl_session_resumption_data(ussl_session *session, void *into, size_t size);

/* Fills `out` with keying material (RFC 5705; RFC 8446, 7.5). Returns a ussl_code. */
uint16_t ussl_session_export_keying_material(ussl_session *session, void *out, size_t size,
                                             const char *label, ussl_bytes context);

/* --- A pump: moves bytes between a session and a transport, each flight in one write --- */

typedef enum ussl_moved {
    USSL_MOVED = 0,        /* `bytes` were moved */
    USSL_WOULD_BLOCK,      /* nothing now; try again later */
    USSL_ENDED,            /* receive only: the peer has closed its side */
    USSL_TRANSPORT_FAILED, /* permanent; `error` is the reason, such as an errno */
    USSL_INTERRUPTED,      /* this call failed; a later one may succeed */
    USSL_DROPPED           /* send only: the transport refused a datagram; not sent again */
} ussl_moved;

typedef struct ussl_transport_result {
    ussl_moved kind;
    int error;
    size_t bytes;
} ussl_transport_result;

/* The functions must not change the session. ussl_pump_init() copies the structure. */
typedef struct ussl_transport {
    void *user;
    ussl_transport_result (*receive)(void *user, uint8_t *into, size_t size);
    ussl_transport_result (*send)(void *user, const uint8_t *from, size_t size);
} ussl_transport;

typedef struct ussl_pump_result {
    ussl_status status;    /* WANT_READ, WANT_WRITE: the transport would block in that direction */
    bool transport_failed; /* with USSL_FAILED: the transport failed, not the session */
    bool dropped;          /* the transport refused a datagram */
    int transport_error;
    size_t bytes;
} ussl_pump_result;

typedef union ussl_pump {
    void *opaque[10];
    long long align_integer;
} ussl_pump;

/* Keep one pump for each connection, for as long as it lives: it remembers the transport's
 * failure. */
void ussl_pump_init(ussl_pump *pump, ussl_session *session, const ussl_transport *transport);

ussl_pump_result ussl_pump_handshake(ussl_pump *pump);
/* Returns as soon as there are bytes. */
ussl_pump_result ussl_pump_read(ussl_pump *pump, void *into, size_t size);
/* Gives the session what the transport has, without reading plain bytes. USSL_OK:
 * ussl_session_can_read() is true. */
ussl_pump_result ussl_pump_poll(ussl_pump *pump);
/* Continues until all bytes are taken, or the transport blocks or fails. */
ussl_pump_result ussl_pump_write(ussl_pump *pump, const void *from, size_t size);
/* Sends close_notify and all pending output, as far as the transport takes them without
 * blocking. */
ussl_pump_result ussl_pump_close(ussl_pump *pump);
ussl_pump_result ussl_pump_flush(ussl_pump *pump);
bool ussl_pump_has_failed(const ussl_pump *pump);

/* --- The stateless cookie exchange of a DTLS server: core/include/ussl/datagram_listener.hpp has the
 * rules. Only in builds with DTLS and servers. --- */

typedef union ussl_listener {
    unsigned char opaque[USSL_LISTENER_SIZE];
    long long align_integer;
    void *align_pointer;
} ussl_listener;

/* Room for one ClientHello that comes in several datagrams. */
typedef union ussl_hello_pieces {
    unsigned char opaque[USSL_HELLO_PIECES_SIZE];
    uint32_t align_integer;
} ussl_hello_pieces;

typedef enum ussl_listener_action {
    USSL_LISTENER_DELIVER = 0, /* give the datagram to this sender's session, if it has one */
    USSL_LISTENER_DROP,        /* drop the datagram */
    USSL_LISTENER_ANSWER,      /* send ussl_listener_answer() to the sender */
    USSL_LISTENER_ACCEPT       /* give ussl_listener_hello() to this sender's session, or open one */
} ussl_listener_action;

void ussl_listener_init(ussl_listener *listener);
/* Returns a ussl_code. `environment` and `pieces` (may be NULL) must stay in place until close. */
uint16_t ussl_listener_open(ussl_listener *listener, const ussl_environment *environment,
                            ussl_hello_pieces *pieces, size_t piece_count);
void ussl_listener_close(ussl_listener *listener);
ussl_listener_action ussl_listener_receive(ussl_listener *listener, ussl_bytes datagram,
                                           ussl_bytes client_id);
/* Valid until the next receive, while `datagram` is. */
ussl_bytes ussl_listener_answer(const ussl_listener *listener);
ussl_bytes ussl_listener_hello(const ussl_listener *listener);
ussl_bytes ussl_listener_random(const ussl_listener *listener);

/* --- Files --- */

/* A PEM block (RFC 7468). The strings are not NUL-terminated. */
typedef struct ussl_pem_block {
    const char *label; /* "CERTIFICATE", "EC PRIVATE KEY" */
    size_t label_size;
    const char *body;
    size_t body_size;
    bool encrypted; /* by its headers */
    ussl_bytes der; /* within `room`; empty if it is encrypted */
} ussl_pem_block;

/* Finds the next block in `text`, moves `text` past it, and decodes the block into the front of
 * `room` (with empty room it only finds the block, for ussl_pem_decode()). USSL_ERR_NONE with a
 * label_size of 0: there are no more blocks. USSL_ERR_BAD_PEM: damaged. USSL_ERR_NO_MEMORY:
 * `room` is too small. */
uint16_t ussl_pem_next(ussl_bytes *text, ussl_buffer room, ussl_pem_block *block);
uint16_t ussl_pem_decode(ussl_buffer room, ussl_pem_block *block);
/* Whether a PEM block begins in `data`. If not, it can only be DER. */
bool ussl_is_pem(ussl_bytes data);
/* Enough room for the DER of a PEM text of `size` bytes. */
#define USSL_PEM_MAX_DER_SIZE(size) ((size) / 4 * 3 + 3)

/* Many trust anchors in little space (docs/roots.md). The bytes must stay in place while it is
 * used. */
typedef union ussl_root_bundle {
    void *opaque[8];
    long long align_integer;
} ussl_root_bundle;
bool ussl_is_root_bundle(ussl_bytes data);
void ussl_root_bundle_init(ussl_root_bundle *bundle);
/* Checks the whole bundle: USSL_ERR_NONE, USSL_ERR_BAD_ROOTS or USSL_ERR_UNSUPPORTED. */
uint16_t ussl_root_bundle_open(ussl_root_bundle *bundle, ussl_bytes data);
const ussl_anchor_source *ussl_root_bundle_source(const ussl_root_bundle *bundle);
size_t ussl_root_bundle_roots(const ussl_root_bundle *bundle);
int64_t ussl_root_bundle_date(const ussl_root_bundle *bundle);
/* The bundle of this build (-Droots=). Only builds with that option have this function. */
ussl_bytes ussl_built_in_roots(void);
/* The roots that the host trusts. NULL: there are none. On POSIX hosts only. */
const ussl_anchor_source *ussl_system_roots(void);

/* --- Keys and certificates made on the device --- */

/* core/include/ussl/make_certificate.hpp has the rules. Only in builds with the capability
 * make_certificates. Functions that return a uint16_t return a ussl_code. */

#define USSL_MADE_KEY_SIZE 121 /* bytes */

/* As ussl::NewCertificate; strings without a NUL. */
typedef struct ussl_new_certificate {
    ussl_bytes private_key;
    const ussl_bytes *names; /* at least one DNS name or IP address, as text */
    size_t name_count;
    uint32_t days;
    int64_t not_before; /* POSIX seconds; 0: an hour ago */
} ussl_new_certificate;

uint16_t ussl_make_key(const ussl_environment *environment, uint8_t key[USSL_MADE_KEY_SIZE]);
bool ussl_is_certificate_name(ussl_bytes name);
/* How many bytes of `room` are enough for these names. */
size_t ussl_room_for_certificate(const ussl_bytes *names, size_t name_count);
uint16_t ussl_make_certificate(const ussl_environment *environment,
                               const ussl_new_certificate *contents, ussl_buffer room,
                               ussl_bytes *certificate);
uint16_t ussl_make_certificate_request(const ussl_environment *environment,
                                       const ussl_new_certificate *contents, ussl_buffer room,
                                       ussl_bytes *request);

/* Converts "192.0.2.1" or "2001:db8::1" to 4 or 16 bytes in network order. Returns their number;
 * 0: not an address. */
size_t ussl_parse_ip_address(const char *text, uint8_t address[16]);

#ifdef __cplusplus
}
#endif

#endif
