#include "objects.hpp"

#include <new>

using namespace ussl::c;

namespace {

class Transport {
public:
    explicit Transport(const ussl_transport& functions) : functions_(functions) {}

    ussl::TransportResult read(ussl::MutableBytes into) {
        return result(functions_.receive(functions_.user, into.data(), into.size()));
    }
    ussl::TransportResult write(ussl::Bytes from) {
        return result(functions_.send(functions_.user, from.data(), from.size()));
    }

private:
    static ussl::TransportResult result(const ussl_transport_result& moved) {
        return {static_cast<ussl::TransportResult::Kind>(moved.kind), moved.bytes, moved.error};
    }

    ussl_transport functions_;
};
static_assert(USSL_DROPPED == static_cast<int>(ussl::TransportResult::Kind::dropped));

struct PumpObject {
    PumpObject(AnySession& session, const ussl_transport& functions)
        : transport(functions), pump(session, transport) {}

    Transport transport;
    ussl::Pump<AnySession, Transport> pump;
};
static_assert(sizeof(PumpObject) <= sizeof(ussl_pump));
static_assert(alignof(PumpObject) <= alignof(ussl_pump));

auto& pump_in(ussl_pump* storage) { return reinterpret_cast<PumpObject*>(storage)->pump; }

ussl_pump_result to_c(const ussl::PumpResult& result) {
    return {static_cast<ussl_status>(result.status), result.transport_failed, result.dropped,
            result.transport_error, result.bytes};
}

} // namespace

void ussl_pump_init(ussl_pump* pump, ussl_session* session, const ussl_transport* transport) {
    new (pump) PumpObject(session_in(session), *transport);
}
ussl_pump_result ussl_pump_handshake(ussl_pump* pump) { return to_c(pump_in(pump).handshake()); }
ussl_pump_result ussl_pump_read(ussl_pump* pump, void* into, size_t size) {
    return to_c(pump_in(pump).read({static_cast<std::uint8_t*>(into), size}));
}
ussl_pump_result ussl_pump_poll(ussl_pump* pump) { return to_c(pump_in(pump).poll()); }
ussl_pump_result ussl_pump_write(ussl_pump* pump, const void* from, size_t size) {
    return to_c(pump_in(pump).write({static_cast<const std::uint8_t*>(from), size}));
}
ussl_pump_result ussl_pump_close(ussl_pump* pump) { return to_c(pump_in(pump).close()); }
ussl_pump_result ussl_pump_flush(ussl_pump* pump) { return to_c(pump_in(pump).flush()); }
bool ussl_pump_has_failed(const ussl_pump* pump) {
    return reinterpret_cast<const PumpObject*>(pump)->pump.has_failed();
}
