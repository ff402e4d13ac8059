# wolfSSL, for bindings/micropython/micropython.mk.
USSL_LIBRARY := $(call ussl_directory,wolfssl,WOLFSSL)
USSL_LIBRARY_SOURCES := $(call ussl_existing,$(USSL_LIBRARY),$(USSL_ROOT)/subprojects/packagefiles/wolfssl/sources.txt) \
	$(if $(wildcard $(USSL_LIBRARY)/src/tls.c),$(wildcard $(USSL_ROOT)/backends/wolfssl/library/*.c))
USSL_LIBRARY_FLAGS := -isystem $(USSL_LIBRARY) -I$(USSL_ROOT)/backends/wolfssl/config -DWOLFSSL_USER_SETTINGS
# Releases before 5.8 have no ML-KEM under its final name. The public header must know, too.
ifeq ($(wildcard $(USSL_LIBRARY)/wolfcrypt/src/wc_mlkem.c),)
USSL_DEFINES += -DUSSL_WOLFSSL_BEFORE_5_8
endif
ifneq ($(USSL_X86_64),)
# user_settings.h has the latter, too, but aes_asm.S of 5.7.2 does not include it.
USSL_LIBRARY_FLAGS += -maes -DWOLFSSL_X86_64_BUILD
USSL_LIBRARY_SOURCES += $(call ussl_existing,$(USSL_LIBRARY),\
	$(USSL_ROOT)/subprojects/packagefiles/wolfssl/sources-x86_64.txt)
else ifeq ($(USSL_HOSTED),1)
USSL_LIBRARY_FLAGS += -DUSSL_NO_ASSEMBLY
endif
