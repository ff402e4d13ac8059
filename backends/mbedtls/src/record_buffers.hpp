// The library's two buffers for records, of which it has whole ones from the first to the last
// moment of a session: 33 KB at the default sizes. With USSL_SHORT_BUFFERS here they are given back
// once the handshake is over. From then on the library works in two stores: short ones in the
// session, longer ones while a long record is read or written. In firmware, where 16 KB in one
// piece may not be there, that for input is short from the beginning.
//
// The library knows its buffers by a few pointers, and does not use them when it is not called. It
// believes that they are whole all the time: who calls it sees to it that what it does fits.
//   * All that it reads it asks on_receive() for, at the place where it will put it.
//   * All that it writes after the handshake is what Session::write() is called with, and alerts.
#pragma once

#include "ussl/backend/record_store.hpp"
#include "ussl/features.hpp"

#include <cstddef>
#include <cstdint>
#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// A library of the system has its own sizes and heap. Nothing is to be gained from small buffers.
#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_SHORT_BUFFERS && USSL_RECORD_INPUT >= 1024 &&           \
    USSL_RECORD_OUTPUT >= 1024

class RecordBuffers {
public:
    RecordBuffers() = default;
    RecordBuffers(const RecordBuffers&) = delete;
    RecordBuffers& operator=(const RecordBuffers&) = delete;

    // mbedtls_ssl_setup(); `whole`: with a whole buffer for input, for datagrams.
    int set_up(mbedtls_ssl_context& ssl, const mbedtls_ssl_config& settings, bool whole);
    // For the library's allocation of `size` bytes: how many it gets.
    static std::size_t granted(std::size_t size);

    // To be called before mbedtls_ssl_free(), which would free what is not the library's.
    void release(mbedtls_ssl_context& ssl);

    // Short buffers where there is nothing in the whole ones. Not for datagrams.
    void shrink(mbedtls_ssl_context& ssl);

    // Whether a piece that ends at `end` fits where the library wants to put it.
    bool fits_input(const unsigned char* end) {
        return !has_input_ || end <= input_.space().data() + input_.capacity();
    }
    // A longer buffer, up to `end` as above, with all that was in the short one. false: there is no
    // memory, and nothing has changed.
    bool grow_input(mbedtls_ssl_context& ssl, const unsigned char* end);

    // A buffer for a record of `size` plain bytes; there must be none in it. false as above.
    bool make_room_for_output(mbedtls_ssl_context& ssl, std::size_t size) {
        return !has_output_ || size <= output_.capacity() - overhead || grow_output(ssl);
    }

private:
    // Sequence number and header; explicit nonce or content type and padding (RFC 8446, 5.4); tag.
    static constexpr std::size_t overhead = 8 + 5 + 16 + 16;

    bool grow_output(mbedtls_ssl_context& ssl);

    bool has_input_ = false, has_output_ = false; // the library works in these:
    RecordStore<512, true> input_, output_;
};

#else

class RecordBuffers {
public:
    int set_up(mbedtls_ssl_context& ssl, const mbedtls_ssl_config& settings, bool) {
        return mbedtls_ssl_setup(&ssl, &settings);
    }
    static std::size_t granted(std::size_t size) { return size; }
    void release(mbedtls_ssl_context&) {}
    void shrink(mbedtls_ssl_context&) {}
    bool fits_input(const unsigned char*) const { return true; }
    bool grow_input(mbedtls_ssl_context&, const unsigned char*) { return true; }
    bool make_room_for_output(mbedtls_ssl_context&, std::size_t) { return true; }
};

#endif

} // namespace ussl::mbedtls
