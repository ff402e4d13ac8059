#include "conversation.hpp"

#include "support/error_names.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace bogo {

using namespace ussl;

bool Conversation::run(bool may_resume) {
    may_resume_ = may_resume;
    const bool fine = open() && exchange() && keep_resumption_data();
    session_.release();
    return fine;
}

bool Conversation::unlike(const std::string& what) const {
    std::fprintf(stderr, "unlike what was expected: %s\n", what.c_str());
    return false;
}

namespace {

// BoringSSL's names of the peer's alerts, which tests ask for.
std::string name_of_alert(std::uint8_t alert) {
    switch (alert) {
    case 10: return "SSLV3_ALERT_UNEXPECTED_MESSAGE";
    case 30: return "SSLV3_ALERT_DECOMPRESSION_FAILURE";
    case 40: return "SSLV3_ALERT_HANDSHAKE_FAILURE";
    case 43: return "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE";
    case 47: return "SSLV3_ALERT_ILLEGAL_PARAMETER";
    case 49: return "TLSV1_ALERT_ACCESS_DENIED";
    case 51: return "TLSV1_ALERT_DECRYPT_ERROR";
    case 70: return "TLSV1_ALERT_PROTOCOL_VERSION";
    case 90: return "TLSV1_ALERT_USER_CANCELLED";
    default: return std::to_string(alert);
    }
}

} // namespace

void Conversation::tell_error(const PumpResult& result) const {
    const auto [code, alert, library, certificate, credential] = session_.error();
    if (result.transport_failed)
        std::fprintf(stderr, "transport failed: %d\n", result.transport_error);
    if (result.status == Status::truncated) std::fputs(":truncated:\n", stderr);
    if (code == Err::none) return;
    std::fprintf(stderr, ":%s: library %d\n", test::name_of(code), static_cast<int>(library));
    if (code == Err::peer_alert) std::fprintf(stderr, ":%s:\n", name_of_alert(alert).c_str());
}

bool Conversation::is_ok(const PumpResult& result) {
    if (result.status != Status::ok) tell_error(result);
    return result.status == Status::ok;
}

void Conversation::compare_timeout(std::uint64_t expected) const {
    constexpr std::uint64_t nanoseconds_per_millisecond = 1'000'000;
    const std::uint64_t wanted =
        expected == UINT64_MAX ? no_timeout : expected / nanoseconds_per_millisecond;
    if (session_.timeout() != wanted) not_offered("DTLS with BoringSSL's timeouts");
}

PumpResult Conversation::complete(const std::function<PumpResult()>& step) {
    constexpr int most_idle = 10'000'000;
    for (int idle = 0; idle < most_idle; ++idle) {
        const PumpResult result = step();
        if (result.status != Status::want_read && result.status != Status::want_write)
            return result;
        if (const auto expected = transport_.take_expected_timeout()) compare_timeout(*expected);
        transport_.pass_time();
        if (options_.async && result.status == Status::want_read && session_.output().empty())
            transport_.wait();
    }
    std::fputs("no progress\n", stderr);
    std::exit(90);
}

bool Conversation::write(Bytes from) {
    do {
        const PumpResult result = complete([&] { return pump_.write(from); });
        if (!is_ok(result)) return false;
        from = from.subspan(result.bytes);
    } while (!from.empty());
    return is_ok(complete([&] { return pump_.flush(); }));
}

bool Conversation::open() {
    PeerIdentity peer;
    if (!options_.context.server) {
        peer.sni = options_.host_name;
        peer.resumption = resumption_;
    } else if (options_.context.dtls) {
        peer.client_id = as_bytes("bogo");
    }
    const Error error = session_.open(context_.context(), peer);
    if (error.code == Err::none) return true;
    std::fprintf(stderr, "open: :%s:\n", test::name_of(error.code));
    return false;
}

bool Conversation::exchange() {
    if (!options_.implicit_handshake && !shake_hands()) return false;
    if (options_.export_keying_material > 0 && !send_exporter_value()) return false;
    if (options_.export_traffic_secrets && !send_traffic_secrets()) return false;
    if (options_.write_different_record_sizes) {
        if (!send_records_of_many_sizes()) return false;
    } else if (!begin_data() || (!options_.shim_shuts_down && !echo())) {
        return false;
    }
    return finish();
}

bool Conversation::shake_hands() {
    if (!is_ok(complete([&] { return pump_.handshake(); })) || !established()) return false;
    return !options_.handshake_twice || is_ok(complete([&] { return pump_.handshake(); }));
}

bool Conversation::established() {
    if (options_.handshake_never_done) {
        std::fputs("the handshake is complete, and must never be\n", stderr);
        std::exit(90);
    }
    is_checked_ = true;
    return check_connection() && check_resumption() && (session_.is_resumed() || check_peer());
}

bool Conversation::check_connection() {
    const int wanted = options_.expect_version == 0xfefd ? 0x0303 : options_.expect_version;
    if (wanted != 0 && static_cast<int>(session_.version()) != wanted) return unlike("version");
    if (options_.expect_cipher != 0 && session_.suite() != options_.expect_cipher)
        return unlike("cipher suite");
    // What a server has chosen is not ours to tell where the test does not ask.
    const bool asks_alpn = !options_.expect_alpn.empty() || !options_.context.server;
    if (asks_alpn && session_.alpn() != options_.expect_alpn) return unlike("ALPN");
    const std::string& name = context_.server_name();
    if (options_.context.asks_server_name &&
        context_.context().backend().capabilities.server_names &&
        name != options_.expect_server_name)
        return unlike("server name " + name);
    return true;
}

bool Conversation::check_resumption() {
    const bool wanted = may_resume_ && !options_.expect_session_miss;
    return session_.is_resumed() == wanted ||
           unlike(wanted ? "session was not resumed" : "session was resumed");
}

bool Conversation::check_peer() {
    const Bytes certificate = session_.peer_certificate();
    if (!options_.expect_peer_cert_file.empty()) {
        const PemFile file(options_.expect_peer_cert_file);
        if (file.certificates().empty() || !equal(file.certificates()[0], certificate))
            return unlike("another certificate of the peer");
    }
    if (options_.expect_no_peer_cert) return certificate.empty() || unlike("peer's certificate");
    const bool must_show = options_.context.server ? options_.context.require_any_client_certificate
                                                   : options_.context.psk.empty();
    return !must_show || !certificate.empty() || unlike("no certificate of the peer");
}

bool Conversation::send_exporter_value() {
    // RFC 5705, 4, which RFC 8446 does away with.
    if (options_.use_export_context && options_.export_context.empty())
        not_offered("an empty exporter context apart from none");
    std::vector<std::uint8_t> value(static_cast<std::size_t>(options_.export_keying_material));
    const Err code = session_.export_keying_material(value, options_.export_label,
                                                     as_bytes(options_.export_context));
    if (code == Err::unsupported) not_offered("exporter");
    if (code != Err::none) return unlike(std::string("exporter: ") + test::name_of(code));
    return write(value);
}

bool Conversation::send_traffic_secrets() {
    const bool server = options_.context.server;
    const std::string& read = server ? context_.client_secret() : context_.server_secret();
    const std::string& written = server ? context_.server_secret() : context_.client_secret();
    const std::uint8_t size[2] = {static_cast<std::uint8_t>(read.size()),
                                  static_cast<std::uint8_t>(read.size() >> 8)};
    return write(size) && write(as_bytes(read)) && write(as_bytes(written));
}

bool Conversation::send_records_of_many_sizes() {
    if (options_.context.dtls) not_offered("records above a datagram's size");
    static constexpr std::size_t sizes[] = {0,     1,     255,   256,   257,  16383,
                                            16384, 16385, 32767, 32768, 32769};
    const std::vector<std::uint8_t> data(32769, 0x42);
    for (const std::size_t size : sizes)
        if (!write(Bytes(data).first(size))) return false;
    return true;
}

bool Conversation::begin_data() {
    const Bytes first = as_bytes(options_.shim_initial_write);
    if (options_.read_with_unfinished_write) {
        if (!is_ok(complete([&] { return pump_.flush(); }))) return false; // of the handshake
        transport_.limit_writes(1);
        const PumpResult result = pump_.write(first);
        held_back_ = first.size() - (result.status == Status::ok ? result.bytes : 0);
        pump_.flush();
        return true;
    }
    if (options_.shim_writes_first)
        for (int i = 0; i < options_.repeat_shim_initial_write; ++i)
            if (!write(first)) return false;
    return true;
}

// Gives back what comes, each byte inverted, until the peer ends it.
bool Conversation::echo() {
    std::vector<std::uint8_t> buffer(options_.read_size > 0
                                         ? static_cast<std::size_t>(options_.read_size)
                                     : options_.context.dtls ? 16384u
                                                             : 512u);
    for (;;) {
        const PumpResult result = complete([&] { return pump_.read(buffer); });
        if (session_.is_established() && !is_checked_ && !established()) return false;
        is_closed_ = result.status == Status::closed;
        if (is_closed_) return true;
        if (result.status == Status::truncated && session_.is_established()) return true;
        if (!is_ok(result)) return false;
        if (options_.use_exporter_between_reads) {
            std::uint8_t some[1];
            if (session_.export_keying_material(some, "label", {}) != Err::none)
                return unlike("exporter between reads");
        }
        if (options_.read_with_unfinished_write) {
            transport_.unlimit_writes();
            const Bytes first = as_bytes(options_.shim_initial_write);
            if (!write(first.last(std::exchange(held_back_, 0)))) return false;
        }
        const auto got = MutableBytes(buffer).first(result.bytes);
        for (std::uint8_t& byte : got)
            byte ^= 0xff;
        if (!write(got)) return false;
    }
}

bool Conversation::finish() {
    if (options_.shim_shuts_down) return is_ok(complete([&] { return pump_.close(); }));
    if (!options_.check_close_notify) return true;
    if (!is_closed_) {
        std::fputs(":truncated: no close_notify\n", stderr);
        return false;
    }
    return is_ok(complete([&] { return pump_.close(); }));
}

bool Conversation::keep_resumption_data() {
    if (options_.context.server) return true;
    std::vector<std::uint8_t> data(session_.resumption_data({}));
    session_.resumption_data(data);
    if (options_.expect_no_session && !data.empty()) return unlike("a session to resume");
    if (may_resume_ && options_.expect_ticket_renewal && data == resumption_)
        return unlike("no new ticket");
    resumption_ = data;
    return true;
}

} // namespace bogo
