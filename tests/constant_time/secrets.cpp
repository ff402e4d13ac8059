// Secrets are marked as undefined for valgrind's memcheck, which then reports each branch and each
// address that depends on one. tools/constant-time runs each case and reads memcheck's reports;
// without valgrind these are plain handshakes.
//
// Bytes on the wire are public, whatever they derive from. So are decrypted and authentic data, as
// they are not the keys' secrets, and whether two values are equal: the wrappers in
// backends/NAME/tests/constant_time.cpp mark them.
#include "support/each_backend.hpp"
#include "support/established.hpp"
#include "support/grid.hpp"

#include "ussl/x509/der.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <valgrind/memcheck.h>

using namespace ussl;
using namespace ussl::test;

namespace {

// Undefined until the end of the scope; the contents stay unchanged.
class Secret {
public:
    explicit Secret(Bytes bytes) : bytes_(bytes) {
        VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
    }
    ~Secret() { VALGRIND_MAKE_MEM_DEFINED(bytes_.data(), bytes_.size()); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

private:
    Bytes bytes_;
};

bool secret_random(void*, MutableBytes out) {
    if (!posix_environment().random(nullptr, out)) return false;
    VALGRIND_MAKE_MEM_UNDEFINED(out.data(), out.size());
    return true;
}

const Environment& secret_environment() {
    static const Environment environment = [] {
        Environment made = posix_environment();
        made.random = secret_random;
        return made;
    }();
    return environment;
}

// One end of the wire: what is sent is public.
struct PublicEnd {
    WireEnd wire;

    TransportResult read(MutableBytes into) { return wire.read(into); }
    TransportResult write(Bytes from) {
        VALGRIND_MAKE_MEM_DEFINED(from.data(), from.size());
        return wire.write(from);
    }
};

struct PublicSide {
    OwnedSession session;
    PublicEnd end;
    Pump<Session, PublicEnd> pump{*session, end};

    PublicSide(Endpoint& endpoint, Pipe& out, Pipe& in)
        : session(endpoint.backend), end{WireEnd(out, in)} {
        REQUIRE(session->open(*endpoint.context, endpoint.settings.identity).code == Err::none);
    }
    std::size_t read(std::string& into) {
        const PumpResult result =
            pump.read(MutableBytes(reinterpret_cast<std::uint8_t*>(into.data()), into.size()));
        VALGRIND_MAKE_MEM_DEFINED(into.data(), into.size());
        return result.bytes;
    }
};

// A handshake, and a record each way. Returns the client's session for the next one.
std::vector<std::uint8_t> converse(Endpoint& client_end, Endpoint& server_end) {
    Pipe to_server, to_client;
    PublicSide client(client_end, to_server, to_client), server(server_end, to_client, to_server);
    Status of_client = Status::want_read, of_server = Status::want_read;
    for (unsigned round = 0; round < 8 && (of_client != Status::ok || of_server != Status::ok);
         ++round) {
        if (of_client != Status::ok) of_client = client.pump.handshake().status;
        if (of_server != Status::ok) of_server = server.pump.handshake().status;
    }
    REQUIRE(of_client == Status::ok);
    REQUIRE(of_server == Status::ok);
    const std::string text(100, 'x');
    std::string came(200, ' ');
    CHECK(client.pump.write(as_bytes(text)).bytes == text.size());
    CHECK(server.read(came) == text.size());
    CHECK(server.pump.write(as_bytes(text)).bytes == text.size());
    CHECK(client.read(came) == text.size());
    return client_end.settings.config.resumption ? stored(*client.session)
                                                 : std::vector<std::uint8_t>{};
}

std::vector<std::uint8_t> converse(const BackendUnderTest& backend, const Settings& client,
                                   const Settings& server) {
    OpenEnds ends(backend, client, server);
    return converse(ends.client, ends.server);
}

// The secret numbers of a private key: ECPrivateKey's octet string (RFC 5915, 3); an
// RSAPrivateKey's private exponent, primes and CRT numbers (RFC 8017, A.1.2), each without its
// leading octets, which only show its usual length.
std::vector<Bytes> secret_numbers(Bytes key_file) {
    constexpr std::size_t leading = 2;
    der::Parser file_reader(key_file);
    der::Parser key(file_reader.expect(der::sequence));
    key.expect(der::integer); // version
    if (key.peek() == der::octet_string) return {key.expect(der::octet_string)};
    key.expect(der::integer); // modulus
    key.expect(der::integer); // public exponent
    std::vector<Bytes> numbers;
    while (key.peek() == der::integer)
        numbers.push_back(key.expect(der::integer).subspan(leading));
    return numbers;
}

// A connection in which this credential's key signs.
void sign_with(const BackendUnderTest& backend, const std::string& leaf, Role signer) {
    for (const Version version : versions_of(backend)) {
        Settings client = client_settings().versions(version),
                 server = server_settings().versions(version);
        if (signer == Role::client) server = asking_server().versions(version);
        const Credential& own = credential(leaf, ".trad");
        (signer == Role::client ? client : server).config.credential = own;
        std::vector<std::unique_ptr<Secret>> secrets;
        for (const Bytes number : secret_numbers(own.private_key))
            secrets.push_back(std::make_unique<Secret>(number));
        CAPTURE(std::string(name_of(version)));
        converse(backend, client, server);
    }
}

} // namespace

EACH_BACKEND("an ECDSA key") {
    sign_with(backend, "p256", Role::server);
    sign_with(backend, "client", Role::client);
}

EACH_BACKEND("an RSA key") {
    if (!backend.can().rsa) return;
    sign_with(backend, "rsa", Role::server);
    sign_with(backend, "client-rsa", Role::client);
}

// Ephemeral keys, and with them the premaster secret, the traffic secrets and keys, Finished and
// each record.
EACH_BACKEND("ephemeral and traffic keys") {
    for (const std::uint16_t suite : backend.backend().suites) {
        const std::string_view name = suite_name(suite);
        if (name.find("PSK") != std::string_view::npos ||
            name.find("_RSA_") != std::string_view::npos)
            continue;
        CAPTURE(std::string(name));
        const std::vector<std::uint16_t> only{suite};
        Settings client = client_settings(), server = server_settings();
        client.config.suites = only;
        client.environment = server.environment = &secret_environment();
        converse(backend, client, server);
    }
}

EACH_BACKEND("a pre-shared key") {
    if (!backend.can().psk) return;
    constexpr std::string_view identity = "sensor 7";
    std::string key(32, 'k');
    const auto find = [](void* user, Bytes, Bytes* found) {
        *found = as_bytes(*static_cast<const std::string*>(user));
        return true;
    };
    const Secret secret(as_bytes(key));
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings client, server;
        client.config.role = Role::client;
        client.config.psk = {as_bytes(identity), as_bytes(key)};
        server.config.role = Role::server;
        server.config.psk_callback = {&key, find};
        converse(backend, client.versions(version), server.versions(version));
    }
}

EACH_BACKEND("a resumed session") {
    if (!backend.can().resumption) return;
    for (const Version version : versions_of(backend)) {
        CAPTURE(std::string(name_of(version)));
        Settings client = resuming(client_settings(), version);
        Settings server = resuming(server_settings(), version);
        client.environment = server.environment = &secret_environment();
        OpenEnds ends(backend, client, server);
        const std::vector<std::uint8_t> data = converse(ends.client, ends.server);
        REQUIRE_FALSE(data.empty());
        ends.client.settings.identity.resumption = data;
        converse(ends.client, ends.server);
    }
}
