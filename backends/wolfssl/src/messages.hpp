// The peer's handshake messages, from records to wolfSSL: gathered until each is whole, and held
// against core's rules.
#pragma once

#include "ussl/backend/message_rules.hpp"

#include "library.hpp"

namespace ussl::wolfssl {

class Messages {
public:
    Messages() = default;
    Messages(const Messages&) = delete;
    Messages& operator=(const Messages&) = delete;
    ~Messages() { release(); }

    MessageRules rules;

    // The rule that a message broke, about which the peer has been told.
    Err broken() const { return broken_; }

    // Whether a message has begun, and is not whole: nothing else may come then (RFC 8446, 5.1).
    bool is_gathering() const { return gathered_ != 0; }

    // What wolfSSL has opened, from `at` to `end` of `input`: takes one message, or a part of one,
    // and moves `at` behind it. 0, or an error of wolfSSL's.
    int take(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3);

    // What a message that is whole has behind it in `input`, and passes.
    word32 behind() const { return behind_; }

    // Records that wolfSSL sends: a client's ClientHello is among them.
    void look_for_hello(Bytes records);

    // Whether a ChangeCipherSpec was among them.
    bool changed_cipher_spec() const { return changed_cipher_spec_; }

private:
    int gather(Bytes piece, word32& taken);
    int give(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3);
    void release();

    word32 size() const; // of the message, when its header is there
    std::uint8_t header_[4];
    bool changed_cipher_spec_ = false;
    Err broken_ = Err::none;
    word32 behind_ = 0;
    word32 gathered_ = 0;             // bytes, those of the header included
    std::uint8_t* message_ = nullptr; // header included
};

} // namespace ussl::wolfssl
