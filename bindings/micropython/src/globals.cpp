// The names of the module. In C++, as the backend's capabilities are C++ constants.
#include "module.h"
#include "settings.hpp"

#include "ussl/selected_backend.hpp"

#include <iterator>
#include <type_traits>

using ussl::selected::capabilities;
namespace features = ussl::features;

// A type makes compilers see that the table is constant: no code runs at start-up.
#define YES_OR_NO(has) (std::bool_constant<(has)>::value ? MP_ROM_TRUE : MP_ROM_FALSE)

// A template, so that it is not linked without DTLS.
template<bool is_there>
static constexpr const mp_obj_type_t* datagram_server = &ussl_datagram_server_type;
template<>
constexpr const mp_obj_type_t* datagram_server<false> = nullptr;

static const mp_rom_map_elem_t ussl_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_ussl)},
    {MP_ROM_QSTR(MP_QSTR___init__), MP_ROM_PTR(&ussl_module_init_obj)},

    {MP_ROM_QSTR(MP_QSTR_SSLContext), MP_ROM_PTR(&ussl_context_type)},
    {MP_ROM_QSTR(MP_QSTR_wrap_socket), MP_ROM_PTR(&ussl_wrap_socket_obj)},
    {MP_ROM_QSTR(MP_QSTR_create_default_context), MP_ROM_PTR(&ussl_create_default_context_obj)},
    {MP_ROM_QSTR(MP_QSTR_key_pin), MP_ROM_PTR(&ussl_key_pin_obj)},
#if !USSL_HEAP_IS_MALLOC
    {MP_ROM_QSTR(MP_QSTR_reserve), MP_ROM_PTR(&ussl_reserve_obj)},
    {MP_ROM_QSTR(MP_QSTR_memory), MP_ROM_PTR(&ussl_memory_obj)},
#endif

#if USSL_MAKE_CERTIFICATES
    {MP_ROM_QSTR(MP_QSTR_make_key), MP_ROM_PTR(&ussl_make_key_obj)},
    {MP_ROM_QSTR(MP_QSTR_make_certificate), MP_ROM_PTR(&ussl_make_certificate_obj)},
    {MP_ROM_QSTR(MP_QSTR_make_certificate_request), MP_ROM_PTR(&ussl_make_certificate_request_obj)},
#endif

    {MP_ROM_QSTR(MP_QSTR_CERT_NONE), MP_ROM_INT(ussl::binding::cert_none)},
    {MP_ROM_QSTR(MP_QSTR_CERT_OPTIONAL), MP_ROM_INT(ussl::binding::cert_optional)},
    {MP_ROM_QSTR(MP_QSTR_CERT_REQUIRED), MP_ROM_INT(ussl::binding::cert_required)},
    {MP_ROM_QSTR(MP_QSTR_PROTOCOL_TLS_CLIENT), MP_ROM_INT(ussl::binding::protocol_tls_client)},
    {MP_ROM_QSTR(MP_QSTR_PROTOCOL_TLS_SERVER), MP_ROM_INT(ussl::binding::protocol_tls_server)},
    {MP_ROM_QSTR(MP_QSTR_TLSv1_2), MP_ROM_INT(static_cast<int>(ussl::Version::tls1_2))},
    {MP_ROM_QSTR(MP_QSTR_TLSv1_3), MP_ROM_INT(static_cast<int>(ussl::Version::tls1_3))},

    {MP_ROM_QSTR(MP_QSTR_backend), MP_ROM_PTR(&ussl_backend)},
    {MP_ROM_QSTR(MP_QSTR_HAS_CLIENT), YES_OR_NO(capabilities.client)},
    {MP_ROM_QSTR(MP_QSTR_HAS_SERVER), YES_OR_NO(capabilities.server)},
    {MP_ROM_QSTR(MP_QSTR_HAS_TLS1_2), YES_OR_NO(capabilities.tls1_2)},
    {MP_ROM_QSTR(MP_QSTR_HAS_CERTIFICATES), YES_OR_NO(capabilities.certificates)},
    {MP_ROM_QSTR(MP_QSTR_HAS_TLS1_3), YES_OR_NO(capabilities.tls1_3)},
    {MP_ROM_QSTR(MP_QSTR_HAS_ECDSA_P256), YES_OR_NO(capabilities.ecdsa_p256)},
    {MP_ROM_QSTR(MP_QSTR_HAS_ECDSA_P384), YES_OR_NO(capabilities.ecdsa_p384)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RSA), YES_OR_NO(capabilities.rsa)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RSA_PSS_CERTIFICATES), YES_OR_NO(capabilities.rsa_pss_certificates)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RSA_PSS_TLS1_2), YES_OR_NO(capabilities.rsa_pss_tls1_2)},
    {MP_ROM_QSTR(MP_QSTR_HAS_CHACHA20_POLY1305), YES_OR_NO(capabilities.chacha20_poly1305)},
    {MP_ROM_QSTR(MP_QSTR_HAS_AES_CCM), YES_OR_NO(capabilities.aes_ccm)},
    {MP_ROM_QSTR(MP_QSTR_HAS_X25519), YES_OR_NO(capabilities.x25519)},
    {MP_ROM_QSTR(MP_QSTR_HAS_ALPN), YES_OR_NO(capabilities.alpn)},
    {MP_ROM_QSTR(MP_QSTR_HAS_CLIENT_CERTIFICATES), YES_OR_NO(capabilities.client_certificates)},
    {MP_ROM_QSTR(MP_QSTR_HAS_VERIFICATION), YES_OR_NO(capabilities.verification)},
    {MP_ROM_QSTR(MP_QSTR_HAS_PINS), YES_OR_NO(capabilities.pins)},
    {MP_ROM_QSTR(MP_QSTR_HAS_VERIFY_CALLBACK), YES_OR_NO(capabilities.verify_callback)},
    {MP_ROM_QSTR(MP_QSTR_HAS_HANDSHAKE_TIMEOUT), YES_OR_NO(capabilities.handshake_timeout)},
    {MP_ROM_QSTR(MP_QSTR_HAS_SHA1_SIGNATURES), YES_OR_NO(capabilities.sha1_signatures)},
    {MP_ROM_QSTR(MP_QSTR_HAS_LENIENT_PATHS), YES_OR_NO(capabilities.lenient_paths)},
    {MP_ROM_QSTR(MP_QSTR_HAS_NAME_CONSTRAINTS), YES_OR_NO(capabilities.name_constraints)},
    {MP_ROM_QSTR(MP_QSTR_HAS_PSK), YES_OR_NO(capabilities.psk)},
    {MP_ROM_QSTR(MP_QSTR_HAS_ECDHE_PSK_AES), YES_OR_NO(capabilities.ecdhe_psk_aes)},
    {MP_ROM_QSTR(MP_QSTR_HAS_DTLS), YES_OR_NO(capabilities.dtls)},
    {MP_ROM_QSTR(MP_QSTR_HAS_CONNECTION_ID), YES_OR_NO(capabilities.connection_id)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RESUMPTION), YES_OR_NO(capabilities.resumption)},
    {MP_ROM_QSTR(MP_QSTR_HAS_TICKET_KEYS), YES_OR_NO(capabilities.ticket_keys)},
    {MP_ROM_QSTR(MP_QSTR_HAS_SERVER_NAMES), YES_OR_NO(capabilities.server_names)},
    {MP_ROM_QSTR(MP_QSTR_HAS_SIGN_CALLBACK), YES_OR_NO(capabilities.sign_callback)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RSA_SIGNER_TLS1_3), YES_OR_NO(capabilities.rsa_signer_tls1_3)},
    {MP_ROM_QSTR(MP_QSTR_HAS_MAKE_CERTIFICATES), YES_OR_NO(capabilities.make_certificates)},
    {MP_ROM_QSTR(MP_QSTR_HAS_MAX_FRAGMENT_LENGTH), YES_OR_NO(capabilities.max_fragment_length)},
    {MP_ROM_QSTR(MP_QSTR_HAS_MAX_FRAGMENT_LENGTH_TLS1_3),
     YES_OR_NO(capabilities.max_fragment_length_tls1_3)},
    {MP_ROM_QSTR(MP_QSTR_HAS_RECORD_SIZE_LIMIT), YES_OR_NO(capabilities.record_size_limit)},
    {MP_ROM_QSTR(MP_QSTR_HAS_KEY_LOG), YES_OR_NO(capabilities.key_log)},
    {MP_ROM_QSTR(MP_QSTR_HAS_EXPORTER), YES_OR_NO(capabilities.exporter)},
    {MP_ROM_QSTR(MP_QSTR_HAS_X25519MLKEM768), YES_OR_NO(capabilities.x25519mlkem768)},

    // The last ones: without DTLS they are left out.
    {MP_ROM_QSTR(MP_QSTR_PROTOCOL_DTLS_CLIENT), MP_ROM_INT(ussl::binding::protocol_dtls_client)},
    {MP_ROM_QSTR(MP_QSTR_PROTOCOL_DTLS_SERVER), MP_ROM_INT(ussl::binding::protocol_dtls_server)},
    {MP_ROM_QSTR(MP_QSTR_DatagramServer), MP_ROM_PTR(datagram_server<capabilities.dtls>)},
};

static constexpr std::size_t dtls_rows = 3, other_rows = (features::make_certificates ? 17 : 14) +
                                                         (USSL_HEAP_IS_MALLOC ? 0 : 2);
static constexpr std::size_t rows =
    std::size(ussl_globals_table) - (capabilities.dtls ? 0 : dtls_rows);
static_assert(std::size(ussl_globals_table) ==
                  other_rows + std::size(ussl::capability_names) + dtls_rows,
              "each capability has its HAS_*");

MP_DEFINE_CONST_DICT_WITH_SIZE(ussl_globals, ussl_globals_table, rows);
