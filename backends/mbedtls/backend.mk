# Mbed TLS, for bindings/micropython/micropython.mk.
USSL_LIBRARY := $(call ussl_directory,mbedtls,MBEDTLS)
USSL_LIBRARY_SOURCES := $(call ussl_existing,$(USSL_LIBRARY),$(USSL_ROOT)/subprojects/packagefiles/mbedtls/sources.txt) \
	$(call ussl_existing,$(USSL_ROOT)/backends/mbedtls,$(USSL_ROOT)/backends/mbedtls/amended/sources.txt)
USSL_LIBRARY_FLAGS := -isystem $(USSL_LIBRARY)/include -I$(USSL_ROOT)/backends/mbedtls/config \
	'-DMBEDTLS_CONFIG_FILE="ussl_mbedtls_config.h"'
ifneq ($(USSL_HOSTED),1)
# libgcc's 64-bit division links unwinding tables, for which linker scripts may have no section.
USSL_LIBRARY_FLAGS += -DMBEDTLS_NO_UDBL_DIVISION
endif
