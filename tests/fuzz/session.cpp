// A session whose peer is honest but for what the input says: the bytes on their way to it are
// changed, put in, left out, or come from the input altogether. Whatever comes of it: statuses and
// errors are those that ussl/session.hpp promises, never a defect, never data that the peer has not
// sent.
//
// Input: a byte of switches, then either edits of five bytes each (where, what, by which value) or,
// with `raw`, the bytes themselves. The first 32 edits count.
#include "peers.hpp"

#include "support/material.hpp"
#include "support/wire.hpp"

#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

#include <cstring>

using namespace ussl;
using namespace ussl::test;
using namespace ussl::fuzz;

namespace {

constexpr std::uint8_t to_server = 1, tls1_2 = 2, raw = 4, client_certificate = 8, in_pieces = 16;
constexpr std::string_view sent_text = "the only text that may ever be read";

// A wire's end whose writes are changed on their way.
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

struct Contexts {
    selected::Context client, server;

    Contexts(bool old_version, bool with_certificate) {
        ContextConfig config;
        config.trust_anchors = anchors({"ca"});
        if (old_version || !selected::capabilities.tls1_3)
            config.min_version = config.max_version = Version::tls1_2;
        config.role = Role::client;
        config.credential = with_certificate ? credential("client") : Credential{};
        if (client.open(config, environment).code != Err::none) defect("client");
        config.role = Role::server;
        config.verify = with_certificate ? Verify::required : Verify::none;
        config.credential = credential("p256");
        if (server.open(config, environment).code != Err::none) defect("server");
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t switches = data[0];
    const Bytes rest(data + 1, size - 1);
    static Contexts* all[4];
    Contexts*& contexts =
        all[(switches & tls1_2 ? 1 : 0) + (switches & client_certificate ? 2 : 0)];
    if (contexts == nullptr)
        contexts = new Contexts((switches & tls1_2) != 0, (switches & client_certificate) != 0);
    repeat_randomness();

    static selected::Session client, server;
    if (client.open(contexts->client, named("localhost")).code != Err::none ||
        server.open(contexts->server, {}).code != Err::none)
        defect("open");
    Pipe there, back;
    if ((switches & in_pieces) != 0) there.max_read = back.max_read = 3;
    const Edits edits{rest};
    const bool hits_server = (switches & to_server) != 0, only_raw = (switches & raw) != 0;
    EditingEnd client_end(there, back, hits_server && !only_raw ? &edits : nullptr);
    EditingEnd server_end(back, there, !hits_server && !only_raw ? &edits : nullptr);
    Pump client_pump(client, client_end);
    Pump server_pump(server, server_end);
    // With raw bytes there is no peer: they are all that comes, and then the end.
    if (only_raw) {
        Pipe& towards = hits_server ? there : back;
        towards.inject(rest);
        towards.closed = true;
    }
    Status client_status = Status::want_read, server_status = Status::want_read;
    std::uint8_t buffer[256];
    bool client_wrote = false, server_wrote = false;
    for (int round = 0; round < 12; ++round) {
        const auto turn = [&](auto& session, auto& pump, Status& status, bool& wrote, Pipe& out) {
            if (status == Status::closed || status == Status::truncated || status == Status::failed)
                return;
            if (!session.is_established()) {
                status = pump.handshake().status;
            } else {
                if (!wrote) wrote = pump.write(as_bytes(sent_text)).bytes == sent_text.size();
                const PumpResult got = pump.read(buffer);
                status = got.status;
                if (got.bytes > sent_text.size() ||
                    std::memcmp(buffer, sent_text.data(), got.bytes) != 0)
                    defect("data that nobody sent");
                if (round == 10 && status == Status::want_read) {
                    pump.close();
                    status = Status::closed; // for this side
                    return;
                }
            }
            check(session, status);
            if (status == Status::truncated || status == Status::failed) out.closed = true;
        };
        if (!only_raw || !hits_server)
            turn(client, client_pump, client_status, client_wrote, there);
        if (!only_raw || hits_server) turn(server, server_pump, server_status, server_wrote, back);
        if (only_raw && round == 3) break;
    }
    if (only_raw && (hits_server ? server : client).is_established())
        defect("established with nobody");
    client.close();
    client.release();
    server.release();
    return 0;
}
