/* BearSSL's src/ssl/ssl_hs_server.c. */
#include "left_out.h"

#include <ssl/ssl_hs_server.c>
