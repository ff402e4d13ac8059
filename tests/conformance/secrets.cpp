// Keys do not outlive their use.
#include "support/differences.hpp"
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include "ussl/x509/der.hpp"

#include <algorithm>
#include <array>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// The private number of a test key: ECPrivateKey's octet string (RFC 5915, 3), or the first bytes
// of RSAPrivateKey's private exponent (RFC 8017, A.1.2).
Bytes private_number(const std::string& leaf) {
    der::Parser file_reader(file(leaf + ".key.trad.der"));
    der::Parser key(file_reader.expect(der::sequence));
    key.expect(der::integer); // version
    if (key.peek() == der::octet_string) return key.expect(der::octet_string);
    key.expect(der::integer); // modulus
    key.expect(der::integer); // public exponent
    const Bytes exponent = key.expect(der::integer);
    return exponent.size() < 64 ? Bytes{} : exponent.last(64);
}

bool all_zero(Bytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(),
                       [](std::uint8_t byte) { return byte == 0 || byte == OwnedSession::fill; });
}

unsigned nibble(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

// Watches the secret at the end of a key log's line.
void watch_for_logged(void*, std::string_view line) {
    const std::string_view hex = line.substr(line.rfind(' ') + 1);
    Blob secret(hex.size() / 2);
    for (std::size_t i = 0; i < secret.size(); ++i)
        secret[i] = static_cast<std::uint8_t>(nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]));
    heap::watch_for(secret);
    wipe(secret);
}

} // namespace

EACH_BACKEND("a private key is nowhere in freed memory, nor in a closed context or session") {
    for (const char* leaf : {"p256", "p384", "rsa"}) {
        if ((std::string_view(leaf) == "rsa" && !backend.can().rsa) ||
            (std::string_view(leaf) == "p384" && !backend.can().ecdsa_p384))
            continue;
        for (const Version version : versions_of(backend)) {
            CAPTURE(std::string(leaf));
            CAPTURE(std::string(name_of(version)));
            const Bytes secret = private_number(leaf);
            REQUIRE(secret.size() >= 32);
            heap::watch_for(secret);
            {
                Settings server = server_settings();
                server.config.credential = credential(leaf);
                OpenEnds ends(backend, client_settings().versions(version),
                              server.versions(version));
                Connection connection(ends.client, ends.server);
                CHECK(connection.establish());
                connection.server.session->release();
                CHECK_FALSE(heap::holds(connection.server.session.storage(), secret));
                ends.server.context->close();
                CHECK_FALSE(heap::holds(ends.server.context.storage(), secret));
            }
            CHECK(heap::end_watch() == 0);
        }
    }
}

EACH_BACKEND("a released session's memory is zero, except for its state") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        link.client().session->release();
        // Only the settings' copy and the state machine's few words in front of the engine may
        // remain.
        CHECK(all_zero(link.client().session.storage().subspan(576)));
        // The server's session still exists: its memory is not zero, so this test can fail.
        CHECK_FALSE(all_zero(link.server().session.storage().subspan(576)));
    }
}

EACH_BACKEND("received data is nowhere in freed memory") {
    const std::string message = "a message that nobody else may read";
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        heap::watch_for(as_bytes(message));
        {
            Established link(backend, version);
            link.server().write(message);
            link.client().read_all();
            CHECK(link.client().received == message);
        }
        CHECK(heap::end_watch() == 0);
    }
}

EACH_BACKEND("data that was not read to its end is wiped") {
    const std::string message = "a message that nobody else may read";
    for (const Version version : versions_of(backend))
        for (const std::size_t before : {10u, 8000u}) {
            CAPTURE(std::string(name_of(version)));
            CAPTURE(before);
            heap::watch_for(as_bytes(message));
            {
                Established link(backend, version);
                link.server().write(std::string(before, 'x') + message);
                std::uint8_t some[10];
                CHECK(link.client().pump.read(some).bytes == sizeof some);
                CHECK(link.client().session->readable() == before + message.size() - sizeof some);
            }
            CHECK(heap::end_watch() == 0);
        }
}

EACH_BACKEND("traffic secrets are nowhere in the process once the session is released") {
    if (!backend.can().key_log) return;
    for (const Version version : versions_of(backend))
        for (const bool resumes : {false, true}) {
            if (resumes && !backend.can().resumption) continue;
            CAPTURE(std::string(name_of(version)));
            CAPTURE(resumes);
            // The C library decides what remains of freed memory with secrets.
            const bool stay = differs(backend, Difference::traffic_secrets_stay);
            Settings client = client_settings().versions(version),
                     server = server_settings().versions(version);
            client.config.key_log = server.config.key_log = {nullptr, watch_for_logged};
            client.config.resumption = server.config.resumption = resumes;
            Blob kept;
            {
                OpenEnds ends(backend, client, server);
                for (int i = 0; i < (resumes ? 3 : 1); ++i) {
                    PeerIdentity identity = client.identity;
                    identity.resumption = kept;
                    Connection link(ends.client, ends.server, identity);
                    REQUIRE(link.establish());
                    CHECK(link.client.session->is_resumed() == (i != 0));
                    link.server.write("hello");
                    link.client.read_all();
                    // So that this test can fail.
                    if (heap::process_is_searched_whole) CHECK(heap::process_holds_watched());
                    wipe(kept);
                    kept.resize(link.client.session->resumption_data({}));
                    link.client.session->resumption_data(kept);
                    link.client.pump.close();
                    link.server.read_all();
                }
                // A context that issues no tickets may store its sessions' secrets.
                if (!resumes && !stay) CHECK_FALSE(heap::process_holds_watched());
            }
            wipe(kept);
            if (!stay) CHECK_FALSE(heap::process_holds_watched());
            CHECK(heap::end_watch() == 0);
        }
}

EACH_BACKEND("a pre-shared key is nowhere in freed memory, nor in a closed context or session") {
    if (!backend.can().psk) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Blob key(32);
        REQUIRE(posix_environment().random(nullptr, key));
        heap::watch_for(key);
        {
            Settings client, server;
            client.config.psk = {as_bytes("sensor"), key};
            server.config.role = Role::server;
            server.config.psk_callback = {&key, [](void* user, Bytes, Bytes* found) {
                                              *found = *static_cast<Blob*>(user);
                                              return true;
                                          }};
            OpenEnds ends(backend, client.versions(version), server.versions(version));
            Connection link(ends.client, ends.server);
            CHECK(link.establish());
        }
        CHECK(heap::process_holds_watched()); // the caller's own
        wipe(key);
        CHECK_FALSE(heap::process_holds_watched());
        CHECK(heap::end_watch() == 0);
    }
}

// Except for the part that a client sends in the clear: a ticket or an ID.
EACH_BACKEND("resumption data is nowhere in freed memory") {
    if (!backend.can().resumption) return;
    constexpr std::size_t frame = 40, window = 24;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings client = client_settings().versions(version),
                 server = server_settings().versions(version);
        client.config.resumption = server.config.resumption = true;
        std::size_t watched = 0;
        {
            OpenEnds ends(backend, client, server);
            Connection link(ends.client, ends.server);
            REQUIRE(link.establish());
            link.server.write("hello");
            link.client.read_all();
            const Blob data = stored(*link.client.session);
            PeerIdentity identity = client.identity;
            identity.resumption = data;
            Connection next(ends.client, ends.server, identity);
            REQUIRE(next.client.session->handshake() == Status::want_read);
            const Blob hello(next.client.session->output().begin(),
                             next.client.session->output().end());
            // A library may keep a digest of the peer's certificate if it need not keep the
            // certificate.
            std::uint8_t digest[32];
            REQUIRE(backend.backend().sha256(credential("p256").chain.front(), digest));
            for (std::size_t at = frame; at + window <= data.size(); at += 8) {
                const Bytes piece = Bytes(data).subspan(at, window);
                // Nor are short numbers and padding secret.
                std::array<std::uint8_t, window> sorted;
                std::copy(piece.begin(), piece.end(), sorted.begin());
                std::sort(sorted.begin(), sorted.end());
                if (std::unique(sorted.begin(), sorted.end()) - sorted.begin() < 18 ||
                    heap::holds(hello, piece.first(8)) || heap::holds(hello, piece.last(8)) ||
                    heap::holds(digest, piece.first(8)) || heap::holds(digest, piece.last(8)))
                    continue;
                heap::watch_for(piece);
                ++watched;
            }
            REQUIRE(next.establish());
            CHECK(next.client.session->is_resumed());
        }
        CHECK(watched != 0);
        CHECK(heap::end_watch() == 0);
    }
}
