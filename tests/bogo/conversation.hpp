// One connection as the runner wants it: handshake, what is known then, data, the end.
#pragma once

#include "context.hpp"
#include "options.hpp"
#include "transport.hpp"

#include "ussl/pump.hpp"
#include "ussl/session.hpp"

#include <functional>
#include <string>
#include <vector>

namespace bogo {

class Conversation {
public:
    // `resumption`: what the connections before have left, for a client.
    Conversation(const Options& options, OpenContext& context,
                 std::vector<std::uint8_t>& resumption)
        : options_(options),
          context_(context),
          resumption_(resumption),
          transport_(options),
          pump_(session_, transport_) {}

    // Whether all went as the options want it. What did not is on standard error.
    bool run(bool may_resume);

private:
    bool open();
    bool exchange();
    bool shake_hands();
    bool established();
    bool check_connection();
    bool check_peer();
    bool check_resumption();
    bool send_exporter_value();
    bool send_traffic_secrets();
    bool send_records_of_many_sizes();
    bool begin_data();
    bool echo();
    bool finish();
    bool keep_resumption_data();

    // Calls `step` until it is done, whatever blocks.
    ussl::PumpResult complete(const std::function<ussl::PumpResult()>& step);
    bool write(ussl::Bytes from);
    bool is_ok(const ussl::PumpResult& result);
    void compare_timeout(std::uint64_t expected) const;
    // Tells why, and is false.
    bool unlike(const std::string& what) const;
    void tell_error(const ussl::PumpResult& result) const;

    const Options& options_;
    OpenContext& context_;
    std::vector<std::uint8_t>& resumption_;
    bool may_resume_ = false;
    bool is_checked_ = false;   // what is known after the handshake
    bool is_closed_ = false;    // by the peer's close_notify
    std::size_t held_back_ = 0; // bytes of shim_initial_write that are still to be sent
    Transport transport_;
    tls::Session session_;
    ussl::Pump<tls::Session, Transport> pump_;
};

} // namespace bogo
