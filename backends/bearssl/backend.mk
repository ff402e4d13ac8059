# BearSSL, for bindings/micropython/micropython.mk.
USSL_LIBRARY := $(call ussl_directory,bearssl,BEARSSL)
USSL_LIBRARY_SOURCES := $(call ussl_existing,$(USSL_LIBRARY),$(USSL_ROOT)/subprojects/packagefiles/bearssl/sources.txt)
USSL_LIBRARY_FLAGS := -isystem $(USSL_LIBRARY)/inc -I$(USSL_LIBRARY)/src
