#include "ussl/backend/message_rules.hpp"

#include "ussl/backend/record.hpp"
#include "ussl/backend/suites.hpp"
#include "ussl/backend/useless_records.hpp"
#include "ussl/x509/path_check.hpp"

#include <initializer_list>
#include <iterator>

namespace ussl {
namespace {

using namespace extension_type;
using std::uint64_t;

// The bit of an extension type. 0: unknown to this project.
constexpr uint64_t bit(unsigned type) {
    if (type == renegotiation_info) return uint64_t{1} << 63;
    return type < 63 ? uint64_t{1} << type : 0;
}

constexpr uint64_t bits(std::initializer_list<unsigned> types) {
    uint64_t all = 0;
    for (const unsigned type : types)
        all |= bit(type);
    return all;
}

struct Extension {
    unsigned type;
    Bytes data;
};

Extension next(WireReader& from) {
    const unsigned type = from.number(2);
    return {type, from.vector(2)};
}

// Notes which extensions are present. false: one is repeated. Of the types without a bit only the
// first few are compared, so that no hello makes this slow.
class Seen {
public:
    bool add(unsigned type) {
        const uint64_t own = bit(type);
        if (own != 0) {
            if ((known_ & own) != 0) return false;
            known_ |= own;
            return true;
        }
        for (unsigned i = 0; i < count_; ++i)
            if (others_[i] == type) return false;
        if (count_ < most) others_[count_++] = static_cast<std::uint16_t>(type);
        return true;
    }
    uint64_t known() const { return known_; }

private:
    static constexpr unsigned most = 16;
    uint64_t known_ = 0;
    unsigned count_ = 0;
    std::uint16_t others_[most];
};

bool contains(Bytes bytes, std::uint8_t wanted) {
    for (const std::uint8_t byte : bytes)
        if (byte == wanted) return true;
    return false;
}

#if USSL_SERVER
bool contains16(WireReader numbers, unsigned wanted) {
    while (!numbers.at_end())
        if (numbers.number(2) == wanted) return true;
    return false;
}
#endif

// A vector with at least one entry of `entry` bytes.
bool is_list(Bytes data, std::size_t length_size, std::size_t entry = 1) {
    WireReader in(data);
    const Bytes list = in.vector(length_size);
    return in.ended_well() && !list.empty() && list.size() % entry == 0;
}

// A vector with at least one vector in it; none is empty, and `before` bytes precede each.
bool is_list_of_vectors(Bytes data, std::size_t before, std::size_t length_size) {
    WireReader in(data);
    WireReader list(in.vector(2));
    if (!in.ended_well() || list.at_end()) return false;
    while (!list.at_end()) {
        list.bytes(before);
        if (list.vector(length_size).empty()) return false;
    }
    return !list.is_bad();
}

// SHA-256 of "HelloRetryRequest" (RFC 8446, 4.1.3): the random of a HelloRetryRequest.
#if USSL_CLIENT && USSL_TLS1_3
constexpr std::uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
#endif

// Extensions of TLS 1.3 only, and where they are allowed (RFC 8446, 4.2).
constexpr uint64_t of_tls1_3 = bits(
    {pre_shared_key, early_data, supported_versions, cookie, psk_key_exchange_modes, key_share});
constexpr uint64_t in_server_hello = bits({supported_versions, key_share, pre_shared_key});
constexpr uint64_t in_retry = bits({supported_versions, key_share, cookie});
constexpr uint64_t in_certificate = bits({status_request, signed_certificate_timestamp});

} // namespace

Err MessageRules::check(std::uint8_t type, Bytes body) {
    const bool client = features::client && own_ == Role::client;
    switch (type) {
    case handshake_type::server_hello:
        if (client) return check_server_hello(body);
        break;
    case handshake_type::client_hello:
        if (features::server && !client) return check_client_hello(body);
        break;
    default: break;
    }
    if (!features::tls1_3 || !tls1_3_)
        return client && type == handshake_type::certificate ? check_key_of_suite(body) : Err::none;
    switch (type) {
    case handshake_type::encrypted_extensions:
        if (client) return check_encrypted_extensions(body);
        break;
    case handshake_type::certificate_request:
        if (client) return check_certificate_request(body);
        break;
    case handshake_type::certificate: return check_certificate(body);
    case handshake_type::certificate_verify: return check_certificate_verify(body);
    case handshake_type::new_session_ticket:
        if (client) return check_ticket(body);
        break;
    case handshake_type::key_update: return check_key_update(body);
    default: break;
    }
    return Err::none;
}

// --- From servers ---

void MessageRules::sent_hello([[maybe_unused]] Bytes hello) {
#if USSL_CLIENT
    WireReader in(hello);
    in.bytes(2 + 32);
    in.vector(1);
    if (datagram_) in.vector(1);
    in.vector(2);
    in.vector(1);
    offered_ =
        bit(renegotiation_info); // a cipher suite may ask for it instead; the library checks that
    const Bytes extensions = in.vector(2);
    for (WireReader list(extensions); !list.at_end();)
        offered_ |= bit(next(list).type);
#if USSL_TLS1_3
    Bytes data;
    takes_key_alone_ =
        find_extension(extensions, psk_key_exchange_modes, data) && contains(data, 0);
    group_count_ = shares_ = 0;
    if (!takes_tls1_3_ || !find_extension(extensions, supported_groups, data)) return;
    WireReader groups(data);
    for (WireReader list(groups.vector(2)); !list.at_end() && group_count_ < std::size(groups_);)
        groups_[group_count_++] = static_cast<std::uint16_t>(list.number(2));
    if (!find_extension(extensions, key_share, data)) return;
    WireReader shares(data);
    for (WireReader list(shares.vector(2)); !list.at_end(); list.vector(2)) {
        unsigned index = 0;
        if (offers(list.number(2), &index))
            shares_ = static_cast<std::uint8_t>(shares_ | 1u << index);
    }
#endif
#endif
}

bool MessageRules::offers([[maybe_unused]] unsigned group, [[maybe_unused]] unsigned* index) const {
#if USSL_CLIENT && USSL_TLS1_3
    for (unsigned i = 0; i < group_count_; ++i) {
        if (groups_[i] != group) continue;
        if (index != nullptr) *index = i;
        return true;
    }
#endif
    return false;
}

// RFC 8446, 4.2: an extension that was not offered is unsupported_extension, one that belongs into
// another message illegal_parameter. RFC 5246, 7.4.1.4.
Err MessageRules::check_answers(Bytes extensions, uint64_t allowed, Alert repeated) {
    Seen seen;
    for (WireReader in(extensions); !in.at_end();) {
        const Extension one = next(in);
        if (in.is_bad()) return refuse(Alert::decode_error);
        if (!seen.add(one.type)) return refuse(repeated);
    }
    for (WireReader in(extensions); !in.at_end();) {
        const Extension one = next(in);
        // A cookie is not an answer to an offer.
        const bool asked = offered_ == 0 || (offered_ & bit(one.type)) != 0 ||
                           (one.type == cookie && (allowed & bit(cookie)) != 0);
        if (!asked) return refuse(Alert::unsupported_extension);
        if (one.type == server_name && !one.data.empty()) // RFC 6066, 3
            return refuse(Alert::decode_error);
        if ((allowed & bit(one.type)) == 0) return refuse(Alert::illegal_parameter);
    }
    return Err::none;
}

Err MessageRules::check_server_hello(Bytes body) {
    WireReader in(body);
    const bool is_other = in.number(2) != version_on_wire(datagram_);
    [[maybe_unused]] const Bytes random = in.bytes(32);
    const Bytes session = in.vector(1);
    [[maybe_unused]] const unsigned suite = in.number(2);
    in.bytes(1);
    if (is_other) {
        // RFC 8446, 4.1.3: it is TLS 1.2's wherever supported_versions names another. Without these
        // no library accepts it.
        Bytes version;
        return features::tls1_3 && takes_tls1_3_ &&
                       find_extension(in.vector(2), supported_versions, version)
                   ? refuse(Alert::protocol_version, Err::protocol_version)
                   : Err::none;
    }
    if (session.size() > 32) return refuse(Alert::decode_error);
#if USSL_CLIENT && USSL_RSA
    suite_ = static_cast<std::uint16_t>(suite);
#endif
    if (in.at_end()) return Err::none; // no extensions, or cut short: the library checks that
    const Bytes extensions = in.vector(2);
    if (!in.ended_well()) return refuse(Alert::decode_error);
#if USSL_CLIENT && USSL_TLS1_3
    Bytes data;
    tls1_3_ = takes_tls1_3_ && find_extension(extensions, supported_versions, data);
    if (tls1_3_) {
        is_retry_ = equal(random, retry_random);
        if (is_retry_) return check_retry(extensions);
        const Err error = check_answers(extensions, in_server_hello, Alert::decode_error);
        if (error != Err::none) return error;
        if (!find_extension(extensions, key_share, data)) {
            const bool has_key = find_extension(extensions, pre_shared_key, data);
            return has_key && (takes_key_alone_ || offered_ == 0)
                       ? Err::none
                       : refuse(Alert::missing_extension);
        }
        unsigned index = 0;
        const bool shared = data.size() >= 2 && offers(number16(data.data()), &index) &&
                            (shares_ >> index & 1) != 0;
        // RFC 8446, 4.2.8
        return shared || offered_ == 0 ? Err::none : refuse(Alert::illegal_parameter);
    }
#endif
    if (Bytes formats; find_extension(extensions, ec_point_formats, formats)) { // RFC 8422, 5.1.2
        if (!is_list(formats, 1)) return refuse(Alert::decode_error);
        if (!contains(formats.subspan(1), 0)) return refuse(Alert::illegal_parameter);
    }
    if (Bytes id; features::connection_id && find_extension(extensions, connection_id, id)) {
        WireReader vector(id);
        const std::size_t size = vector.vector(1).size(); // RFC 9146, 3
        if (!vector.ended_well()) return refuse(Alert::decode_error);
        if (size > max_connection_id)
            return refuse(Alert::handshake_failure, Err::handshake_failure);
    }
    // Some TLS 1.2 servers send supported_groups, although RFC 8422 lets only clients send it.
    const Err error = check_answers(extensions, ~of_tls1_3, Alert::decode_error);
    return features::record_size_limit && error == Err::none ? check_record_size_limit(extensions)
                                                             : error;
}

// RFC 8449, 4 and 5: a server answers one of both extensions.
Err MessageRules::check_record_size_limit([[maybe_unused]] Bytes extensions) {
#if USSL_RECORD_SIZE_LIMIT
    Bytes data;
    if (!record_size_limit_.is_used() ||
        !find_extension(extensions, extension_type::record_size_limit, data))
        return Err::none;
    const Alert alert = record_size_limit_.read(data);
    if (alert != Alert::close_notify) return refuse(alert);
    if (find_extension(extensions, max_fragment_length, data))
        return refuse(Alert::illegal_parameter);
#endif
    return Err::none;
}

// RFC 8446, 4.1.4 and 4.2.8: only one HelloRetryRequest, and it must change the ClientHello.
Err MessageRules::check_retry([[maybe_unused]] Bytes extensions) {
#if USSL_CLIENT && USSL_TLS1_3
    if (retried_) return refuse(Alert::unexpected_message, Err::unexpected_message);
    retried_ = true;
    const Err error = check_answers(extensions, in_retry, Alert::illegal_parameter);
    if (error != Err::none) return error;
    Bytes data;
    const bool has_cookie = find_extension(extensions, cookie, data);
    if (has_cookie && !is_list(data, 2)) return refuse(Alert::decode_error);
    if (!find_extension(extensions, key_share, data))
        return has_cookie ? Err::none : refuse(Alert::illegal_parameter);
    if (data.size() != 2) return refuse(Alert::decode_error);
    unsigned index = 0;
    const bool needed = offers(number16(data.data()), &index) && (shares_ >> index & 1) == 0;
    if (!needed && offered_ != 0) return refuse(Alert::illegal_parameter);
#endif
    return Err::none;
}

Err MessageRules::check_encrypted_extensions(Bytes body) {
    WireReader in(body);
    const Bytes extensions = in.vector(2);
    if (!in.ended_well()) return refuse(Alert::decode_error);
    constexpr uint64_t allowed =
        ~(in_server_hello | in_retry | in_certificate |
          bits({psk_key_exchange_modes, signature_algorithms, ec_point_formats,
                extended_master_secret, session_ticket, renegotiation_info}));
    const Err error = check_answers(extensions, allowed, Alert::decode_error);
    return features::record_size_limit && error == Err::none ? check_record_size_limit(extensions)
                                                             : error;
}

// RFC 8446, 4.3.2. A request with a context is for after the handshake, which no client here has
// offered (4.2.6). Unknown extensions are ignored.
Err MessageRules::check_certificate_request(Bytes body) {
    WireReader in(body);
    const Bytes context = in.vector(1);
    WireReader extensions(in.vector(2));
    if (!in.ended_well()) return refuse(Alert::decode_error);
    if (!context.empty()) return refuse(Alert::unexpected_message, Err::unexpected_message);
    Seen seen;
    while (!extensions.at_end()) {
        const Extension one = next(extensions);
        const bool good =
            !extensions.is_bad() && seen.add(one.type) &&
            (one.type != signature_algorithms || is_list(one.data, 2, 2)) &&
            (one.type != certificate_authorities || is_list_of_vectors(one.data, 0, 2));
        if (!good) return refuse(Alert::decode_error);
    }
    return (seen.known() & bit(signature_algorithms)) != 0 ? Err::none
                                                           : refuse(Alert::missing_extension);
}

// RFC 8446, 4.6.1: a ticket is not empty.
Err MessageRules::check_ticket(Bytes body) {
    WireReader in(body);
    in.bytes(4 + 4); // lifetime, age_add
    in.vector(1);
    const Bytes ticket = in.vector(2);
    WireReader extensions(in.vector(2));
    Seen seen;
    bool good = in.ended_well() && !ticket.empty();
    bool repeated = false;
    while (good && !extensions.at_end()) {
        repeated = !seen.add(next(extensions).type) || repeated;
        good = !extensions.is_bad();
    }
    if (!good) return refuse(Alert::decode_error);
    return repeated ? refuse(Alert::illegal_parameter) : Err::none; // 4.2
}

// RFC 8446, 4.6.3. They are counted here, where each is seen when its turn comes: of a record that
// waits, only its length is known (useless_records.hpp).
Err MessageRules::check_key_update(Bytes body) {
    if (body.size() != 1) return refuse(Alert::decode_error);
    if (body[0] > 1) return refuse(Alert::illegal_parameter);
    return saw_useless();
}

Err MessageRules::saw_useless() {
    return ++useless_ > UselessRecords::most_others
               ? refuse(Alert::unexpected_message, Err::unexpected_message)
               : Err::none;
}

// RFC 5246, 7.4.2: in TLS 1.2 the suite names the kind of key that the server's certificate has.
Err MessageRules::check_key_of_suite([[maybe_unused]] Bytes body) {
#if USSL_CLIENT && USSL_RSA
    WireReader in(body);
    WireReader list(in.vector(3));
    x509::Certificate certificate{};
    if (!x509::parse(list.vector(3), certificate) || !x509::key_known(certificate, nullptr))
        return Err::none; // the certificate's verdict will say why
    const bool by_rsa = kind_of(suite_) == SuiteInList::Kind::rsa;
    if (by_rsa != (certificate.key == x509::KeyKind::rsa))
        return refuse(Alert::unsupported_certificate, Err::wrong_purpose);
#endif
    return Err::none;
}

// RFC 8446, 4.4.2: each extension answers one of the ClientHello or the CertificateRequest. No
// server here requests any.
Err MessageRules::check_certificate(Bytes body) {
    WireReader in(body);
    in.vector(1);
    WireReader list(in.vector(3));
    if (!in.ended_well()) return refuse(Alert::decode_error);
    const bool client = features::client && own_ == Role::client;
    for (bool first = true; !list.at_end(); first = false) {
        const Bytes certificate = list.vector(3);
        const Bytes extensions = list.vector(2);
        if (list.is_bad() || certificate.empty()) return refuse(Alert::decode_error);
        x509::PublicKey key;
        if (first && x509::parse_public_key(x509::subject_public_key_of(certificate), key))
            key_ = key.kind;
        if (!client && !extensions.empty()) return refuse(Alert::unsupported_extension);
        const Err error = check_answers(extensions, in_certificate, Alert::illegal_parameter);
        if (error != Err::none) return error;
    }
    return Err::none;
}

// RFC 8446, 4.2.3 and 4.4.3: no PKCS#1, no SHA-1; ECDSA schemes fix the curve.
Err MessageRules::check_certificate_verify(Bytes body) {
    WireReader in(body);
    const unsigned scheme = in.number(2);
    in.vector(2);
    if (!in.ended_well()) return refuse(Alert::decode_error);
    const unsigned hash = scheme >> 8, signature = scheme & 0xff;
    const bool is_old = hash <= 2 || (hash <= 6 && signature == 1);
    const bool other_curve = signature == 3 && ((key_ == x509::KeyKind::ec_p256 && hash != 4) ||
                                                (key_ == x509::KeyKind::ec_p384 && hash != 5));
    return is_old || other_curve ? refuse(Alert::illegal_parameter) : Err::none;
}

namespace {

constexpr std::uint32_t secp256r1 = 23, secp384r1 = 24;

// Whether it is a point of secp256r1 or secp384r1, by its size, but not in the uncompressed form
// (SEC 1, 2.3.3). Keys of X25519 are shorter.
bool is_of_other_form(Bytes share) {
    return share.size() > 32 && share.size() <= 97 && share[0] != 4;
}

} // namespace

Err MessageRules::check_exchanged_point(std::uint8_t type, Bytes body, bool by_psk) {
    const bool of_server = features::client && type == handshake_type::server_key_exchange;
    const bool of_client = features::server && type == handshake_type::client_key_exchange;
    if (!of_server && !of_client) return Err::none;
    WireReader in(body);
    if (features::ecdhe_psk && by_psk) in.vector(2);
    if (of_server) in.bytes(1 + 2); // named_curve, and which
    return is_of_other_form(in.vector(1)) ? refuse(Alert::illegal_parameter) : Err::none;
}

Err MessageRules::check_shared_points(std::uint8_t type, Bytes body) {
    const bool client = type == handshake_type::client_hello;
    if (!client && type != handshake_type::server_hello) return Err::none;
    WireReader in(body);
    in.bytes(2 + 32);
    in.vector(1);
    client ? in.vector(2) : in.bytes(2);
    client ? in.vector(1) : in.bytes(1);
    Bytes shares;
    if (!find_extension(in.vector(2), key_share, shares)) return Err::none;
    // A client's are a list with a length of two bytes.
    for (WireReader list(client && shares.size() > 2 ? shares.subspan(2) : shares);
         !list.at_end();) {
        const std::uint32_t group = list.number(2);
        const bool other = is_of_other_form(list.vector(2));
        if (other && (group == secp256r1 || group == secp384r1))
            return refuse(Alert::illegal_parameter);
    }
    return Err::none;
}

// --- From clients ---

Err MessageRules::check_client_hello([[maybe_unused]] Bytes body) {
#if USSL_SERVER
    WireReader in(body);
    in.bytes(2 + 32);
    const Bytes session = in.vector(1);
    if (datagram_) in.vector(1);
    const Bytes suites = in.vector(2), compressions = in.vector(1);
    const Bytes extensions = in.at_end() ? Bytes{} : in.vector(2);
    if (!in.ended_well() || session.size() > 32 || suites.empty() || suites.size() % 2 != 0 ||
        compressions.empty())
        return refuse(Alert::decode_error);
    Bytes versions;
    const bool tls1_3 = takes_tls1_3_ && find_extension(extensions, supported_versions, versions) &&
                        is_list(versions, 1, 2) &&
                        contains16(WireReader(versions.subspan(1)), 0x0304);
    if (features::tls1_3) tls1_3_ = tls1_3;
    early_data_ = false;
#if USSL_CONNECTION_ID
    Bytes id;
    has_long_id_ =
        find_extension(extensions, connection_id, id) && id.size() > 1 + max_connection_id;
#endif
#if USSL_RECORD_SIZE_LIMIT
    record_size_limit_.forget();
#endif
    // RFC 5246, 7.4.1.2; RFC 8446, 4.1.2.
    if (!contains(compressions, 0) || (tls1_3 && compressions.size() != 1))
        return refuse(Alert::illegal_parameter);
    return check_client_extensions(extensions, tls1_3);
#else
    return Err::none;
#endif
}

#if USSL_SERVER
namespace {

// Whether the contents of an extension are well-formed; if not the alert is decode_error.
bool is_readable(const Extension& one) {
    switch (one.type) {
    case server_name: {
        if (!is_list_of_vectors(one.data, 1, 2)) return false;
        WireReader list(one.data.subspan(2));
        list.bytes(1);
        list.vector(2);
        return list.at_end(); // RFC 6066, 3: one name of each type, and there is one type
    }
    case supported_groups:
    case signature_algorithms:
    case signature_algorithms_cert: return is_list(one.data, 2, 2);
    case ec_point_formats:
    case psk_key_exchange_modes: return is_list(one.data, 1);
    case supported_versions: return is_list(one.data, 1, 2);
    case application_layer_protocol_negotiation: return is_list_of_vectors(one.data, 0, 1);
    case certificate_authorities: return is_list_of_vectors(one.data, 0, 2);
    case extended_master_secret:
    case early_data: return one.data.empty();
#if USSL_CONNECTION_ID
    case connection_id: { // RFC 9146, 3; may be empty
        WireReader in(one.data);
        in.vector(1);
        return in.ended_well();
    }
#endif
    default: return true;
    }
}

#if USSL_TLS1_3
// RFC 8446, 4.2.8: a list, perhaps empty, with one share for each group. A second share of an
// unknown group does no harm.
Alert alert_of_shares(Bytes data) {
    constexpr std::uint16_t known[] = {23, 24, 29, 4588};
    unsigned seen = 0;
    bool twice = false;
    WireReader in(data);
    WireReader list(in.vector(2));
    while (!list.at_end()) {
        const unsigned group = list.number(2);
        if (list.vector(2).empty()) return Alert::decode_error;
        for (unsigned i = 0; i < std::size(known); ++i) {
            if (group != known[i]) continue;
            twice = twice || (seen >> i & 1) != 0;
            seen |= 1u << i;
        }
    }
    if (!in.ended_well()) return Alert::decode_error;
    return twice ? Alert::illegal_parameter : Alert::close_notify;
}

// RFC 8446, 4.2.11: as many binders as identities.
Alert alert_of_keys(Bytes data) {
    WireReader in(data);
    WireReader identities(in.vector(2)), binders(in.vector(2));
    if (!in.ended_well() || identities.at_end() || binders.at_end()) return Alert::decode_error;
    int more = 0;
    for (; !identities.at_end(); ++more) {
        if (identities.vector(2).empty()) return Alert::decode_error;
        identities.bytes(4);
    }
    for (; !binders.at_end(); --more)
        if (binders.vector(1).size() < 32) return Alert::decode_error;
    if (identities.is_bad() || binders.is_bad()) return Alert::decode_error;
    return more == 0 ? Alert::close_notify : Alert::illegal_parameter;
}
#endif

} // namespace

Err MessageRules::check_client_extensions(Bytes extensions, bool tls1_3) {
    Seen seen;
    for (WireReader in(extensions); !in.at_end();) {
        const Extension one = next(in);
        if (in.is_bad() || !seen.add(one.type) || !is_readable(one))
            return refuse(Alert::decode_error);
        Alert alert = Alert::close_notify; // none
        switch (one.type) {
        case ec_point_formats: // RFC 8422, 5.1.2
            if (!tls1_3 && !contains(one.data.subspan(1), 0)) alert = Alert::illegal_parameter;
            break;
        case renegotiation_info: // RFC 5746, 3.6
            if (one.data.size() != 1 || one.data[0] != 0) alert = Alert::handshake_failure;
            break;
#if USSL_RECORD_SIZE_LIMIT
        case extension_type::record_size_limit:
            if (record_size_limit_.is_used()) alert = record_size_limit_.read(one.data);
            break;
#endif
#if USSL_TLS1_3
        case key_share:
            if (tls1_3) alert = alert_of_shares(one.data);
            break;
        case pre_shared_key:
            if (tls1_3) alert = in.at_end() ? alert_of_keys(one.data) : Alert::illegal_parameter;
            break;
#endif
        default: break;
        }
        if (alert != Alert::close_notify) return refuse(alert);
    }
    if (!tls1_3) return Err::none;
    // RFC 8446, 4.2.9 and 9.2
    const uint64_t known = seen.known();
    const auto has = [known](unsigned type) { return (known & bit(type)) != 0; };
    // 4.1.2: behind a HelloRetryRequest a client offers none any more.
    if (has(early_data) && heard_hello_) return refuse(Alert::illegal_parameter);
    early_data_ = has(early_data);
    heard_hello_ = true;
    const bool complete =
        has(supported_groups) == has(key_share) &&
        (has(pre_shared_key) ? has(psk_key_exchange_modes)
                             : has(signature_algorithms) && has(supported_groups));
    return complete ? Err::none : refuse(Alert::missing_extension);
}
#endif

} // namespace ussl
