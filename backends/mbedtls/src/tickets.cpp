#include "tickets.hpp"

#include "hooks.hpp"
#include "received_message.hpp"
#include "session_engine.hpp"

#include "ussl/backend/ticket_time.hpp"

#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>

#include <cstring>

namespace ussl::mbedtls {

#if USSL_RESUMPTION && USSL_SERVER
namespace {

// A ticket: the key's name; the nonce; encrypted a stamp of when the client was verified,
// whether the master secret is an extended one (RFC 7627), and the session; the tag.
constexpr std::size_t name_size = TicketKeys::name_size, nonce_size = 12, time_size = 4,
                      front_size = time_size + 1, tag_size = 16;
constexpr std::size_t overhead = name_size + nonce_size + front_size + tag_size;

class Cipher {
public:
    explicit Cipher(const TicketKeys::Key& key) {
        mbedtls_gcm_init(&gcm_);
        status_ = mbedtls_gcm_setkey(&gcm_, MBEDTLS_CIPHER_ID_AES, key.secret, 128);
    }
    Cipher(const Cipher&) = delete;
    Cipher& operator=(const Cipher&) = delete;
    ~Cipher() { mbedtls_gcm_free(&gcm_); }

    // Both in place, and only for this name.
    int encrypt(const unsigned char* nonce, const Tickets::Name& name, unsigned char* data,
                std::size_t size) {
        if (status_ != 0) return status_;
        return mbedtls_gcm_crypt_and_tag(&gcm_, MBEDTLS_GCM_ENCRYPT, size, nonce, nonce_size, name,
                                         sizeof name, data, data, tag_size, data + size);
    }
    int decrypt(const unsigned char* nonce, const Tickets::Name& name, unsigned char* data,
                std::size_t size) {
        if (status_ != 0) return status_;
        return mbedtls_gcm_auth_decrypt(&gcm_, size, nonce, nonce_size, name, sizeof name,
                                        data + size, tag_size, data, data);
    }

private:
    mbedtls_gcm_context gcm_;
    int status_;
};

// The session without the client's certificate, which nobody asks for again. The copy owns nothing.
mbedtls_ssl_session bare(const mbedtls_ssl_session& session) {
    mbedtls_ssl_session copy = session;
#if !USSL_CERTIFICATES
    // The library has no place for one.
#elif defined(MBEDTLS_SSL_KEEP_PEER_CERTIFICATE)
    copy.MBEDTLS_PRIVATE(peer_cert) = nullptr;
#else
    copy.MBEDTLS_PRIVATE(peer_cert_digest) = nullptr;
    copy.MBEDTLS_PRIVATE(peer_cert_digest_len) = 0;
#endif
    return copy;
}

} // namespace

Err Tickets::start(mbedtls_ssl_config& settings, const ContextConfig& config,
                   const Environment& environment) {
    environment_ = &environment;
    mbedtls_ssl_conf_session_tickets_cb(&settings, write, parse, this);
    return keys_.start(config, environment, Traits::backend());
}

void Tickets::see_client_hello(Traits::SessionEngine& session) {
    Bytes name;
    if (!client_sent(session.ssl(), extension_type::server_name, name)) name = {};
    mbedtls_sha256(name.data(), name.size(), session.asked_name(), 0);
}

int Tickets::write(void* self, const mbedtls_ssl_session* session, unsigned char* start,
                   const unsigned char* end, std::size_t* size, std::uint32_t* lifetime) {
    auto& tickets = *static_cast<Tickets*>(self);
    auto& asking = Traits::SessionEngine::current();
    const auto room = static_cast<std::size_t>(end - start);
    if (room < overhead) return MBEDTLS_ERR_SSL_BUFFER_TOO_SMALL;
    TicketKeys::Key key;
    if (!tickets.keys_.seal(key)) return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    std::memcpy(start, key.name, name_size);
    unsigned char* const nonce = start + name_size;
    unsigned char* const content = nonce + nonce_size;
    const std::uint32_t stamp = asking.ticket_stamp();
    write32(content, stamp);
    content[time_size] = asking.extended_secret();

    mbedtls_ssl_session copy = bare(*session);
    std::size_t session_size = 0;
    int code =
        mbedtls_ssl_session_save(&copy, content + front_size, room - overhead, &session_size);
    mbedtls_platform_zeroize(&copy, sizeof copy);
    if (code == 0)
        code = random_bytes(const_cast<Environment*>(tickets.environment_), nonce, nonce_size);
    if (code == 0)
        code = Cipher(key).encrypt(nonce, asking.asked_name(), content, front_size + session_size);
    mbedtls_platform_zeroize(&key, sizeof key);
    if (code != 0) {
        mbedtls_platform_zeroize(start, room);
        return code;
    }
    *size = overhead + session_size;
    *lifetime = tickets.keys_.lifetime() - (ussl::ticket_stamp(*tickets.environment_) - stamp);
    return 0;
}

int Tickets::parse(void* self, mbedtls_ssl_session* session, unsigned char* ticket,
                   std::size_t size) {
    auto& tickets = *static_cast<Tickets*>(self);
    auto& asking = Traits::SessionEngine::current();
    TicketKeys::Key key;
    if (size < overhead || !tickets.keys_.open(ticket, key)) return MBEDTLS_ERR_SSL_INVALID_MAC;
    const unsigned char* const nonce = ticket + name_size;
    unsigned char* const content = ticket + name_size + nonce_size;
    const std::size_t content_size = size - name_size - nonce_size - tag_size;
    see_client_hello(asking);
    const int opened = Cipher(key).decrypt(nonce, asking.asked_name(), content, content_size);
    mbedtls_platform_zeroize(&key, sizeof key);
    if (opened != 0) return MBEDTLS_ERR_SSL_INVALID_MAC;
    int code = MBEDTLS_ERR_SSL_SESSION_TICKET_EXPIRED;
    const std::uint32_t stamp = number32(content);
    if (is_ticket_good(stamp, ussl::ticket_stamp(*tickets.environment_), tickets.keys_.lifetime()))
        code = mbedtls_ssl_session_load(session, content + front_size, content_size - front_size);
    // In TLS 1.2 the library takes a session of TLS 1.3 for one of its own, without its secret.
    const auto version = session->MBEDTLS_PRIVATE(tls_version);
    if (code == 0 &&
        (version != version_number(asking.ssl()) ||
         (version == MBEDTLS_SSL_VERSION_TLS1_2 && !asking.may_resume(content[time_size] != 0)))) {
        mbedtls_ssl_session_free(session);
        code = MBEDTLS_ERR_SSL_INVALID_MAC;
    }
    if (code == 0) asking.take_ticket(stamp);
#if USSL_MAX_FRAGMENT_LENGTH
    // What the client asks for now, and not what it asked for then.
    if (code == 0)
        session->MBEDTLS_PRIVATE(mfl_code) =
            asking.ssl().MBEDTLS_PRIVATE(session_negotiate)->MBEDTLS_PRIVATE(mfl_code);
#endif
    mbedtls_platform_zeroize(content, content_size);
    return code;
}

#endif

} // namespace ussl::mbedtls
