// A session with an attacker in the middle who has its secrets: records are valid, their contents
// are not. A changed handshake never completes, data are those that the peer's own records had, and
// statuses and errors are those that ussl/session.hpp promises.
//
// Input: a byte of switches, then the edits of record_editor.hpp.
#include "conversation.hpp"
#include "record_editor.hpp"

#include <algorithm>

using namespace ussl;
using namespace ussl::test;
using namespace ussl::fuzz;

namespace {

constexpr std::uint8_t to_server = 1, tls1_2 = 2, client_certificate = 4, resumed = 8;
constexpr std::uint16_t aes_128_gcm_tls1_2[] = {0xc02b}, aes_128_gcm_tls1_3[] = {0x1301};

// An end of a wire that handles each record only when it is read: by then its secrets are known.
class MiddleEnd {
public:
    MiddleEnd(Pipe& out, Pipe& in, RecordEditor& editor, const RecordEditor& other_direction)
        : end_(out, in), editor_(editor), other_(other_direction) {}

    TransportResult write(Bytes from) { return end_.write(from); }
    TransportResult read(MutableBytes into) {
        if (ready_.empty()) {
            waiting_ += end_.in().take();
            while (ready_.empty()) {
                const auto records = raw::records_of(waiting_);
                if (records.empty())
                    return {end_.in().closed ? TransportResult::Kind::ended
                                             : TransportResult::Kind::would_block};
                const std::size_t size = RecordHeader::size + records[0].body.size();
                ready_ = editor_.pass(std::string_view(waiting_).substr(0, size), other_);
                waiting_.erase(0, size);
            }
        }
        const std::size_t count = std::min(into.size(), ready_.size());
        std::copy_n(ready_.begin(), count, into.begin());
        ready_.erase(0, count);
        return {TransportResult::Kind::moved, count};
    }

private:
    WireEnd end_;
    RecordEditor& editor_;
    const RecordEditor& other_;
    std::string waiting_, ready_;
};

Secrets secrets;

// Two contexts that know each other, and the client's session to resume.
struct Acquainted {
    Contexts contexts;
    Blob resumption;
};

ContextConfig aes_128_gcm(bool tls1_3) {
    ContextConfig config;
    config.min_version = config.max_version = tls1_3 ? Version::tls1_3 : Version::tls1_2;
    config.suites =
        tls1_3 ? std::span<const std::uint16_t>(aes_128_gcm_tls1_3) : aes_128_gcm_tls1_2;
    config.resumption = true;
    return config;
}

// Sessions that must not be resumed have contexts of their own: a server's cache is small.
Acquainted& acquainted(bool tls1_3, bool with_certificate, bool to_resume) {
    static Acquainted* all[8];
    Acquainted*& known = all[(tls1_3 ? 1 : 0) + (with_certificate ? 2 : 0) + (to_resume ? 4 : 0)];
    if (known == nullptr) {
        known = new Acquainted{{aes_128_gcm(tls1_3),
                                with_certificate,
                                {&secrets, Secrets::log_of_client},
                                {&secrets, Secrets::log_of_server}},
                               {}};
        known->resumption = known->contexts.resumption_data();
    }
    return *known;
}

// The receiver of a direction has accepted nothing that was not sent.
void believes_what_was_sent(const selected::Session& receiver, const RecordEditor& editor,
                            std::string& read, Bytes text) {
    read.append(text.begin(), text.end());
    if (!editor.data().starts_with(read)) defect("data that nobody sent");
    if (receiver.is_established() && !editor.handshake_is_untouched())
        defect("established, though the handshake was changed");
    if (receiver.is_established() && editor.opaque() > 1) defect("secrets that were not logged");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t switches = data[0];
    const Bytes edits(data + 1, size - 1);
    const bool tls1_3 = (switches & tls1_2) == 0 && selected::capabilities.tls1_3;
    const bool hits_server = (switches & to_server) != 0;
    const bool resumes = (switches & resumed) != 0;
    Acquainted& known = acquainted(tls1_3, (switches & client_certificate) != 0, resumes);
    repeat_randomness();
    secrets = {};

    static selected::Session client, server;
    known.contexts.open(client, server, resumes ? Bytes(known.resumption) : Bytes{});
    Pipe there, back;
    RecordEditor from_client(hits_server ? edits : Bytes{}, tls1_3, true, secrets);
    RecordEditor from_server(hits_server ? Bytes{} : edits, tls1_3, false, secrets);
    MiddleEnd client_end(there, back, from_server, from_client);
    MiddleEnd server_end(back, there, from_client, from_server);
    Side client_side(client, client_end, there);
    Side server_side(server, server_end, back);
    std::string client_read, server_read;
    for (int round = 0; round < rounds; ++round) {
        believes_what_was_sent(client, from_server, client_read, client_side.turn(round));
        believes_what_was_sent(server, from_client, server_read, server_side.turn(round));
    }
    if (edits.empty() && (client_read != sent_text || server_read != sent_text))
        defect("an undisturbed connection lost data");
    if (edits.empty() && client.is_resumed() != resumes)
        defect("resumed though it should not be, or not resumed");
    const bool was_refused = client.error().code != Err::none;
    client.close();
    client.release();
    server.release();
    if (resumes && was_refused) known.contexts.open_client();
    secrets = {}; // allocations that are kept between runs look like leaks
    return 0;
}
