// Resumption data that a program gives back to a client: changed since they were stored, or never
// valid. The frame of core/ keeps these from the backend, and the handshake is a full one. If the
// frame is right again (as by an attacker who can write to the storage, or by a fault before
// framing) the backend's own reader has to cope: the handshake may fail, but in order.
//
// Input: a byte of switches, then edits as in session.cpp, or with `raw` the data.
#include "conversation.hpp"

#include "ussl/backend/resumption_frame.hpp"

using namespace ussl;
using namespace ussl::test;
using namespace ussl::fuzz;

namespace {

constexpr std::uint8_t tls1_2 = 1, raw = 2, framed_again = 4;

ContextConfig resuming(bool old_version) {
    ContextConfig config;
    config.resumption = true;
    config.min_version = config.max_version =
        old_version || !selected::capabilities.tls1_3 ? Version::tls1_2 : Version::tls1_3;
    return config;
}

struct Outcome {
    bool established = false, resumed = false;
};

// Two contexts that know each other, and the client's stored session.
struct Acquainted {
    Contexts contexts;
    SessionSetup setup{}; // as core/ has it for the client's sessions
    Blob data;

    explicit Acquainted(bool old_version)
        : contexts(resuming(old_version), false), data(contexts.resumption_data()) {
        setup.role = Role::client;
        setup.verify = Verify::required;
        setup.session_lifetime = max_session_lifetime;
        setup.expectations.identity = named("localhost");
        setup.expectations.trust_anchors = anchors({"ca"});
        if (!connect(data).resumed) defect("unchanged data does not resume");
        const Blob again(data.begin() + ResumptionFrame::size(), data.end());
        if (!connect(framed(again)).resumed) defect("not framed as core/ does it");
    }

    Blob framed(Bytes inner) {
        if (!real_time(nullptr, &setup.expectations.now)) defect("time");
        Blob all(ResumptionFrame::size());
        all.insert(all.end(), inner.begin(), inner.end());
        const Verified verified{setup.expectations.now, INT64_MAX};
        if (!ResumptionFrame(setup, selected::backend()).write(all, verified)) defect("frame");
        return all;
    }

    Outcome connect(Bytes resumption) {
        static selected::Session from, to;
        contexts.connect(from, to, resumption);
        const Outcome outcome{from.is_established() && to.is_established(), from.is_resumed()};
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
    if (!outcome.established) defect("no full handshake with invalid resumption data");
    if (outcome.resumed && given != known->data) defect("resumed with changed data");
    return 0;
}
