#include "record_editor.hpp"

#include "ussl/backend/handshake_message.hpp"
#include "ussl/backend/record.hpp"

#include <algorithm>

namespace ussl::fuzz {
namespace {

using namespace test::raw;

using content_type::change_cipher_spec, content_type::application_data;
constexpr unsigned alert_type = content_type::alert, handshake_type = content_type::handshake;
constexpr char hello_request = 0, finished = 20, key_update = 24; // RFC 8446, 4
constexpr std::size_t message_header = message_header_size(false), most_content = 0xff00;

// Whole messages that a peer may send at a wrong time.
Plaintext ready_made(unsigned which) {
    const auto message = [](unsigned type, const std::string& body) {
        return Plaintext{handshake_type, u8(type) + u24(static_cast<unsigned>(body.size())) + body};
    };
    switch (which % 14) {
    case 0: return message(0, "");                       // HelloRequest
    case 1: return message(24, u8(0));                   // KeyUpdate
    case 2: return message(24, u8(1));                   // with the request of one
    case 3: return message(4, u24(0) + u8(60) + u16(0)); // NewSessionTicket, 1.2
    case 4:
        return message(4, u16(0) + u16(60) + u24(0) + u16(7) + u8(1) + u8(0) + u16(4) + "tick" +
                              u16(0)); // and of 1.3
    case 5:
        return message(13,
                       u8(0) + sized16(extension(13, sized16(u16(0x0403))))); // CertificateRequest
    case 6: return message(11, u8(0) + u24(0));                               // Certificate, none
    case 7: return message(20, std::string(which & 128 ? 32 : 12, 'f'));      // Finished
    case 8: return {alert_type, u8(1) + u8(0)};                               // close_notify
    case 9: return {alert_type, u8(1) + u8(90)};                              // user_canceled
    case 10: return {alert_type, u8(2) + u8(40)};                             // handshake_failure
    case 11: return {change_cipher_spec, u8(1)};
    case 12: return {application_data, ""};
    default: return {application_data, "inserted"};
    }
}

// Of the handshake message that begins at `at`, its header included (RFC 8446, 4).
std::size_t message_size(std::string_view stream, std::size_t at) {
    return message_header + WireReader(as_bytes(stream.substr(at + 1))).number(3);
}

// Handshake messages.
struct Messages {
    std::string text;          // without HelloRequests
    bool has_finished = false; // and then it ends with Finished
};

Messages until_finished(const std::string& stream) {
    Messages messages;
    for (std::size_t at = 0; at + message_header <= stream.size() && !messages.has_finished;) {
        const std::size_t size = message_size(stream, at);
        const bool is_whole = stream.size() - at >= size;
        if (stream[at] != hello_request || size != message_header)
            messages.text += stream.substr(at, size);
        messages.has_finished = is_whole && stream[at] == finished;
        at += std::min(size, stream.size() - at);
    }
    return messages;
}

// Whether the last message of a record is whole and of this type.
bool ends_with(const std::string& content, char type) {
    std::size_t at = 0;
    char last = -1;
    while (at + message_header <= content.size()) {
        last = content[at];
        at += message_size(content, at);
    }
    return at == content.size() && last == type;
}

void log(std::map<std::string, std::string, std::less<>>& secrets, std::string_view line) {
    const std::size_t label_end = line.find(' '), random_end = line.find(' ', label_end + 1);
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string secret;
    for (std::size_t i = random_end + 1; i + 1 < line.size(); i += 2)
        secret += static_cast<char>(digit(line[i]) << 4 | digit(line[i + 1]));
    secrets[std::string(line.substr(0, label_end))] = secret;
}

} // namespace

std::string Secrets::find(std::string_view label, bool by_client) const {
    const auto& first = by_client ? of_client : of_server;
    const auto& second = by_client ? of_server : of_client;
    for (const auto* known : {&first, &second})
        if (const auto found = known->find(label); found != known->end()) return found->second;
    return {};
}

void Secrets::log_of_client(void* user, std::string_view line) {
    log(static_cast<Secrets*>(user)->of_client, line);
}

void Secrets::log_of_server(void* user, std::string_view line) {
    log(static_cast<Secrets*>(user)->of_server, line);
}

// The keys of this direction's present epoch, if they are known by now.
bool RecordEditor::find_keys(const RecordEditor& other_direction) {
    if (has_keys_) return true;
    if (!tls1_3_) {
        const bool by_client[2] = {client_writes_, !client_writes_};
        Half* const halves[2] = {&in_, &out_};
        for (int i = 0; i < 2; ++i) {
            const std::string secret = secrets_.find("CLIENT_RANDOM", by_client[i]);
            if (secret.empty()) return false;
            halves[i]->keys = RecordKeys::of_master_secret(
                secret, client_writes_ ? random_ : other_direction.random_,
                client_writes_ ? other_direction.random_ : random_, client_writes_);
        }
    } else {
        const std::string label =
            std::string(client_writes_ ? "CLIENT_" : "SERVER_") +
            (finished_came_ ? "TRAFFIC_SECRET_0" : "HANDSHAKE_TRAFFIC_SECRET");
        in_.secret = secrets_.find(label, client_writes_);
        out_.secret = secrets_.find(label, !client_writes_);
        if (in_.secret.empty()) return false;
        for (Half* half : {&in_, &out_}) {
            half->keys = RecordKeys::of_traffic_secret(half->secret);
            half->sequence = 0;
        }
    }
    return has_keys_ = true;
}

void RecordEditor::edit(std::vector<Item>& items) const {
    constexpr std::size_t size_of_edit = 6, most_edits = 16;
    for (std::size_t i = 0; i + size_of_edit <= std::min(edits_.size(), most_edits * size_of_edit);
         i += size_of_edit) {
        if (edits_[i] != record_) continue;
        const std::uint8_t value = edits_[i + 4], count = edits_[i + 5];
        if (items.empty()) continue;
        Item& item = items.back();
        std::string& content = item.plaintext.content;
        const std::size_t where = number16(edits_.data() + i + 2) % (content.size() + 1);
        const std::size_t room = most_content - std::min(most_content, content.size());
        const bool at_byte = where < content.size();
        switch (edits_[i + 1] % 13) {
        case 0:
            if (at_byte) content[where] = static_cast<char>(content[where] ^ value);
            break;
        case 1:
            if (at_byte) content[where] = static_cast<char>(value);
            break;
        case 2:
            content.insert(where, std::min<std::size_t>(1u + count % 64u, room),
                           static_cast<char>(value));
            break;
        case 3:
            content.insert(where, std::min<std::size_t>(256u * (1u + count), room),
                           static_cast<char>(value));
            break;
        case 4: content.erase(where, count + 1u); break;
        case 5: items.push_back(item); break;
        case 6: item.plaintext.type = value; break;
        case 7:
            items.insert(items.end() - 1,
                         {ready_made(value),
                          count % 8 == 0 ? !item.is_protected : item.is_protected, item.version});
            break;
        case 8: {
            Item rest = item;
            rest.plaintext.content.erase(0, where);
            content.erase(where);
            items.push_back(rest);
            break;
        }
        case 9: item.plaintext.padding = count * 64u; break;
        case 10: items.pop_back(); break;
        case 11: // the length of a message whose size was changed
            if (content.size() >= message_header)
                content.replace(1, 3, u24(static_cast<unsigned>(content.size() - message_header)));
            break;
        case 12: item.version = value; break;
        }
    }
}

void RecordEditor::note_change_of_keys(const Plaintext& plaintext, Half& half) const {
    if (!tls1_3_ || plaintext.type != handshake_type || !ends_with(plaintext.content, key_update))
        return;
    half.secret = next_traffic_secret(half.secret);
    half.keys = RecordKeys::of_traffic_secret(half.secret);
    half.sequence = 0;
}

std::string RecordEditor::emit(const Item& item) {
    if (item.plaintext.type == handshake_type) {
        went_ += item.plaintext.content;
        finished_went_ = finished_went_ || until_finished(went_).has_finished;
    }
    std::string out;
    if (!item.is_protected || !is_protected_ || !out_.keys.exist()) {
        out = record(item.plaintext.type, item.plaintext.content);
    } else {
        if (item.plaintext.type == application_data && finished_went_)
            data_ += item.plaintext.content;
        out = out_.keys.seal(item.plaintext, out_.sequence++);
        note_change_of_keys(item.plaintext, out_);
    }
    if (item.version != 0) out.replace(1, 2, u16(0x0300 | item.version));
    return out;
}

std::string RecordEditor::pass(std::string_view bytes, const RecordEditor& other_direction) {
    const Record record = records_of(bytes).at(0);
    const bool is_change_of_keys = record.type == change_cipher_spec;
    if (tls1_3_ && record.type == application_data) is_protected_ = true;
    const bool sealed = is_protected_ && !(tls1_3_ && is_change_of_keys);

    Plaintext plaintext{record.type, std::string(record.body)};
    if (sealed) {
        std::optional<Plaintext> opened;
        if (find_keys(other_direction)) opened = in_.keys.open(record, in_.sequence);
        ++in_.sequence;
        if (!opened) { // the keys come too late: Finished, where the key log is written after it
            ++opaque_;
            ++record_;
            ++out_.sequence;
            finished_went_ = true;
            return std::string(bytes);
        }
        plaintext = *opened;
    }
    constexpr std::size_t random_at = 6, random_size = 32;
    if (!sealed && plaintext.type == handshake_type && random_.empty() &&
        plaintext.content.size() >= random_at + random_size)
        random_ = plaintext.content.substr(random_at, random_size);
    if (plaintext.type == handshake_type) came_ += plaintext.content;

    std::vector<Item> items{{plaintext, sealed, 0}};
    edit(items);
    ++record_;
    std::string out;
    for (const Item& item : items)
        out += emit(item);
    if (!tls1_3_ && is_change_of_keys) is_protected_ = true;
    if (sealed) {
        note_change_of_keys(plaintext, in_);
        if (tls1_3_ && !finished_came_ && plaintext.type == handshake_type &&
            ends_with(plaintext.content, finished)) {
            finished_came_ = true;
            has_keys_ = false;
        }
    }
    return out;
}

bool RecordEditor::handshake_is_untouched() const {
    const Messages came = until_finished(came_), went = until_finished(went_);
    return came.has_finished ? came.text == went.text : went.text.starts_with(came.text);
}

} // namespace ussl::fuzz
