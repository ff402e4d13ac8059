// ClientHellos that a server refuses, with an alert and nothing else, on every backend alike; and
// the largest that it takes.
#include "support/connection.hpp"
#include "support/each_backend.hpp"
#include "support/raw.hpp"

#include <algorithm>
#include <vector>

using namespace ussl;
using namespace ussl::test;

namespace {

constexpr unsigned ecdhe_ecdsa = 0xc02b, fatal = 2;

// The result of a server with all of the backend's versions, for these bytes.
struct Answer {
    Error error;
    std::string sent;

    Answer(const BackendUnderTest& backend, const std::string& bytes) {
        Endpoint endpoint(backend, server_settings());
        REQUIRE(endpoint.open().code == Err::none);
        Pipe out, in;
        Side side(backend, out, in);
        REQUIRE(side.session->open(*endpoint.context, {}).code == Err::none);
        in.inject(as_bytes(bytes));
        for (int i = 0; i < 20 && side.pump.handshake().status != Status::failed; ++i) {
        }
        error = side.session->error();
        side.pump.flush();
        sent = out.take();
    }

    // The server's alert, if it sends nothing else; otherwise -1.
    int alert() const {
        const auto records = raw::records_of(sent);
        const bool one = records.size() == 1 && records[0].type == 21 &&
                         records[0].body.size() == 2 && records[0].body[0] == fatal;
        return one ? records[0].body[1] : -1;
    }
};

std::string hello(const std::string& extensions, const std::string& compressions = raw::u8(0)) {
    return raw::client_hello(0x0303, raw::u16(ecdhe_ecdsa), extensions, compressions);
}

// In records of the largest size.
std::string in_records(const std::string& message) {
    constexpr std::size_t largest = 16384;
    std::string records;
    for (std::size_t at = 0; at < message.size(); at += largest)
        records += raw::record(22, message.substr(at, largest));
    return records;
}

// A ClientHello whose body has `size` bytes, most of them padding (RFC 7685).
std::string hello_of(std::size_t size) {
    constexpr std::size_t around = 2 + 32 + 1 + (2 + 2) + (1 + 1) + 2, header = 4;
    const std::string usual = raw::usual_extensions();
    const std::string extensions =
        usual + raw::extension(21, std::string(size - around - usual.size() - header, '\0'));
    const std::string body = raw::u16(0x0303) + std::string(32, 'r') + raw::u8(0) +
                             raw::sized16(raw::u16(ecdhe_ecdsa)) + raw::u8(1) + raw::u8(0) +
                             raw::sized16(extensions);
    REQUIRE(body.size() == size);
    return in_records(raw::u8(1) + raw::u24(static_cast<unsigned>(size)) + body);
}

} // namespace

EACH_BACKEND("a ClientHello that the RFCs forbid is answered with an alert alone") {
    using namespace raw;
    const std::string usual = usual_extensions();
    const std::string without_formats =
        extension(10, sized16(u16(23))) + extension(13, sized16(u16(0x0403)));
    constexpr int handshake_failure = 40, illegal_parameter = 47, decode_error = 50;
    const struct {
        const char* what;
        std::string hello;
        std::vector<int> alerts; // the RFC's; if it names none, those that fit
    } rows[] = {
        // RFC 5746, 3.6
        {"renegotiation_info that is not empty",
         hello(usual + extension(0xff01, u8(1) + u8(7))),
         {handshake_failure}},
        // RFC 6066, 3
        {"an empty list of names", hello(usual + extension(0, u16(0))), {decode_error}},
        {"a list of names with an empty one",
         hello(usual + extension(0, sized16(u8(0) + u16(0)))),
         {decode_error}},
        // RFC 8422, 5.1.2
        {"no point formats in their list",
         hello(without_formats + extension(11, u8(0))),
         {decode_error}},
        {"compressed points alone",
         hello(without_formats + extension(11, u8(1) + u8(1))),
         {illegal_parameter, decode_error}},
        // RFC 5246, 7.4.1.2
        {"no null compression",
         hello(usual, u8(1)),
         {illegal_parameter, decode_error, handshake_failure}},
        {"no compression method",
         hello(usual, ""),
         {illegal_parameter, decode_error, handshake_failure}},
        {"an extension twice",
         hello(usual + extension(23, "") + extension(23, "")),
         {illegal_parameter, decode_error}},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        const Answer answer(backend, row.hello);
        CAPTURE(answer.alert());
        CHECK(std::find(row.alerts.begin(), row.alerts.end(), answer.alert()) != row.alerts.end());
        CHECK(
            (answer.error.code == Err::bad_message || answer.error.code == Err::handshake_failure));
    }
    CHECK(Answer(backend, hello(usual)).error.code == Err::none);
}

EACH_BACKEND("the largest ClientHello is the same on each backend") {
    const Answer largest(backend, hello_of(USSL_HANDSHAKE_MESSAGE));
    CHECK(largest.error.code == Err::none);
    CHECK(raw::records_of(largest.sent).front().type == 22);
    const Answer larger(backend, hello_of(USSL_HANDSHAKE_MESSAGE + 1));
    CHECK(larger.error.code == Err::message_too_large);
    CHECK(larger.alert() >= 0);
}
