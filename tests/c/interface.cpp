// The parts of ussl.h that conformance does not call: structures that grow, the pump, and queries
// about a build.
#include "through_c.hpp"

#include "support/connection.hpp"
#include "support/doctest.hpp"
#include "support/each_backend.hpp"
#include "support/faulty_end.hpp"

#include "ussl/pem.hpp"
#include "ussl/selected_backend.hpp"

#include <cstring>
#include <limits>
#include <memory>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

ussl_bytes of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The chosen backend's own, as in a program in C.
struct Chosen {
    ussl_context context;
    ussl_session session;

    Chosen() {
        std::memset(static_cast<void*>(this), 0xa5, sizeof *this);
        ussl_context_init(&context);
        ussl_session_init(&session);
    }
    ~Chosen() {
        ussl_session_release(&session);
        ussl_context_close(&context);
    }
    std::uint16_t open(const ussl_config* config) {
        return ussl_context_open(&context, config, ussl_posix_environment()).code;
    }
};

ussl_config unverified() {
    ussl_config config{USSL_CONFIG};
    config.verify = USSL_VERIFY_NONE;
    return config;
}

} // namespace

TEST_CASE("what is zero verifies") {
    Chosen chosen;
    const ussl_config config{USSL_CONFIG};
    CHECK(chosen.open(&config) == USSL_ERR_NO_TRUST_ANCHORS);
}

TEST_CASE("a structure tells how much of it there is") {
    struct {
        const char* what;
        std::size_t size;
        std::uint16_t code;
    } const rows[] = {
        {"none", 0, USSL_ERR_INVALID_ARGUMENT},
        {"less than any program had", offsetof(ussl_config, trust_anchors) - 1,
         USSL_ERR_INVALID_ARGUMENT},
        {"an older program's", offsetof(ussl_config, handshake_timeout), USSL_ERR_NONE},
        {"all", sizeof(ussl_config), USSL_ERR_NONE},
        {"a newer program's", sizeof(ussl_config) + 1, USSL_ERR_INVALID_ARGUMENT},
        {"nonsense", std::numeric_limits<std::size_t>::max(), USSL_ERR_INVALID_ARGUMENT},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        Chosen chosen;
        ussl_config config = unverified();
        config.struct_size = row.size;
        CHECK(chosen.open(&config) == row.code);
    }
    SUBCASE("what an older program does not know is not looked at") {
        Chosen chosen;
        ussl_config config = unverified();
        const char name[] = "a\0b"; // no protocol name
        const ussl_bytes names[] = {{reinterpret_cast<const std::uint8_t*>(name), 3}};
        config.alpn = names;
        config.alpn_count = 1;
        CHECK(chosen.open(&config) == USSL_ERR_INVALID_ARGUMENT);
        config.struct_size = offsetof(ussl_config, alpn);
        CHECK(chosen.open(&config) == USSL_ERR_NONE);
    }
    SUBCASE("a peer's") {
        Chosen chosen;
        const ussl_config config = unverified();
        REQUIRE(chosen.open(&config) == USSL_ERR_NONE);
        ussl_peer peer{USSL_PEER};
        peer.struct_size = 1;
        CHECK(ussl_session_open(&chosen.session, &chosen.context, &peer).code ==
              USSL_ERR_INVALID_ARGUMENT);
        peer.struct_size = sizeof peer + 1;
        CHECK(ussl_session_open(&chosen.session, &chosen.context, &peer).code ==
              USSL_ERR_INVALID_ARGUMENT);
        CHECK(ussl_session_open(&chosen.session, &chosen.context, nullptr).code == USSL_ERR_NONE);
    }
}

TEST_CASE("settings that are not there") {
    Chosen chosen;
    const ussl_config config = unverified();
    CHECK(chosen.open(nullptr) == USSL_ERR_INVALID_ARGUMENT);
    CHECK(ussl_context_open(&chosen.context, &config, nullptr).code == USSL_ERR_INVALID_ARGUMENT);
    CHECK_FALSE(ussl_context_is_open(&chosen.context));
    CHECK(chosen.open(&config) == USSL_ERR_NONE);
    CHECK(chosen.open(&config) == USSL_ERR_INVALID_STATE);
}

TEST_CASE("what the build is") {
    const Backend& backend = selected::backend();
    CHECK(ussl_backend_name() == backend.name);
    CHECK(ussl_library_version() == backend.library_version());
    for (const CapabilityName& row : capability_names) {
        CAPTURE(row.name);
        CHECK(ussl_can(std::string(row.name).c_str()) == backend.capabilities.*row.member);
    }
    CHECK_FALSE(ussl_can("tls1_9"));
    CHECK_FALSE(ussl_can(nullptr));
    std::size_t count = 0;
    const std::uint16_t* const numbers = ussl_suites(&count);
    REQUIRE(count == backend.suites.size());
    for (std::size_t i = 0; i != count; ++i) {
        CHECK(numbers[i] == backend.suites[i]);
        CHECK(ussl_suite_number(ussl_suite_name(numbers[i])) == numbers[i]);
    }
    CHECK(std::string(ussl_suite_name(0)).empty());
    CHECK(ussl_suite_number("none") == 0);
    CHECK(std::string(ussl_message(USSL_ERR_EXPIRED)) == message(Err::expired));
    CHECK(ussl_alert_for(USSL_ERR_EXPIRED) ==
          static_cast<std::uint8_t>(Alert::certificate_expired));
    CHECK(std::string(ussl_alert_name(48)) == "unknown CA");
    std::uint8_t digest[32], expected[32];
    REQUIRE(ussl_sha256(of("abc"), digest));
    REQUIRE(backend.sha256(as_bytes("abc"), expected));
    CHECK(equal(digest, expected));
}

TEST_CASE("PEM, block by block") {
    const std::string text = "noise\n-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n"
                             "-----BEGIN EC PRIVATE KEY-----\nAwQF\n-----END EC PRIVATE KEY-----\n";
    CHECK(ussl_is_pem(of(text)));
    CHECK_FALSE(ussl_is_pem(of("noise")));
    std::uint8_t room[64];
    ussl_bytes rest = of(text);
    ussl_pem_block block;
    REQUIRE(ussl_pem_next(&rest, {room, sizeof room}, &block) == USSL_ERR_NONE);
    CHECK(std::string(block.label, block.label_size) == "CERTIFICATE");
    REQUIRE(block.der.size == 3);
    CHECK(block.der.data[2] == 2);
    REQUIRE(ussl_pem_next(&rest, {nullptr, 0}, &block) == USSL_ERR_NONE);
    CHECK(std::string(block.label, block.label_size) == "EC PRIVATE KEY");
    CHECK(block.der.size == 0);
    CHECK(ussl_pem_decode({room, 2}, &block) == USSL_ERR_NO_MEMORY);
    REQUIRE(ussl_pem_decode({room, sizeof room}, &block) == USSL_ERR_NONE);
    CHECK(block.der.data[0] == 3);
    REQUIRE(ussl_pem_next(&rest, {room, sizeof room}, &block) == USSL_ERR_NONE);
    CHECK(block.label_size == 0);
    const std::string broken = "-----BEGIN CERTIFICATE-----\nAAEC\n";
    rest = of(broken);
    CHECK(ussl_pem_next(&rest, {room, sizeof room}, &block) == USSL_ERR_BAD_PEM);
}

TEST_CASE("addresses and root bundles") {
    std::uint8_t address[16];
    CHECK(ussl_parse_ip_address("192.0.2.1", address) == 4);
    CHECK(ussl_parse_ip_address("2001:db8::1", address) == 16);
    CHECK(ussl_parse_ip_address("example.org", address) == 0);
    ussl_root_bundle bundle;
    ussl_root_bundle_init(&bundle);
    CHECK(ussl_root_bundle_roots(&bundle) == 0);
    CHECK(ussl_root_bundle_date(&bundle) == 0);
    CHECK(ussl_root_bundle_source(&bundle) != nullptr);
    const std::string none = "no bundle";
    CHECK_FALSE(ussl_is_root_bundle(of(none)));
    CHECK(ussl_root_bundle_open(&bundle, of(none)) ==
          (features::anchor_source ? USSL_ERR_BAD_ROOTS : USSL_ERR_UNSUPPORTED));
}

namespace {

// One side of a conversation; C's pump moves its session over a transport that misbehaves.
class Program {
public:
    OwnedSession session;
    FaultyEnd wire;
    ussl_pump pump;

    Program(const BackendUnderTest& backend, Pipe& out, Pipe& in)
        : session(backend), wire(out, in) {
        const ussl_transport transport{
            this,
            [](void* user, std::uint8_t* into, std::size_t size) {
                return to_c(static_cast<Program*>(user)->wire.read({into, size}));
            },
            [](void* user, const std::uint8_t* from, std::size_t size) {
                return to_c(static_cast<Program*>(user)->wire.write({from, size}));
            }};
        ussl_pump_init(&pump, static_cast<SessionThroughC&>(*session).c(), &transport);
    }

private:
    static ussl_transport_result to_c(const TransportResult& result) {
        return {static_cast<ussl_moved>(result.kind), result.error, result.bytes};
    }
};

class Conversation {
public:
    Program client, server;

    explicit Conversation(const BackendUnderTest& backend)
        : client(backend, to_server_, to_client_),
          server(backend, to_client_, to_server_),
          client_end_(backend, client_settings()),
          server_end_(backend, server_settings()) {
        REQUIRE(client_end_.open().code == Err::none);
        REQUIRE(server_end_.open().code == Err::none);
        REQUIRE(client.session->open(*client_end_.context, client_end_.settings.identity).code ==
                Err::none);
        REQUIRE(server.session->open(*server_end_.context, server_end_.settings.identity).code ==
                Err::none);
    }
    ~Conversation() {
        client.session->release();
        server.session->release();
    }

    // Until both have a result, or nothing moves any more.
    std::pair<ussl_pump_result, ussl_pump_result> shake_hands() {
        std::pair<ussl_pump_result, ussl_pump_result> both;
        for (int turn = 0; turn != 100; ++turn) {
            both = {ussl_pump_handshake(&client.pump), ussl_pump_handshake(&server.pump)};
            if (!waits(both.first) && !waits(both.second)) break;
        }
        return both;
    }

private:
    static bool waits(const ussl_pump_result& result) {
        return result.status == USSL_WANT_READ || result.status == USSL_WANT_WRITE;
    }

    Pipe to_server_, to_client_;
    Endpoint client_end_, server_end_;
};

} // namespace

EACH_BACKEND("a pump carries a conversation, and its end") {
    Conversation talk(backend);
    const auto both = talk.shake_hands();
    REQUIRE(both.first.status == USSL_OK);
    REQUIRE(both.second.status == USSL_OK);
    CHECK(ussl_pump_poll(&talk.server.pump).status == USSL_WANT_READ);
    const ussl_pump_result sent = ussl_pump_write(&talk.client.pump, "hello", 5);
    CHECK(sent.status == USSL_OK);
    CHECK(sent.bytes == 5);
    CHECK(ussl_pump_poll(&talk.server.pump).status == USSL_OK);
    char text[8];
    const ussl_pump_result got = ussl_pump_read(&talk.server.pump, text, sizeof text);
    CHECK(got.status == USSL_OK);
    CHECK(std::string(text, got.bytes) == "hello");
    CHECK(ussl_pump_close(&talk.client.pump).status == USSL_OK);
    CHECK(ussl_pump_read(&talk.server.pump, text, sizeof text).status == USSL_CLOSED);
    CHECK(ussl_pump_flush(&talk.server.pump).status == USSL_OK);
    CHECK_FALSE(ussl_pump_has_failed(&talk.server.pump));
}

EACH_BACKEND("a pump tells what its transport did") {
    struct {
        Fault fault;
        ussl_status status;
        bool transport_failed, remembered;
    } const rows[] = {
        {Fault::one_byte, USSL_OK, false, false},
        {Fault::would_block, USSL_OK, false, false},
        {Fault::error_for_good, USSL_FAILED, true, true},
        {Fault::error_then_end, USSL_FAILED, true, true},
    };
    for (const auto& row : rows)
        for (std::size_t call = 1; call != 5; ++call) {
            CAPTURE(static_cast<int>(row.fault));
            CAPTURE(call);
            Conversation talk(backend);
            talk.client.wire.misbehave(row.fault, call);
            const ussl_pump_result result = talk.shake_hands().first;
            REQUIRE(talk.client.wire.reached());
            CHECK(result.status == row.status);
            CHECK(result.transport_failed == row.transport_failed);
            if (row.transport_failed) CHECK(result.transport_error == fault_errno);
            CHECK(ussl_pump_has_failed(&talk.client.pump) == row.remembered);
        }
}
