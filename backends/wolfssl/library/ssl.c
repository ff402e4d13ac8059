// wolfSSL's src/ssl.c, in builds without certificates without theirs.
#include "without_certificates.h"

#include "src/ssl.c"
