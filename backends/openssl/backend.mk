# OpenSSL 3 of the system, for bindings/micropython/micropython.mk: for hosts.
USSL_LIBRARY := $(USSL_ROOT)/backends/openssl
USSL_LIBRARY_FLAGS := $(shell pkg-config --cflags openssl)
USSL_LIBRARY_LINKED := $(shell pkg-config --libs openssl)
