// The library's two record buffers. It keeps both at full size throughout a session: 33 KB by
// default. With USSL_SHORT_BUFFERS they are freed after the handshake. From then on the library
// works in two stores: short ones in the session, longer ones while a long record is read or
// written. In firmware, where 16 KB may not be free in one piece, the input buffer is short from
// the start.
//
// The library finds its buffers by a few pointers, and uses them only while it is called. It always
// assumes full size, so the callers must make sure that everything fits:
//   * It reads with on_receive(), to the place where it needs the bytes.
//   * After the handshake it writes only the arguments of Session::write(), and alerts.
#pragma once

#include "ussl/backend/record_store.hpp"
#include "ussl/features.hpp"
#include "ussl/mbedtls.hpp"

#include <cstddef>
#include <cstdint>
#include <mbedtls/ssl.h>

namespace ussl::mbedtls {

// A system's library has its own sizes and heap: short buffers would gain nothing.
#if defined(USSL_MBEDTLS_CONFIG_H) && USSL_SHORT_BUFFERS && USSL_RECORD_INPUT >= 1024 &&           \
    USSL_RECORD_OUTPUT >= 1024

class RecordBuffers {
public:
    RecordBuffers() = default;
    RecordBuffers(const RecordBuffers&) = delete;
    RecordBuffers& operator=(const RecordBuffers&) = delete;

    // Calls mbedtls_ssl_setup(). `whole`: with a full input buffer, for datagrams.
    int set_up(mbedtls_ssl_context& ssl, const mbedtls_ssl_config& settings, bool whole);
    // How many bytes to allocate when the library requests `size`.
    static std::size_t granted(std::size_t size);

    // Call it before mbedtls_ssl_free(), which would free memory that is not the library's.
    void release(mbedtls_ssl_context& ssl);

    // Replaces empty full-size buffers by short ones. Not for datagrams.
    void shrink(mbedtls_ssl_context& ssl);

    // Whether the bytes up to `end` fit where the library wants them.
    bool fits_input(const unsigned char* end) {
        return !has_input_ || end <= input_.space().data() + input_.capacity();
    }
    // Enlarges the input buffer up to `end`, keeping its contents. false: no memory; nothing has
    // changed.
    bool grow_input(mbedtls_ssl_context& ssl, const unsigned char* end);

    // Provides an output buffer for a record of `size` plain bytes; it must be empty. false: as
    // above.
    bool make_room_for_output(mbedtls_ssl_context& ssl, std::size_t size) {
        return !has_output_ || size <= output_.capacity() - overhead || grow_output(ssl);
    }

private:
    // Sequence number and header; explicit nonce or content type and padding (RFC 8446, 5.4); tag.
    static constexpr std::size_t overhead = 8 + 5 + 16 + 16;

    bool grow_output(mbedtls_ssl_context& ssl);

    bool has_input_ = false, has_output_ = false; // the library works in input_, in output_
    RecordStore<Traits::short_record, true> input_, output_;
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
