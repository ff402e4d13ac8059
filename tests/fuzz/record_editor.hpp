// An attacker in the middle of a session who has its secrets: takes each record apart, changes its
// contents as the input says, and protects it again, so that it reaches the code behind the
// decryption.
#pragma once

#include "record_keys.hpp"

#include "ussl/bytes.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ussl::fuzz {

// The secrets that both ends have logged (the NSS key log format) since the session began.
struct Secrets {
    std::map<std::string, std::string, std::less<>> of_client, of_server; // by label

    static void log_of_client(void* user, std::string_view line);
    static void log_of_server(void* user, std::string_view line);
    // `by_client`: the client's secret, which may differ from the server's if the handshake was
    // changed. Empty: not known yet.
    std::string find(std::string_view label, bool by_client) const;
};

// One direction of a session.
class RecordEditor {
public:
    // Edits of six bytes each: which record of the direction, what, where (two), by which value,
    // how often. The first 16 count.
    RecordEditor(Bytes edits, bool tls1_3, bool client_writes, const Secrets& secrets)
        : edits_(edits), tls1_3_(tls1_3), client_writes_(client_writes), secrets_(secrets) {}

    // Takes a whole record; returns the bytes to send instead.
    std::string pass(std::string_view record, const RecordEditor& other_direction);

    // All handshake messages up to Finished were passed on unchanged, apart from HelloRequests,
    // which are in no transcript (RFC 5246, 7.4.1.1).
    bool handshake_is_untouched() const;
    // Contents of all protected records of application data that were passed on after Finished.
    const std::string& data() const { return data_; }
    // Protected records that were passed on unchanged, without their secrets.
    std::size_t opaque() const { return opaque_; }

private:
    struct Half {
        std::string secret; // TLS 1.3: changes with each KeyUpdate
        RecordKeys keys;
        std::uint64_t sequence = 0;
    };
    struct Item {
        Plaintext plaintext;
        bool is_protected = false;
        unsigned version = 0;
    };

    bool find_keys(const RecordEditor& other_direction);
    void edit(std::vector<Item>& items) const;
    std::string emit(const Item& item);
    void note_change_of_keys(const Plaintext& plaintext, Half& half) const;

    Bytes edits_;
    bool tls1_3_, client_writes_;
    const Secrets& secrets_;
    std::size_t record_ = 0, opaque_ = 0;
    std::string random_; // of this direction's hello
    bool is_protected_ = false, has_keys_ = false;
    bool finished_came_ = false, finished_went_ = false;
    Half in_, out_;
    std::string came_, went_; // handshake messages
    std::string data_;
};

} // namespace ussl::fuzz
