# The ussl module for the make-based ports of MicroPython and Pycopy:
#
#   make USER_C_MODULES=<ussl>/bindings USSL_BACKEND=mbedtls [USSL_<SWITCH>=0|1|size ...]
#
# USSL_ROOTS=bundle builds public roots in: those of this machine's ca-certificates, for clients
# without trust anchors. Or name a file: PEM, or a bundle of tools/embed-roots --binary
# (docs/roots.md).
#
# The switches are those of docs/switches.md. USSL_LIBRARY_DIR (or USSL_MBEDTLS_DIR and so on)
# points to another copy of the library than that of tools/sources. The firmware's own TLS must be
# off (MICROPY_PY_SSL=0; on Pycopy MICROPY_PY_USSL=0).

USSL_BINDING := $(USERMOD_DIR)
USSL_ROOT := $(realpath $(USSL_BINDING)/../..)
USSL_BACKEND ?= mbedtls

# The port for hosts gets -O2 for the library, and its assembly. (On other ports the compiler is not
# known yet: many choose it later.)
ifeq ($(origin USSL_HOSTED)$(notdir $(CURDIR)),undefinedunix)
USSL_HOSTED := 1
endif
# A fragmented heap has no room for the longest record, which is rare.
ifneq ($(USSL_HOSTED),1)
USSL_SHORT_BUFFERS ?= 1
USSL_RECORD_OUTPUT ?= 2048
endif
USSL_VARIABLES := USSL_BINDING USSL_ROOT USSL_BACKEND USSL_%_DIR USSL_PREFIX_LIBRARY USSL_BINDING_FLAGS USSL_ROOTS
ifneq ($(USSL_ROOTS),)
USSL_ANCHOR_SOURCE := 1
USSL_BUILT_IN_ROOTS := 1
endif
include $(USSL_ROOT)/core/switches.mk

# The backend's folder sets USSL_LIBRARY (directory), USSL_LIBRARY_SOURCES (C and assembly, full
# paths) and USSL_LIBRARY_FLAGS (for the library and the adapter). For a system's library it sets
# USSL_LIBRARY_LINKED (for the linker) instead of the sources.
USSL_BACKENDS := $(patsubst $(USSL_ROOT)/backends/%/backend.mk,%,$(wildcard $(USSL_ROOT)/backends/*/backend.mk))
ifeq ($(filter $(USSL_BACKENDS),$(USSL_BACKEND)),)
$(error USSL_BACKEND=$(USSL_BACKEND): there is no such backend, only: $(USSL_BACKENDS))
endif

# $(call ussl_list,FILE): the entries of a list of sources.
ussl_list = $(shell sed -e '/^ *\#/d' -e '/^ *$$/d' $(1))
# $(call ussl_existing,DIRECTORY,FILE): the full paths of the entries that this version of the library has.
ussl_existing = $(wildcard $(addprefix $(1)/,$(call ussl_list,$(2))))
# $(call ussl_directory,WRAP,NAME): where the library is.
ussl_directory = $(abspath $(or $(USSL_LIBRARY_DIR),$(USSL_$(2)_DIR),$(USSL_ROOT)/subprojects/$(shell sed -n \
	's/^directory *= *//p' $(USSL_ROOT)/subprojects/$(1).wrap)))

# Pycopy's makefiles know fewer kinds of sources: C and C++ only, all of which are scanned for names.
USSL_ON_PYCOPY := $(if $(filter undefined,$(origin SRC_USERMOD_LIB_C)),1)

ifeq ($(USSL_HOSTED)$(USSL_ON_PYCOPY),1)
USSL_X86_64 := $(if $(MICROPY_FORCE_32BIT:0=),,$(findstring x86_64,$(shell $(CC) -dumpmachine)))
endif

include $(USSL_ROOT)/backends/$(USSL_BACKEND)/backend.mk
ifeq ($(wildcard $(USSL_LIBRARY)/.),)
$(error ussl: $(USSL_LIBRARY) is missing: run tools/sources $(USSL_BACKEND), or set USSL_LIBRARY_DIR)
endif
ifeq ($(strip $(USSL_LIBRARY_SOURCES)$(USSL_LIBRARY_LINKED)),)
$(error ussl: $(USSL_LIBRARY) holds none of the sources of $(USSL_BACKEND))
endif

# The symbols of this library have our prefix, so that they never mix with those of another copy in
# the firmware. (USSL_PREFIX_LIBRARY=0: they keep their names, as a system's library does.)
USSL_LIBRARY_FLAGS += -fvisibility=hidden
ifeq ($(USSL_LIBRARY_LINKED)$(filter 0,$(USSL_PREFIX_LIBRARY)),)
USSL_NAMES := $(abspath $(BUILD))/ussl_$(USSL_BACKEND)_names.h
ifneq ($(shell $(or $(PYTHON),python3) $(USSL_ROOT)/tools/library-names $(USSL_NAMES) $(USSL_LIBRARY_SOURCES) && echo made),made)
$(error ussl: $(USSL_NAMES) could not be made; see above)
endif
USSL_LIBRARY_FLAGS += -include $(USSL_NAMES)
endif

# --- Sources. ---

USSL_ADAPTER := $(addprefix $(USSL_ROOT)/core/,$(call ussl_list,$(USSL_ROOT)/core/sources.txt)) \
	$(addprefix $(USSL_ROOT)/backends/$(USSL_BACKEND)/,\
		$(call ussl_list,$(USSL_ROOT)/backends/$(USSL_BACKEND)/sources.txt))
ifeq ($(USSL_HOSTED),1)
USSL_ADAPTER += $(addprefix $(USSL_ROOT)/core/src/,posix_environment.cpp system_roots.cpp)
endif
# The roots that are built in.
ifneq ($(USSL_ROOTS),)
USSL_ROOTS_FILE := $(if $(filter bundle,$(USSL_ROOTS)),/etc/ssl/certs/ca-certificates.crt,$(abspath $(USSL_ROOTS)))
USSL_ROOTS_SOURCE := $(abspath $(BUILD))/ussl_roots.cpp
USSL_ADAPTER += $(USSL_ROOTS_SOURCE)
$(USSL_ROOTS_SOURCE): $(USSL_ROOTS_FILE) $(USSL_ROOT)/tools/embed-roots $(USSL_ROOT)/tools/lib/root_bundle.py
	$(Q)mkdir -p $(dir $@)
	$(Q)$(or $(PYTHON),python3) $(USSL_ROOT)/tools/embed-roots --bundle $< --source $@
endif
USSL_LIBRARY_C := $(filter %.c,$(USSL_LIBRARY_SOURCES))
USSL_LIBRARY_ASM := $(filter %.S,$(USSL_LIBRARY_SOURCES))

ifeq ($(USSL_ON_PYCOPY),1)
USSL_MODULE := $(USSL_BINDING)/src
SRC_USERMOD += $(wildcard $(USSL_MODULE)/*.c) $(USSL_LIBRARY_C)
SRC_USERMOD_CXX += $(wildcard $(USSL_MODULE)/*.cpp) $(USSL_ADAPTER)
CFLAGS_USERMOD += $(USSL_LIBRARY_FLAGS)
else
# Objects below USER_C_MODULES would go to $(BUILD)/micropython, which is the unix port's program.
# The dot avoids that.
USSL_MODULE := $(USSL_ROOT)/./bindings/micropython/src
USSL_HEAP := -DUSSL_NO_MALLOC # the interpreter's heap is the only one
SRC_USERMOD_C += $(wildcard $(USSL_MODULE)/*.c)
SRC_USERMOD_CXX += $(wildcard $(USSL_MODULE)/*.cpp)
SRC_USERMOD_LIB_C += $(USSL_LIBRARY_C)
SRC_USERMOD_LIB_CXX += $(USSL_ADAPTER)
SRC_USERMOD_LIB_ASM += $(USSL_LIBRARY_ASM)
endif

# --- Flags. ---

CFLAGS_USERMOD += $(USSL_DEFINES) -I$(USSL_BINDING)/src -I$(USSL_ROOT)/core/include \
	-I$(USSL_ROOT)/backends/$(USSL_BACKEND)/selected -I$(USSL_ROOT)/backends/$(USSL_BACKEND)/include \
	'-DMICROPY_MODULE_BUILTIN_INIT=(1)'
LDFLAGS_USERMOD += $(USSL_LIBRARY_LINKED)
CXXFLAGS_USERMOD += -std=gnu++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics \
	-fno-unwind-tables -fno-asynchronous-unwind-tables
# Makers' headers, as ST's, have what C++20 has no more or frowns at; a port's -Werror would stop on them.
CXXFLAGS_USERMOD += -Wno-register -Wno-volatile -Wno-deprecated-volatile -Wno-unknown-warning-option

# Some ports give C++ none of C's flags.
ifeq ($(shell grep -l 'CXXFLAGS += .*(CFLAGS)' Makefile $(TOP)/py/mkrules.mk 2>/dev/null),)
CXXFLAGS += $(filter-out -std=gnu99 -std=c99 -Wmissing-prototypes -Wold-style-definition,$(CFLAGS))
endif

# Libraries and cryptography are never left without optimisation, the adapter for debugging only. (Mbed TLS's assembly
# for x86-64 does not build with GCC's -Og.)
ifeq ($(USSL_HOSTED),1)
USSL_OPTIMISATION := -O2
else ifeq ($(filter -O%,$(COPT) $(CFLAGS)),)
USSL_OPTIMISATION = $(if $(filter-out -O0,$(filter -O%,$(COPT))),,-Os)
endif
USSL_LIBRARY_OPTIMISATION = $(or $(if $(filter 1,$(USSL_HOSTED)),$(USSL_LIBRARY_HOSTED_OPTIMISATION)),$(USSL_OPTIMISATION))
USSL_ADAPTER_OPTIMISATION = $(if $(filter-out 0,$(DEBUG)),,$(USSL_OPTIMISATION))

# $(call ussl_objects,SOURCES)
ussl_objects = $(addprefix $(BUILD)/,$(addsuffix .o,$(basename $(patsubst $(USER_C_MODULES)/%,%,$(1)))))

# The library's warnings do not matter: a port's -Werror must not stop on them.
$(call ussl_objects,$(USSL_LIBRARY_C)): CFLAGS += $(USSL_LIBRARY_FLAGS) -w $(USSL_LIBRARY_OPTIMISATION)
$(call ussl_objects,$(USSL_LIBRARY_ASM)): CFLAGS += $(USSL_LIBRARY_FLAGS)
# Flags for the binding only: tools/coverage uses them.
$(call ussl_objects,$(wildcard $(USSL_MODULE)/*.cpp)): CXXFLAGS += $(USSL_BINDING_FLAGS)
$(call ussl_objects,$(USSL_ADAPTER)): CXXFLAGS += $(USSL_LIBRARY_FLAGS) $(USSL_ADAPTER_OPTIMISATION) $(USSL_HEAP)
