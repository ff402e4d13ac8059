#include "record_buffers.hpp"

#include "../amended/internals.h"

#include "ussl/backend/operation.hpp"
#include "ussl/bytes.hpp"

#include <cstring>
#include <mbedtls/platform.h>

namespace ussl::mbedtls {

#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_SHORT_BUFFERS && USSL_RECORD_INPUT >= 1024 &&           \
    USSL_RECORD_OUTPUT >= 1024

namespace {

constexpr std::size_t counter_size = 8; // the sequence number in front of a record

// The part of a buffer that may hold plain text; the library's buffers are a little larger, for the
// tag.
constexpr std::size_t used_input = counter_size + 5 + 8 + USSL_RECORD_INPUT,
                      used_output = counter_size + 5 + 8 + USSL_RECORD_OUTPUT;
// At least as large as the library assumes.
constexpr std::size_t margin = 512;
constexpr std::size_t whole_input = USSL_RECORD_INPUT + margin;

// While a session that starts with a short buffer is set up: the size that the library will request
// for it. 0: requests are granted in full.
constinit std::size_t spared = 0;

bool grown(MutableBytes buffer, Err otherwise) {
    if (buffer.empty()) Operation::note_resource_error(otherwise);
    return !buffer.empty();
}

void give_back(unsigned char* buffer, std::size_t used) {
    wipe({buffer, used});
    mbedtls_free(buffer);
}

void move(unsigned char*& pointer, const unsigned char* from, unsigned char* to) {
    pointer = to + (pointer - from);
}

// As mbedtls_ssl_update_in_pointers() in the library.
void expect_record(mbedtls_ssl_context& ssl, unsigned char* buffer) {
    ssl.MBEDTLS_PRIVATE(in_buf) = ssl.MBEDTLS_PRIVATE(in_ctr) = buffer;
    unsigned char* const header = buffer + counter_size;
    ssl.MBEDTLS_PRIVATE(in_hdr) = header;
    ssl.MBEDTLS_PRIVATE(in_len) = header + 3;
#if USSL_DTLS && USSL_CONNECTION_ID
    ssl.MBEDTLS_PRIVATE(in_cid) = header + 3;
#endif
    ssl.MBEDTLS_PRIVATE(in_iv) = ssl.MBEDTLS_PRIVATE(in_msg) = header + 5;
}

void move_input(mbedtls_ssl_context& ssl, unsigned char* to) {
    const unsigned char* const from = ssl.MBEDTLS_PRIVATE(in_buf);
#if USSL_DTLS && USSL_CONNECTION_ID
    move(ssl.MBEDTLS_PRIVATE(in_cid), from, to);
#endif
    for (unsigned char** pointer :
         {&ssl.MBEDTLS_PRIVATE(in_ctr), &ssl.MBEDTLS_PRIVATE(in_hdr), &ssl.MBEDTLS_PRIVATE(in_len),
          &ssl.MBEDTLS_PRIVATE(in_iv), &ssl.MBEDTLS_PRIVATE(in_msg)})
        move(*pointer, from, to);
    ssl.MBEDTLS_PRIVATE(in_buf) = to;
}

// As mbedtls_ssl_update_out_pointers() in the library, for keys that put `nonce` bytes in front of
// a message.
void make_record(mbedtls_ssl_context& ssl, unsigned char* buffer, std::ptrdiff_t nonce) {
    ssl.MBEDTLS_PRIVATE(out_buf) = ssl.MBEDTLS_PRIVATE(out_ctr) = buffer;
    unsigned char* const header = buffer + counter_size;
    ssl.MBEDTLS_PRIVATE(out_hdr) = header;
    ssl.MBEDTLS_PRIVATE(out_len) = header + 3;
#if USSL_DTLS && USSL_CONNECTION_ID
    ssl.MBEDTLS_PRIVATE(out_cid) = header + 3;
#endif
    ssl.MBEDTLS_PRIVATE(out_iv) = header + 5;
    ssl.MBEDTLS_PRIVATE(out_msg) = header + 5 + nonce;
}

std::ptrdiff_t nonce_size(const mbedtls_ssl_context& ssl) {
    return ssl.MBEDTLS_PRIVATE(out_msg) - ssl.MBEDTLS_PRIVATE(out_iv);
}

// The last message may still be there, but is not used again: see the library's
// ssl_consume_current_message().
bool has_no_input(const mbedtls_ssl_context& ssl) {
    return mbedtls_ssl_check_pending(&ssl) == 0 && ssl.MBEDTLS_PRIVATE(in_left) == 0 &&
           ssl.MBEDTLS_PRIVATE(in_hdr) == ssl.MBEDTLS_PRIVATE(in_buf) + counter_size;
}

bool has_no_output(const mbedtls_ssl_context& ssl) {
    return ssl.MBEDTLS_PRIVATE(out_left) == 0 &&
           ssl.MBEDTLS_PRIVATE(out_hdr) == ssl.MBEDTLS_PRIVATE(out_buf) + counter_size;
}

} // namespace

void RecordBuffers::shrink(mbedtls_ssl_context& ssl) {
    if (!(has_input_ && input_.is_in_session()) && has_no_input(ssl)) {
        unsigned char* const whole = ssl.MBEDTLS_PRIVATE(in_buf);
        unsigned char counter[counter_size];
        std::memcpy(counter, whole, counter_size);
        if (!has_input_) give_back(whole, used_input);
        has_input_ = true;
        input_.take_back();
        expect_record(ssl, input_.space().data());
        std::memcpy(input_.space().data(), counter, counter_size);
    }
    if (!(has_output_ && output_.is_in_session()) && has_no_output(ssl)) {
        const std::ptrdiff_t nonce = nonce_size(ssl);
        if (!has_output_) give_back(ssl.MBEDTLS_PRIVATE(out_buf), used_output);
        has_output_ = true;
        output_.take_back();
        make_record(ssl, output_.space().data(), nonce);
    }
}

int RecordBuffers::set_up(mbedtls_ssl_context& ssl, const mbedtls_ssl_config& settings,
                          bool whole) {
    if constexpr (features::hosted) return mbedtls_ssl_setup(&ssl, &settings);
    spared = ussl_mbedtls_input_buffer_size;
    const int code = mbedtls_ssl_setup(&ssl, &settings);
    spared = 0;
    if (code != 0) return code;
    mbedtls_free(ssl.MBEDTLS_PRIVATE(in_buf));
    has_input_ = true; // from here on ssl's pointer is ours, even after errors
    expect_record(ssl, input_.space().data());
    return !whole || grow_input(ssl, input_.space().data() + USSL_RECORD_INPUT)
               ? 0
               : MBEDTLS_ERR_SSL_ALLOC_FAILED;
}

std::size_t RecordBuffers::granted(std::size_t size) {
    constexpr std::size_t used = 16; // for a few pointers that the library sets into the buffer
    if (spared == 0 || size != spared) return size;
    spared = 0;
    return used;
}

bool RecordBuffers::grow_input(mbedtls_ssl_context& ssl, const unsigned char* end) {
    const unsigned char* const begin = input_.space().data();
    const auto needed = static_cast<std::size_t>(end - begin) + margin;
    const std::size_t used = input_.space().size();
    if (!grown(input_.lend_more(block_for_record(needed, whole_input), used),
               no_memory_for(needed - margin)))
        return false;
    move_input(ssl, input_.space().data());
    return true;
}

bool RecordBuffers::grow_output(mbedtls_ssl_context& ssl) {
    const MutableBytes whole = output_.lend(USSL_RECORD_OUTPUT + margin);
    if (!grown(whole, Err::no_memory)) return false;
    make_record(ssl, whole.data(), nonce_size(ssl));
    return true;
}

void RecordBuffers::release(mbedtls_ssl_context& ssl) {
    if (has_input_) ssl.MBEDTLS_PRIVATE(in_buf) = nullptr;
    if (has_output_) ssl.MBEDTLS_PRIVATE(out_buf) = nullptr;
}

#endif

} // namespace ussl::mbedtls
