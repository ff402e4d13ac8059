/* The port: a layer of altcp between an application and TCP. `inner` is the pcb below, `conn`
 * the application's.
 *
 * A connection outlives both sides: the application may close it while bytes are still to be
 * sent, or within one of our callbacks. It is freed when both sides are gone and none of our
 * functions works on it: enter() and leave() count them. */
#include "ussl_lwip.h"

#if LWIP_ALTCP && LWIP_ALTCP_TLS

#include "lwip/altcp.h"
#include "lwip/altcp_tls.h"
#include "lwip/debug.h"
#include "lwip/mem.h"
#include "lwip/pbuf.h"
#include "lwip/priv/altcp_priv.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define TICKS_PER_SECOND 2 /* of TCP's slow timer, which calls poll */
#define OVERHEAD 40        /* a record has at least so many bytes besides its plain bytes */

/* Decoded PEM in lwIP's heap: the bytes of certificates, or of a key. */
struct decoded {
    struct decoded *next;
    size_t size;
};

struct altcp_tls_config {
    ussl_context context;
    ussl_config settings;
    const ussl_environment *environment;
    const char *name;
    struct decoded *decoded;
    ussl_bytes anchor;
    ussl_bytes own[USSL_LWIP_CERTIFICATES];
    ussl_credential credentials[USSL_LWIP_CERTIFICATES];
    ussl_bytes alpn[USSL_LWIP_ALPN];
    u16_t users; /* connections and listeners */
    u8_t credential_count, credential_limit;
    u8_t is_taken;
    u8_t is_freed; /* by its owner, while there are users */
};

struct connection {
    ussl_session session;
    struct altcp_tls_config *config;
    struct altcp_pcb *conn;  /* NULL: the application has closed it */
    struct altcp_pcb *inner; /* NULL: TCP is gone */
    const char *name;
    const struct altcp_tls_session *resumed;
    struct pbuf *encrypted; /* received, and not in the session yet */
    struct pbuf *plain;     /* decrypted, and not taken by the application yet */
    u32_t held;             /* encrypted bytes in the session or beyond, for which the window was not opened again */
    u32_t owed;             /* plain bytes that the application has not confirmed by altcp_recved() */
    u32_t unacked;          /* encrypted bytes that TCP has and the peer has not acknowledged */
    u32_t unreported;       /* plain bytes that the application wrote and got no `sent` for */
    u16_t last_write;       /* plain bytes of the record that may still be in the session */
    u16_t ticks;            /* of the handshake; of closing */
    u8_t poll_ticks;
    u8_t depth;
    u8_t address[16];
    u8_t is_taken;
    u8_t is_started;      /* TCP is connected */
    u8_t is_established;  /* the handshake is done */
    u8_t input_has_ended; /* TCP's */
    u8_t end_is_known;    /* the session knows of it */
    u8_t is_finished;     /* there is nothing more to read */
    u8_t close_is_queued;
    u8_t is_broken;
    u8_t was_aborted; /* TCP's pcb is gone: callbacks must return that */
};

static struct altcp_tls_config configs[USSL_LWIP_CONFIGS];
static struct connection connections[USSL_LWIP_CONNECTIONS];
static const ussl_environment *default_environment;
static ussl_error last_error;

static const struct altcp_functions functions, listener_functions;

/* --- Errors --- */

ussl_error ussl_lwip_error(void) { return last_error; }

static void note(ussl_error error) {
    last_error = error;
    if (error.code != USSL_ERR_NONE) {
        LWIP_DEBUGF(USSL_LWIP_DEBUG, ("altcp_tls: (%u) %s\n", (unsigned)error.code, ussl_message(error.code)));
    }
}

static void note_code(u16_t code) {
    ussl_error error = {0};
    error.code = code;
    note(error);
}

/* --- Configurations --- */

void ussl_lwip_set_environment(const ussl_environment *environment) { default_environment = environment; }

/* A block of lwIP's heap. */
static void *take_mem(size_t size) { return size != (mem_size_t)size ? NULL : mem_malloc((mem_size_t)size); }

/* The libraries need malloc's alignment, which lwIP's heap may not have; the offset of an
 * aligned block is stored in front of it. */
typedef union strictest {
    long long integer;
    long double number;
    void *pointer;
} strictest;
struct aligned {
    char first;
    strictest second;
};
#define ALIGNMENT offsetof(struct aligned, second)

static void *mem_allocate(size_t size) {
    u8_t *block, *given;
    if (size > SIZE_MAX - ALIGNMENT) return NULL;
    block = (u8_t *)take_mem(size + ALIGNMENT);
    if (block == NULL) return NULL;
    given = block + ALIGNMENT - (uintptr_t)block % ALIGNMENT;
    given[-1] = (u8_t)(given - block);
    return given;
}

static void mem_release(void *memory) {
    u8_t *given = (u8_t *)memory;
    if (given != NULL) mem_free(given - given[-1]);
}

void ussl_lwip_use_mem(void) { ussl_set_allocator(mem_allocate, mem_release); }

static struct altcp_tls_config *take_config(u8_t role) {
    struct altcp_tls_config *config = configs;
    while (config != configs + USSL_LWIP_CONFIGS && config->is_taken) config++;
    if (config == configs + USSL_LWIP_CONFIGS) {
        note_code(USSL_ERR_NO_MEMORY);
        return NULL;
    }
    memset(config, 0, sizeof *config);
    config->is_taken = 1;
    config->environment = default_environment;
    config->settings.struct_size = sizeof config->settings;
    config->settings.role = role;
    ussl_context_init(&config->context);
    return config;
}

static void release_config(struct altcp_tls_config *config) {
    if (config->users != 0 || !config->is_freed) return;
    ussl_context_close(&config->context);
    while (config->decoded != NULL) {
        struct decoded *first = config->decoded;
        config->decoded = first->next;
        ussl_wipe(first, first->size);
        mem_free(first);
    }
    config->is_taken = 0;
}

void altcp_tls_free_config(struct altcp_tls_config *config) {
    if (config == NULL) return;
    config->is_freed = 1;
    release_config(config);
}

void altcp_tls_free_entropy(void) {}

static int open_config(struct altcp_tls_config *config) {
    static const ussl_environment none;
    if (ussl_context_is_open(&config->context)) return 1;
    note(ussl_context_open(&config->context, &config->settings,
                           config->environment != NULL ? config->environment : &none));
    return last_error.code == USSL_ERR_NONE;
}

static struct altcp_tls_config *opened(struct altcp_tls_config *config) {
    if (config == NULL || open_config(config)) return config;
    altcp_tls_free_config(config);
    return NULL;
}

/* Space for `size` bytes behind those decoded so far; all of it lives as long as the
 * configuration. */
static struct decoded *room_for(struct altcp_tls_config *config, size_t size) {
    struct decoded *room = (struct decoded *)take_mem(sizeof *room + size);
    if (room == NULL) {
        note_code(USSL_ERR_NO_MEMORY);
        return NULL;
    }
    room->size = sizeof *room + size;
    room->next = config->decoded;
    config->decoded = room;
    return room;
}

static ussl_bytes text_of(const u8_t *data, size_t size) {
    ussl_bytes text;
    while (size != 0 && data[size - 1] == 0) size--; /* callers may count the NUL of PEM */
    text.data = data;
    text.size = size;
    return text;
}

/* Certificates, DER or PEM. `one` is used for a single one in DER. */
static int read_certificates(struct altcp_tls_config *config, const u8_t *data, size_t size, ussl_bytes *one,
                             const ussl_bytes **certificates, size_t *count) {
    static const char label[] = "CERTIFICATE";
    ussl_bytes text = {data, size};
    ussl_bytes *found = NULL;
    ussl_buffer room = {NULL, 0};
    int pass;
    if (!ussl_is_pem(text)) {
        *one = text;
        *certificates = one;
        *count = 1;
        return 1;
    }
    for (pass = 0; pass != 2; pass++) { /* counts them, then decodes them */
        ussl_pem_block block;
        text = text_of(data, size);
        if (pass == 1) {
            const size_t list = *count * sizeof *found;
            struct decoded *space = room_for(config, list + USSL_PEM_MAX_DER_SIZE(size));
            if (space == NULL) return 0;
            found = (ussl_bytes *)(void *)(space + 1);
            room.data = (uint8_t *)(found + *count);
            room.size = USSL_PEM_MAX_DER_SIZE(size);
        }
        *count = 0;
        for (;;) {
            u16_t code = ussl_pem_next(&text, (ussl_buffer){NULL, 0}, &block);
            if (code == USSL_ERR_NONE && block.label_size == 0) break;
            if (code == USSL_ERR_NONE && (block.label_size != sizeof label - 1 ||
                                          memcmp(block.label, label, sizeof label - 1) != 0))
                continue;
            if (code == USSL_ERR_NONE && pass == 1) code = ussl_pem_decode(room, &block);
            if (code != USSL_ERR_NONE) {
                note_code(code);
                return 0;
            }
            if (pass == 1) {
                found[*count] = block.der;
                room.data += block.der.size;
                room.size -= block.der.size;
            }
            ++*count;
        }
        if (*count == 0) {
            note_code(USSL_ERR_BAD_CERTIFICATE);
            return 0;
        }
    }
    *certificates = found;
    return 1;
}

static int read_key(struct altcp_tls_config *config, const u8_t *data, size_t size, ussl_bytes *key) {
    static const char label[] = "PRIVATE KEY";
    ussl_bytes text = {data, size};
    struct decoded *space;
    *key = text;
    if (!ussl_is_pem(text)) return 1;
    text = text_of(data, size);
    for (;;) {
        ussl_pem_block block;
        u16_t code = ussl_pem_next(&text, (ussl_buffer){NULL, 0}, &block);
        if (code == USSL_ERR_NONE && block.label_size == 0) code = USSL_ERR_BAD_PRIVATE_KEY;
        if (code == USSL_ERR_NONE) {
            ussl_buffer room;
            if (block.label_size < sizeof label - 1 ||
                memcmp(block.label + block.label_size - (sizeof label - 1), label, sizeof label - 1) != 0)
                continue;
            if (block.encrypted)
                code = USSL_ERR_ENCRYPTED_PRIVATE_KEY;
            else {
                space = room_for(config, USSL_PEM_MAX_DER_SIZE(size));
                if (space == NULL) return 0;
                room.data = (uint8_t *)(space + 1);
                room.size = USSL_PEM_MAX_DER_SIZE(size);
                code = ussl_pem_decode(room, &block);
                *key = block.der;
            }
        }
        if (code == USSL_ERR_NONE) return 1;
        note_code(code);
        return 0;
    }
}

static int add_credential(struct altcp_tls_config *config, const u8_t *key, size_t key_size, const u8_t *password,
                          const u8_t *certificate, size_t certificate_size) {
    const u8_t number = config->credential_count;
    ussl_credential *credential = &config->credentials[number];
    if (number == config->credential_limit) {
        note_code(USSL_ERR_NO_MEMORY);
        return 0;
    }
    if (key == NULL || certificate == NULL || password != NULL) {
        note_code(password != NULL      ? USSL_ERR_ENCRYPTED_PRIVATE_KEY
                  : certificate == NULL ? USSL_ERR_NO_CERTIFICATE
                                        : USSL_ERR_NO_PRIVATE_KEY);
        return 0;
    }
    if (!read_certificates(config, certificate, certificate_size, &config->own[number], &credential->chain,
                           &credential->chain_count) ||
        !read_key(config, key, key_size, &credential->private_key))
        return 0;
    config->credential_count++;
    config->settings.credential = config->credentials[0];
    config->settings.more_credentials = number == 0 ? NULL : config->credentials + 1;
    config->settings.more_credential_count = number;
    return 1;
}

struct altcp_tls_config *ussl_lwip_create_config(const ussl_config *settings, const ussl_environment *environment) {
    struct altcp_tls_config *config = take_config(USSL_ROLE_CLIENT);
    if (config == NULL) return NULL;
    config->environment = environment;
    if (settings->struct_size > sizeof config->settings) { /* from a newer ussl.h */
        note_code(USSL_ERR_INVALID_ARGUMENT);
        altcp_tls_free_config(config);
        return NULL;
    }
    memcpy(&config->settings, settings, settings->struct_size);
    return opened(config);
}

struct altcp_tls_config *altcp_tls_create_config_server(u8_t certificates) {
    struct altcp_tls_config *config;
    if (certificates > USSL_LWIP_CERTIFICATES) {
        note_code(USSL_ERR_NO_MEMORY);
        return NULL;
    }
    config = take_config(USSL_ROLE_SERVER);
    if (config == NULL) return NULL;
    config->credential_limit = certificates;
    config->settings.verify = USSL_VERIFY_NONE; /* does not ask for certificates, as lwIP's servers */
    return config;
}

err_t altcp_tls_config_server_add_privkey_cert(struct altcp_tls_config *config, const u8_t *key, size_t key_size,
                                               const u8_t *password, size_t password_size, const u8_t *certificate,
                                               size_t certificate_size) {
    LWIP_UNUSED_ARG(password_size);
    if (config->users != 0) {
        note_code(USSL_ERR_INVALID_STATE);
        return ERR_USE;
    }
    ussl_context_close(&config->context);
    if (!add_credential(config, key, key_size, password, certificate, certificate_size))
        return last_error.code == USSL_ERR_NO_MEMORY ? ERR_MEM : ERR_VAL;
    return open_config(config) ? ERR_OK : ERR_VAL;
}

struct altcp_tls_config *altcp_tls_create_config_server_privkey_cert(const u8_t *key, size_t key_size,
                                                                     const u8_t *password, size_t password_size,
                                                                     const u8_t *certificate, size_t certificate_size) {
    struct altcp_tls_config *config = altcp_tls_create_config_server(1);
    if (config == NULL || altcp_tls_config_server_add_privkey_cert(config, key, key_size, password, password_size,
                                                                   certificate, certificate_size) == ERR_OK)
        return config;
    altcp_tls_free_config(config);
    return NULL;
}

static struct altcp_tls_config *new_client(const u8_t *ca, size_t ca_size) {
    struct altcp_tls_config *config = take_config(USSL_ROLE_CLIENT);
    if (config == NULL) return NULL;
    config->credential_limit = 1;
    config->settings.resumption = USSL_LWIP_RESUMPTION != 0;
    /* Without any, opening the context reports missing trust anchors. */
    if (ca == NULL || read_certificates(config, ca, ca_size, &config->anchor, &config->settings.trust_anchors,
                                        &config->settings.trust_anchor_count))
        return config;
    altcp_tls_free_config(config);
    return NULL;
}

struct altcp_tls_config *altcp_tls_create_config_client(const u8_t *ca, size_t ca_size) {
    return opened(new_client(ca, ca_size));
}

struct altcp_tls_config *altcp_tls_create_config_client_2wayauth(const u8_t *ca, size_t ca_size, const u8_t *key,
                                                                 size_t key_size, const u8_t *password,
                                                                 size_t password_size, const u8_t *certificate,
                                                                 size_t certificate_size) {
    struct altcp_tls_config *config = new_client(ca, ca_size);
    LWIP_UNUSED_ARG(password_size);
    if (config == NULL || add_credential(config, key, key_size, password, certificate, certificate_size))
        return opened(config);
    altcp_tls_free_config(config);
    return NULL;
}

/* 0, or a ussl_code. */
int altcp_tls_configure_alpn_protocols(struct altcp_tls_config *config, const char **names) {
    size_t count = 0;
    u16_t code = config->users != 0 ? USSL_ERR_INVALID_STATE : USSL_ERR_NONE;
    for (; code == USSL_ERR_NONE && names[count] != NULL; count++) {
        if (count == USSL_LWIP_ALPN)
            code = USSL_ERR_NO_MEMORY;
        else {
            config->alpn[count].data = (const uint8_t *)names[count];
            config->alpn[count].size = strlen(names[count]);
        }
    }
    if (code != USSL_ERR_NONE) {
        note_code(code);
        return code;
    }
    ussl_context_close(&config->context);
    config->settings.alpn = config->alpn;
    config->settings.alpn_count = count;
    /* A server without certificates is opened when it gets the first one. */
    if (config->settings.role == USSL_ROLE_SERVER && config->credential_count == 0 && config->credential_limit != 0)
        return 0;
    return open_config(config) ? 0 : last_error.code;
}

void ussl_lwip_set_name(struct altcp_tls_config *config, const char *name) { config->name = name; }

/* --- Connections --- */

static struct connection *take_connection(struct altcp_tls_config *config) {
    struct connection *c = connections;
    if (config == NULL || !open_config(config)) return NULL;
    while (c != connections + USSL_LWIP_CONNECTIONS && c->is_taken) c++;
    if (c == connections + USSL_LWIP_CONNECTIONS) {
        note_code(USSL_ERR_NO_MEMORY);
        return NULL;
    }
    memset(c, 0, sizeof *c);
    c->is_taken = 1;
    c->config = config;
    config->users++;
    ussl_session_init(&c->session);
    return c;
}

static void drop_input(struct connection *c) {
    if (c->encrypted != NULL) {
        c->held += c->encrypted->tot_len;
        pbuf_free(c->encrypted);
    }
    if (c->plain != NULL) pbuf_free(c->plain);
    c->encrypted = c->plain = NULL;
}

static void release_connection(struct connection *c) {
    drop_input(c);
    ussl_session_release(&c->session);
    c->config->users--;
    release_config(c->config);
    c->is_taken = 0;
}

static void enter(struct connection *c) { c->depth++; }

/* The return value for a callback of TCP. */
static err_t leave(struct connection *c) {
    const err_t result = c->was_aborted ? ERR_ABRT : ERR_OK;
    c->depth--;
    if (c->depth == 0 && c->conn == NULL && c->inner == NULL) release_connection(c);
    return result;
}

/* Opens TCP's window by all bytes, except as many as there are plain bytes that the application
 * has not confirmed. An incomplete record has none: it continues even if it is longer than the
 * window. */
static void open_window(struct connection *c) {
    size_t kept = c->owed;
    if (c->conn != NULL) kept += ussl_session_readable(&c->session) + (c->plain != NULL ? c->plain->tot_len : 0U);
    while (c->inner != NULL && c->held > kept) {
        const u16_t part = (u16_t)LWIP_MIN(c->held - kept, 0xFFFFU);
        c->held -= part;
        altcp_recved(c->inner, part);
    }
}

/* Passes pending output to TCP. 0: something is left. */
static int flush(struct connection *c) {
    for (;;) {
        const ussl_bytes output = ussl_session_output(&c->session);
        size_t size = output.size;
        if (size == 0) return 1;
        if (c->inner == NULL) return 0;
        size = LWIP_MIN(size, altcp_sndbuf(c->inner));
        /* It takes all or nothing, and may have no memory. */
        while (size != 0 && altcp_write(c->inner, output.data, (u16_t)size, TCP_WRITE_FLAG_COPY) != ERR_OK) size /= 2;
        if (size == 0) return 0;
        c->unacked += (u32_t)size;
        ussl_session_output_consume(&c->session, size);
    }
}

static void send_now(struct connection *c) {
    flush(c);
    if (c->inner != NULL) altcp_output(c->inner);
}

/* The application has closed: TCP's side ends as soon as everything is sent. */
static void end(struct connection *c) {
    struct altcp_pcb *inner = c->inner;
    if (inner == NULL) return;
    if (!c->close_is_queued) c->close_is_queued = ussl_session_close(&c->session) != USSL_WANT_WRITE;
    flush(c);
    if (!c->close_is_queued) c->close_is_queued = ussl_session_close(&c->session) != USSL_WANT_WRITE;
    c->owed = 0;
    drop_input(c);
    open_window(c); /* TCP answers unread bytes with a reset, and the peer would lose the rest */
    if (!c->close_is_queued || !flush(c)) return;
    c->inner = NULL;
    altcp_arg(inner, NULL);
    altcp_recv(inner, NULL);
    altcp_sent(inner, NULL);
    altcp_err(inner, NULL);
    altcp_poll(inner, NULL, 0);
    if (altcp_close(inner) != ERR_OK) {
        altcp_abort(inner);
        c->was_aborted = 1;
    }
}

/* Takes the pcb from the application, as TCP does before it calls err. */
static void lose(struct connection *c, err_t error) {
    struct altcp_pcb *conn = c->conn;
    const altcp_err_fn function = conn->err;
    void *arg = conn->arg;
    altcp_free(conn);
    if (function != NULL) function(arg, error);
}

static void fail(struct connection *c, ussl_error error) {
    note(error);
    c->ticks = 0;
    send_now(c); /* the alert */
    c->close_is_queued = 1;
    if (c->conn != NULL) lose(c, c->is_established ? ERR_ABRT : ERR_CLSD);
    end(c);
}

/* Moves bytes into the session until it can make progress. 0: there were none. */
static int feed(struct connection *c) {
    int moved = 0;
    while (c->encrypted != NULL) {
        struct pbuf *first = c->encrypted;
        const ussl_buffer space = ussl_session_input_space(&c->session);
        const u16_t size = (u16_t)LWIP_MIN(space.size, first->len);
        if (size == 0 && first->len != 0) return moved;
        if (size != 0) memcpy(space.data, first->payload, size);
        if (size == first->len) {
            c->encrypted = first->next;
            first->next = NULL;
            pbuf_free(first);
        } else
            pbuf_remove_header(first, size);
        c->held += size;
        if (size == 0) continue;
        moved = 1;
        if (ussl_session_input_commit(&c->session, size)) return 1;
    }
    if (c->input_has_ended && !c->end_is_known) {
        c->end_is_known = 1;
        ussl_session_input_end(&c->session);
        return 1;
    }
    return moved;
}

/* 0: the application does not accept it now. */
static int deliver(struct connection *c) {
    struct altcp_pcb *conn = c->conn;
    struct pbuf *plain = c->plain;
    u16_t size;
    err_t error;
    if (plain == NULL) return 1;
    c->plain = NULL;
    size = plain->tot_len;
    if (conn->recv == NULL) {
        pbuf_free(plain);
        return 1;
    }
    c->owed += size;
    error = conn->recv(conn->arg, conn, plain, ERR_OK);
    if (error == ERR_OK || error == ERR_ABRT) return 1;
    c->owed -= LWIP_MIN(c->owed, size);
    if (c->conn != NULL)
        c->plain = plain;
    else
        pbuf_free(plain);
    return 0;
}

static ussl_status read_some(struct connection *c) {
    const size_t readable = ussl_session_readable(&c->session);
    const u16_t room = (u16_t)(readable == 0 || readable > PBUF_POOL_BUFSIZE ? PBUF_POOL_BUFSIZE : readable);
    size_t count = 0;
    ussl_status status;
    struct pbuf *plain;
    if (!ussl_session_can_read(&c->session)) return USSL_WANT_READ;
    plain = pbuf_alloc(PBUF_RAW, room, PBUF_POOL);
    if (plain == NULL) return USSL_WANT_WRITE; /* no memory: poll() tries again */
    status = ussl_session_read(&c->session, plain->payload, plain->len, &count);
    if (status == USSL_OK) {
        pbuf_realloc(plain, (u16_t)count);
        c->plain = plain;
    } else
        pbuf_free(plain);
    return status;
}

/* Continues as far as the received bytes and the application allow. */
static void run(struct connection *c) {
    while (c->conn != NULL && c->inner != NULL && c->is_started) {
        ussl_status status;
        struct altcp_pcb *conn = c->conn;
        ussl_error error;
        if (c->is_broken) {
            fail(c, ussl_session_error(&c->session));
            return;
        }
        if (c->is_finished) {
            drop_input(c);
            open_window(c);
            break;
        }
        if (!c->is_established) {
            status = ussl_session_handshake(&c->session);
            if (status == USSL_OK) {
                c->is_established = 1;
                send_now(c);
                if (conn->connected != NULL) conn->connected(conn->arg, conn, ERR_OK);
                continue;
            }
        } else {
            if (!deliver(c)) break;
            if (c->conn == NULL || c->inner == NULL) break;
            status = read_some(c);
        }
        switch (status) {
        case USSL_OK: break;
        case USSL_WANT_READ:
            if (!feed(c)) {
                open_window(c);
                send_now(c);
                if (!c->is_established || !ussl_session_can_read(&c->session)) return;
            }
            break;
        case USSL_WANT_WRITE:
            if (ussl_session_output(&c->session).size == 0 || !flush(c)) {
                send_now(c);
                return;
            }
            break;
        case USSL_CLOSED:
            c->is_finished = 1;
            if (conn->recv == NULL)
                altcp_close(conn);
            else
                conn->recv(conn->arg, conn, NULL, ERR_OK);
            break;
        default:
            error = ussl_session_error(&c->session);
            if (status == USSL_TRUNCATED) error.code = USSL_ERR_TRUNCATED;
            fail(c, error);
            return;
        }
    }
    if (c->conn != NULL && c->inner != NULL) send_now(c);
}

/* --- Callbacks of TCP --- */

static err_t on_recv(void *arg, struct altcp_pcb *inner, struct pbuf *p, err_t err) {
    struct connection *c = (struct connection *)arg;
    LWIP_UNUSED_ARG(inner);
    LWIP_UNUSED_ARG(err);
    if (p == NULL)
        c->input_has_ended = 1;
    else if (c->encrypted == NULL)
        c->encrypted = p;
    else if ((u32_t)c->encrypted->tot_len + p->tot_len > 0xFFFFU)
        return ERR_MEM; /* TCP keeps it */
    else
        pbuf_cat(c->encrypted, p);
    enter(c);
    if (c->conn == NULL)
        end(c);
    else
        run(c);
    return leave(c);
}

/* Reports bytes that have arrived for certain: more than those that may still be on the way. */
static void report(struct connection *c) {
    while (c->conn != NULL) {
        u32_t open = c->unacked; /* the application may have written more */
        u16_t part;
        if (ussl_session_output(&c->session).size != 0) open += c->last_write;
        if (c->unreported <= open) return;
        part = (u16_t)LWIP_MIN(c->unreported - open, 0xFFFFU);
        c->unreported -= part;
        if (c->conn->sent != NULL) c->conn->sent(c->conn->arg, c->conn, part);
    }
}

static err_t on_sent(void *arg, struct altcp_pcb *inner, u16_t size) {
    struct connection *c = (struct connection *)arg;
    LWIP_UNUSED_ARG(inner);
    enter(c);
    c->unacked -= LWIP_MIN(c->unacked, size);
    flush(c);
    report(c);
    if (c->conn == NULL)
        end(c);
    else
        run(c);
    return leave(c);
}

static err_t on_poll(void *arg, struct altcp_pcb *inner) {
    struct connection *c = (struct connection *)arg;
    enter(c);
    if (c->conn == NULL) {
        end(c);
        if (c->inner != NULL && ++c->ticks >= USSL_LWIP_CLOSE_SECONDS * TICKS_PER_SECOND) altcp_abort(inner);
        return leave(c);
    }
    run(c);
    if (c->conn != NULL && c->is_started && !c->is_established &&
        ++c->ticks >= USSL_LWIP_HANDSHAKE_SECONDS * TICKS_PER_SECOND) {
        ussl_error error = {0};
        error.code = USSL_ERR_HANDSHAKE_TIMEOUT;
        fail(c, error);
    }
    if (c->conn != NULL && c->conn->poll != NULL && ++c->poll_ticks >= c->conn->pollinterval) {
        c->poll_ticks = 0;
        c->conn->poll(c->conn->arg, c->conn);
    }
    return leave(c);
}

static void on_err(void *arg, err_t error) {
    struct connection *c = (struct connection *)arg;
    enter(c);
    c->inner = NULL; /* TCP has freed it */
    c->was_aborted = 1;
    note_code(USSL_ERR_NONE);
    if (c->conn != NULL) {
        c->conn->inner_conn = NULL;
        lose(c, error);
    }
    leave(c);
}

static err_t on_connected(void *arg, struct altcp_pcb *inner, err_t error) {
    struct connection *c = (struct connection *)arg;
    LWIP_UNUSED_ARG(inner);
    enter(c);
    if (error != ERR_OK && c->conn->connected != NULL)
        c->conn->connected(c->conn->arg, c->conn, error);
    else if (error == ERR_OK) {
        c->is_started = 1;
        run(c);
    }
    return leave(c);
}

static void attach(struct connection *c) {
    altcp_arg(c->inner, c);
    altcp_recv(c->inner, on_recv);
    altcp_sent(c->inner, on_sent);
    altcp_err(c->inner, on_err);
    altcp_poll(c->inner, on_poll, 1);
}

/* Makes a pcb for the application on top of TCP's. */
static struct altcp_pcb *new_conn(struct altcp_tls_config *config, struct altcp_pcb *inner) {
    struct connection *c = take_connection(config);
    struct altcp_pcb *conn;
    if (c == NULL) return NULL;
    conn = altcp_alloc();
    if (conn == NULL) {
        note_code(USSL_ERR_NO_MEMORY);
        release_connection(c);
        return NULL;
    }
    conn->inner_conn = inner;
    conn->fns = &functions;
    conn->state = c;
    c->conn = conn;
    c->inner = inner;
    return conn;
}

static err_t on_accept(void *arg, struct altcp_pcb *inner, err_t error) {
    struct altcp_pcb *listener = (struct altcp_pcb *)arg;
    struct altcp_pcb *conn;
    struct connection *c;
    err_t accepted;
    if (inner == NULL || error != ERR_OK) return error != ERR_OK ? error : ERR_VAL;
    if (listener->accept == NULL) return ERR_ARG;
    conn = new_conn((struct altcp_tls_config *)listener->state, inner);
    if (conn == NULL) return ERR_MEM;
    c = (struct connection *)conn->state;
    enter(c);
    note(ussl_session_open(&c->session, &c->config->context, NULL));
    if (last_error.code != USSL_ERR_NONE) {
        c->inner = NULL; /* TCP aborts it */
        altcp_free(conn);
        leave(c);
        return ERR_MEM;
    }
    attach(c);
    c->is_started = 1;
    accepted = listener->accept(listener->arg, conn, ERR_OK);
    return leave(c) == ERR_ABRT ? ERR_ABRT : accepted;
}

/* --- Functions for the application --- */

static struct connection *connection_of(struct altcp_pcb *conn) {
    return conn != NULL && conn->fns == &functions ? (struct connection *)conn->state : NULL;
}

struct altcp_pcb *altcp_tls_wrap(struct altcp_tls_config *config, struct altcp_pcb *inner) {
    return inner == NULL ? NULL : new_conn(config, inner);
}

ussl_session *ussl_lwip_session(struct altcp_pcb *conn) {
    struct connection *c = connection_of(conn);
    return c != NULL ? &c->session : NULL;
}

void *altcp_tls_context(struct altcp_pcb *conn) { return ussl_lwip_session(conn); }

err_t ussl_lwip_set_peer_name(struct altcp_pcb *conn, const char *name) {
    struct connection *c = connection_of(conn);
    if (c == NULL || c->is_started) return ERR_ARG;
    c->name = name;
    return ERR_OK;
}

void altcp_tls_init_session(struct altcp_tls_session *session) {
    if (session != NULL) session->size = 0;
}

/* In TLS 1.3 servers send it after the handshake: ERR_VAL if there is none yet, or if it is too
 * large. */
err_t altcp_tls_get_session(struct altcp_pcb *conn, struct altcp_tls_session *session) {
    struct connection *c = connection_of(conn);
    size_t size;
    if (c == NULL || session == NULL) return ERR_ARG;
    size = ussl_session_resumption_data(&c->session, session->data, sizeof session->data);
    session->size = size <= sizeof session->data ? size : 0;
    return session->size != 0 ? ERR_OK : ERR_VAL;
}

err_t altcp_tls_set_session(struct altcp_pcb *conn, struct altcp_tls_session *session) {
    struct connection *c = connection_of(conn);
    if (c == NULL || session == NULL || c->is_started) return ERR_ARG;
    if (session->size == 0) return ERR_VAL;
    c->resumed = session;
    return ERR_OK;
}

void altcp_tls_free_session(struct altcp_tls_session *session) {
    if (session != NULL) ussl_wipe(session, sizeof *session);
}

static void set_poll(struct altcp_pcb *conn, u8_t interval) {
    struct connection *c = connection_of(conn);
    LWIP_UNUSED_ARG(interval);
    if (c != NULL) c->poll_ticks = 0;
}

static void recved(struct altcp_pcb *conn, u16_t size) {
    struct connection *c = connection_of(conn);
    if (c == NULL) return;
    c->owed -= LWIP_MIN(c->owed, size);
    open_window(c);
}

static err_t connect_to(struct altcp_pcb *conn, const ip_addr_t *address, u16_t port, altcp_connected_fn connected) {
    struct connection *c = connection_of(conn);
    ussl_peer peer = {0};
    const char *name;
    err_t error;
    if (c == NULL || c->inner == NULL) return ERR_VAL;
    name = c->name != NULL ? c->name : c->config->name;
    peer.struct_size = sizeof peer;
    if (name != NULL) {
        peer.ip_address.data = c->address;
        peer.ip_address.size = ussl_parse_ip_address(name, c->address);
        if (peer.ip_address.size == 0) peer.sni = peer.dns_name = name;
    }
    if (c->resumed != NULL) {
        peer.resumption.data = c->resumed->data;
        peer.resumption.size = c->resumed->size;
    }
    note(ussl_session_open(&c->session, &c->config->context, &peer));
    if (last_error.code != USSL_ERR_NONE) return last_error.code == USSL_ERR_NO_MEMORY ? ERR_MEM : ERR_VAL;
    conn->connected = connected;
    attach(c);
    error = altcp_connect(c->inner, address, port, on_connected);
    if (error != ERR_OK) ussl_session_release(&c->session);
    return error;
}

static struct altcp_pcb *listen_for(struct altcp_pcb *conn, u8_t backlog, err_t *error) {
    struct connection *c = connection_of(conn);
    struct altcp_pcb *inner;
    if (c == NULL) return NULL;
    inner = altcp_listen_with_backlog_and_err(c->inner, backlog, error);
    if (inner == NULL) return NULL;
    c->config->users++;
    conn->inner_conn = inner;
    conn->fns = &listener_functions;
    conn->state = c->config;
    release_connection(c);
    altcp_arg(inner, conn);
    altcp_accept(inner, on_accept);
    return conn;
}

static void abort_conn(struct altcp_pcb *conn) {
    struct connection *c = connection_of(conn);
    if (c == NULL) return;
    enter(c);
    if (!ussl_session_is_established(&c->session)) attach(c); /* it may never have been connected */
    altcp_abort(c->inner);                                    /* on_err() does the rest */
    leave(c);
}

static err_t close_conn(struct altcp_pcb *conn) {
    struct connection *c = connection_of(conn);
    if (c == NULL) return ERR_VAL;
    enter(c);
    c->ticks = 0;
    altcp_free(conn);
    end(c);
    leave(c);
    return ERR_OK;
}

/* Only both directions: TLS 1.2 has no half-closed state (RFC 5246, 7.2.1). */
static err_t shutdown_conn(struct altcp_pcb *conn, int receive, int transmit) {
    return receive && transmit ? altcp_close(conn) : ERR_VAL;
}

static u16_t sndbuf(struct altcp_pcb *conn) {
    struct connection *c = connection_of(conn);
    size_t size;
    if (c == NULL || c->inner == NULL || !c->is_established || ussl_session_output(&c->session).size != 0) return 0;
    size = altcp_sndbuf(c->inner);
    if (size <= OVERHEAD) return 0;
    return (u16_t)LWIP_MIN(size - OVERHEAD, ussl_session_max_fragment_length(&c->session));
}

/* As TCP: all bytes, or ERR_MEM and none. So it is at most one record; altcp_sndbuf() takes that
 * into account. */
static err_t write_to(struct altcp_pcb *conn, const void *data, u16_t size, u8_t flags) {
    struct connection *c = connection_of(conn);
    const uint8_t *from = (const uint8_t *)data;
    size_t left = size;
    LWIP_UNUSED_ARG(flags);
    if (c == NULL || c->inner == NULL || !c->is_established || c->is_broken) return ERR_CONN;
    if (!flush(c) || size > sndbuf(conn)) return ERR_MEM;
    while (left != 0) {
        size_t count = 0;
        const ussl_status status = ussl_session_write(&c->session, from, left, &count);
        from += count;
        left -= count;
        if (status == USSL_WANT_WRITE && flush(c)) continue;
        if (status != USSL_OK) {
            c->is_broken = 1;
            return ERR_CLSD;
        }
    }
    c->unreported += size;
    c->last_write = size;
    flush(c);
    return ERR_OK;
}

static u16_t mss(struct altcp_pcb *conn) {
    const u16_t size = altcp_default_mss(conn);
    return (u16_t)(size > OVERHEAD ? size - OVERHEAD : size);
}

static void dealloc(struct altcp_pcb *conn) {
    struct connection *c = connection_of(conn);
    if (c != NULL) c->conn = NULL;
    conn->state = NULL;
}

static const struct altcp_functions functions = {
    set_poll,
    recved,
    altcp_default_bind,
    connect_to,
    listen_for,
    abort_conn,
    close_conn,
    shutdown_conn,
    write_to,
    altcp_default_output,
    mss,
    sndbuf,
    altcp_default_sndqueuelen,
    altcp_default_nagle_disable,
    altcp_default_nagle_enable,
    altcp_default_nagle_disabled,
    altcp_default_setprio,
    dealloc,
    altcp_default_get_tcp_addrinfo,
    altcp_default_get_ip,
    altcp_default_get_port,
#if LWIP_TCP_KEEPALIVE
    altcp_default_keepalive_disable,
    altcp_default_keepalive_enable,
#endif
#ifdef LWIP_DEBUG
    altcp_default_dbg_get_tcp_state,
#endif
};

/* --- Listeners: their state is the configuration --- */

static err_t close_listener(struct altcp_pcb *conn) {
    struct altcp_pcb *inner = conn->inner_conn;
    const err_t error = altcp_close(inner);
    if (error == ERR_OK) altcp_free(conn);
    return error;
}

static void dealloc_listener(struct altcp_pcb *conn) {
    struct altcp_tls_config *config = (struct altcp_tls_config *)conn->state;
    conn->state = NULL;
    config->users--;
    release_config(config);
}

static const struct altcp_functions listener_functions = {
    .close = close_listener,
    .setprio = altcp_default_setprio,
    .dealloc = dealloc_listener,
    .addrinfo = altcp_default_get_tcp_addrinfo,
    .getip = altcp_default_get_ip,
    .getport = altcp_default_get_port,
#ifdef LWIP_DEBUG
    .dbg_get_tcp_state = altcp_default_dbg_get_tcp_state,
#endif
};

#endif
