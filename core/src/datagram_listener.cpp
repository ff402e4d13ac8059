#include "ussl/datagram_listener.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"

#include <cstring>

namespace ussl {

namespace {

constexpr std::size_t record_header = RecordHeader::datagram_size;
constexpr std::size_t sha256_size = 32, sha256_block = 64;

// RFC 2104.
bool hmac_sha256(const Backend& backend, const std::uint8_t (&key)[32], MutableBytes message,
                 std::uint8_t (&mac)[sha256_size]) {
    // The caller has left room for the inner hash's block in front of the message.
    const auto pad = [&key](std::uint8_t* block, std::uint8_t with) {
        for (std::size_t i = 0; i < sha256_block; ++i)
            block[i] = static_cast<std::uint8_t>((i < sizeof key ? key[i] : 0) ^ with);
    };
    std::uint8_t outer[sha256_block + sha256_size], inner[sha256_size];
    pad(message.data(), 0x36);
    pad(outer, 0x5c);
    bool done = backend.sha256(message, inner);
    std::memcpy(outer + sha256_block, inner, sizeof inner);
    done = done && backend.sha256(Bytes{outer}, mac);
    wipe(MutableBytes{outer});
    wipe(message.first(sha256_block));
    return done;
}

// Type, version, epoch and number of a record, and its length.
void write_record_header(WireWriter& into, unsigned version, Bytes number, std::size_t size) {
    into.number(content_type::handshake, 1);
    into.number(version, 2);
    into.bytes(number);
    into.number(size, 2);
}

// Epoch and number.
Bytes number_of(const Bytes& record) { return record.subspan(3, 8); }

} // namespace

// The fields of a ClientHello up to the cookie (RFC 6347, 4.2.1).
struct DatagramListener::Opening {
    Bytes version_random_session, random, cookie;

    // false: not a ClientHello, or cut short before the end of the cookie.
    bool read(const Bytes& hello) {
        WireReader reader(hello);
        const std::uint32_t version = reader.number(2);
        random = reader.bytes(random_size);
        const Bytes session = reader.vector(1);
        cookie = reader.vector(1);
        version_random_session =
            hello.first(reader.is_bad() ? 0 : 2 + random_size + 1 + session.size());
        return !reader.is_bad() && version >> 8 == dtls1_2_on_wire >> 8 && session.size() <= 32;
    }
};

Err DatagramListener::open(const Backend& backend, const Environment& environment,
                           std::span<Pieces> pieces) {
    close();
    if (!backend.capabilities.dtls || !backend.capabilities.server ||
        environment.milliseconds == nullptr)
        return Err::unsupported;
    if (!environment.random(environment.user, MutableBytes{key_})) return Err::no_randomness;
    backend_ = &backend;
    environment_ = &environment;
    pieces_ = pieces;
    for (Pieces& each : pieces_)
        each.client_id_size = 0;
    return Err::none;
}

void DatagramListener::close() {
    wipe(MutableBytes{key_});
    backend_ = nullptr;
    answer_ = hello_ = random_ = {};
}

DatagramListener::Action DatagramListener::receive(Bytes datagram, Bytes client_id) {
    answer_ = hello_ = random_ = {};
    if (backend_ == nullptr || client_id.empty() || client_id.size() > max_client_id)
        return Action::drop;
    Action action = Action::deliver;
    while (datagram.size() > record_header && action != Action::answer &&
           action != Action::accept) {
        const RecordHeader header(datagram.data(), true);
        const std::size_t size = header.record_size();
        if (size > datagram.size()) break;
        const Bytes record = datagram.first(size);
        datagram = datagram.subspan(size);
        if (header.type() != content_type::handshake || header.epoch() != 0 ||
            size == record_header || record[record_header] != handshake_type::client_hello) {
            if (action == Action::deliver) break; // a datagram with a ClientHello starts with it
            continue;
        }
        WireReader messages(record.subspan(record_header));
        MessageFragment part;
        action = header.version() >> 8 == dtls1_2_on_wire >> 8 && part.take(messages) &&
                         messages.at_end()
                     ? handle_fragment(record, part, client_id)
                     : Action::drop;
    }
    return action;
}

DatagramListener::Action
DatagramListener::handle_fragment(Bytes record, const MessageFragment& part, Bytes client_id) {
    if (part.begin == 0) return handle_first_fragment(record, part, client_id);
    Pieces* const pieces = find(part.number, client_id);
    return pieces != nullptr && pieces->size == part.message_size
               ? put_together(record, part, *pieces, client_id)
               : Action::drop;
}

// The cookie is near the beginning: if the message is fragmented, the first fragment has it.
DatagramListener::Action DatagramListener::handle_first_fragment(Bytes record,
                                                                 const MessageFragment& part,
                                                                 Bytes client_id) {
    Opening opening;
    if (part.message_size > max_hello || !opening.read(part.data)) return Action::drop;
    if (!is_own_cookie(opening, client_id)) return refuse(record, part, opening, client_id);
    if (part.data.size() == part.message_size) {
        hello_ = record;
        random_ = opening.random;
        return Action::accept;
    }
    Pieces* const pieces = claim(part, client_id);
    return pieces != nullptr ? put_together(record, part, *pieces, client_id) : Action::drop;
}

// RFC 6347, 4.2.1: the answer has the numbers of the ClientHello, so the server stores nothing.
DatagramListener::Action DatagramListener::refuse(Bytes record, const MessageFragment& part,
                                                  const Opening& opening, Bytes client_id) {
    static_assert(answer_size < hello_header + 2 + random_size + 1 + 1,
                  "an answer is shorter than the shortest ClientHello");
    std::uint8_t cookie[cookie_size];
    if (!make_cookie(period(), opening, client_id, cookie)) return Action::drop;
    constexpr std::size_t size = 2 + 1 + cookie_size;
    WireWriter answer(MutableBytes{answer_bytes_});
    write_record_header(answer, dtls1_0_on_wire, number_of(record),
                        message_header_size(true) + size);
    write_message_header(answer, handshake_type::hello_verify_request, size, part.number);
    answer.number(dtls1_0_on_wire, 2);
    answer.vector(Bytes{cookie}, 1);
    answer_ = Bytes{answer_bytes_};
    return Action::answer;
}

// Makes one message in one record of the fragments. The record has the number of the one that came
// last, as the server's next record does (RFC 6347, 4.2.1). The handshake hashes the whole message,
// however it was fragmented (4.2.6).
DatagramListener::Action DatagramListener::put_together(Bytes record, const MessageFragment& part,
                                                        Pieces& pieces, Bytes client_id) {
    pieces.missing = static_cast<std::uint16_t>(
        pieces.missing - part.put(pieces.datagram + hello_header, pieces.has));
    if (pieces.missing != 0) return Action::drop;
    pieces.client_id_size = 0;
    // Anybody may have sent the other fragments, and they may overlap the verified one.
    Opening opening;
    if (!opening.read({pieces.datagram + hello_header, pieces.size}) ||
        !is_own_cookie(opening, client_id))
        return Action::drop;
    WireWriter headers(MutableBytes{pieces.datagram, hello_header});
    write_record_header(headers, RecordHeader(record.data(), true).version(), number_of(record),
                        message_header_size(true) + pieces.size);
    write_message_header(headers, handshake_type::client_hello, pieces.size, pieces.message_number);
    hello_ = Bytes(pieces.datagram, hello_header + pieces.size);
    random_ = opening.random;
    return Action::accept;
}

DatagramListener::Pieces* DatagramListener::find(unsigned message_number, Bytes client_id) const {
    for (Pieces& each : pieces_)
        if (equal({each.client_id, each.client_id_size}, client_id) &&
            each.message_number == message_number)
            return &each;
    return nullptr;
}

// The Pieces of this message; otherwise free ones; otherwise the oldest.
DatagramListener::Pieces* DatagramListener::claim(const MessageFragment& part,
                                                  Bytes client_id) const {
    Pieces* chosen = find(part.number, client_id);
    if (chosen != nullptr && chosen->size == part.message_size) return chosen;
    const std::uint32_t now = environment_->milliseconds(environment_->user);
    const auto age = [now](const Pieces& of) {
        return of.client_id_size == 0 ? UINT32_MAX : now - of.since;
    };
    if (chosen == nullptr) {
        for (Pieces& each : pieces_)
            if (chosen == nullptr || age(each) > age(*chosen)) chosen = &each;
        if (chosen == nullptr) return nullptr;
    }
    std::memcpy(chosen->client_id, client_id.data(), client_id.size());
    chosen->client_id_size = static_cast<std::uint8_t>(client_id.size());
    chosen->message_number = static_cast<std::uint16_t>(part.number);
    chosen->size = chosen->missing = static_cast<std::uint16_t>(part.message_size);
    chosen->since = now;
    std::memset(chosen->has, 0, sizeof chosen->has);
    return chosen;
}

// Counts periods of about a minute. A cookie is valid in its own period and in the next one.
std::uint32_t DatagramListener::period() const {
    return environment_->milliseconds(environment_->user) >> 16;
}

bool DatagramListener::make_cookie(std::uint32_t period, const Opening& opening, Bytes client_id,
                                   std::uint8_t (&cookie)[cookie_size]) const {
    std::uint8_t message[sha256_block + 4 + 1 + max_client_id + 2 + random_size + 1 + 32];
    WireWriter fields(MutableBytes{message}.subspan(sha256_block));
    fields.number(period, 4);
    fields.vector(client_id, 1);
    fields.bytes(opening.version_random_session);
    return hmac_sha256(*backend_, key_, MutableBytes{message}.first(sha256_block + fields.size()),
                       cookie);
}

bool DatagramListener::is_own_cookie(const Opening& opening, Bytes client_id) const {
    if (opening.cookie.size() != cookie_size) return false;
    const std::uint32_t now = period();
    // When the environment's milliseconds wrap, so does the period.
    for (const std::uint32_t each : {now, (now - 1) & 0xffff}) {
        std::uint8_t cookie[cookie_size];
        if (make_cookie(each, opening, client_id, cookie) && equal(opening.cookie, Bytes{cookie}))
            return true;
    }
    return false;
}

} // namespace ussl
