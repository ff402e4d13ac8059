# OpenSSL 3 of the system, for bindings/micropython/micropython.cmake, whose ports are for boards.
message(FATAL_ERROR "ussl: USSL_BACKEND=openssl is for hosts")
