#include "record_buffers.hpp"

#include "ussl/bytes.hpp"

#include <cstring>
#include <mbedtls/platform.h>

namespace ussl::mbedtls {

#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_HOSTED && USSL_RECORD_INPUT >= 1024 &&                  \
    USSL_RECORD_OUTPUT >= 1024

namespace {

constexpr std::size_t counter_size = 8; // in front of a record: its sequence number

// What of a buffer may hold plain text: the library's own are a little larger, for the tag.
constexpr std::size_t used_input = counter_size + 5 + 8 + USSL_RECORD_INPUT,
                      used_output = counter_size + 5 + 8 + USSL_RECORD_OUTPUT;
// At least as large as the library believes them to be.
constexpr std::size_t margin = 512;

void give_back(unsigned char* buffer, std::size_t used) {
    wipe({buffer, used});
    mbedtls_free(buffer);
}

void move(unsigned char*& pointer, const unsigned char* from, unsigned char* to) {
    pointer = to + (pointer - from);
}

// As mbedtls_ssl_update_in_pointers() there.
void expect_record(mbedtls_ssl_context& ssl, unsigned char* buffer) {
    ssl.MBEDTLS_PRIVATE(in_buf) = ssl.MBEDTLS_PRIVATE(in_ctr) = buffer;
    unsigned char* const header = buffer + counter_size;
    ssl.MBEDTLS_PRIVATE(in_hdr) = header;
    ssl.MBEDTLS_PRIVATE(in_len) = header + 3;
    ssl.MBEDTLS_PRIVATE(in_iv) = ssl.MBEDTLS_PRIVATE(in_msg) = header + 5;
}

void move_input(mbedtls_ssl_context& ssl, unsigned char* to) {
    const unsigned char* const from = ssl.MBEDTLS_PRIVATE(in_buf);
    for (unsigned char** pointer :
         {&ssl.MBEDTLS_PRIVATE(in_ctr), &ssl.MBEDTLS_PRIVATE(in_hdr), &ssl.MBEDTLS_PRIVATE(in_len),
          &ssl.MBEDTLS_PRIVATE(in_iv), &ssl.MBEDTLS_PRIVATE(in_msg)})
        move(*pointer, from, to);
    ssl.MBEDTLS_PRIVATE(in_buf) = to;
}

void move_output(mbedtls_ssl_context& ssl, unsigned char* to) {
    const unsigned char* const from = ssl.MBEDTLS_PRIVATE(out_buf);
    for (unsigned char** pointer : {&ssl.MBEDTLS_PRIVATE(out_ctr), &ssl.MBEDTLS_PRIVATE(out_hdr),
                                    &ssl.MBEDTLS_PRIVATE(out_len), &ssl.MBEDTLS_PRIVATE(out_iv),
                                    &ssl.MBEDTLS_PRIVATE(out_msg)})
        move(*pointer, from, to);
    ssl.MBEDTLS_PRIVATE(out_buf) = to;
}

// The last message may still lie there, but is not looked at again: see
// ssl_consume_current_message() there.
bool has_no_input(const mbedtls_ssl_context& ssl) {
    return mbedtls_ssl_check_pending(&ssl) == 0 && ssl.MBEDTLS_PRIVATE(in_left) == 0 &&
           ssl.MBEDTLS_PRIVATE(in_hdr) == ssl.MBEDTLS_PRIVATE(in_buf) + counter_size;
}

bool has_no_output(const mbedtls_ssl_context& ssl) {
    return ssl.MBEDTLS_PRIVATE(out_left) == 0 &&
           ssl.MBEDTLS_PRIVATE(out_hdr) == ssl.MBEDTLS_PRIVATE(out_buf) + counter_size;
}

} // namespace

void RecordBuffers::rest(mbedtls_ssl_context& ssl) {
    if (!short_input_ && has_no_input(ssl)) {
        unsigned char* const whole = ssl.MBEDTLS_PRIVATE(in_buf);
        std::memcpy(input_, whole, counter_size);
        expect_record(ssl, input_);
        give_back(whole, used_input);
        short_input_ = true;
    }
    if (!short_output_ && has_no_output(ssl)) {
        unsigned char* const whole = ssl.MBEDTLS_PRIVATE(out_buf);
        move_output(ssl, output_);
        give_back(whole, used_output);
        short_output_ = true;
    }
}

bool RecordBuffers::grow_input(mbedtls_ssl_context& ssl) {
    auto* const whole = static_cast<unsigned char*>(mbedtls_calloc(1, USSL_RECORD_INPUT + margin));
    if (whole == nullptr) return false;
    std::memcpy(whole, input_, sizeof input_);
    wipe({input_ + counter_size, sizeof input_ - counter_size});
    move_input(ssl, whole);
    short_input_ = false;
    return true;
}

bool RecordBuffers::grow_output(mbedtls_ssl_context& ssl) {
    auto* const whole = static_cast<unsigned char*>(mbedtls_calloc(1, USSL_RECORD_OUTPUT + margin));
    if (whole == nullptr) return false;
    move_output(ssl, whole);
    short_output_ = false;
    return true;
}

void RecordBuffers::release(mbedtls_ssl_context& ssl) {
    if (short_input_) ssl.MBEDTLS_PRIVATE(in_buf) = nullptr;
    if (short_output_) ssl.MBEDTLS_PRIVATE(out_buf) = nullptr;
}

#endif

} // namespace ussl::mbedtls
