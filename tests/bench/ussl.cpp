// The measured program with ussl, on the backend of its selected_backend.hpp.
#include "bench/bench.hpp"

#include "ussl/pump.hpp"
#include "ussl/selected_backend.hpp"

namespace {

constexpr ussl::Environment environment{
    .random =
        [](void*, ussl::MutableBytes out) {
            bench::random_bytes(out.data(), out.size());
            return true;
        },
    .now =
        [](void*, ussl::UnixTime* out) {
            *out = static_cast<ussl::UnixTime>(std::time(nullptr));
            return true;
        },
    .milliseconds = nullptr,
};

struct Transport {
    bench::Wire &out, &in;
    using Result = ussl::TransportResult;

    Result read(ussl::MutableBytes into) {
        const std::size_t count = in.take(into.data(), into.size());
        return {count != 0 ? Result::Kind::moved : Result::Kind::would_block, count};
    }
    Result write(ussl::Bytes from) {
        out.put(from.data(), from.size());
        return {Result::Kind::moved, from.size()};
    }
};

struct Stack {
    static constexpr bool resumes = ussl::selected::capabilities.resumption;

    struct Context {
        Context(const bench::Setup& setup, bool is_client_)
            : is_client(is_client_), anchor(setup.anchor), certificate(setup.certificate) {
            ussl::ContextConfig config;
            config.role = is_client ? ussl::Role::client : ussl::Role::server;
            config.min_version = config.max_version =
                setup.tls1_3 ? ussl::Version::tls1_3 : ussl::Version::tls1_2;
            config.resumption = setup.resumption;
            if (is_client) {
                config.trust_anchors = {&anchor, 1};
            } else {
                config.verify = ussl::Verify::none;
                config.credential.chain = {&certificate, 1};
                config.credential.private_key = setup.key;
            }
            const ussl::Error error = context.open(config, environment);
            bench::require(error.code == ussl::Err::none, "Context::open",
                           static_cast<long>(error.code));
        }
        bool is_client;
        ussl::Bytes anchor, certificate;
        ussl::selected::Context context;
        bench::Blob kept;
    };

    struct End {
        End(Context& own, bench::Wire& out, bench::Wire& in) : context(own), transport{out, in} {
            ussl::PeerIdentity peer;
            if (own.is_client) {
                peer.sni = peer.dns_name = bench::Setup::host;
                peer.resumption = own.kept;
            }
            const ussl::Error error = session.open(own.context, peer);
            bench::require(error.code == ussl::Err::none, "Session::open",
                           static_cast<long>(error.code));
        }
        ~End() { session.release(); }

        bool handshake() { return check(pump.handshake()).status == ussl::Status::ok; }
        void write(ussl::Bytes from) {
            bench::require(check(pump.write(from)).bytes == from.size(), "written in part");
        }
        std::size_t read(ussl::MutableBytes into) { return check(pump.read(into)).bytes; }
        unsigned suite() { return session.suite(); }
        bool resumed() { return session.is_resumed(); }
        void keep() {
            context.kept.resize(session.resumption_data({}));
            bench::require(!context.kept.empty(), "no ticket came");
            session.resumption_data(context.kept);
        }

        const ussl::PumpResult& check(const ussl::PumpResult& result) {
            if (result.status != ussl::Status::ok && result.status != ussl::Status::want_read)
                bench::stop("the session failed", static_cast<long>(session.error().code));
            return result;
        }

        Context& context;
        ussl::selected::Session session;
        Transport transport;
        ussl::Pump<ussl::selected::Session, Transport> pump{session, transport};
    };
};

} // namespace

int main(int count, char** arguments) { return bench::run<Stack>(count, arguments); }
