# For tools/source-list: prints the contents of backend.mk and of the lists of sources.
ussl_list = $(shell sed -e '/^ *\#/d' -e '/^ *$$/d' $(1))
ussl_existing = $(wildcard $(addprefix $(1)/,$(call ussl_list,$(2))))
ussl_directory = $(abspath $(or $(USSL_LIBRARY_DIR),$(USSL_$(2)_DIR),$(USSL_ROOT)/subprojects/$(shell sed -n \
	's/^directory *= *//p' $(USSL_ROOT)/subprojects/$(1).wrap)))

ifeq ($(wildcard $(USSL_ROOT)/backends/$(USSL_BACKEND)/backend.mk),)
$(error there is no backend $(USSL_BACKEND))
endif
USSL_VARIABLES := USSL_ROOT USSL_BACKEND USSL_NAMES USSL_%_DIR
include $(USSL_ROOT)/core/switches.mk
include $(USSL_ROOT)/backends/$(USSL_BACKEND)/backend.mk
ifeq ($(wildcard $(USSL_LIBRARY)/.),)
$(error $(USSL_LIBRARY) is missing: run tools/sources $(USSL_BACKEND))
endif
ifneq ($(shell $(USSL_ROOT)/tools/library-names $(USSL_NAMES) $(USSL_LIBRARY_SOURCES) && echo made),made)
$(error $(USSL_NAMES) could not be made)
endif

own := $(addprefix $(USSL_ROOT)/core/,$(call ussl_list,$(USSL_ROOT)/core/sources.txt)) \
	$(if $(filter 1,$(USSL_HOSTED)),$(addprefix $(USSL_ROOT)/core/src/,posix_environment.cpp system_roots.cpp)) \
	$(addprefix $(USSL_ROOT)/backends/$(USSL_BACKEND)/,$(call ussl_list,$(USSL_ROOT)/backends/$(USSL_BACKEND)/sources.txt))
# A flag is an include directory, a define, or -isystem and its directory.
flags := $(subst -isystem ,-I,$(USSL_LIBRARY_FLAGS))

lines = $(foreach item,$(2),$(info $(1) $(item)))
all:
	$(call lines,source-library,$(USSL_LIBRARY_SOURCES))
	$(call lines,source,$(own))
	$(call lines,include,$(USSL_ROOT)/core/include $(USSL_ROOT)/backends/$(USSL_BACKEND)/selected \
		$(USSL_ROOT)/backends/$(USSL_BACKEND)/include)
	$(call lines,include-library,$(patsubst -I%,%,$(filter -I%,$(flags))))
	$(call lines,define,$(USSL_DEFINES:-D%=%))
	$(call lines,define-library,$(patsubst -D%,%,$(subst ',,$(filter -D% '-D%,$(flags)))))
	$(call lines,preinclude-library,$(USSL_NAMES))
	@:
