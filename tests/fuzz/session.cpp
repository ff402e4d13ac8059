// A session with an honest peer, except for the input: the bytes on the way to the session are
// changed, inserted, left out, or all come from the input. In any case statuses and errors are
// those that ussl/session.hpp promises, never a defect, never data that the peer has not sent.
//
// Input: a byte of switches, then either edits of five bytes each (where, what, by which value) or,
// with `raw`, the bytes themselves. The first 32 edits count.
#include "conversation.hpp"

#include <algorithm>

using namespace ussl;
using namespace ussl::test;
using namespace ussl::fuzz;

namespace {

constexpr std::uint8_t to_server = 1, tls1_2 = 2, raw = 4, client_certificate = 8, in_pieces = 16;

// An end of a wire whose writes are changed on the way.
class EditingEnd {
public:
    EditingEnd(Pipe& out, Pipe& in, const Edits* edits) : end_(out, in), edits_(edits) {}
    TransportResult read(MutableBytes into) { return end_.read(into); }
    TransportResult write(Bytes from) {
        if (edits_ == nullptr) return end_.write(from);
        end_.out().inject(edits_->apply(from, written_));
        written_ += from.size();
        return {TransportResult::Kind::moved, from.size()};
    }

private:
    WireEnd end_;
    const Edits* edits_;
    std::size_t written_ = 0;
};

Contexts& contexts_for(std::uint8_t switches) {
    static Contexts* all[4];
    Contexts*& contexts =
        all[(switches & tls1_2 ? 1 : 0) + (switches & client_certificate ? 2 : 0)];
    if (contexts == nullptr) {
        ContextConfig config;
        if ((switches & tls1_2) != 0 || !selected::capabilities.tls1_3)
            config.min_version = config.max_version = Version::tls1_2;
        contexts = new Contexts(config, (switches & client_certificate) != 0);
    }
    return *contexts;
}

void only_what_was_sent(Bytes text) {
    if (text.size() > sent_text.size() ||
        !std::equal(text.begin(), text.end(), as_bytes(sent_text).begin()))
        defect("data that nobody sent");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t switches = data[0];
    const Bytes rest(data + 1, size - 1);
    Contexts& contexts = contexts_for(switches);
    repeat_randomness();

    static selected::Session client, server;
    contexts.open(client, server);
    Pipe there, back;
    if ((switches & in_pieces) != 0) there.max_read = back.max_read = 3;
    const Edits edits{rest};
    const bool hits_server = (switches & to_server) != 0, only_raw = (switches & raw) != 0;
    EditingEnd client_end(there, back, hits_server && !only_raw ? &edits : nullptr);
    EditingEnd server_end(back, there, !hits_server && !only_raw ? &edits : nullptr);
    Side client_side(client, client_end, there);
    Side server_side(server, server_end, back);
    // With raw bytes there is no peer: only these come, and then the end.
    if (only_raw) {
        Pipe& towards = hits_server ? there : back;
        towards.inject(rest);
        towards.closed = true;
    }
    for (int round = 0; round < (only_raw ? 4 : rounds); ++round) {
        if (!only_raw || !hits_server) only_what_was_sent(client_side.turn(round));
        if (!only_raw || hits_server) only_what_was_sent(server_side.turn(round));
    }
    if (only_raw && (hits_server ? server : client).is_established())
        defect("established with nobody");
    client.close();
    client.release();
    server.release();
    return 0;
}
