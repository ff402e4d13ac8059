// Keys do not outlive what used them.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"
#include "support/heap.hpp"

#include "ussl/x509/der.hpp"

#include <algorithm>
#include <string>

using namespace ussl;
using namespace ussl::test;

namespace {

// The private number of a test key: ECPrivateKey's octet string (RFC 5915, 3), or the front of
// RSAPrivateKey's private exponent (RFC 8017, A.1.2).
Bytes private_number(const std::string& leaf) {
    der::Reader file_reader(file(leaf + ".key.trad.der"));
    der::Reader key(file_reader.expect(der::sequence));
    key.expect(der::integer); // version
    if (key.peek() == der::octet_string) return key.expect(der::octet_string);
    key.expect(der::integer); // modulus
    key.expect(der::integer); // public exponent
    const Bytes exponent = key.expect(der::integer);
    return exponent.size() < 64 ? Bytes{} : exponent.last(64);
}

bool all_zero(Bytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
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
                Endpoint client_end(backend, client_settings().versions(version));
                Endpoint server_end(backend, server.versions(version));
                REQUIRE(client_end.open().code == Err::none);
                REQUIRE(server_end.open().code == Err::none);
                Connection connection(client_end, server_end);
                CHECK(connection.establish());
                connection.server.session->release();
                CHECK_FALSE(heap::holds(connection.server.session.storage(), secret));
                server_end.context->close();
                CHECK_FALSE(heap::holds(server_end.context.storage(), secret));
            }
            CHECK(heap::end_watch() == 0);
        }
    }
}

EACH_BACKEND("a released session's memory is zero, but for its state") {
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Established link(backend, version);
        link.client().session->release();
        // What is left is the settings' copy and the state machine's few words in front of the
        // engine.
        CHECK(all_zero(link.client().session.storage().subspan(512)));
        // The server's session still lives: its memory is not zero, so this test can fail.
        CHECK_FALSE(all_zero(link.server().session.storage().subspan(512)));
    }
}

EACH_BACKEND("data that was received is nowhere in freed memory") {
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
