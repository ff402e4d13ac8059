// The peer's handshake messages on their way from records to wolfSSL: gathered until they are
// complete, and checked against core's rules.
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

    // The rule that a message has broken. The alert was sent.
    Err broken() const { return broken_; }
    // Sends no alert, and the session goes on: anybody could have sent it.
    void forget_broken() { broken_ = Err::none; }

    // Whether a message has begun and is incomplete: nothing else may come now (RFC 8446, 5.1).
    bool is_gathering() const { return gathered_ != 0; }

    // Takes one message, or a part of one, from the bytes that wolfSSL has decrypted, from `at` to
    // `end` of `input`, and moves `at` behind it. Returns 0, or an error of wolfSSL.
    int take(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3);

    // As above, of a message that wolfSSL has put together from datagrams: `at` is where its body
    // begins.
    int take_whole(WOLFSSL* ssl, std::uint8_t* input, word32& at, byte type, word32 size,
                   word32 end);

    // How many bytes follow a complete message in `input`; wolfSSL's function has to skip them.
    word32 behind() const { return behind_; }

    // Of the message that wolfSSL reads, from `input` on: as it came.
    int hash(WOLFSSL* ssl, const std::uint8_t* input, int size);

    // Looks for a client's own ClientHello in records that wolfSSL sends.
    void look_for_hello(Bytes records, bool datagram);

    // Whether there was a ChangeCipherSpec.
    bool changed_cipher_spec() const { return changed_cipher_spec_; }

private:
    bool keeps_rules(WOLFSSL* ssl, byte type, Bytes body); // else sends an alert
    int gather(Bytes piece, word32& taken);
    int give(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3);
    int pass(WOLFSSL* ssl, std::uint8_t* input, word32& at, word32 end, bool tls1_3);
    void show_version(std::uint8_t* body, byte type, word32 size, bool datagram);
    void release();

    word32 size() const; // of the message, when its header is complete
    std::uint8_t header_[4];
    bool changed_cipher_spec_ = false;
    Err broken_ = Err::none;
    word32 behind_ = 0;
    word32 gathered_ = 0;             // bytes so far, including the header
    std::uint8_t* message_ = nullptr; // including the header
    // Of a ClientHello: where wolfSSL sees the version `as_` instead of the one that came.
    std::uint8_t* shown_ = nullptr;
    std::uint16_t came_ = 0, as_ = 0;
};

} // namespace ussl::wolfssl
