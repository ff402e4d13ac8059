# BearSSL, for bindings/micropython/micropython.mk.
ifneq ($(filter 0,$(USSL_CERTIFICATES))$(if $(USSL_CERTIFICATES),,$(filter psk,$(USSL_PROFILE))),)
$(error BearSSL has no pre-shared keys: USSL_PROFILE=psk, or USSL_CERTIFICATES=0, needs another USSL_BACKEND)
endif
USSL_LIBRARY := $(call ussl_directory,bearssl,BEARSSL)
USSL_LIBRARY_SOURCES := $(call ussl_existing,$(USSL_LIBRARY),$(USSL_ROOT)/subprojects/packagefiles/bearssl/sources.txt) \
	$(call ussl_existing,$(USSL_ROOT)/backends/bearssl,$(USSL_ROOT)/backends/bearssl/amended/sources.txt)
USSL_LIBRARY_FLAGS := -isystem $(USSL_LIBRARY)/inc -I$(USSL_LIBRARY)/src \
	-DBR_LOMUL=__ARM_ARCH_6M__ # words of 15 bits on a Cortex-M0+
# Its arithmetic is in C: with its loops unrolled a handshake takes two thirds of the instructions.
USSL_LIBRARY_HOSTED_OPTIMISATION := -O3
