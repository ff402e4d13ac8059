#include "session_engine.hpp"

#include "errors.hpp"
#include "hooks.hpp"
#include "signature.hpp"

#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/psk.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/server_name.hpp"
#include "ussl/backend/session_impl.hpp"
#include "ussl/backend/suites.hpp"
#include "ussl/backend/threads.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/x509/der_writer.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <openssl/bio.h>
#include <openssl/core_names.h>

namespace ussl::openssl {
namespace {

[[maybe_unused]] constexpr std::size_t least_fragment = 512; // of SSL_set_max_send_fragment()

constexpr std::size_t stamp_size = 4; // precedes the server name in a ticket

int clamp(std::size_t size) { return size < INT_MAX ? static_cast<int>(size) : INT_MAX; }

// A stored session, in place, without the server's certificate: nothing needs it, and each
// handshake that resumes the session would parse it, in 1.6 million instructions.
Bytes without_peer(MutableBytes session) {
    constexpr std::uint8_t peer = der::context_constructed(3); // of SSL_SESSION_ASN1
    der::Row whole(session);
    if (!whole.take(der::sequence)) return session;
    der::Row members(whole.value);
    Bytes before;
    for (std::uint8_t tag = 0; tag != peer;) {
        before = whole.value.first(whole.value.size() - members.rest.size());
        tag = members.take();
        if (tag == 0) return session;
    }
    der::Writer to(session);
    to.put(members.rest);
    to.put(before);
    to.head(der::sequence);
    return to.written();
}

} // namespace

// OpenSSL's callbacks.
struct Traits::SessionEngine::Callbacks {
    static SessionEngine& of(const SSL* ssl) {
        return *static_cast<SessionEngine*>(SSL_get_app_data(ssl));
    }

    // --- Transport ---

    static int receive(BIO* bio, char* into, int size) {
        auto& engine = *static_cast<SessionEngine*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const int count = engine.take_input(
            {reinterpret_cast<std::uint8_t*>(into), static_cast<std::size_t>(size)});
        if (count != 0) return count;
        engine.is_starved_ = true;
        BIO_set_retry_read(bio);
        return -1;
    }
    static int send(BIO* bio, const char* from, int size) {
        auto& engine = *static_cast<SessionEngine*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const Bytes record(reinterpret_cast<const std::uint8_t*>(from),
                           static_cast<std::size_t>(size));
        std::size_t largest = 2 * engine.output_.capacity();
        if (largest < engine.output_.size() + record.size())
            largest = engine.output_.size() + record.size();
        if (engine.output_.append(record, largest)) return size;
        Operation::note_resource_error(Err::no_memory);
        return -1;
    }
    static long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

    static const BIO_METHOD* transport();

    // --- Events and questions ---

    static void message(int sent, int, int type, const void* data, std::size_t size, SSL*,
                        void* engine) {
        static_cast<SessionEngine*>(engine)->see_message(
            sent != 0, type, {static_cast<const std::uint8_t*>(data), size});
    }
    static int verify(X509_STORE_CTX* store, void*) {
        const auto* ssl = static_cast<const SSL*>(
            X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
        SessionEngine& engine = of(ssl);
        // OpenSSL has read the key; if it could not, it would report an internal error later.
        const bool has_key = X509_get0_pubkey(X509_STORE_CTX_get0_cert(store)) != nullptr;
        if (engine.accept_certificates(has_key)) return 1;
        X509_STORE_CTX_set_error(store, reason_for(engine.alert_of(engine.peer_.verdict())));
        return 0;
    }
    static int client_hello(SSL* ssl, int* alert, void*) {
        return of(ssl).see_client_hello(ssl, alert) ? SSL_CLIENT_HELLO_SUCCESS
                                                    : SSL_CLIENT_HELLO_ERROR;
    }
    static int alpn(SSL* ssl, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
        const Bytes own = of(ssl).context_->alpn;
        unsigned char* found = nullptr;
        if (SSL_select_next_proto(&found, size, own.data(), static_cast<unsigned>(own.size()),
                                  offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
            return SSL_TLSEXT_ERR_ALERT_FATAL;
        *chosen = found;
        return SSL_TLSEXT_ERR_OK;
    }
    static unsigned client_psk(SSL* ssl, const char*, char* identity, unsigned identity_room,
                               unsigned char* key, unsigned key_room) {
        const PreSharedKey& psk = of(ssl).context_->psk;
        if (psk.identity.size() >= identity_room || psk.key.size() > key_room) return 0;
        std::memcpy(identity, psk.identity.data(), psk.identity.size());
        identity[psk.identity.size()] = '\0';
        std::memcpy(key, psk.key.data(), psk.key.size());
        of(ssl).psk_found_ = true;
        return static_cast<unsigned>(psk.key.size());
    }
    static unsigned server_psk(SSL* ssl, const char* identity, unsigned char* key, unsigned room) {
        const Bytes found = of(ssl).find_psk(as_bytes(identity));
        if (found.size() > room) return 0;
        if (!found.empty()) std::memcpy(key, found.data(), found.size());
        return static_cast<unsigned>(found.size());
    }
    static int new_session(SSL* ssl, SSL_SESSION* session) {
        SSL_SESSION*& kept = of(ssl).session_;
        SSL_SESSION_free(kept);
        kept = session;
        return 1; // it is ours now
    }
    // A ticket is bound to a server name (RFC 6066, 3). In front of the name is a stamp: when the
    // client was verified.
    static int make_ticket(SSL* ssl, void*) {
        const std::string_view name = of(ssl).asked_name();
        std::uint8_t data[stamp_size + sizeof asked_name_];
        write32(data, of(ssl).ticket_stamp());
        if (!name.empty()) std::memcpy(data + stamp_size, name.data(), name.size());
        return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), data,
                                               stamp_size + name.size());
    }
#if USSL_RESUMPTION && USSL_SERVER
    // RFC 5077, 4: AES-128-CBC and HMAC-SHA-256, each with half of the secret.
    static int ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                          EVP_MAC_CTX* mac, int encrypt) {
        TicketKeys& keys = of(ssl).context_->ticket_keys;
        TicketKeys::Key key;
        if (encrypt == 0 && !keys.open(name, key)) return 0;
        if (encrypt != 0) {
            const Environment& environment = *of(ssl).context_->environment;
            if (!keys.seal(key) || !environment.random(environment.user, {iv, 16})) return -1;
            std::memcpy(name, key.name, sizeof key.name);
        }
        constexpr std::size_t half = sizeof key.secret / 2;
        char digest[] = "SHA256";
        OSSL_PARAM parameters[] = {
            OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.secret + half, half),
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
            OSSL_PARAM_construct_end()};
        const bool good =
            EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
            EVP_CipherInit_ex(cipher, EVP_aes_128_cbc(), nullptr, key.secret, iv, encrypt) == 1;
        wipe({reinterpret_cast<std::uint8_t*>(&key), sizeof key});
        if (!good) return -1;
        // 2: the client gets a new ticket; in TLS 1.3 it needs one for its next connection.
        return encrypt == 0 && of(ssl).version() == Version::tls1_3 ? 2 : 1;
    }
#endif
    static SSL_TICKET_RETURN take_ticket(SSL* ssl, SSL_SESSION* session, const unsigned char*,
                                         std::size_t, SSL_TICKET_STATUS status, void*) {
        const bool good = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW;
        if (!good || !of(ssl).ticket_fits(session)) return SSL_TICKET_RETURN_IGNORE_RENEW;
        return status == SSL_TICKET_SUCCESS ? SSL_TICKET_RETURN_USE : SSL_TICKET_RETURN_USE_RENEW;
    }
#if USSL_RECORD_SIZE_LIMIT
    // RFC 8449, which OpenSSL lacks. Both return 1, or 0: to send no extension; to refuse it.
    static int add_limit(SSL* ssl, unsigned, unsigned where, const unsigned char** out,
                         std::size_t* size, X509*, std::size_t, int*, void*) {
        SessionEngine& engine = of(ssl);
        const std::uint16_t limit = engine.announce_record_size_limit(where);
        if (limit == 0) return 0;
        write16(engine.announced_limit_, limit);
        *out = engine.announced_limit_;
        *size = sizeof engine.announced_limit_;
        return 1;
    }
    static int read_limit(SSL* ssl, unsigned, unsigned where, const unsigned char* in,
                          std::size_t size, X509*, std::size_t, int* alert, void*) {
        if (where == SSL_EXT_CLIENT_HELLO) return 1; // the rules have read it
        const Alert wrong = of(ssl).read_record_size_limit({in, size});
        if (wrong == Alert::close_notify) return 1;
        *alert = static_cast<int>(wrong);
        return 0;
    }
#endif
    static void key_line(const SSL* ssl, const char* line) {
        const KeyLog& log = of(ssl).context_->key_log;
        log.line(log.user, line);
    }
};

const BIO_METHOD* Traits::SessionEngine::Callbacks::transport() {
    // Without the compiler's guard, whose runtime a C program does not link.
    static constinit Mutex mutex;
    static constinit BIO_METHOD* method = nullptr;
    const Locked locked(mutex);
    if (method == nullptr) {
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "ussl");
        if (method != nullptr) {
            BIO_meth_set_read(method, receive);
            BIO_meth_set_write(method, send);
            BIO_meth_set_ctrl(method, control);
        }
    }
    return method;
}

void Traits::SessionEngine::set_callbacks(SSL_CTX* library, bool server, ContextEngine& context) {
    SSL_CTX_set_cert_verify_callback(library, Callbacks::verify, nullptr);
#if USSL_RECORD_SIZE_LIMIT
    // Fails without memory, and in a version that knows the extension by itself.
    SSL_CTX_add_custom_ext(library, extension_type::record_size_limit,
                           SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO |
                               SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS,
                           Callbacks::add_limit, nullptr, nullptr, Callbacks::read_limit, nullptr);
#endif
    if (context.key_log.line != nullptr) SSL_CTX_set_keylog_callback(library, Callbacks::key_line);
    if (!server) {
        SSL_CTX_set_session_cache_mode(library, context.resumption ? SSL_SESS_CACHE_CLIENT |
                                                                         SSL_SESS_CACHE_NO_INTERNAL
                                                                   : SSL_SESS_CACHE_OFF);
        SSL_CTX_sess_set_new_cb(library, Callbacks::new_session);
        if (!context.psk.key.empty())
            SSL_CTX_set_psk_client_callback(library, Callbacks::client_psk);
        return;
    }
    // Clients store the sessions, in tickets.
    SSL_CTX_set_session_cache_mode(library, SSL_SESS_CACHE_OFF);
    if (!context.resumption) SSL_CTX_set_num_tickets(library, 0);
    constexpr unsigned char id_context[] = "ussl";
    SSL_CTX_set_session_id_context(library, id_context, sizeof id_context);
    SSL_CTX_set_session_ticket_cb(library, Callbacks::make_ticket, Callbacks::take_ticket, nullptr);
    // The adapter checks the age by the environment's clock and the stamp; OpenSSL uses time().
    SSL_CTX_set_timeout(library, long{max_session_lifetime});
#if USSL_RESUMPTION && USSL_SERVER
    if (context.resumption) SSL_CTX_set_tlsext_ticket_key_evp_cb(library, Callbacks::ticket_key);
#endif
    SSL_CTX_set_client_hello_cb(library, Callbacks::client_hello, nullptr);
    if (!context.alpn.empty()) SSL_CTX_set_alpn_select_cb(library, Callbacks::alpn, nullptr);
    if (context.psk_callback.find != nullptr)
        SSL_CTX_set_psk_server_callback(library, Callbacks::server_psk);
}

Traits::SessionEngine::~SessionEngine() {
    SSL_free(ssl_);
    SSL_SESSION_free(session_);
}

Err Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    context_ = &context;
    setup_ = &setup;
    ssl_ = SSL_new(context.library);
    BIO* const transport =
        Callbacks::transport() != nullptr ? BIO_new(Callbacks::transport()) : nullptr;
    if (ssl_ == nullptr || transport == nullptr) {
        BIO_free(transport);
        return Operation::resource_error_or(Err::no_memory);
    }
    BIO_set_data(transport, this);
    BIO_set_init(transport, 1);
    SSL_set_bio(ssl_, transport, transport);
    SSL_set_app_data(ssl_, this);
    rules_.start(setup.role, SSL_get_max_proto_version(ssl_) == TLS1_3_VERSION);
#if USSL_RECORD_SIZE_LIMIT
    rules_.record_size_limit().start(setup.record_size_limit);
#endif
    SSL_set_msg_callback(ssl_, Callbacks::message);
    SSL_set_msg_callback_arg(ssl_, this);
    if (setup.role == Role::client)
        return set_client(setup) ? Err::none : Operation::resource_error_or(Err::no_memory);
    SSL_set_accept_state(ssl_);
    // core/ judges the client's certificates. OpenSSL only needs to know whether they may be
    // missing, for the alert.
    const int missing =
        needs_certificate(setup.role, setup.verify) ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_set_verify(ssl_,
                   asks_for_certificate(setup.role, setup.verify) ? SSL_VERIFY_PEER | missing
                                                                  : SSL_VERIFY_NONE,
                   nullptr);
    return Err::none;
}

bool Traits::SessionEngine::set_client(const SessionSetup& setup) {
    SSL_set_connect_state(ssl_);
    SSL_set_verify(ssl_, SSL_VERIFY_PEER, nullptr);
    const std::string_view sni = setup.expectations.identity.sni;
    char name[TLSEXT_MAXLEN_host_name + 1];
    if (sni.size() >= sizeof name) return false;
    if (!sni.empty()) {
        std::memcpy(name, sni.data(), sni.size());
        name[sni.size()] = '\0';
        if (SSL_set_tlsext_host_name(ssl_, name) != 1) return false;
    }
    const Bytes alpn = context_->alpn;
    if (!alpn.empty() &&
        SSL_set_alpn_protos(ssl_, alpn.data(), static_cast<unsigned>(alpn.size())) != 0)
        return false;
    if (context_->max_fragment != TLSEXT_max_fragment_length_DISABLED &&
        SSL_set_tlsext_max_fragment_length(ssl_, context_->max_fragment) != 1)
        return false;
    if (!setup.resumption.empty()) offer_session(setup.resumption);
    return true;
}

// A session that OpenSSL cannot read, or of a version or suite that the context does not have, is
// not offered: the handshake is a full one.
void Traits::SessionEngine::offer_session(Bytes saved) {
    const unsigned char* at = saved.data();
    const OwnedSession session(d2i_SSL_SESSION(nullptr, &at, static_cast<long>(saved.size())));
    if (session && context_->allows(*session) &&
        SSL_SESSION_get_max_fragment_length(session.get()) == context_->max_fragment)
        SSL_set_session(ssl_, session.get());
    clear_errors();
}

// --- The encrypted side ---

// OpenSSL gets whole records only, or one whose length it will refuse: of a part of a record it
// could not say whether more input is needed.
int Traits::SessionEngine::take_input(MutableBytes into) {
    if (input_.in_use() == 0) {
        if (input_.ready() == 0 || (broken_ != Err::none && !established_)) return 0;
        see_record();
        const bool is_too_long = input_.record().size() > Input::header_size + Input::largest;
        if (!is_too_long && !input_.is_whole()) {
            if (!input_.make_room())
                Operation::note_resource_error(no_memory_for(input_.record().size()));
            return 0;
        }
        input_.use(is_too_long ? Input::header_size : input_.record().size());
        see_first_alert(input_.record().first(input_.in_use()));
        see_empty_record(input_.record().first(input_.in_use()));
    }
    const std::size_t left = input_.in_use() - taken_;
    const std::size_t count = into.size() < left ? into.size() : left;
    std::memcpy(into.data(), input_.record().data() + taken_, count);
    taken_ += count;
    if (taken_ == input_.in_use()) {
        input_.release();
        taken_ = 0;
    }
    return clamp(count);
}

// A record that is longer than the protocol or this end allows gets a length that OpenSSL refuses:
// it knows no limit of this end's, and leaves out padding when it applies the protocol's.
inline void Traits::SessionEngine::see_record() {
    const MutableBytes record = input_.record();
    const std::size_t size = record.size() - Input::header_size;
    const bool tls1_3 = version() == Version::tls1_3 && suite() != 0;
    const bool is_data = record[0] == content_type::application_data;
    bool too_long = tls1_3 && is_data && size > most_plaintext + 1 + tag_size(suite()); // 8446, 5.4
#if USSL_RECORD_SIZE_LIMIT
    const bool is_protected = tls1_3 ? is_data : changed_;
    if (record[0] == content_type::change_cipher_spec) changed_ = true;
    too_long =
        too_long || (is_protected && rules_.record_size_limit().is_exceeded(size, suite(), tls1_3));
#endif
    if (too_long) write16(record.data() + 3, 0xffff);
}

#if USSL_RECORD_SIZE_LIMIT
std::size_t Traits::SessionEngine::record_size_limit() const {
    return rules_.record_size_limit().for_both(version() == Version::tls1_3);
}

// OpenSSL splits handshake messages, but not into pieces of less than 512 bytes: in TLS 1.3 its
// server leaves a smaller limit unanswered. And it always grants a fragment length; RFC 8449, 5
// forbids to answer both. Then no limit is agreed.
std::uint16_t Traits::SessionEngine::announce_record_size_limit(unsigned where) {
    RecordSizeLimit& limit = rules_.record_size_limit();
    if (where == SSL_EXT_CLIENT_HELLO)
        return limit.announce(SSL_get_min_proto_version(ssl_) <= TLS1_2_VERSION,
                              SSL_get_max_proto_version(ssl_) == TLS1_3_VERSION);
    const bool tls1_3 = where == SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS;
    const std::uint16_t number = limit.answer(tls1_3);
    if ((tls1_3 && limit.for_peer(true) < least_fragment) ||
        asked_fragment_ != TLSEXT_max_fragment_length_DISABLED) {
        limit.forget();
        return 0;
    }
    limit_own_records();
    return number;
}

// A server's.
Alert Traits::SessionEngine::read_record_size_limit(Bytes data) {
    const Alert wrong = rules_.record_size_limit().read(data);
    if (wrong != Alert::close_notify) return wrong;
    if (fragments_limited_) return Alert::illegal_parameter; // RFC 8449, 5
    limit_own_records();
    return wrong;
}

void Traits::SessionEngine::limit_own_records() {
    const std::size_t most = std::max(largest_record(), least_fragment);
    SSL_set_max_send_fragment(ssl_, static_cast<long>(most));
}
#endif

// How many plain bytes the peer accepts in an encrypted record.
std::size_t Traits::SessionEngine::largest_record() const {
#if USSL_RECORD_SIZE_LIMIT
    return rules_.record_size_limit().for_peer(version() == Version::tls1_3);
#else
    return most_plaintext;
#endif
}

// --- What passes ---

// A server that has not read a ClientHello reports an unexpected message for any alert.
void Traits::SessionEngine::see_first_alert(Bytes record) {
    if (is_plain_alert(record) && SSL_get_current_cipher(ssl_) == nullptr)
        see_message(false, content_type::alert, record.last(alert_size));
}

// Of TLS 1.3, where core/ cannot tell an empty record from a short one with data behind it. OpenSSL
// starts its own count again after an alert.
void Traits::SessionEngine::see_empty_record(Bytes record) {
    if (!established_ || broken_ != Err::none || version() != Version::tls1_3) return;
    if (record.size() == Input::header_size + 1 + tag_size(suite())) broken_ = rules_.saw_useless();
}

void Traits::SessionEngine::see_message(bool sent, int type, Bytes message) {
    constexpr std::size_t message_header = message_header_size(false);
    if (type == content_type::handshake && !sent && !message.empty()) last_message_ = message[0];
    if (type == content_type::alert && message.size() == alert_size) {
        const std::uint8_t description = message[1];
        if (sent && is_error(message[0], description, false)) sent_alert_ = description;
        if (!sent && description == SSL3_AD_CLOSE_NOTIFY)
            closed_ = true;
        else if (!sent && is_error(message[0], description, is_tls1_3()))
            received_alert_ = description;
    }
    if (type == content_type::handshake && message.size() >= message_header)
        see_rules(sent, message[0], message.subspan(message_header));
    if (type != content_type::handshake || sent || message.size() <= message_header) return;
    const Bytes body = message.subspan(message_header);
#if USSL_RECORD_SIZE_LIMIT
    see_answer(message[0], body);
#endif
    if (message[0] == handshake_type::certificate) see_certificates(body);
    see_signature(message[0], body);
}

// RFC 8017, 8.1.2: an RSA signature is as long as the modulus. By RSASSA-PSS OpenSSL takes one
// without its leading zeros; it gets a wrong one, in its own buffer, which it reads next.
void Traits::SessionEngine::see_signature(unsigned type, Bytes message) {
    const bool exchanges_keys = type == handshake_type::server_key_exchange;
    if (!exchanges_keys && type != handshake_type::certificate_verify) return;
    const X509* const certificate = SSL_get0_peer_certificate(ssl_);
    const EVP_PKEY* const key = certificate != nullptr ? X509_get0_pubkey(certificate) : nullptr;
    if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1) return;
    WireReader in(message);
    if (exchanges_keys) {
        in.bytes(1 + 2); // RFC 8422, 5.4: a named curve
        in.vector(1);
    }
    in.bytes(2);
    const Bytes signature = in.vector(2);
    if (!signature.empty() && signature.size() < static_cast<std::size_t>(EVP_PKEY_get_size(key)))
        const_cast<std::uint8_t&>(signature[0]) ^= 0xff;
}

#if USSL_RECORD_SIZE_LIMIT
// Of a server, before OpenSSL reads its extensions: whether it grants a fragment length.
void Traits::SessionEngine::see_answer(unsigned type, Bytes message) {
    WireReader in(message);
    if (type == handshake_type::server_hello) {
        in.bytes(2 + 32);
        in.vector(1);
        in.bytes(2 + 1);
    } else if (type != handshake_type::encrypted_extensions) {
        return;
    }
    Bytes data;
    fragments_limited_ = find_extension(in.vector(2), extension_type::max_fragment_length, data);
}
#endif

// OpenSSL asks for no opinion of a message, except of a ClientHello. A client then gets no further
// record, and fails: see outcome(); so does a server for a ClientKeyExchange. The alerts for other
// messages of a client are OpenSSL's.
void Traits::SessionEngine::see_rules(bool sent, std::uint8_t type, Bytes body) {
    const bool client = setup_->role == Role::client;
    if (sent && client && type == handshake_type::client_hello) rules_.sent_hello(body);
    if (sent || broken_ != Err::none) return;
    if (type == handshake_type::client_hello && body.size() > USSL_HANDSHAKE_MESSAGE)
        broken_ = Err::message_too_large;
    else if (client || type == handshake_type::client_hello || type == handshake_type::key_update)
        broken_ = rules_.check(type, body);
    // OpenSSL takes compressed points, and hybrid ones.
    const SSL_CIPHER* const suite = SSL_get_pending_cipher(ssl_);
    const bool by_psk = suite != nullptr && SSL_CIPHER_get_kx_nid(suite) == NID_kx_ecdhe_psk;
    if (broken_ == Err::none) broken_ = rules_.check_exchanged_point(type, body, by_psk);
    if (broken_ == Err::none) broken_ = rules_.check_shared_points(type, body);
}

// Whether TLS 1.3 is negotiated, or is the only version.
bool Traits::SessionEngine::is_tls1_3() const {
    const bool agreed = SSL_get_current_cipher(ssl_) != nullptr;
    return agreed ? version() == Version::tls1_3
                  : SSL_get_min_proto_version(ssl_) == TLS1_3_VERSION;
}

// RFC 8446, 4.4.2 and RFC 5246, 7.4.2. The certificates stay in place until OpenSSL has processed
// the message, including its call of accept_certificates().
void Traits::SessionEngine::see_certificates(Bytes message) {
    const SentCertificates sent(message, version() == Version::tls1_3);
    if (!sent.readable()) return; // OpenSSL will refuse it
    if (sent.all().empty())
        peer_.judge(*setup_, {}, {nullptr, is_signed_by});
    else
        certificates_ = message;
}

bool Traits::SessionEngine::accept_certificates(bool has_key) {
    const SentCertificates message(certificates_, version() == Version::tls1_3);
    const std::span<const Bytes> sent = message.all();
    certificates_ = {};
    Err verdict = peer_.judge(*setup_, sent, {nullptr, is_signed_by});
    if (verdict == Err::none && !has_key) verdict = peer_.refuse(Err::bad_peer_certificate);
    return verdict == Err::none;
}

bool Traits::SessionEngine::see_client_hello(SSL* ssl, int* alert) {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (broken_ != Err::none) {
        *alert = static_cast<int>(broken_ == Err::message_too_large ? ussl::alert_for(broken_)
                                                                    : rules_.alert());
        return false;
    }
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_max_fragment_length, &data, &size) == 1 &&
        size == 1)
        asked_fragment_ = data[0];
#if USSL_SERVER_NAMES
    std::string_view name;
    if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &data, &size) == 1) {
        if (read_server_name({data, size}, name) != Err::none) {
            *alert = SSL_AD_DECODE_ERROR;
            return false;
        }
    }
    if (name.size() <= sizeof asked_name_) { // OpenSSL refuses longer ones
        asked_name_size_ = name.size();
        if (!name.empty()) std::memcpy(asked_name_, name.data(), name.size());
    }
    if (context_->credential.chain.empty()) return true;
    const int chosen = choose_credential(context_->credential, *setup_, name);
    name_unknown_ = chosen < 0;
    if (name_unknown_)
        *alert = SSL_AD_UNRECOGNIZED_NAME;
    else if (chosen != 0 && !context_->own[static_cast<std::size_t>(chosen)].use(ssl))
        *alert = SSL_AD_INTERNAL_ERROR;
    else
        return true;
    return false;
#else
    static_cast<void>(alert);
    return true;
#endif
}

// OpenSSL's server breaks off if the client asks for another fragment length than in the session.
bool Traits::SessionEngine::ticket_fits(SSL_SESSION* session) {
    void* data = nullptr;
    std::size_t size = 0;
    if (SSL_SESSION_get_max_fragment_length(session) != asked_fragment_ ||
        SSL_SESSION_get0_ticket_appdata(session, &data, &size) != 1 || size < stamp_size)
        return false;
    taken_stamp_ = number32(static_cast<const std::uint8_t*>(data));
    const std::string_view name(static_cast<const char*>(data) + stamp_size, size - stamp_size);
    return asked_name() == name &&
           is_ticket_good(taken_stamp_, ussl::ticket_stamp(*context_->environment),
                          setup_->session_lifetime);
}

// The old stamp, unless the client was verified again.
std::uint32_t Traits::SessionEngine::ticket_stamp() const {
#if USSL_RESUMPTION
    if (!is_resumed()) return ussl::ticket_stamp(*context_->environment, *setup_);
#endif
    return taken_stamp_;
}

// Empty: there is none.
Bytes Traits::SessionEngine::find_psk(Bytes identity) {
    psk_asked_ = true;
    const Bytes key = ussl::find_psk(context_->psk_callback, identity);
    psk_found_ = !key.empty();
    return key;
}

// In TLS 1.2 the suite says so. In TLS 1.3 OpenSSL treats it as a resumed session.
bool Traits::SessionEngine::by_psk() const {
    if (!setup_->has_psk || !psk_found_) return false;
    if (version() == Version::tls1_3)
        return SSL_session_reused(ssl_) == 1 && setup_->resumption.empty();
    const SSL_CIPHER* const suite = SSL_get_current_cipher(ssl_);
    return suite != nullptr && SSL_CIPHER_get_auth_nid(suite) == NID_auth_psk;
}

// --- Plain bytes ---

Status Traits::SessionEngine::handshake() {
    clear_errors();
    const Status status = outcome(SSL_do_handshake(ssl_));
    if (status != Status::ok) return status;
    error_ = {peer_.at_end(*setup_, by_psk() || is_resumed())};
    if (error_.code != Err::none) return Status::failed;
    established_ = true;
    return Status::ok;
}

Status Traits::SessionEngine::look_ahead() {
    clear_errors();
    for (;;) {
        is_starved_ = false;
        std::uint8_t byte = 0;
        const Status status = outcome(SSL_peek(ssl_, &byte, 1));
        // That call only processed a message without data; others may follow in the same record:
        // continue until it finds no more input.
        if (status != Status::want_read || is_starved_) return status;
    }
}

std::size_t Traits::SessionEngine::take(MutableBytes into) {
    const int count = SSL_read(ssl_, into.data(), clamp(into.size()));
    rules_.saw_data();
    return count > 0 ? static_cast<std::size_t>(count) : 0;
}

std::size_t Traits::SessionEngine::readable() const {
    return static_cast<std::size_t>(SSL_pending(ssl_));
}

IoResult Traits::SessionEngine::write(Bytes from) {
    // A flight of small records leaves in one write.
    if (!output_.empty() && output_.size() + from.size() > USSL_FLIGHT_BUFFER)
        return {Status::want_write, 0};
    clear_errors();
    if (const std::size_t largest = largest_record(); from.size() > largest)
        from = from.first(largest);
    const int result = SSL_write(ssl_, from.data(), clamp(from.size()));
    const Status status = outcome(result);
    return {status, status == Status::ok ? static_cast<std::size_t>(result) : 0};
}

Status Traits::SessionEngine::close_notify() {
    clear_errors();
    SSL_shutdown(ssl_);
    return Status::ok;
}

// --- Ends ---

Status Traits::SessionEngine::outcome(int result) {
    if (broken_ != Err::none && (established_ || setup_->role == Role::client ||
                                 last_message_ == handshake_type::client_key_exchange))
        return fail();
    // It carries on without some of the randomness that it asks for.
    if (result > 0) return Operation::resource_error() == Err::none ? Status::ok : fail();
    switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
        return received_alert_ != 0 || Operation::resource_error() != Err::none ? fail()
                                                                                : Status::want_read;
    case SSL_ERROR_WANT_WRITE: return Status::want_write;
    case SSL_ERROR_ZERO_RETURN: return Status::closed;
    default: return closed_ && !established_ ? Status::closed : fail();
    }
}

Status Traits::SessionEngine::fail() {
    // It parses certificates before it asks about them. The rules say what is wrong with them. If
    // they find nothing, OpenSSL alone cannot read them: its client and its server say the same.
    const bool readable = ERR_GET_REASON(ERR_peek_last_error()) != ERR_R_ASN1_LIB;
    if (!certificates_.empty() && sent_alert_ != 0) accept_certificates(readable);
    error_.code = reason();
    if (error_.code == Err::peer_alert)
        error_.alert = received_alert_;
    else if (error_.code == Err::unknown_psk || error_.code == Err::message_too_large ||
             error_.code == peer_.verdict() || sent_alert_ == SSL_AD_INTERNAL_ERROR)
        // OpenSSL has queued another alert, in plain text, as the last record.
        rewrite_alert(output_.stored(), alert_of(error_.code));
    else if (error_.code == broken_ && !established_)
        refuse_message();
    else if (ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_BINDER_DOES_NOT_VERIFY)
        rewrite_alert(output_.stored(), Alert::decrypt_error); // RFC 8446, 4.2.11
    error_.library = static_cast<std::int32_t>(ERR_GET_REASON(ERR_peek_last_error()));
    clear_errors();
    return Status::failed;
}

// A client has no keys of its own before it has read the server's flight, so its alert is in plain
// text (RFC 8446, A.1; RFC 5246, 7.2.2), instead of what OpenSSL had to say; nor has a server when
// it reads ClientKeyExchange. For a ClientHello OpenSSL has sent one: before the version is agreed
// it replaces those that are new in TLS 1.3.
void Traits::SessionEngine::refuse_message() {
    if (sent_alert_ != 0 && setup_->role == Role::server) {
        rewrite_alert(output_.stored(), rules_.alert());
        return;
    }
    const std::uint8_t alert[] = {content_type::alert,
                                  tls1_2_on_wire >> 8,
                                  tls1_2_on_wire & 0xff,
                                  0,
                                  alert_size,
                                  static_cast<std::uint8_t>(AlertLevel::fatal),
                                  static_cast<std::uint8_t>(rules_.alert())};
    output_.consume(output_.size());
    output_.append(Bytes{alert}, sizeof alert);
}

Err Traits::SessionEngine::reason() const {
    if (Operation::resource_error() != Err::none) return Operation::resource_error();
    if (peer_.verdict() != Err::none) return peer_.verdict();
    if (name_unknown_) return Err::unknown_server_name;
    if (broken_ != Err::none) return broken_;
    if (received_alert_ != 0) return Err::peer_alert;
    const int number = ERR_GET_REASON(ERR_peek_last_error());
    if (number == ERR_R_MALLOC_FAILURE) return Err::no_memory;
    // Other messages are limited by their contents.
    const OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl_);
    if (number == SSL_R_EXCESSIVE_MESSAGE_SIZE)
        return state == TLS_ST_CR_CERT || state == TLS_ST_SR_CERT ? Err::message_too_large
                                                                  : Err::bad_message;
    // No alert: it was not a TLS record.
    Err error = sent_alert_ != 0 ? error_of_alert(Alert{sent_alert_}) : Err::bad_message;
    if (error == Err::bad_signature && last_message_ == handshake_type::finished)
        error = Err::bad_record;
    if (number == SSL_R_BINDER_DOES_NOT_VERIFY) error = Err::bad_record;
    // If the client's key is another one, its binder (RFC 8446, 4.2.11.2) or Finished is wrong.
    const bool by_key = psk_asked_ && !established_ && setup_->role == Role::server;
    if (by_key && (error == Err::bad_record || !psk_found_)) return Err::unknown_psk;
    // OpenSSL reports an internal error for records that are too short to be decrypted.
    return error != Err::internal ? error : established_ ? Err::bad_record : Err::bad_message;
}

// --- State ---

Version Traits::SessionEngine::version() const {
    return version_of(static_cast<unsigned>(SSL_version(ssl_)));
}

std::uint16_t Traits::SessionEngine::suite() const {
    const SSL_CIPHER* const suite = SSL_get_current_cipher(ssl_);
    return suite != nullptr ? SSL_CIPHER_get_protocol_id(suite) : std::uint16_t{0};
}

std::string_view Traits::SessionEngine::alpn() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

bool Traits::SessionEngine::is_resumed() const {
    return SSL_session_reused(ssl_) == 1 && !by_psk();
}

// In TLS 1.2 a resumed session keeps its ticket unless there is a new one. In TLS 1.3 each ticket
// is used once.
std::size_t Traits::SessionEngine::resumption_data(MutableBytes into) const {
    const SSL_SESSION* session = session_;
    if (session == nullptr && is_resumed() && version() == Version::tls1_2)
        session = SSL_get0_session(ssl_);
    if (session == nullptr) return 0;
    unsigned char* der = nullptr;
    const int size = i2d_SSL_SESSION(session, &der);
    if (size <= 0) return 0;
    const Bytes stored = without_peer({der, static_cast<std::size_t>(size)});
    const std::size_t used = stored.size();
    if (into.size() >= used) std::memcpy(into.data(), stored.data(), used);
    OPENSSL_clear_free(der, static_cast<std::size_t>(size));
    return used;
}

std::size_t Traits::SessionEngine::max_fragment_length() const {
#if USSL_RECORD_SIZE_LIMIT
    if (rules_.record_size_limit().is_agreed()) return 0;
#endif
    return fragment_length(SSL_SESSION_get_max_fragment_length(SSL_get0_session(ssl_)));
}

Err Traits::SessionEngine::export_keying_material(MutableBytes out, std::string_view label,
                                                  Bytes context) {
    clear_errors();
    return SSL_export_keying_material(ssl_, out.data(), out.size(), label.data(), label.size(),
                                      context.data(), context.size(), !context.empty()) == 1
               ? Err::none
               : Operation::resource_error_or(Err::invalid_argument);
}

} // namespace ussl::openssl

template class ussl::SessionOf<ussl::openssl::Traits>;
