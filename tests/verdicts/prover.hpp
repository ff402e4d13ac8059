// The peer that shows a chain and is judged for it.
#pragma once

#include "ussl/bytes.hpp"
#include "ussl/context.hpp"
#include "ussl/session.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>

namespace ussl::test {

class Peer {
public:
    virtual ~Peer() = default;
    virtual Bytes output() = 0;
    virtual void consume(std::size_t count) = 0;
    // Returns how many bytes were taken.
    virtual std::size_t input(Bytes from) = 0;
    virtual bool established() const = 0;
    // The alert that ended it; 0: none.
    virtual unsigned alert() const = 0;
};

// One that shows any chain, readable or not, in TLS 1.2: a library by itself that sends what it is
// given (prover.cpp, in its backend's folder). The backends would not: they check their own
// certificates first.
class Prover final : public Peer {
public:
    // As a server, or as a client that trusts the server which has this certificate, whatever its
    // name. All must stay valid.
    Prover(Role role, std::span<const Bytes> chain, Bytes private_key, Bytes server_certificate);
    ~Prover() override;

    Bytes output() override;
    void consume(std::size_t count) override;
    std::size_t input(Bytes from) override;
    bool established() const override;
    unsigned alert() const override;

private:
    struct State;
    std::unique_ptr<State> state_;
};

// Runs both sides until nothing moves any more.
inline Status shake_hands(Session& judge, Peer& peer) {
    Status status = Status::want_read;
    bool moved = true;
    while (moved) {
        moved = false;
        if (status == Status::want_read || status == Status::want_write) status = judge.handshake();
        for (Bytes out = judge.output(); !out.empty(); out = judge.output()) {
            const std::size_t taken = peer.input(out);
            if (taken == 0) break;
            judge.output_consume(taken);
            moved = true;
        }
        for (Bytes out = peer.output(); !out.empty(); out = peer.output()) {
            const MutableBytes space = judge.input_space();
            const std::size_t size = std::min(space.size(), out.size());
            std::copy_n(out.begin(), size, space.begin());
            judge.input_commit(size);
            // What a session that has ended does not take is lost, as on a closed connection.
            peer.consume(size != 0 ? size : out.size());
            moved = true;
            if (size != 0) break;
        }
    }
    return status;
}

} // namespace ussl::test
