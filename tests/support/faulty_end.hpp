// One end of a wire whose transport misbehaves at one call, which the test names by its number in
// the session's whole life.
#pragma once

#include "support/wire.hpp"

namespace ussl::test {

enum class Fault : std::uint8_t {
    none,
    one_byte,    // moves one byte at most
    would_block, // once
    interrupted, // once
    error_for_good,
    error_then_end, // once: as systems report a broken connection
    end_for_good,   // reads end; writes fail, as nobody listens any more
};

inline constexpr int fault_errno = 4711;

class FaultyEnd {
public:
    FaultyEnd(Pipe& out, Pipe& in) : end_(out, in) {}

    // The `call`-th call from now on (counted from 1) misbehaves.
    void misbehave(Fault fault, std::size_t call) {
        fault_ = fault;
        at_ = call;
        calls_ = 0;
    }
    bool reached() const { return fault_ != Fault::none && calls_ >= at_; }
    std::size_t calls() const { return calls_; }
    bool was_write() const { return was_write_; }

    TransportResult read(MutableBytes into) {
        const TransportResult wrong = next(false);
        if (wrong.kind != Kind::moved) return wrong;
        return end_.read(calls_ == at_ && fault_ == Fault::one_byte ? into.first(1) : into);
    }
    TransportResult write(Bytes from) {
        const TransportResult wrong = next(true);
        if (wrong.kind != Kind::moved) return wrong;
        return end_.write(calls_ == at_ && fault_ == Fault::one_byte ? from.first(1) : from);
    }

    Pipe& out() { return end_.out(); }

private:
    using Kind = TransportResult::Kind;

    // It moved bytes, so this call succeeds.
    TransportResult next(bool is_write) {
        ++calls_;
        if (calls_ == at_) was_write_ = is_write;
        const bool now = calls_ == at_, since = calls_ >= at_;
        switch (fault_) {
        case Fault::would_block:
            if (now) return {Kind::would_block};
            break;
        case Fault::interrupted:
            if (now) return {Kind::interrupted, 0, fault_errno};
            break;
        case Fault::error_then_end:
            if (now) return {Kind::failed, 0, fault_errno};
            if (since)
                return is_write ? TransportResult{Kind::failed, 0, fault_errno + 1}
                                : TransportResult{Kind::ended};
            break;
        case Fault::error_for_good:
            if (since) return {Kind::failed, 0, fault_errno};
            break;
        case Fault::end_for_good:
            if (since)
                return is_write ? TransportResult{Kind::failed, 0, fault_errno}
                                : TransportResult{Kind::ended};
            break;
        default: break;
        }
        return {Kind::moved};
    }

    WireEnd end_;
    Fault fault_ = Fault::none;
    std::size_t at_ = 0, calls_ = 0;
    bool was_write_ = false;
};

} // namespace ussl::test
