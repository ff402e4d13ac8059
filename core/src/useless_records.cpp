#include "ussl/backend/useless_records.hpp"

#include "ussl/backend/suites.hpp"

#include <iterator>

namespace ussl {

namespace {

// The size of a message header, and of a whole HelloRequest, whose type is 0 (RFC 5246, 7.4.1.1).
constexpr std::size_t hello_request_size = 4;
constexpr std::size_t key_update_size = 5;
// What TLS 1.2 adds to a record: with ChaCha20 or AES-CCM_8, and with AES-GCM or AES-CCM.
constexpr std::size_t expansions[] = {16, 24};

void count(std::uint8_t& records) {
    if (records != UINT8_MAX) ++records;
}

} // namespace

void UselessRecords::see_all(Bytes bytes, bool tls1_3) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            header_[in_header_++] = bytes.front();
            bytes = bytes.subspan(1);
            if constexpr (features::hosted) only_data_ = false;
            if (in_header_ < RecordHeader::size) continue;
            in_header_ = 0;
            see_header(header_, tls1_3);
            continue;
        }
        if (may_be_hello_request_) {
            may_be_hello_request_ = false;
            if (bytes.front() == 0) count(others_);
            judge();
        }
        const std::size_t some = bytes.size() < left_ ? bytes.size() : left_;
        left_ = static_cast<std::uint16_t>(left_ - some);
        bytes = bytes.subspan(some);
    }
}

void UselessRecords::see_header(const std::uint8_t* at, bool tls1_3) {
    static_assert(most_without_data >= expansions[1] &&
                  most_without_data >= 1 + key_update_size + 16); // the longest tag
    const RecordHeader header(at);
    left_ = static_cast<std::uint16_t>(header.length());
    const unsigned type = header.type();
    if (features::tls1_3 && is_tls1_3_) {
        const std::size_t around = 1 + tag_size(suite_); // the inner type
        if (type == content_type::application_data) {
            see_data();
            if (left_ == around + alert_size)
                count(warnings_);
            else if (left_ == around || left_ == around + key_update_size)
                count(others_);
            return;
        }
        count(others_);
    } else if (type == content_type::alert) {
        count(warnings_);
    } else if (suite_ != 0) {
        if (type == content_type::application_data && left_ > expansion(suite_)) {
            if (!too_many_) see_data();
            return;
        }
        count(others_);
    } else if (type == content_type::application_data) {
        // Before the keys there are no data, not even none, and in TLS 1.2 before Finished (RFC
        // 5246, 7.1 and 7.4.9; RFC 8446, 5).
        too_many_ = too_many_ || left_ == 0 || changes_keys_;
        for (unsigned i = 0; i < std::size(expansions); ++i) {
            if (left_ == expansions[i])
                count(perhaps_empty_[i]);
            else if (left_ > expansions[i] && perhaps_empty_[i] <= most_others)
                perhaps_empty_[i] = 0; // data
        }
        if (left_ > expansions[1] && !too_many_ && perhaps_empty_[0] <= most_others &&
            perhaps_empty_[1] <= most_others && data_before_ != UINT16_MAX)
            ++data_before_;
    } else if (type == content_type::change_cipher_spec || left_ == 0) {
        changes_keys_ = type == content_type::change_cipher_spec ? !tls1_3 : changes_keys_;
        count(others_);
    } else {
        changes_keys_ = false;
        may_be_hello_request_ = type == content_type::handshake && left_ == hello_request_size;
    }
    judge();
}

void UselessRecords::established(std::uint16_t suite) {
    suite_ = suite;
    is_tls1_3_ = features::tls1_3 && is_of_tls1_3(suite);
    others_ = is_tls1_3_ ? 0 : perhaps_empty_[expansion(suite) == expansions[1]];
    if (is_tls1_3_) data_before_ = 0;
    warnings_ = 0;
    judge();
}

void UselessRecords::judge() {
    too_many_ =
        too_many_ || warnings_ > most_warnings || others_ > most_others || pieces_ > most_pieces;
    if constexpr (features::hosted)
        only_data_ = suite_ != 0 && !too_many_ && in_header_ == 0 && warnings_ + others_ == 0;
}

} // namespace ussl
