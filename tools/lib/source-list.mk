# For tools/source-list: what backend.mk and the lists of sources say, printed.
ussl_list = $(shell sed -e '/^ *\#/d' -e '/^ *$$/d' $(1))
ussl_existing = $(wildcard $(addprefix $(1)/,$(call ussl_list,$(2))))
ussl_directory = $(abspath $(or $(USSL_LIBRARY_DIR),$(USSL_$(2)_DIR),$(USSL_ROOT)/subprojects/$(shell sed -n \
	's/^directory *= *//p' $(USSL_ROOT)/subprojects/$(1).wrap)))

ifeq ($(wildcard $(USSL_ROOT)/backends/$(USSL_BACKEND)/backend.mk),)
$(error there is no backend $(USSL_BACKEND))
endif
ifeq ($(USSL_POSIX),1)
USSL_HOSTED := 1
endif
include $(USSL_ROOT)/backends/$(USSL_BACKEND)/backend.mk
ifeq ($(wildcard $(USSL_LIBRARY)/.),)
$(error $(USSL_LIBRARY) is missing: run tools/sources $(USSL_BACKEND))
endif
ifneq ($(shell $(USSL_ROOT)/tools/library-names $(USSL_NAMES) $(USSL_LIBRARY_SOURCES) && echo made),made)
$(error $(USSL_NAMES) could not be made)
endif

own := $(addprefix $(USSL_ROOT)/core/,$(call ussl_list,$(USSL_ROOT)/core/sources.txt)) \
	$(if $(filter 1,$(USSL_POSIX)),$(USSL_ROOT)/core/src/posix_environment.cpp) \
	$(addprefix $(USSL_ROOT)/backends/$(USSL_BACKEND)/,$(call ussl_list,$(USSL_ROOT)/backends/$(USSL_BACKEND)/sources.txt))
switches := $(shell sed -n 's/^\#define \(USSL_[A-Z0-9_]*\) .*/\1/p' $(USSL_ROOT)/core/include/ussl/features.hpp)
# A flag is an include directory, a define, or -isystem and its directory.
flags := $(subst -isystem ,-I,$(USSL_LIBRARY_FLAGS))

lines = $(foreach item,$(2),$(info $(1) $(item)))
all:
	$(call lines,source-library,$(USSL_LIBRARY_SOURCES))
	$(call lines,source,$(own))
	$(call lines,include,$(USSL_ROOT)/core/include $(USSL_ROOT)/backends/$(USSL_BACKEND)/selected \
		$(USSL_ROOT)/backends/$(USSL_BACKEND)/include)
	$(call lines,include-library,$(patsubst -I%,%,$(filter -I%,$(flags))))
	$(call lines,define,$(foreach switch,$(sort $(switches)),$(if \
		$(filter undefined,$(origin $(switch))),,$(switch)=$($(switch)))))
	$(call lines,define-library,$(patsubst -D%,%,$(subst ',,$(filter -D% '-D%,$(flags)))))
	$(call lines,preinclude-library,$(USSL_NAMES))
	@:
