/* BearSSL's src/ec/ecdsa_i15_vrfy_raw.c. */
#include "left_out.h"

#include <ec/ecdsa_i15_vrfy_raw.c>
