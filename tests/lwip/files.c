/* A page of httpd besides its own: /long, 100,000 bytes in a pattern. */
#include "lwip/apps/fs.h"

#include <string.h>

#define HEADER "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 100000\r\n\r\n"

static char long_file[sizeof HEADER - 1 + 100000];

int fs_open_custom(struct fs_file *file, const char *name) {
    size_t i;
    if (strcmp(name, "/long") != 0) return 0;
    memcpy(long_file, HEADER, sizeof HEADER - 1);
    for (i = 0; i != 100000; i++) long_file[sizeof HEADER - 1 + i] = (char)(i * 7 + i / 251);
    file->data = long_file;
    file->len = file->index = sizeof long_file;
    file->flags = FS_FILE_FLAGS_HEADER_INCLUDED;
    return 1;
}

void fs_close_custom(struct fs_file *file) { (void)file; }
