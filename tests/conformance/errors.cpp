// Every error of the list, provoked once: the same code on every backend.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"
#include "support/raw.hpp"
#include "support/test_environment.hpp"

#include "ussl/pem.hpp"

#include <algorithm>
#include <set>

using namespace ussl;
using namespace ussl::test;
using namespace std::literals;

namespace {

using Tested = const BackendUnderTest&;

Err on_open(Tested backend, const Settings& settings) {
    Endpoint endpoint(backend, settings);
    if (const Err error = endpoint.open().code; error != Err::none) return error;
    OwnedSession session(backend);
    return session->open(*endpoint.context, settings.identity).code;
}

template<class Change>
Err on_open_with(Tested backend, Settings settings, Change change) {
    change(settings);
    return on_open(backend, settings);
}

Err of_client(Tested backend, const char* server_leaf) {
    return connect(backend, client_settings(), backend, server_settings(server_leaf)).client;
}

// The error of a new server (or client) when this arrives first.
Err on_input(Tested backend, Settings settings, const std::string& bytes) {
    if (backend.can().tls1_2) settings.versions(Version::tls1_2);
    Endpoint endpoint(backend, settings);
    REQUIRE(endpoint.open().code == Err::none);
    Pipe out, in;
    Side side(backend, out, in);
    REQUIRE(side.session->open(*endpoint.context, settings.identity).code == Err::none);
    in.inject(as_bytes(bytes));
    in.closed = true;
    side.pump.handshake();
    return side.err();
}

// A client's error when this byte of a record with data is changed.
Err on_corruption(Tested backend) {
    Established link(backend, versions_of(backend).back());
    link.client().read_all();
    Pipe& pipe = link.towards(Role::client);
    pipe.corrupt_at = pipe.sent + 20;
    link.server().write("text of some length, so that the byte is there");
    link.client().read_all();
    return link.client().err();
}

// A client's error when the server's certificate is damaged on the way. In TLS 1.2 it is sent in
// plain text.
Err on_malformed_certificate(Tested backend) {
    if (!backend.can().tls1_2) return Err::bad_peer_certificate;
    OpenEnds ends(backend, client_settings().versions(Version::tls1_2),
                  server_settings().versions(Version::tls1_2));
    Connection connection(ends.client, ends.server);
    connection.client.pump.handshake();
    connection.server.pump.handshake();
    // The whole flight is on the wire; its certificate's inner SEQUENCE becomes a SET.
    Blob flight(connection.to_client.sent);
    const std::size_t size = connection.to_client.read(flight).bytes;
    const Blob& leaf = file("p256.crt.der");
    const auto at = std::search(flight.begin(), flight.end(), leaf.begin(), leaf.end());
    REQUIRE(size == flight.size());
    REQUIRE(at != flight.end());
    at[4] = 0x31;
    connection.to_client.inject(flight);
    connection.client.pump.handshake();
    return connection.client.err();
}

// The error of a client whose server signs with r and s of 1.
Err on_wrong_signature(Tested backend) {
    if (!backend.can().sign_callback) return Err::bad_signature;
    Settings server = server_settings();
    server.config.credential.private_key = {};
    server.config.credential.signer.sign = [](void*, SignatureScheme, Bytes, MutableBytes signature,
                                              std::size_t* size) {
        constexpr std::uint8_t ones[] = {0x30, 6, 2, 1, 1, 2, 1, 1};
        std::copy(std::begin(ones), std::end(ones), signature.begin());
        *size = sizeof ones;
        return true;
    };
    return connect(backend, client_settings(), backend, server).client;
}

// A handshake of a client that asks for a name with a server that knows only others.
Err on_unknown_name(Tested backend) {
    if (!backend.can().server_names) return Err::unknown_server_name;
    Settings server = server_settings();
    server.config.server_name_callback.choose = [](void*, std::string_view) { return -1; };
    Settings client = client_settings();
    client.identity.sni = "unknown.example";
    return connect(backend, client, backend, server).server;
}

Err on_unknown_psk(Tested backend) {
    if (!backend.can().psk) return Err::unknown_psk;
    Settings server = server_settings(), client = client_settings();
    server.config.credential = {};
    server.config.psk_callback.find = [](void*, Bytes, Bytes*) { return false; };
    client.config.trust_anchors = {};
    client.config.psk = {as_bytes("someone"), as_bytes("0123456789abcdef")};
    client.versions(Version::tls1_2);
    return connect(backend, client, backend, server).server;
}

Err on_failing_signer(Tested backend) {
    if (!backend.can().sign_callback) return Err::signer_failed;
    Settings server = server_settings();
    server.config.credential.private_key = {};
    server.config.credential.signer.sign = [](void*, SignatureScheme, Bytes, MutableBytes,
                                              std::size_t*) { return false; };
    return connect(backend, client_settings(), backend, server).server;
}

struct Row {
    Err error;
    Err (*provoke)(Tested backend);
};

const std::string_view h2[] = {"h2"}, http[] = {"http/1.1"};

const Row rows[] = {
    {Err::none, [](Tested b) { return of_client(b, "p256"); }},
    {Err::invalid_argument,
     [](Tested b) {
         return on_open_with(b, client_settings(),
                             [](Settings& s) { s.identity.dns_name = "no name"; });
     }},
    {Err::invalid_state,
     [](Tested b) {
         OwnedSession session(b);
         session->handshake();
         return session->error().code;
     }},
    {Err::unsupported, [](Tested b) { return on_open(b, server_settings("p521")); }},
    {Err::bad_certificate,
     [](Tested b) {
         return on_open_with(b, server_settings(), [](Settings& s) {
             static const Bytes garbage[] = {as_bytes("garbage")};
             s.config.credential.chain = garbage;
         });
     }},
    {Err::bad_trust_anchor,
     [](Tested b) {
         return on_open_with(b, client_settings(), [](Settings& s) {
             static const Bytes garbage[] = {as_bytes("garbage")};
             s.config.trust_anchors = garbage;
         });
     }},
    {Err::bad_private_key,
     [](Tested b) {
         return on_open_with(b, server_settings(), [](Settings& s) {
             s.config.credential.private_key = as_bytes("\x30\x03\x02\x01\x01");
         });
     }},
    {Err::key_mismatch,
     [](Tested b) {
         return on_open_with(b, server_settings(), [](Settings& s) {
             s.config.credential.private_key = credential("client").private_key;
         });
     }},
    {Err::no_certificate,
     [](Tested b) {
         return on_open_with(b, server_settings(), [](Settings& s) { s.config.credential = {}; });
     }},
    {Err::no_private_key,
     [](Tested b) {
         return on_open_with(b, server_settings(),
                             [](Settings& s) { s.config.credential.private_key = {}; });
     }},
    {Err::signer_failed, on_failing_signer},
    {Err::not_valid_now,
     [](Tested b) {
         return on_open_with(b, client_with("client-expired"),
                             [](Settings& s) { s.config.policy.check_time = true; });
     }},
    {Err::encrypted_private_key,
     [](Tested b) {
         return on_open_with(b, server_settings(), [](Settings& s) {
             s.config.credential.private_key = file("own/p256-encrypted.key.der");
         });
     }},
    {Err::no_randomness,
     [](Tested b) {
         TestEnvironment device;
         device.random_left = 0;
         Settings settings = client_settings();
         settings.environment = &device.environment;
         return connect(b, settings, b, server_settings()).client;
     }},
    {Err::clock_not_set,
     [](Tested b) {
         TestEnvironment device;
         device.clock_set = false;
         Settings settings = client_settings();
         settings.environment = &device.environment;
         return on_open(b, settings);
     }},
    {Err::no_trust_anchors,
     [](Tested b) {
         return on_open_with(b, client_settings(),
                             [](Settings& s) { s.config.trust_anchors = {}; });
     }},
    {Err::no_server_name,
     [](Tested b) {
         return on_open_with(b, client_settings(), [](Settings& s) { s.identity = {}; });
     }},
    {Err::no_peer_certificate,
     [](Tested b) { return connect(b, client_settings(), b, asking_server()).server; }},
    {Err::bad_peer_certificate, on_malformed_certificate},
    {Err::untrusted, [](Tested b) { return of_client(b, "untrusted"); }},
    {Err::expired, [](Tested b) { return of_client(b, "expired"); }},
    {Err::not_yet_valid, [](Tested b) { return of_client(b, "future"); }},
    {Err::wrong_host, [](Tested b) { return of_client(b, "wronghost"); }},
    {Err::wrong_purpose, [](Tested b) { return of_client(b, "clientonly"); }},
    {Err::weak_key, [](Tested b) { return b.can().rsa ? of_client(b, "rsa1024") : Err::weak_key; }},
    {Err::weak_signature, [](Tested b) { return of_client(b, "sha1-ecdsa"); }},
    {Err::refused_by_callback,
     [](Tested b) {
         Settings client = client_settings();
         client.config.verify_callback.accept = [](void*, Bytes, unsigned, Err) { return false; };
         return connect(b, client, b, server_settings()).client;
     }},
    {Err::pin_mismatch,
     [](Tested b) {
         Settings client = client_settings();
         client.config.pins = pins({"other-ca"});
         return connect(b, client, b, server_settings()).client;
     }},
    {Err::protocol_version,
     [](Tested b) {
         return on_input(b, server_settings(), raw::client_hello(0x0301, "\xc0\x2b"s));
     }},
    {Err::handshake_failure,
     [](Tested b) {
         return on_input(b, server_settings(), raw::client_hello(0x0303, "\x00\x05"s));
     }},
    {Err::no_common_alpn,
     [](Tested b) {
         if (!b.can().alpn) return Err::no_common_alpn;
         Settings client = client_settings(), server = server_settings();
         client.config.alpn = h2;
         server.config.alpn = http;
         return connect(b, client, b, server).server;
     }},
    {Err::unexpected_message,
     [](Tested b) {
         return on_input(b, server_settings(), raw::handshake(20, std::string(12, 'f')));
     }},
    {Err::bad_message,
     [](Tested b) { return on_input(b, server_settings(), raw::handshake(1, "")); }},
    {Err::not_tls,
     [](Tested b) { return on_input(b, server_settings(), "GET / HTTP/1.1\r\n\r\n"); }},
    {Err::bad_record, on_corruption},
    {Err::record_too_large,
     [](Tested b) {
         return on_input(b, server_settings(),
                         raw::u8(22) + raw::u16(0x0303) + raw::u16(0xffff) + "x");
     }},
    {Err::peer_alert, [](Tested b) { return on_input(b, client_settings(), raw::alert(2, 40)); }},
    {Err::handshake_timeout,
     [](Tested b) {
         TestEnvironment device;
         Settings settings = client_settings();
         settings.environment = &device.environment;
         settings.config.handshake_timeout = 1;
         Endpoint endpoint(b, settings);
         REQUIRE(endpoint.open().code == Err::none);
         OwnedSession session(b);
         REQUIRE(session->open(*endpoint.context, settings.identity).code == Err::none);
         ++device.ticks;
         session->handshake();
         return session->error().code;
     }},
    {Err::unknown_server_name, on_unknown_name},
    {Err::unknown_psk, on_unknown_psk},
    {Err::bad_signature, on_wrong_signature},
    {Err::truncated, [](Tested b) { return on_input(b, client_settings(), ""); }},
};

// Not provoked here, and why.
const struct {
    Err error;
    const char* why;
} elsewhere[] = {
    {Err::no_memory,
     "a backend that does not allocate never gives it; faults.cpp provokes it in the others"},
    {Err::no_memory_for_record,
     "a library that takes its own memory for records never gives it; release_buffers.cpp has it"},
    {Err::message_too_large,
     "a library that reads messages as they come never gives it; tests/hostile sends large ones"},
    {Err::bad_roots, "given by RootBundle::open() alone: tests/unit/root_bundle.cpp"},
    {Err::bad_pem, "given by pem::Reader alone: tests/unit/pem.cpp"},
    {Err::no_psk, "of builds without certificates: without_certificates.cpp"},
    {Err::internal, "a defect: no input may lead to it"},
};

} // namespace

EACH_BACKEND("every error of the list") {
    for (const Row& row : rows) {
        CAPTURE(std::string(name_of(row.error)));
        CHECK(row.provoke(backend) == row.error);
    }
}

EACH_BACKEND("every error of the list has a case") {
    std::set<Err> seen;
    for (const Row& row : rows)
        CHECK(seen.insert(row.error).second);
    for (const auto& row : elsewhere)
        CHECK(seen.insert(row.error).second);
    for (const NamedErr& error : all_errors) {
        CAPTURE(std::string(error.name));
        CHECK(seen.count(error.code) == 1);
    }
}
