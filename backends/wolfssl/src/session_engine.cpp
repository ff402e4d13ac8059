#include "session_engine.hpp"

#include "errors.hpp"
#include "internals.hpp"
#include "key_log.hpp"
#include "signing.hpp"
#include "stored_session.hpp"
#include "verification.hpp"

#include "ussl/backend/fragment_length.hpp"
#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/operation.hpp"
#include "ussl/backend/record.hpp"
#include "ussl/backend/server_name.hpp"
#include "ussl/backend/session_impl.hpp"
#include "ussl/backend/signing.hpp"
#include "ussl/backend/suites.hpp"
#include "ussl/backend/ticket_time.hpp"
#include "ussl/x509/certificate.hpp"
#include "ussl/x509/path.hpp"

#include <algorithm>
#include <climits>
#include <cstring>
#include <iterator>

namespace ussl::wolfssl {
namespace {

#if USSL_CLIENT
// Many servers take the first group that a client offers. wolfSSL orders them by strength:
// secp384r1 would precede secp256r1, which takes a quarter of its time.
[[maybe_unused]] constexpr word16 own_groups[] = {
#ifdef WOLFSSL_HAVE_MLKEM
    WOLFSSL_X25519MLKEM768,
#endif
    WOLFSSL_ECC_SECP256R1,
#if USSL_X25519
    WOLFSSL_ECC_X25519,
#endif
#if USSL_P384
    WOLFSSL_ECC_SECP384R1,
#endif
};

// The key shares of a TLS 1.3 ClientHello. The hybrid group's share comes with one of a classic
// group, as in browsers: servers without the hybrid group (OpenSSL below 3.5) then need no second
// ClientHello. `known`: the group that the server chose last time, used alone; or 0. (A session
// stored by another build may name a group that this one lacks.)
bool offer_shares([[maybe_unused]] WOLFSSL* ssl, [[maybe_unused]] word16 known) {
#if USSL_TLS1_3
    for (const word16 own : own_groups)
        if (own == known) return wolfSSL_UseKeyShare(ssl, known) == WOLFSSL_SUCCESS;
#ifdef WOLFSSL_HAVE_MLKEM
    for (const word16 group : {WOLFSSL_X25519MLKEM768, WOLFSSL_ECC_SECP256R1})
        if (wolfSSL_UseKeyShare(ssl, group) != WOLFSSL_SUCCESS) return false;
#endif
#endif
    return true;
}

bool offer_groups([[maybe_unused]] WOLFSSL* ssl, [[maybe_unused]] bool with_hybrid) {
#if USSL_P384 || defined(WOLFSSL_HAVE_MLKEM)
    for (const word16 group : own_groups) {
#ifdef WOLFSSL_HAVE_MLKEM
        if (group == WOLFSSL_X25519MLKEM768 && !with_hybrid) continue;
#endif
        if (wolfSSL_UseSupportedCurve(ssl, group) != WOLFSSL_SUCCESS) return false;
    }
#endif
    return true;
}
#endif

// 5.7.2 reports an error for a setting that it already has.
#ifdef USSL_WOLFSSL_BEFORE_5_8
constexpr bool takes_more_than_asked = false;
#else
constexpr bool takes_more_than_asked = true;
#endif

int clamp(std::size_t size) { return size < INT_MAX ? static_cast<int>(size) : INT_MAX; }

} // namespace

Traits::SessionEngine::~SessionEngine() {
    if (ssl_ != nullptr) wolfSSL_free(ssl_);
}

inline Err Traits::SessionEngine::start(ContextEngine& context, const SessionSetup& setup) {
    context_ = &context;
    setup_ = &setup;
    datagram_ = setup.datagram;
    const auto refused = [] { return Operation::resource_error_or(Err::no_memory); };
    ssl_ = wolfSSL_new(context.library);
    if (ssl_ == nullptr) return refused();
    wolfSSL_SetIOReadCtx(ssl_, this);
    wolfSSL_SetIOWriteCtx(ssl_, this);
    messages_.rules.start(
        setup.role, context.highest_version == static_cast<unsigned>(Version::tls1_3), datagram_);
#if USSL_CLIENT && USSL_CERTIFICATES // without these core has refused a name
    const std::string_view sni = setup.expectations.identity.sni;
    if (setup.role == Role::client && !sni.empty() &&
        wolfSSL_UseSNI(ssl_, WOLFSSL_SNI_HOST_NAME, sni.data(), static_cast<word16>(sni.size())) !=
            WOLFSSL_SUCCESS)
        return refused();
#endif
#if USSL_ALPN
    for (std::size_t i = context.alpn.size(); i-- != 0;)
        if (!internals::add_alpn_name(ssl_, context.alpn[i])) return refused();
#endif
    word16 known_group = 0;
    if (!set_resumption(known_group) || !set_extensions(known_group)) return refused();
#if defined(WOLFSSL_DTLS_CID)
    if (setup.connection_id &&
        !internals::use_connection_id(ssl_, setup.expectations.identity.connection_id))
        return refused();
#endif
#if USSL_SIGN_CALLBACK
    signing::set_session(ssl_, *this);
#endif
#if USSL_KEY_LOG
    if (context.key_log.line != nullptr) key_log::set(ssl_, context.key_log);
#endif
#if USSL_EXPORTER
    wolfSSL_KeepArrays(ssl_); // otherwise it forgets the secrets after the handshake
#endif
    return Err::none;
}

bool Traits::SessionEngine::set_extensions([[maybe_unused]] word16 known_group) {
#if USSL_CLIENT
    if (setup_->role == Role::server) return true;
#if USSL_MAX_FRAGMENT_LENGTH
    const auto number = static_cast<unsigned char>(fragment_number(context_->max_fragment_length));
    if (number != 0 && wolfSSL_UseMaxFragment(ssl_, number) != WOLFSSL_SUCCESS) return false;
    // The hybrid group's share is longer than a kilobyte, and wolfSSL's servers do not split their
    // message.
    if (number != 0 && context_->max_fragment_length <= 1024) return offer_groups(ssl_, false);
#endif
    if (!features::tls1_3 || version() != Version::tls1_3) return offer_groups(ssl_, false);
#if USSL_TLS1_3 && (USSL_PSK || USSL_RESUMPTION)
    if (!internals::keep_order(ssl_)) return false;
#endif
    return offer_groups(ssl_, true) && offer_shares(ssl_, known_group);
#endif
    return true;
}

bool Traits::SessionEngine::set_resumption([[maybe_unused]] word16& known_group) {
#if USSL_RESUMPTION && USSL_CLIENT
    if (!context_->resumption) return true;
    // Also on a server: otherwise it sends no new ticket to a client whose old one it rejects.
    if (wolfSSL_UseSessionTicket(ssl_) != WOLFSSL_SUCCESS) return false;
    if (setup_->role == Role::server) return true;
    wolfSSL_set_SessionTicket_cb(
        ssl_,
        [](WOLFSSL*, const unsigned char*, int, void* session) {
            static_cast<SessionEngine*>(session)->has_new_ticket_ = true;
            return 0;
        },
        this);
    known_group = stored_session::offer(ssl_, setup_->resumption, context_->lowest_version,
                                        context_->highest_version);
#endif
    return true;
}

// --- The encrypted side ---

inline MutableBytes Traits::SessionEngine::input_space() {
    return is_datagram() ? datagram_space() : input_.space();
}

inline void Traits::SessionEngine::input_commit(std::size_t count) {
    if (is_datagram())
        datagram_commit(count);
    else
        input_.commit(count);
}

int Traits::SessionEngine::receive(WOLFSSL*, char* into, int size, void* session) {
    return static_cast<SessionEngine*>(session)->take_input(reinterpret_cast<std::uint8_t*>(into),
                                                            static_cast<std::size_t>(size));
}

// How many bytes wolfSSL can process now.
inline std::size_t Traits::SessionEngine::ready() const {
    return is_datagram() ? unread_datagram() : input_.ready();
}

inline int Traits::SessionEngine::take_input(std::uint8_t* into, std::size_t size) {
    if (is_datagram()) return take_datagram(into, size);
    return input_.in_use() == Input::header_size ? give_contents(size) : give_header();
}

// wolfSSL asks for a record's header, and then for the rest if it did not get that as well. Instead
// of copying both, its buffer is moved to the record just before it looks there: see GetInputData()
// in wolfSSL.
inline int Traits::SessionEngine::give_header() {
    bool is_whole = false;
    do {
        if (input_.in_use() != 0) take_back_input(); // the previous record
        if (input_.ready() == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
        is_whole = input_.is_whole();
        if (!is_whole) {
            if (!input_.make_room()) {
                Operation::note_resource_error(no_memory_for(input_.record().size()));
                return WOLFSSL_CBIO_ERR_GENERAL;
            }
            if (input_.ready() == 0) return WOLFSSL_CBIO_ERR_WANT_READ;
        }
    } while (is_whole && skip_early_data());
    const MutableBytes record = input_.record();
#if USSL_CLIENT && USSL_TLS1_3
    // RFC 6066, 3: TLS 1.2 servers that do not know the name may send a warning and continue.
    if (!established_ && context_->lowest_version == static_cast<unsigned>(Version::tls1_2) &&
        is_whole)
        internals::ignore_early_warning(ssl_, record);
#endif
    const std::size_t contents = record.size() - Input::header_size;
    // RFC 8446, 5.1: wolfSSL allows for the expansion by encryption. No other record may come
    // within a message.
    if (contents > USSL_RECORD_INPUT && !internals::opens_records(ssl_)) record_too_large_ = true;
    if (record[0] == content_type::change_cipher_spec && messages_.is_gathering() &&
        version() != Version::tls1_3)
        out_of_order_ = true;
    if (record_too_large_ || out_of_order_) return WOLFSSL_CBIO_ERR_GENERAL;
    const bool all = takes_more_than_asked && contents <= Input::largest && is_whole;
    internals::lend_input(ssl_, record.data(), record.size(), all ? contents : 0);
    input_.use(all ? record.size() : Input::header_size);
    return Input::header_size;
}

// The record at the front, where it is early data (RFC 8446, 4.2.10): it does not open with the
// keys of the handshake, or comes between a HelloRetryRequest and the second hello.
inline bool Traits::SessionEngine::skip_early_data() {
#if USSL_SERVER && USSL_TLS1_3
    const Bytes record = input_.record();
    if (!messages_.rules.skips_early_data() || record[0] != content_type::application_data)
        return false;
    if (early_data_ + record.size() > MessageRules::most_early_data ||
        (internals::opens_records(ssl_) && internals::opens(ssl_, record))) {
        messages_.rules.end_early_data();
        return false;
    }
    early_data_ += record.size();
    input_.use(record.size());
    input_.release();
    return true;
#else
    return false;
#endif
}

inline int Traits::SessionEngine::give_contents(std::size_t size) {
    if (takes_more_than_asked || size > Input::largest) {
        record_too_large_ = true;
        return WOLFSSL_CBIO_ERR_GENERAL;
    }
    if (!input_.is_whole()) return WOLFSSL_CBIO_ERR_WANT_READ;
    const MutableBytes record = input_.record();
    // Lend the size of the whole record: with less than a header, wolfSSL would allocate memory for
    // the next one.
    internals::lend_input(ssl_, record.data() + Input::header_size, record.size());
    input_.use(record.size());
    return static_cast<int>(record.size() - Input::header_size);
}

inline void Traits::SessionEngine::take_back_input() {
    internals::take_back_input(ssl_);
    input_.release();
}

// For when wolfSSL has finished with a record, plain bytes included, and does not ask for the next.
inline void Traits::SessionEngine::release_input() {
    if (!is_datagram() && input_.in_use() != 0 && !internals::is_in_record(ssl_)) take_back_input();
}

inline Bytes Traits::SessionEngine::unsent() const {
    return keeps_output_ ? internals::unsent(ssl_).subspan(sent_) : Bytes{};
}

inline Bytes Traits::SessionEngine::output() {
    const Bytes queued = output_.stored();
    if (queued.empty()) return unsent();
    if (!is_datagram()) return queued;
    return queued.subspan(2, number16(queued.data()));
}

inline void Traits::SessionEngine::output_consume(std::size_t count) {
    if (!output_.empty()) {
        output_.consume(is_datagram() ? 2 + count : count);
        return;
    }
    sent_ += count;
    keeps_output_ = !unsent().empty();
}

int Traits::SessionEngine::send(WOLFSSL*, char* from, int size, void* session) {
    auto& self = *static_cast<SessionEngine*>(session);
    const int taken = self.take_output(
        {reinterpret_cast<const std::uint8_t*>(from), static_cast<std::size_t>(size)});
    self.keeps_output_ = taken < 0;
    return taken;
}

// All or nothing, so that wolfSSL's buffer never has a gap at its front.
inline int Traits::SessionEngine::take_output(Bytes record) {
    const int size = static_cast<int>(record.size());
    if (sent_ == record.size()) {
        sent_ = 0;
        return size;
    }
    if (alert_sent_) return size; // nothing may follow it
    // The packet may be forged; the real client would believe our alert.
    if (is_unverified() && is_plain_alert(record, true)) return size;
    WOLFSSL_ALERT_HISTORY alerts{};
    wolfSSL_get_alert_history(ssl_, &alerts);
    if (is_datagram() && !queue_datagram(record)) return WOLFSSL_CBIO_ERR_WANT_WRITE;
    if (is_datagram() && !established_ && setup_->role == Role::client)
        messages_.look_for_hello(record, true);
    alert_sent_ = alerts.last_tx.level == alert_fatal;
    if (is_datagram()) return size;
    if (!established_) record = prepare_output(record);
    if (record.data() == output_.space().data()) { // it was built in place
        output_.commit(record.size());
        internals::lend_output(ssl_, record.size());
        return size;
    }
    // After the handshake longer records are sent from where they lie.
    const std::size_t largest = established_ ? 0 : USSL_FLIGHT_BUFFER;
    return sent_ == 0 && output_.append(record, largest) ? size : WOLFSSL_CBIO_ERR_WANT_WRITE;
}

// During the handshake.
inline Bytes Traits::SessionEngine::prepare_output(Bytes records) {
    if (setup_->role == Role::client) {
        messages_.look_for_hello(records, false);
        // An encrypted alert needs a ChangeCipherSpec in front, too (RFC 8446, D.4).
        constexpr std::uint8_t change_cipher_spec[] = {20, 3, 3, 0, 1, 1};
        if (records[0] == content_type::application_data && !messages_.changed_cipher_spec())
            output_.append(change_cipher_spec, USSL_FLIGHT_BUFFER);
        return records;
    }
    // Removes a ServerHello that was not sent and has no keys: the client would take the alert
    // after it for an encrypted record.
    const std::size_t size = plain_alert_size();
    const bool in_vain = alert_sent_ && records.size() > size && is_plain_alert(records.last(size));
    return in_vain ? records.last(size) : records;
}

// --- The own certificate ---

int Traits::SessionEngine::client_hello(WOLFSSL* ssl, int* alert, void* context) {
    static_cast<void>(context), static_cast<void>(alert), static_cast<void>(ssl);
#if USSL_ALPN
    const auto& own = *static_cast<ContextEngine*>(context);
    if (own.alpn.size() != 0) internals::keep_preferred_alpn_name(ssl, own.alpn);
#endif
#if USSL_SERVER_NAMES
    if (!static_cast<SessionEngine*>(wolfSSL_GetIOReadCtx(ssl))->choose_credential(alert))
        return fatal_return;
#endif
    return 0;
}

bool Traits::SessionEngine::choose_credential([[maybe_unused]] int* alert) {
#if USSL_SERVER_NAMES
    if (context_->more == nullptr && setup_->server_name_callback.choose == nullptr) return true;
    void* name = nullptr;
    const word16 size = wolfSSL_SNI_GetRequest(ssl_, WOLFSSL_SNI_HOST_NAME, &name);
    const std::string_view asked = name != nullptr
                                       ? std::string_view(static_cast<const char*>(name), size)
                                       : std::string_view();
    credential_ = ussl::choose_credential(context_->credential, *setup_, asked);
    if (credential_ < 0) {
        name_unknown_ = true;
        *alert = static_cast<int>(Alert::unrecognized_name);
        return false;
    }
    if (credential_ > 0) internals::use_credential(ssl_, context_->more[credential_ - 1]);
#endif
    return true;
}

#if USSL_SIGN_CALLBACK
std::size_t Traits::SessionEngine::sign(bool pads_by_pss, Bytes digest, MutableBytes signature) {
    const Credential& own =
        credential_ == 0 ? context_->credential
                         : context_->more_credentials[static_cast<std::size_t>(credential_) - 1];
    return ask_signer(own.signer, own.chain.front(), pads_by_pss, digest, signature);
}
#endif

// --- The peer's certificates ---

#if USSL_CERTIFICATES
int Traits::SessionEngine::take_certificates(Bytes message) {
    const SentCertificates sent(message, version() == Version::tls1_3);
    if (!sent.readable()) return BUFFER_ERROR;
    Bytes key;
    Err verdict = peer_.judge(*setup_, sent.all(), {nullptr, is_signed_by}, &key);
    if (verdict == Err::none && !sent.all().empty() && !internals::use_peer_key(ssl_, key))
        verdict = peer_.refuse(Err::bad_peer_certificate);
    if (verdict == Err::none) {
        internals::took_certificates(ssl_);
        return 0;
    }
    internals::send_alert(ssl_, true, ussl::alert_for(verdict, setup_->role, version()));
    return FATAL_ERROR;
}
#endif

// --- Plain bytes ---

inline Status Traits::SessionEngine::handshake() {
    if (is_datagram()) {
        if (!prepare_for_unverified_client()) return fail(MEMORY_E, false);
        const Status status = resend_when_due();
        if (status != Status::ok) return status;
    }
#if USSL_RESUMPTION
    internals::restart_ticket_numbers(ssl_);
#endif
    const bool had_datagram = has_datagram();
    int result = wolfSSL_negotiate(ssl_);
    if (had_datagram && forget_unverified_client(result)) result = wolfSSL_negotiate(ssl_);
    release_input();
    const Status status = outcome(result);
    // A ChangeCipherSpec after a HelloRetryRequest waits for the next output (RFC 8446, D.4).
    if (!is_datagram() && status == Status::want_read) internals::finish_output(ssl_);
    if (is_datagram()) {
        set_timer(status);
        if (status == Status::want_read && has_another_psk()) return refuse(Err::unknown_psk);
    }
    if (status != Status::ok) return status;
    error_ = {peer_.at_end(*setup_, is_resumed() || internals::by_psk(ssl_))};
    if (error_.code != Err::none) return Status::failed;
    established_ = true;
    readable_ = static_cast<std::size_t>(wolfSSL_pending(ssl_));
#if USSL_KEY_LOG
    if (context_->key_log.line != nullptr)
        key_log::established(ssl_, context_->key_log, is_resumed() && version() == Version::tls1_2);
#endif
#if USSL_EXPORTER
    internals::copy_exporter_secrets(ssl_, exporter_secrets_);
#endif
#if USSL_KEY_LOG || USSL_EXPORTER
    internals::free_arrays(ssl_);
#endif
    if (is_datagram()) keep_last_flight();
    return Status::ok;
}

inline Status Traits::SessionEngine::look_ahead() {
    for (;;) {
        if (is_datagram()) {
            const Status status = answer_repetition();
            if (status != Status::ok) return status;
        }
        const std::size_t before = ready();
        std::uint8_t byte = 0;
        const int result = wolfSSL_peek(ssl_, &byte, 1);
        if (result > 0) {
            readable_ = static_cast<std::size_t>(wolfSSL_pending(ssl_));
            if (is_datagram()) note_data();
            internals::forget_warnings(ssl_);
            if (!messages_.is_gathering()) return Status::ok;
            out_of_order_ = true; // data within a fragmented message
            return fail(0);
        }
        const Status status = outcome(result);
        release_input();
        // That call only processed a message without data: continue while there is input.
        if (status != Status::want_read || ready() == 0 || ready() == before) return status;
    }
}

inline std::size_t Traits::SessionEngine::take(MutableBytes into) {
    if (is_datagram()) { // wolfSSL's own buffer, which it frees then
        const int count = wolfSSL_read(ssl_, into.data(), clamp(into.size()));
        readable_ = static_cast<std::size_t>(wolfSSL_pending(ssl_));
        return count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    const std::size_t count = internals::take_plain(ssl_, into);
    readable_ -= count;
    messages_.rules.saw_data();
    if (readable_ == 0) release_input();
    return count;
}

inline IoResult Traits::SessionEngine::write(Bytes from) {
    if (!unsent().empty()) return {Status::want_write, 0};
    if (sent_ != 0) internals::finish_output(ssl_);
    // One record, so that wolfSSL never stops between several.
    const std::size_t largest = largest_record();
    const std::size_t size = from.size() < largest ? from.size() : largest;
    if (!is_datagram()) {
        // More than encryption adds: 5.7.2 also wants 37 bytes, and may change its keys first.
        constexpr std::size_t record_overhead = 96;
        const MutableBytes memory = output_.lend(size + record_overhead);
        if (memory.empty()) {
            if (!output_.empty()) return {Status::want_write, 0};
            Operation::note_resource_error(Err::no_memory);
            return {fail(MEMORY_E, false), 0};
        }
        internals::lend_output(ssl_, memory);
    }
    const int result = wolfSSL_write(ssl_, from.data(), static_cast<int>(size));
    if (!is_datagram()) {
        internals::take_back_output(ssl_);
        output_.take_back();
    }
    const Status status = outcome(result, false);
    if (status == Status::ok) return {status, static_cast<std::size_t>(result)};
    // A datagram may be in wolfSSL's buffer and in output(): its bytes are taken.
    if (status == Status::want_write && !unsent().empty()) return {Status::ok, size};
    return {status, 0};
}

inline Status Traits::SessionEngine::close_notify() {
    if (!unsent().empty()) return Status::want_write;
    internals::send_alert(ssl_, false, Alert::close_notify);
    return Status::ok;
}

// --- Ends ---

// `reads`: processes the peer's bytes, as in the handshake; otherwise the peer has no influence.
inline Status Traits::SessionEngine::outcome(int result, bool reads) {
    if (result > 0) return Status::ok;
    const int code = wolfSSL_get_error(ssl_, result);
    switch (code) {
    case WOLFSSL_ERROR_WANT_READ: return Status::want_read;
    case WOLFSSL_ERROR_WANT_WRITE: return Status::want_write;
    case WOLFSSL_ERROR_ZERO_RETURN: return Status::closed;
    default: return fail(code, reads);
    }
}

Status Traits::SessionEngine::fail(int code, bool reads) {
    error_.code = reason(code, reads);
    error_.library = code;
    WOLFSSL_ALERT_HISTORY alerts{};
    wolfSSL_get_alert_history(ssl_, &alerts);
    // During the handshake a peer may not have the keys yet that wolfSSL expects for its alert:
    // OpenSSL's clients send their opinion of a server's certificate in plain text.
    if (code == PARSE_ERROR && !established_ && alerts.last_rx.level == alert_fatal)
        error_.code = Err::peer_alert;
    if (error_.code == Err::peer_alert)
        error_.alert = static_cast<std::uint8_t>(alerts.last_rx.code);
    else if ((features::psk || features::resumption) && alerts.last_tx.level == alert_fatal &&
             (error_.code == Err::unknown_psk || code == BAD_BINDER))
        rewrite_alert(output_.stored(),
                      alert_for(error_.code, error_.code == Err::unknown_psk ? 0 : code),
                      is_datagram());
    else if (alerts.last_tx.level != alert_fatal)
        internals::send_alert(ssl_, true, alert_for(error_.code, code));
    return Status::failed;
}

Status Traits::SessionEngine::refuse(Err why) {
    error_ = {why};
    internals::send_alert(ssl_, true, ussl::alert_for(why));
    return Status::failed;
}

Err Traits::SessionEngine::reason(int code, bool reads) const {
    if (Operation::resource_error() != Err::none) return Operation::resource_error();
    if (peer_.verdict() != Err::none) return peer_.verdict();
    if (features::server_names && name_unknown_) return Err::unknown_server_name;
    if (messages_.broken() != Err::none) return messages_.broken();
    if (out_of_order_) return Err::unexpected_message;
    if (record_too_large_) return Err::record_too_large;
    // Also the error for forbidden empty records (RFC 8446, 5.1), and for a wrong ChangeCipherSpec.
    if (code == LENGTH_ERROR && internals::record_size(ssl_) <= USSL_RECORD_INPUT)
        return Err::unexpected_message;
    const During what = reads ? internals::during(ssl_, peer_.is_judged()) : During::own_work;
    // A client with a ticket has no other key that could be wrong.
    if (code == BAD_BINDER && !setup_->has_psk) return Err::bad_record;
    const Err error = translate(code, setup_->role, what);
    // If the client's key is another one, the first encrypted record fails.
    if (error == Err::bad_record && !established_ && setup_->role == Role::server &&
        setup_->has_psk && uses_psk(suite()))
        return Err::unknown_psk;
    return error;
}

// --- State ---

std::size_t Traits::SessionEngine::peer_id_size() const {
#if defined(WOLFSSL_DTLS_CID)
    return internals::peer_connection_id(ssl_).size();
#else
    return 0;
#endif
}

inline std::size_t Traits::SessionEngine::largest_record() const {
#if USSL_DTLS
    if (is_datagram()) {
        // RFC 9146, 4: with the ID comes the type.
        const std::size_t id = peer_id_size();
        const std::size_t added =
            RecordHeader::datagram_size + datagram_overhead(suite()) + (id != 0 ? id + 1 : 0);
        const int fits = wolfSSL_GetMaxOutputSize(ssl_); // limit of wolfSSL's own datagrams
        return std::min<std::size_t>({fits > 0 ? static_cast<std::size_t>(fits) : 0u,
                                      setup_->datagram_size - added, USSL_RECORD_OUTPUT});
    }
#endif
#if USSL_MAX_FRAGMENT_LENGTH
    const std::size_t agreed = internals::max_fragment(ssl_);
    if (agreed < USSL_RECORD_OUTPUT) return agreed;
#endif
    return USSL_RECORD_OUTPUT;
}

#if USSL_MAX_FRAGMENT_LENGTH
std::size_t Traits::SessionEngine::max_fragment_length() const {
    return internals::max_fragment(ssl_);
}
#endif

#if USSL_EXPORTER
Err Traits::SessionEngine::export_keying_material(MutableBytes out, std::string_view label,
                                                  Bytes context) {
    if (internals::export_keying_material(ssl_, exporter_secrets_, out, label, context))
        return Err::none;
    return Operation::resource_error_or(Err::invalid_argument);
}
#endif

#if USSL_RESUMPTION
std::size_t Traits::SessionEngine::resumption_data(MutableBytes into) const {
    // In TLS 1.2 a resumed session keeps its ticket unless there is a new one. In TLS 1.3 a secret
    // belongs to the tickets of its own connection.
    const bool has_ticket = has_new_ticket_ || (is_resumed() && version() == Version::tls1_2);
    return stored_session::save(ssl_, has_ticket, into);
}
#endif

#if USSL_RESUMPTION && USSL_SERVER
bool Traits::SessionEngine::takes_ticket(std::uint32_t stamp) {
    taken_stamp_ = stamp;
    return is_ticket_good(stamp, ussl::ticket_stamp(*context_->environment),
                          setup_->session_lifetime);
}

std::uint32_t Traits::SessionEngine::ticket_stamp(bool resumes) const {
    return resumes ? taken_stamp_ : ussl::ticket_stamp(*context_->environment, *setup_);
}
#endif

Version Traits::SessionEngine::version() const {
    const bool is_tls1_3 =
        features::tls1_3 && wolfSSL_version(ssl_) == static_cast<int>(Version::tls1_3);
    return is_tls1_3 ? Version::tls1_3 : Version::tls1_2;
}

std::uint16_t Traits::SessionEngine::suite() const {
    return static_cast<std::uint16_t>(wolfSSL_get_current_cipher_suite(ssl_));
}

std::string_view Traits::SessionEngine::alpn() const {
#if USSL_ALPN
    char* name = nullptr;
    word16 size = 0;
    if (wolfSSL_ALPN_GetProtocol(ssl_, &name, &size) == WOLFSSL_SUCCESS) return {name, size};
#endif
    return {};
}

} // namespace ussl::wolfssl

template class ussl::SessionOf<ussl::wolfssl::Traits>;
