/* BearSSL's src/ssl/ssl_hs_client.c. */
#include "left_out.h"

#include <ssl/ssl_hs_client.c>
