// Two sessions that do a handshake, send a line each, and end: targets with a peer disturb this
// conversation.
#pragma once

#include "peers.hpp"

#include "support/material.hpp"
#include "support/wire.hpp"

#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

#include <optional>

namespace ussl::fuzz {

inline constexpr std::string_view sent_text = "the only text that may ever be read";
inline constexpr int rounds = 12;

// One end of the conversation, over a transport with read() and write().
template<class Transport>
class Side {
public:
    Side(selected::Session& session, Transport& transport, test::Pipe& out)
        : session_(session), pump_(session, transport), out_(out) {}

    // Goes on until nothing more can be done. Returns the data that it read.
    Bytes turn(int round) {
        if (is_over_) return {};
        Bytes text;
        Status status;
        if (!session_.is_established()) {
            status = pump_.handshake().status;
        } else {
            if (!wrote_) wrote_ = pump_.write(as_bytes(sent_text)).bytes == sent_text.size();
            const PumpResult got = pump_.read(buffer_);
            status = got.status;
            text = Bytes(buffer_).first(got.bytes);
            if (round == rounds - 2 && status == Status::want_read) {
                pump_.close();
                is_over_ = true;
                return text;
            }
        }
        check(session_, status);
        if (status == Status::truncated || status == Status::failed) out_.closed = true;
        is_over_ = out_.closed || status == Status::closed;
        return text;
    }

private:
    selected::Session& session_;
    Pump<selected::Session, Transport> pump_;
    test::Pipe& out_;
    bool wrote_ = false, is_over_ = false;
    std::uint8_t buffer_[256];
};

struct Contexts {
    std::optional<selected::Context> client;
    selected::Context server;

    // Both ends have the settings of `common`, and those of their roles.
    Contexts(ContextConfig common, bool client_certificate, KeyLog log_of_client = {},
             KeyLog log_of_server = {})
        : common_(common), client_certificate_(client_certificate), log_of_client_(log_of_client) {
        common_.trust_anchors = test::anchors({"ca"});
        open_client();
        ContextConfig config = common_;
        config.role = Role::server;
        config.key_log = log_of_server;
        config.verify = client_certificate ? Verify::required : Verify::none;
        config.credential = test::credential("p256");
        if (server.open(config, environment).code != Err::none) defect("server");
    }

    // A new client's context, too: one remembers which stored sessions were refused.
    void open_client() {
        if (client) client->close();
        client.emplace();
        ContextConfig config = common_;
        config.role = Role::client;
        config.key_log = log_of_client_;
        if (client_certificate_) config.credential = test::credential("client");
        if (client->open(config, environment).code != Err::none) defect("client");
    }

    // `resumption` must stay until `from` is released.
    void open(selected::Session& from, selected::Session& to, Bytes resumption = {}) {
        PeerIdentity identity = named("localhost");
        identity.resumption = resumption;
        if (from.open(*client, identity).code != Err::none || to.open(server, {}).code != Err::none)
            defect("open");
    }

    // A conversation without disturbance, which is not over when this returns.
    void connect(selected::Session& from, selected::Session& to, Bytes resumption) {
        open(from, to, resumption);
        test::Pipe there, back;
        test::WireEnd client_end(there, back), server_end(back, there);
        Side client_side(from, client_end, there);
        Side server_side(to, server_end, back);
        for (int round = 0; round < rounds - 2; ++round) {
            client_side.turn(round);
            server_side.turn(round); // tickets come along
        }
    }

    // The client's stored session of one, with ContextConfig::resumption.
    test::Blob resumption_data() {
        selected::Session from, to;
        connect(from, to, {});
        test::Blob data(from.resumption_data({}));
        from.resumption_data(data);
        from.release();
        to.release();
        if (data.empty()) defect("nothing to resume with");
        return data;
    }

private:
    ContextConfig common_;
    bool client_certificate_;
    KeyLog log_of_client_;
};

} // namespace ussl::fuzz
