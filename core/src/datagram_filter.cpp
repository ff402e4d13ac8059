#include "ussl/backend/datagram_filter.hpp"

#include "ussl/backend/record.hpp"
#include "ussl/environment.hpp"

#include <cstring>

namespace ussl {

#if USSL_DTLS

namespace {

constexpr std::size_t record_header = RecordHeader::datagram_size;
constexpr std::size_t message_header = message_header_size(true);
constexpr std::size_t number_at = 5; // in a record's header: six bytes behind the epoch
constexpr std::size_t id_at = 11;    // the connection ID, in front of the length
constexpr std::size_t largest_header =
    record_header + (features::connection_id ? max_connection_id : 0);

// The largest ClientHello that is reassembled, and the largest message that is passed on: the
// libraries' limits.
constexpr std::size_t most_hello = 4096, most_message = USSL_RECORD_INPUT - message_header;

bool are_fragments(Bytes content) {
    WireReader messages(content);
    for (MessageFragment fragment; !messages.at_end();)
        if (!fragment.take(messages)) return false;
    return true;
}

// The messages that the other end sends in plain text (RFC 5246, 7.3). Finished is protected.
bool may_come(unsigned type, Role role) {
    using namespace handshake_type;
    switch (type) {
    case server_hello:
    case hello_verify_request:
    case new_session_ticket:
    case server_key_exchange:
    case certificate_request:
    case server_hello_done: return role == Role::client;
    case client_hello:
    case client_key_exchange:
    case certificate_verify: return role == Role::server;
    default: return type == certificate;
    }
}

// Comes before ChangeCipherSpec when a server resumes a session (RFC 5246, 7.3; RFC 5077, 3.1).
bool may_be_abbreviated(unsigned type) {
    return type == handshake_type::server_hello || type == handshake_type::new_session_ticket;
}

bool is_sound_in_plain_text(unsigned type, Bytes content, DatagramStage stage) {
    switch (type) {
    case content_type::handshake: return are_fragments(content);
    case content_type::change_cipher_spec:
        return (stage == DatagramStage::resuming || stage == DatagramStage::handshaking) &&
               content.size() == 1 && content[0] == 1;
    case content_type::alert:
        return stage != DatagramStage::unverified && stage != DatagramStage::established &&
               content.size() == alert_size;
    default: return false;
    }
}

// The last bytes of the random, which is at the start of a ClientHello's body.
constexpr std::size_t random_end = 2 + 32;
Bytes random_of(Bytes hello, std::size_t size) {
    return hello.size() < random_end ? Bytes{} : hello.subspan(random_end - size, size);
}

} // namespace

struct DatagramFilter::Datagram {
    MutableBytes space;
    std::size_t end;                          // of the input
    std::size_t id_size;                      // of connection IDs
    std::size_t read = 0, left = 0;           // bytes read so far, and bytes kept at the front
    std::uint8_t header[largest_header] = {}; // of the current record

    RecordHeader record() const { return RecordHeader(header, true, id_size); }
    Bytes id() const { return {header + id_at, id_size}; }

    // Goes to the next record: copies its header; its content follows at `read`.
    bool next() {
        if (end - read < record_header) return false;
        const std::uint8_t* const at = space.data() + read;
        const std::size_t size = RecordHeader(at, true, id_size).header_size();
        if (end - read < size) return false;
        std::memcpy(header, at, size);
        read += size;
        return record().length() <= end - read;
    }
    Bytes content() const { return {space.data() + read, record().length()}; }

    // Moves the unread bytes to the end: records may grow by further headers.
    void make_room() {
        const std::size_t unread = end - read;
        std::memmove(space.data() + space.size() - unread, space.data() + read, unread);
        end = space.size();
        read = end - unread;
    }

    // Whether a record with `content`, which lies in the datagram, fits in front of the unread
    // bytes.
    bool fits(Bytes content) const { return space.data() + left + record_header <= content.data(); }
    void put(Bytes content) {
        std::uint8_t* const to = space.data() + left;
        const std::size_t size = record().header_size();
        std::memmove(to + size, content.data(), content.size());
        write16(header + size - 2, static_cast<std::uint32_t>(content.size()));
        std::memcpy(to, header, size);
        left += size + content.size();
    }
};

void DatagramFilter::forget() {
    forget_hello();
    next_number_ = 0;
    new_hello_seen_ = false;
}

void DatagramFilter::forget_hello() {
    ussl::release(hello_);
    hello_ = nullptr;
}

std::size_t DatagramFilter::pass(MutableBytes space, std::size_t size, Role role,
                                 DatagramStage stage, std::size_t overhead,
                                 const ExpectedForm& form) {
    if (stage != DatagramStage::unverified) forget_hello();
    Datagram datagram{space, size, form.id.size()};
    bool goes_on = true;
    while (goes_on && datagram.next()) {
        const RecordHeader header = datagram.record();
        const Bytes content = datagram.content();
        const std::size_t unread = datagram.end - datagram.read - content.size();
        // HelloVerifyRequest, and records before the version is negotiated, have DTLS 1.0's number.
        const bool is_known =
            content_type::is_known(header.type()) && !content.empty() &&
            (header.version() == dtls1_2_on_wire || header.version() == dtls1_0_on_wire);
        const bool has_id = features::connection_id && header.type() == content_type::tls12_cid &&
                            !form.id.empty() && equal(datagram.id(), form.id) &&
                            header.version() == dtls1_2_on_wire;
        const bool may_lack_id = !features::connection_id || form.id.empty() || !form.is_known;
        if (header.epoch() != 0) {
            if (((is_known && may_lack_id) || has_id) && stage != DatagramStage::unverified &&
                content.size() >= overhead)
                datagram.put(content);
        } else if (is_known && is_sound_in_plain_text(header.type(), content, stage)) {
            if (header.type() == content_type::handshake) {
                goes_on = pass_fragments(datagram, role, stage);
            } else {
                number(datagram);
                datagram.put(content);
            }
        }
        datagram.read = datagram.end - unread;
    }
    return datagram.left;
}

// Puts each fragment into a record of its own. false: ignore the rest of the datagram, as there is
// no room, or a ClientHello must be answered first.
bool DatagramFilter::pass_fragments(Datagram& datagram, Role role, DatagramStage& stage) {
    WireReader first(datagram.content());
    MessageFragment fragment;
    if (fragment.take(first) && !first.at_end()) datagram.make_room();
    const Bytes content = datagram.content();
    WireReader messages(content);
    for (std::size_t at = 0; !messages.at_end();) {
        fragment.take(messages);
        const Bytes message = content.subspan(at, message_header + fragment.data.size());
        at += message.size();
        const bool is_of_use = !fragment.data.empty() || fragment.message_size == 0;
        if (!may_come(fragment.type, role) || !is_of_use || fragment.message_size > most_message)
            continue;
        const bool is_hello = fragment.type == handshake_type::client_hello;
        if (stage == DatagramStage::established) {
            const Bytes random = random_of(fragment.data, sizeof random_);
            if (is_hello && fragment.begin == 0 && !random.empty() &&
                !equal(random, Bytes{random_}))
                new_hello_seen_ = true;
            continue;
        }
        if (stage == DatagramStage::unverified) {
            if (is_hello && !pass_hello(datagram, fragment, message)) return false;
            continue;
        }
        if (stage == DatagramStage::resuming && !may_be_abbreviated(fragment.type))
            stage = DatagramStage::keyless;
        if (!datagram.fits(message)) return false;
        number(datagram);
        datagram.put(message);
    }
    return true;
}

void DatagramFilter::number(Datagram& datagram) {
    write16(datagram.header + number_at, static_cast<std::uint32_t>(next_number_ >> 32));
    write32(datagram.header + number_at + 2, static_cast<std::uint32_t>(next_number_));
    ++next_number_;
}

// For a server that waits for a cookie. Returns whether to continue with the datagram.
bool DatagramFilter::pass_hello(Datagram& datagram, const MessageFragment& fragment,
                                Bytes message) {
    const bool is_whole = fragment.is_whole();
    if (!is_whole) {
        if (!gather_hello(fragment)) return true;
        message = {hello_, message_header + hello_size_};
    }
    // It keeps its number: the answer has the same one (RFC 6347, 4.2.1).
    const std::uint8_t* const number = datagram.header + number_at;
    next_number_ = (std::uint64_t{number16(number)} << 32 | number32(number + 2)) + 1;
    const Bytes random = random_of(message.subspan(message_header), sizeof random_);
    if (!random.empty()) std::memcpy(random_, random.data(), sizeof random_);
    if (datagram.space.size() - datagram.left >= record_header + message.size())
        datagram.put(message);
    forget_hello();
    return false;
}

// Returns whether the message is complete.
bool DatagramFilter::gather_hello(const MessageFragment& fragment) {
    const std::size_t size = fragment.message_size;
    if (size > most_hello) return false;
    if (hello_ == nullptr || hello_size_ != size || hello_number_ != fragment.number) {
        forget_hello();
        const std::size_t bits = (size + 7) / 8;
        hello_ = static_cast<std::uint8_t*>(ussl::allocate(message_header + size + bits));
        if (hello_ == nullptr) return false; // the client retransmits it
        hello_size_ = hello_missing_ = static_cast<std::uint16_t>(size);
        hello_number_ = static_cast<std::uint16_t>(fragment.number);
        WireWriter header({hello_, message_header});
        write_message_header(header, handshake_type::client_hello, size, fragment.number);
        std::memset(hello_ + message_header + size, 0, bits);
    }
    std::uint8_t* const body = hello_ + message_header;
    hello_missing_ = static_cast<std::uint16_t>(hello_missing_ - fragment.put(body, body + size));
    return hello_missing_ == 0;
}

#endif

} // namespace ussl
