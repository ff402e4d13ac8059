/* Certificates and keys from PEM files. */
#ifndef FILES_H
#define FILES_H

#include <ussl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The contents of a file. Free them. No data, and a line to stderr: it cannot be read. */
static inline ussl_buffer file_content(const char *path) {
    ussl_buffer content = {NULL, 0};
    FILE *file = fopen(path, "rb");
    size_t room = 0, count = 0;
    bool good = file != NULL;
    while (good) {
        if (content.size == room) {
            uint8_t *more = realloc(content.data, room += 65536);
            good = more != NULL;
            if (!good) break;
            content.data = more;
        }
        count = fread(content.data + content.size, 1, room - content.size, file);
        content.size += count;
        good = !ferror(file);
        if (count == 0) break;
    }
    if (!good) {
        perror(path);
        free(content.data);
        content.data = NULL;
    }
    if (file != NULL) fclose(file);
    return content;
}

/* The blocks of a PEM file whose label ends with `label`, as DER, to `found`. Returns how many. What
 * they point to stays until the program ends. 0, and a line to stderr: the file cannot be read, is
 * damaged, or has none of them or more than `most`. */
static inline size_t pem_blocks(const char *path, const char *label, ussl_bytes *found,
                                size_t most) {
    const ussl_buffer content = file_content(path);
    if (content.data == NULL) return 0;
    ussl_bytes text = {content.data, content.size};
    ussl_buffer room = {NULL, USSL_PEM_MAX_DER_SIZE(content.size)};
    room.data = malloc(room.size);
    const char *wrong = room.data == NULL ? ussl_message(USSL_ERR_NO_MEMORY) : NULL;
    const size_t size = strlen(label);
    size_t count = 0;
    while (wrong == NULL) {
        ussl_pem_block block;
        const uint16_t code = ussl_pem_next(&text, room, &block);
        if (code != USSL_ERR_NONE) {
            wrong = ussl_message(code);
        } else if (block.label_size == 0) {
            if (count == 0) wrong = "not in this file (PEM)";
            break;
        } else if (block.label_size >= size &&
                   memcmp(block.label + block.label_size - size, label, size) == 0) {
            if (count == most) {
                wrong = "too many of them";
            } else {
                found[count++] = block.der;
                room.data += block.der.size;
                room.size -= block.der.size;
            }
        }
    }
    free(content.data);
    if (wrong == NULL) return count;
    fprintf(stderr, "%s: %s: %s\n", path, label, wrong);
    return 0;
}

static inline int failed(const char *doing, ussl_error error) {
    fprintf(stderr, "%s: %s", doing, ussl_message(error.code));
    if (error.code == USSL_ERR_PEER_ALERT)
        fprintf(stderr, " %d: %s", error.alert, ussl_alert_name(error.alert));
    fprintf(stderr, " (%d, library %ld)\n", error.code, (long)error.library);
    return 1;
}

#endif
