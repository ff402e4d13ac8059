// Shared by modussl.c (in C for the interpreters' macros) and the C++ sources.
#pragma once

#include "compat.h"

#ifdef __cplusplus
extern "C" {
#endif

// Registered in modussl.c.
extern const mp_obj_type_t ussl_context_type;
extern const mp_obj_type_t ussl_socket_type;
extern const mp_obj_type_t ussl_datagram_server_type;
extern const mp_obj_type_t ussl_datagram_client_type; // internal: the datagrams of a server's client
extern const mp_obj_type_t ussl_open_context_type; // internal: a backend's context
extern const mp_obj_type_t ussl_key_type;          // internal: a private key
extern const mp_obj_type_t ussl_spare_type; // internal: an unused block of memory
extern const mp_obj_type_t ussl_arena_type; // internal: reserved memory
extern const mp_obj_dict_t ussl_context_locals;
extern const mp_obj_dict_t ussl_socket_locals;
extern const mp_obj_dict_t ussl_datagram_locals; // additional methods of DTLS sockets
MP_DECLARE_CONST_FUN_OBJ_0(ussl_module_init_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(ussl_wrap_socket_obj);
MP_DECLARE_CONST_FUN_OBJ_KW(ussl_create_default_context_obj);
MP_DECLARE_CONST_FUN_OBJ_1(ussl_key_pin_obj);
MP_DECLARE_CONST_FUN_OBJ_VAR_BETWEEN(ussl_reserve_obj); // these two if the heap is the collector's
MP_DECLARE_CONST_FUN_OBJ_0(ussl_memory_obj);
MP_DECLARE_CONST_FUN_OBJ_0(ussl_make_key_obj); // these three with USSL_MAKE_CERTIFICATES
MP_DECLARE_CONST_FUN_OBJ_KW(ussl_make_certificate_obj);
MP_DECLARE_CONST_FUN_OBJ_2(ussl_make_certificate_request_obj);

// globals.cpp
extern const mp_obj_dict_t ussl_globals;

// module.cpp
mp_obj_t ussl_module_init(void);
mp_obj_t ussl_wrap_socket(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
mp_obj_t ussl_create_default_context(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
extern struct BackendTuple ussl_backend; // `backend`: set by ussl_module_init()

// context.cpp
mp_obj_t ussl_context_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args);
void ussl_context_attr(mp_obj_t self, qstr attr, mp_obj_t *dest);
mp_obj_t ussl_context_set_cert_key(mp_obj_t self, mp_obj_t cert, mp_obj_t key);
mp_obj_t ussl_context_load_cert_chain(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
mp_obj_t ussl_context_load_verify_locations(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
mp_obj_t ussl_context_load_default_certs(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_context_add_cert_key(mp_obj_t self, mp_obj_t cert, mp_obj_t key);
mp_obj_t ussl_context_set_alpn_protocols(mp_obj_t self, mp_obj_t names);
mp_obj_t ussl_context_set_pins(mp_obj_t self, mp_obj_t digests);
mp_obj_t ussl_context_get_ciphers(mp_obj_t self);
mp_obj_t ussl_context_set_ciphers(mp_obj_t self, mp_obj_t names);
mp_obj_t ussl_context_wrap_socket(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);

// peer_certificate.cpp
mp_obj_t ussl_key_pin(mp_obj_t certificate);

// make_certificate.cpp
mp_obj_t ussl_make_key(void);
mp_obj_t ussl_make_certificate(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
mp_obj_t ussl_make_certificate_request(mp_obj_t key, mp_obj_t names);

// open_context.cpp, credentials.cpp
mp_obj_t ussl_open_context_finalise(mp_obj_t self);
mp_obj_t ussl_key_finalise(mp_obj_t self);

// blocks.cpp
mp_obj_t ussl_spare_finalise(mp_obj_t self);

// reserve.cpp
mp_obj_t ussl_reserve(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_memory(void);
mp_obj_t ussl_arena_finalise(mp_obj_t self);

// socket.cpp
mp_uint_t ussl_socket_read(mp_obj_t self, void *buffer, mp_uint_t size, int *errcode);
mp_uint_t ussl_socket_write(mp_obj_t self, const void *buffer, mp_uint_t size, int *errcode);
mp_obj_t ussl_socket_read_method(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_socket_readinto(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_socket_readline(size_t n_args, const mp_obj_t *args);
mp_uint_t ussl_socket_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t arg, int *errcode);
mp_obj_t ussl_socket_setblocking(mp_obj_t self, mp_obj_t flag);
mp_obj_t ussl_socket_fileno(mp_obj_t self);
mp_obj_t ussl_socket_exit(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_socket_finalise(mp_obj_t self);
mp_obj_t ussl_socket_cipher(mp_obj_t self);
mp_obj_t ussl_socket_version(mp_obj_t self);
mp_obj_t ussl_socket_getpeercert(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args);
mp_obj_t ussl_socket_selected_alpn_protocol(mp_obj_t self);
mp_obj_t ussl_socket_max_fragment_length(mp_obj_t self);
mp_obj_t ussl_socket_export_keying_material(size_t n_args, const mp_obj_t *args);
void ussl_socket_attr(mp_obj_t self, qstr attr, mp_obj_t *dest);


// datagram_server.cpp
mp_obj_t ussl_datagram_server_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args);
mp_obj_t ussl_datagram_server_accept(mp_obj_t self);
mp_obj_t ussl_datagram_server_setblocking(mp_obj_t self, mp_obj_t flag);
mp_obj_t ussl_datagram_server_exit(size_t n_args, const mp_obj_t *args);
mp_obj_t ussl_datagram_server_finalise(mp_obj_t self);
mp_uint_t ussl_datagram_server_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t arg, int *errcode);
mp_uint_t ussl_datagram_client_read(mp_obj_t self, void *buffer, mp_uint_t size, int *errcode);
mp_uint_t ussl_datagram_client_write(mp_obj_t self, const void *buffer, mp_uint_t size, int *errcode);
mp_uint_t ussl_datagram_client_ioctl(mp_obj_t self, mp_uint_t request, uintptr_t arg, int *errcode);

#ifdef __cplusplus
}
#endif
