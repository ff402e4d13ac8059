// Resumption data as a program gives it back to a client: changed since it was stored, or never
// any. The frame of core/ keeps such from the backend, and the handshake is a full one. With a
// frame that is right again (as if by one who can write where it is kept, or by a fault before it
// was framed) the backend's own reader is on its own: then the handshake may fail, in good order.
//
// Input: a byte of switches, then edits as in session.cpp, or with `raw` the data.
#include "peers.hpp"

#include "support/material.hpp"
#include "support/wire.hpp"

#include "ussl/backend/resumption_frame.hpp"
#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

using namespace ussl;
using namespace ussl::test;
using namespace ussl::fuzz;

namespace {

constexpr std::uint8_t tls1_2 = 1, raw = 2, framed_again = 4;

struct Outcome {
    bool established = false, resumed = false;
    Blob data;
};

// Two contexts that know each other, and what the client has stored.
struct Acquainted {
    selected::Context client, server;
    SessionSetup setup{}; // as core/ has it for the client's sessions
    Blob data;

    explicit Acquainted(bool old_version) {
        ContextConfig config;
        config.trust_anchors = anchors({"ca"});
        config.resumption = true;
        config.min_version = config.max_version =
            old_version || !selected::capabilities.tls1_3 ? Version::tls1_2 : Version::tls1_3;
        if (client.open(config, environment).code != Err::none) defect("client");
        setup.role = Role::client;
        setup.verify = Verify::required;
        setup.expectations.identity = named("localhost");
        setup.expectations.trust_anchors = config.trust_anchors;
        config.role = Role::server;
        config.verify = Verify::none;
        config.credential = credential("p256");
        if (server.open(config, environment).code != Err::none) defect("server");
        data = connect({}).data;
        if (!connect(data).resumed) defect("not even honest data resumes");
        Blob again(data.begin() + ResumptionFrame::size(), data.end());
        if (!connect(framed(again)).resumed) defect("not framed as core/ does it");
    }

    Blob framed(Bytes inner) {
        if (!real_time(nullptr, &setup.expectations.now)) defect("time");
        Blob all(ResumptionFrame::size());
        all.insert(all.end(), inner.begin(), inner.end());
        if (!ResumptionFrame(setup, selected::backend()).write(all)) defect("frame");
        return all;
    }

    Outcome connect(Bytes resumption) {
        static selected::Session from, to;
        PeerIdentity identity = named("localhost");
        identity.resumption = resumption;
        if (from.open(client, identity).code != Err::none || to.open(server, {}).code != Err::none)
            defect("open");
        Pipe there, back;
        WireEnd client_end(there, back), server_end(back, there);
        Pump client_pump(from, client_end);
        Pump server_pump(to, server_end);
        Status mine = Status::want_read, other = Status::want_read;
        for (int round = 0; round < 8; ++round) {
            const auto turn = [](auto& session, auto& pump, Status& status, Pipe& out) {
                if (status == Status::failed || status == Status::truncated) return;
                std::uint8_t byte = 1;
                if (session.is_established())
                    status = pump.read({&byte, 1}).status; // tickets come along
                else if ((status = pump.handshake().status) == Status::ok)
                    pump.write({&byte, 1});
                check(session, status);
                if (status == Status::failed || status == Status::truncated) out.closed = true;
            };
            turn(from, client_pump, mine, there);
            turn(to, server_pump, other, back);
        }
        Outcome outcome;
        outcome.established = from.is_established() && to.is_established();
        outcome.resumed = from.is_resumed();
        outcome.data.resize(from.resumption_data({}));
        from.resumption_data(outcome.data);
        from.release();
        to.release();
        return outcome;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t switches = data[0];
    const Bytes rest(data + 1, size - 1);
    repeat_randomness();
    static Acquainted* all[2];
    Acquainted*& known = all[switches & tls1_2];
    if (known == nullptr) known = new Acquainted((switches & tls1_2) != 0);
    const Edits edits{rest};
    const auto changed = [&](Bytes stored) {
        return (switches & raw) != 0 ? Blob(rest.begin(), rest.end()) : edits.apply(stored, 0);
    };
    if ((switches & framed_again) != 0) {
        known->connect(known->framed(changed(Bytes(known->data).subspan(ResumptionFrame::size()))));
        return 0;
    }
    const Blob given = changed(known->data);
    const Outcome outcome = known->connect(given);
    if (!outcome.established) defect("no connection with resumption data that does not fit");
    if (outcome.resumed && given != known->data) defect("resumed with data that was changed");
    return 0;
}
