// Limits records without data: warnings, empty records, ChangeCipherSpec, HelloRequest, KeyUpdate.
// Peers may send them (RFC 5246, 6.2.1, 7.2, 7.4.1.1; RFC 8446, 4.6.3, 5, 6.1), and reading one
// costs more than sending it. No library limits all of them.
#pragma once

#include "ussl/backend/record.hpp"

namespace ussl {

// Counts such records in a stream since the last one with plain bytes; during the handshake, since
// its start. It recognises them by their headers, in TLS 1.3 by their lengths (RFC 8446, 5.2), and
// confirms it when they are opened.
class UselessRecords {
public:
    // More than any peer has a reason for: BoringSSL's limits, which browsers obey.
    static constexpr unsigned most_warnings = 4, most_others = 32;
    // TLS 1.3, including records that may be fragments of messages: as many as a large ticket has
    // bytes.
    static constexpr unsigned most_pieces = 4096;

    // `bytes` came from the transport. `tls1_3`: whether that may be negotiated.
    void see(Bytes bytes, bool tls1_3) {
        // Hosts take the usual case quickly; see_all() does the same in less code.
        if (!features::hosted || !is_plainly_data(bytes)) see_all(bytes, tls1_3);
    }

    // The handshake is over, and has agreed on this suite: that ends the count. What came along
    // with its end was seen before its suite was known.
    void established(std::uint16_t suite);

    // Records were opened: everything seen so far, or up to one with plain bytes, if it
    // `brought_data`.
    void opened(bool brought_data) {
        if (!brought_data) return judge();
        if (features::hosted && only_data_) {
            if (data_before_ != 0) --data_before_;
            pieces_ = 0;
            return;
        }
        is_due_ = is_due_ || (too_many_ && data_before_ == 0);
        if (data_before_ != 0) --data_before_;
        if (too_many_) return;
        warnings_ = others_ = 0;
        pieces_ = 0;
        if constexpr (features::hosted) judge();
    }

    bool are_too_many() const { return too_many_; }
    // The data that was opened last came behind too many.
    bool are_before_data() const { return is_due_; }

private:
    // What a record without data has at most, with any suite: in TLS 1.2 its expansion; in TLS 1.3
    // a KeyUpdate, its type and the tag.
    static constexpr std::size_t most_without_data = 24;

    bool is_plainly_data(Bytes bytes);
    void see_all(Bytes bytes, bool tls1_3);
    void see_header(const std::uint8_t* at, bool tls1_3);
    // A record that may be data. In TLS 1.3 opened() knows.
    void see_data() {
        if (features::tls1_3 && is_tls1_3_) {
            if (pieces_ != UINT16_MAX) ++pieces_;
        } else {
            warnings_ = others_ = 0;
            if (data_before_ != UINT16_MAX) ++data_before_;
        }
    }
    void judge();

    std::uint8_t header_[RecordHeader::size] = {};
    std::uint8_t in_header_ = 0; // bytes of it so far
    bool may_be_hello_request_ = false;
    bool changes_keys_ = false; // there was a ChangeCipherSpec of TLS 1.2, and no Finished yet
    bool too_many_ = false, is_due_ = false;
    std::uint16_t data_before_ = 0; // records of data in TLS 1.2 that are not opened yet
    std::uint8_t warnings_ = 0, others_ = 0;
    // Records under the keys of a handshake that is not over, and no longer than each of the two
    // that encryption adds: empty, if that is the suite's.
    std::uint8_t perhaps_empty_[2] = {};
    std::uint16_t pieces_ = 0;
    std::uint16_t left_ = 0;  // of the record's body
    std::uint16_t suite_ = 0; // 0: during the handshake
    bool is_tls1_3_ = false;  // the suite is one of TLS 1.3
    bool only_data_ = false;  // nothing is counted, or incomplete in header_: the usual case
};

// Whether `bytes` belong to a single record of the established session, which is long enough for
// data; if so they are seen.
inline bool UselessRecords::is_plainly_data(Bytes bytes) {
    std::size_t left = left_;
    if (left == 0) {
        if (!only_data_ || bytes.size() < RecordHeader::size) return false;
        const RecordHeader header(bytes.data());
        left = header.record_size();
        if (header.type() != content_type::application_data ||
            header.length() <= most_without_data || left < bytes.size())
            return false;
        see_data();
    } else if (left < bytes.size() || may_be_hello_request_) {
        return false;
    }
    left_ = static_cast<std::uint16_t>(left - bytes.size());
    return true;
}

} // namespace ussl
