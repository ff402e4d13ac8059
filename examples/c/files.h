/* Certificates and keys from PEM files. */
#ifndef FILES_H
#define FILES_H

#include <ussl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The contents of a file; no data if it cannot be read. Free them. */
static ussl_buffer file_content(const char *path) {
    ussl_buffer content = {NULL, 0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) return content;
    size_t room = 0;
    for (;;) {
        if (content.size == room) {
            uint8_t *more = realloc(content.data, room += 65536);
            if (more == NULL) break;
            content.data = more;
        }
        const size_t count = fread(content.data + content.size, 1, room - content.size, file);
        if (count == 0) break;
        content.size += count;
    }
    fclose(file);
    return content;
}

/* The blocks of a PEM file whose label ends with `label`, as DER: at most `most` of them to `found`.
 * Returns how many. What they point to stays until the program ends. */
static size_t pem_blocks(const char *path, const char *label, ussl_bytes *found, size_t most) {
    const ussl_buffer content = file_content(path);
    ussl_bytes text = {content.data, content.size};
    ussl_buffer room = {NULL, USSL_PEM_MAX_DER_SIZE(content.size)};
    room.data = malloc(room.size);
    size_t count = 0;
    ussl_pem_block block;
    while (count < most && room.data != NULL &&
           ussl_pem_next(&text, room, &block) == USSL_ERR_NONE && block.label_size != 0) {
        const size_t size = strlen(label);
        if (block.label_size >= size &&
            memcmp(block.label + block.label_size - size, label, size) == 0)
            found[count++] = block.der;
        room.data += block.der.size;
        room.size -= block.der.size;
    }
    free(content.data);
    return count;
}

static int failed(const char *doing, ussl_error error) {
    fprintf(stderr, "%s: %s", doing, ussl_message(error.code));
    if (error.code == USSL_ERR_PEER_ALERT)
        fprintf(stderr, " %d: %s", error.alert, ussl_alert_name(error.alert));
    fprintf(stderr, " (%d, library %ld)\n", error.code, (long)error.library);
    return 1;
}

#endif
