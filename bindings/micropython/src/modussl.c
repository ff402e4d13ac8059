// Registers the module: its types, methods and functions. The C++ sources implement them.
#include "module.h"

#include "ussl/features.hpp"

// --- SSLContext ---

static MP_DEFINE_CONST_FUN_OBJ_3(set_cert_key_obj, ussl_context_set_cert_key);
static MP_DEFINE_CONST_FUN_OBJ_KW(load_cert_chain_obj, 1, ussl_context_load_cert_chain);
static MP_DEFINE_CONST_FUN_OBJ_KW(load_verify_locations_obj, 1, ussl_context_load_verify_locations);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(load_default_certs_obj, 1, 2, ussl_context_load_default_certs);
static MP_DEFINE_CONST_FUN_OBJ_2(set_alpn_protocols_obj, ussl_context_set_alpn_protocols);
static MP_DEFINE_CONST_FUN_OBJ_3(add_cert_key_obj, ussl_context_add_cert_key);
static MP_DEFINE_CONST_FUN_OBJ_2(set_pins_obj, ussl_context_set_pins);
static MP_DEFINE_CONST_FUN_OBJ_1(get_ciphers_obj, ussl_context_get_ciphers);
static MP_DEFINE_CONST_FUN_OBJ_2(set_ciphers_obj, ussl_context_set_ciphers);
static MP_DEFINE_CONST_FUN_OBJ_KW(context_wrap_socket_obj, 2, ussl_context_wrap_socket);

static const mp_rom_map_elem_t ussl_context_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_set_cert_key), MP_ROM_PTR(&set_cert_key_obj) },
    { MP_ROM_QSTR(MP_QSTR_load_cert_chain), MP_ROM_PTR(&load_cert_chain_obj) },
    { MP_ROM_QSTR(MP_QSTR_load_verify_locations), MP_ROM_PTR(&load_verify_locations_obj) },
    { MP_ROM_QSTR(MP_QSTR_load_default_certs), MP_ROM_PTR(&load_default_certs_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_default_verify_paths), MP_ROM_PTR(&load_default_certs_obj) },
    { MP_ROM_QSTR(MP_QSTR_add_cert_key), MP_ROM_PTR(&add_cert_key_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_alpn_protocols), MP_ROM_PTR(&set_alpn_protocols_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_pins), MP_ROM_PTR(&set_pins_obj) },
    { MP_ROM_QSTR(MP_QSTR_get_ciphers), MP_ROM_PTR(&get_ciphers_obj) },
    { MP_ROM_QSTR(MP_QSTR_set_ciphers), MP_ROM_PTR(&set_ciphers_obj) },
    { MP_ROM_QSTR(MP_QSTR_wrap_socket), MP_ROM_PTR(&context_wrap_socket_obj) },
};
MP_DEFINE_CONST_DICT(ussl_context_locals, ussl_context_locals_table);

USSL_DEFINE_TYPE_MAKE_ATTR(ussl_context_type, MP_QSTR_SSLContext, ussl_context_make_new, ussl_context_attr,
    ussl_context_locals);

// --- SSLSocket ---

static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(read_obj, 1, 2, ussl_socket_read_method);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(readinto_obj, 2, 3, ussl_socket_readinto);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(readline_obj, 1, 2, ussl_socket_readline);
static MP_DEFINE_CONST_FUN_OBJ_2(setblocking_obj, ussl_socket_setblocking);
static MP_DEFINE_CONST_FUN_OBJ_1(fileno_obj, ussl_socket_fileno);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(exit_obj, 1, 4, ussl_socket_exit);
static MP_DEFINE_CONST_FUN_OBJ_1(socket_finalise_obj, ussl_socket_finalise);
static MP_DEFINE_CONST_FUN_OBJ_1(cipher_obj, ussl_socket_cipher);
static MP_DEFINE_CONST_FUN_OBJ_1(version_obj, ussl_socket_version);
static MP_DEFINE_CONST_FUN_OBJ_KW(getpeercert_obj, 1, ussl_socket_getpeercert);
static MP_DEFINE_CONST_FUN_OBJ_1(selected_alpn_protocol_obj, ussl_socket_selected_alpn_protocol);

static MP_DEFINE_CONST_FUN_OBJ_1(max_fragment_length_obj, ussl_socket_max_fragment_length);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(export_keying_material_obj, 3, 4, ussl_socket_export_keying_material);

static const mp_rom_map_elem_t ussl_socket_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_read), MP_ROM_PTR(&read_obj) },
    { MP_ROM_QSTR(MP_QSTR_readinto), MP_ROM_PTR(&readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_readline), MP_ROM_PTR(&readline_obj) },
    { MP_ROM_QSTR(MP_QSTR_write), MP_ROM_PTR(&mp_stream_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&mp_stream_ioctl_obj) },
    { MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&setblocking_obj) },
    { MP_ROM_QSTR(MP_QSTR_fileno), MP_ROM_PTR(&fileno_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&exit_obj) },
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&socket_finalise_obj) },
    { MP_ROM_QSTR(MP_QSTR_cipher), MP_ROM_PTR(&cipher_obj) },
    { MP_ROM_QSTR(MP_QSTR_version), MP_ROM_PTR(&version_obj) },
    { MP_ROM_QSTR(MP_QSTR_getpeercert), MP_ROM_PTR(&getpeercert_obj) },
    { MP_ROM_QSTR(MP_QSTR_selected_alpn_protocol), MP_ROM_PTR(&selected_alpn_protocol_obj) },
    { MP_ROM_QSTR(MP_QSTR_max_fragment_length), MP_ROM_PTR(&max_fragment_length_obj) },
    { MP_ROM_QSTR(MP_QSTR_export_keying_material), MP_ROM_PTR(&export_keying_material_obj) },
};
MP_DEFINE_CONST_DICT(ussl_socket_locals, ussl_socket_locals_table);

// Each moves one datagram.
static const mp_rom_map_elem_t ussl_datagram_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_recv), MP_ROM_PTR(&read_obj) },
    { MP_ROM_QSTR(MP_QSTR_recv_into), MP_ROM_PTR(&readinto_obj) },
    { MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&mp_stream_write1_obj) },
    { MP_ROM_QSTR(MP_QSTR_sendall), MP_ROM_PTR(&mp_stream_write_obj) },
};
MP_DEFINE_CONST_DICT(ussl_datagram_locals, ussl_datagram_locals_table);

static const mp_stream_p_t socket_stream_protocol = {
    .read = ussl_socket_read,
    .write = ussl_socket_write,
    .ioctl = ussl_socket_ioctl,
};

USSL_DEFINE_TYPE_STREAM_ATTR(ussl_socket_type, MP_QSTR_SSLSocket, socket_stream_protocol, ussl_socket_attr,
    ussl_socket_locals);

// --- DatagramServer. globals.cpp leaves it out without DTLS. ---

static MP_DEFINE_CONST_FUN_OBJ_1(datagram_server_accept_obj, ussl_datagram_server_accept);
static MP_DEFINE_CONST_FUN_OBJ_2(datagram_server_setblocking_obj, ussl_datagram_server_setblocking);
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(datagram_server_exit_obj, 1, 4, ussl_datagram_server_exit);
static MP_DEFINE_CONST_FUN_OBJ_1(datagram_server_finalise_obj, ussl_datagram_server_finalise);

static const mp_rom_map_elem_t datagram_server_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR_accept), MP_ROM_PTR(&datagram_server_accept_obj) },
    { MP_ROM_QSTR(MP_QSTR_setblocking), MP_ROM_PTR(&datagram_server_setblocking_obj) },
    { MP_ROM_QSTR(MP_QSTR_ioctl), MP_ROM_PTR(&mp_stream_ioctl_obj) },
    { MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&mp_stream_close_obj) },
    { MP_ROM_QSTR(MP_QSTR___enter__), MP_ROM_PTR(&mp_identity_obj) },
    { MP_ROM_QSTR(MP_QSTR___exit__), MP_ROM_PTR(&datagram_server_exit_obj) },
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&datagram_server_finalise_obj) },
};
static MP_DEFINE_CONST_DICT(datagram_server_locals, datagram_server_locals_table);

static const mp_stream_p_t datagram_server_protocol = {
    .ioctl = ussl_datagram_server_ioctl,
};
USSL_DEFINE_TYPE_STREAM_MAKE(ussl_datagram_server_type, MP_QSTR_DatagramServer, datagram_server_protocol,
    ussl_datagram_server_make_new, datagram_server_locals);

// Internal: the stream of a server's client.
static const mp_stream_p_t datagram_client_protocol = {
    .read = ussl_datagram_client_read,
    .write = ussl_datagram_client_write,
    .ioctl = ussl_datagram_client_ioctl,
};
USSL_DEFINE_TYPE_STREAM(ussl_datagram_client_type, MP_QSTR_ussl, datagram_client_protocol);

// --- Internal objects with finalisers; scripts do not see them. ---

static MP_DEFINE_CONST_FUN_OBJ_1(open_context_finalise_obj, ussl_open_context_finalise);
static const mp_rom_map_elem_t open_context_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&open_context_finalise_obj) },
};
static MP_DEFINE_CONST_DICT(open_context_locals, open_context_locals_table);
USSL_DEFINE_TYPE_PLAIN(ussl_open_context_type, MP_QSTR_ussl, open_context_locals);

static MP_DEFINE_CONST_FUN_OBJ_1(key_finalise_obj, ussl_key_finalise);
static const mp_rom_map_elem_t key_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&key_finalise_obj) },
};
static MP_DEFINE_CONST_DICT(key_locals, key_locals_table);
USSL_DEFINE_TYPE_PLAIN(ussl_key_type, MP_QSTR_ussl, key_locals);

#if !USSL_HEAP_IS_MALLOC
static MP_DEFINE_CONST_FUN_OBJ_1(spare_finalise_obj, ussl_spare_finalise);
static const mp_rom_map_elem_t spare_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&spare_finalise_obj) },
};
static MP_DEFINE_CONST_DICT(spare_locals, spare_locals_table);
USSL_DEFINE_TYPE_PLAIN(ussl_spare_type, MP_QSTR_ussl, spare_locals);

static MP_DEFINE_CONST_FUN_OBJ_1(arena_finalise_obj, ussl_arena_finalise);
static const mp_rom_map_elem_t arena_locals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&arena_finalise_obj) },
};
static MP_DEFINE_CONST_DICT(arena_locals, arena_locals_table);
USSL_DEFINE_TYPE_PLAIN(ussl_arena_type, MP_QSTR_ussl, arena_locals);
#endif

// --- The module. Its globals are in globals.cpp, which knows the backend's capabilities. ---

MP_DEFINE_CONST_FUN_OBJ_0(ussl_module_init_obj, ussl_module_init);
MP_DEFINE_CONST_FUN_OBJ_KW(ussl_wrap_socket_obj, 1, ussl_wrap_socket);
MP_DEFINE_CONST_FUN_OBJ_KW(ussl_create_default_context_obj, 0, ussl_create_default_context);
MP_DEFINE_CONST_FUN_OBJ_1(ussl_key_pin_obj, ussl_key_pin);
#if !USSL_HEAP_IS_MALLOC
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(ussl_reserve_obj, 1, 2, ussl_reserve);
MP_DEFINE_CONST_FUN_OBJ_0(ussl_memory_obj, ussl_memory);
#endif
#if USSL_MAKE_CERTIFICATES
MP_DEFINE_CONST_FUN_OBJ_0(ussl_make_key_obj, ussl_make_key);
MP_DEFINE_CONST_FUN_OBJ_KW(ussl_make_certificate_obj, 0, ussl_make_certificate);
MP_DEFINE_CONST_FUN_OBJ_2(ussl_make_certificate_request_obj, ussl_make_certificate_request);
#endif

const mp_obj_module_t ussl_module = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&ussl_globals,
};

#if USSL_ON_PYCOPY
MP_REGISTER_MODULE(MP_QSTR_ussl, ussl_module, 1);
MP_REGISTER_MODULE(MP_QSTR_ssl, ussl_module, USSL_REGISTER_SSL);
MP_REGISTER_MODULE(MP_QSTR_tls, ussl_module, USSL_REGISTER_SSL);
#else
// Pycopy's scanner takes each line that starts with this macro for its own, with three arguments,
// whatever #if is around it: so no line starts with it.
/**/ MP_REGISTER_MODULE(MP_QSTR_ussl, ussl_module);
#if USSL_REGISTER_SSL
/**/ MP_REGISTER_MODULE(MP_QSTR_ssl, ussl_module);
/**/ MP_REGISTER_MODULE(MP_QSTR_tls, ussl_module);
#endif
// The libraries' blocks (blocks.cpp).
MP_REGISTER_ROOT_POINTER(void *ussl_blocks);
// Reserved memory (reserve.cpp).
MP_REGISTER_ROOT_POINTER(void *ussl_arenas);
#endif
